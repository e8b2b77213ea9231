"""Which expected time a run of Airflow's own stands for, and whether it may start: the gate with its facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from interact.chats.record import AssetLoad, Run
from interact.jobs.stored import Snapshot
from interact.runs import reasons
from interact.runs.airflow import Airflow
from interact.runs.desk import Desk
from interact.runs.gate import Ends, Facts, StaysOpen, decide
from interact.runs.settle import may_have_ended, settle
from interact.runs.times import LONGEST_OPEN, Due, decided, keep, latest_due
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store import expected, periods, runs
from interact.store.sessions import Session


@dataclass(frozen=True)
class DagRun:
    """What Airflow says of a run, in our words."""

    job_id: str
    dag_id: str
    dag_run_id: str
    initiator: str
    conf: Mapping[str, object]
    run_after: datetime
    clear_number: int
    run_type: str = "manual"
    """`scheduled`, `asset_triggered`, `manual`, `backfill`, `operator_triggered`."""
    send_to: object = None
    """What `_send_to` says in its conf, as somebody wrote it; None without one."""

    @property
    def is_gated(self) -> bool:
        """True for what Airflow made by itself; Clear, re-run and backfill are no scheduled times and always run."""
        return self.run_type in ("scheduled", "asset_triggered") and self.clear_number == 0

    @property
    def starts_by_itself(self) -> bool:
        """True for what a schedule or data starts: it takes the values that the job names for that."""
        return self.run_type in ("scheduled", "asset_triggered", "backfill")

    @property
    def queues(self) -> bool:
        """True for what people and programs ask for: only so many of them may wait."""
        return self.run_type in ("manual", "operator_triggered") and self.clear_number == 0


@dataclass(frozen=True)
class Passed:
    """A DAG run that does nothing; `outcome` is what its time became, None when it is still open or is no time."""

    reason: str
    outcome: TimeOutcome | None


@dataclass(frozen=True)
class Admitted:
    """A run that starts now; `due_at` is the time that it stands for, None for one that no schedule started."""

    now: datetime
    due_at: datetime | None = None
    loads: tuple[AssetLoad, ...] | None = None
    """The data that it was started with; None when nobody has looked yet."""


def admit(desk: Desk, dag_run: DagRun, snapshot: Snapshot, airflow: Airflow) -> Admitted | Passed:
    """Return whether a run that Airflow made by itself starts; a time that is decided against gets its row."""
    now = desk.now()
    if dag_run.run_type == "scheduled":
        now = max(now, dag_run.run_after)  # A worker's clock may be behind the scheduler's.
    with desk.store.reading() as session:
        target = _target(session, dag_run, now)
        if not isinstance(target, Due):
            return target
        known = expected.at(session, dag_run.job_id, target.due_at)
        if known:
            return _already(known)
        facts = _facts(session, target, snapshot, now)
    verdict = decide(_looked_up(desk, facts, airflow))
    if isinstance(verdict, StaysOpen):
        return Passed(verdict.reason, None)
    if isinstance(verdict, Ends):
        time = decided(dag_run.job_id, target.due_at, verdict.outcome, verdict.reason, now=now)
        with desk.store.writing() as session:
            kept = keep(session, replace(time, dag_run_id=dag_run.dag_run_id))
            known = None if kept else expected.at(session, dag_run.job_id, target.due_at)
        return _already(known) if known else Passed(verdict.reason, verdict.outcome)
    return Admitted(now, target.due_at, verdict.loads if facts.plan.wait else None)


def _target(session: Session, dag_run: DagRun, now: datetime) -> Due | Admitted | Passed:
    by_data = dag_run.run_type == "asset_triggered"
    period = periods.holding_at(session, dag_run.job_id, now if by_data else dag_run.run_after)
    if period is None or (by_data and not period.plan.assets):
        return Passed(reasons.NO_DATA_WANTED if by_data else reasons.ANOTHER_SCHEDULE, None)
    if period.plan.wait:
        # Whatever woke the job, only the newest time can run: Airflow lets a cut-off stand for a time that it missed.
        due = latest_due(session, dag_run.job_id, after=now - LONGEST_OPEN, until=now)
        return due or Passed(reasons.NOTHING_DUE, None)
    if by_data:
        return Admitted(now)
    if period.plan.schedule is None or period.plan.schedule.includes(dag_run.run_after) is None:
        return Passed(reasons.ANOTHER_SCHEDULE, None)
    return Due(period, dag_run.run_after)


def _facts(session: Session, target: Due, snapshot: Snapshot, now: datetime) -> Facts:
    job_id, plan = target.period.job_id, target.period.plan
    later = latest_due(session, job_id, after=target.due_at, until=now)
    occurrence = plan.schedule.includes(target.due_at) if plan.schedule else None
    before = runs.last_for_a_time(session, job_id, before=target.due_at) if plan.wait else None
    return Facts(
        due_at=target.due_at,
        plan=plan,
        now=now,
        later=later.due_at if later else None,
        holiday=occurrence.holiday if occurrence and occurrence.skipped else None,
        is_active=snapshot.agent.definition.active,
        runs=runs.under_way(session, job_id, since=target.due_at, until=now),
        used=before.data if before and not (plan.wait and plan.wait.fresh_minutes) else (),
    )


def _looked_up(desk: Desk, facts: Facts, airflow: Airflow) -> Facts:
    """Add what only Airflow knows: which runs have ended, and what data is there."""
    settled: list[Run] = []
    for run in facts.runs:
        if not may_have_ended(run):
            settled.append(run)
        elif told := airflow.run_of(run.dag_id, run.dag_run_id):
            settled.append(settle(desk, run, told))
        else:
            settle(desk, run, None)  # When it was deleted nobody knows: it holds nothing up.
    loads = tuple(airflow.last_load(asset) for asset in facts.plan.assets) if facts.plan.wait else ()
    return replace(facts, runs=settled, loads=loads)


def _already(known: ExpectedTime) -> Passed:
    if known.outcome is TimeOutcome.RAN:
        return Passed(reasons.ran_already(known.run_id), known.outcome)
    return Passed(known.reason or reasons.ran_already(None), known.outcome)
