"""Airflow's side of a run, in the API server's own process: the one module that touches Airflow's models.

None of it is Airflow's public interface; `tests/api/test_airflow_runs.py` holds it to what we rely on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from airflow.api.common.trigger_dag import trigger_dag
from airflow.exceptions import DagNotFound, DagRunAlreadyExists
from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.pool import Pool
from airflow.utils.session import create_session
from airflow.utils.types import DagRunTriggeredByType
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from interact.errors import NotStartable
from interact.runs.airflow import AirflowRun

POOL_SLOTS = 8


def require_startable(dag_id: str, job_key: str) -> None:
    """Raise NotStartable when Airflow would not run this DAG: not read yet, broken, or paused by somebody."""
    with create_session() as session:
        dag = session.get(DagModel, dag_id)
        if dag is None or dag.is_stale:
            fact = "Airflow has not read its DAG yet. Try again in some seconds; if it stays so, look at Import Errors."
        elif dag.has_import_errors:
            fact = "its DAG is broken. Airflow's home page shows the reason under Import Errors."
        elif dag.is_paused:
            fact = f"somebody paused its DAG {dag_id!r} in Airflow. Switch it on there, then trigger it again."
        else:
            return
    raise NotStartable(f"Job {job_key!r} cannot start: {fact}")


def paused(dag_ids: Collection[str]) -> frozenset[str]:
    """Return those of these DAGs that somebody paused in Airflow; one that Airflow has not read is not among them."""
    wanted = select(DagModel.dag_id).where(DagModel.dag_id.in_(dag_ids), DagModel.is_paused.is_(True))
    with create_session() as session:
        return frozenset(session.scalars(wanted))


def run_of(dag_id: str, run_id: str) -> AirflowRun | None:
    """Return what Airflow says of a run; None for one that it deleted."""
    fields = select(DagRun.state, DagRun.run_after, DagRun.end_date)
    with create_session() as session:
        found = session.execute(fields.where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)).one_or_none()
    if found is None:
        return None
    state, run_after, ended_at = found
    return AirflowRun(
        str(getattr(state, "value", state)), ended_at.astimezone(UTC) if ended_at else None, run_after.astimezone(UTC)
    )


def ensure_pool(name: str) -> None:
    """Make the pool of our agents' calls unless it exists: a task of a missing pool would wait for ever."""
    with suppress(IntegrityError), create_session() as session:  # Another server may make it at the same moment.
        if session.scalar(select(Pool.id).where(Pool.pool == name)) is None:
            described = "Calls of Interact's agents"
            session.add(Pool(pool=name, slots=POOL_SLOTS, description=described, include_deferred=False))


def start(dag_id: str, run_id: str, *, conf: Mapping[str, object], initiator: str, run_after: datetime) -> None:
    """Hand an accepted run to Airflow; doing it twice is harmless. Raises NotStartable when it cannot be taken now."""
    try:
        trigger_dag(
            dag_id,
            triggered_by=DagRunTriggeredByType.REST_API,
            triggering_user_name=initiator,
            run_id=run_id,
            run_after=run_after,
            conf=dict(conf),
        )
    except DagRunAlreadyExists:
        return
    except DagNotFound:
        raise NotStartable(f"Airflow has no DAG {dag_id!r} yet. Try again in some seconds.") from None
    except SQLAlchemyError as error:
        raise NotStartable(f"Airflow's database did not take the run ({type(error).__name__}).") from error
