"""Airflow as a task may ask it: through the execution API, by way of the task's supervisor. The one module that does.

It needs no credentials and no database; what it relies on is held to Airflow by `tests/operators/test_supervisor.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from airflow.sdk.exceptions import AirflowRuntimeError, ErrorType
from airflow.sdk.execution_time import task_runner
from airflow.sdk.execution_time.comms import ErrorResponse, GetDag, GetDagRun, TriggerDagRun
from airflow.sdk.execution_time.context import InletEventsAccessor

from interact.operators.asset_uri import as_kept
from interact.runs.airflow import Airflow, AirflowRun, AssetLoad

_REFUSED = range(400, 500)


class Supervisor(Airflow):
    """Airflow, asked from inside a task; an API server that cannot answer raises, and a retry helps."""

    def run_of(self, dag_id: str, dag_run_id: str) -> AirflowRun | None:
        """Return a DAG run; None when Airflow has no such run."""
        told = _ask(GetDagRun(dag_id=dag_id, run_id=dag_run_id))
        return AirflowRun(str(told.state.value), told.end_date) if told else None

    def is_paused(self, dag_id: str) -> bool | None:
        """Return whether somebody paused a DAG; None when Airflow has no such DAG."""
        told = _ask(GetDag(dag_id=dag_id))
        return bool(told.is_paused) if told else None

    def last_load(self, asset: str) -> AssetLoad:
        """Return the newest event of an asset, found by its name, or by its URI when it holds `://`."""
        is_uri = "://" in asset
        events = InletEventsAccessor(asset_uri=as_kept(asset)) if is_uri else InletEventsAccessor(asset_name=asset)
        newest = next(iter(events.ascending(False).limit(1)), None)  # noqa: FBT003  # Airflow's own signature
        return AssetLoad(asset, newest.timestamp if newest else None, newest.source_dag_id if newest else None)

    def start(self, dag_id: str, dag_run_id: str, *, conf: Mapping[str, object], run_after: datetime) -> bool:
        """Hand an accepted run over; True also when Airflow has it already, False when it does not take it now."""
        told = _ask(TriggerDagRun(dag_id=dag_id, run_id=dag_run_id, conf=dict(conf), run_after=run_after))
        return told is not None and (not isinstance(told, ErrorResponse) or _exists(told))


def _ask(message: Any) -> Any:
    """Return the supervisor's answer; None when Airflow has not what was asked for, or refuses it."""
    try:
        return task_runner.SUPERVISOR_COMMS.send(message)
    except AirflowRuntimeError as error:
        detail = error.error.detail or {}
        if error.error.error is ErrorType.API_SERVER_ERROR and detail.get("status_code") in _REFUSED:
            return None
        raise


def _exists(told: ErrorResponse) -> bool:
    return told.error is ErrorType.DAGRUN_ALREADY_EXISTS
