"""Periods: from when to when a job ran by which plan, so that each time is judged by the one that held then."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from interact.errors import ScheduleRefused
from interact.jobs.definition import Job, Organisation
from interact.jobs.plans import plan_of
from interact.jobs.timing import STORED
from interact.schedules.plan import Plan
from interact.store.tables import JobRow, JobVersionRow, PeriodRow

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Period:
    """One plan of a job: it holds for times later than `held_from`, up to and with `held_until`."""

    job_id: str
    number: int
    version: int
    """The job's version with which it began; later ones that leave the plan alone change nothing here."""
    held_from: datetime
    held_until: datetime | None
    """None while it holds."""
    plan: Plan
    accounted_until: datetime
    """Up to here each expected time has its row."""


def follow(session: Session, job_id: str, version: int, plan: Plan | None, *, now: datetime) -> None:
    """Let a job run by this plan from now on; when it does so already, nothing changes.

    None and a deleted job end the plan that held. What changes and changes back at one instant never changed.
    """
    # Whoever else saves or deletes this job waits here, or is waited for.
    job = select(JobRow.deleted_at).where(JobRow.id == job_id).with_for_update(key_share=True)
    if session.execute(job).one().deleted_at is not None:
        plan = None
    last = _last(session, job_id)
    if last and last.held_until is None:
        if plan and last.plan == plan.plain():
            return
        last = _close(session, last, now=now)
    if plan is None:
        return
    if last and last.held_until and last.held_until >= now and last.plan == plan.plain():
        last.held_until = None
    else:
        # Two machines may disagree by a little about the time: periods never overlap.
        held_from = max(now, last.held_until or now) if last else now
        session.add(
            PeriodRow(
                job_id=job_id,
                number=last.number + 1 if last else 1,
                version=version,
                held_from=held_from,
                plan=plan.plain(),
                accounted_until=held_from,
            )
        )
    session.flush()


def follow_organisation(session: Session, organisation_id: str, organisation: Organisation, *, now: datetime) -> None:
    """Let each job of an organisation run by the plan that the organisation's zone and calendar now make of it."""
    newest = and_(JobVersionRow.job_id == JobRow.id, JobVersionRow.version == JobRow.version)
    wanted = (
        select(JobRow.id, JobRow.version, JobVersionRow.definition)
        .join(JobVersionRow, newest)
        .where(JobRow.organisation_id == organisation_id, JobRow.deleted_at.is_(None))
        .order_by(JobRow.id)
    )
    for job_id, version, definition in session.execute(wanted).all():
        follow(session, job_id, version, plan_of(Job.model_validate(definition, context=STORED), organisation), now=now)


def current(session: Session, job_id: str) -> Period | None:
    """Return the period that is open; None when the job does not run by itself."""
    return _found(session, PeriodRow.job_id == job_id, PeriodRow.held_until.is_(None))


def holding_at(session: Session, job_id: str, at: datetime) -> Period | None:
    """Return the period that an instant is judged by; None when the job did not run by itself then."""
    until = or_(PeriodRow.held_until.is_(None), PeriodRow.held_until >= at)
    return _found(session, PeriodRow.job_id == job_id, PeriodRow.held_from < at, until)


def between(session: Session, job_id: str, *, after: datetime, until: datetime) -> list[Period]:
    """Return a job's periods that hold for any time later than `after`, up to and with `until`, newest first."""
    held = or_(PeriodRow.held_until.is_(None), PeriodRow.held_until > after)
    rows = select(PeriodRow).where(PeriodRow.job_id == job_id, PeriodRow.held_from < until, held)
    return [period for row in session.scalars(rows.order_by(PeriodRow.number.desc())) if (period := _readable(row))]


def unaccounted(session: Session, *, now: datetime) -> list[Period]:
    """Return the periods with a schedule that may hold times, up to now, without a row; oldest first."""
    left = or_(
        and_(PeriodRow.held_until.is_(None), PeriodRow.accounted_until < now),
        PeriodRow.accounted_until < PeriodRow.held_until,
    )
    oldest_first = select(PeriodRow).where(left).order_by(PeriodRow.accounted_until, PeriodRow.job_id)
    rows = session.scalars(oldest_first.execution_options(populate_existing=True))
    return [period for row in rows if (period := _readable(row)) and period.plan.schedule]


def again(session: Session, period: Period) -> Period | None:
    """Return a period as it is by now; None when it has been taken out."""
    return _found(session, PeriodRow.job_id == period.job_id, PeriodRow.number == period.number)


def mark_accounted(session: Session, period: Period, until: datetime) -> None:
    """Note that each expected time of a period up to an instant has its row."""
    ours = and_(PeriodRow.job_id == period.job_id, PeriodRow.number == period.number)
    session.execute(update(PeriodRow).where(ours, PeriodRow.accounted_until < until).values(accounted_until=until))


def _last(session: Session, job_id: str) -> PeriodRow | None:
    newest = select(PeriodRow).where(PeriodRow.job_id == job_id).order_by(PeriodRow.number.desc()).limit(1)
    return session.scalars(newest.execution_options(populate_existing=True)).one_or_none()


def _close(session: Session, row: PeriodRow, *, now: datetime) -> PeriodRow | None:
    """Close the open period and return the newest that is left: one that has held at no time is taken out."""
    if row.held_from >= now:
        session.delete(row)
        session.flush()
        return _last(session, row.job_id)
    row.held_until = now
    session.flush()
    return row


def _found(session: Session, *conditions: ColumnElement[bool]) -> Period | None:
    row = session.scalars(select(PeriodRow).where(*conditions).execution_options(populate_existing=True)).one_or_none()
    return _period(row) if row else None


def _period(row: PeriodRow) -> Period:
    return Period(
        job_id=row.job_id,
        number=row.number,
        version=row.version,
        held_from=row.held_from,
        held_until=row.held_until,
        plan=Plan.of(row.plan),
        accounted_until=row.accounted_until,
    )


def _readable(row: PeriodRow) -> Period | None:
    try:
        return _period(row)
    except (ScheduleRefused, KeyError, TypeError, ValueError) as error:
        # It must not keep the others from being accounted for.
        log.error("Period %s of job %s cannot be read: %s", row.number, row.job_id, type(error).__name__)
        return None
