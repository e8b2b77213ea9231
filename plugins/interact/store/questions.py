"""What questions outside any job hang on: a hidden row of `jobs` for each agent, person and purpose.

It is private to its person, has no version and no DAG of its own, and is no job: no list of jobs shows it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from interact.jobs.naming import QUESTIONS_DAG, new_id
from interact.jobs.stored import StoredAgent
from interact.store.tables import JobRow

Purpose = Literal["questions", "asides"]
"""`questions` stand in the lists of chats; `asides`, previews of drafts and further questions of a thread, in none."""


def find(session: Session, agent: StoredAgent, person: str, purpose: Purpose) -> str | None:
    """Return the id of what somebody's questions to an agent hang on; None before the first."""
    ours = (JobRow.organisation_id == agent.organisation_id, JobRow.key == _key(agent, person, purpose))
    return session.scalar(select(JobRow.id).where(*ours))


def place(session: Session, agent: StoredAgent, person: str, purpose: Purpose, *, now: datetime) -> str:
    """Return the same, made when it is not there; safe for two at once, of which both get the first one's."""
    found = find(session, agent, person, purpose)
    if found:
        return found
    job_id = new_id("job")
    row = {
        "id": job_id,
        "organisation_id": agent.organisation_id,
        "agent_id": agent.agent_id,
        "key": _key(agent, person, purpose),
        "name": f"{purpose.capitalize()} of {person}",
        "purpose": purpose,
        "dag_id": f"{QUESTIONS_DAG}:{job_id}",  # Holds the place alone: each row has another one.
        "version": 0,
        "owner": person,
        "visibility": "private",
        "created_at": now,
    }
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert(JobRow) if on_sqlite else postgresql.insert(JobRow)
    made = session.scalar(insert.values(row).on_conflict_do_nothing().returning(JobRow.id))
    return made or place(session, agent, person, purpose, now=now)


def purpose_of(session: Session, job_id: str) -> Purpose | None:
    """Return what hangs on a row; None for a job's, and for one that is unknown."""
    purpose = session.scalar(select(JobRow.purpose).where(JobRow.id == job_id))
    return "questions" if purpose == "questions" else "asides" if purpose == "asides" else None


def _key(agent: StoredAgent, person: str, purpose: Purpose) -> str:
    """Return a key that no job can have, since theirs hold no colon: two rows of one person cannot be."""
    return f"{purpose}:{agent.agent_id}:{person}"
