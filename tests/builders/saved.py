"""Definitions, and what the store makes of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from interact.chats.record import Chat, QueryRecord, Run
from interact.jobs.channels import Channel
from interact.jobs.definition import Agent, Job, Organisation
from interact.jobs.naming import QUESTIONS_DAG, new_id
from interact.jobs.stored import Snapshot, StoredAgent, StoredJob
from interact.store import agents, jobs, organisations, questions, runs
from interact.store.questions import Purpose

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def later(**how: float) -> datetime:
    """Return an instant after NOW."""
    return NOW + timedelta(**how)


def an_organisation(**changes: Any) -> Organisation:
    """An organisation in Amsterdam."""
    return Organisation.model_validate({"key": "north", "name": "North", "timezone": "Europe/Amsterdam"} | changes)


def an_agent(**changes: Any) -> Agent:
    """An agent of it."""
    plain = {"key": "analyst", "organisation": "north", "name": "Analyst", "warehouse": "w", "semantic_model": {"a": 1}}
    return Agent.model_validate(plain | changes)


def a_channel(**changes: Any) -> Channel:
    """A channel of the organisation, to the team by email."""
    plain = {"key": "mail", "organisation": "north", "name": "Mail", "type": "email", "connection": "smtp_default"}
    return Channel.model_validate(plain | {"recipients": ["team@example.com"]} | changes)


def a_job(**changes: Any) -> Job:
    """A job of that agent, with the parameter market."""
    plain = {
        "key": "weekly",
        "organisation": "north",
        "agent": "analyst",
        "name": "Weekly report",
        "prompt": "What did {{ market }} spend?",
        "owner": "ada",
        "parameters": {"market": {"values": ["NL", "BE", "DE"], "default": "NL"}},
    }
    return Job.model_validate(plain | changes)


def save_job(session: Session, **changes: Any) -> StoredJob:
    """Save a job with its organisation and agent."""
    organisations.save(session, an_organisation(), now=NOW)
    agents.save(session, an_agent(), now=NOW)
    return jobs.save(session, a_job(**changes), now=NOW)[0]


def snapshot_of(session: Session, job: StoredJob) -> Snapshot:
    """Return a job's snapshot as it is now."""
    found = jobs.snapshot(session, job.job_id)
    assert found is not None
    return found


def accept(
    session: Session, job: StoredJob, markets: tuple[str, ...] = ("NL",), *, now: datetime = NOW, **changes: Any
) -> tuple[Run, tuple[Chat, ...]]:
    """Accept a run of a job, one chat a market."""
    run_id = new_id("run")
    plain = {
        "run_id": run_id,
        "dag_run_id": run_id,
        "initiator": "key:ci",
        "snapshot": snapshot_of(session, job),
        "combinations": tuple({"market": market} for market in markets),
        "prompts": tuple(f"What did {market} spend?" for market in markets),
        "run_after": now,
    }
    return runs.accept(session, runs.Acceptance(**(plain | changes)), now=now)


def save_agent(session: Session, **changes: Any) -> StoredAgent:
    """Save an agent with its organisation."""
    organisations.save(session, an_organisation(), now=NOW)
    return agents.save(session, an_agent(**changes), now=NOW)[0]


def ask(
    session: Session, agent: StoredAgent, person: str = "ada", purpose: Purpose = "questions", **changes: Any
) -> Chat:
    """Accept a question outside any job, and return its chat."""
    now = changes.setdefault("run_after", NOW)
    job_id = questions.place(session, agent, person, purpose, now=now)
    organisation = organisations.by_id(session, agent.organisation_id)
    assert organisation is not None
    definition = a_job(key="question", name="Spend so far", owner=person, visibility="private", parameters={})
    job = StoredJob(job_id, agent.organisation_id, agent.agent_id, QUESTIONS_DAG, 0, definition)
    run_id = new_id("run")
    plain = {
        "run_id": run_id,
        "dag_run_id": run_id,
        "initiator": f"user:{person}",
        "snapshot": Snapshot(job, agent, organisation),
        "combinations": ({},),
        "prompts": ("Spend so far?",),
    }
    _, (chat,) = runs.accept(session, runs.Acceptance(**(plain | changes)), now=now)
    return chat


def a_query(**changes: Any) -> QueryRecord:
    """A query that returned three rows."""
    plain = {
        "result_id": new_id("result"),
        "title": "Spend",
        "sql": "SELECT 1",
        "row_count": 3,
        "truncated": False,
        "elapsed_seconds": 0.25,
        "rows_sha256": "ab" * 32,
        "failure": None,
    }
    return QueryRecord(**(plain | changes))
