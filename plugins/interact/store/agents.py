"""Agents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from interact.errors import NotFound
from interact.jobs.definition import Agent
from interact.jobs.naming import new_id
from interact.jobs.stored import NEWEST, Change, StoredAgent, Version
from interact.store import organisations
from interact.store.tables import AgentRow, AgentVersionRow, JobRow


def save(
    session: Session, definition: Agent, *, now: datetime, saved_by: str | None = None
) -> tuple[StoredAgent, Change]:
    """Create the agent of that key, or give it a new version when its definition differs; raises NotFound.

    The semantic model has to be inside the definition. `saved_by` is `user:NAME` or `file:NAME`.
    """
    organisation = organisations.held(session, definition.organisation)
    if organisation is None:
        raise NotFound("organisation", definition.organisation)
    kept = definition.model_dump(mode="json")
    row = _row(session, organisation.organisation_id, definition.key)
    if row is None:
        row = AgentRow(
            id=new_id("agent"),
            organisation_id=organisation.organisation_id,
            key=definition.key,
            version=1,
            definition=kept,
            created_at=now,
            updated_at=now,
        )
        change: Change = "created"
    elif _same(row.definition, definition):
        return _stored(row), "unchanged"
    else:
        row.version, row.definition, row.updated_at, change = row.version + 1, kept, now, "changed"
    session.add(row)
    session.flush()
    version = AgentVersionRow(agent_id=row.id, version=row.version, definition=kept, saved_at=now, saved_by=saved_by)
    session.add(version)
    session.flush()
    return _stored(row), change


def versions(session: Session, agent_id: str, *, before: int | None = None, limit: int = 20) -> list[Version[Agent]]:
    """Return an agent's saves, newest first; `before` is the number of the last one that was shown."""
    wanted = select(AgentVersionRow).where(AgentVersionRow.agent_id == agent_id)
    if before is not None:
        wanted = wanted.where(AgentVersionRow.version < before)
    return [_version(row) for row in session.scalars(wanted.order_by(AgentVersionRow.version.desc()).limit(limit))]


def version(session: Session, agent_id: str, number: int) -> Version[Agent] | None:
    """Return one save of an agent."""
    row = session.get(AgentVersionRow, (agent_id, number)) if 0 < number <= NEWEST else None
    return _version(row) if row else None


def job_count(session: Session, agent_id: str) -> int:
    """Return how many jobs an agent has, everybody's private ones too."""
    kept = (JobRow.agent_id == agent_id, JobRow.purpose == "job", JobRow.deleted_at.is_(None))
    return session.scalar(select(func.count()).select_from(JobRow).where(*kept)) or 0


def by_key(session: Session, organisation_id: str, key: str) -> StoredAgent | None:
    """Return the organisation's agent of that key."""
    row = _row(session, organisation_id, key)
    return _stored(row) if row else None


def by_id(session: Session, agent_id: str) -> StoredAgent | None:
    """Return the agent of that id."""
    row = session.get(AgentRow, agent_id)
    return _stored(row) if row else None


def all_of(session: Session, organisation_id: str) -> list[StoredAgent]:
    """Return an organisation's agents, by key."""
    rows = session.scalars(select(AgentRow).where(AgentRow.organisation_id == organisation_id).order_by(AgentRow.key))
    return [_stored(row) for row in rows]


def _row(session: Session, organisation_id: str, key: str) -> AgentRow | None:
    wanted = select(AgentRow).where(AgentRow.organisation_id == organisation_id, AgentRow.key == key)
    return session.scalars(wanted).one_or_none()


def _same(kept: dict[str, Any], definition: Agent) -> bool:
    try:
        # What an earlier version kept lacks the keys that came later. Compared as text: the order of dimensions and
        # metrics is part of a model.
        return Agent.model_validate(kept).model_dump_json() == definition.model_dump_json()
    except ValidationError:
        return False


def _version(row: AgentVersionRow) -> Version[Agent]:
    return Version(row.version, Agent.model_validate(row.definition), row.saved_at, row.saved_by)


def _stored(row: AgentRow) -> StoredAgent:
    return StoredAgent(row.id, row.organisation_id, Agent.model_validate(row.definition), row.version)
