"""What a chart shows: a chart block's columns read from its result.

Every value has its place as a number (a day as epoch milliseconds, anything else by its position), so that no label,
however odd or repeated, can merge, reorder or break the marks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from interact.chats.figures import NOT_AVAILABLE
from interact.chats.result import Column, Result, Value
from interact.reports import columns, scales
from interact.reports.document import Chart
from interact.reports.printable import printable

POINTS, BARS = 2000, 40
LINES, SETS = 12, 6
"""At most so many series, as lines and as bars: more cannot be told apart."""
Layout = Literal["line", "columns", "bars"]
"""Lines; upright bars for days; bars that lie, with room for their names, for everything else."""


class NotDrawable(Exception):
    """A chart whose rows make no picture; says why."""


@dataclass(frozen=True)
class Mark:
    """One value: its place along the axis, and the position of its series."""

    at: float
    value: float | None
    series: int


@dataclass(frozen=True)
class Plot:
    """The values of a chart and what they are called."""

    layout: Layout
    marks: tuple[Mark, ...]
    """In order of series, then of place."""
    series: tuple[str, ...]
    """Their names; one empty name when the chart has no series."""
    names: tuple[str, ...]
    """The words along the axis, by position; empty when the axis holds days."""
    days: tuple[date, ...]
    """The days that have a value, in order; empty when the axis holds words."""
    column: Column
    """What is measured."""
    places: int
    """Decimals of a value's label."""
    reference: float | None
    left_out: int
    """How many places of the axis were too many to draw."""

    def shown(self, value: float) -> str:
        """Return a value as its label says it."""
        return columns.cell(value, self.column, places=self.places)

    def values(self) -> list[float]:
        """Return all values that are there."""
        return [mark.value for mark in self.marks if mark.value is not None]


def read_plot(chart: Chart, result: Result) -> Plot | None:
    """Return what the chart shows, None without any value; raises NotDrawable, KeyError for an unknown column."""
    y = result.column(chart.y)
    along, measured = result.values(chart.x), result.values(chart.y)
    names = [_words(name) for name in result.values(chart.series)] if chart.series else [""] * len(along)
    if not columns.is_numeric(y):
        raise NotDrawable(f"“{y.label}” holds no numbers")
    if len(set(zip(along, names, strict=True))) < len(along):
        raise NotDrawable(f"several rows share one value of “{result.column(chart.x).label}”")
    if all(columns.number(value) is None for value in measured):
        return None
    series = list(dict.fromkeys(names))
    if len(series) > (most := LINES if chart.mark == "line" else SETS):
        raise NotDrawable(f"it has {len(series):,} series, and at most {most} can be told apart")
    days = _days(along)
    axis: list[Value] = sorted(days, key=days.__getitem__) if days else list(dict.fromkeys(along))
    layout: Layout = "line" if chart.mark == "line" else "columns" if days else "bars"
    room = max(1, (BARS if layout == "bars" else POINTS) // len(series))
    kept = axis[-room:] if days else axis[:room]
    at = {x: scales.milliseconds(days[x]) if days else place for place, x in enumerate(kept)}
    rows = zip(along, measured, names, strict=True)
    marks = [Mark(at[x], columns.number(value), series.index(name)) for x, value, name in rows if x in at]
    return Plot(
        layout=layout,
        marks=tuple(sorted(marks, key=lambda mark: (mark.series, mark.at))),
        series=tuple(series),
        names=() if days else tuple(_words(x) for x in kept),
        days=tuple(days[x] for x in kept) if days else (),
        column=y,
        places=columns.decimals(y, measured),
        reference=chart.reference,
        left_out=len(axis) - len(kept),
    )


def _days(values: tuple[Value, ...]) -> dict[Value, date]:
    """Return the values as days, nothing when one of them is none."""
    try:
        return {value: date.fromisoformat(str(value)) for value in values}
    except ValueError:
        return {}


def _words(value: Value) -> str:
    return NOT_AVAILABLE if value is None else f"{value:,}" if isinstance(value, int | float) else printable(value)
