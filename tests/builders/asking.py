"""Somebody who asks outside any job, and the tasks that answer."""

from typing import Any

from builders.fake_airflow import FakeAirflow
from builders.story import Says, a_job, answered
from interact.agents.contract import Answer
from interact.chats.record import Chat, Run
from interact.jobs.rights import Person
from interact.jobs.stored import StoredAgent
from interact.runs.accept import Accepted
from interact.runs.announce import announce
from interact.runs.begin import Begun, DagRun, Passed, begin
from interact.runs.desk import Desk
from interact.runs.question import Inquiry, accept_question
from interact.store import agents, chats, runs

TALKS = Says(lambda question, warehouse: Answer("Spend was 12."))
"""An agent that says one thing."""


def an_agent(desk: Desk, **changes: Any) -> StoredAgent:
    """Return the agent of a desk with one job."""
    job = a_job(desk, **changes)
    with desk.store.reading() as session:
        agent = agents.by_id(session, job.agent_id)
    if agent is None:
        raise LookupError(job.agent_id)
    return agent


def somebody(agent: StoredAgent, name: str = "ada") -> Person:
    """Return a member of the agent's organisation."""
    return Person(name, agent.organisation_id, "member")


def asked(
    desk: Desk, agent: StoredAgent, prompt: str = "What did NL spend?", who: str = "ada", **more: Any
) -> Accepted:
    """Accept a question."""
    return accept_question(desk, somebody(agent, who), Inquiry(agent.agent_id, prompt, **more))


def begun(desk: Desk, run: Run, **changes: Any) -> Begun | Passed:
    """Let the first task of `interact_ask` begin a run."""
    plain = {"job_id": "", "dag_id": run.dag_id, "dag_run_id": run.dag_run_id, "initiator": run.initiator, "conf": {}}
    return begin(desk, DagRun(**(plain | {"run_after": run.run_after, "clear_number": 0} | changes)), FakeAirflow())


def answer(desk: Desk, accepted: Accepted, agent: Says = TALKS) -> Chat:
    """Let all tasks answer it, and return its chat."""
    begun(desk, accepted.run)
    answered(desk, accepted.chats[0].chat_id, agent)
    announce(desk, dag_id=accepted.run.dag_id, dag_run_id=accepted.run.dag_run_id)
    return chat_of(desk, accepted)


def chat_of(desk: Desk, accepted: Accepted) -> Chat:
    """Return its chat as it stands."""
    with desk.store.reading() as session:
        chat = chats.by_id(session, accepted.chats[0].chat_id)
    if chat is None:
        raise LookupError(accepted.chats[0].chat_id)
    return chat


def run_of(desk: Desk, accepted: Accepted) -> Run:
    """Return its run as it stands."""
    with desk.store.reading() as session:
        return runs.by_id(session, accepted.run.run_id)
