"""How a result's columns are set: the number of decimals, the side, the width, good or bad news."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from interact.chats.figures import NOT_AVAILABLE, show
from interact.chats.result import Column, Value

_NUMERIC = frozenset({"integer", "number", "currency", "percent", "ratio"})


def number(value: Value) -> float | None:
    """Return a cell as a finite number, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def is_numeric(column: Column) -> bool:
    """Return whether the column holds numbers, which stand right."""
    return column.format in _NUMERIC


def decimals(column: Column, values: Iterable[Value]) -> int:
    """Return the one number of decimals that suits all of a column's values."""
    sizes = [abs(size) for size in map(number, values) if size]
    if column.format == "integer" or not sizes:
        return 0
    if column.format == "percent":
        return 1
    if column.format == "ratio":
        return 2
    if column.format == "number" and all(size.is_integer() for size in sizes):
        return 0
    # Thousands need no cents, unless a figure beside them would lose too much, or vanish.
    smallest_kept = 1 if max(sizes) >= 10_000 else 10
    return 0 if max(sizes) >= 1000 and min(sizes) >= smallest_kept else 2


def cell(value: Value, column: Column, *, places: int | None) -> str:
    """Return one cell of a table as people read it; what is no finite number is "n/a"."""
    if isinstance(value, float) and not math.isfinite(value):
        return NOT_AVAILABLE
    return show(value, column, decimals=places)


def widths(labels: Sequence[str], cells: Sequence[Sequence[str]], *, numeric: Sequence[bool]) -> list[float]:
    """Return each column's share of a table's width, in percent.

    Numbers get all the room they need and a header of two lines; words get what most of their rows need.
    """
    needs = []
    for position, label in enumerate(labels):
        lengths = sorted(len(row[position]) for row in cells) or [0]
        longest_word = max((len(word) for word in label.split()), default=0)
        if numeric[position]:
            needs.append(max(lengths[-1], longest_word, len(label) / 2, 4) + 2.5)
        else:
            usual = lengths[int((len(lengths) - 1) * 0.9)]
            needs.append(min(max(usual, longest_word, 6), 30) + 2)
    return [round(100 * need / sum(needs), 2) for need in needs]
