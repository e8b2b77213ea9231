"""More of what a lived-in installation holds: jobs of its first agent, times that did not run, runs."""

from datetime import datetime, timedelta
from typing import Any

from builders.airflow_tables import save_dag
from builders.lived_in import LivedIn
from interact.chats.record import Run
from interact.jobs.definition import Job
from interact.jobs.stored import StoredJob
from interact.runs.accept import Ask, accept
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store import expected, jobs, runs


def add_job(found: LivedIn, key: str, *, kept_in: str | None = None, **plain: Any) -> StoredJob:
    """Save a job of the agent `analyst`, ada's unless told otherwise, and let Airflow know its DAG."""
    whole = {"key": key, "organisation": "norrland", "agent": "analyst", "owner": "ada", "name": key.title()}
    definition = Job.model_validate(whole | {"prompt": "Total spend for last week."} | plain)
    with found.desk.store.writing() as session:
        job, _ = jobs.save(session, definition, now=found.desk.now() - timedelta(days=20), kept_in=kept_in)
    save_dag(job.dag_id)
    return job


def add_time(
    found: LivedIn,
    job: StoredJob,
    due_at: datetime,
    outcome: TimeOutcome = TimeOutcome.NOT_RUN,
    reason: str = "Airflow was down.",
) -> None:
    """Record what became of a time that no run was started for."""
    time = ExpectedTime(job.job_id, due_at, outcome, reason, None, None, None, found.desk.now())
    with found.desk.store.writing() as session:
        assert expected.record(session, time)


def add_run(found: LivedIn, job: StoredJob, initiator: str = "user:ada", **values: Any) -> Run:
    """Accept a run of a job."""
    return accept(found.desk, Ask(job.job_id, values, initiator)).run


def runs_of(found: LivedIn, job: StoredJob) -> list[Run]:
    """Return a job's runs that have not ended, oldest first."""
    with found.desk.store.reading() as session:
        return runs.not_ended(session, job_id=job.job_id)


def run_by_id(found: LivedIn, run_id: str) -> Run:
    """Return a run."""
    with found.desk.store.reading() as session:
        return runs.by_id(session, run_id)
