"""The watch: each expected time gets its one row, and what a crash left open is closed or started."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import islice, takewhile

from interact.chats.record import Chat, Run
from interact.chats.status import RunVerdict
from interact.errors import ParameterRefused, WarehouseUnavailable
from interact.runs import reasons
from interact.runs.accept import values_asked_for
from interact.runs.airflow import Airflow
from interact.runs.cancel import cancel
from interact.runs.catch_up import Doors, end_outages, send_all, tell_all
from interact.runs.desk import Desk
from interact.runs.fences import Accounts, fence
from interact.runs.gate import Ends, Facts, judge
from interact.runs.heartbeat import beat
from interact.runs.settle import may_have_ended, settle
from interact.runs.times import decided, keep, latest_due
from interact.runs.values import OFFERED, ReadColumn, known_values
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.schedules.occurrences import Occurrence
from interact.store import chats, expected, jobs, periods, runs, watch
from interact.store.periods import Period

__all__ = ["Accounts", "Doors", "account"]

log = logging.getLogger(__name__)
SECONDS = 240.0
"""So long one pass writes rows; after a long downtime the next passes go on."""
PAGE = 500
"""Times of one transaction: on SQLite nobody else writes meanwhile. No more are ever in memory."""
_MOMENT = timedelta(microseconds=1)
REFRESH_SECONDS = 60.0
"""So long one pass reads what parameters allow."""
_UNTAKEN = timedelta(seconds=60)
"""An accepted run that Airflow has not taken by then was left behind by a crash."""
_REFUSED_FOR = timedelta(days=1)
"""An accepted run that Airflow still refuses then is given up."""


def account(
    desk: Desk,
    airflow: Airflow,
    doors: Doors | None = None,
    *,
    seconds: Callable[[], float] = time.monotonic,
) -> Accounts:
    """Account for every expected time up to now, and return what was done; twice, or two at once, does no harm.

    With `doors` it ends outages too, tells of what nobody was told of, sends what is due, and reads parameters anew.
    Raises StoreUnavailable; the next pass goes on where this one stopped. What else goes wrong with one run or one job
    is counted and stays with it: the watch has come to its end all the same, but does not call the heartbeat.
    """
    done = Accounts()
    _settle(desk, airflow, done)
    _start(desk, airflow, done)
    _decide(desk, airflow, done, seconds)
    if doors:
        for run in end_outages(desk, airflow, doors, done, seconds):
            with fence(done, f"Run {run.run_id}"):
                _hand_over(desk, airflow, run, done)
        tell_all(desk, doors, done, seconds)
        send_all(desk, doors, done, seconds)
        _refresh(desk, doors.read_column, done, seconds)
    with desk.store.writing() as session:
        watch.mark(session, at=desk.now())
    if desk.settings.heartbeat_url and not done.faults:
        beat(desk.settings.heartbeat_url)
    return done


def _settle(desk: Desk, airflow: Airflow, done: Accounts) -> None:
    """Close the runs that Airflow ended without our last task, and those of deleted jobs: nobody goes on with them."""
    with desk.store.reading() as session:
        left = [run for run in runs.not_ended(session) if may_have_ended(run)]
        gone = {job_id for job_id in {run.job_id for run in left} if jobs.is_deleted(session, job_id)}
    for run in left:
        with fence(done, f"Run {run.run_id}"):
            if settle(desk, run, airflow.run_of(run.dag_id, run.dag_run_id)).ended_at:
                log.warning("Run %s had ended in Airflow without a word; it is closed", run.run_id)
                done.settled += 1
            elif run.job_id in gone and _end_of_deleted(desk, run):
                log.warning("Run %s was left open by a job that was deleted; it is closed", run.run_id)
                done.settled += 1


def _end_of_deleted(desk: Desk, run: Run) -> bool:
    """Close a run of a deleted job: what had begun as cancelled, so that its tasks do nothing more."""
    return _give_up(desk, run, reasons.DELETED) or cancel(desk, run.run_id, by="airflow", reason=reasons.DELETED)


def _start(desk: Desk, airflow: Airflow, done: Accounts) -> None:
    """Hand over the runs that were promised to somebody and that Airflow has not taken."""
    with desk.store.reading() as session:
        left = [run for run in runs.not_handed_over(session) if desk.now() - run.accepted_at > _UNTAKEN]
    for run in left:
        with fence(done, f"Run {run.run_id}"):
            _hand_over(desk, airflow, run, done)


def _hand_over(desk: Desk, airflow: Airflow, run: Run, done: Accounts) -> None:
    with desk.store.reading() as session:
        opened = chats.of_run(session, run.run_id)
        is_deleted = jobs.is_deleted(session, run.job_id)
    if is_deleted:
        _give_up(desk, run, reasons.DELETED)
    elif _taken(airflow, run, opened):
        with desk.store.writing() as session:
            runs.mark_queued(session, run.run_id, at=desk.now())
        log.warning("Run %s had been accepted but not started; Airflow has it now", run.run_id)
        done.started += 1
    elif desk.now() - run.accepted_at > _REFUSED_FOR:
        _give_up(desk, run, reasons.refused(run.dag_id))
        log.error("Run %s was refused by Airflow for a day; it is given up", run.run_id)


def _taken(airflow: Airflow, run: Run, opened: Sequence[Chat]) -> bool:
    """Return whether Airflow takes a run; when it refuses the values, those that it was accepted with, without them.

    It holds them against its DAG, which an edit may have changed since. The first task reads the chats in the store.
    """
    asked: tuple[dict[str, list[str]], ...] = (values_asked_for(opened), {})
    return any(airflow.start(run.dag_id, run.dag_run_id, conf=conf, run_after=run.run_after) for conf in asked)


def _give_up(desk: Desk, run: Run, reason: str) -> bool:
    """Close a run that has not begun as failed; False when it began or ended meanwhile."""
    with desk.store.writing() as session:
        now = runs.held(session, run.run_id)
        if now.started_at or now.ended_at:
            return False
        for chat in chats.of_run(session, run.run_id):
            chats.fail(session, chat.chat_id, reason=reason, now=desk.now())
        return runs.mark_ended(session, run.run_id, verdict=RunVerdict.FAILED, reason=reason, at=desk.now())


def _refresh(desk: Desk, read_column: ReadColumn, done: Accounts, seconds: Callable[[], float]) -> None:
    """Read anew what the queries of parameters allow, which Airflow's form shows; a warehouse may be away."""
    until = seconds() + REFRESH_SECONDS
    with desk.store.reading() as session:
        asked = [job for job in jobs.all_jobs(session) if any(p.query for p in job.definition.parameters.values())]
    for job in asked:
        if seconds() < until:
            with fence(done, f"Job {job.job_id}"):
                _refresh_job(desk, job.job_id, read_column)


def _refresh_job(desk: Desk, job_id: str, read_column: ReadColumn) -> None:
    with desk.store.reading() as session:
        snapshot = jobs.snapshot(session, job_id)
    if snapshot is None or not snapshot.agent.definition.active:
        return
    try:
        known_values(desk, snapshot, read_column, fresh=OFFERED)
    except (ParameterRefused, WarehouseUnavailable) as error:
        log.warning("Job %s: what a parameter allows cannot be read (%s)", job_id, error.title)


def _decide(desk: Desk, airflow: Airflow, done: Accounts, seconds: Callable[[], float]) -> None:
    """Write the rows that lack, a page a period in turn, so that a job with many times keeps no other waiting."""
    until = seconds() + SECONDS
    with desk.store.reading() as session:
        left = deque(periods.unaccounted(session, now=desk.now()))
    while left and seconds() < until:
        period = left.popleft()
        with fence(done, f"Period {period.number} of job {period.job_id}"):
            if _decide_next(desk, period, airflow, done):
                left.append(period)


def _decide_next(desk: Desk, read: Period, airflow: Airflow, done: Accounts) -> bool:
    """Decide a period's next page of times, in order, up to the first that may still run; False when none is left."""
    now = desk.now()
    with desk.store.reading() as session:
        # It may have ended since the pass began: it held for no later time.
        period = periods.again(session, read)
    if period is None or period.plan.schedule is None:
        return False
    until = min(now, period.held_until or now)
    times = takewhile(lambda each: each.due_at <= until, period.plan.schedule.after(period.accounted_until))
    page = list(islice(times, PAGE))
    if page:
        return _decide_page(desk, period, page, airflow, done)
    if period.held_until == until:
        with desk.store.writing() as session:
            periods.mark_accounted(session, period, until)
    return False


def _decide_page(desk: Desk, period: Period, page: Sequence[Occurrence], airflow: Airflow, done: Accounts) -> bool:
    """Give each of these times its row; False when one of them is still open, where it stops."""
    now = desk.now()
    with desk.store.reading() as session:
        have = expected.decided_between(session, period.job_id, page[0].due_at - _MOMENT, page[-1].due_at)
        newest = latest_due(session, period.job_id, after=page[0].due_at, until=now)
        holds_newest = newest is None or newest.due_at <= page[-1].due_at
        until = now if holds_newest else page[-1].due_at
        begun = runs.under_way(session, period.job_id, since=page[0].due_at, until=until)
        job = jobs.by_id(session, period.job_id)
    why, rows, decided_until = _Asked(airflow, job.dag_id if job else None), list[ExpectedTime](), None
    for each in page:
        if each.due_at not in have:
            facts = Facts(
                due_at=each.due_at,
                plan=period.plan,
                now=now,
                later=newest.due_at if newest and newest.due_at > each.due_at else None,
                holiday=each.holiday if each.skipped else None,
                runs=begun,
                held_until=period.held_until,
            )
            verdict = judge(facts, dag_fault=why)
            if not isinstance(verdict, Ends):
                break
            rows.append(decided(period.job_id, each.due_at, verdict.outcome, verdict.reason, now=now))
        decided_until = each.due_at
    _keep(desk, period, rows, decided_until, done)
    return decided_until == page[-1].due_at


class _Asked:
    """What keeps Airflow from running a DAG, looked up when somebody wants to know, and once."""

    def __init__(self, airflow: Airflow, dag_id: str | None) -> None:
        self._airflow, self._dag_id = airflow, dag_id
        self._fault: str | None = None

    def __call__(self) -> str | None:
        """Return the fault as a sentence; None when there is none."""
        if self._dag_id is not None:
            paused = self._airflow.is_paused(self._dag_id)
            self._fault = reasons.NO_DAG if paused is None else reasons.paused(self._dag_id) if paused else None
            self._dag_id = None
        return self._fault


def _keep(desk: Desk, period: Period, rows: Sequence[ExpectedTime], until: datetime | None, done: Accounts) -> None:
    if until is None:
        return
    with desk.store.writing() as session:
        for time in rows:
            if keep(session, time):
                done.skipped += time.outcome is TimeOutcome.SKIPPED
                done.not_run += time.outcome is TimeOutcome.NOT_RUN
        periods.mark_accounted(session, period, until)
