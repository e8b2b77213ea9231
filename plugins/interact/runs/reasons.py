"""Why a time ran, was skipped or was not run: the sentences that people read. docs/accounting.md lists them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from interact.chats.record import AssetLoad, Run
from interact.schedules.plan import Plan

RUN_IT_NOW = "Trigger the job to have it all the same."
NO_DAG = f"Airflow had no DAG for this job. Look under Import Errors in Airflow. {RUN_IT_NOW}"
NOT_STARTED = (
    "Airflow did not run it: its scheduler was down or had no free slot, or the first task of its run failed. "
    f"{RUN_IT_NOW}"
)
CANCELLED = "The run was cancelled. Clear its task begin in Airflow, or run the job again, to have it all the same."
DELETED = "The job was deleted."
INACTIVE = "The job's agent is not active. Set `active: true` on the agent, or give the job another one."
ANOTHER_SCHEDULE = "It is no time of the job's schedule any more: the schedule was changed, switched off or deleted."
NO_DATA_WANTED = "The job does not wait for data any more."
NOTHING_DUE = "No time of the schedule waits for data."


NO_NEWS = ("%: the job's schedule skips holidays.", "%, which data had started, began first.")
"""Reasons that nobody is told of, as SQL's LIKE has them: the job's own rule, and a run that is there instead."""


def cancelled(by: str) -> str:
    """Say who cancelled a run."""
    return f"Cancelled by {by}."


def chat_cancelled(chat_id: str) -> str:
    """Say that a chat is not answered since its run was cancelled."""
    return f"Chat {chat_id!r} belongs to a run that was cancelled. Clear the run's task begin, or run the job again."


def answer_ended(chat_id: str) -> str:
    """Say that a try at an answer was ended from outside, or that a newer one took its place."""
    return f"Chat {chat_id!r} is not answered by this task any more. Clear the task in Airflow, or run the job again."


def deleted(by: str) -> str:
    """Say who deleted a job while a run of it was open."""
    return f"The job was deleted by {by} before the run had ended."


def holiday(name: str) -> str:
    """Say that a holiday's rule leaves the time out."""
    return f"{name}: the job's schedule skips holidays."


def overlap(run: Run) -> str:
    """Say which run of the job's own schedule or data was in progress."""
    return f"Run {run.run_id} was still in progress: a scheduled time never runs late behind a run of the schedule."


def data_first(run: Run) -> str:
    """Say which run, started by data, began before the time's own could."""
    return f"Run {run.run_id}, which data had started, began first."


def overtaken(later: datetime, plan: Plan) -> str:
    """Say which later time has come."""
    what = "It still waited for its data when" if plan.wait else "It had not started when a later time,"
    came = f"{clock(later, plan)} came." if plan.wait else f"{clock(later, plan)}, came."
    return f"{what} {came} Only the latest time runs late. {RUN_IT_NOW}"


def too_late(late: timedelta, limit: timedelta) -> str:
    """Say by how much a time is over the job's lateness limit."""
    return f"It could start only {length(late)} late, and the job's limit is {length(limit)}. {RUN_IT_NOW}"


def ran_already(run_id: str | None) -> str:
    """Say that the time has its run."""
    return f"It was decided already: run {run_id} was started for it." if run_id else "It was decided already."


def changed(at: datetime, plan: Plan) -> str:
    """Say that the schedule ended before Airflow had started the time."""
    return f"The schedule was changed, switched off or deleted at {clock(at, plan)}, before Airflow had started it."


def paused(dag_id: str) -> str:
    """Say that somebody paused the DAG."""
    return f"DAG {dag_id!r} was paused in Airflow. Switch it on there. {RUN_IT_NOW}"


def refused(dag_id: str) -> str:
    """Say that Airflow would not take a run that somebody had asked for."""
    return (
        f"Airflow refused to start it for a day. Look for DAG {dag_id!r} under Import Errors in Airflow. Run it again."
    )


def waiting(lacking: Iterable[AssetLoad], until: datetime, plan: Plan) -> str:
    """Say what a time waits for, and until when."""
    return f"Waiting for {_named(lacking)} until {clock(until, plan)}."


def without_data(lacking: Iterable[AssetLoad], cutoff: datetime, plan: Plan) -> str:
    """Say which data lacked at the cut-off, when it was last loaded, and which DAG loads it."""
    told = " ".join(_last_load(load, plan) for load in lacking)
    return f"At the cut-off, {clock(cutoff, plan)}, its data was not loaded. {told}"


def clock(at: datetime, plan: Plan) -> str:
    """Return an instant as the clock of the schedule's zone shows it, with the zone."""
    zone = plan.schedule.timezone if plan.schedule else "UTC"
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"


def length(duration: timedelta) -> str:
    """Return a duration in days, hours and minutes, below two minutes in seconds."""
    seconds = int(duration.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    minutes = seconds // 60
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def _named(loads: Iterable[AssetLoad]) -> str:
    return ", ".join(repr(load.asset) for load in loads)


def _last_load(load: AssetLoad, plan: Plan) -> str:
    if load.loaded_at is None:
        return f"{load.asset!r} has never been loaded, so far as Airflow knows."
    by = f" by DAG {load.dag_id!r}" if load.dag_id else ""
    return f"{load.asset!r} was last loaded {clock(load.loaded_at, plan)}{by}."
