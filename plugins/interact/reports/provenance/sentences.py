"""A text as sentences, each with what stands around it: the heads of its table, and what was spoken of before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_END = re.compile(r"(?<=[.!?])[\"”’)*_]*\s+")
_ABBREVIATED = re.compile(
    r"\b(?:vs|e\.g|i\.e|approx|ca|no|incl|excl|resp|avg|prev|max|min|st|p\.p)\.\W*$", re.IGNORECASE
)
LONGEST = 600
"""So many letters are read as one sentence: each of its numbers is held against all of it."""
_RULE = re.compile(r"^[\s|:-]+$")


@dataclass(frozen=True)
class Piece:
    """A sentence, or a cell of a table; `start` is its place in the text, `lead` what is to be read before it."""

    start: int
    text: str
    lead: str = ""
    opens: bool = False
    """Whether it begins a paragraph: what was spoken of before it does not count any more."""


def pieces(text: str) -> Iterator[Piece]:
    """Yield the sentences of a text, in order."""
    start, heads, opens = 0, list[str](), True
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if not bare:
            heads, opens = [], True
        elif bare.startswith("|") and bare.count("|") > 1:
            if not heads:
                heads = [cell for _, cell in _cells(line)]
            elif not _RULE.match(bare):
                yield from _row(line, start, heads)
            opens = False
        else:
            heads = []
            for place, sentence in _split(line):
                yield Piece(start + place, sentence, opens=opens)
                opens = False
        start += len(line)


def _row(line: str, start: int, heads: list[str]) -> Iterator[Piece]:
    cells = list(_cells(line))
    names = ", ".join(cell for _, cell in cells if re.search(r"[^\W\d_]{2}", cell))
    for (place, cell), head in zip(cells, [*heads, *[""] * len(cells)], strict=False):
        yield Piece(start + place, cell, lead=f"{names}: {head} ")


def _cells(line: str) -> Iterator[tuple[int, str]]:
    for match in re.finditer(r"(?<=\|)[^|\n]*(?=\|)", line):
        inner = match[0].strip()
        yield match.start() + match[0].find(inner), inner


def _split(line: str) -> Iterator[tuple[int, str]]:
    for place, sentence in _sentences(line):
        start, left = place, sentence
        while len(left) > LONGEST:
            end = left.rfind(" ", 0, LONGEST) + 1 or LONGEST
            yield start, left[:end]
            start, left = start + end, left[end:]
        yield start, left


def _sentences(line: str) -> Iterator[tuple[int, str]]:
    start = 0
    for match in _END.finditer(line):
        if not _ABBREVIATED.search(line[start : match.start()]):
            yield start, line[start : match.start()]
            start = match.end()
    if line[start:].strip():
        yield start, line[start:].rstrip()
