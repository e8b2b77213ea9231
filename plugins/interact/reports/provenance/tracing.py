"""Trace the numbers of a text, or of a whole report: those that nothing shows are marked."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from interact.chats.figures import MARKED, SHOWN, UNTRACED, marked, resolve, show
from interact.reports.document import Block, Chart, Report
from interact.reports.provenance.binding import is_bound, is_right_count
from interact.reports.provenance.claims import Sentence
from interact.reports.provenance.ground import Ground
from interact.reports.provenance.numerals import WORDS, Numeral, Reading, numerals_in, spelled_in
from interact.reports.provenance.sentences import Piece, pieces
from interact.reports.provenance.silence import Spans, silent
from interact.reports.provenance.vocabulary import Named

_QUOTED = re.compile(r"[“\"']([^“”\"\n]{3,300}?)[”\"'](?!\w)")
_MULTIPLIED = re.compile(r"\b(?P<word>doubled|tripled|quadrupled|halved)\b", re.IGNORECASE)
_CHANGES = {"doubled": (1.0, 0.05), "tripled": (2.0, 0.1), "quadrupled": (3.0, 0.15), "halved": (-0.5, 0.05)}


@dataclass(frozen=True)
class Traced:
    """A text with its marks, and the numbers that are marked in it, as they are written."""

    text: str
    untraced: tuple[str, ...]


def trace(text: str, ground: Ground, *, about: str = "") -> Traced:
    """Return a text with a mark at each number that nothing shows; `about` are the titles that it stands under."""
    shown = _Shown(text, ground)
    found = sorted({(each.start, each.end) for each in _loose(shown, ground, about)})
    lost = [match[1] for match in MARKED.finditer(text)] + [UNTRACED] * shown.text.count(UNTRACED)
    pieces_, end = [], 0
    for start, stop in found:
        first, last = shown.origin(start), shown.origin(stop - 1) + 1
        pieces_ += [text[end:first], marked(text[first:last])]
        end = last
    return Traced("".join([*pieces_, text[end:]]), tuple(shown.text[start:stop] for start, stop in found) + tuple(lost))


def trace_report(report: Report, ground: Ground) -> tuple[Report, tuple[str, ...]]:
    """Return a report with its marks, and the numbers that are marked in it.

    A chart has no room for a mark: its line to compare with is left out where nothing shows its number.
    """
    untraced: list[str] = []

    def write(text: str, about: str) -> str:
        traced = trace(text, ground, about=about)
        untraced.extend(traced.untraced)
        return traced.text

    scope = tuple((write(label, ""), write(value, label)) for label, value in report.scope)
    sections = tuple(
        section.model_copy(update={"blocks": tuple(_without_stray(each, ground, untraced) for each in section.blocks)})
        for section in report.sections
    )
    return report.model_copy(update={"scope": scope, "sections": sections}).rewritten(write), tuple(untraced)


def _without_stray(block: Block, ground: Ground, untraced: list[str]) -> Block:
    """Return a block, a chart without its line to compare with where nothing shows that number.

    It may be a figure of its column, a target, or a number of the question: a limit is drawn where it is asked about.
    """
    if not isinstance(block, Chart) or block.reference is None:
        return block
    line, result = block.reference, ground.results[block.result_id]
    column = result.column(block.y)
    said = [reading.size for each, _ in ground.said for reading in each.readings]
    shown = {value for value in result.values(block.y) if isinstance(value, int | float)}
    if line in shown or abs(line) in {*said, *ground.stated.numbers}:
        return block
    if column.format == "percent" and round(abs(line) * 100, 9) in said:
        return block
    untraced.append(show(line, column))
    return block.model_copy(update={"reference": None})


class _Shown:
    """A text as it is read, its references in digits, with the way back."""

    def __init__(self, text: str, ground: Ground) -> None:
        parts, self._starts, self._origins = [], [0], [0]
        self.bound: list[tuple[int, int]] = []
        length, end = 0, 0
        for match in SHOWN.finditer(text):
            parts += [text[end : match.start()], resolve(match[0], ground.results, ground.calculations)]
            length += len(parts[-2])
            self.bound.append((length, length + len(parts[-1])))
            length, end = length + len(parts[-1]), match.end()
            self._starts.append(length)
            self._origins.append(end)
        self.text = "".join([*parts, text[end:]])

    def origin(self, place: int) -> int:
        """Return where in the written text a letter stands that is not in a reference."""
        known = bisect_right(self._starts, place) - 1
        return self._origins[known] + place - self._starts[known]


def _loose(shown: _Shown, ground: Ground, about: str) -> Iterator[Numeral]:
    """Yield the numbers that nothing shows; places are those of the text as it is read."""
    quiet = Spans([*shown.bound, *silent(shown.text), *_quoted(shown.text, ground)])
    titled = tuple(ground.members.named(about, but=ground.metrics))
    before = titled
    for piece in pieces(shown.text):
        before = titled if piece.opens and titled else () if piece.opens else before
        sentence = _sentence(piece, ground, before)
        yield from _loose_in(piece, sentence, ground, quiet)
        before = tuple(sentence.named) or before


def _quoted(text: str, ground: Ground) -> Iterator[tuple[int, int]]:
    """Yield the places that repeat what was stated, word for word and in quotation marks."""
    stated = "\n".join(" ".join(each.split()) for each in ground.stated.texts).casefold()
    for match in _QUOTED.finditer(text):
        if " ".join(match[1].replace("\\", "").split()).casefold() in stated:
            yield match.span()


def _sentence(piece: Piece, ground: Ground, before: tuple[Named, ...]) -> Sentence:
    text = piece.lead + piece.text
    return Sentence(text, ground, list(numerals_in(text)), before)


def _loose_in(piece: Piece, sentence: Sentence, ground: Ground, quiet: Spans) -> Iterator[Numeral]:
    shift = piece.start - len(piece.lead)
    named = [(each.start, each.end) for each in sentence.named] + [(each.start, each.end) for each in sentence.mentions]
    names = Spans(named + [(each.start, each.end) for each in sentence.days])
    counted = list(_counted(sentence))
    for numeral in (*sentence.numerals, *counted, *_multiplied(sentence)):
        start, end = numeral.start + shift, numeral.end + shift
        if numeral.start < len(piece.lead) or quiet.touch(start, end) or names.touch(numeral.start, numeral.end):
            continue
        claim = sentence.claim(numeral)
        if is_right_count(claim, ground) is False if numeral in counted else not is_bound(claim, ground):
            yield _moved(numeral, shift)


def _moved(numeral: Numeral, shift: int) -> Numeral:
    return Numeral(numeral.start + shift, numeral.end + shift, numeral.text, numeral.readings)


def _counted(sentence: Sentence) -> Iterator[Numeral]:
    """Yield numbers in words that count whose rows are; other words, as in "two reasons", claim no figure."""
    return (each for each in spelled_in(sentence.text) if each.unit == "plain" and each.text.lower() in WORDS[2:])


def _multiplied(sentence: Sentence) -> Iterator[Numeral]:
    """Yield what "doubled" says of a metric, as a change."""
    for match in _MULTIPLIED.finditer(sentence.text):
        size, margin = _CHANGES[match["word"].lower()]
        reading = Reading(abs(size) * 100, margin * 100)
        sign = "+" if size > 0 else "-"
        if sentence.mentions:
            yield Numeral(match.start(), match.end(), match[0], (reading,), "percent", sign=sign)  # type: ignore[arg-type]
