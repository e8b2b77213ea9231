"""A real Airflow to measure: own home, port and databases; settings to try; schedulers to kill and start again."""

import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import postgres
import yaml
from sqlalchemy import Engine, create_engine, text

from interact import settings
from interact.commands.calls import Calls
from interact.commands.local import sign_in
from interact.commands.stack import REPOSITORY, Place, Stack, environment
from interact.store import keys, organisations
from interact.store.migrate import migrate
from interact.store.sessions import open_store

PROMPT = "Total spend and revenue for the past 7 days."


@dataclass
class Rig:
    """A running Airflow with our product in it, and no jobs."""

    stack: Stack
    settings: settings.Settings
    airflow: Calls
    metadata: Engine
    store: Engine
    _schedulers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start_scheduler(self, name: str) -> None:
        """Start one more scheduler, or a killed one again, with a process group of its own."""
        log = self.stack.at.home / "logs" / f"{name}.log"
        with log.open("ab") as output:
            self._schedulers[name] = subprocess.Popen(
                [sys.executable, "-m", "airflow", "scheduler", "--skip-serve-logs"],
                env=self.stack.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def kill_scheduler(self, name: str, *, tasks: bool) -> None:
        """Kill a scheduler without a word; with its workers and their running tasks, as in a power cut, or without."""
        process = self._schedulers.pop(name)
        # A task has a process group of its own, but not a session.
        for pid in _session(process.pid) if tasks else [process.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()

    def scheduler_of(self, dag_id: str) -> str:
        """Return the name of the scheduler that runs a task of a DAG now."""
        query = "SELECT pid FROM task_instance WHERE dag_id = :dag_id AND state = 'running' AND pid IS NOT NULL"
        ((pid,), *_) = self.rows(query, store=False, dag_id=dag_id)
        return next(name for name, process in self._schedulers.items() if os.getsid(pid) == process.pid)

    def stop_schedulers(self) -> None:
        """Stop all schedulers with everything they started."""
        for name in list(self._schedulers):
            self.kill_scheduler(name, tasks=True)

    def rows(self, query: str, *, store: bool = True, **values: Any) -> list[Any]:
        """Return rows of our store, or of Airflow's own database."""
        with (self.store if store else self.metadata).connect() as connection:
            return list(connection.execute(text(query), values))


@dataclass(frozen=True)
class Ground:
    """Where a rig stands: which database, which DAG files, which of Airflow's settings (SECTION__KEY) differ."""

    database: str
    dags: tuple[Path, ...]
    schedulers: int = 1
    changed: Mapping[str, str] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def standing(ground: Ground) -> Iterator[Rig]:
    """Give a running rig, and leave no process and no file behind; BENCH_HOME keeps its logs."""
    with ExitStack() as stack:
        kept = os.environ.get("BENCH_HOME")
        home = Path(kept) if kept else Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-airflow-")))
        yield from _standing(ground, home, _databases(ground.database, stack))


def _databases(database: str, stack: ExitStack) -> dict[str, str]:
    if database == "sqlite":
        return {}
    server = stack.enter_context(postgres.server("airflow", "interact"))
    return {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"{server}/airflow", "INTERACT_DATABASE_URL": f"{server}/interact"}


def _standing(ground: Ground, home: Path, databases: dict[str, str]) -> Iterator[Rig]:
    at = Place(home, postgres.free_port())
    first, *further = ground.dags
    environ = environment(at, dict(os.environ), dags=tuple(further))
    bundles = environ["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"]
    environ |= {
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": bundles.replace(f'"{REPOSITORY / "dags"}"', f'"{first}"'),
        "AIRFLOW__CORE__DAGS_FOLDER": str(first),
        **{f"AIRFLOW__{name}": value for name, value in ground.changed.items()},
        **databases,
        **ground.environ,
        "PYTHONPATH": os.pathsep.join([environ["PYTHONPATH"], *filter(None, [os.environ.get("PYTHONPATH")])]),
    }
    stack = Stack(at, environ)
    ours = settings.read(environ)
    rig = None
    try:
        stack.migrate()
        migrate(ours.database_url)
        load_warehouse(at.warehouse)
        stack.start_api()
        stack.wait_until_up()
        metadata = create_engine(environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
        rig = Rig(stack, ours, sign_in(at), metadata, create_engine(ours.database_url))
        stack._start("dag-processor")
        for number in range(ground.schedulers):
            rig.start_scheduler(f"scheduler-{number + 1}")
        yield rig
    finally:
        if rig is not None:
            rig.stop_schedulers()
            rig.metadata.dispose()
            rig.store.dispose()
        stack.stop()


def key_headers(rig: Rig) -> dict[str, str]:
    """Return the headers of a fresh API key of the demo's organisation that may do all that a key can."""
    with open_store(rig.settings.database_url).writing() as session:
        organisation = organisations.by_key(session, "norrland")
        if organisation is None:
            raise SystemExit("The demo's organisation is not there; `definitions` has it.")
        wanted = keys.NewKey("bench", frozenset({"agent_jobs_read", "agent_jobs_trigger"}))
        secret, _ = keys.create(session, organisation.organisation_id, wanted, now=datetime.now(UTC))
    return {"X-API-Key": secret, "X-Organization-Id": organisation.organisation_id}


def _session(leader: int) -> list[int]:
    """Return the processes of a session, its leader first."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(ProcessLookupError):
            if os.getsid(int(entry.name)) == leader:
                found.append(int(entry.name))
    return sorted(found, key=lambda pid: pid != leader)


def load_warehouse(file: Path) -> None:
    """Write the demo's warehouse, which ends yesterday."""
    if not file.exists():
        generator = runpy.run_path(str(REPOSITORY / "include" / "demo" / "performance.py"))
        generator["load"](file, date.today() - timedelta(days=1))  # noqa: DTZ011


def definitions(folder: Path, jobs: Mapping[str, Mapping[str, object]]) -> Path:
    """Write the demo's organisation and agent, and these jobs (key to what differs), as a file to apply."""
    demo = REPOSITORY / "include" / "demo"
    documents = list(yaml.safe_load_all((demo / "definitions.yaml").read_text(encoding="utf-8")))
    kept = [document for document in documents if document["kind"] != "job"]
    for document in kept:
        if document["kind"] == "agent":
            document["semantic_model"] = str(demo / "semantic_model.yaml")
    plain = {"kind": "job", "organisation": "norrland", "agent": "analyst", "owner": "admin", "prompt": PROMPT}
    kept += [{**plain, "key": key, "name": key, **changes} for key, changes in jobs.items()]
    file = folder / "definitions.yaml"
    file.write_text(yaml.safe_dump_all(kept, sort_keys=False), encoding="utf-8")
    return file
