"""Days whose values may still change, as conversions that come late: they are read with care."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from interact.warehouse.queries import Window
from interact.warehouse.semantic import Metric, SemanticModel


@dataclass(frozen=True)
class Settling:
    """Metrics that settle over the same days, and which days of the period are not settled."""

    metrics: tuple[Metric, ...]
    days: int
    now: Window


def settles_days(metric: Metric, model: SemanticModel) -> int:
    """Return for how many days a metric's values may still change: its own, or those of what it is made of."""
    return max([metric.settles_days, *(leaf.settles_days for leaf in model.leaves(metric.name))])


def unsettled(days: int, window: Window, on_date: date) -> Window | None:
    """Return the days of a window that may still change on a day; None where all are settled, or nothing settles."""
    first = on_date - timedelta(days=days - 1)
    if days < 1 or first > window.end:
        return None
    return Window(max(first, window.start), window.end)


def low_or_high(metric: Metric, model: SemanticModel) -> Literal["low", "high", ""]:
    """Return whether a metric is too low or too high until it has settled: late figures only add to a sum or a count.

    It is "" where that cannot be told: not just one part of a ratio settles, or it is made in another way.
    """
    if metric.type == "simple":
        return "low" if metric.agg in ("sum", "count", "count_distinct") else ""
    if metric.type != "ratio":
        return ""
    top, bottom = (model.metric(each) for each in metric.parts)
    late = [each for each in (top, bottom) if settles_days(each, model)]
    if len(late) != 1:
        return ""
    way = low_or_high(late[0], model)
    return way if late[0] == top or not way else "high" if way == "low" else "low"


def settlings(metrics: tuple[str, ...], model: SemanticModel, *, window: Window, on_date: date) -> tuple[Settling, ...]:
    """Return what still settles in a period, the longest first."""
    groups: dict[int, list[Metric]] = {}
    for name in metrics:
        groups.setdefault(settles_days(model.metric(name), model), []).append(model.metric(name))
    there = ((days, unsettled(days, window, on_date)) for days in sorted(groups, reverse=True))
    return tuple(Settling(tuple(groups[days]), days, now) for days, now in there if now)
