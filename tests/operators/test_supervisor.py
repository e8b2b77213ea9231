"""What our tasks rely on of Airflow's execution API, asked of the real one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Asset, Param
from airflow.sdk.exceptions import AirflowRuntimeError, ErrorType
from airflow.sdk.execution_time import task_runner
from airflow.sdk.execution_time.comms import ErrorResponse

from builders.airflow_tables import save_asset_event, save_dag, save_dag_run, save_tasks
from builders.execution_api import a_task
from interact.operators.supervisor import Supervisor
from interact.runs.airflow import AirflowRun, AssetLoad

DUE = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def inside_a_task(airflow_database: None) -> Iterator[None]:
    """Ask as a task does."""
    with a_task():
        yield


def test_a_run_has_its_state_and_its_end() -> None:
    save_dag("runs")
    save_dag_run("runs", "going", state="running", run_after=DUE)
    save_dag_run("runs", "gone", state="failed", run_after=DUE + timedelta(hours=1), end_date=DUE + timedelta(hours=2))
    assert Supervisor().run_of("runs", "going") == AirflowRun("running", None)
    assert Supervisor().run_of("runs", "gone") == AirflowRun("failed", DUE + timedelta(hours=2))


def test_a_run_or_a_dag_that_airflow_does_not_have_is_none() -> None:
    assert Supervisor().run_of("runs", "deleted") is None
    assert Supervisor().is_paused("never_read") is None


def test_a_paused_dag_is_told_from_one_that_is_on() -> None:
    save_dag("on")
    save_dag("off", is_paused=True)
    assert (Supervisor().is_paused("on"), Supervisor().is_paused("off")) == (False, True)


def test_the_newest_load_of_an_asset_is_found_by_its_name_and_by_its_uri() -> None:
    for hours in (0, 2, 1):
        save_asset_event("warehouse.ads", "s3://warehouse/ads", at=DUE + timedelta(hours=hours), dag_id=f"load_{hours}")
    newest = DUE + timedelta(hours=2)
    assert Supervisor().last_load("warehouse.ads") == AssetLoad("warehouse.ads", newest, "load_2")
    assert Supervisor().last_load("s3://warehouse/ads") == AssetLoad("s3://warehouse/ads", newest, "load_2")


def test_a_uri_is_looked_up_as_airflow_keeps_it_and_named_as_the_job_names_it() -> None:
    save_asset_event("orders", Asset("orders", "s3://lake/orders/").uri, at=DUE, dag_id="load")
    for written in ("s3://lake/orders/", "S3://lake/orders"):
        assert Supervisor().last_load(written) == AssetLoad(written, DUE, "load")


@pytest.mark.parametrize("asset", ["never.heard.of", "s3://never/heard/of"])
def test_an_asset_that_nobody_loaded_has_no_load(asset: str) -> None:
    assert Supervisor().last_load(asset) == AssetLoad(asset, None, None)


def test_a_run_cannot_be_handed_to_a_dag_that_is_missing_stale_or_broken() -> None:
    save_dag("stale", is_stale=True)
    save_dag("broken", has_import_errors=True)
    for dag_id in ("never_read", "stale", "broken"):
        assert not Supervisor().start(dag_id, "run_1", conf={"market": ["NL"]}, run_after=DUE)


def edited(dag_id: str, **params: Param) -> None:
    """Save a DAG that an edit has left with these parameters."""
    with DAG(dag_id, schedule=None, params=params) as dag:
        EmptyOperator(task_id="begin")
    save_tasks(dag)


def test_a_run_whose_values_the_dag_takes_no_more_is_taken_without_them_where_it_needs_none() -> None:
    edited("edited", market=Param("NL", type="string", enum=["NL", "BE"]))
    assert not Supervisor().start("edited", "run_1", conf={"market": "SE"}, run_after=DUE)
    assert Supervisor().start("edited", "run_1", conf={}, run_after=DUE)
    assert Supervisor().start("edited", "run_1", conf={}, run_after=DUE)
    assert Supervisor().run_of("edited", "run_1") == AirflowRun("queued", None)


def test_a_dag_with_a_parameter_that_has_no_default_takes_no_run_without_it() -> None:
    edited("needs_one", market=Param(type="string", enum=["NL", "BE"]))
    for conf in ({"market": "SE"}, {}):
        assert not Supervisor().start("needs_one", "run_1", conf=conf, run_after=DUE)


class Says:
    """A supervisor that gives one answer, or raises it."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def send(self, _: object) -> object:
        """Answer."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def an_error(kind: ErrorType, **detail: object) -> ErrorResponse:
    """A fault as the supervisor tells it."""
    return ErrorResponse(error=kind, detail=detail or None)


def test_a_run_that_airflow_has_already_counts_as_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", Says(an_error(ErrorType.DAGRUN_ALREADY_EXISTS)))
    assert Supervisor().start("on", "run_1", conf={}, run_after=DUE)


@pytest.mark.parametrize("status", [500, 503, None])
def test_an_api_server_that_cannot_answer_is_a_fault_and_not_an_answer(
    status: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = AirflowRuntimeError(an_error(ErrorType.API_SERVER_ERROR, status_code=status))
    monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", Says(fault))
    with pytest.raises(AirflowRuntimeError, match="API_SERVER_ERROR"):
        Supervisor().run_of("runs", "going")
