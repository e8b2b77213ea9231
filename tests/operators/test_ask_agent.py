"""A job's time limit ends its answer for good."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException
from airflow.sdk.execution_time.timeout import TimeoutPosix

from builders.asking import an_agent, asked
from builders.story import a_desk, a_job
from interact.chats.status import ChatStatus
from interact.errors import StoreUnavailable
from interact.operators.ask_agent import AskAgentOperator
from interact.runs import ask as asking
from interact.runs.accept import Accepted, Ask, accept
from interact.runs.desk import Desk
from interact.store import chats


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk that the settings name."""
    monkeypatch.setenv("INTERACT_HOME", str(tmp_path))
    return a_desk(tmp_path)


def accepted(desk: Desk) -> Accepted:
    """A run with one chat."""
    return accept(desk, Ask(a_job(desk).job_id, {}, "key:ci"))


def stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the agent never answer."""
    monkeypatch.setattr(asking, "ask", lambda *_, **__: time.sleep(30))


def execute(run: Accepted) -> Any:
    """Run the task, with Airflow's own alarm set to a moment."""
    task = AskAgentOperator(task_id="ask", chat={"chat_id": run.chats[0].chat_id, "label": "NL"})
    with TimeoutPosix(seconds=0.3):
        dag_run = SimpleNamespace(dag_id=run.run.dag_id, run_id=run.run.dag_run_id, clear_number=0)
        return task.execute({"dag_run": dag_run})  # type: ignore[typeddict-item]


def test_an_answer_that_hits_the_limit_is_not_tried_again_and_its_chat_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = accepted(desk)
    stuck(monkeypatch)
    with pytest.raises(AirflowFailException, match=r"Stopped at the job's time limit"):
        execute(run)
    with desk.store.reading() as session:
        chat = chats.by_id(session, run.chats[0].chat_id)
    assert chat is not None and chat.status is ChatStatus.FAILED
    assert str(chat.reason).startswith("Stopped at the job's time limit")


def test_a_question_that_hits_the_limit_says_what_to_do_about_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    run = asked(desk, an_agent(desk))
    stuck(monkeypatch)
    with pytest.raises(AirflowFailException, match=r"time limit of questions and previews, .* save it as a job"):
        execute(run)
    with desk.store.reading() as session:
        chat = chats.by_id(session, run.chats[0].chat_id)
    assert chat is not None and str(chat.reason).startswith("Stopped at the time limit of questions and previews")


def test_a_store_that_is_away_at_that_moment_does_not_make_it_try_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("The store went away.")

    run = accepted(desk)
    stuck(monkeypatch)
    monkeypatch.setattr(asking, "stop", away)
    with pytest.raises(AirflowFailException, match=r"Stopped at the job's time limit"):
        execute(run)


def test_an_answer_leaves_counts_in_the_log_and_nothing_in_airflow(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = accepted(desk)
    monkeypatch.setattr(asking, "ask", lambda *_, **__: {"queries": 2, "rows": 7})
    with caplog.at_level("INFO"):
        returned = execute(run)
    assert returned is None
    assert caplog.messages == ["Answered after 2 queries, which returned 7 rows"]
