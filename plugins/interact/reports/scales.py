"""Where a chart's ticks stand and what they say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from interact.chats.figures import CURRENCY_SYMBOLS
from interact.chats.result import Column

_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Scale:
    """A numeric axis: its ends, its ticks, and the Vega expression that words a tick."""

    low: float
    high: float
    ticks: tuple[float, ...]
    wording: str


def value_scale(values: Sequence[float], column: Column, *, from_zero: bool) -> Scale:
    """Return about four round ticks around the values.

    Bars begin at zero; lines do unless all values lie so far from it that it would flatten what they tell.
    """
    low, high = min(values, default=0.0), max(values, default=0.0)
    if from_zero or len(values) < 3 or abs(high - low) > 0.25 * max(abs(low), abs(high)):
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        low, high = (min(low, 0.0), max(high, 0.0)) if low else (0.0, 1.0)
    step = _round_step((high - low) / 4)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(number * step for number in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], ticks, _wording(column, step, max(abs(ticks[0]), abs(ticks[-1]))))


def day_ticks(days: Sequence[date], *, count: int) -> tuple[list[int], str]:
    """Return at most `count` of the days, evenly spread, and the Vega expression that words one."""
    shown = [milliseconds(day) for day in days[:: math.ceil(len(days) / count)]]
    style = "%b %Y" if days[-1] - days[0] > timedelta(days=300) else "%-d %b"
    return shown, f"utcFormat(datum.value, '{style}')"


def milliseconds(day: date) -> int:
    """Return the day's first instant in UTC as epoch milliseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def _round_step(rough: float) -> float:
    magnitude = 10.0 ** math.floor(math.log10(rough))
    return next(step for step in _STEPS if step * magnitude >= rough * 0.999) * magnitude


def _wording(column: Column, step: float, largest: float) -> str:
    if column.format == "percent":
        return f"format(datum.value, '.{_places(step * 100)}%')"
    number = "~s" if largest >= 1000 else f",.{_places(step)}f"
    symbol = CURRENCY_SYMBOLS.get(column.unit or "", "") if column.format == "currency" else ""
    # d3 writes mega and giga for what people call a million and a billion.
    figure = f"replace(format(abs(datum.value), '{number}'), 'G', 'bn')"
    return f"(datum.value < 0 ? '−' : '') + '{symbol}' + {figure}"


def _places(step: float) -> int:
    return next((places for places in range(4) if abs(round(step, places) - step) < step * 1e-6), 4)
