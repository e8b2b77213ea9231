"""A weekday that names a day: "orders on Monday" is about the last one."""

from __future__ import annotations

import re
from datetime import date
from itertools import takewhile

from interact.agents.analyst.lexicon import Piece
from interact.agents.analyst.rewriting import is_occasion
from interact.agents.analyst.spans import WEEKDAYS, day_in_words
from interact.agents.analyst.windows import Period, find_periods

_WEEKDAY = re.compile("|".join(WEEKDAYS), re.IGNORECASE)
_HANDED_OVER = frozenset({"send", "present", "prepare", "draft", "email me", "email us", "email it", "review"})
_UNCLEAR = frozenset("zegFNIH")


def with_weekdays(pieces: list[Piece], today: date) -> tuple[list[Piece], list[str]]:
    """Return the pieces with "on Monday" beside a metric as the last such day, and how it was read, in sentences.

    "I send this on Monday" says when a report is due, so a sentence with words of that kind is left alone.
    """
    found, remarks = [*pieces], []
    for at, piece in enumerate(pieces):
        named = piece.kind == "T" and at and _WEEKDAY.fullmatch(piece.text) and pieces[at - 1].text.casefold() == "on"
        if not named or not _is_of_figures(_sentence(pieces, at)):
            continue
        period: Period = find_periods(f"last {piece.text}", today)[0]
        words = f"on {piece.text}"
        found[at] = Piece("w", piece.text, piece.start, piece.end, _renamed(period, words, (piece.start, piece.end)))
        remarks.append(f"{words!r} is read as {piece.text.capitalize()}, {day_in_words(period.window.start)}.")
    return found, remarks


def _renamed(period: Period, words: str, span: tuple[int, int]) -> Period:
    return Period(words, span, period.window, period.previous, period.unit)


def _sentence(pieces: list[Piece], at: int) -> list[Piece]:
    before = list(takewhile(lambda each: each.kind != ".", reversed(pieces[:at])))
    return [*reversed(before), *takewhile(lambda each: each.kind != ".", pieces[at:])]


def _is_of_figures(sentence: list[Piece]) -> bool:
    # "Trade customers" are a value's.
    kinds = {piece.kind for at, piece in enumerate(sentence) if piece.kind != "z" or sentence[at - 1].kind != "v"}
    due = any(is_occasion(piece) or piece.text.casefold() in _HANDED_OVER for piece in sentence)
    return "m" in kinds and not kinds & _UNCLEAR and not due
