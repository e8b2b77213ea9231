"""Our notifiers in anybody's DAG: what the page shows, called as Airflow calls a callback."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from airflow.sdk.execution_time.task_runner import _run_task_state_change_callbacks

from builders.chat_servers import ChatServer, chat_server, says
from builders.ways import SLACK_BOT, SLACK_WEBHOOK, TEAMS, WEBHOOK, a_connection
from interact.notifiers import slack_blocks, teams_card
from interact.notifiers.posting import Limits
from interact.notifiers.slack import SlackNotifier
from interact.notifiers.webhook import secret_of

PAGE = (Path(__file__).parents[2] / "docs" / "notices.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"(?ms)^```python\n(.*?)^```$", PAGE)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    """A server, and the connections of the page that lead to it."""
    with chat_server() as running:
        for name, way in {"team_bot": SLACK_BOT, "team_teams": TEAMS, "pager": WEBHOOK}.items():
            a_connection(monkeypatch, way.connection(running.url), name)
        yield running


def failed_task() -> tuple[Any, dict[str, Any]]:
    """Return the task of the page's DAG, and what Airflow tells of its failure."""
    names: dict[str, Any] = {}
    exec(compile(SNIPPETS[-1], "docs/notices.md", "exec"), names)
    dag = names["load"]()
    task = dag.get_task("extract")
    ti = SimpleNamespace(task_id="extract", dag_id="load", log_url="")
    return task, {"dag": dag, "task": task, "ti": ti, "run_id": "scheduled__1", "exception": ValueError("empty")}


def called() -> None:
    """Let Airflow call the callbacks of a task that failed."""
    task, context = failed_task()
    _run_task_state_change_callbacks(task, "on_failure_callback", context, structlog.get_logger("task"))


def test_a_dag_that_fails_tells_everybody_once(server: ChatServer) -> None:
    called()
    bot, teams, webhook = (posted.document for posted in server.taken)
    assert (bot["channel"], bot["blocks"][0]["text"]["text"]) == ("#data", "load failed")
    assert bot["blocks"][2]["text"]["text"] == "Task extract of scheduled__1 failed."
    card = teams["attachments"][0]["content"]
    assert card["body"][0]["text"] == "load failed"
    assert webhook["data"]["subject"] == "load failed"
    assert len(server.posted) == 3


def test_one_that_is_not_delivered_stops_no_other_and_holds_no_secret(
    server: ChatServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    server.acts = [says(500, f"{SLACK_BOT.secret}"), says(404)]
    called()
    assert len(server.taken) == 1
    written = caplog.text + "".join(capfd.readouterr())
    assert "1 of 1 messages are not delivered. '#data' not_now" in written
    assert not any(way.secret in written for way in (SLACK_BOT, TEAMS, WEBHOOK))


def test_links_lead_to_where_the_dag_says(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERACT_BASE_URL", "https://airflow.example.com")
    a_connection(monkeypatch, SLACK_WEBHOOK.connection(server.url), "hook")
    links = {"The run": "/dags/load/runs/1", "Runbook": "https://wiki.example.com/load?a=b&c=d"}
    SlackNotifier(connection="hook", subject="Loaded", text="All of it.", links=links).notify({})
    assert server.taken[0].document["blocks"][-1]["text"]["text"] == (
        "<https://airflow.example.com/dags/load/runs/1|The run> · <https://wiki.example.com/load?a=b&amp;c=d|Runbook>"
    )


def test_a_file_of_a_dag_goes_along_by_a_bot(server: ChatServer, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(b"a,b\n1,2\n")
    SlackNotifier(connection="team_bot", recipients=["#data"], subject="Loaded", text="", files=[str(file)]).notify({})
    assert list(server.files.values()) == [b"a,b\n1,2\n"]


def test_the_secret_that_the_page_makes_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(SNIPPETS[0], "docs/notices.md", "exec"), {})
    secret = secret_of(capsys.readouterr().out)
    assert secret is not None and len(secret) == 32


def test_the_page_names_every_type_of_connection() -> None:
    from interact.notifiers import mail, slack

    named = set(re.findall(r"(?m)^\| \w+ \| `(\w+)` \|", PAGE))
    assert named == {*mail.mail_ways(), *slack.WAYS}


def test_the_page_has_the_limits_of_the_code() -> None:
    limits, page = Limits(), " ".join(PAGE.split())
    assert f"{limits.connect_seconds} seconds to connect and {limits.answer_seconds} to be answered" in page
    assert f"| figures | all | {slack_blocks.FIELDS} | {teams_card.FULL.figures} | all |" in page
    slack = f"{slack_blocks.REMARKS} of each, in {slack_blocks.SECTION:,} characters"
    assert f"| all | {slack} | {teams_card.FULL.remarks} of each | all |" in page
    assert f"50 blocks, 12,000 characters | {teams_card.MESSAGE_BYTES // 1000} KB |" in page
