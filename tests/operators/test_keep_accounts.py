"""The watch's task, and the DAG that holds it."""

import importlib.util
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from builders.fake_airflow import FakeAirflow
from builders.story import a_desk
from interact.operators import supervisor
from interact.operators.keep_accounts import KeepAccountsOperator
from interact.runs.account import Accounts
from interact.store import watch

FILE = Path(__file__).parents[2] / "dags" / "interact_watch.py"


def the_dag() -> Any:
    """Parse the DAG file."""
    spec = importlib.util.spec_from_file_location("interact_watch", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.dag


def test_the_watch_is_one_task_every_five_minutes_that_needs_no_store_to_be_parsed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("INTERACT_DATABASE_URL", "postgresql://nobody@localhost:1/nothing")
    dag = the_dag()
    assert (dag.dag_id, dag.max_active_runs, dag.catchup, dag.is_paused_upon_creation) == (
        "interact_watch",
        1,
        False,
        False,
    )
    assert [task.task_id for task in dag.tasks] == ["account"]
    assert dag.schedule == timedelta(minutes=5)


def test_how_often_and_in_which_queue_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERACT_WATCH_MINUTES", "7")
    monkeypatch.setenv("INTERACT_QUEUE", "agents")
    dag = the_dag()
    assert (dag.schedule, dag.get_task("account").queue) == (timedelta(minutes=7), "agents")


def test_it_keeps_the_accounts_and_returns_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("INTERACT_HOME", str(tmp_path))
    monkeypatch.setattr(supervisor, "Supervisor", FakeAirflow)
    desk = a_desk(tmp_path)
    with caplog.at_level(logging.INFO):
        counts = KeepAccountsOperator(task_id="account").execute({})
    assert counts == Accounts().plain()
    assert "0 times skipped, 0 not run; 0 runs closed, 0 started; 0 outages over; 0 runs told" in caplog.text
    assert "missed times of 0 jobs; 0 messages delivered, 0 failed, 0 unknown; 0 faults" in caplog.text
    with desk.store.reading() as session:
        assert watch.last(session) is not None
