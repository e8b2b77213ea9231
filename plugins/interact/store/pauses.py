"""Jobs whose newest version nobody made: it paused them, because they failed again and again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from interact.chats.status import RunVerdict
from interact.jobs.definition import Job
from interact.jobs.stored import StoredJob
from interact.jobs.timing import STORED
from interact.store.tables import JobVersionRow, RunRow


@dataclass(frozen=True)
class Pause:
    """Why a job is paused, and how it was before."""

    note: str
    before: Job
    cause: str
    """Why its last failed run failed; "" when it does not say."""


def of(session: Session, job: StoredJob) -> Pause | None:
    """Return why a job is paused; None for one whose newest version somebody saved."""
    newest, earlier = aliased(JobVersionRow), aliased(JobVersionRow)
    cause = (
        select(RunRow.reason)
        .where(RunRow.job_id == job.job_id, RunRow.verdict == RunVerdict.FAILED)
        .order_by(RunRow.accepted_at.desc(), RunRow.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = session.execute(
        select(newest.note, earlier.definition, cause)
        .join(earlier, (earlier.job_id == newest.job_id) & (earlier.version == newest.version - 1))
        .where(newest.job_id == job.job_id, newest.version == job.version, newest.note.is_not(None))
    ).one_or_none()
    if found is None:
        return None
    note, before, reason = found
    return Pause(note, Job.model_validate(before, context=STORED), reason or "")
