"""Incidents: what many jobs need and is away, from when to when, and which runs failed by it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from interact.chats.record import Run
from interact.chats.status import ChatStatus, RunVerdict
from interact.jobs.naming import new_id
from interact.store.notice_tables import IncidentRow
from interact.store.records import run_of
from interact.store.tables import AttemptRow, ChatRow, JobRow, QueryRow, RunRow

_LONGEST_WAIT = timedelta(days=1)
"""What was asked longer ago is not looked at: it proves little, and there is much of it."""
_STANDS = (RunVerdict.QUEUED, RunVerdict.RUNNING, RunVerdict.COMPLETED)


@dataclass(frozen=True)
class Incident:
    """Something that is away for an organisation: `warehouse:CONNECTION`, `channel:CONNECTION`."""

    incident_id: str
    organisation_id: str
    subject: str
    told: str
    """What was said when it was first found away."""
    began_at: datetime
    seen_at: datetime
    """When it was last found away."""
    ended_at: datetime | None


def open_or_join(session: Session, organisation_id: str, subject: str, *, told: str, at: datetime) -> Incident:
    """Return the open incident of something that was found away, opened unless it is; inside `writing` only.

    Whoever else joins or ends it waits until this transaction ends.
    """
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert(IncidentRow) if on_sqlite else postgresql.insert(IncidentRow)
    added = insert.values(
        id=new_id("incident"), organisation_id=organisation_id, subject=subject, told=told, began_at=at, seen_at=at
    ).on_conflict_do_update(
        index_elements=[IncidentRow.organisation_id, IncidentRow.subject],
        index_where=IncidentRow.ended_at.is_(None),
        set_={"seen_at": at},
        where=IncidentRow.seen_at < at,
    )
    session.execute(added)
    return _found(session, IncidentRow.organisation_id == organisation_id, IncidentRow.subject == subject)[0]


def still_open(session: Session) -> list[Incident]:
    """Return what is away, of all organisations, longest first."""
    return _found(session)


def open_among(session: Session, organisation_id: str, subject: str) -> Incident | None:
    """Return the open incident of something; None while nobody has found it away."""
    ours = (IncidentRow.organisation_id == organisation_id, IncidentRow.subject == subject)
    return next(iter(_found(session, *ours)), None)


def by_ids(session: Session, incident_ids: Collection[str]) -> dict[str, Incident]:
    """Return incidents, open or not, by their ids."""
    found = session.scalars(select(IncidentRow).where(IncidentRow.id.in_(incident_ids)))
    return {row.id: _incident(row) for row in found}


def end(session: Session, incident_id: str, *, at: datetime) -> bool:
    """Note that what was away is back; False when somebody has noted it already."""
    open_one = (IncidentRow.id == incident_id, IncidentRow.ended_at.is_(None))
    ended = update(IncidentRow).where(*open_one).values(ended_at=at).returning(IncidentRow.id)
    return session.scalar(ended) is not None


def join_run(session: Session, run_id: str, incident_id: str) -> None:
    """Note that a run failed by an incident."""
    session.execute(update(RunRow).where(RunRow.id == run_id).values(incident_id=incident_id))


def runs_of(session: Session, incident_id: str) -> list[Run]:
    """Return the runs that failed by an incident, oldest first."""
    found = select(RunRow).where(RunRow.incident_id == incident_id).order_by(RunRow.accepted_at, RunRow.id)
    return [run_of(row) for row in session.scalars(found.execution_options(populate_existing=True))]


def agents_of(session: Session, incident_id: str) -> list[str]:
    """Return the ids of the agents whose runs failed by an incident."""
    asked = select(ChatRow.agent_id).join(RunRow, ChatRow.run_id == RunRow.id)
    return sorted(session.scalars(asked.where(RunRow.incident_id == incident_id).distinct()))


def was_used(session: Session, agent_id: str, *, since: datetime) -> bool:
    """Return whether an agent has had an answer from its warehouse in an attempt that began later than an instant."""
    answered = (
        select(AttemptRow.chat_id)
        .join(ChatRow, ChatRow.id == AttemptRow.chat_id)
        .join(QueryRow, (QueryRow.chat_id == AttemptRow.chat_id) & (QueryRow.attempt == AttemptRow.number))
        .where(
            ChatRow.job_id.in_(select(JobRow.id).where(JobRow.agent_id == agent_id)),
            ChatRow.agent_id == agent_id,
            ChatRow.status == ChatStatus.COMPLETED,
            ChatRow.created_at > since - _LONGEST_WAIT,
            AttemptRow.started_at > since,
            QueryRow.failure.is_(None),
        )
    )
    return bool(session.scalar(select(answered.exists())))


def is_superseded(session: Session, run: Run) -> bool:
    """Return whether a newer run of the same job is under way or has completed."""
    newer = exists().where(
        RunRow.job_id == run.job_id,
        RunRow.accepted_at >= run.accepted_at,
        RunRow.id != run.run_id,
        RunRow.verdict.in_(_STANDS),
    )
    return bool(session.scalar(select(newer)))


def rerun_by_itself(session: Session, run: Run) -> Run | None:
    """Return the run by which an outage's end repeats another one; None while there is none."""
    ours = (RunRow.job_id == run.job_id, RunRow.rerun_of == run.run_id, RunRow.initiator == "schedule")
    row = session.scalars(select(RunRow).where(*ours).limit(1)).one_or_none()
    return run_of(row) if row else None


def _found(session: Session, *conditions: ColumnElement[bool]) -> list[Incident]:
    wanted = select(IncidentRow).where(IncidentRow.ended_at.is_(None), *conditions)
    wanted = wanted.order_by(IncidentRow.began_at, IncidentRow.id).execution_options(populate_existing=True)
    return [_incident(row) for row in session.scalars(wanted)]


def _incident(row: IncidentRow) -> Incident:
    return Incident(
        incident_id=row.id,
        organisation_id=row.organisation_id,
        subject=row.subject,
        told=row.told,
        began_at=row.began_at,
        seen_at=row.seen_at,
        ended_at=row.ended_at,
    )
