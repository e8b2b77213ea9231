"""How late a missed time may still run."""

from __future__ import annotations

from datetime import datetime, timedelta

from interact.schedules.occurrences import Schedule

SHORTEST = timedelta(seconds=60)
LONGEST = timedelta(hours=12)


def lateness_limit(schedule: Schedule, due_at: datetime, *, minutes: int | None) -> timedelta:
    """Return how late the run of a due time may begin: what the job says, else half of the time to the next one."""
    if minutes is not None:
        return timedelta(minutes=minutes)
    following = next(schedule.after(due_at), None)
    if following is None:
        return LONGEST
    return min(max((following.due_at - due_at) / 2, SHORTEST), LONGEST)
