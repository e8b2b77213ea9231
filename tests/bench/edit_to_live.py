"""Seconds from `interact apply` to Airflow's own answer, beside 200 other jobs with a schedule."""

import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import yaml
from pairs import Row

from interact.commands.calls import CallFailed, Calls
from interact.commands.local import Local, running, wait_for_dag, wait_until_idle
from interact.commands.stack import REPOSITORY, Place
from interact.jobs.rights import PERMISSIONS
from interact.jobs.stored import StoredJob
from interact.store import jobs, keys, organisations
from interact.store.sessions import open_store

PORT = 8933
JOBS = 200
ROUNDS = 7
AIM_SECONDS = 3.0
PROMPT = "Total spend and revenue for the past 7 days."


def measure() -> list[Row]:
    """Return the row: the median of jobs created, renamed and given another schedule. All parts are printed."""
    found: dict[str, list[float]] = {}
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        local = stack.enter_context(running(Place(home, PORT), dict(os.environ), print))
        _apply(local, *(_job(f"job-{number}", schedule=_weekly(number)) for number in range(JOBS)))
        wait_for_dag(local, _stored(local, f"job-{JOBS - 1}").dag_id)
        for number in range(ROUNDS):
            for what, seconds in _round(local, f"new-{number}").items():
                found.setdefault(what, []).append(seconds)
        _runs_and_ends(local, f"new-{ROUNDS - 1}")
    for what, seconds in found.items():
        print(f"edit_to_live: {what:<9} median {statistics.median(seconds):.2f} s, most {max(seconds):.2f} s")
    lived = [second for seconds in found.values() for second in seconds]
    return [Row("edit_to_live", statistics.median(lived), "s", None, None, AIM_SECONDS)]


def _round(local: Local, key: str) -> dict[str, float]:
    other, times = "Another name", "0 9 1 * *"
    return {
        "created": _seconds(local, _job(key), ("dag_display_name", key)),
        "renamed": _seconds(local, _job(key, name=other), ("dag_display_name", other)),
        "scheduled": _seconds(local, _job(key, name=other, schedule=times), ("timetable_summary", times)),
    }


def _seconds(local: Local, job: dict[str, object], shown: tuple[str, str]) -> float:
    """Apply a job at no particular time of Airflow's half minute; returns the seconds until Airflow has it so.

    That is when its REST API shows it and the scheduler's own form of the DAG holds it.
    """
    time.sleep(random.uniform(2, 12))
    _apply(local, job)
    began = time.monotonic()
    dag_id = _stored(local, str(job["key"])).dag_id
    _until(lambda: local.airflow.get(f"/api/v2/dags/{dag_id}")[shown[0]] == shown[1])
    _until(lambda: shown[1] in _serialised(local, dag_id))
    return time.monotonic() - began


def _serialised(local: Local, dag_id: str) -> str:
    query = "SELECT data FROM serialized_dag WHERE dag_id = ? ORDER BY created_at DESC LIMIT 1"
    with closing(sqlite3.connect(local.stack.at.home / "airflow" / "airflow.db", timeout=30)) as connection:
        return str(connection.execute(query, (dag_id,)).fetchone())


def _runs_and_ends(local: Local, key: str) -> None:
    """Start the job, delete it, and say when it can be started no more and when Airflow's list is without it."""
    job, rest = _stored(local, key), _key(local)
    trigger = f"/api/agents/jobs/{job.job_id}/trigger"
    rest.post(trigger, {})
    wait_until_idle(local, job.dag_id)
    _interact(local, "delete", "job", key, "--organisation", "norrland")
    began = time.monotonic()
    with suppress(CallFailed):
        rest.post(trigger, {})
        raise SystemExit("A deleted job was started.")
    print(f"edit_to_live: deleted: its trigger refused after {time.monotonic() - began:.2f} s,")
    _until(lambda: local.airflow.get(f"/api/v2/dags?dag_id_pattern={job.dag_id}&limit=1")["total_entries"] == 0)
    print(f"              its DAG out of Airflow's list after {time.monotonic() - began:.0f} s")


def _job(key: str, *, name: str = "", schedule: str | None = None) -> dict[str, object]:
    whose = {"kind": "job", "organisation": "norrland", "agent": "analyst", "owner": "admin"}
    job = {**whose, "key": key, "name": name or key, "prompt": PROMPT}
    return {**job, "schedule": schedule} if schedule else job


def _weekly(number: int) -> str:
    """Return a time on a Saturday night, a minute later for each job."""
    return f"{number % 60} {number // 60} * * 6"


def _apply(local: Local, *documents: dict[str, object]) -> None:
    """Apply jobs as people do."""
    file = local.settings.home / "edit.yaml"
    file.write_text(yaml.safe_dump_all(documents), encoding="utf-8")
    _interact(local, "apply", str(file))


def _interact(local: Local, *words: str) -> None:
    command = [sys.executable, "-m", "interact.commands.main", *words]
    subprocess.run(command, env=local.stack.environ, check=True, stdout=subprocess.DEVNULL, cwd=REPOSITORY)


def _stored(local: Local, key: str) -> StoredJob:
    with open_store(local.settings.database_url).reading() as session:
        return next(job for job in jobs.all_jobs(session) if job.definition.key == key)


def _key(local: Local) -> Calls:
    with open_store(local.settings.database_url).writing() as session:
        organisation = organisations.by_key(session, "norrland")
        if organisation is None:
            raise SystemExit("The demo's organisation is not there.")
        wanted = keys.NewKey("bench", frozenset(PERMISSIONS))
        secret, _ = keys.create(session, organisation.organisation_id, wanted, now=datetime.now(UTC))
    headers = {"X-API-Key": secret, "X-Organization-Id": organisation.organisation_id}
    return Calls(local.stack.at.url, headers)


def _until(is_so: Callable[[], bool], limit: float = 300) -> None:
    """Return once Airflow says so."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        try:
            if is_so():
                return
        except CallFailed as error:
            if error.code != 404:
                raise
        time.sleep(0.1)
    raise SystemExit(f"Airflow did not follow within {limit:.0f} s.")
