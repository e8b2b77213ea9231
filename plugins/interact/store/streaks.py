"""Failures in a row: how often a job has failed by itself since it last worked, or was last saved."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from interact.chats.status import RunVerdict
from interact.store.tables import JobRow, JobVersionRow, RunRow

_GOOD = (RunVerdict.COMPLETED, RunVerdict.PARTIAL)


def failed_in_a_row(session: Session, job_id: str) -> int:
    """Return how many runs of a job's schedule or data have failed of their own since its last save.

    A run of whoever started it that completed, in part too, ends the streak. Runs that were cancelled, were cleared or
    failed by an outage do not count, nor do those that a person or a program asked for.
    """
    saved = (
        select(JobVersionRow.saved_at)
        .join(JobRow, (JobRow.id == JobVersionRow.job_id) & (JobRow.version == JobVersionRow.version))
        .where(JobRow.id == job_id)
        .scalar_subquery()
    )
    worked = select(func.max(RunRow.ended_at)).where(RunRow.job_id == job_id, RunRow.verdict.in_(_GOOD))
    last = session.scalar(worked)
    failed = select(func.count()).where(
        RunRow.job_id == job_id,
        RunRow.verdict == RunVerdict.FAILED,
        RunRow.incident_id.is_(None),
        RunRow.clear_number == 0,
        or_(RunRow.initiator == "schedule", RunRow.initiator.startswith("asset:")),
        RunRow.accepted_at >= saved,
    )
    return session.scalars(failed if last is None else failed.where(RunRow.ended_at > last)).one()
