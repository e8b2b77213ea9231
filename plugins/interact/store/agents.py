"""Agents."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from interact.errors import NotFound
from interact.jobs.definition import Agent
from interact.jobs.naming import new_id
from interact.jobs.stored import Change, StoredAgent
from interact.store import organisations
from interact.store.tables import AgentRow


def save(session: Session, definition: Agent, *, now: datetime) -> tuple[StoredAgent, Change]:
    """Create or change the agent of that key, and return it with what happened; raises NotFound.

    The semantic model has to be inside the definition.
    """
    organisation = organisations.by_key(session, definition.organisation)
    if organisation is None:
        raise NotFound("organisation", definition.organisation)
    kept = definition.model_dump(mode="json")
    row = _row(session, organisation.organisation_id, definition.key)
    if row is None:
        row = AgentRow(
            id=new_id("agent"),
            organisation_id=organisation.organisation_id,
            key=definition.key,
            definition=kept,
            created_at=now,
            updated_at=now,
        )
        session.add(row)
        session.flush()
        return _stored(row), "created"
    # Compared as text: the order of dimensions and metrics is part of a model.
    if json.dumps(row.definition) == json.dumps(kept):
        return _stored(row), "unchanged"
    row.definition, row.updated_at = kept, now
    session.flush()
    return _stored(row), "changed"


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


def _stored(row: AgentRow) -> StoredAgent:
    return StoredAgent(row.id, row.organisation_id, Agent.model_validate(row.definition))
