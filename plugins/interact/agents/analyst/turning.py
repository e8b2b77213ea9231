"""Words that stand apart or turned round: "break spend down by month", "the fewest units", "every Monday I want"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from interact.agents.analyst.lexicon import Phrase, Piece, phrase_of
from interact.agents.analyst.spans import WEEKDAYS

_BREAKING = re.compile(r"z(?P<what>[hi]*m(?:[hi]*[,&]*[hi]*m)*)[hi]*u(?=[hi]*[bg])")
_SOLD = re.compile(r"h[hi]*r[hi]*(?P<noun>z)(?!z)")
_EVERY = re.compile(r"(?:(?<=\.)|^)h*bT(?=[,h]+a)")
_TWICE = re.compile(r"r[hi]*n[hi]*(?P<again>r)[hi]*d")
_WEEKDAY = re.compile("|".join(WEEKDAYS), re.IGNORECASE)


def with_turned_words(pieces: list[Piece], phrases: Mapping[Phrase, tuple[str, object]]) -> list[Piece]:
    """Return the pieces with such words as what they mean together."""
    found = [*pieces]
    shape = "".join(piece.kind for piece in pieces)
    for match in _BREAKING.finditer(shape):
        first, last = match.start(), match.end() - 1
        if found[first].text.casefold() in ("break", "breaking") and found[last].text.casefold() == "down":
            found[first], found[last] = replace(found[first], kind="a"), replace(found[last], kind="h", value=None)
    for match in _SOLD.finditer(shape):
        at = match.start("noun")
        verbs = [phrase_of(piece.text) for piece in found[match.start() : at] if piece.kind == "h"]
        names = [phrases.get((*phrase_of(found[at].text), *verb), ("", None)) for verb in verbs]
        metric = next((name for kind, name in names if kind == "m"), None)
        if metric is not None:
            found[at] = replace(found[at], kind="m", value=metric)
    for match in _TWICE.finditer(shape):
        at = match.start("again")
        if found[at].value == found[match.start()].value == "top" and re.search("sell", found[at].text, re.IGNORECASE):
            found[at] = replace(found[at], kind="h", value=None)
    for match in _EVERY.finditer(shape):
        every, day = match.end() - 2, match.end() - 1
        if found[every].text.casefold() in ("every", "each") and _WEEKDAY.fullmatch(found[day].text):
            found[every], found[day] = (replace(found[at], kind="h", value=None) for at in (every, day))
    return found
