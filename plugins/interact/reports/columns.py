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


def widths(labels: Sequence[str], cells: Sequence[Sequence[str]], *, rigid: Sequence[bool], room: float) -> list[float]:
    """Return each column's share of a table's width, in percent.

    `rigid` columns are never broken, as numbers and days; `room` is the number of letters in a line. When all columns
    cannot have what they want, the rigid ones keep their cells whole and words and headers break.
    """
    wanted, needed = [], []
    for place, label in enumerate(labels):
        lengths = sorted(len(row[place]) for row in cells) or [0]
        longest_word = max((len(word) for word in label.split()), default=0)
        usual = lengths[-1] if rigid[place] else min(lengths[int((len(lengths) - 1) * 0.9)], 30)
        wanted.append(max(usual, longest_word, len(label) / 2, 4) + 2.5)
        needed.append(max(lengths[-1], 4) + 2.5 if rigid[place] else 0.0)
    if sum(wanted) > room:
        words = sum(want for want, need in zip(wanted, needed, strict=True) if not need) or 1.0
        left = max(room - sum(needed), 0.0)
        wanted = [need or max(left * want / words, 9.0) for want, need in zip(wanted, needed, strict=True)]
    return [round(100 * width / sum(wanted), 2) for width in wanted]
