"""A figure that code computes from cells: an agent declares it and never types it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import fmean
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from interact.chats.result import Cell, Column, Result, Value

Operation = Literal["sum", "difference", "change", "share", "ratio", "mean", "min", "max", "count"]
"""`difference` is the first less the second cell, `change` that as a fraction of the second, `share` the first as a
fraction of the second, `ratio` the first by the second; `count` counts the cells, and the others take any number."""
OPERATIONS: tuple[str, ...] = get_args(Operation)
OF_TWO = frozenset({"difference", "change", "share", "ratio"})
POINTS = "points"
"""The unit of a difference of two percentages."""


class Calculation(BaseModel):
    """A figure made of cells. Prose shows it as `[[calc:NAME]]`; its format and unit follow from its cells."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    op: Operation
    cells: tuple[Cell, ...] = Field(min_length=1, max_length=200)


class NotComputed(ValueError):
    """Why cells do not make a figure, as a part of a sentence."""


def computed(op: Operation, cells: tuple[Cell, ...], results: Mapping[str, Result]) -> tuple[Value, Column]:
    """Return the figure and how it is shown; None for one with a missing cell or a zero below. Raises NotComputed."""
    found = [_at(cell, results) for cell in cells]
    columns = [column for _, column in found]
    if op in OF_TWO and len(cells) != 2:
        raise NotComputed(f"a {op} takes two cells, and it has {len(cells)}")
    if op == "count":
        return len(cells), Column(name=op, label=op, format="integer")
    for value, column in found:
        if isinstance(value, str | bool) or column.format in ("text", "date"):
            raise NotComputed(f"column {column.name!r} holds no numbers")
    column = _column(op, columns)
    values = [float(value) for value, _ in found if isinstance(value, int | float) and math.isfinite(value)]
    return (_value(op, values) if len(values) == len(cells) else None), column


def _at(cell: Cell, results: Mapping[str, Result]) -> tuple[Value, Column]:
    result = results.get(cell.result_id)
    if result is None:
        raise NotComputed(f"there is no result {cell.result_id!r}")
    try:
        return result.value(cell.row, cell.column), result.column(cell.column)
    except KeyError:
        raise NotComputed(f"result {cell.result_id!r} has no column {cell.column!r}") from None
    except IndexError:
        raise NotComputed(f"result {cell.result_id!r} has no row {cell.row}") from None


def _column(op: Operation, columns: list[Column]) -> Column:
    kinds = {(column.format if column.format != "integer" else "number", column.unit) for column in columns}
    first, bare = columns[0], Column(name=op, label=op)
    if op == "ratio":
        above, below = columns
        if above.format == "currency" and below.format != "currency":
            return bare.model_copy(update={"format": "currency", "unit": above.unit})
    if op in ("ratio", "share", "change") and len({unit for _, unit in kinds}) > 1 and _are_money(columns):
        raise NotComputed("its cells are money of several currencies")
    if op == "ratio":
        return bare.model_copy(update={"format": "ratio"})
    if len(kinds) > 1:
        raise NotComputed("its cells are in several units")
    if op in ("change", "share"):
        return bare.model_copy(update={"format": "percent", "is_change": op == "change"})
    if op == "sum" and first.format in ("percent", "ratio"):
        raise NotComputed("percentages and ratios are not added")
    if op == "difference":
        unit = POINTS if first.format == "percent" else first.unit
        return bare.model_copy(update={"format": first.format, "unit": unit, "is_change": True})
    kept = "number" if op == "mean" and first.format == "integer" else first.format
    return bare.model_copy(update={"format": kept, "unit": first.unit})


def _are_money(columns: list[Column]) -> bool:
    return all(column.format == "currency" for column in columns)


def _value(op: Operation, values: list[float]) -> float | None:
    whole: dict[str, Callable[[list[float]], float]] = {"sum": math.fsum, "mean": fmean, "min": min, "max": max}
    if op in whole:
        return whole[op](values)
    first, second = values
    if op == "difference":
        return first - second
    if not second:
        return None
    return (first - second) / abs(second) if op == "change" else first / second
