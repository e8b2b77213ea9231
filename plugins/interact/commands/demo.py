"""`interact demo`: the main job, end to end, on this machine, and nothing left running."""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interact.commands.calls import Calls
from interact.commands.local import Local, load_warehouse, running, wait_for_dag, wait_for_end
from interact.commands.stack import DEFAULT_PORT, StackFailed, place, stop_when_told
from interact.errors import NotFound
from interact.jobs.stored import StoredJob, StoredOrganisation

ORGANISATION = "norrland"
JOB = "weekly-campaign-performance-report"
MARKETS = {"parameters": {"market": ["NL", "BE", "DE"]}}
WAIT_SECONDS = 300


@dataclass
class Told:
    """Lines with the seconds since the beginning."""

    began: float = field(default_factory=time.monotonic)

    def __call__(self, line: str) -> None:
        """Print one line."""
        print(f"{time.monotonic() - self.began:6.1f} s  {line}", flush=True)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments."""


def run(arguments: argparse.Namespace) -> int:
    """Run the demo; returns 0 when all three answers and PDFs are there."""
    stop_when_told()
    at, told = place(os.environ), Told()
    with running(at, dict(os.environ), told) as local:
        load_warehouse(local)
        told(f"The DAG demo_warehouse_load has loaded {at.warehouse.name}")
        organisation, job, secret = _job_and_key(local)
        wait_for_dag(local, job.dag_id)
        headers = {"X-API-Key": secret, "X-Organization-Id": organisation.organisation_id}
        path = f"/api/agents/jobs/{job.job_id}/trigger"
        told(f"Job {job.definition.name!r} is DAG {job.dag_id}; this request runs it for three markets:\n")
        print(_curl(at.url + path, headers), flush=True)
        rest = Calls(at.url, headers)
        answer = rest.post(path, MARKETS)
        ended = _follow(local, rest, answer["chats"], dag_id=job.dag_id, told=told)
        saved = _show(rest, ended, at.home / "reports")
        told("Stopping Airflow")
    failed = [chat for chat in ended if chat["status"] != "completed"]
    if failed or len(saved) != len(ended):
        lacking = "; ".join(f"{chat['id']}: {chat['reason']}" for chat in failed) or "a PDF is missing"
        raise StackFailed(f"The demo did not get everything it asked for: {lacking}")
    told("Done.")
    serve = "make serve" if at.port == DEFAULT_PORT else f"INTERACT_PORT={at.port} make serve"
    print(f"\nThe chats and their queries: `{serve}`, then {answer['run']['url']} and its tab Report.")
    return 0


def _job_and_key(local: Local) -> tuple[StoredOrganisation, StoredJob, str]:
    from datetime import UTC, datetime

    from interact.store import jobs, keys, organisations
    from interact.store.sessions import open_store

    with open_store(local.settings.database_url).writing() as session:
        organisation = organisations.by_key(session, ORGANISATION)
        job = jobs.by_key(session, organisation.organisation_id, JOB) if organisation else None
        if organisation is None or job is None:
            raise NotFound("job", JOB)
        for key in keys.all_of(session, organisation.organisation_id):
            if key.name == "demo":
                keys.delete(session, key.key_id)
        wanted = keys.NewKey("demo", frozenset({"agent_jobs_trigger", "agent_jobs_read"}))
        secret, _ = keys.create(session, organisation.organisation_id, wanted, now=datetime.now(UTC))
    return organisation, job, secret


def _curl(url: str, headers: dict[str, str]) -> str:
    lines = [f"curl -X POST {url}", *(f'  -H "{name}: {value}"' for name, value in headers.items())]
    lines += ['  -H "Content-Type: application/json"', f"  -d '{json.dumps(MARKETS)}'"]
    return " \\\n".join(lines) + "\n"


def _follow(local: Local, rest: Calls, chats: list[dict[str, Any]], *, dag_id: str, told: Told) -> list[dict[str, Any]]:
    """Tell each change of each chat until all have ended and the run has its verdict; returns them as they ended."""
    seen: dict[str, str] = {}
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        now = [rest.get(f"/api/agents/chats/{chat['id']}") for chat in chats]
        for chat in now:
            if seen.get(chat["id"]) != chat["status"]:
                seen[chat["id"]] = chat["status"]
                told(f"{chat['id']}  {chat['parameters']['market']}  {chat['status']}")
        if all(chat["run"]["verdict"] not in ("queued", "running") for chat in now):
            run = now[0]["run"]
            wait_for_end(local, dag_id, run["id"])  # else Airflow would be stopped before it noted the end
            told(f"The run is {run['verdict']}")
            return now
        local.stack.check()
        time.sleep(0.5)
    raise StackFailed(
        f"The run did not end within {WAIT_SECONDS} s. The logs are under {local.stack.at.home / 'logs'}."
    )


def _show(rest: Calls, chats: list[dict[str, Any]], folder: Path) -> list[Path]:
    """Print each answer and save its PDF; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    saved: list[Path] = []
    for chat in chats:
        market = chat["parameters"]["market"]
        said = [message["text"] for message in chat["messages"] if message["role"] == "assistant"]
        print(f"\n=== {market} ===\n{said[-1] if said else '(no answer)'}", flush=True)
        if chat["documents"]:
            file = folder / f"{JOB}-{market}.pdf"
            file.write_bytes(rest.fetch(chat["documents"][0]["url"]))
            saved.append(file)
            print(f"\nPDF: {file}", flush=True)
    print(flush=True)
    return saved
