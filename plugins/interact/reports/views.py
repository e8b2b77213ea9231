"""The parts of a report as its page shows them: tiles and tables as words, each with its tone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from interact.chats.figures import UNTRACED, show
from interact.chats.result import Cell, Column, Result, Value
from interact.reports import columns
from interact.reports.document import Metric, Metrics, Table

MANY_COLUMNS = 7
LETTERS, LETTERS_SMALL = 104, 116
"""How many letters a line of a table holds on paper, in its usual and in its smaller type."""
Tone = Literal["", "good", "bad"]
Kind = Literal["", "number", "day"]


@dataclass(frozen=True)
class Tile:
    """One figure, and its change without a sign: `arrow` says which way."""

    label: str
    figure: str
    change: str
    arrow: Literal["", "↑", "↓"]
    tone: Tone
    is_traced: bool
    result_id: str = ""
    """Where its figure comes from."""


@dataclass(frozen=True)
class GridColumn:
    """One column of a table; `width` in percent of it."""

    label: str
    kind: Kind
    """Numbers stand right, and neither they nor days are broken."""
    width: float


@dataclass(frozen=True)
class Grid:
    """One table: its columns, and the text and tone of each cell."""

    columns: tuple[GridColumn, ...]
    rows: tuple[tuple[tuple[str, Tone], ...], ...]
    total: int
    """The number of rows that the result holds."""
    is_cut: bool
    """Whether the warehouse's own limit cut the result."""
    is_small: bool
    """Whether the table has so many columns that it is set in smaller type."""


def tiles(block: Metrics, results: Mapping[str, Result]) -> list[Tile]:
    """Return the tiles of a block; a figure whose row is not there is marked as not found."""
    return [_tile(item, results) for item in block.items]


def grid(block: Table, result: Result, *, at_most: int) -> Grid:
    """Return a table's first rows, `at_most` and its own limit."""
    chosen = [result.column(name) for name in block.columns]
    values = [result.values(name) for name in block.columns]
    places = [columns.decimals(column, own) for column, own in zip(chosen, values, strict=True)]
    count = min(block.limit, at_most, len(result.rows))
    rows = tuple(
        tuple(
            (columns.cell(own[row], column, places=decimals), tone(own[row], column, result))
            for own, column, decimals in zip(values, chosen, places, strict=True)
        )
        for row in range(count)
    )
    kinds = [_kind(column) for column in chosen]
    small = len(chosen) > MANY_COLUMNS
    shares = columns.widths(
        [column.label for column in chosen],
        [[text for text, _ in row] for row in rows],
        rigid=[bool(kind) for kind in kinds],
        room=LETTERS_SMALL if small else LETTERS,
    )
    heads = (GridColumn(c.label, kind, width) for c, kind, width in zip(chosen, kinds, shares, strict=True))
    return Grid(tuple(heads), rows, total=len(result.rows), is_cut=result.truncated, is_small=small)


def tone(value: Value, column: Column, result: Result) -> Tone:
    """Return whether a change is good or bad news; "" for anything that is no change in a known direction."""
    size = columns.number(value)
    of = {known.name: known.good for known in result.columns}.get(column.name.removesuffix("_change"))
    good = column.good or of
    if not column.is_change or good is None or not size:
        return ""
    return "good" if (size > 0) == (good == "up") else "bad"


def _kind(column: Column) -> Kind:
    return "number" if columns.is_numeric(column) else "day" if column.format == "date" else ""


def _tile(item: Metric, results: Mapping[str, Result]) -> Tile:
    figure = _at(item.figure, results)
    change = None if item.change is None else _at(item.change, results)
    text = UNTRACED if figure is None else columns.cell(figure[0], figure[1], places=None)
    if item.change is None or change is None:
        change_text = "" if item.change is None else UNTRACED
        return Tile(
            item.label, text, change_text, "", "", is_traced=figure is not None, result_id=item.figure.result_id
        )
    value, column = change
    size = columns.number(value)
    shown = show(abs(size) if size else value, column.model_copy(update={"is_change": False}))
    good = figure[1].good if figure else None
    mood = tone(
        value,
        column.model_copy(update={"good": column.good or good, "is_change": True}),
        results[item.change.result_id],
    )
    arrow: Literal["", "↑", "↓"] = "" if not size else "↑" if size > 0 else "↓"
    return Tile(item.label, text, shown, arrow, mood, is_traced=figure is not None, result_id=item.figure.result_id)


def _at(cell: Cell, results: Mapping[str, Result]) -> tuple[Value, Column] | None:
    result = results[cell.result_id]
    if cell.row >= len(result.rows):
        return None
    return result.value(cell.row, cell.column), result.column(cell.column)
