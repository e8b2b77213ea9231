"""A job's history: every run, and every expected time that none was started for, merged, newest first."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from interact.chats.record import Run
from interact.chats.status import ChatStatus, RunVerdict
from interact.errors import ParameterRefused
from interact.jobs.naming import ID_PATTERN
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store import expected
from interact.store.cursors import read_cursor, write_cursor
from interact.store.records import run_of
from interact.store.tables import ChatRow, RunRow

Outcome = Literal["completed", "partial", "failed", "cancelled", "running", "skipped", "not_run"]
"""What history is narrowed to; `running` holds what waits to run too."""
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
_MISSED = (TimeOutcome.SKIPPED, TimeOutcome.NOT_RUN)
_MOMENT = timedelta(microseconds=1)
_OPEN = (RunVerdict.QUEUED, RunVerdict.RUNNING)
Place = tuple[datetime, str]
"""Where a line stands: its instant, and its run's id; "" for a time without a run."""


@dataclass(frozen=True)
class Tally:
    """The chats of a run: how many, and how many of them are answered."""

    count: int
    completed: int
    one_id: str
    """The id of one of them: of the only one, where there is no other."""
    one_reason: str | None
    """Likewise why it was not answered."""


@dataclass(frozen=True)
class Line:
    """A run, or a time that none was started for: one of the two is set."""

    at: datetime
    """When the run was accepted, which of a scheduled one is its time as a rule; when the time was due."""
    run: Run | None = None
    chats: Tally | None = None
    """None for a run that opened none."""
    time: ExpectedTime | None = None
    stand_in: Run | None = None
    """The newest run that somebody started by hand for the time."""


@dataclass(frozen=True)
class Page:
    """A part of a history; `next_cursor` is None on the last one."""

    lines: tuple[Line, ...]
    next_cursor: str | None


def page(
    session: Session, job_id: str, *, outcome: Outcome | None = None, cursor: str | None = None, limit: int = 50
) -> Page:
    """Return what a job did and did not do, newest first; a run that stands for an expected time is one line.

    What comes in between two pages moves none of the later ones. Raises ParameterRefused for a broken cursor.
    """
    before = _place(cursor) if cursor else None
    lines = [Line(run.accepted_at, run=run) for run in _runs(session, job_id, outcome, before, limit + 1)]
    lines += [Line(time.due_at, time=time) for time in _missed(session, job_id, outcome, before, limit + 1)]
    lines.sort(key=_where, reverse=True)
    shown = lines[:limit]
    tallies = _tallies(session, [line.run.run_id for line in shown if line.run])
    stand_ins = _stand_ins(session, job_id, [line.time.due_at for line in shown if line.time])
    return Page(
        tuple(
            Line(line.at, run=line.run, chats=tallies.get(line.run.run_id))
            if line.run
            else Line(line.at, time=line.time, stand_in=stand_ins.get(line.at))
            for line in shown
        ),
        _cursor(shown[-1]) if len(lines) > limit else None,
    )


def standing_in(session: Session, job_id: str, due_at: datetime) -> Run | None:
    """Return the newest run that somebody started by hand for a time; None when nobody has."""
    return _stand_ins(session, job_id, [due_at]).get(due_at)


def _runs(session: Session, job_id: str, outcome: Outcome | None, before: Place | None, limit: int) -> list[Run]:
    if outcome in ("skipped", "not_run"):
        return []
    wanted = select(RunRow).where(RunRow.job_id == job_id, _earlier(before))
    if outcome is not None:
        wanted = wanted.where(RunRow.verdict.in_(_OPEN if outcome == "running" else (outcome,)))
    rows = session.scalars(wanted.order_by(RunRow.accepted_at.desc(), RunRow.id.desc()).limit(limit))
    return [run_of(row) for row in rows]


def _earlier(before: Place | None) -> ColumnElement[bool]:
    if before is None:
        return true()
    at, run_id = before
    return and_(RunRow.accepted_at <= at, or_(RunRow.accepted_at < at, RunRow.id < run_id))


def _missed(
    session: Session, job_id: str, outcome: Outcome | None, before: Place | None, limit: int
) -> list[ExpectedTime]:
    """Return the newest times that were skipped or did not run, each kind read from its own part of the index."""
    # At one instant a run comes before a time: where the page before ended with that run, the time is still to come.
    until = before[0] + _MOMENT if before and before[1] else before[0] if before else None
    kinds = [kind for kind in _MISSED if outcome in (None, kind.value)]
    return [
        time for kind in kinds for time in expected.of_job(session, job_id, outcome=kind, before=until, limit=limit)
    ]


def _tallies(session: Session, run_ids: Collection[str]) -> dict[str, Tally]:
    answered = func.sum(case((ChatRow.status == ChatStatus.COMPLETED, 1), else_=0))
    one = (func.min(ChatRow.id), func.min(ChatRow.reason))
    counted = select(ChatRow.run_id, func.count(), answered, *one).where(ChatRow.run_id.in_(run_ids))
    found = session.execute(counted.group_by(ChatRow.run_id))
    return {run_id: Tally(int(count), int(completed), *one_chat) for run_id, count, completed, *one_chat in found}


def _stand_ins(session: Session, job_id: str, times: Collection[datetime]) -> dict[datetime, Run]:
    wanted = select(RunRow).where(RunRow.job_id == job_id, RunRow.stands_in_for.in_(times))
    rows = session.scalars(wanted.order_by(RunRow.accepted_at, RunRow.id))
    return {row.stands_in_for: run_of(row) for row in rows if row.stands_in_for}


def _where(line: Line) -> Place:
    return line.at, line.run.run_id if line.run else ""


def _cursor(line: Line) -> str:
    at, run_id = _where(line)
    return write_cursor((at.isoformat(), run_id))


def _place(cursor: str) -> Place:
    try:
        when, run_id = read_cursor(cursor)
        at = datetime.fromisoformat(when)
        if at.tzinfo and at.year < 9999 and (run_id == "" or re.fullmatch(ID_PATTERN, run_id)):
            return at.astimezone(UTC), run_id
    except (ValueError, TypeError, OverflowError):
        pass
    raise ParameterRefused("cursor", "was not made by this list; leave it out to begin with the newest")
