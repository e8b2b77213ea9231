"""Runs: accepted, queued, started, ended; with the snapshot that each was accepted with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from pydantic import TypeAdapter
from sqlalchemy import case, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session

from interact.chats.record import EVERYONE, AssetLoad, Chat, Run
from interact.chats.status import ChatStatus, RunVerdict
from interact.errors import NotFound
from interact.jobs.combinations import Combination
from interact.jobs.naming import new_id
from interact.jobs.stored import Snapshot
from interact.jobs.timing import STORED
from interact.store import chats
from interact.store.records import plain_loads, run_of
from interact.store.tables import ChatRow, JobRow, RunRow


@dataclass(frozen=True)
class Acceptance:
    """A run to be stored: who asks, as what Airflow knows it, and one prompt a combination, in the same order."""

    run_id: str
    dag_run_id: str
    initiator: str
    snapshot: Snapshot
    combinations: tuple[Combination, ...]
    prompts: tuple[str, ...]
    run_after: datetime
    due_at: datetime | None = None
    """The time of the job's schedule that it stands for."""
    data: tuple[AssetLoad, ...] = ()
    rerun_of: str | None = None
    """The id of the run that it repeats."""
    stands_in_for: datetime | None = None
    """An expected time that did not run, for which somebody starts this one by hand."""
    thread_id: str | None = None
    """The chat that this one is a further question of."""
    audience: str = EVERYONE

    def with_chats(self, combinations: tuple[Combination, ...], prompts: tuple[str, ...]) -> Acceptance:
        """Return the same run with these combinations and their prompts."""
        return replace(self, combinations=combinations, prompts=prompts)


def accept(session: Session, acceptance: Acceptance, *, now: datetime) -> tuple[Run, tuple[Chat, ...]]:
    """Store a run and its chats together, and return them.

    A run that is stored already is returned as it is; one without chats, since it was refused, is opened anew.
    """
    row = _row(session, acceptance.snapshot.job.dag_id, acceptance.dag_run_id)
    opened = chats.of_run(session, row.id) if row else ()
    if row and opened:
        return run_of(row), opened
    if row is None:
        row = _new_row(acceptance, now=now)
        session.add(row)
    else:
        row.snapshot = _snapshots().dump_python(acceptance.snapshot, mode="json")
        row.verdict, row.reason, row.ended_at = RunVerdict.QUEUED, None, None
        row.due_at, row.data = acceptance.due_at, plain_loads(acceptance.data)
    session.flush()
    session.add_all(_new_chats(row, acceptance, now=now))
    session.flush()
    return run_of(row), chats.of_run(session, row.id)


def find(session: Session, *, dag_id: str, dag_run_id: str) -> Run | None:
    """Return the run that Airflow knows by this name."""
    row = _row(session, dag_id, dag_run_id)
    return run_of(row) if row else None


def known(session: Session, run_id: str) -> Run | None:
    """Return a run; None when it is unknown."""
    row = session.get(RunRow, run_id, populate_existing=True)
    return run_of(row) if row else None


def by_id(session: Session, run_id: str) -> Run:
    """Return a run; raises NotFound."""
    run = known(session, run_id)
    if run is None:
        raise NotFound("run", run_id)
    return run


def held(session: Session, run_id: str) -> Run:
    """Return a run once nobody else is changing it; inside `writing` only. Raises NotFound.

    Whoever changes a run and its chats together takes the run first, so that two never wait for each other.
    """
    wanted = select(RunRow).where(RunRow.id == run_id).with_for_update(key_share=True)
    row = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("run", run_id)
    return run_of(row)


def snapshot_of(session: Session, run_id: str) -> Snapshot:
    """Return the job, agent and organisation that a run was accepted with; raises NotFound."""
    kept = session.scalar(select(RunRow.snapshot).where(RunRow.id == run_id))
    if kept is None:
        raise NotFound("run", run_id)
    return _snapshots().validate_python(kept, context=STORED)


def mark_queued(session: Session, run_id: str, *, at: datetime) -> None:
    """Note that Airflow has taken the run."""
    session.execute(update(RunRow).where(RunRow.id == run_id).values(queued_at=func.coalesce(RunRow.queued_at, at)))


def mark_started(session: Session, run_id: str, *, at: datetime, clear_number: int) -> None:
    """Note that the run is under way, again when it was cleared; its first start stays `started_at`."""
    session.execute(
        update(RunRow)
        .where(RunRow.id == run_id)
        .values(
            verdict=RunVerdict.RUNNING,
            reason=None,
            queued_at=func.coalesce(RunRow.queued_at, at),
            started_at=func.coalesce(RunRow.started_at, at),
            # A first task that Airflow tries again goes on with the same start; only Clear makes a new one.
            begun_at=case(
                (RunRow.clear_number == clear_number, func.coalesce(RunRow.begun_at, at)),
                else_=literal(at, RunRow.begun_at.type),
            ),
            ended_at=None,
            told_at=None,
            incident_id=None,
            cancelled_by=None,
            clear_number=clear_number,
        )
    )


def mark_ended(session: Session, run_id: str, *, verdict: RunVerdict, reason: str | None, at: datetime) -> bool:
    """Keep how the run ended; False for one that was cancelled, which stays so.

    Another end than before is still to be told: its last task alone may have been cleared.
    """
    ended = (
        update(RunRow)
        .where(RunRow.id == run_id, RunRow.verdict != RunVerdict.CANCELLED)
        .values(
            verdict=verdict,
            reason=reason,
            ended_at=at,
            told_at=case((RunRow.verdict == verdict, RunRow.told_at), else_=None),
        )
        .returning(RunRow.id)
    )
    return session.scalar(ended) is not None


def mark_cancelled(session: Session, run_id: str, *, by: str, reason: str, at: datetime) -> bool:
    """Keep that somebody cancelled a run that has not ended; False for one that has."""
    cancelled = (
        update(RunRow)
        .where(RunRow.id == run_id, RunRow.ended_at.is_(None))
        .values(verdict=RunVerdict.CANCELLED, reason=reason, ended_at=at, cancelled_by=by)
        .returning(RunRow.id)
    )
    return session.scalar(cancelled) is not None


def set_rollup(session: Session, run_id: str, rollup_json: str | None, files: chats.Rendered) -> None:
    """Keep what compares a run's chats, and what was drawn of it or why there is nothing."""
    session.execute(
        update(RunRow)
        .where(RunRow.id == run_id)
        .values(
            rollup_json=rollup_json,
            rollup_html_sha256=files.html_sha256,
            rollup_pdf_sha256=files.pdf_sha256,
            rollup_failure=files.failure,
        )
    )


def rollup_of(session: Session, run_id: str) -> str | None:
    """Return what compares a run's chats (`interact.reports.rollup.Rollup` as JSON); None when there is nothing."""
    return session.scalar(select(RunRow.rollup_json).where(RunRow.id == run_id))


def set_data(session: Session, run_id: str, data: tuple[AssetLoad, ...]) -> None:
    """Keep when the data that a run asks about was last loaded."""
    session.execute(update(RunRow).where(RunRow.id == run_id).values(data=plain_loads(data)))


def under_way(session: Session, job_id: str, *, since: datetime, until: datetime) -> list[Run]:
    """Return the runs of a job that had begun by `until` and had not ended by `since`, in the order they began."""
    found = select(RunRow).where(
        RunRow.job_id == job_id, RunRow.begun_at <= until, or_(RunRow.ended_at.is_(None), RunRow.ended_at > since)
    )
    return [run_of(row) for row in session.scalars(found.order_by(RunRow.begun_at, RunRow.id))]


def last_for_a_time(session: Session, job_id: str, *, before: datetime) -> Run | None:
    """Return the run of a job's last expected time before an instant that had one."""
    found = (
        select(RunRow).where(RunRow.job_id == job_id, RunRow.due_at < before).order_by(RunRow.due_at.desc()).limit(1)
    )
    row = session.scalars(found).one_or_none()
    return run_of(row) if row else None


def unstarted(session: Session, job_id: str) -> int:
    """Return how many runs of a job have neither started nor ended; inside `writing` only.

    Others who count the same job wait until this transaction ends, so that together they keep the limit.
    """
    session.execute(select(JobRow.id).where(JobRow.id == job_id).with_for_update(key_share=True))
    waiting = select(func.count()).where(
        RunRow.job_id == job_id, RunRow.started_at.is_(None), RunRow.ended_at.is_(None)
    )
    return session.scalars(waiting).one()


def not_handed_over(session: Session) -> list[Run]:
    """Return the runs that were accepted and that Airflow has not taken, oldest first."""
    waiting = select(RunRow).where(RunRow.queued_at.is_(None), RunRow.started_at.is_(None), RunRow.ended_at.is_(None))
    return [run_of(row) for row in session.scalars(waiting.order_by(RunRow.accepted_at, RunRow.id))]


def not_ended(session: Session, *, job_id: str | None = None) -> list[Run]:
    """Return the runs, of one job or of all, whose end is not recorded, oldest first."""
    left = select(RunRow).where(RunRow.ended_at.is_(None)).order_by(RunRow.accepted_at, RunRow.id)
    return [run_of(row) for row in session.scalars(left if job_id is None else left.where(RunRow.job_id == job_id))]


def untold(session: Session, *, ended_before: datetime, limit: int) -> list[str]:
    """Return the ids of runs that had ended by an instant and of whose end nobody decided who hears, oldest first."""
    left = select(RunRow.id).where(RunRow.told_at.is_(None), RunRow.ended_at < ended_before)
    return list(session.scalars(left.order_by(RunRow.ended_at, RunRow.id).limit(limit)))


def waiting_at(session: Session, job_id: str, at: datetime) -> int:
    """Return how many runs of a job, accepted earlier, had not started at an instant; refused ones do not count."""
    waiting = select(func.count()).where(
        RunRow.job_id == job_id,
        RunRow.accepted_at < at,
        or_(RunRow.started_at.is_(None), RunRow.started_at > at),
        or_(RunRow.ended_at.is_(None), RunRow.ended_at > at),
        exists().where(ChatRow.run_id == RunRow.id),
    )
    return session.scalars(waiting).one()


def _new_row(acceptance: Acceptance, *, now: datetime) -> RunRow:
    job = acceptance.snapshot.job
    return RunRow(
        id=acceptance.run_id,
        job_id=job.job_id,
        organisation_id=job.organisation_id,
        dag_id=job.dag_id,
        dag_run_id=acceptance.dag_run_id,
        initiator=acceptance.initiator,
        verdict=RunVerdict.QUEUED,
        accepted_at=now,
        run_after=acceptance.run_after,
        clear_number=0,
        due_at=acceptance.due_at,
        data=plain_loads(acceptance.data),
        rerun_of=acceptance.rerun_of,
        stands_in_for=acceptance.stands_in_for,
        audience=acceptance.audience,
        snapshot=_snapshots().dump_python(acceptance.snapshot, mode="json"),
    )


def _new_chats(row: RunRow, acceptance: Acceptance, *, now: datetime) -> list[ChatRow]:
    pairs = zip(acceptance.combinations, acceptance.prompts, strict=True)
    return [
        ChatRow(
            id=new_id("chat"),
            run_id=row.id,
            position=position,
            job_id=row.job_id,
            agent_id=acceptance.snapshot.agent.agent_id,
            organisation_id=row.organisation_id,
            parameters=dict(combination),
            prompt=prompt,
            status=ChatStatus.QUEUED,
            attempt=0,
            created_at=now,
            thread_id=acceptance.thread_id,
        )
        for position, (combination, prompt) in enumerate(pairs)
    ]


def _row(session: Session, dag_id: str, dag_run_id: str) -> RunRow | None:
    wanted = select(RunRow).where(RunRow.dag_id == dag_id, RunRow.dag_run_id == dag_run_id)
    return session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


@lru_cache(maxsize=1)
def _snapshots() -> TypeAdapter[Snapshot]:
    return TypeAdapter(Snapshot)
