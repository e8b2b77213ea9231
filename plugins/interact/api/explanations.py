"""Why a DAG run left no chats, in words for its page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from interact.api import airflow_runs
from interact.api.job_bodies import paused_sentence
from interact.errors import NothingAsked, listed
from interact.jobs.naming import QUESTIONS_DAG
from interact.reports.freshness import moment
from interact.runs.airflow import AirflowRun
from interact.runs.desk import Desk
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store import expected, jobs, periods
from interact.store.periods import Period
from interact.store.sessions import Session

NOT_OURS = "This DAG is not one of Interact's jobs, so its runs leave no report."
NOT_BEGUN = "This run has not begun yet."
DID_NOTHING = (
    "This DAG run asked nothing, and none of the job's times was decided by it. The log of its task 'begin' says why: "
    "the data may not be complete yet, or the schedule may have changed."
)
GONE = "Airflow has no run of this name any more, and it left nothing here."
ELSEWHERE = "This DAG run asked nothing: another one ran for this time."
NO_RECORD = "This run's chats are not in the record any more."
AFTER_ALL = (
    "To run it now, clear this run in Airflow, and relative dates count from the planned time; or press Trigger, and "
    "they count from now."
)
_STATES = {TimeOutcome.RAN: "ran", TimeOutcome.SKIPPED: "skipped", TimeOutcome.NOT_RUN: "not run"}


@dataclass(frozen=True)
class Explanation:
    """What a page says of a run without chats; "" where there is nothing to say."""

    title: str
    reason: str
    state: str = ""
    planned: str = ""
    advice: str = ""
    other_run: str = ""
    """Airflow's name of the run that its time became."""
    paused: str = ""


def explain(desk: Desk, dag_id: str, dag_run_id: str) -> Explanation:
    """Return why a DAG run that is not in our record left none."""
    with desk.store.reading() as session:
        job_id = jobs.id_by_dag(session, dag_id)
        snapshot = jobs.snapshot(session, job_id) if job_id else None
    if job_id is None:
        return Explanation("Report", str(NothingAsked()) if dag_id == QUESTIONS_DAG else NOT_OURS)
    in_airflow = airflow_runs.run_of(dag_id, dag_run_id)
    timezone = snapshot.timezone if snapshot else "UTC"
    with desk.store.reading() as session:
        stands_for = in_airflow.run_after if in_airflow else None
        period = periods.holding_at(session, job_id, stands_for) if stands_for else None
        time = _decided(session, job_id, dag_run_id, _stood_for(in_airflow, period))
    told = _of_time(time, dag_run_id, timezone) if time else _undecided(in_airflow, period, timezone, now=desk.now())
    return replace(
        told,
        title=snapshot.job.definition.name if snapshot else "Report",
        paused=paused_sentence(dag_id) if airflow_runs.paused([dag_id]) else "",
    )


def _stood_for(in_airflow: AirflowRun | None, period: Period | None) -> list[datetime]:
    """Return the times that a DAG run that has ended can have stood for: its own, and the one it was the cut-off of."""
    if in_airflow is None or in_airflow.run_after is None or not in_airflow.has_ended:
        return []
    wait = period.plan.wait if period else None
    return [in_airflow.run_after, *([in_airflow.run_after - wait.cutoff] if wait else [])]


def _decided(session: Session, job_id: str, dag_run_id: str, times: list[datetime]) -> ExpectedTime | None:
    own = expected.by_dag_run(session, job_id, dag_run_id)
    found = (expected.at(session, job_id, time) for time in times)
    return own or next((time for time in found if time), None)


def _of_time(time: ExpectedTime, dag_run_id: str, timezone: str) -> Explanation:
    state, planned = _STATES[time.outcome], moment(time.due_at, timezone)
    if time.outcome is TimeOutcome.RAN and time.dag_run_id == dag_run_id:
        return Explanation("", NO_RECORD, state, planned)
    if time.outcome is TimeOutcome.RAN:
        return Explanation("", ELSEWHERE, state, planned, other_run=time.dag_run_id or "")
    return Explanation("", time.reason or "No reason is recorded.", state, planned, AFTER_ALL)


def _undecided(in_airflow: AirflowRun | None, period: Period | None, timezone: str, *, now: datetime) -> Explanation:
    if in_airflow is None or in_airflow.run_after is None:
        return Explanation("", GONE)
    if not in_airflow.has_ended:
        return Explanation("", NOT_BEGUN)
    return _waiting(in_airflow.run_after, period, timezone, now=now) or Explanation("", DID_NOTHING)


def _waiting(due_at: datetime, period: Period | None, timezone: str, *, now: datetime) -> Explanation | None:
    plan = period.plan if period else None
    if plan is None or plan.wait is None or plan.schedule is None or now >= due_at + plan.wait.cutoff:
        return None
    if plan.schedule.includes(due_at) is None:
        return None
    then = "runs without what is late, and says so" if plan.wait.at_cutoff == "run" else "is skipped"
    which = "" if len(plan.assets) == 1 else "any of " if plan.when == "any" else "all of "
    cutoff = moment(due_at + plan.wait.cutoff, timezone)
    reason = f"It waits for {which}{listed(plan.assets)} to be loaded, until {cutoff}; after that it {then}."
    return Explanation("", reason, "waiting", moment(due_at, timezone))
