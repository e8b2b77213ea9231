"""What tests of several rooms share: a real PostgreSQL and a real Chromium, both gone when the tests are."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Importing Airflow makes its folder; a test run leaves nothing in anybody's home.
os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="interact-airflow-"))

NOT_INSTALLED = "{} is not installed, and these tests need the real one. `bin/bootstrap --with-tests` installs it."
FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"


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


def postgres_programs(debian: Path = Path("/usr/lib/postgresql"), *, path: str | None = None) -> Path:
    """The folder of PostgreSQL's own programs, the newest of those that Debian keeps off the PATH."""
    found = sorted(debian.glob("*/bin/initdb"), key=lambda program: int(program.parts[-3]))
    elsewhere = shutil.which("initdb", path=path)
    if not found and elsewhere is None:
        pytest.fail(NOT_INSTALLED.format("PostgreSQL"), pytrace=False)
    return found[-1].parent if found else Path(str(elsewhere)).resolve().parent


def another_user(folder: Path) -> dict[str, Any]:
    """Give the folder to someone who is not root, which PostgreSQL refuses to be, and return how to run as them."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless; a test opens its own context or page.

    One a module, not one a session: Playwright keeps an event loop in this thread, in which `asyncio.run` is refused.
    """
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    if program is None:
        pytest.fail(NOT_INSTALLED.format("Chromium"), pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program)
        yield chromium
        chromium.close()
