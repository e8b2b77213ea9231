"""How late a missed time may still run, and how close an expression's times lie."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile

from interact.schedules.occurrences import Schedule

SHORTEST = timedelta(seconds=60)
LONGEST = timedelta(hours=12)
_YEAR = timedelta(days=366)
_LOOKED_AT = 1_000


def lateness_limit(schedule: Schedule, due_at: datetime, *, minutes: int | None) -> timedelta:
    """Return how late the run of a due time may begin: what the job says, else half of the time to the next one."""
    if minutes is not None:
        return timedelta(minutes=minutes)
    following = next(schedule.after(due_at), None)
    if following is None:
        return LONGEST
    return min(max((following.due_at - due_at) / 2, SHORTEST), LONGEST)


def smallest_gap(expression: str) -> timedelta:
    """Return the shortest time between two times of an expression, seen over its first thousand in some year."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    times = takewhile(lambda each: each.due_at < start + _YEAR, Schedule(expression, "UTC").after(start))
    due = [each.due_at for each in islice(times, _LOOKED_AT)]
    return min((later - earlier for earlier, later in pairwise(due)), default=_YEAR)
