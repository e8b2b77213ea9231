"""Times that were skipped or did not run, and of which nobody has been told yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from interact.notices.notice import Kind
from interact.schedules.expected import TimeOutcome
from interact.store.notice_tables import NoticeRow
from interact.store.tables import JobRow
from interact.store.time_tables import ExpectedTimeRow

_UNTOLD = ExpectedTimeRow.told_at.is_(None)
_KIND: Kind = "skipped"


@dataclass(frozen=True)
class Missed:
    """One time that had no run."""

    due_at: datetime
    outcome: TimeOutcome
    reason: str


def leave_untold(session: Session, *, reasons: Sequence[str], at: datetime) -> None:
    """Take for told the times of deleted jobs, and those whose reason is like one of these, as SQL's LIKE has it."""
    gone = select(JobRow.id).where(JobRow.deleted_at.is_not(None))
    no_news = or_(ExpectedTimeRow.job_id.in_(gone), *(ExpectedTimeRow.reason.like(pattern) for pattern in reasons))
    session.execute(update(ExpectedTimeRow).where(_UNTOLD, no_news).values(told_at=at))


def jobs_to_tell(session: Session, *, not_told_since: datetime) -> list[str]:
    """Return the ids of the jobs with such times, without those that were told of any later than an instant."""
    told = select(NoticeRow.job_id).where(NoticeRow.kind == _KIND, NoticeRow.made_at > not_told_since)
    waiting = select(ExpectedTimeRow.job_id).where(_UNTOLD).distinct()
    # Compared here: in one statement NULL, the job of a notice about several, would make a riddle of it.
    recently = set(session.scalars(told))
    return sorted(set(session.scalars(waiting)) - recently)


def mark_told(session: Session, job_ids: Collection[str], *, at: datetime) -> None:
    """Take all such times of some jobs for told."""
    session.execute(update(ExpectedTimeRow).where(_UNTOLD, ExpectedTimeRow.job_id.in_(job_ids)).values(told_at=at))


def take(session: Session, job_id: str, *, at: datetime) -> list[Missed]:
    """Return such times of a job, newest first, told from now on; who else takes them at the same time gets none."""
    taken = (
        update(ExpectedTimeRow)
        .where(_UNTOLD, ExpectedTimeRow.job_id == job_id)
        .values(told_at=at)
        .returning(ExpectedTimeRow.due_at, ExpectedTimeRow.outcome, ExpectedTimeRow.reason)
    )
    found = [Missed(due_at, TimeOutcome(outcome), reason or "") for due_at, outcome, reason in session.execute(taken)]
    return sorted(found, key=lambda time: time.due_at, reverse=True)
