"""What tests of several rooms share: a real PostgreSQL and a real Chromium, both gone when the tests are."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from bench.postgres import another_user

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from interact.store.sessions import Store

# Importing Airflow makes its folder; a test run leaves nothing in anybody's home.
os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="interact-airflow-"))

# The same examples each time: what lands is what was tested. EXPLORE=1 draws others.
settings.register_profile("the same", derandomize=True)
if not os.environ.get("EXPLORE"):
    settings.load_profile("the same")

WALKS = "tests/walks/"
NOT_INSTALLED = "{} is not installed, and these tests need the real one. `bin/bootstrap --with-tests` installs it."
# Debian's Chromium has its own sandbox, which a container without user namespaces does not allow.
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CHROMIUM_TRIES = 3
FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each process whole files, so that what a file sets up is set up once, and one of them all walks."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return WALKS if nodeid.startswith(WALKS) else nodeid.split("::")[0]

    return ByFile(config, log)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The SQLAlchemy URL of an empty database on a server of our own, reached through a socket, without a port."""
    programs = postgres_programs()
    folder = Path(tempfile.mkdtemp(prefix="interact-postgres-"))
    as_somebody = another_user(folder)

    def call(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60, **as_somebody)

    try:
        call("initdb", "-U", "interact", "--auth=trust", "--no-sync", "--no-locale", "-E", "UTF8")
        # Its output goes to a file: a server that held our pipe open would keep this call waiting.
        call("pg_ctl", "start", "-w", "-l", str(folder / "log"), "-o", f"-c listen_addresses= -k {folder} {FAST}")
        yield f"postgresql+psycopg2://interact@/postgres?host={folder}"
        call("pg_ctl", "stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_store(postgres_url: str) -> Iterator[Store]:
    """A migrated store on PostgreSQL."""
    from builders.stores import empty_database, opened

    with empty_database(postgres_url) as url, opened(url) as store:
        yield store


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A migrated store without rows: each test that asks for it runs on both databases."""
    from builders.stores import emptied, opened, sqlite_url

    if request.param == "postgres":
        yield emptied(request.getfixturevalue("postgres_store"))
    else:
        with opened(sqlite_url(tmp_path)) as fresh:
            yield fresh


def postgres_programs(debian: Path = Path("/usr/lib/postgresql"), *, path: str | None = None) -> Path:
    """The folder of PostgreSQL's own programs, the newest of those that Debian keeps off the PATH."""
    found = sorted(debian.glob("*/bin/initdb"), key=lambda program: int(program.parts[-3]))
    elsewhere = shutil.which("initdb", path=path)
    if not found and elsewhere is None:
        pytest.fail(NOT_INSTALLED.format("PostgreSQL"), pytrace=False)
    return found[-1].parent if found else Path(str(elsewhere)).resolve().parent


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless; a test opens its own context or page.

    One a module, not one a session: Playwright keeps an event loop in this thread, in which `asyncio.run` is refused.
    """
    from playwright.sync_api import TimeoutError, sync_playwright  # noqa: A004

    program = shutil.which("chromium")
    if program is None:
        pytest.fail(NOT_INSTALLED.format("Chromium"), pytrace=False)
    with sync_playwright() as playwright:
        for tries_left in reversed(range(CHROMIUM_TRIES)):
            with started_chromium(program) as port:
                try:
                    chromium = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
                except TimeoutError:
                    # A machine with its hands full: now and then a fresh Chromium listens, but never answers.
                    if not tries_left:
                        raise
                    continue
                yield chromium
                chromium.close()
                return


@contextmanager
def started_chromium(program: str) -> Iterator[int]:
    """Run a Chromium of our own, and give the port that it is steered through."""
    folder = Path(tempfile.mkdtemp(prefix="interact-chromium-"))
    as_somebody = another_user(folder)
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            [program, *QUIET, f"--user-data-dir={folder / 'profile'}", "--remote-debugging-port=0"],
            cwd=folder,
            env={**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_CACHE_HOME": str(folder)},
            stdout=log,
            stderr=log,
            start_new_session=True,
            **as_somebody,
        )
    try:
        yield debugging_port(folder, running)
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        shutil.rmtree(folder, ignore_errors=True)


def debugging_port(folder: Path, running: subprocess.Popen[bytes]) -> int:
    """The port that a starting Chromium has written into its profile."""
    file = folder / "profile" / "DevToolsActivePort"
    for _ in range(300):
        if file.exists() and (lines := file.read_text().split()):
            return int(lines[0])
        if running.poll() is not None:
            break
        time.sleep(0.1)
    told = (folder / "log").read_text(errors="replace")[-2000:]
    pytest.fail(f"Chromium did not start: {told}", pytrace=False)
