"""Jobs and their versions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from interact.errors import NotFound
from interact.jobs import naming
from interact.jobs.definition import Job
from interact.jobs.plans import plan_of
from interact.jobs.rights import Owned
from interact.jobs.stored import Change, Snapshot, StoredAgent, StoredJob
from interact.jobs.timing import STORED
from interact.store import agents, channels, keys, organisations, periods
from interact.store.tables import JobRow, JobVersionRow

log = logging.getLogger(__name__)
_NEWEST = and_(JobVersionRow.job_id == JobRow.id, JobVersionRow.version == JobRow.version)
_JOB = JobRow.purpose == "job"
"""What else stands in the table is no job (`interact.store.questions`)."""
_KEPT = and_(JobRow.deleted_at.is_(None), _JOB)
_CREATED: Change = "created"
_CHANGED: Change = "changed"


@dataclass(frozen=True)
class Nameable:
    """A job that a key may be limited to."""

    job: Owned
    name: str


def save(
    session: Session,
    definition: Job,
    *,
    now: datetime,
    kept_in: str | None = None,
    new_id: Callable[[], str] = lambda: naming.new_id("job"),
    note: str | None = None,
) -> tuple[StoredJob, Change]:
    """Create the job of that key, or give it a new version when its definition differs; raises NotFound.

    Its id and its DAG's id are fixed when it is created. `kept_in` is the name of the file that it comes from: a job is
    kept by files from then on, which alone is a change, though no new version. None leaves that as it is. `note` says
    why the new version was made, when nobody made it.
    """
    organisation = organisations.held(session, definition.organisation)
    if organisation is None:
        raise NotFound("organisation", definition.organisation)
    agent = agents.by_key(session, organisation.organisation_id, definition.agent)
    if agent is None:
        raise NotFound("agent", definition.agent)
    for key in definition.heard_by:
        if channels.by_key(session, organisation.organisation_id, key) is None:
            raise NotFound("channel", key)
    kept = definition.model_dump(mode="json")
    ours = and_(JobRow.organisation_id == organisation.organisation_id, JobRow.key == definition.key)
    kept_row = select(JobRow).where(_KEPT, ours).execution_options(populate_existing=True)
    row = session.scalars(kept_row).one_or_none()
    if row is None:
        row, change = _new_row(session, definition, agent, now=now, new_id=new_id), _CREATED
    elif _same(_definition(session, row), definition):
        if kept_in in (None, row.kept_in):
            return _stored(row, kept), "unchanged"
        row.kept_in = kept_in
        session.flush()
        return _stored(row, kept), _CHANGED
    else:
        row.version += 1
        if row.owner != definition.owner:
            keys.forget_private(session, row.organisation_id, row.id)
        row.agent_id, row.name = agent.agent_id, definition.name
        row.owner, row.visibility = definition.owner, definition.visibility
        change = _CHANGED
    row.kept_in = kept_in or row.kept_in
    session.add(row)
    session.flush()
    session.add(JobVersionRow(job_id=row.id, version=row.version, definition=kept, saved_at=now, note=note))
    session.flush()
    periods.follow(session, row.id, row.version, plan_of(definition, organisation.definition), now=now)
    return _stored(row, kept), change


def by_id(session: Session, job_id: str) -> StoredJob | None:
    """Return a job; None when it is unknown or deleted."""
    return next(iter(_found(session, JobRow.id == job_id)), None)


def by_ids(session: Session, job_ids: Collection[str]) -> dict[str, StoredJob]:
    """Return jobs by their ids, without those that are unknown, deleted or cannot be read."""
    return {job.job_id: job for job in _found(session, JobRow.id.in_(job_ids))}


def by_key(session: Session, organisation_id: str, key: str) -> StoredJob | None:
    """Return the organisation's job of that key; None when it is unknown or deleted."""
    return next(iter(_found(session, and_(JobRow.organisation_id == organisation_id, JobRow.key == key))), None)


def all_jobs(session: Session) -> list[StoredJob]:
    """Return the jobs of all organisations, by the id of their DAG; one that cannot be read is left out and logged."""
    return _found(session, _KEPT)


def counts(session: Session, organisation_id: str, *, owner: str) -> dict[str, int]:
    """Return how many jobs each agent of an organisation has that `owner` sees, by the agent's id."""
    seen = or_(JobRow.visibility == "organisation", JobRow.owner == owner)
    ours = and_(_KEPT, JobRow.organisation_id == organisation_id, seen)
    found = session.execute(select(JobRow.agent_id, func.count()).where(ours).group_by(JobRow.agent_id))
    return {str(agent_id): int(count) for agent_id, count in found}


def standing(session: Session, job_id: str) -> Owned | None:
    """Return whose a job is, or was when it was deleted; None when it is unknown.

    What questions outside any job hang on is found here too: its owner's alone.
    """
    row = session.get(JobRow, job_id)
    return Owned(row.id, row.organisation_id, row.owner, row.visibility == "private") if row else None


def standings(session: Session, organisation_id: str) -> dict[str, Owned]:
    """Return whose each job of an organisation is, by key and in its order; deleted ones are left out."""
    found = _owned(session, organisation_id, JobRow.key)
    # Sorted here: databases disagree about the order of letters and signs.
    return dict(sorted(found, key=lambda each: each[0]))


def nameable(session: Session, organisation_id: str) -> list[Nameable]:
    """Return an organisation's jobs, everybody's private ones too, by name."""
    found = [Nameable(job, name) for name, job in _owned(session, organisation_id, JobRow.name)]
    return sorted(found, key=lambda each: (each.name.casefold(), each.job.job_id))


def _owned(session: Session, organisation_id: str, called: InstrumentedAttribute[str]) -> list[tuple[str, Owned]]:
    wanted = select(called, JobRow.id, JobRow.owner, JobRow.visibility)
    rows = session.execute(wanted.where(_KEPT, JobRow.organisation_id == organisation_id)).all()
    return [(name, Owned(id_, organisation_id, owner, seen == "private")) for name, id_, owner, seen in rows]


def id_by_dag(session: Session, dag_id: str) -> str | None:
    """Return the id of a DAG's job, a deleted one's too; None for a DAG that is not ours."""
    return session.scalar(select(JobRow.id).where(JobRow.dag_id == dag_id, _JOB))


def snapshot(session: Session, job_id: str) -> Snapshot | None:
    """Return a job with its agent and organisation as they are now; None when it is unknown or deleted."""
    job = by_id(session, job_id)
    agent = agents.by_id(session, job.agent_id) if job else None
    organisation = organisations.by_id(session, job.organisation_id) if job else None
    return Snapshot(job, agent, organisation) if job and agent and organisation else None


def is_deleted(session: Session, job_id: str) -> bool:
    """Return whether a job was deleted; one that cannot be read was not."""
    return session.scalar(select(JobRow.deleted_at).where(JobRow.id == job_id)) is not None


def mark_deleted(session: Session, job_id: str, *, now: datetime) -> None:
    """Take a job out of every list; its runs and chats stay, its key is free again, its schedule ends."""
    gone = update(JobRow).where(JobRow.id == job_id, _KEPT).values(deleted_at=now).returning(JobRow.version)
    version = session.scalar(gone)
    if version is not None:
        periods.follow(session, job_id, version, None, now=now)


def _new_row(
    session: Session, definition: Job, agent: StoredAgent, *, now: datetime, new_id: Callable[[], str]
) -> JobRow:
    job_id = new_id()
    # The DAG's id holds four letters of the job's, so a second job of that name can meet one; deleted jobs count.
    while session.scalar(select(JobRow.id).where(JobRow.dag_id == _dag_id(definition, job_id))):
        job_id = new_id()
    return JobRow(
        id=job_id,
        organisation_id=agent.organisation_id,
        agent_id=agent.agent_id,
        key=definition.key,
        name=definition.name,
        purpose="job",
        dag_id=_dag_id(definition, job_id),
        version=1,
        owner=definition.owner,
        visibility=definition.visibility,
        created_at=now,
    )


def _dag_id(definition: Job, job_id: str) -> str:
    return naming.dag_id(definition.name, job_id, private=definition.is_private)


def _definition(session: Session, row: JobRow) -> dict[str, Any]:
    return session.get_one(JobVersionRow, (row.id, row.version)).definition


def _same(kept: dict[str, Any], definition: Job) -> bool:
    try:
        # What an earlier version kept lacks the keys that came later. Compared as text: the order of parameters and
        # values decides the order of chats.
        return Job.model_validate(kept, context=STORED).model_dump_json() == definition.model_dump_json()
    except ValidationError:
        return False


def _found(session: Session, condition: ColumnElement[bool]) -> list[StoredJob]:
    wanted = select(JobRow, JobVersionRow.definition).join(JobVersionRow, _NEWEST).where(_KEPT, condition)
    found: list[StoredJob] = []
    # Anew, since the definition is: a row that the session holds would say an earlier version of it.
    wanted = wanted.order_by(JobRow.dag_id).execution_options(populate_existing=True)
    for row, definition in session.execute(wanted):
        try:
            found.append(_stored(row, definition))
        except ValidationError:
            # What is wrong with it would quote the definition.
            log.error("Job %s cannot be read into a definition; the others are there", row.id)
    return found


def _stored(row: JobRow, definition: dict[str, Any]) -> StoredJob:
    return StoredJob(
        job_id=row.id,
        organisation_id=row.organisation_id,
        agent_id=row.agent_id,
        dag_id=row.dag_id,
        version=row.version,
        definition=Job.model_validate(definition, context=STORED),
        kept_in=row.kept_in,
    )
