"""The watch: each expected time gets its one row, and what a crash left open is closed or started."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile

from interact.chats.record import Chat, Run
from interact.chats.status import RunVerdict
from interact.runs import reasons
from interact.runs.accept import values_asked_for
from interact.runs.airflow import Airflow
from interact.runs.desk import Desk
from interact.runs.gate import Ends, Facts, judge
from interact.runs.heartbeat import beat
from interact.runs.settle import may_have_ended, settle_by
from interact.runs.times import decided, keep, latest_due
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.schedules.occurrences import Occurrence
from interact.store import chats, expected, jobs, periods, runs, watch
from interact.store.periods import Period

log = logging.getLogger(__name__)
LIMIT = 5_000
"""Rows of one pass; after a long downtime the next passes go on."""
_PAGE = 500
"""Times of one transaction: on SQLite nobody else writes meanwhile."""
_MOMENT = timedelta(microseconds=1)
_UNTAKEN = timedelta(seconds=60)
"""An accepted run that Airflow has not taken by then was left behind by a crash."""


@dataclass
class Accounts:
    """What one pass did, in counts."""

    skipped: int = 0
    not_run: int = 0
    settled: int = 0
    started: int = 0

    @property
    def rows(self) -> int:
        """How many times were decided."""
        return self.skipped + self.not_run

    def plain(self) -> dict[str, int]:
        """Return the counts by name."""
        return asdict(self)


def account(desk: Desk, airflow: Airflow) -> Accounts:
    """Account for every expected time up to now, and return what was done; twice, or two at once, does no harm.

    Raises StoreUnavailable; the next pass goes on where this one stopped.
    """
    done = Accounts()
    _settle(desk, airflow, done)
    _start(desk, airflow, done)
    with desk.store.reading() as session:
        left = periods.unaccounted(session, now=desk.now())
    for period in left:
        _account_for(desk, period, airflow, done)
    with desk.store.writing() as session:
        watch.mark(session, at=desk.now())
    if desk.settings.heartbeat_url:
        beat(desk.settings.heartbeat_url)
    return done


def _settle(desk: Desk, airflow: Airflow, done: Accounts) -> None:
    """Close the runs that Airflow ended without our last task."""
    with desk.store.reading() as session:
        left = [run for run in runs.not_ended(session) if may_have_ended(run)]
    for run in left:
        if settle_by(desk, run, airflow.run_of(run.dag_id, run.dag_run_id)).ended_at:
            log.warning("Run %s had ended in Airflow without a word; it is closed", run.run_id)
            done.settled += 1


def _start(desk: Desk, airflow: Airflow, done: Accounts) -> None:
    """Hand over the runs that were promised to somebody and that Airflow has not taken."""
    with desk.store.reading() as session:
        left = [run for run in runs.not_handed_over(session) if desk.now() - run.accepted_at > _UNTAKEN]
        promised = [
            (run, chats.of_run(session, run.run_id), jobs.by_id(session, run.job_id) is not None) for run in left
        ]
    for run, opened, is_kept in promised:
        if not is_kept:
            _give_up(desk, run, opened)
        elif airflow.start(run.dag_id, run.dag_run_id, conf=values_asked_for(opened), run_after=run.run_after):
            with desk.store.writing() as session:
                runs.mark_queued(session, run.run_id, at=desk.now())
            log.warning("Run %s had been accepted but not started; Airflow has it now", run.run_id)
            done.started += 1


def _give_up(desk: Desk, run: Run, opened: Sequence[Chat]) -> None:
    with desk.store.writing() as session:
        for chat in opened:
            chats.fail(session, chat.chat_id, reason=reasons.DELETED, now=desk.now())
        runs.mark_ended(session, run.run_id, verdict=RunVerdict.FAILED, reason=reasons.DELETED, at=desk.now())


def _account_for(desk: Desk, period: Period, airflow: Airflow, done: Accounts) -> None:
    """Decide the times of one period, in order, up to the first one that may still run."""
    if period.plan.schedule is None:
        return
    until = min(desk.now(), period.held_until or desk.now())
    times = takewhile(lambda each: each.due_at <= until, period.plan.schedule.after(period.accounted_until))
    while done.rows < LIMIT:
        page = list(islice(times, _PAGE))
        if not page:
            if period.held_until == until:
                with desk.store.writing() as session:
                    periods.mark_accounted(session, period, until)
            return
        if not _decide_page(desk, period, page, airflow, done):
            return


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
