"""What we rely on of Airflow's models, which are not its public interface."""

from datetime import UTC, datetime
from typing import Any

import pytest
from airflow.models.dagrun import DagRun
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Param
from airflow.utils.session import create_session
from sqlalchemy import func, select

from builders.airflow_tables import save_dag, save_dag_run, save_tasks, set_states, task_states
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
    ("how", "told", "retry_after_seconds"),
    [
        ({"is_paused": True}, r"Job 'weekly' cannot start: somebody paused its DAG 'd'", None),
        ({"is_stale": True}, r"Airflow has not read its DAG yet", 5),
        ({"has_import_errors": True}, r"its DAG is broken", None),
    ],
)
def test_a_dag_that_airflow_would_not_run_cannot_be_started_and_says_whether_waiting_helps(
    how: dict[str, Any], told: str, retry_after_seconds: int | None
) -> None:
    save_dag("d", **({"is_paused": False, "is_stale": False, "has_import_errors": False} | how))
    with pytest.raises(NotStartable, match=told) as refused:
        airflow_runs.require_startable("d", "weekly")
    assert refused.value.retry_after_seconds == retry_after_seconds


def test_a_dag_that_airflow_has_never_read_cannot_be_started() -> None:
    with pytest.raises(NotStartable, match=r"Airflow has not read its DAG yet") as refused:
        airflow_runs.require_startable("never_read", "weekly")
    assert refused.value.retry_after_seconds == 5


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

    for _ in range(2):
        airflow_runs.ensure_pool("calls")
    with create_session() as session:
        assert session.scalars(select(Pool.slots).where(Pool.pool == "calls")).all() == [airflow_runs.POOL_SLOTS]


def test_a_dag_that_airflow_does_not_have_takes_no_run() -> None:
    with pytest.raises(NotStartable, match=r"Airflow has no DAG 'missing' yet") as refused:
        airflow_runs.start("missing", "run_1", conf={}, initiator="key:ci", run_after=DUE)
    assert refused.value.retry_after_seconds == 5


def started(dag_id: str, *, conf: dict[str, object] | None = None) -> str:
    """Start a run of a job's DAG, with two chats to answer, and return its id."""
    with DAG(dag_id, schedule=None, params={"market": Param(type="string", enum=["NL", "BE"])}) as dag:
        begin, render = EmptyOperator(task_id="begin"), EmptyOperator(task_id="render")
        begin >> EmptyOperator.partial(task_id="ask").expand(email=["one", "two"]) >> render
    save_tasks(dag)
    airflow_runs.start(dag_id, "run_1", conf=conf or {}, initiator="key:ci", run_after=DUE)
    return "run_1"


def test_an_accepted_run_is_taken_although_the_dag_that_airflow_knows_has_other_values() -> None:
    run_id = started("edited", conf={"market": ["SE"]})
    assert airflow_runs.run_of("edited", run_id) == AirflowRun("queued", run_after=DUE)
    with create_session() as session:
        found = session.scalars(select(DagRun).where(DagRun.dag_id == "edited")).one()
        assert (found.conf, found.triggering_user_name, found.run_after) == ({"market": ["SE"]}, "key:ci", DUE)


def test_a_run_that_is_handed_over_twice_is_one_run() -> None:
    run_id = started("twice")
    airflow_runs.start("twice", run_id, conf={}, initiator="key:ci", run_after=DUE)
    with create_session() as session:
        assert session.scalar(select(func.count()).select_from(DagRun).where(DagRun.dag_id == "twice")) == 1


def test_a_cancelled_run_has_failed_its_tasks_under_way_are_killed_and_the_others_never_start() -> None:
    run_id = started("cancelled")
    set_states("cancelled", run_id, run="running", begin="success", ask="running")
    assert airflow_runs.cancel("cancelled", run_id)
    found = airflow_runs.run_of("cancelled", run_id)
    assert found is not None
    assert (found.state, found.has_ended, found.ended_at is not None) == ("failed", True, True)
    assert task_states("cancelled", run_id) == {
        ("begin", -1): "success",
        ("ask", 0): "failed",
        ("ask", 1): "failed",
        ("render", -1): "skipped",
    }


def test_a_run_that_waits_in_airflow_is_cancelled_too() -> None:
    run_id = started("waiting")
    assert airflow_runs.cancel("waiting", run_id)
    assert airflow_runs.run_of("waiting", run_id).state == "failed"
    assert set(task_states("waiting", run_id).values()) == {"skipped"}


def test_a_run_whose_dag_airflow_has_forgotten_ends_all_the_same() -> None:
    save_dag("forgotten")
    save_dag_run("forgotten", "run_1", state="running", run_after=DUE)
    assert airflow_runs.cancel("forgotten", "run_1")
    assert airflow_runs.run_of("forgotten", "run_1").state == "failed"


@pytest.mark.parametrize("state", ["success", "failed"])
def test_cancelling_what_has_ended_changes_nothing(state: str) -> None:
    run_id = started(f"ended_{state}")
    set_states(f"ended_{state}", run_id, run=state, begin="success", ask="success", render="success")
    assert not airflow_runs.cancel(f"ended_{state}", run_id)
    assert airflow_runs.run_of(f"ended_{state}", run_id) == AirflowRun(state, run_after=DUE)
    assert set(task_states(f"ended_{state}", run_id).values()) == {"success"}


def test_cancelling_a_run_that_airflow_does_not_have_is_harmless() -> None:
    assert not airflow_runs.cancel("cancelled", "run_unknown")
    assert not airflow_runs.cancel("never_read", "run_1")
