"""The Python client with the real API behind real HTTP: both mean the same."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from builders.airflow_tables import save_dag
from builders.story import Says, answered, with_report
from interact.client import CallRefused, Client, Run
from interact.runs.announce import announce
from interact.runs.render import render


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Give the address of a server that has the API where Airflow mounts it."""
    import uvicorn
    from fastapi import FastAPI

    outer = FastAPI(openapi_url=None)
    outer.mount("/api/agents", app)
    server = uvicorn.Server(uvicorn.Config(outer, host="127.0.0.1", port=0, log_config=None, ws="none", lifespan="off"))
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    while not server.started and serving.is_alive():
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    serving.join(10)


@pytest.fixture
def client(rest: Any) -> Iterator[Client]:
    """A client with a key of its own; Airflow has read the job's DAG."""
    save_dag(rest.job.dag_id)
    headers = rest.key()
    with served(rest.client.app) as url:
        yield Client(
            url, api_key=headers["X-API-Key"], organization_id=headers["X-Organization-Id"], timeout_seconds=20
        )


def is_done(rest: Any, run: Run, *, draw: bool = False) -> None:
    """Answer every chat, draw the reports if asked, and end the run, as its tasks do."""
    for chat in run.chats:
        answered(rest.desk, chat.chat_id, Says(with_report))
    if draw:
        render(rest.desk, dag_id=rest.job.dag_id, dag_run_id=run.run_id, share=(0, 1))
    announce(rest.desk, dag_id=rest.job.dag_id, dag_run_id=run.run_id)


def test_a_job_is_started_waited_for_and_its_reports_are_saved(rest: Any, client: Client, tmp_path: Path) -> None:
    run = client.trigger(rest.job.job_id, market=["NL", "BE"])
    assert (run.job_id, run.verdict) == (rest.job.job_id, "queued")
    assert [chat.parameters for chat in run.chats] == [{"market": "NL"}, {"market": "BE"}]
    told: list[Run] = []

    def note(run: Run) -> None:
        told.append(run)
        if not run.has_ended:
            is_done(rest, run, draw=True)

    ended = client.wait(run, poll_seconds=0.01, on_progress=note)
    assert [each.verdict for each in told] == ["queued", "completed"]
    assert ended.url is None  # Airflow never had it: there is none behind this server
    saved = {file.name: file.read_bytes() for file in client.save_reports(ended, tmp_path)}
    assert set(saved) >= {f"report-{chat.parameters['market']}-{chat.chat_id}.pdf" for chat in run.chats}
    assert all(content.startswith(b"%PDF-") for name, content in saved.items() if name.endswith(".pdf"))
    assert client.report(run.chats[0].chat_id) == saved[f"report-NL-{run.chats[0].chat_id}.pdf"]
    assert b"<html" in client.report(run.chats[0].chat_id, "html")


def test_one_idempotency_key_is_one_run_and_another_question_is_refused(rest: Any, client: Client) -> None:
    first = client.trigger(rest.job.job_id, market="NL", idempotency_key="monday")
    assert client.trigger(rest.job.job_id, market="NL", idempotency_key="monday") == first
    assert client.trigger(rest.job.job_id, market="NL").run_id != first.run_id
    with pytest.raises(CallRefused, match="422, Idempotency-Key reused"):
        client.trigger(rest.job.job_id, market="BE", idempotency_key="monday")


def test_a_run_is_asked_again_and_stopped(rest: Any, client: Client) -> None:
    run = client.trigger(rest.job.job_id, market=["NL", "BE"])
    is_done(rest, run)
    again, alone = client.rerun(run.run_id), client.rerun(run.chats[1].chat_id)
    assert [len(each.chats) for each in (again, alone)] == [2, 1] and len({run.run_id, again.run_id, alone.run_id}) == 3
    client.cancel(again.run_id)
    assert client.run(again.run_id).verdict == "cancelled"
    with pytest.raises(CallRefused, match="409, Run has ended"):
        client.cancel(run.run_id)


def test_refusals_carry_the_apis_own_sentences(rest: Any, client: Client) -> None:
    with pytest.raises(CallRefused, match=r"422, Parameter refused\. Parameter 'market' .*'NL', 'BE', 'DE'"):
        client.trigger(rest.job.job_id, market="FR")
    with pytest.raises(CallRefused, match=r"404, Not found\. There is no run 'run_none'"):
        client.run("run_none")
    save_dag(rest.job.dag_id, is_stale=True)
    with pytest.raises(CallRefused, match=r"409, Not startable\..*has not read its DAG yet") as told:
        client.trigger(rest.job.job_id)
    assert told.value.retry_after_seconds == 5 and told.value.retry_helps
    stranger = Client(client.url, api_key="int_wrong", organization_id=client.organization_id)
    with pytest.raises(CallRefused, match="was answered 401"):
        stranger.run("run_none")
