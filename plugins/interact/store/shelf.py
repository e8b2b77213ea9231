"""An agent's jobs as its page lists them: those that somebody sees, by name, with what became of each last."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlalchemy.orm import Session

from interact.chats.record import Run
from interact.errors import ParameterRefused
from interact.schedules.expected import TimeOutcome
from interact.store.cursors import read_cursor, write_cursor
from interact.store.records import run_of
from interact.store.tables import JobRow, RunRow
from interact.store.time_tables import ExpectedTimeRow

Place = tuple[str, str]
"""Where a job stands in the list: its name as it is compared, and its id."""


@dataclass(frozen=True)
class Wanted:
    """Which jobs of an agent to list: those that `owner` sees, with `search` in name or key."""

    agent_id: str
    owner: str
    search: str = ""
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True)
class Page:
    """A part of the list, by name; `first` is the number of its first job, from 1."""

    job_ids: tuple[str, ...]
    first: int
    found: int
    """How many jobs there are with what was searched for."""
    in_sight: int
    """How many there are at all."""
    next_cursor: str | None
    """None on the last page."""
    previous_cursor: str | None
    """None on the first page, "" where that comes before this one."""


@dataclass(frozen=True)
class Missed:
    """The newest expected time of a job that no run was started for."""

    due_at: datetime
    outcome: TimeOutcome


def page(session: Session, wanted: Wanted) -> Page:
    """Return a page of the jobs that somebody sees of an agent; raises ParameterRefused for a broken cursor.

    Names are compared here, not in the database, which knows no letters beyond ASCII or has an order of its own: what
    is read of a job that is not on the page is its name, its key and its id.
    """
    titles = session.execute(select(JobRow.id, JobRow.name, JobRow.key).where(*_in_sight(wanted))).all()
    looked_for = _compared(wanted.search)
    found: list[Place] = sorted(
        (_compared(name), job_id)
        for job_id, name, key in titles
        if looked_for in _compared(name) or looked_for in _compared(key)
    )
    begin = bisect_right(found, _place(wanted.cursor)) if wanted.cursor else 0
    shown = found[begin : begin + wanted.limit]
    before = begin - wanted.limit - 1
    return Page(
        job_ids=tuple(job_id for _, job_id in shown),
        first=begin + 1,
        found=len(found),
        in_sight=len(titles),
        next_cursor=write_cursor(shown[-1]) if len(found) > begin + len(shown) else None,
        previous_cursor=None if begin == 0 else write_cursor(found[before]) if before >= 0 else "",
    )


def newest_runs(session: Session, job_ids: Collection[str]) -> dict[str, Run]:
    """Return the newest run of each of these jobs that has one, by the job's id."""
    newest: ScalarSelect[str] = (
        select(RunRow.id)
        .where(RunRow.job_id == JobRow.id)
        .order_by(RunRow.accepted_at.desc(), RunRow.id.desc())
        .limit(1)
        .correlate(JobRow)
        .scalar_subquery()
    )
    of_each = select(newest).where(JobRow.id.in_(job_ids))
    return {row.job_id: run_of(row) for row in session.scalars(select(RunRow).where(RunRow.id.in_(of_each)))}


def newest_missed(session: Session, job_ids: Collection[str]) -> dict[str, Missed]:
    """Return the newest time that was skipped or did not run of each of these jobs that has one, by the job's id."""
    missed = (TimeOutcome.SKIPPED, TimeOutcome.NOT_RUN)
    rows = session.execute(select(JobRow.id, *(_newest_of(each) for each in missed)).where(JobRow.id.in_(job_ids)))
    found = {
        job_id: [Missed(due_at, outcome) for due_at, outcome in zip(times, missed, strict=True) if due_at]
        for job_id, *times in rows
    }
    return {job_id: max(times, key=lambda each: each.due_at) for job_id, times in found.items() if times}


def _newest_of(outcome: TimeOutcome) -> ScalarSelect[datetime]:
    ours = (ExpectedTimeRow.job_id == JobRow.id, ExpectedTimeRow.outcome == outcome.value)
    return select(func.max(ExpectedTimeRow.due_at)).where(*ours).correlate(JobRow).scalar_subquery()


def _in_sight(wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    seen = or_(JobRow.visibility == "organisation", JobRow.owner == wanted.owner)
    return JobRow.agent_id == wanted.agent_id, JobRow.deleted_at.is_(None), JobRow.purpose == "job", seen


def _compared(text: str) -> str:
    """Return a text without case and without accents: who looks for `eclair` finds Éclair, which stands beside E."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def _place(cursor: str) -> Place:
    try:
        name, job_id = read_cursor(cursor)
        if isinstance(name, str) and isinstance(job_id, str):
            return name, job_id
    except (ValueError, TypeError):
        pass
    raise ParameterRefused("cursor", "was not made by this list; leave it out to begin with the first job")
