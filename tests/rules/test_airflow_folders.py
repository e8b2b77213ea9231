"""Airflow finds our plugin and our DAG files, runs none of our other modules, and loads nothing heavy for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rules.house import ROOT, product

HEAVY = ("duckdb", "fastapi", "pandas", "pydantic_ai", "sqlglot", "vl_convert", "weasyprint")
LIGHT_ROOMS = ("factory", "operators", "timetables", "notifiers", "plugin", "runs")


def test_airflow_runs_no_module_of_ours_but_the_plugin() -> None:
    # Otherwise it executes each one under its bare name, and `notices/email.py` would replace the standard `email`.
    assert (ROOT / "plugins/interact/.airflowignore").read_text().split() == ["*", "!plugin.py"]
    assert [path.name for path in (ROOT / "plugins").iterdir() if path.suffix == ".py"] == []


@pytest.mark.parametrize("path", sorted((ROOT / "dags").glob("*.py")), ids=lambda path: path.name)
def test_a_dag_file_has_the_words_without_which_airflow_skips_it(path: Path) -> None:
    text = path.read_text().lower()
    assert "airflow" in text, f"{path.name} lacks the word 'airflow'; Airflow would skip it in silence."
    assert "dag" in text, f"{path.name} lacks the word 'dag'; Airflow would skip it in silence."


@pytest.mark.parametrize("room", LIGHT_ROOMS)
def test_what_every_task_imports_is_light(room: str) -> None:
    names = [module.name for module in product() if module.room == room]
    if names:
        loaded = heavy_after_importing(names)
        assert loaded == [], (
            f"Importing {room!r} loads {', '.join(loaded)}; import them inside the function that needs them."
        )


def test_a_heavy_import_is_noticed() -> None:
    assert heavy_after_importing(["sqlglot"]) == ["sqlglot"]


def heavy_after_importing(names: list[str]) -> list[str]:
    """Return which heavy libraries a fresh interpreter has loaded after importing these modules."""
    code = f"import importlib, sys\nfor name in {names!r}: importlib.import_module(name)\n"
    code += f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "plugins")}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()[-1].split()
