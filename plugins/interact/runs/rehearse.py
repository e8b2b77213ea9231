"""Go through a run once and leave nothing: what is slow the first time has then been done, for all that is forked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from typing import cast

from interact.agents.contract import Answer, Journal, Question
from interact.jobs.definition import Agent, Job, Organisation
from interact.jobs.naming import new_id
from interact.jobs.stored import Published, StoredJob
from interact.runs.accept import Ask, accept
from interact.runs.airflow import Airflow
from interact.runs.announce import announce
from interact.runs.ask import ask, open_attempt
from interact.runs.begin import Begun, DagRun, begin
from interact.runs.desk import Desk
from interact.store import agents, jobs, organisations
from interact.store.published import published
from interact.store.sessions import Session, Store
from interact.warehouse.queries import Warehouse

_MODEL = {
    "name": "rehearsal",
    "label": "Rehearsal",
    "base_table": "rehearsal",
    "time_dimension": {"name": "day", "label": "Day", "expr": "day"},
    "dimensions": [{"name": "market", "label": "Market", "plural": "Markets", "expr": "market"}],
    "metrics": [{"name": "spend", "label": "Spend", "agg": "sum", "expr": "spend", "format": "number"}],
    "default_metrics": ["spend"],
    "default_dimension": "market",
}


def rehearse(desk: Desk, build: Callable[[Published], object]) -> None:
    """Accept, begin, answer and announce a run of a job that never was, in one transaction that is given up.

    SQLAlchemy makes each statement once a process, and keeps it with the engine. `build` makes the job's DAG. Raises
    StoreUnavailable.
    """
    with desk.store.writing() as session:
        _play(replace(desk, store=_Stage(session)), session, build)
        session.rollback()
    desk.store.rest()


class _Stage(Store):
    """A store whose one session is open for the whole play."""

    def __init__(self, session: Session) -> None:
        self._only = session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give the session."""
        yield self._only

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give the session; nothing is kept when the `with` ends."""
        yield self._only
        self._only.flush()


class _Extra:
    """An agent without a text."""

    def answer(self, question: Question, warehouse: Warehouse, journal: Journal) -> Answer:
        """Say nothing."""
        return Answer("")


def _play(desk: Desk, session: Session, build: Callable[[Published], object]) -> None:
    job = _job(session, now=desk.now())
    (row,) = published(session, only=job.dag_id)
    build(Published.of(row))
    run = accept(desk, Ask(job.job_id, {}, "airflow")).run
    dag_run = DagRun(job.job_id, run.dag_id, run.dag_run_id, "airflow", {}, run.run_after, run.clear_number)
    begun = begin(desk, dag_run, cast(Airflow, None))  # Nobody asks it: the job waits for no data.
    if isinstance(begun, Begun):
        ((chat_id, _),) = begun.chats
        attempt = open_attempt(desk, chat_id, dag_id=run.dag_id, dag_run_id=run.dag_run_id)
        ask(desk, attempt, open_warehouse=lambda *_: nullcontext(Warehouse()), find_agent=lambda _: _Extra())
    announce(desk, dag_id=run.dag_id, dag_run_id=run.dag_run_id)


def _job(session: Session, *, now: datetime) -> StoredJob:
    key = new_id("job").replace("_", "-")  # Nobody else's.
    named = {"key": key, "organisation": key, "name": "Rehearsal"}
    organisations.save(session, Organisation(key=key, name="Rehearsal", timezone="UTC"), now=now)
    agents.save(session, Agent.model_validate({**named, "warehouse": "none", "semantic_model": _MODEL}), now=now)
    parameters = {"market": {"values": ["NL", "BE"], "default": ["NL"]}}
    plain = {**named, "agent": key, "owner": "airflow", "prompt": "{{ market }}", "parameters": parameters}
    return jobs.save(session, Job.model_validate(plain), now=now)[0]
