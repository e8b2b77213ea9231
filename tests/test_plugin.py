"""The scheduler imports what our tasks need before it forks them; nothing else pays for it."""

import json
import subprocess
import sys

import pytest

LOOK = """
import json, sys
from types import SimpleNamespace
from interact.plugin import TASKS, InteractPlugin
before = [name for name in TASKS if name in sys.modules]
(listener,) = InteractPlugin.listeners
listener.on_starting(component=SimpleNamespace(job_type=sys.argv[1]))
print(json.dumps([before, [name for name in TASKS if name in sys.modules], "duckdb" in sys.modules, len(TASKS)]))
"""


@pytest.mark.parametrize(("component", "imports"), [("SchedulerJob", True), ("TriggererJob", False)])
def test_only_a_scheduler_imports_what_tasks_need_when_it_starts(component: str, *, imports: bool) -> None:
    done = subprocess.run([sys.executable, "-c", LOOK, component], capture_output=True, text=True, check=True)
    before, after, has_duckdb, count = json.loads(done.stdout.splitlines()[-1])
    assert before == []
    assert len(after) == (count if imports else 0)
    assert not has_duckdb
