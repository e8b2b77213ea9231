"""What happens after a run that did not go well: when its job runs again, and what a person can do."""

from __future__ import annotations

from datetime import datetime

from interact.chats.status import RunVerdict
from interact.runs.desk import Desk
from interact.runs.saying.findings import Findings
from interact.schedules.occurrences import Schedule
from interact.schedules.plan import HORIZON
from interact.store import jobs, periods

DELETED = "The job was deleted since."
NOBODY = "Nothing runs it by itself."
BY_DATA = "It runs again when its data has been loaded again."
_BY_HAND = "put right what is said above, then press Run again on the run's page."
PAUSED = f"It is paused: it failed so often in a row that nothing runs it by itself any more. To have it, {_BY_HAND}"


def outlook(desk: Desk, found: Findings) -> str:
    """Return when the job runs again, by the plan that holds now, and how to have it earlier than that."""
    with desk.store.reading() as session:
        period = periods.current(session, found.run.job_id)
        is_deleted = jobs.is_deleted(session, found.run.job_id)
    if is_deleted:
        return DELETED
    plan = period.plan if period else None
    told = _at(plan.schedule, desk.now()) if plan and plan.schedule else BY_DATA if plan else NOBODY
    if found.verdict is RunVerdict.COMPLETED:
        return told
    return f"{told} To have it before that, {_BY_HAND}" if plan else f"{told} {_BY_HAND[0].upper()}{_BY_HAND[1:]}"


def _at(schedule: Schedule, now: datetime) -> str:
    """Return the next time that no holiday leaves out, as the clock of the schedule's zone shows it."""
    for occurrence in schedule.after(now):
        if occurrence.due_at - now > HORIZON:
            break
        if not occurrence.skipped:
            due_at = occurrence.due_at.astimezone(schedule.zone)
            return f"It runs again on {due_at:%A} {due_at.day} {due_at:%B %Y} at {due_at:%H:%M} ({schedule.timezone})."
    return NOBODY
