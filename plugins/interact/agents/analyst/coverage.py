"""What the data behind an answer covers: how far it reaches, which days lack rows, whether a comparison holds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from interact.agents.analyst.insights import day_of, missing_days, number
from interact.agents.analyst.planning import Plan, Source
from interact.agents.analyst.queried import Desk
from interact.agents.analyst.spans import day_in_words, in_words
from interact.chats.result import Result
from interact.errors import AgentRefused
from interact.warehouse.queries import Window

DENSE, LONG = 0.95, 28
"""What has values on fewer of the days looked at, of so many at least, has none on some by nature: that is no gap."""


@dataclass(frozen=True)
class Days:
    """One source of the figures: from when to when it has rows, and its figures of each day."""

    source: Source
    freshness: Result
    first: date
    last: date
    result: Result
    """Its days, from well before the period on."""
    missing: tuple[date, ...]
    """Days of the period, up to the last with data, that have no rows."""
    missing_before: tuple[date, ...]
    before: Result | None = None
    """The days that are compared with, where they lie too far back to be among those of `result`."""
    dense: frozenset[str] = frozenset()
    """The metrics that have a value on nearly every day, so that a day without one stands out."""
    pause: int = 0
    """For a source that has no rows on some days by nature, how many such days follow one another; else 0."""

    def rows_in(self, window: Window) -> tuple[int, ...]:
        """Return the rows of `result` that lie in a window."""
        return rows_in(self.result, window)


@dataclass(frozen=True)
class Coverage:
    """All sources of an answer, that of its leading metric first."""

    sources: tuple[Days, ...]
    compare_dropped: Window | None = None
    """The window that was to be compared with and is not complete in the data."""

    @property
    def main(self) -> Days:
        """The source of the leading metric."""
        return self.sources[0]

    @property
    def last(self) -> date:
        """The last day for which all figures have data."""
        return min(each.last for each in self.sources)


def cover(plan: Plan, desk: Desk) -> tuple[Coverage, Plan]:
    """Look at the data before its figures: a late load must not look like a crash.

    Returns the plan without its comparison where that does not hold; raises AgentRefused where the period has no rows.
    """
    sources = tuple(_days_of(each, plan, desk) for each in plan.sources())
    window, compare = plan.request.period.window, plan.request.compare
    if not any(each.rows_in(window) for each in sources):
        raise AgentRefused(_nothing_there(sources[0], plan, desk))
    main = sources[0]
    if compare is None or _compares(main, plan):
        return Coverage(sources), plan
    if any(condition.on == "change" for rule in plan.request.rules for condition in rule.conditions):
        lacking = "The data does not hold every day of" if _before(main, compare) else "There are no rows for"
        raise AgentRefused(
            f"{lacking} {in_words(compare)}, so changes cannot be judged; the data begins on "
            f"{day_in_words(main.first)}. Ask for a later period."
        )
    without = replace(plan, request=replace(plan.request, compare=None))
    return Coverage(sources, compare_dropped=compare), without


def rows_in(days: Result, window: Window) -> tuple[int, ...]:
    """Return the rows of daily figures that lie in a window."""
    dated = [(row, day_of(value)) for row, value in enumerate(days.values("day"))]
    return tuple(row for row, day in dated if day and window.start <= day <= window.end)


def _days_of(source: Source, plan: Plan, desk: Desk) -> Days:
    freshness = desk.freshness(source.dataset)
    first, last = (day_of(freshness.value(0, name)) if freshness.rows else None for name in ("first_date", "last_date"))
    if first is None or last is None:
        raise AgentRefused(_empty(source, desk))
    window, compare = plan.request.period.window, plan.request.compare
    several = len(plan.sources()) > 1
    title = "Day by day" + (f", {plan.model.dataset(source.dataset).label.lower()}" if several else "")
    result = desk.run(plan.days(source, plan.history), title=title)
    before = None
    if compare and compare.start < plan.history.start:
        before = desk.run(plan.days(source, compare), title=f"{title}, period before")
    gaps = missing_days(before or result, compare) if compare else []
    missing = [day for day in missing_days(result, window) if day <= last]
    looked = _looked_at(plan, first, last, far=before is not None)
    present = {day for row in rows_in(result, looked) if (day := day_of(result.value(row, "day")))}
    pause = 0
    if _is_sporadic(present, looked):
        pause = _longest_pause(present, looked)
        missing, gaps = [], gaps if compare and len(gaps) == compare.days else []
    dense = frozenset(each for each in source.metrics if _is_dense(each, result, looked))
    return Days(source, freshness, first, last, result, tuple(missing), tuple(gaps), before, dense, pause)


def _looked_at(plan: Plan, first: date, last: date, *, far: bool) -> Window:
    """Return the days that tell what is usual: those before all that is shown, or all of them where those are few."""
    window, compare = plan.request.period.window, plan.request.compare
    start = max(first, plan.history.start)
    end = min(window.start, compare.start) if compare and not far else window.start
    if (end - start).days >= LONG:
        return Window(start, end - timedelta(days=1))
    return Window(start, max(start, min(last, window.end)))


def _is_sporadic(present: Collection[date], looked: Window) -> bool:
    """Tell whether some days lack values by nature: many do, and not only those of one failed load in a row."""
    length = looked.days
    return length >= LONG and len(present) < DENSE * (length - _longest_pause(present, looked))


def _longest_pause(present: Collection[date], looked: Window) -> int:
    """Return how many days without a value follow one another at most."""
    days = sorted({looked.start - timedelta(days=1), *present, looked.end + timedelta(days=1)})
    return max((later - day).days - 1 for day, later in pairwise(days))


def _is_dense(metric: str, days: Result, looked: Window) -> bool:
    rows = rows_in(days, looked)
    there = {day for row in rows if number(days, row, metric) and (day := day_of(days.value(row, "day")))}
    return not _is_sporadic(there, looked)


def _before(days: Days, compare: Window) -> tuple[int, ...]:
    return rows_in(days.before or days.result, compare)


def _compares(main: Days, plan: Plan) -> bool:
    """Tell whether the data holds all of what is compared with."""
    compare = plan.request.compare
    narrow = bool(plan.limited)
    if compare is None or not _before(main, compare):
        return False
    return main.first <= compare.start and (narrow or not main.missing_before)


def _empty(source: Source, desk: Desk) -> str:
    filters = desk.question.filters
    if filters:
        limits = ", ".join(f"{name} {value!r}" for name, value in filters.items())
        return f"The warehouse has no rows for {limits}. Correct the job's values, or load the data."
    several = len(desk.warehouse.model.tables) > 1
    return (
        f"The warehouse has no rows{f' of {source.dataset}' if several else ' at all'}. Load its data, then ask again."
    )


def _nothing_there(main: Days, plan: Plan, desk: Desk) -> str:
    what = f"There are no rows for {in_words(plan.request.period.window)}"
    limits = " with these filters" if plan.request.filters or desk.question.filters else ""
    return (
        f"{what}{limits}; the data runs from {day_in_words(main.first)} to {day_in_words(main.last)}. "
        "Check the load of the data, or ask about another period."
    )
