"""A service that answers, through the story: its chat, its claims, and a worker that is killed on the way."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.asking_a_service import answered_by_service
from builders.crashing import ROOT
from builders.remote_services import REPORTED, RUNNING, SPEND, FakeService, remote_service
from builders.story import a_desk, a_job
from interact.chats.figures import resolve
from interact.chats.status import ChatStatus
from interact.errors import AgentRefused, NotStartable
from interact.runs.accept import Ask, accept
from interact.runs.ask import OpenAttempt, stop
from interact.runs.desk import Desk
from interact.runs.render import results_of
from interact.store import chats


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = a_desk(tmp_path)
    yield desk
    desk.store.rest()


def a_chat(desk: Desk) -> str:
    return accept(desk, Ask(a_job(desk).job_id, {}, "user:ada")).chats[0].chat_id


def killed(desk: Desk, chat_id: str, service: FakeService) -> None:
    """Let a worker ask, and kill it once it has seen the run."""
    folders = os.pathsep.join(str(ROOT / name) for name in ("plugins", "tests"))
    home = str(desk.settings.home)
    command = [sys.executable, "-m", "builders.asking_a_service", home, chat_id, service.url]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": folders}) as worker:
        assert service.looked.wait(30)
        worker.kill()


def test_its_answer_is_in_the_chat_and_its_results_are_claims(desk: Desk) -> None:
    with remote_service({"status": "running", "messages": [{"seq": 1, "text": "One moment."}]}, REPORTED) as service:
        attempt = answered_by_service(desk, a_chat(desk), service.url)
    assert attempt.status is ChatStatus.COMPLETED
    assert (attempt.model, attempt.cost_usd, attempt.usage["input_tokens"]) == ("their-model-1", 0.02, 900)
    (query,) = attempt.queries
    assert (query.is_claimed, query.title, query.sql, query.row_count) == (True, SPEND["title"], SPEND["sql"], 2)
    said = [resolve(each.text, results_of(desk, attempt)) for each in attempt.messages]
    assert said == ["What did NL spend?", "One moment.", "NL spent €1,234."]
    assert [(each.column.label, each.value) for each in attempt.metrics] == [("Spend", 1234.0)]


def test_a_worker_that_is_killed_leaves_one_run_that_the_next_try_finds(desk: Desk) -> None:
    chat_id = a_chat(desk)
    with remote_service({**RUNNING, "results": [SPEND]}) as service:
        killed(desk, chat_id, service)
        service.states = [REPORTED]
        attempt = answered_by_service(desk, chat_id, service.url)
    assert len(service.runs) == 1
    assert [call.path for call in service.calls if call.method == "POST"] == ["/v1/runs"]
    assert (attempt.number, attempt.status, attempt.continues) == (2, ChatStatus.COMPLETED, 1)
    assert [query.title for query in attempt.queries] == [SPEND["title"]]
    assert [each.value for each in attempt.metrics] == [1234.0]


def begun_elsewhere(desk: Desk, chat_id: str) -> None:
    with desk.store.writing() as session:
        chats.begin_attempt(session, chat_id, now=desk.now())


def test_a_try_that_a_newer_one_replaced_leaves_it_the_run_and_the_results(desk: Desk) -> None:
    chat_id = a_chat(desk)
    with remote_service({**RUNNING, "results": [SPEND]}) as service:

        def replaced(handler: object) -> None:
            begun_elsewhere(desk, chat_id)
            handler.tell()  # type: ignore[attr-defined]

        service.acts = [lambda handler: handler.take(), lambda handler: handler.tell(), replaced]
        with pytest.raises(NotStartable, match="is not answered by this task any more"):
            answered_by_service(desk, chat_id, service.url)
        service.states = [{**REPORTED, "results": [{**SPEND, "rows": [["NL", 9999.0]]}]}]
        attempt = answered_by_service(desk, chat_id, service.url)
        assert (service.cancelled, len(service.runs)) == ([], 1)
    assert [each.value for each in attempt.metrics] == [1234.0]
    assert resolve(attempt.messages[-1].text, results_of(desk, attempt)) == "NL spent €1,234."


def test_a_chat_that_was_answered_is_answered_anew_with_results_of_its_own(desk: Desk) -> None:
    chat_id = a_chat(desk)
    with remote_service(REPORTED) as service:
        first, second = (answered_by_service(desk, chat_id, service.url) for _ in range(2))
        assert len(service.runs) == 2
    assert (second.number, second.continues) == (2, None)
    assert [query.title for query in second.queries] == [SPEND["title"]]
    assert {query.result_id for query in first.queries} & set(results_of(desk, second)) == set()


def test_what_a_service_says_in_between_is_traced_too(desk: Desk) -> None:
    messages = [{"seq": 1, "text": "NL spent €1,234, and BE €77."}]
    with remote_service({**RUNNING, "results": [SPEND], "messages": messages}, REPORTED) as service:
        attempt = answered_by_service(desk, a_chat(desk), service.url)
    assert [each.text for each in attempt.messages][1] == "NL spent €1,234, and BE [[?€77]]."
    assert (attempt.status, attempt.untraced) == (ChatStatus.COMPLETED, 1)


def test_a_step_of_a_try_that_a_newer_one_replaced_is_not_kept(desk: Desk) -> None:
    chat_id = a_chat(desk)
    with remote_service(RUNNING) as service:

        def replaced(handler: object) -> None:
            begun_elsewhere(desk, chat_id)
            handler.take()  # type: ignore[attr-defined]

        service.acts = [replaced]
        with pytest.raises(NotStartable, match="is not answered by this task any more"):
            answered_by_service(desk, chat_id, service.url)
    begun_elsewhere(desk, chat_id)
    with desk.store.reading() as session:
        assert chats.steps_before(session, chat_id, 3) == ()


def test_a_task_that_airflow_ends_cancels_its_run(desk: Desk) -> None:
    chat_id = a_chat(desk)
    with remote_service(RUNNING) as service:

        def ended(handler: object) -> None:
            stop(desk, OpenAttempt(chat_id, 1), reason="Stopped in Airflow before it had answered.")
            handler.tell()  # type: ignore[attr-defined]

        service.acts = [lambda handler: handler.take(), ended]
        with pytest.raises(NotStartable, match="is not answered by this task any more"):
            answered_by_service(desk, chat_id, service.url)
        assert service.cancelled == ["run-1"]
    with desk.store.reading() as session:
        assert chats.attempts(session, chat_id)[0].reason == "Stopped in Airflow before it had answered."


def test_what_a_failed_run_has_used_is_kept(desk: Desk) -> None:
    chat_id = a_chat(desk)
    failed = {"status": "failed", "error": "No data.", "usage": {"requests": 3, "input_tokens": 70}, "cost_usd": 0.5}
    with remote_service(failed) as service, pytest.raises(AgentRefused, match=r"as failed, 'No data\.'"):
        answered_by_service(desk, chat_id, service.url)
    with desk.store.reading() as session:
        (attempt,) = chats.attempts(session, chat_id)
    assert (dict(attempt.usage), attempt.cost_usd) == ({"requests": 3, "input_tokens": 70}, 0.5)
