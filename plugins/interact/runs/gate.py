"""Whether an expected time runs: facts in, verdict out. Nothing here reads the store, the clock or Airflow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from interact.chats.record import AssetLoad, Run
from interact.runs import reasons
from interact.schedules.expected import TimeOutcome
from interact.schedules.lateness import lateness_limit
from interact.schedules.plan import Plan

GRACE = timedelta(minutes=2)
"""The watch decides no time that is younger: the run that Airflow has just made for it may still begin."""


@dataclass(frozen=True)
class Facts:
    """What is known about one expected time that has no row yet."""

    due_at: datetime
    plan: Plan
    """The one that held then; it has a schedule."""
    now: datetime
    later: datetime | None = None
    """A later expected time that has come, when there is one."""
    holiday: str | None = None
    """The holiday that the schedule skips it for."""
    is_active: bool = True
    runs: Sequence[Run] = ()
    """Those of the job, begun, that were in progress at the time or have been since."""
    held_until: datetime | None = None
    """When the plan ended, if it has."""
    loads: tuple[AssetLoad, ...] = ()
    """The newest load of each of the plan's assets, when it waits for data."""
    used: tuple[AssetLoad, ...] = ()
    """What the time before ran on: a load has one run."""


@dataclass(frozen=True)
class Starts:
    """It runs now, with this data."""

    loads: tuple[AssetLoad, ...]


@dataclass(frozen=True)
class Ends:
    """It is decided: skipped or not run."""

    outcome: TimeOutcome
    reason: str


@dataclass(frozen=True)
class StaysOpen:
    """It is not decided yet."""

    reason: str


def decide(facts: Facts) -> Starts | Ends | StaysOpen:
    """Return what becomes of a time whose run is about to begin."""
    ended = _left_out(facts) or _overtaken(facts)
    if ended:
        return ended
    if not facts.is_active:
        return Ends(TimeOutcome.SKIPPED, reasons.INACTIVE)
    data = _data(facts)
    if not isinstance(data, _Data):
        return data
    limit = lateness_of(facts)
    if facts.now - data.ready_at - waited_behind(facts.runs, since=data.ready_at, until=facts.now) > limit:
        return Ends(TimeOutcome.NOT_RUN, reasons.too_late(facts.now - data.ready_at, limit))
    return Starts(data.loads)


def judge(facts: Facts, *, dag_fault: Callable[[], str | None]) -> Ends | StaysOpen:
    """Return what becomes of a time whose run has not begun, as the watch sees it afterwards.

    `dag_fault` says what keeps Airflow from running the job's DAG; it is asked when it has a bearing.
    """
    if facts.holiday is None and facts.now < facts.due_at + GRACE:
        return StaysOpen("Its run may still begin.")
    ended = _left_out(facts)
    if ended:
        return ended
    overtaken = _overtaken(facts)
    if overtaken:
        return Ends(TimeOutcome.NOT_RUN, dag_fault() or overtaken.reason)
    since = _last_call(facts)
    if facts.now - since - waited_behind(facts.runs, since=since, until=facts.now) <= lateness_of(facts):
        return StaysOpen("It may still run late.")
    changed = reasons.changed(facts.held_until, facts.plan) if facts.held_until else None
    return Ends(TimeOutcome.NOT_RUN, dag_fault() or changed or reasons.NOT_STARTED)


def lateness_of(facts: Facts) -> timedelta:
    """Return how late the time may run."""
    if facts.plan.schedule is None:
        return timedelta(0)
    return lateness_limit(facts.plan.schedule, facts.due_at, minutes=facts.plan.lateness_minutes)


def is_own(run: Run) -> bool:
    """Return whether a run is one of the job's schedule or data, not one that a person or a program asked for."""
    return run.clear_number == 0 and (run.initiator == "schedule" or run.initiator.startswith("asset:"))


def was_in_progress(run: Run, at: datetime) -> bool:
    """Return whether a run had begun by an instant and had not ended."""
    return run.begun_at is not None and run.begun_at <= at and (run.ended_at is None or run.ended_at > at)


def waited_behind(runs: Iterable[Run], *, since: datetime, until: datetime) -> timedelta:
    """Return for how long, between two instants, runs that people or programs asked for were in progress."""
    waited, free = timedelta(0), since
    asked = [(run.begun_at, run.ended_at or until) for run in runs if run.begun_at is not None and not is_own(run)]
    for begun, ended in sorted(asked):
        behind = min(ended, until) - max(begun, free)
        if behind > timedelta(0):
            waited, free = waited + behind, min(ended, until)
    return waited


@dataclass(frozen=True)
class _Data:
    ready_at: datetime
    loads: tuple[AssetLoad, ...]


def _left_out(facts: Facts) -> Ends | None:
    """Return the end of a time that a rule leaves out, whoever looks at it and when."""
    if facts.holiday:
        return Ends(TimeOutcome.SKIPPED, reasons.holiday(facts.holiday))
    for run in facts.runs:
        if is_own(run) and was_in_progress(run, facts.due_at):
            return Ends(TimeOutcome.SKIPPED, reasons.overlap(run))
    if facts.later is None:
        for run in facts.runs:
            if is_own(run) and run.due_at is None and run.begun_at and facts.due_at < run.begun_at:
                return Ends(TimeOutcome.SKIPPED, reasons.data_first(run))
    return None


def _overtaken(facts: Facts) -> Ends | None:
    if facts.later is None:
        return None
    return Ends(TimeOutcome.NOT_RUN, reasons.overtaken(facts.later, facts.plan))


def _data(facts: Facts) -> _Data | Ends | StaysOpen:
    wait = facts.plan.wait
    if wait is None:
        return _Data(facts.due_at, facts.loads)
    since, cutoff = facts.plan.fresh_since(facts.due_at), facts.due_at + wait.cutoff
    used = {load.asset: load.loaded_at for load in facts.used if load.loaded_at}
    lacking = [
        load for load in facts.loads if not load.loaded_at or load.loaded_at <= max(since, used.get(load.asset, since))
    ]
    fresh = [load.loaded_at for load in facts.loads if load.loaded_at and load not in lacking]
    if fresh and (facts.plan.when == "any" or not lacking):
        complete_at = min(fresh) if facts.plan.when == "any" else max(fresh)
        return _Data(min(max(complete_at, facts.due_at), cutoff), facts.loads)
    if facts.now < cutoff:
        return StaysOpen(reasons.waiting(lacking, cutoff, facts.plan))
    if wait.at_cutoff == "skip":
        return Ends(TimeOutcome.SKIPPED, reasons.without_data(lacking, cutoff, facts.plan))
    return _Data(cutoff, tuple(replace(load, late=load in lacking) for load in facts.loads))


def _last_call(facts: Facts) -> datetime:
    """Return the instant at which the time starts at the latest when nothing holds it up."""
    return facts.due_at + facts.plan.wait.cutoff if facts.plan.wait else facts.due_at
