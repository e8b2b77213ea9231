"""Who answered a chat, with which versions, and what that took, in one line."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from builders.asking_a_service import answered_by_service
from builders.remote_services import ANSWERED, remote_service
from builders.story import a_desk, a_job
from interact.api.turns import turn_of
from interact.chats.record import Attempt
from interact.jobs.naming import QUESTIONS_DAG
from interact.jobs.stored import Snapshot
from interact.runs.accept import Accepted, Ask, accept
from interact.runs.desk import Desk
from interact.store import runs


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = a_desk(tmp_path)
    yield desk
    desk.store.rest()


@pytest.fixture
def answered(desk: Desk) -> tuple[Accepted, Attempt]:
    """A run of a job, and its one chat's answer by a service."""
    accepted = accept(desk, Ask(a_job(desk).job_id, {}, "user:ada"))
    with remote_service(ANSWERED) as service:
        return accepted, answered_by_service(desk, accepted.chats[0].chat_id, service.url)


def line(desk: Desk, answered: tuple[Accepted, Attempt], snapshot: Snapshot | None, **changes: object) -> str:
    accepted, attempt = answered
    changed = replace(attempt, **changes)  # type: ignore[arg-type]
    return turn_of(desk, accepted.run, accepted.chats[0], changed, "What?", snapshot=snapshot).usage


def snapshot_of(desk: Desk, answered: tuple[Accepted, Attempt]) -> Snapshot:
    with desk.store.reading() as session:
        return runs.snapshot_of(session, answered[0].run.run_id)


def test_the_line_names_model_versions_queries_tokens_and_cost(desk: Desk, answered: tuple[Accepted, Attempt]) -> None:
    snapshot = snapshot_of(desk, answered)
    assert line(desk, answered, snapshot) == (
        "Answered by their-model-1 · job v1 · agent v1 · context v1 · 1 query · 1,000 tokens · $0.02"
    )
    cheap = {"queries": 2, "input_tokens": 10}
    assert line(desk, answered, snapshot, usage=cheap, cost_usd=0.00042).endswith("2 queries · 10 tokens · $0.0004")


def test_who_gave_no_name_is_told_by_kind_and_a_question_has_no_job(
    desk: Desk, answered: tuple[Accepted, Attempt]
) -> None:
    snapshot = snapshot_of(desk, answered)
    question = replace(snapshot, job=replace(snapshot.job, dag_id=QUESTIONS_DAG))
    told = line(desk, answered, question, model="", usage={"queries": 1}, cost_usd=None)
    assert told == "Answered by the embedded analyst · agent v1 · context v1 · 1 query"
    assert line(desk, answered, None, cost_usd=None) == "1 query · 1,000 tokens"
