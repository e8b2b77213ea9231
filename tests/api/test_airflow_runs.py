"""What we rely on of Airflow's models, which are not its public interface."""

from datetime import UTC, datetime
from typing import Any

import pytest

from builders.airflow_tables import save_dag, save_dag_run
from interact.api import airflow_runs
from interact.errors import NotStartable
from interact.runs.airflow import AirflowRun

DUE = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("airflow_database")


def test_those_that_somebody_paused_are_told_from_the_others() -> None:
    save_dag("paused_one", is_paused=True)
    save_dag("running_one")
    assert airflow_runs.paused(["paused_one", "running_one", "unread"]) == {"paused_one"}
    assert airflow_runs.paused([]) == frozenset()


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"is_paused": True}, r"Job 'weekly' cannot start: somebody paused its DAG 'd'"),
        ({"is_stale": True}, r"Airflow has not read its DAG yet"),
        ({"has_import_errors": True}, r"its DAG is broken"),
    ],
)
def test_a_dag_that_airflow_would_not_run_cannot_be_started(how: dict[str, Any], told: str) -> None:
    save_dag("d", **({"is_paused": False, "is_stale": False, "has_import_errors": False} | how))
    with pytest.raises(NotStartable, match=told):
        airflow_runs.require_startable("d", "weekly")


def test_a_dag_that_airflow_has_never_read_cannot_be_started() -> None:
    with pytest.raises(NotStartable, match=r"Airflow has not read its DAG yet"):
        airflow_runs.require_startable("never_read", "weekly")


@pytest.mark.parametrize(
    ("state", "has_ended"), [("queued", False), ("running", False), ("success", True), ("failed", True)]
)
def test_a_run_says_its_state_and_the_instant_it_stands_for(state: str, has_ended: bool) -> None:
    save_dag(state)
    save_dag_run(state, "scheduled__1", state=state, run_after=DUE)
    found = airflow_runs.run_of(state, "scheduled__1")
    assert found == AirflowRun(state, run_after=DUE)
    assert found.has_ended == has_ended


def test_a_run_that_airflow_does_not_have_is_none() -> None:
    assert airflow_runs.run_of("runs", "deleted") is None


def test_the_pool_is_made_once() -> None:
    from airflow.models.pool import Pool
    from airflow.utils.session import create_session
    from sqlalchemy import select

    for _ in range(2):
        airflow_runs.ensure_pool("calls")
    with create_session() as session:
        assert session.scalars(select(Pool.slots).where(Pool.pool == "calls")).all() == [airflow_runs.POOL_SLOTS]


def test_a_dag_that_airflow_does_not_have_takes_no_run() -> None:
    with pytest.raises(NotStartable, match=r"Airflow has no DAG 'missing' yet"):
        airflow_runs.start("missing", "run_1", conf={}, initiator="key:ci", run_after=DUE)
