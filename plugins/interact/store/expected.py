"""Expected times: one row for each time of each job's schedule, written once, whoever decides it first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store.time_tables import ExpectedTimeRow


def record(session: Session, time: ExpectedTime) -> bool:
    """Keep what became of a time, and return True; False when that has been decided already, which stays.

    Safe for two at once: the second waits for the first one's transaction.
    """
    values = {
        "job_id": time.job_id,
        "due_at": time.due_at,
        "outcome": time.outcome.value,
        "reason": time.reason,
        "run_id": time.run_id,
        "dag_run_id": time.dag_run_id,
        "started_at": time.started_at,
        "decided_at": time.decided_at,
        # A time that ran is told by its run.
        "told_at": time.decided_at if time.outcome is TimeOutcome.RAN else None,
    }
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert(ExpectedTimeRow) if on_sqlite else postgresql.insert(ExpectedTimeRow)
    added = insert.values(values).on_conflict_do_nothing().returning(ExpectedTimeRow.due_at)
    return session.scalar(added) is not None


def at(session: Session, job_id: str, due_at: datetime) -> ExpectedTime | None:
    """Return what became of a time; None while it is open."""
    return next(iter(_found(session, ExpectedTimeRow.job_id == job_id, ExpectedTimeRow.due_at == due_at)), None)


def by_dag_run(session: Session, job_id: str, dag_run_id: str) -> ExpectedTime | None:
    """Return the newest time that a DAG run was decided for; None when it is none of the schedule, or open."""
    ours = ExpectedTimeRow.job_id == job_id
    return next(iter(_found(session, ours, ExpectedTimeRow.dag_run_id == dag_run_id, limit=1)), None)


def of_job(
    session: Session,
    job_id: str,
    *,
    outcome: TimeOutcome | None = None,
    before: datetime | None = None,
    limit: int = 50,
) -> list[ExpectedTime]:
    """Return a job's times, newest first, only those of one outcome or due before an instant when that is given."""
    conditions = [ExpectedTimeRow.job_id == job_id]
    if outcome is not None:
        conditions.append(ExpectedTimeRow.outcome == outcome.value)
    if before is not None:
        conditions.append(ExpectedTimeRow.due_at < before)
    return _found(session, *conditions, limit=limit)


def decided_between(session: Session, job_id: str, after: datetime, until: datetime) -> set[datetime]:
    """Return the times later than `after`, up to and with `until`, that have a row."""
    wanted = select(ExpectedTimeRow.due_at).where(
        ExpectedTimeRow.job_id == job_id, ExpectedTimeRow.due_at > after, ExpectedTimeRow.due_at <= until
    )
    return set(session.scalars(wanted))


def counts(session: Session, job_id: str, *, since: datetime) -> dict[TimeOutcome, int]:
    """Return how many of a job's times, due later than an instant, came to each end; an end of none is left out."""
    wanted = select(ExpectedTimeRow.outcome, func.count()).where(
        ExpectedTimeRow.job_id == job_id, ExpectedTimeRow.due_at > since
    )
    found = session.execute(wanted.group_by(ExpectedTimeRow.outcome)).all()
    return {TimeOutcome(outcome): count for outcome, count in found}


def _found(session: Session, *conditions: ColumnElement[bool], limit: int | None = None) -> list[ExpectedTime]:
    wanted = select(ExpectedTimeRow).where(*conditions).order_by(ExpectedTimeRow.due_at.desc()).limit(limit)
    rows = session.scalars(wanted.execution_options(populate_existing=True))
    return [
        ExpectedTime(
            job_id=row.job_id,
            due_at=row.due_at,
            outcome=TimeOutcome(row.outcome),
            reason=row.reason,
            run_id=row.run_id,
            dag_run_id=row.dag_run_id,
            started_at=row.started_at,
            decided_at=row.decided_at,
        )
        for row in rows
    ]
