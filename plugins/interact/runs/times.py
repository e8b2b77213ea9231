"""Expected times, looked up: which has come, and which came while a run of the job was in progress."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from interact.chats.record import Run
from interact.runs import reasons
from interact.runs.gate import is_own
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store import expected, periods
from interact.store.periods import Period
from interact.store.sessions import Session

log = logging.getLogger(__name__)
_MOMENT = timedelta(microseconds=1)
LONGEST_OPEN = timedelta(days=31)
"""No time is open for so long: its cut-off is at most a day after it, its lateness limit a week."""


@dataclass(frozen=True)
class Due:
    """One expected time, and the period whose plan it is judged by."""

    period: Period
    due_at: datetime


def latest_due(session: Session, job_id: str, *, after: datetime, until: datetime) -> Due | None:
    """Return a job's last expected time with after < time <= until, by whatever plan held then."""
    for period in periods.between(session, job_id, after=after, until=until):
        if period.plan.schedule is None:
            continue
        last = min(until, period.held_until or until)
        found = period.plan.schedule.latest(last, after=max(after, period.held_from))
        if found:
            return Due(period, found.due_at)
    return None


def undecided(session: Session, job_id: str, *, now: datetime) -> Due | None:
    """Return a job's last expected time when it has come and has no row: it may still run, or waits for its data."""
    due = latest_due(session, job_id, after=now - LONGEST_OPEN, until=now)
    return due if due and expected.at(session, job_id, due.due_at) is None else None


def skip_overlapped(session: Session, run: Run, *, until: datetime, now: datetime) -> None:
    """Record as skipped the times that came while a run of the schedule or of data was in progress; it ended `until`.

    Only its end tells all of them, and Airflow is about to run the last of them late.
    """
    if not is_own(run) or run.begun_at is None:
        return
    for period in periods.between(session, run.job_id, after=run.begun_at - _MOMENT, until=until):
        if period.plan.schedule is None:
            continue
        after = max(period.held_from, run.begun_at - _MOMENT)
        last = min(until - _MOMENT, period.held_until or until)
        for occurrence in period.plan.schedule.between(after, last):
            if not occurrence.skipped:
                time = decided(run.job_id, occurrence.due_at, TimeOutcome.SKIPPED, reasons.overlap(run), now=now)
                keep(session, time)


def decided(job_id: str, due_at: datetime, outcome: TimeOutcome, reason: str, *, now: datetime) -> ExpectedTime:
    """Return a time that no run was started for."""
    return ExpectedTime(
        job_id=job_id,
        due_at=due_at,
        outcome=outcome,
        reason=reason,
        run_id=None,
        dag_run_id=None,
        started_at=None,
        decided_at=now,
    )


def keep(session: Session, time: ExpectedTime) -> bool:
    """Record a time, with a warning in the log; False when it has been decided already, which stays."""
    if not expected.record(session, time):
        return False
    log.warning("Job %s, time %s: %s", time.job_id, time.due_at.isoformat(), time.outcome)
    return True
