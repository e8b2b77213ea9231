"""One task in Airflow's own database: tried, lost, ended and cleared by Airflow's own code."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from builders.airflow_tables import save_dag

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@dataclass
class Trials:
    """The DAG run that a task belongs to."""

    session: Any
    dag: Any
    run: Any

    def ti(self, task_id: str, map_index: int = -1) -> Any:
        """Return the task as the database has it."""
        self.session.flush()
        self.session.expire_all()
        ti = self.run.get_task_instance(task_id, map_index=map_index, session=self.session)
        ti.task = self.dag.get_task(task_id)
        return ti

    def begins(self, task_id: str, map_index: int = -1) -> Any:
        """Let the scheduler start a try, and return the task as it knows itself then."""
        self.run.schedule_tis([self.ti(task_id, map_index)], session=self.session)
        ti = self.ti(task_id, map_index)
        ti.state = "running"
        return ti

    def is_lost(self, task_id: str, map_index: int = -1) -> str:
        """Let a try end because its worker is gone; return the state that follows."""
        ti = self.ti(task_id, map_index)
        ti.handle_failure("lost", session=self.session)
        return str(self.ti(task_id, map_index).state)

    def is_killed(self, task_id: str, *, reported: str) -> None:
        """Let the executor report how the process of a task ended that was cleared while it ran."""
        from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
        from airflow.models.dagbag import DBDagBag

        ti = self.ti(task_id)
        events = {ti.key: (reported, None)}
        executor = SimpleNamespace(get_event_buffer=lambda: events, has_task=lambda _: False)
        SchedulerJobRunner.process_executor_events(executor, None, DBDagBag(), session=self.session)

    def ends(self, task_id: str, map_index: int = -1) -> None:
        """Let a try succeed, and the run with it."""
        self.ti(task_id, map_index).state = "success"
        self.run.state = "success"

    def clear(self, *task_ids: str) -> None:
        """Clear tasks, all of the run's without a name, as the button does."""
        self.session.flush()
        self.dag.clear(task_ids=list(task_ids) or None, run_id=self.run.run_id, session=self.session)
        self.session.flush()


@contextmanager
def trials(*tasks: Any) -> Iterator[Trials]:
    """Save a DAG of these tasks with one run, for the length of the block."""
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.sdk import DAG
    from airflow.serialization.serialized_objects import LazyDeserializedDAG
    from airflow.utils.db import synchronize_log_template
    from airflow.utils.session import create_session
    from airflow.utils.types import DagRunTriggeredByType, DagRunType

    with DAG(f"load_{uuid4().hex[:8]}", schedule=None, start_date=NOON) as dag:
        for task in tasks:
            task()
    save_dag(dag.dag_id)
    with create_session() as session:
        synchronize_log_template(session=session)
        saved = LazyDeserializedDAG.from_dag(dag)
        SerializedDagModel.write_dag(saved, bundle_name="dags-folder", session=session)
        session.flush()
        whole = saved._real_dag
        run = whole.create_dagrun(
            run_id="manual__1",
            run_after=NOON,
            run_type=DagRunType.MANUAL,
            triggered_by=DagRunTriggeredByType.TEST,
            state="running",
            session=session,
        )
        yield Trials(session, whole, run)
