"""What schedules and expected times look like over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, Field

from interact.api.job_bodies import ShownJob
from interact.api.planned import late_by
from interact.api.shapes import GivenInstant, Id, Instant, Named, Request, Shape
from interact.errors import listed
from interact.jobs.plans import plan_of
from interact.jobs.stored import Snapshot
from interact.jobs.timing import DataTrigger
from interact.runs.reasons import length
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.schedules.lateness import lateness_limit
from interact.schedules.occurrences import OnHoliday, Schedule
from interact.schedules.plan import Plan
from interact.schedules.preview import Preview, preview

COUNTED_DAYS = 30
NEXT_DATES = 5


class ScheduleQuery(Request):
    """The query of a job's schedule: how many expected times, and only those before which instant."""

    limit: int = Field(default=25, ge=1, le=100)
    before: GivenInstant | None = None
    """An instant with its offset, as 2026-11-23T08:00:00Z."""


class PreviewQuery(Request):
    """The query of a preview: an expression, and how it is meant."""

    expression: str = Field(examples=["0 8 * * 1"])
    timezone: str | None = None
    """An IANA name; the organisation's without one."""
    on_holiday: OnHoliday = "run"
    count: int = Field(default=NEXT_DATES, ge=1, le=20)


class Date(Shape):
    """One of the next dates, in the schedule's zone."""

    at: AwareDatetime
    offset: str
    note: str | None
    """What is odd about it: a change of clocks, a holiday."""


class PreviewShape(Shape):
    """An expression in words, and its next dates."""

    words: str
    timezone: str
    notes: list[str]
    next: list[Date]


class DataShape(Shape):
    """The data that starts a job, or that it waits for."""

    words: str
    assets: list[str]
    when: Literal["any", "all"]
    schedule: Literal["or", "and"]
    cutoff_minutes: int | None
    at_cutoff: Literal["run", "skip"] | None
    fresh_minutes: int | None


class RunOfTime(Shape):
    """The run that an expected time became, or that decided against it."""

    id: Id | None
    url: str | None


class ExpectedShape(Shape):
    """What became of one expected time."""

    due_at: Instant
    outcome: TimeOutcome
    reason: str | None
    started_at: Instant | None
    late: bool
    decided_at: Instant
    run: RunOfTime | None


class Counts(Shape):
    """What became of the times of the last days."""

    days: int
    ran: int
    skipped: int
    not_run: int


class ScheduleShape(Shape):
    """When a job runs by itself, and what became of the times when it should have."""

    job: Named
    timezone: str
    expression: str | None
    enabled: bool | None
    words: str | None
    notes: list[str]
    on_holiday: OnHoliday | None
    lateness_minutes: float | None
    next: list[Date]
    data: DataShape | None
    paused: str | None
    counts: Counts
    expected: list[ExpectedShape]
    """The newest first."""
    before: Instant | None
    """What to send as `before` for the page after this one."""


@dataclass(frozen=True)
class Accounts:
    """What became of a job's expected times."""

    newest: list[ExpectedTime]
    counts: dict[TimeOutcome, int]
    """Of the last 30 days."""
    before: datetime | None
    """Where the page after this one begins; None on the last."""


def job_schedule(shown: ShownJob, accounts: Accounts) -> ScheduleShape:
    """Return when a job runs by itself, and what became of the times when it should have."""
    job, due_at = shown.snapshot.job, shown.next_due
    given, schedule = job.definition.schedule, schedule_of(shown.snapshot)
    seen = preview(schedule, after=shown.now, count=NEXT_DATES) if schedule else None
    return ScheduleShape(
        job=Named(id=job.job_id, name=job.definition.name),
        timezone=shown.snapshot.timezone,
        expression=given.cron if given else None,
        enabled=given.enabled if given else None,
        words=seen.words if seen else None,
        notes=list(seen.notes) if seen else [],
        on_holiday=given.on_holiday if given else None,
        lateness_minutes=_lateness_minutes(shown.plan, due_at),
        next=_dates(seen) if seen and due_at else [],
        data=_data(job.definition.triggers, has_schedule=given is not None),
        paused=shown.paused,
        counts=Counts(
            days=COUNTED_DAYS,
            ran=accounts.counts.get(TimeOutcome.RAN, 0),
            skipped=accounts.counts.get(TimeOutcome.SKIPPED, 0),
            not_run=accounts.counts.get(TimeOutcome.NOT_RUN, 0),
        ),
        expected=[_expected(time, shown) for time in accounts.newest],
        before=accounts.before,
    )


def schedule_preview(seen: Preview) -> PreviewShape:
    """Return an expression in words, and its next dates."""
    return PreviewShape(words=seen.words, timezone=seen.timezone, notes=list(seen.notes), next=_dates(seen))


def data_in_words(triggers: DataTrigger, *, has_schedule: bool) -> str:
    """Return in a sentence which data starts a job, or is waited for."""
    names = listed(triggers.assets)
    if not triggers.enabled:
        return f"It names {names} as its data, and is switched off for that: no load starts it."
    some, all_of = f"any of {names} is loaded", f"all of {names} are loaded"
    loaded = f"{names} is loaded" if len(triggers.assets) == 1 else some if triggers.when == "any" else all_of
    if triggers.schedule == "or" or triggers.cutoff_minutes is None:
        return f"Runs whenever {loaded}{', and at each time of its schedule' if has_schedule else ''}."
    then = "it runs and marks what is late" if triggers.at_cutoff == "run" else "it is skipped"
    wait = length(timedelta(minutes=triggers.cutoff_minutes))
    return f"Each time of its schedule waits until {loaded}, for {wait} at most; then {then}."


def schedule_of(snapshot: Snapshot) -> Schedule | None:
    """Return the schedule that the toggle switches on, also while it is off."""
    job = snapshot.job.definition
    if job.schedule is None:
        return None
    on = job.model_copy(update={"schedule": job.schedule.model_copy(update={"enabled": True})})
    plan = plan_of(on, snapshot.organisation.definition)
    return plan.schedule if plan else None


def _lateness_minutes(plan: Plan | None, due_at: datetime | None) -> float | None:
    if plan is None or plan.schedule is None or due_at is None:
        return None
    return lateness_limit(plan.schedule, due_at, minutes=plan.lateness_minutes) / timedelta(minutes=1)


def _dates(seen: Preview) -> list[Date]:
    return [Date(at=date.due_at, offset=date.offset, note=date.note) for date in seen.dates]


def _data(triggers: DataTrigger | None, *, has_schedule: bool) -> DataShape | None:
    if triggers is None:
        return None
    return DataShape(
        words=data_in_words(triggers, has_schedule=has_schedule),
        assets=list(triggers.assets),
        when=triggers.when,
        schedule=triggers.schedule,
        cutoff_minutes=triggers.cutoff_minutes,
        at_cutoff=triggers.at_cutoff if triggers.schedule == "and" else None,
        fresh_minutes=triggers.fresh_minutes,
    )


def _expected(time: ExpectedTime, shown: ShownJob) -> ExpectedShape:
    url = shown.url(time.dag_run_id) if time.dag_run_id else None
    return ExpectedShape(
        due_at=time.due_at,
        outcome=time.outcome,
        reason=time.reason,
        started_at=time.started_at,
        late=late_by(time.due_at, time.started_at) is not None,
        decided_at=time.decided_at,
        run=RunOfTime(id=time.run_id, url=url) if time.run_id or url else None,
    )
