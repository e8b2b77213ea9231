"""Notices on a real Airflow: a mail server and a webhook hear of a run once, of a correction, and of an outage."""

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from builders.chat_servers import ChatServer, chat_server
from builders.mail_servers import LOGIN, PASSWORD, MailServer, mail_server
from interact.commands.apply import apply_files
from interact.commands.calls import Calls
from interact.commands.local import wait_for_dag
from interact.jobs.rights import PERMISSIONS
from interact.jobs.stored import StoredJob
from interact.store import jobs, keys, ledger
from interact.store.sessions import open_store

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
]
DEFINITIONS = Path(__file__).with_name("notices.yaml")
WATCH = "interact_watch"
SECRET = "whsec_" + base64.b64encode(b"a secret of the walk, 32 letters").decode()
READERS = ["anna@example.com", "björn@example.com"]


@dataclass
class Post:
    """Where notices arrive, and the jobs that they are about."""

    rest: Calls
    mail: MailServer
    hook: ChatServer
    briefing: StoredJob
    far: StoredJob


@pytest.fixture(scope="module")
def post(house: Any) -> Iterator[Post]:
    """Give servers that Airflow knows as connections, with channels and jobs that use them."""
    with mail_server(auth=True) as mail, chat_server() as hook:
        mail.refused["gone@example.com"] = "550 5.1.1 No such user here"
        extra = {"from_email": "briefings@example.com", "disable_ssl": True, "disable_tls": True, "timeout": 10}
        smtp = {"conn_type": "smtp", "host": "127.0.0.1", "port": mail.port, "login": LOGIN, "password": PASSWORD}
        connect(house, "walk_mail", smtp | {"extra": json.dumps(extra)})
        connect(house, "walk_hook", {"conn_type": "http", "host": hook.url, "password": SECRET})
        apply_files(house.local.settings, [DEFINITIONS])
        with open_store(house.local.settings.database_url).writing() as session:
            found = {job.definition.key: job for job in jobs.all_jobs(session)}
            wanted = keys.NewKey("notices", frozenset(PERMISSIONS))
            secret, _ = keys.create(session, house.organisation_id, wanted, now=datetime.now(UTC))
        briefing, far = found["monday-briefing"], found["far-check"]
        for job in (briefing, far):
            wait_for_dag(house.local, job.dag_id)
        rest = Calls(house.rest.url, {"X-API-Key": secret, "X-Organization-Id": house.organisation_id})
        yield Post(rest, mail, hook, briefing, far)


def connect(house: Any, connection_id: str, content: dict[str, Any]) -> None:
    """Make a connection as an admin does."""
    house.local.airflow.post("/api/v2/connections", {"connection_id": connection_id} | content)


def ran(house: Any, post: Post, path: str, body: object) -> dict[str, Any]:
    """Start a run and return it once it and Airflow's have ended."""
    run_id = post.rest.post(f"/api/agents{path}", body)["run"]["id"]
    deadline = time.monotonic() + 120
    while True:
        run = post.rest.get(f"/api/agents/runs/{run_id}")
        if run["verdict"] not in ("queued", "running"):
            break
        assert time.monotonic() < deadline, run
        time.sleep(0.5)
    dag_id = run["chats"][0].get("dagId") or run["url"].split("/dags/")[1].split("/")[0]
    house.await_run(dag_id, run_id)
    found: dict[str, Any] = post.rest.get(f"/api/agents/runs/{run_id}")
    return found


def answers(house: Any, run: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return what the servers answered to each delivery of a run."""
    with open_store(house.local.settings.database_url).reading() as session:
        found = ledger.deliveries(session, ledger.notice_ids_of_run(session, run["id"]))
    return [(each.recipient, str(each.state), each.told) for each in found]


def watched(house: Any) -> None:
    """Let the watch look now."""
    run_id = house.local.airflow.post(f"/api/v2/dags/{WATCH}/dagRuns", {"logical_date": None})["dag_run_id"]
    assert house.await_run(WATCH, run_id) == "success"


def test_a_run_is_told_once_and_a_correction_to_those_who_had_it(house: Any, post: Post) -> None:
    run = ran(house, post, f"/jobs/{post.briefing.job_id}/trigger", {})
    assert (run["verdict"], run["delivery"]) == ("completed", "partly"), answers(house, run)  # One does not exist.
    assert sorted(recipient for recipient, _ in post.mail.taken) == READERS
    (_, mail), _ = post.mail.taken
    assert mail["From"].endswith("<briefings@example.com>") and mail["Subject"]
    kinds = [part.get_content_type() for part in mail.walk()]
    assert {"text/plain", "text/html", "application/pdf"} <= set(kinds)
    assert run["chats"][0]["id"] in mail.get_body(("plain",)).get_content()
    assert post.hook.taken == []  # It hears failures only.

    dag = f"/api/v2/dags/{post.briefing.dag_id}"
    cleared = {"dag_run_id": run["id"], "task_ids": ["announce"], "dry_run": False, "only_failed": False}
    house.local.airflow.post(f"{dag}/clearTaskInstances", cleared)
    house.await_run(post.briefing.dag_id, run["id"])
    watched(house)
    assert len(post.mail.taken) == 2

    again = ran(house, post, f"/runs/{run['id']}/rerun", {"send_to": "corrected"})
    assert again["delivery"] == "delivered"
    assert sorted(recipient for recipient, _ in post.mail.taken[2:]) == READERS
    assert "replaces" in post.mail.taken[2][1].get_body(("plain",)).get_content()
    quiet = ran(house, post, f"/runs/{run['id']}/rerun", {})
    assert (quiet["delivery"], len(post.mail.taken)) == ("none", 4)


def test_an_outage_is_told_once_and_so_is_its_end(house: Any, post: Post) -> None:
    before = len(post.hook.taken)
    first = ran(house, post, f"/jobs/{post.far.job_id}/trigger", {})
    second = ran(house, post, f"/jobs/{post.far.job_id}/trigger", {})
    assert (first["verdict"], second["verdict"]) == ("failed", "failed")
    (told,) = post.hook.taken[before:]
    assert "walk_warehouse" in told.content.decode() and "Far check" in told.content.decode()
    extra = json.dumps({"path": str(house.local.stack.at.warehouse)})
    connect(house, "walk_warehouse", {"conn_type": "duckdb", "extra": extra})
    watched(house)
    _, over = post.hook.taken[before:]
    assert "walk_warehouse" in over.content.decode()
    watched(house)
    assert len(post.hook.taken) == before + 2


def test_no_log_of_airflow_holds_an_address_or_a_secret(house: Any, post: Post) -> None:
    runs = post.rest.get(f"/api/agents/chats?jobId={post.briefing.job_id}")["chats"]
    dag = f"/api/v2/dags/{post.briefing.dag_id}/dagRuns"
    told = "".join(
        house.local.airflow.fetch(f"{dag}/{chat['run']['id']}/taskInstances/announce/logs/1").decode() for chat in runs
    )
    assert "announce" in told or told
    for secret in (PASSWORD, "anna@example.com", SECRET, post.hook.url):
        assert secret not in told
