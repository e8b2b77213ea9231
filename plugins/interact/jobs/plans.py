"""All that decides when a job runs by itself, resolved: its own words with the organisation's zone and calendar."""

from __future__ import annotations

from datetime import time

from interact.jobs.definition import Job, Organisation
from interact.jobs.timing import WEEKDAYS, BusinessCalendar, DataTrigger
from interact.schedules.expression import parse
from interact.schedules.occurrences import Schedule
from interact.schedules.plan import Plan, Wait
from interact.schedules.working_days import Calendar


def plan_of(job: Job, organisation: Organisation) -> Plan | None:
    """Return when a job runs by itself; None when it does not.

    A plan holds what has a bearing on its times and nothing else, so that no other edit makes it a different one.
    """
    schedule, triggers = _schedule(job, organisation), job.triggers
    if triggers is None or not triggers.enabled:
        return Plan(schedule, lateness_minutes=_lateness(job)) if schedule else None
    if schedule is None and triggers.schedule == "and":
        return None
    return Plan(
        schedule,
        lateness_minutes=_lateness(job) if schedule else None,
        assets=triggers.assets,
        when=triggers.when,
        wait=_wait(triggers),
    )


def calendar_of(calendar: BusinessCalendar) -> Calendar:
    """Return an organisation's calendar as one that answers."""
    return Calendar(
        weekend=frozenset(WEEKDAYS.index(day) for day in calendar.weekend),
        country=calendar.country,
        region=calendar.region,
        added=frozenset(calendar.add),
        removed=frozenset(calendar.remove),
    )


def _schedule(job: Job, organisation: Organisation) -> Schedule | None:
    given = job.schedule
    if given is None or not given.enabled:
        return None
    written = parse(given.cron)
    by_business_day = written.days.business is not None
    at_start_of_business = by_business_day and not written.hours
    return Schedule(
        expression=given.cron,
        timezone=job.timezone or organisation.timezone,
        start_of_business=time.fromisoformat(organisation.start_of_business) if at_start_of_business else time(8),
        calendar=calendar_of(organisation.calendar) if by_business_day or given.on_holiday != "run" else Calendar(),
        on_holiday=given.on_holiday,
    )


def _lateness(job: Job) -> int | None:
    return job.schedule.lateness_minutes if job.schedule else None


def _wait(triggers: DataTrigger) -> Wait | None:
    if triggers.schedule == "or" or triggers.cutoff_minutes is None:
        return None
    return Wait(triggers.cutoff_minutes, triggers.at_cutoff, triggers.fresh_minutes)
