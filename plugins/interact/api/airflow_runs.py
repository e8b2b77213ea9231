"""Airflow's side of a run, in the API server's own process; beside `airflow_connections` it alone touches its models.

None of it is Airflow's public interface; `tests/api/test_airflow_runs.py` holds it to what we rely on.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import PurePosixPath

from airflow.api.common.trigger_dag import _trigger_dag
from airflow.api_fastapi.core_api.datamodels.dag_run import DagRunMutableStates
from airflow.api_fastapi.core_api.services.public.dag_run import patch_dag_run_state
from airflow.exceptions import DagNotFound, DagRunAlreadyExists
from airflow.models.dag import DagModel
from airflow.models.dagbag import DagPriorityParsingRequest, DBDagBag
from airflow.models.dagrun import DagRun
from airflow.models.pool import Pool
from airflow.serialization.definitions.dag import SerializedDAG
from airflow.serialization.definitions.param import SerializedParamsDict
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, State
from airflow.utils.types import DagRunTriggeredByType
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from interact.errors import AirflowUnavailable, NotStartable
from interact.jobs.naming import QUESTIONS_DAG
from interact.runs.airflow import AirflowRun

log = logging.getLogger(__name__)
POOL_SLOTS = 8
WATCH, JOBS_FILE = "interact_watch", "interact_jobs.py"
"""A DAG that there is without any job, and the DAG file beside its own that makes the jobs' DAGs."""
SOON_SECONDS = 5
"""When it is worth asking again whether Airflow has read a DAG."""


@contextmanager
def answering() -> Iterator[None]:
    """Raise AirflowUnavailable when Airflow's database does not answer, whoever of Airflow's asks it."""
    try:
        yield
    except SQLAlchemyError as error:
        log.exception("Airflow's database did not answer")
        raise AirflowUnavailable(type(error).__name__) from None


@contextmanager
def _asked() -> Iterator[Session]:
    """Give a session on Airflow's database; raises AirflowUnavailable when that does not answer."""
    with answering(), create_session() as session:
        yield session


def require_startable(dag_id: str, job_key: str) -> None:
    """Raise NotStartable when Airflow would not run this job's DAG: not read yet, broken, or paused by somebody."""
    _require_runnable(dag_id, f"Job {job_key!r} cannot start", whose="its DAG", again="trigger it again")


def require_askable() -> None:
    """Raise NotStartable when Airflow would not run the DAG that answers questions, for one of these reasons."""
    _require_runnable(QUESTIONS_DAG, "Nothing can be asked now", whose="the DAG of questions", again="ask again")


def _require_runnable(dag_id: str, what: str, *, whose: str, again: str) -> None:
    soon = None
    with _asked() as session:
        dag = session.get(DagModel, dag_id)
        if dag is None or dag.is_stale:
            fact = (
                f"Airflow has not read {whose} yet. Try again in some seconds; if it stays so, look at Import Errors."
            )
            soon = SOON_SECONDS
        elif dag.has_import_errors:
            fact = f"{whose} is broken. Airflow's home page shows the reason under Import Errors."
        elif dag.is_paused:
            fact = f"somebody paused {whose} {dag_id!r} in Airflow. Switch it on there, then {again}."
        else:
            return
    raise NotStartable(f"{what}: {fact}", retry_after_seconds=soon)


def paused(dag_ids: Collection[str]) -> frozenset[str]:
    """Return those of these DAGs that somebody paused in Airflow; one that Airflow has not read is not among them."""
    wanted = select(DagModel.dag_id).where(DagModel.dag_id.in_(dag_ids), DagModel.is_paused.is_(True))
    with _asked() as session:
        return frozenset(session.scalars(wanted))


def run_of(dag_id: str, run_id: str) -> AirflowRun | None:
    """Return what Airflow says of a run; None for one that it deleted."""
    fields = select(DagRun.state, DagRun.run_after, DagRun.end_date)
    with _asked() as session:
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


def ask_for_a_parse() -> None:
    """Have Airflow's DAG processor read the jobs anew within a second or so, wherever it runs.

    It does so at its next parse when it has not read our DAG files yet, or when its database does not answer: what was
    saved is saved.
    """
    watch = select(DagModel.bundle_name, DagModel.relative_fileloc).where(DagModel.dag_id == WATCH)
    try:
        with create_session() as session:
            found = session.execute(watch).one_or_none()
            if found and found.relative_fileloc:
                file = str(PurePosixPath(found.relative_fileloc).with_name(JOBS_FILE))
                session.add(DagPriorityParsingRequest(found.bundle_name, file))
    except IntegrityError:
        pass  # Somebody else has asked.
    except SQLAlchemyError:
        log.exception("Airflow could not be asked to read the jobs; it does so at its next parse")


class _AnyValue(DBDagBag):
    """Airflow's DAGs as they take any values.

    Those of an accepted run have been checked, and the DAG that Airflow knows may be of the job's version before or
    after: by its parameters Airflow would refuse a run that was promised.
    """

    def get_latest_version_of_dag(self, dag_id: str, *, session: Session) -> SerializedDAG | None:
        dag = super().get_latest_version_of_dag(dag_id, session=session)
        if dag is not None:
            dag.params = SerializedParamsDict()
        return dag


def start(dag_id: str, run_id: str, *, conf: Mapping[str, object], initiator: str, run_after: datetime) -> None:
    """Hand an accepted run to Airflow; doing it twice is harmless. Raises NotStartable when it cannot be taken now."""
    try:
        _trigger_dag(
            dag_id,
            _AnyValue(),
            triggered_by=DagRunTriggeredByType.REST_API,
            triggering_user_name=initiator,
            run_id=run_id,
            run_after=run_after,
            conf=dict(conf),
        )
    except DagRunAlreadyExists:
        return
    except DagNotFound:
        raise NotStartable(
            f"Airflow has no DAG {dag_id!r} yet. Try again in some seconds.", retry_after_seconds=SOON_SECONDS
        ) from None
    except SQLAlchemyError as error:
        raise NotStartable(
            f"Airflow's database did not take the run ({type(error).__name__}). Try again in some seconds.",
            retry_after_seconds=SOON_SECONDS,
        ) from error


def cancel(dag_id: str, run_id: str) -> bool:
    """End a run as Airflow's own `PATCH …/dagRuns` with the state failed does; False when there was none to end.

    Its tasks that are under way are stopped at their next heartbeat, in some seconds; those that wait are skipped. Of a
    mapped task that is under way Airflow shows every copy as failed, also one that had succeeded.
    """
    ours = select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
    with _asked() as session:
        run = session.scalar(ours.where(DagRun.state.in_(State.unfinished_dr_states)).with_for_update())
        if run is None:
            return False
        dag = DBDagBag().get_dag_for_run(run, session=session)
        if dag is None:
            run.set_state(DagRunState.FAILED)  # Airflow has forgotten what the run was made of.
        else:
            patch_dag_run_state(dag=dag, dag_run=run, state=DagRunMutableStates.FAILED, session=session)
    return True
