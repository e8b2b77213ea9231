"""Days of the period, and levels, that stand out in a shown metric although nobody asked for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from interact.agents.analyst.coverage import Coverage, Days
from interact.agents.analyst.insights import day_of, number
from interact.agents.analyst.planning import Plan
from interact.agents.analyst.series import HISTORY, WEEK, odd_days
from interact.agents.analyst.settling import settles_days, unsettled
from interact.warehouse.queries import Window
from interact.warehouse.semantic import Metric

MOST = 5


@dataclass(frozen=True)
class Oddity:
    """A day on which a metric stands out, or from which on its level is another one; a row of its source's days."""

    metric: Metric
    days: Days
    row: int
    day: date
    up: bool
    shift: bool


@dataclass(frozen=True)
class Judged:
    """What stands out, and which metrics were looked at in vain for lack of history."""

    oddities: tuple[Oddity, ...] = ()
    unjudged: tuple[Metric, ...] = ()
    weeks: int = 0
    """How many weeks before the period were looked at; 0 where nothing was judged."""


def judge_days(plan: Plan, coverage: Coverage, on_date: date) -> Judged:
    """Return the days that stand out, oldest first; those that are missing, not over or not settled are not judged."""
    found: list[Oddity] = []
    unjudged: list[Metric] = []
    weeks = []
    for name in plan.headlines:
        days = next((each for each in coverage.sources if not each.source.apart and name in each.source.metrics), None)
        if days is None:
            continue
        metric = plan.model.metric(name)
        window = _judgeable(metric, plan, days, on_date)
        odd = _odd(metric, days, window) if window else ()
        if odd is None:
            unjudged.append(metric)
            continue
        weeks.append((plan.request.period.window.start - max(plan.history.start, days.first)).days // WEEK)
        found += odd
    ordered = sorted(found, key=lambda each: (not each.shift, each.day, each.metric.name))
    return Judged(tuple(ordered[:MOST]), tuple(unjudged), min([*weeks, HISTORY // WEEK]) if weeks else 0)


def _judgeable(metric: Metric, plan: Plan, days: Days, on_date: date) -> Window | None:
    """Return the days of the period that are over, there, and settled."""
    window = plan.request.period.window
    end = min(window.end, days.last, on_date - timedelta(days=1))
    open_ = unsettled(settles_days(metric, plan.model), window, on_date)
    if open_:
        end = min(end, open_.start - timedelta(days=1))
    return Window(window.start, end) if end >= window.start else None


def _odd(metric: Metric, days: Days, window: Window) -> tuple[Oddity, ...] | None:
    rows = {day: row for row, value in enumerate(days.result.values("day")) if (day := day_of(value))}
    first = max(min(rows), days.first)
    spine = [first + timedelta(days=offset) for offset in range((window.end - first).days + 1)]
    series = [number(days.result, rows[day], metric.name) if day in rows else None for day in spine]
    counts = metric.type == "simple" and metric.format == "integer"
    odd = odd_days(series, judged=window.days, counts=counts)
    if odd is None:
        return None
    return tuple(
        Oddity(metric, days, rows[spine[each.at]], spine[each.at], each.up, each.shift)
        for each in odd
        if spine[each.at] in rows
    )
