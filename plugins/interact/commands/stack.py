"""A whole Airflow on this machine: its processes, started in order, watched, and stopped without leftovers."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO
from urllib.error import URLError
from urllib.request import urlopen

from interact.errors import InteractError, SettingRefused
from interact.store.rights import make_folder

DEFAULT_PORT = 8080
REPOSITORY = Path(__file__).resolve().parents[3]
RESTARTS = 3
RESTARTS_WITHIN_SECONDS = 600.0
STOP_SECONDS = 10.0


class StackFailed(InteractError):
    """An Airflow process that did not start or did not stay."""


@dataclass(frozen=True)
class Place:
    """Where one local Airflow lives: a folder for all that it writes, and the port people reach it at."""

    home: Path
    port: int

    @property
    def url(self) -> str:
        """The address of its pages and its API."""
        return f"http://localhost:{self.port}"

    @property
    def warehouse(self) -> Path:
        """The demo warehouse's DuckDB file."""
        return self.home / "warehouse.duckdb"


def place(environ: Mapping[str, str]) -> Place:
    """Return the place that INTERACT_DEMO_HOME (default `.interact` in the repository) and INTERACT_PORT name."""
    port = environ.get("INTERACT_PORT") or str(DEFAULT_PORT)
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise SettingRefused(f"INTERACT_PORT is {port!r}; it takes a port number from 1 to 65535.")
    return Place(Path(environ.get("INTERACT_DEMO_HOME") or REPOSITORY / ".interact").absolute(), int(port))


def require_free(port: int) -> None:
    """Raise StackFailed when something listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StackFailed(
                f"Port {port} cannot be used ({error.strerror}). "
                "Stop what listens there, or name another port: INTERACT_PORT=8090."
            ) from None


def environment(at: Place, outside: Mapping[str, str], *, dags: tuple[Path, ...] = ()) -> dict[str, str]:
    """Return the environment of a place's Airflow processes: what is set outside, less Airflow's own, plus ours."""
    kept = {name: value for name, value in outside.items() if not name.startswith(("AIRFLOW", "INTERACT_"))}
    secret = _secrets(at.home)
    airflow = {
        "CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": _bundles((REPOSITORY / "dags", *dags)),
        "CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "16",
        "CORE__FERNET_KEY": secret["fernet"],
        "CORE__EXECUTION_API_SERVER_URL": f"{at.url}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(at.home / "airflow" / "passwords.json"),
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{at.home / 'airflow' / 'airflow.db'}",
        "API__BASE_URL": at.url,
        "API__HOST": "127.0.0.1",
        "API__PORT": str(at.port),
        "API__WORKERS": "1",
        "API__SECRET_KEY": secret["api"],
        "API_AUTH__JWT_SECRET": secret["jwt"],
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        # Many jobs are due at the same minute: all their runs at once, so that no first task waits behind later ones.
        "SCHEDULER__MAX_DAGRUNS_TO_CREATE_PER_LOOP": "200",
        "SCHEDULER__MAX_DAGRUNS_PER_LOOP_TO_SCHEDULE": "100",
        # What watches over a task looks up this often at least; at 5 seconds short tasks wait for it at times.
        "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        # Decision 0008: an edit is parsed, written down and seen by the scheduler at once; a deleted job is out of
        # Airflow's list two minutes later.
        "CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "1",
        "DAG_PROCESSOR__STALE_DAG_THRESHOLD": "90",
        "SCHEDULER__PARSING_CLEANUP_INTERVAL": "10",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    return {
        **kept,
        **{f"AIRFLOW__{name}": value for name, value in airflow.items()},
        "AIRFLOW_HOME": str(at.home / "airflow"),
        "AIRFLOW_CONN_DEMO_WAREHOUSE": json.dumps({"conn_type": "duckdb", "extra": {"path": str(at.warehouse)}}),
        "INTERACT_HOME": str(at.home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{outside.get('PATH', '')}",
        "PYTHONPATH": str(REPOSITORY / "plugins"),
    }


def _bundles(folders: tuple[Path, ...]) -> str:
    local = "airflow.dag_processing.bundles.local.LocalDagBundle"
    return json.dumps(
        [{"name": f"dags-{n}", "classpath": local, "kwargs": {"path": str(folder)}} for n, folder in enumerate(folders)]
    )


def password(at: Place) -> str:
    """Return the password of Airflow's user `admin` at this place."""
    return _secrets(at.home)["admin"]


def _secrets(home: Path) -> dict[str, str]:
    """Return this place's secrets, made once, in a file that only its owner reads."""
    kept = home / "airflow" / "secrets.json"
    if kept.exists():
        found: dict[str, str] = json.loads(kept.read_text(encoding="utf-8"))
        return found
    import base64

    make_folder(home)
    kept.parent.mkdir(exist_ok=True)
    made = {name: secrets.token_urlsafe(32) for name in ("api", "jwt")}
    made |= {"admin": secrets.token_hex(6), "fernet": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}
    _write_private(kept.with_name("passwords.json"), {"admin": made["admin"]})
    _write_private(kept, made)
    return made


def _write_private(path: Path, content: dict[str, str]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file)


@dataclass
class Stack:
    """The processes of one Airflow. `start` returns when it takes requests; `stop` leaves no process behind."""

    at: Place
    environ: dict[str, str]
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _restarted: dict[str, list[float]] = field(default_factory=dict)
    """When each process was started again, of late."""

    def migrate(self) -> None:
        """Create or upgrade Airflow's own database, once for each Airflow version."""
        from importlib.metadata import version

        stamp = self.at.home / "airflow" / f".migrated-{version('apache-airflow')}"
        if stamp.exists() and (self.at.home / "airflow" / "airflow.db").exists():
            return
        with self._log("migrate") as log:
            done = subprocess.run(self._command("db", "migrate"), env=self.environ, stdout=log, stderr=log, check=False)
        if done.returncode:
            raise StackFailed(f"Airflow could not create its database. {self._tail('migrate')}")
        stamp.touch()

    def start_api(self) -> None:
        """Start the API server, without waiting for it."""
        self._start("api-server")

    def start_rest(self) -> None:
        """Start what needs a healthy API server: a task that starts before it would fail."""
        for name in ("scheduler", "dag-processor", "triggerer"):
            self._start(name)

    def wait_until_up(self, seconds: float = 120) -> None:
        """Return when the API server answers; raises StackFailed with the end of its log when it does not."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._running["api-server"].poll() is not None:
                raise StackFailed(f"Airflow's API server stopped while starting. {self._tail('api-server')}")
            try:
                with urlopen(f"{self.at.url}/api/v2/monitor/health", timeout=5):
                    return
            except (URLError, OSError):
                time.sleep(0.2)
        raise StackFailed(f"Airflow's API server did not answer within {seconds:.0f} s. {self._tail('api-server')}")

    def check(self) -> None:
        """Start again what has died; raises StackFailed for a process that needed it three times of late."""
        now = time.monotonic()
        for name, process in list(self._running.items()):
            if process.poll() is not None:
                of_late = [at for at in self._restarted.get(name, []) if now - at < RESTARTS_WITHIN_SECONDS]
                if len(of_late) >= RESTARTS:
                    raise StackFailed(f"Airflow's {name} keeps stopping. {self._tail(name)}")
                self._restarted[name] = [*of_late, now]
                self._start(name)

    def stop(self) -> None:
        """Stop all processes: asked first, then killed with everything they started."""
        for process in self._running.values():
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            _signal_group(process, signal.SIGKILL)
            process.wait()
        self._running.clear()

    def _start(self, name: str) -> None:
        extra = ["--skip-serve-logs"] if name in ("scheduler", "triggerer") else []
        with self._log(name) as log:
            self._running[name] = subprocess.Popen(
                self._command(name, *extra),
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "airflow", *words]

    def _log(self, name: str) -> IO[bytes]:
        path = self._log_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("ab")

    def _log_path(self, name: str) -> Path:
        return self.at.home / "logs" / f"{name}.log"

    def _tail(self, name: str) -> str:
        path = self._log_path(name)
        lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-8:] if path.exists() else []
        return "\n".join([f"The end of {path}:", *lines])


def stop_when_told() -> None:
    """Let a polite kill, or a closed terminal, end this command as Ctrl-C does: with everything stopped."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
