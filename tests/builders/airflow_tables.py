"""Airflow's own database, empty and fresh, for what reads its models in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any


@contextmanager
def airflow_tables(folder: Path) -> Iterator[None]:
    """Point Airflow in this process at a database of its own in a folder, and back again."""
    import pytest
    from airflow import settings
    from airflow.models import import_all_models
    from airflow.models.base import Base

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", f"sqlite:///{folder / 'airflow.db'}")
        _reconnect(settings)
        import_all_models()
        Base.metadata.create_all(settings.engine)
        yield
        settings.dispose_orm()
    _reconnect(settings)


def _reconnect(settings: Any) -> None:
    settings.configure_vars()
    settings.configure_orm()


def save_dag(dag_id: str, **changes: Any) -> None:
    """Save what Airflow knows of a DAG; it is switched on."""
    from airflow.models.dag import DagModel
    from airflow.models.dagbundle import DagBundleModel
    from airflow.utils.session import create_session

    plain = {"dag_id": dag_id, "bundle_name": "dags-folder", "is_paused": False, "is_stale": False}
    with create_session() as session:
        session.merge(DagBundleModel(name="dags-folder"))
        session.flush()
        session.merge(DagModel(**(plain | changes)))


def save_tasks(dag: Any) -> None:
    """Save a DAG as Airflow's API server reads it, tasks and parameters included; it is switched on."""
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.serialization.serialized_objects import LazyDeserializedDAG
    from airflow.utils.db import synchronize_log_template

    synchronize_log_template()
    save_dag(dag.dag_id)
    SerializedDagModel.write_dag(LazyDeserializedDAG.from_dag(dag), bundle_name="dags-folder")


def task_states(dag_id: str, run_id: str) -> dict[tuple[str, int], str | None]:
    """Return the state of each task of a run, by name and number."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy import select

    wanted = select(TaskInstance).where(TaskInstance.dag_id == dag_id, TaskInstance.run_id == run_id)
    with create_session() as session:
        return {(task.task_id, task.map_index): task.state for task in session.scalars(wanted)}


def set_states(dag_id: str, run_id: str, *, run: str, **tasks: str) -> None:
    """Say what the scheduler has made of a run, and of its tasks by their names."""
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy import update

    with create_session() as session:
        ours = (DagRun.dag_id == dag_id, DagRun.run_id == run_id)
        session.execute(update(DagRun).where(*ours).values(_state=run))
        for name, state in tasks.items():
            mine = (TaskInstance.dag_id == dag_id, TaskInstance.run_id == run_id, TaskInstance.task_id == name)
            session.execute(update(TaskInstance).where(*mine).values(state=state))


def save_dag_run(
    dag_id: str, run_id: str, *, state: str, run_after: datetime, end_date: datetime | None = None
) -> None:
    """Save a DAG run in a state."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from airflow.utils.types import DagRunTriggeredByType, DagRunType

    run = DagRun(
        dag_id=dag_id,
        run_id=run_id,
        logical_date=run_after,
        run_after=run_after,
        run_type=DagRunType.SCHEDULED,
        triggered_by=DagRunTriggeredByType.TIMETABLE,
        state=state,
    )
    run.end_date = end_date
    with create_session() as session:
        session.add(run)


def save_asset_event(name: str, uri: str, *, at: datetime, dag_id: str) -> None:
    """Save that a DAG loaded an asset at an instant."""
    from airflow.models.asset import AssetActive, AssetEvent, AssetModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        asset = session.scalar(select(AssetModel).where(AssetModel.name == name))
        if asset is None:
            asset = AssetModel(name=name, uri=uri)
            session.add(asset)
            session.flush()
            session.add(AssetActive(name=name, uri=uri))
        session.add(AssetEvent(asset_id=asset.id, source_dag_id=dag_id, timestamp=at))
