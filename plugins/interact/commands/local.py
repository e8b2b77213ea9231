"""The demo's own Airflow, ready to work: stores made, definitions applied, data loaded."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from interact import settings
from interact.commands.calls import CallFailed, Calls
from interact.commands.stack import REPOSITORY, Place, Stack, StackFailed, environment, password, require_free

Tell = Callable[[str], None]
LOAD_DAG = "demo_warehouse_load"
DEFINITIONS = REPOSITORY / "include" / "demo" / "definitions.yaml"


@dataclass(frozen=True)
class Local:
    """A running Airflow with our product in it."""

    stack: Stack
    airflow: Calls
    settings: settings.Settings
    began: datetime
    """When its DAG processor was started: what that has parsed is newer."""


@contextmanager
def running(at: Place, outside: dict[str, str], tell: Tell, *, dags: tuple[Path, ...] = ()) -> Iterator[Local]:
    """Give a running local Airflow with the demo's definitions in its store, and stop it afterwards.

    `dags` are further folders of DAG files.
    """
    require_free(at.port)
    try:
        environ = environment(at, outside, dags=dags)
    except OSError as error:
        raise StackFailed(
            f"The folder {str(at.home)!r} cannot be written ({error.strerror}). Name another one: INTERACT_DEMO_HOME=…"
        ) from None
    stack = Stack(at, environ)
    with _alone(at):
        yield from _running(stack, tell)


def _running(stack: Stack, tell: Tell) -> Iterator[Local]:
    at = stack.at
    try:
        stack.migrate()
        tell("Airflow's database is ready")
        stack.start_api()
        ours = settings.read(stack.environ)
        _define(ours)
        tell(f"The store is ready and {DEFINITIONS.name} is applied")
        stack.wait_until_up()
        tell(f"Airflow's API server is up at {at.url}")
        began = datetime.now(UTC)
        stack.start_rest()
        airflow = sign_in(at)
        yield Local(stack, airflow, ours, began)
    finally:
        stack.stop()


@contextmanager
def _alone(at: Place) -> Iterator[None]:
    """Hold a place for one Airflow: two would share a database that is made for one."""
    with (at.home / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackFailed(
                f"An Airflow already runs in {str(at.home)!r}. Stop it, or name another folder: INTERACT_DEMO_HOME=…"
            ) from None
        yield


def sign_in(at: Place) -> Calls:
    """Return calls to Airflow's REST API as its user `admin`."""
    token = Calls(at.url).post("/auth/token", {"username": "admin", "password": password(at)})["access_token"]
    return Calls(at.url, {"Authorization": f"Bearer {token}"})


def load_warehouse(local: Local) -> None:
    """Run the DAG that loads the demo warehouse, and wait for it; raises StackFailed when it does not succeed.

    Airflow first reads the jobs that follow the data: it tells those that it knows then, and no other.
    """
    for dag_id in (*_following(local), LOAD_DAG):
        wait_for_dag(local, dag_id)
    now = datetime.now(UTC).isoformat()
    path = f"/api/v2/dags/{LOAD_DAG}/dagRuns"
    run = local.airflow.post(path, {"logical_date": None, "run_after": now})["dag_run_id"]
    state = wait_for_end(local, LOAD_DAG, run)
    if state != "success":
        raise StackFailed(
            f"The DAG {LOAD_DAG!r} ended as {state!r}. Its log is under {local.stack.at.home / 'airflow' / 'logs'}."
        )


def _following(local: Local) -> list[str]:
    from interact.store import jobs
    from interact.store.sessions import open_store

    with open_store(local.settings.database_url).reading() as session:
        return [job.dag_id for job in jobs.all_jobs(session) if job.definition.triggers]


def wait_for_dag(local: Local, dag_id: str) -> None:
    """Return once Airflow has read a DAG since it was started; raises StackFailed when somebody paused it."""
    _until(local, lambda: _is_read(local, dag_id), f"Airflow to read the DAG {dag_id!r}", 120)


def wait_until_idle(local: Local, dag_id: str) -> None:
    """Return once no run of a DAG is under way or waiting."""
    path = f"/api/v2/dags/{dag_id}/dagRuns?state=queued&state=running&limit=1"
    _until(local, lambda: not local.airflow.get(path)["total_entries"], f"the DAG {dag_id!r} to end", 180)


def wait_for_end(local: Local, dag_id: str, dag_run_id: str) -> str:
    """Return the state in which Airflow's run ended, "success" or "failed"."""
    path = f"/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}"
    state: str = _until(local, lambda: _ended(local.airflow.get(path)["state"]), f"the DAG {dag_id!r} to end", 180)
    return state


def _until(local: Local, look: Callable[[], Any], what: str, seconds: float) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        local.stack.check()
        time.sleep(0.3)
    raise StackFailed(f"Waited {seconds:.0f} s for {what}, in vain. The logs are under {local.stack.at.home / 'logs'}.")


def _ended(state: str) -> str | None:
    return state if state in ("success", "failed") else None


def _is_read(local: Local, dag_id: str) -> bool:
    try:
        dag = local.airflow.get(f"/api/v2/dags/{dag_id}")
    except CallFailed as error:
        if error.code == 404:
            return False
        raise
    if dag["is_paused"]:
        raise StackFailed(
            f"Somebody paused the DAG {dag_id!r} in Airflow, so that nothing would run. "
            "Start Airflow with `make serve`, switch the DAG on there, and try again; "
            "or name another folder: INTERACT_DEMO_HOME=…"
        )
    return not dag["is_stale"] and datetime.fromisoformat(dag["last_parsed_time"]) > local.began


def _define(ours: settings.Settings) -> None:
    from interact.commands.apply import apply_files
    from interact.store.migrate import migrate

    migrate(ours.database_url)
    apply_files(ours, [DEFINITIONS])
