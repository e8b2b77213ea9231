"""The tables of a roll-up as words: so many measures side by side as fit, and all of them for a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from interact.chats.result import Column, Result, Value
from interact.reports import columns
from interact.reports.rollup import Figure, Line, Measure, Rollup
from interact.reports.views import LETTERS, LETTERS_SMALL, GridColumn, Kind

LINES = 200
"""So many combinations stand in one table of a report; the file that comes with it has all."""
MOST_COLUMNS, FEW_COLUMNS = 7, 5
"""So many measures stand side by side on paper, and so many in its usual type."""
LABEL_LETTERS, LONGEST = 24, 120
"""Letters of a line that the names of the combinations have at least, and those of a cell at most."""
NOWHERE = "–"
"""Stands where an answer lacks a measure that others have; "n/a" is a value that there is none of."""
FILE = "rollup"
Rank = Literal["", "best", "worst"]


@dataclass(frozen=True)
class Slot:
    """One cell: its figure as words, and whether none is better, or none worse."""

    text: str
    rank: Rank = ""


@dataclass(frozen=True)
class Row:
    """One combination of a table; without an answer it has no slots."""

    line: Line
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class Sheet:
    """One table of a roll-up: the combinations, and some of the measures."""

    columns: tuple[GridColumn, ...]
    """The first one names the combination."""
    rows: tuple[Row, ...]
    totals: tuple[str, ...]
    """All answered combinations together, "" where there is no such figure; empty when no measure has one."""
    of: int
    """How many combinations the roll-up has."""
    is_small: bool
    """Whether the table has so many columns that it is set in smaller type."""


def sheets(rollup: Rollup) -> list[Sheet]:
    """Return the tables for paper, none wider than it; without measures there is one of names."""
    lines = rollup.lines[:LINES]
    texts = [_texts(measure, place, lines) for place, measure in enumerate(rollup.measures)]
    return [_sheet(rollup, lines, places, texts) for places in _packed(rollup.measures, texts)]


def whole_sheet(rollup: Rollup) -> Sheet:
    """Return one table of all combinations and measures, for a page that scrolls."""
    texts = [_texts(measure, place, rollup.lines) for place, measure in enumerate(rollup.measures)]
    return _sheet(rollup, rollup.lines, range(len(rollup.measures)), texts)


def as_result(rollup: Rollup) -> Result:
    """Return the roll-up as rows, for a file: every combination and measure, with its currency where that differs."""
    state = (("status", "Status"), ("reason", "Reason"), ("chat", "Chat"))
    heads = [Column(name="label", label=head_of(rollup))]
    for measure in rollup.measures:
        heads += [measure.column, Column(name="unit", label=f"{measure.column.label}, currency")][: _width(measure)]
    rows = []
    for line in rollup.lines:
        cells: list[Value] = [line.label]
        for measure, figure in zip(rollup.measures, line.figures, strict=True):
            cells += [value_of(figure), figure.unit if figure else None][: _width(measure)]
        rows.append((*cells, str(line.status), line.reason, line.chat_id))
    heads += [Column(name=name, label=label) for name, label in state]
    return Result(result_id=FILE, title=rollup.title, sql="", columns=tuple(heads), rows=tuple(rows))


def head_of(rollup: Rollup) -> str:
    """Return what names the combinations: the parameters, as "Market · Channel"."""
    names = rollup.lines[0].parameters if rollup.lines else ()
    return " · ".join(name.replace("_", " ").capitalize() for name in names) or "Combination"


def places_of(measure: Measure, place: int, lines: Sequence[Line]) -> int:
    """Return the decimals that all values of a measure are shown with."""
    return columns.decimals(measure.column, [value_of(line.figures[place]) for line in lines if line.is_answered])


def value_of(figure: Figure | None) -> Value:
    """Return a figure's value; None without one."""
    return figure.value if figure else None


def within(text: str, limit: int) -> str:
    """Return a text that is no longer than it may be."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _width(measure: Measure) -> int:
    return 2 if len(measure.units) > 1 else 1


def _texts(measure: Measure, place: int, lines: Sequence[Line]) -> list[str]:
    """Return a measure's figures as words, all of them together last."""
    decimals, told = places_of(measure, place, lines), []
    for line in lines:
        figure, column = line.figures[place], measure.column
        if figure and len(measure.units) > 1:
            column = column.model_copy(update={"unit": figure.unit})
        told.append(within(columns.cell(figure.value, column, places=decimals), LONGEST) if figure else NOWHERE)
    together = columns.cell(measure.total, measure.column, places=decimals)
    return [*told, "" if measure.total is None else together]


def _packed(measures: Sequence[Measure], texts: Sequence[Sequence[str]]) -> list[list[int]]:
    """Return the positions of the measures of each table, so that no number runs over the edge of the paper."""
    packs: list[list[int]] = []
    left = 0.0
    for place, measure in enumerate(measures):
        longest = max(len(text) for text in texts[place])
        room = max(longest, 7) + 2.5 if _kind(measure.column) else min(max(longest, 12), LABEL_LETTERS)
        if not packs or room > left or len(packs[-1]) == MOST_COLUMNS:
            packs.append([])
            left = LETTERS_SMALL - LABEL_LETTERS
        packs[-1].append(place)
        left -= room
    return packs or [[]]


def _sheet(rollup: Rollup, lines: Sequence[Line], places: Sequence[int], texts: Sequence[Sequence[str]]) -> Sheet:
    measures = [rollup.measures[place] for place in places]
    ranks = [_ranks(each) for each in measures]
    rows = []
    for number, line in enumerate(lines):
        slots = [
            Slot(texts[place][number], rank.get(line.chat_id, "")) for place, rank in zip(places, ranks, strict=True)
        ]
        rows.append(Row(line, tuple(slots) if line.is_answered else ()))
    kinds: list[Kind] = ["", *(_kind(each.column) for each in measures)]
    labels = [head_of(rollup), *(each.column.label for each in measures)]
    is_small = len(measures) > FEW_COLUMNS
    shares = columns.widths(
        labels,
        [[row.line.label, *(slot.text for slot in row.slots)] for row in rows if row.slots],
        rigid=[bool(kind) for kind in kinds],
        room=LETTERS_SMALL if is_small else LETTERS,
    )
    heads = (GridColumn(*each) for each in zip(labels, kinds, shares, strict=True))
    together = tuple(texts[place][-1] for place in places)
    return Sheet(tuple(heads), tuple(rows), together if any(together) else (), len(rollup.lines), is_small)


def _ranks(measure: Measure) -> dict[str, Rank]:
    ranks: dict[str, Rank] = dict.fromkeys(measure.worst, "worst")
    return ranks | dict.fromkeys(measure.best, "best")


def _kind(column: Column) -> Kind:
    return "number" if columns.is_numeric(column) else "day" if column.format == "date" else ""
