"""The scheduler imports what our tasks need before it forks them; nothing else pays for it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LOOK = """
import importlib, json, sys
from airflow.listeners.listener import get_listener_manager
from interact.plugin import TASKS, InteractPlugin
importlib.import_module(sys.argv[1])
from airflow.jobs.job import Job
before = [name for name in TASKS if name in sys.modules]
(listener,) = InteractPlugin.listeners
get_listener_manager().add_listener(listener)
Job()
print(json.dumps([before, [name for name in TASKS if name in sys.modules], "duckdb" in sys.modules, len(TASKS)]))
"""


@pytest.mark.parametrize(
    ("component", "imports"),
    [
        ("airflow.cli.commands.scheduler_command", True),
        ("airflow.cli.commands.triggerer_command", False),
        ("airflow.cli.commands.dag_processor_command", False),
    ],
)
def test_only_a_scheduler_imports_what_tasks_need_when_airflow_makes_its_record(
    component: str, *, imports: bool, tmp_path: Path
) -> None:
    environ = os.environ | {"AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", LOOK, component]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    before, after, has_duckdb, count = json.loads(done.stdout.splitlines()[-1])
    assert before == []
    assert len(after) == (count if imports else 0)
    assert not has_duckdb
