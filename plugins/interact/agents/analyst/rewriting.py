"""Pieces that mean something else beside their neighbours: headings, nouns that two metrics share, "week over week"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import takewhile

from interact.agents.analyst.lexicon import Phrase, Piece, phrase_of
from interact.agents.analyst.spans import WEEKDAYS
from interact.agents.analyst.turning import with_turned_words
from interact.agents.analyst.windows import Period

_UNIT = r"(?P<unit>day|week|month|quarter|year)"
_SPLITTING = re.compile(r"(?:split|split out|broken down|break down|segmented|grouped) (?:by|per)", re.IGNORECASE)
_STEPS = re.compile(rf"{_UNIT} (?:over|on) (?P=unit)", re.IGNORECASE)
_DAYS = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
_GATHERINGS = frozenset(
    {
        *("call", "meeting", "meetings", "standup", "stand", "sync", "catch-up", "session", "committee"),
        *("board", "team", "colleagues", "workshop", "presentation"),
    }
)
_LETTERS = frozenset(
    {"note", "notes", "memo", "briefing", "brief", "update", "review", "report", "digest", "newsletter", "recap"}
)
_WEEKDAY = re.compile(rf"(?:{'|'.join(WEEKDAYS)})(?:['’]s)?", re.IGNORECASE)
_OPENING = re.compile(r"(?:for|to|hi|hello|hey|dear|good (?:morning|afternoon|evening)|this is)\b", re.IGNORECASE)
_PLAIN = frozenset("hijyzTgFsSea,&P")
_FREED = frozenset("zTgFamd")
_MOST_WORDS = 14


def rewritten(pieces: list[Piece], text: str, phrases: Mapping[Phrase, tuple[str, object]]) -> list[Piece]:
    """Return pieces with those that their neighbours change as what they mean there."""
    found = with_turned_words(_with_shared_nouns(pieces, phrases), phrases)
    found = _with_split_units(found)
    found = _with_steps(found)
    return _with_occasions(_with_headings(found, text))


def _with_shared_nouns(pieces: list[Piece], phrases: Mapping[Phrase, tuple[str, object]]) -> list[Piece]:
    """Return "new" in "new vs churned MRR" as the metric "new MRR", where the model has one of that name."""
    found = [*pieces]
    shape = "".join(piece.kind for piece in pieces)
    for match in re.finditer(r"z+[k,&|]+(?:(?:z+|m)[k,&|]+)*m", shape):
        last = phrase_of(pieces[match.end() - 1].text)
        for run in re.finditer(r"z+(?=[k,&|])", match[0]):
            span = range(match.start() + run.start(), match.start() + run.end())
            words = tuple(word for at in span for word in phrase_of(pieces[at].text))
            meant = next((phrases[key] for n in range(1, len(last)) if (key := (*words, *last[n:])) in phrases), None)
            if meant and meant[0] == "m":
                found[span.start : span.stop] = [
                    replace(pieces[at], kind="m" if at == span.start else "h", value=meant[1]) for at in span
                ]
    return found


def _with_split_units(pieces: list[Piece]) -> list[Piece]:
    """Return "broken down by" and "week" as one step in time, as "by week" is."""
    found: list[Piece] = []
    for piece in pieces:
        unit = piece.text.casefold()
        if found and piece.kind == "T" and unit in _DAYS and _SPLITTING.fullmatch(found[-1].text):
            found[-1] = Piece("g", f"{found[-1].text} {piece.text}", found[-1].start, piece.end, unit)
        else:
            found.append(piece)
    return found


def _with_steps(pieces: list[Piece]) -> list[Piece]:
    """Return "week over week" beside a period of several weeks as "weekly": it is no comparison of two weeks."""
    days = [piece.value.window.days for piece in pieces if isinstance(piece.value, Period)]
    found = []
    for piece in pieces:
        steps = _STEPS.fullmatch(piece.text) if piece.kind == "p" else None
        unit = steps["unit"].casefold() if steps else ""
        several = bool(steps) and len(days) == 1 and days[0] > _DAYS[unit]
        found.append(replace(piece, kind="g", value=unit) if several else piece)
    return found


def _with_headings(pieces: list[Piece], text: str) -> list[Piece]:
    """Return the words of headings ("For the Wednesday call:", "Monday finance note.") as harmless ones."""
    found = _with_colons(pieces, text)
    for start, end in _sentences(found):
        sentence = found[start:end]
        closed = end < len(found) and found[end].text
        if closed and _is_heading(sentence, by_colon=closed == ":"):
            found[start:end] = [
                replace(each, kind="h", value=None) if each.kind in _FREED else each for each in sentence
            ]
    return found


def _with_occasions(pieces: list[Piece]) -> list[Piece]:
    """Return "Monday" in "Monday revenue briefing" as harmless where another word names the period."""
    if not any(piece.kind == "w" for piece in pieces):
        return pieces
    found = [*pieces]
    for at, piece in enumerate(pieces):
        if piece.kind == "T" and _WEEKDAY.fullmatch(piece.text):
            after = list(takewhile(lambda each: each.kind in "hzmde", pieces[at + 1 : at + 4]))
            if any(is_occasion(each) for each in after):
                found[at] = replace(piece, kind="h")
    return found


def _with_colons(pieces: list[Piece], text: str) -> list[Piece]:
    """Return the pieces with the end of a sentence where a colon ends a heading."""
    for match in re.finditer(r":(?=\s)", text):
        at = next((n for n, piece in enumerate(pieces) if piece.start > match.start()), len(pieces))
        start = max((n for n in range(at) if pieces[n].kind == "."), default=-1) + 1
        inside = any(piece.start <= match.start() < piece.end for piece in pieces)
        if start < at < len(pieces) and not inside and _is_heading(pieces[start:at], by_colon=True):
            pieces = [*pieces[:at], Piece(".", ":", match.start(), match.end()), *pieces[at:]]
    return pieces


def _sentences(pieces: list[Piece]) -> Iterator[tuple[int, int]]:
    start = 0
    for at, piece in enumerate(pieces):
        if piece.kind == ".":
            if at > start:
                yield start, at
            start = at + 1


def _is_heading(sentence: list[Piece], *, by_colon: bool) -> bool:
    """Tell whether a sentence only says for what or for whom an answer is."""
    words = [word for piece in sentence for word in re.findall(r"[\w-]+", piece.text.casefold())]
    opens = _OPENING.match(sentence[0].text) is not None
    gathers = any(word in _GATHERINGS for word in words)
    named = [at for at, piece in enumerate(sentence) if piece.kind not in _PLAIN]
    # "The weekly sales meeting" is no figure of sales.
    held = gathers and (opens or by_colon) and all(_before_a_gathering(sentence, at) for at in named)
    if len(words) > _MOST_WORDS or (named and not held) or any(each.kind == "a" and not opens for each in sentence):
        return False
    if not all(_says_which(sentence, at) for at, piece in enumerate(sentence) if piece.kind in "Tg"):
        return False
    writes = any(word in _LETTERS for word in words) and any(piece.kind in "zT" for piece in sentence)
    return gathers or writes or (by_colon and opens and any(piece.kind == "z" for piece in sentence))


def _before_a_gathering(sentence: list[Piece], at: int) -> bool:
    """Tell whether a name only says which meeting it is; a value still limits what is shown."""
    after = [word for piece in sentence[at + 1 : at + 3] for word in piece.text.casefold().split()]
    return sentence[at].kind == "v" or (sentence[at].kind in "md" and any(word in _GATHERINGS for word in after))


def _says_which(sentence: list[Piece], at: int) -> bool:
    """Tell whether "weekly" or "Monday" says which meeting it is: "Monday finance note", "the meeting on Monday"."""
    if at > 1 and sentence[at - 1].text.casefold() in ("on", ",") and is_occasion(sentence[at - 2]):
        return True
    for piece in sentence[at:]:
        if is_occasion(piece):
            return True
        if piece.kind in "i,&jy":
            return False
    return False


def is_occasion(piece: Piece) -> bool:
    """Tell whether words name a meeting or a letter, which a weekday or a step in time may belong to."""
    return any(word in _GATHERINGS | _LETTERS for word in re.findall(r"[\w-]+", piece.text.casefold()))
