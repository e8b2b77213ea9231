"""A language model's chat: written while it happens, gone on with after a crash, ended when nobody wants it."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from builders.asked_models import PATIENT, AskedChat, a_chat
from builders.llm import WEEK, reports, tells_spend
from builders.model_servers import KEY, ModelServer, a_model_server, calls, fails, hangs
from builders.story import a_desk
from interact.agents.unanswered import ModelUnavailable
from interact.chats.figures import resolve
from interact.chats.status import ChatStatus
from interact.errors import NotStartable
from interact.runs.cancel import cancel
from interact.runs.render import results_of
from interact.store.tables import StepRow

ROOT = Path(__file__).resolve().parents[2]
DAYS = "First and last day of the data"
LOOKS = calls("query_metrics", "Let me look at the spend.", **WEEK)


@pytest.fixture
def chat(tmp_path: Path) -> AskedChat:
    """A chat that waits, on a fresh store."""
    return a_chat(a_desk(tmp_path))


def said(chat: AskedChat) -> list[str]:
    attempt = chat.attempt
    results = results_of(chat.desk, attempt)
    return [resolve(message.text, results) for message in attempt.messages]


def test_a_chat_holds_what_was_said_queried_and_used(chat: AskedChat) -> None:
    with a_model_server(LOOKS, tells_spend) as server:
        assert chat.answered(server.url) == {"queries": 2, "rows": 2}
    attempt = chat.attempt
    assert said(chat) == ["What did NL spend?", "Let me look at the spend.", "Spend was €1,234."]
    assert (attempt.status, attempt.model, attempt.cost_usd) == (ChatStatus.COMPLETED, "fake-1", None)
    assert attempt.usage == {"queries": 1, "requests": 2, "tool_calls": 1, "input_tokens": 200, "output_tokens": 40}
    assert [metric.value for metric in attempt.metrics] == [1234.0]


def test_a_chat_is_read_while_the_model_still_works(chat: AskedChat) -> None:
    with a_model_server(LOOKS, hangs) as server:
        working = threading.Thread(target=_until_cancelled, args=(chat, server))
        working.start()
        _wait_for(lambda: len(server.asked) == 2)
        attempt = chat.attempt
        assert attempt.status is ChatStatus.RUNNING
        assert [message.text for message in attempt.messages][1:] == ["Let me look at the spend."]
        assert [query.title for query in attempt.queries] == ["Spend", DAYS]
        assert attempt.usage == {"requests": 1, "tool_calls": 1, "input_tokens": 100, "output_tokens": 20}
        cancel(chat.desk, chat.run_id, by="user:ada")
        working.join(timeout=5)
        assert not working.is_alive()
    assert chat.attempt.status is ChatStatus.CANCELLED


def test_a_process_that_is_killed_costs_no_request_twice(chat: AskedChat, tmp_path: Path) -> None:
    with a_model_server(LOOKS, hangs) as server:
        which = [chat.chat_id, chat.dag_id, chat.dag_run_id, server.url]
        paths = os.pathsep.join([str(ROOT / "plugins"), str(ROOT / "tests")])
        environ = {**os.environ, "INTERACT_HOME": str(tmp_path), "PYTHONPATH": paths}
        process = subprocess.Popen([sys.executable, "-m", "builders.asked_models", *which], env=environ)
        _wait_for(lambda: len(server.asked) == 2)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        server.turns = [tells_spend]
        chat.answered(server.url)
        assert len(server.asked) == 3
        assert server.asked[2].result["rows"] == [[1234.0]]
    attempt = chat.attempt
    assert (attempt.number, attempt.continues, attempt.status) == (2, 1, ChatStatus.COMPLETED)
    assert [query.title for query in attempt.queries] == ["Spend", DAYS]
    assert said(chat)[-1] == "Spend was €1,234."
    assert attempt.usage["requests"] == 2


def test_a_try_that_somebody_asked_for_begins_afresh(chat: AskedChat) -> None:
    with a_model_server(LOOKS, fails(503)) as server:
        with pytest.raises(ModelUnavailable, match="does not answer"):
            chat.answered(server.url)
        assert chat.attempt.outage == "model:m1"
        server.turns = [LOOKS, tells_spend]
        chat.answered(server.url, clear=1)
    assert chat.attempt.continues is None
    assert chat.attempt.usage["requests"] == 2


def test_a_limit_ends_a_chat_as_failed_and_keeps_what_there_is(chat: AskedChat) -> None:
    with a_model_server(LOOKS) as server:
        chat.answered(server.url)
    attempt = chat.attempt
    assert attempt.status is ChatStatus.FAILED
    assert attempt.reason and attempt.reason.startswith("Stopped at the limit of 12 requests of the model")
    assert len(attempt.queries) == 12 + 1
    assert attempt.messages[-1].text == f"{attempt.reason} What it had found by then is kept."
    assert attempt.untraced == 0


def test_a_report_of_a_model_is_kept_with_what_it_cites(tmp_path: Path) -> None:
    chat = a_chat(a_desk(tmp_path), prompt="Create a report on spend of {{ market }} in the past 7 days.")
    with a_model_server(LOOKS, reports) as server:
        chat.answered(server.url)
    assert chat.attempt.report_json and '"Spend of the week"' in chat.attempt.report_json


def test_a_key_is_nowhere_in_the_store(chat: AskedChat, tmp_path: Path) -> None:
    with a_model_server(LOOKS, fails(401)) as server, pytest.raises(Exception, match="refuses the key"):
        chat.answered(server.url)
    with chat.desk.store.reading() as session:
        assert len(session.scalars(select(StepRow.body)).all()) == 3
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert KEY.encode() not in kept


def _until_cancelled(chat: AskedChat, server: ModelServer) -> None:
    with pytest.raises(NotStartable, match="cancelled"):
        chat.answered(server.url, patience=PATIENT)


def _wait_for(happened: object, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if callable(happened) and happened():
            return
        time.sleep(0.02)
    raise TimeoutError("It did not happen.")
