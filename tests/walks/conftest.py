"""A real Airflow for the walks: one for all of them, stopped at the end."""

import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from interact.commands.apply import apply_files
from interact.commands.calls import Calls
from interact.commands.local import Local, load_warehouse, running, wait_for_dag, wait_until_idle
from interact.commands.stack import Place
from interact.jobs.rights import PERMISSIONS
from interact.jobs.stored import StoredJob
from interact.store import jobs, keys, organisations
from interact.store.sessions import open_store

PRIVATE = """
kind: job
key: private-check
organisation: norrland
agent: analyst
name: Takeover of Acme
owner: ada
visibility: private
prompt: Total spend and revenue for the past 7 days.
"""
PARAMETERS = Path(__file__).with_name("parameters.yaml")


@dataclass(frozen=True)
class House:
    """A running Airflow with the demo in it, and a key of its organisation."""

    local: Local
    rest: Calls
    jobs: dict[str, StoredJob]
    organisation_id: str

    def await_run(self, dag_id: str, dag_run_id: str, *, seconds: float = 120) -> str:
        """Return the state in which an Airflow run ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state: str = self.local.airflow.get(f"/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}")["state"]
            if state in ("success", "failed"):
                return state
            time.sleep(0.5)
        raise AssertionError(f"{dag_id} {dag_run_id} did not end within {seconds} s")

    def chats_of(self, run_id: str) -> list[dict[str, Any]]:
        """Return the chats of one of our runs, in the order of their combinations."""
        chats = self.rest.get("/api/agents/chats?limit=200")["chats"]
        return [self.rest.get(f"/api/agents/chats/{c['id']}") for c in reversed(chats) if c["run"]["id"] == run_id]


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give the running Airflow."""
    at = Place(tmp_path_factory.mktemp("house"), _free_port())
    with running(at, dict(os.environ), lambda line: None) as local:
        load_warehouse(local)
        private = tmp_path_factory.mktemp("private") / "job.yaml"
        private.write_text(PRIVATE, encoding="utf-8")
        apply_files(local.settings, [private, PARAMETERS])
        with open_store(local.settings.database_url).writing() as session:
            organisation = organisations.by_key(session, "norrland")
            assert organisation is not None
            found = {job.definition.key: job for job in jobs.all_jobs(session)}
            wanted = keys.NewKey(
                "walk", frozenset(PERMISSIONS), job_ids=frozenset(job.job_id for job in found.values())
            )
            secret, _ = keys.create(session, organisation.organisation_id, wanted, now=datetime.now(UTC))
        for job in found.values():
            wait_for_dag(local, job.dag_id)
        wait_until_idle(local, found["campaign-check"].dag_id)  # which the load has started
        headers = {"X-API-Key": secret, "X-Organization-Id": organisation.organisation_id}
        yield House(local, Calls(at.url, headers), found, organisation.organisation_id)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
