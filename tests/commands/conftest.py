"""A home for commands to work in, and the command itself."""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from interact.commands.main import main

Command = Callable[..., tuple[int, str, str]]
DEMO = Path(__file__).resolve().parents[2] / "include" / "demo"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home with a folder of DAGs, named by the environment."""
    for name in [name for name in os.environ if name.startswith(("INTERACT_", "AIRFLOW"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("INTERACT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AIRFLOW__CORE__DAGS_FOLDER", str(tmp_path / "dags"))
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "interact_jobs.py").touch()
    os.utime(tmp_path / "dags" / "interact_jobs.py", (0, 0))
    return tmp_path


@pytest.fixture(autouse=True)
def _without_airflows_log() -> Iterator[None]:
    """Take away what Airflow, where a command opens its connections, logs to: a stream that ends with the test."""
    before = list(logging.root.handlers)
    yield
    for handler in [each for each in logging.root.handlers if each not in before]:
        logging.root.removeHandler(handler)


@pytest.fixture
def interact(home: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command: words to exit code, output and error output."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main(words)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture
def defined(interact: Command) -> None:
    """A store with the demo's definitions."""
    interact("migrate")
    interact("apply", str(DEMO))
