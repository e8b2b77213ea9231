"""Whether somebody may start a run by hand for an expected time: one that was skipped or not run, and only once."""

from __future__ import annotations

from datetime import datetime

from interact.chats.status import RunVerdict
from interact.errors import NotStartable
from interact.jobs.stored import Snapshot
from interact.reports.freshness import moment
from interact.schedules.expected import TimeOutcome
from interact.store import expected, history
from interact.store.sessions import Session

STANDS = (RunVerdict.QUEUED, RunVerdict.RUNNING, RunVerdict.COMPLETED)
"""A run that failed, is only in part there or was cancelled leaves the time to the next one."""


def require_missed(session: Session, snapshot: Snapshot, due_at: datetime) -> None:
    """Raise NotStartable unless that time did not run, and no run that stands in for it is under way or completed."""
    job_id, key = snapshot.job.job_id, snapshot.job.definition.key
    shown = moment(due_at, snapshot.timezone)
    time = expected.at(session, job_id, due_at)
    if time is None:
        raise NotStartable(
            f"Job {key!r} has no time {shown} that was skipped or not run. Its history lists those that were."
        )
    if time.outcome is TimeOutcome.RAN:
        raise NotStartable(f"The time {shown} of job {key!r} has run. Open that run, and run it again from there.")
    run = history.standing_in(session, job_id, due_at)
    if run and run.verdict in STANDS:
        raise NotStartable(
            f"Run {run.run_id!r} was started for the time {shown} of job {key!r} already and is {run.verdict}. "
            "Open it; it can be run again from there."
        )
