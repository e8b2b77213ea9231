"""`interact demo`: the main job, end to end, on this machine, and nothing left running."""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from interact.commands.calls import Calls
from interact.commands.local import LOAD_DAG, Local, load_warehouse, running, wait_for_dag, wait_until_idle
from interact.commands.stack import DEFAULT_PORT, StackFailed, place, stop_when_told
from interact.errors import NotFound
from interact.jobs.stored import StoredJob, StoredOrganisation

ORGANISATION = "norrland"
ASKED, FOLLOWING = "weekly-campaign-performance-report", "campaign-check"
"""The job that a request starts, and the one that its data starts."""
MARKETS = {"parameters": {"market": ["NL", "BE", "DE"]}}
WAIT_SECONDS = 300
Chat = dict[str, Any]


@dataclass
class Told:
    """Lines with the seconds since the beginning."""

    began: float = field(default_factory=time.monotonic)

    def __call__(self, line: str) -> None:
        """Print one line."""
        print(f"{time.monotonic() - self.began:6.1f} s  {line}", flush=True)


@dataclass(frozen=True)
class Demo:
    """What the demo works with."""

    local: Local
    told: Told
    rest: Calls
    asked: StoredJob
    following: StoredJob


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments."""


def run(arguments: argparse.Namespace) -> int:
    """Run the demo; returns 0 when all answers and the three PDFs are there."""
    stop_when_told()
    at, told = place(os.environ), Told()
    with running(at, dict(os.environ), told) as local:
        demo = _prepared(local, told)
        before = _newest(demo)
        load_warehouse(local)
        told(f"The DAG {LOAD_DAG} has loaded {at.warehouse.name}; that starts job {demo.following.definition.name!r}")
        answer = _request(demo)
        started = _started_by_data(demo, before)
        ended = _follow(demo, [*answer["chats"], started])
        saved = _show(demo, ended, at.home / "reports")
        _save_comparison(demo, answer["run"]["id"], at.home / "reports")
        _save_mail(demo, answer["run"]["id"], at.home / "reports")
        told("Stopping Airflow")
    failed = [chat for chat in ended if chat["status"] != "completed"]
    if failed or len(saved) != len(answer["chats"]):
        lacking = "; ".join(f"{chat['id']}: {chat['reason']}" for chat in failed) or "a PDF is missing"
        raise StackFailed(f"The demo did not get everything it asked for: {lacking}")
    told("Done.")
    serve = "make serve" if at.port == DEFAULT_PORT else f"INTERACT_PORT={at.port} make serve"
    print(f"\nThe chats and their queries: `{serve}`, then {answer['run']['url']} and its tab Report.")
    return 0


def _prepared(local: Local, told: Told) -> Demo:
    """Make the demo's key and return what it works with."""
    from datetime import UTC

    from interact.store import jobs, keys, organisations
    from interact.store.sessions import open_store

    with open_store(local.settings.database_url).writing() as session:
        organisation = organisations.by_key(session, ORGANISATION)
        if organisation is None:
            raise NotFound("organisation", ORGANISATION)
        found = {job.definition.key: job for job in jobs.all_jobs(session) if _is_of(organisation, job)}
        for key in keys.all_of(session, organisation.organisation_id):
            if key.name == "demo":
                keys.delete(session, key.key_id)
        wanted = keys.NewKey("demo", frozenset({"agent_jobs_trigger", "agent_jobs_read"}))
        secret, _ = keys.create(session, organisation.organisation_id, wanted, now=datetime.now(UTC))
    headers = {"X-API-Key": secret, "X-Organization-Id": organisation.organisation_id}
    return Demo(local, told, Calls(local.stack.at.url, headers), found[ASKED], found[FOLLOWING])


def _is_of(organisation: StoredOrganisation, job: StoredJob) -> bool:
    return job.organisation_id == organisation.organisation_id


def _request(demo: Demo) -> dict[str, Any]:
    """Send the request that an external system would send, and return its answer."""
    job = demo.asked
    wait_for_dag(demo.local, job.dag_id)
    path = f"/api/agents/jobs/{job.job_id}/trigger"
    demo.told(f"Job {job.definition.name!r} is DAG {job.dag_id}; this request runs it for three markets:\n")
    print(_curl(demo.rest.url + path, demo.rest.headers), flush=True)
    answer: dict[str, Any] = demo.rest.post(path, MARKETS)
    return answer


def _curl(url: str, headers: dict[str, str]) -> str:
    lines = [f"curl -X POST {url}", *(f'  -H "{name}: {value}"' for name, value in headers.items())]
    lines += ['  -H "Content-Type: application/json"', f"  -d '{json.dumps(MARKETS)}'"]
    return " \\\n".join(lines) + "\n"


def _newest(demo: Demo) -> Chat | None:
    """Return the newest chat of the job that follows the data."""
    chats = demo.rest.get(f"/api/agents/chats?jobId={demo.following.job_id}&limit=1")["chats"]
    return chats[0] if chats else None


def _started_by_data(demo: Demo, before: Chat | None) -> Chat:
    """Return the chat that the load has started, once it is there."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        chat = _newest(demo)
        if chat and chat["initiator"].startswith("asset:") and (before is None or chat["id"] != before["id"]):
            return chat
        demo.local.stack.check()
        time.sleep(0.3)
    raise StackFailed(
        f"The load of the warehouse did not start the job {FOLLOWING!r} within {WAIT_SECONDS} s. "
        f"The logs are under {demo.local.stack.at.home / 'logs'}."
    )


def _follow(demo: Demo, chats: list[Chat]) -> list[Chat]:
    """Tell each change of each chat until all have ended and their runs have a verdict; returns them as they ended."""
    seen: dict[str, str] = {}
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        now = [demo.rest.get(f"/api/agents/chats/{chat['id']}") for chat in chats]
        for chat in now:
            if seen.get(chat["id"]) != chat["status"]:
                seen[chat["id"]] = chat["status"]
                demo.told(f"{chat['id']}  {_title(chat)}  {chat['status']}")
        if all(chat["run"]["verdict"] not in ("queued", "running") for chat in now):
            for job in (demo.asked, demo.following):
                wait_until_idle(demo.local, job.dag_id)  # else Airflow would be stopped before it noted the end
            demo.told(f"The runs are {' and '.join(sorted({chat['run']['verdict'] for chat in now}))}")
            return now
        demo.local.stack.check()
        time.sleep(0.5)
    raise StackFailed(
        f"The runs did not end within {WAIT_SECONDS} s. The logs are under {demo.local.stack.at.home / 'logs'}."
    )


def _title(chat: Chat) -> str:
    return ", ".join(chat["parameters"].values()) or str(chat["job"]["name"])


def _show(demo: Demo, chats: list[Chat], folder: Path) -> list[Path]:
    """Print each answer, and which data it rests on, and save its PDF; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    saved: list[Path] = []
    for chat in chats:
        said = [message["text"] for message in chat["messages"] if message["role"] == "assistant"]
        print(f"\n=== {_title(chat)} ===\n{said[-1] if said else '(no answer)'}", flush=True)
        for load in chat["data"]:
            print(f"\nStarted by its data: {load['asset']}, loaded {_minute(load['loadedAt'])} by {load['dagId']}")
        if chat["documents"]:
            file = folder / f"{ASKED}-{_title(chat)}.pdf"
            file.write_bytes(demo.rest.fetch(chat["documents"][0]["url"]))
            saved.append(file)
            print(f"\nPDF: {file}", flush=True)
    print(flush=True)
    return saved


def _save_comparison(demo: Demo, run_id: str, folder: Path) -> None:
    """Save the PDF that compares the three answers, and say where; raises StackFailed when there is none."""
    documents = demo.rest.get(f"/api/agents/runs/{run_id}")["documents"]
    pdf = next((each for each in documents if each["kind"] == "pdf"), None)
    if pdf is None:
        raise StackFailed(f"The run {run_id} left nothing that compares its chats.")
    file = folder / f"{ASKED}-compared.pdf"
    file.write_bytes(demo.rest.fetch(pdf["url"]))
    print(f"Side by side: {file}\n", flush=True)


def _save_mail(demo: Demo, run_id: str, folder: Path) -> None:
    """Save the mail that a channel would send of the run, and say where."""
    from interact.api.previews import letter_of
    from interact.runs.desk import open_desk
    from interact.runs.saying.say import say

    desk, file = open_desk(demo.local.settings), folder / f"{ASKED}-mail.html"
    letter = letter_of(desk, say(desk, run_id), recipient="you@example.com", channel="Marketing")
    file.write_text(letter.page(), encoding="utf-8")
    print(f"What its readers would get by mail, {letter.subject!r}: {file}\n", flush=True)


def _minute(instant: str | None) -> str:
    return datetime.fromisoformat(instant).strftime("%Y-%m-%d %H:%M:%S UTC") if instant else "never"
