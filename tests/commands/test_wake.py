"""Airflow is asked to read the jobs anew by the time of their DAG file."""

import os
from pathlib import Path

import pytest

from interact.commands.wake import AHEAD_SECONDS, DAG_FILE, ask_for_a_parse


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A DAG file of long ago."""
    file = tmp_path / DAG_FILE
    file.touch()
    os.utime(file, (0, 0))
    return file


def test_the_file_is_newer_than_a_parse_that_is_under_way(file: Path) -> None:
    ask_for_a_parse(file.parent, now=1000.0)
    assert file.stat().st_mtime == 1000.0 + AHEAD_SECONDS


def test_a_file_of_somebody_else_gets_the_present_time(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.utime

    def only_now(path: Path, times: tuple[float, float] | None = None) -> None:
        if times:
            raise PermissionError
        real(path)

    monkeypatch.setattr("interact.commands.wake.os.utime", only_now)
    ask_for_a_parse(file.parent, now=1000.0)
    assert file.stat().st_mtime > 1000.0 + AHEAD_SECONDS


def test_a_folder_without_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"No such file"):
        ask_for_a_parse(tmp_path, now=1000.0)
