"""The DAG of questions: one for all of them, the tasks of a job's, made without a store."""

import importlib.util
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization

from builders.story import a_desk, a_job
from interact.factory.asking import questions
from interact.factory.build import build
from interact.jobs.stored import Published
from interact.settings import read
from interact.store.published import published

SETTINGS = read({"AIRFLOW_HOME": "/srv/airflow"})
ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "dags" / "interact_watch.py"


def shape(dag: DAG, task_id: str) -> tuple[object, ...]:
    """Return what a task is, but for its limits of time."""
    task = dag.get_task(task_id)
    return type(task), task.is_mapped, task.retries, task.trigger_rule, task.pool, sorted(task.downstream_task_ids)


def test_a_question_has_the_tasks_of_a_job(tmp_path: Path) -> None:
    desk = a_desk(tmp_path)
    a_job(desk, parameters={}, prompt="Spend?")
    with desk.store.reading() as session:
        (row,) = published(session)
    job, asking = build(Published.of(row), SETTINGS), questions(SETTINGS)
    names = [task.task_id for task in asking.topological_sort()]
    assert names == [task.task_id for task in job.topological_sort()] == ["begin", "ask", "render", "announce"]
    assert [shape(asking, name) for name in names] == [shape(job, name) for name in names]


def test_many_questions_are_under_way_at_once_and_nothing_starts_one_by_itself() -> None:
    dag = questions(SETTINGS)
    assert (dag.dag_id, dag.schedule, dag.catchup, dag.is_paused_upon_creation) == ("interact_ask", None, False, False)
    assert (dag.max_active_runs, list(dag.params), dag.tags) == (16, [], {"interact"})


def test_an_answer_ends_after_ten_minutes_and_a_run_that_no_tasks_limit_reaches_too() -> None:
    dag = questions(SETTINGS)
    minutes = {task.task_id: task.execution_timeout / timedelta(minutes=1) for task in dag.tasks}
    assert minutes == {"begin": 5, "ask": 10, "render": 15, "announce": 5}
    assert dag.dagrun_timeout is not None
    assert dag.dagrun_timeout > timedelta(minutes=sum(minutes.values()))


def test_pool_and_queue_are_taken_from_the_settings() -> None:
    settings = read({"AIRFLOW_HOME": "/srv/airflow", "INTERACT_QUEUE": "agents", "INTERACT_POOL": "own"})
    dag = questions(settings)
    assert {task.queue for task in dag.tasks} == {"agents"}
    assert dag.get_task("ask").pool == "own"


def test_it_is_the_same_at_each_parse_bit_by_bit() -> None:
    first, second = (json.dumps(DagSerialization.to_dict(questions(SETTINGS)), sort_keys=True) for _ in range(2))
    assert first == second


def test_its_page_says_where_to_ask() -> None:
    assert "open *Agents*, choose one, and ask there" in str(questions(SETTINGS).doc_md)


def parsed() -> dict[str, DAG]:
    """Return the DAGs of the file by their names."""
    spec = importlib.util.spec_from_file_location("interact_watch", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {each.dag_id: each for each in vars(module).values() if isinstance(each, DAG)}


def test_it_stands_in_the_file_of_the_watch_whether_there_is_a_store_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERACT_DATABASE_URL", "postgresql://nobody@localhost:1/nothing")
    assert set(parsed()) == {"interact_watch", "interact_ask"}


def test_to_parse_its_file_takes_no_store_and_nothing_heavy(tmp_path: Path) -> None:
    asked = ("interact.store.sessions", "interact.store.tables", "weasyprint", "duckdb", "fastapi", "pydantic_ai")
    code = "import runpy, sys\n"
    code += f"runpy.run_path({str(FILE)!r})\nprint([name for name in {asked!r} if name in sys.modules])"
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "plugins"), "AIRFLOW_HOME": str(tmp_path)}
    done: Any = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1] == "[]"
