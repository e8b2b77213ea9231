"""Who sees which chats, and the list of them, newest first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Label, Select, SQLColumnExpression, and_, func, or_, select, true, tuple_
from sqlalchemy.orm import Session, aliased

from interact.chats.record import Chat, Run
from interact.errors import ParameterRefused
from interact.jobs.naming import ID_PATTERN
from interact.store.cursors import read_cursor, write_cursor
from interact.store.records import chat_of, run_of
from interact.store.tables import ChatRow, JobRow, RunRow

Entry = tuple[Chat, Run, str, str]
"""A chat, its run, and the names of its job and agent at that time."""
Place = tuple[datetime, str, int]
"""Where a chat stands in the list: its time, its run, its position in the run."""


@dataclass(frozen=True)
class Viewer:
    """Who looks: at one organisation's shared jobs, and at private ones of `owner` or among `private_job_ids`.

    What `owner` asked outside any job is in their sight too, and in nobody else's.
    """

    organisation_id: str
    owner: str | None = None
    job_ids: frozenset[str] | None = None
    """Of the shared jobs and the owner's, only these; None for no such limit."""
    private_job_ids: frozenset[str] = frozenset()
    """Those that may be seen while they are private, whoever looks."""


@dataclass(frozen=True)
class Wanted:
    """Which chats to list; `cursor` is the `next_cursor` of the page before."""

    agent_id: str | None = None
    job_id: str | None = None
    status: str | None = None
    purpose: Literal["job", "questions"] | None = None
    """Only what jobs asked, or only questions outside any."""
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True)
class Page:
    """A part of the list; `next_cursor` is None on the last one."""

    entries: tuple[Entry, ...]
    next_cursor: str | None


def newest(session: Session, viewer: Viewer, wanted: Wanted) -> Page:
    """Return the chats that a viewer sees, newest first, a run's in the order of its combinations.

    Questions outside any job are among them, but for previews and for those that follow another in its thread.

    Chats that come in between two pages move none of the later ones. What is read grows with the page and with the
    number of jobs in sight, not with their chats. Raises ParameterRefused for a broken cursor.
    """
    source = _source(session, viewer, wanted)
    found = session.execute(_chosen(source, wanted)).all()
    shown = tuple((chat_of(chat), run_of(run), job, agent) for chat, run, job, agent in found[: wanted.limit])
    last = shown[-1][0] if len(found) > wanted.limit else None
    return Page(shown, _cursor(last) if last else None)


def visible(session: Session, viewer: Viewer, chat_id: str) -> Chat | None:
    """Return a chat; None when it is unknown or out of this viewer's sight."""
    wanted = select(ChatRow).join(JobRow, JobRow.id == ChatRow.job_id).where(ChatRow.id == chat_id, _in_sight(viewer))
    row = session.scalars(wanted).one_or_none()
    return chat_of(row) if row else None


_NEWEST_FIRST = (ChatRow.created_at.desc(), ChatRow.run_id.desc(), ChatRow.position)
"""As the indexes of each job's chats have them, backwards."""


_STEERED = select(*(func.set_config(name, "off", true()) for name in ("enable_bitmapscan", "enable_seqscan", "jit")))
"""Until the transaction ends. PostgreSQL takes each list for a short one, and would sort the whole of a long one."""


@dataclass(frozen=True)
class _Source:
    """The jobs whose lists a page is merged from, and an instant and a run before which nothing is on it."""

    job_ids: tuple[str, ...]
    floor: tuple[datetime, str] | None = None


def _source(session: Session, viewer: Viewer, wanted: Wanted) -> _Source:
    """Return where a page of n lines, and one more, comes from.

    None of them is older than the newest chat of each of n + 1 jobs, nor than chat n + 1 of any single one.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_STEERED)
    jobs = [job for job in session.execute(_newest_jobs(viewer, wanted)) if job.newest_at]
    if len(jobs) < 2:
        return _Source(tuple(job.id for job in jobs))
    floors = [(job.full_at, job.full_run_id) for job in jobs if job.full_at]
    if len(jobs) > wanted.limit:
        floors.append((jobs[-1].newest_at, jobs[-1].newest_run_id))
    return _Source(tuple(job.id for job in jobs), max(floors, default=None))


def _newest_jobs(viewer: Viewer, wanted: Wanted) -> Select[Any]:
    """Return the query of n + 1 jobs with the newest chats, newest first, with the places of chats 1 and n + 1 of each.

    A job without chats may be among them, at the end.
    """
    listed = JobRow.purpose != "asides"
    in_sight = select(JobRow.id, *_nth(JobRow.id, wanted, 0, "newest")).where(listed, _in_sight(viewer))
    if wanted.job_id is not None:
        in_sight = in_sight.where(JobRow.id == wanted.job_id)
    if wanted.purpose is not None:
        in_sight = in_sight.where(JobRow.purpose == wanted.purpose)
    each = in_sight.subquery()
    order = (each.c.newest_at.desc().nulls_last(), each.c.newest_run_id.desc())
    jobs = select(each).order_by(*order).limit(wanted.limit + 1).subquery()
    again = (jobs.c.newest_at.desc().nulls_last(), jobs.c.newest_run_id.desc())
    return select(jobs, *_nth(jobs.c.id, wanted, wanted.limit, "full")).order_by(*again)


def _nth(job_id: SQLColumnExpression[str], wanted: Wanted, number: int, name: str) -> tuple[Label[Any], Label[Any]]:
    """Return instant and run of one chat of a job's list, counted from 0; NULL when the list is shorter."""
    one = select(ChatRow).where(ChatRow.job_id == job_id, *_narrowed(wanted))
    one = one.order_by(*_NEWEST_FIRST).limit(1).offset(number)
    return (
        one.with_only_columns(ChatRow.created_at).scalar_subquery().label(f"{name}_at"),
        one.with_only_columns(ChatRow.run_id).scalar_subquery().label(f"{name}_run_id"),
    )


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    wished = {ChatRow.agent_id: wanted.agent_id, ChatRow.status: wanted.status}
    return [_after(wanted.cursor), *(column == value for column, value in wished.items() if value is not None)]


def _chosen(source: _Source, wanted: Wanted) -> Select[ChatRow, RunRow, str, str]:
    if len(source.job_ids) == 1:
        whole = _lines(ChatRow).order_by(*_NEWEST_FIRST).limit(wanted.limit + 1)
        return whole.where(ChatRow.job_id == source.job_ids[0], *_narrowed(wanted))
    # Several lists have to be sorted: places alone, which stand in the index, without what a line shows.
    places = select(ChatRow.run_id, ChatRow.position).where(ChatRow.job_id.in_(source.job_ids), *_narrowed(wanted))
    if source.floor:
        places = places.where(tuple_(ChatRow.created_at, ChatRow.run_id) >= source.floor)
    page = places.order_by(*_NEWEST_FIRST).limit(wanted.limit + 1).subquery()
    # Limited once more: PostgreSQL might else look up the runs first, and then all chats of each.
    of_page = and_(page.c.run_id == ChatRow.run_id, page.c.position == ChatRow.position)
    found = select(ChatRow).join(page, of_page).order_by(*_NEWEST_FIRST).limit(wanted.limit + 1).subquery()
    chat = aliased(ChatRow, found)
    return _lines(chat).order_by(chat.created_at.desc(), chat.run_id.desc(), chat.position)


def _lines(chat: type[ChatRow]) -> Select[ChatRow, RunRow, str, str]:
    return select(
        chat,
        RunRow,
        RunRow.snapshot["job"]["definition"]["name"].as_string(),
        RunRow.snapshot["agent"]["definition"]["name"].as_string(),
    ).join(RunRow, RunRow.id == chat.run_id)


def _in_sight(viewer: Viewer) -> ColumnElement[bool]:
    # The job's visibility now: making a job private hides what it answered before.
    shared = JobRow.visibility == "organisation"
    open_to = shared if viewer.owner is None else or_(shared, JobRow.owner == viewer.owner)
    if viewer.job_ids is not None:
        open_to = and_(open_to, JobRow.id.in_(viewer.job_ids))
    named = and_(JobRow.visibility == "private", JobRow.purpose == "job", JobRow.id.in_(viewer.private_job_ids))
    return and_(JobRow.organisation_id == viewer.organisation_id, or_(open_to, named))


def _after(cursor: str | None) -> ColumnElement[bool]:
    if cursor is None:
        return true()
    created_at, run_id, position = _place(cursor)
    in_run = and_(ChatRow.run_id == run_id, ChatRow.position > position)
    same_instant = and_(ChatRow.created_at == created_at, or_(ChatRow.run_id < run_id, in_run))
    return and_(ChatRow.created_at <= created_at, or_(ChatRow.created_at < created_at, same_instant))


def _cursor(chat: Chat) -> str:
    return write_cursor((chat.created_at.isoformat(), chat.run_id, chat.position))


def _place(cursor: str) -> Place:
    try:
        when, run_id, position = read_cursor(cursor)
        created_at = datetime.fromisoformat(when)
        # True is an int too, and an instant can lie within the calendar of its own zone alone.
        if created_at.tzinfo and re.fullmatch(ID_PATTERN, run_id) and type(position) is int and 0 <= position < 10**6:
            return created_at.astimezone(UTC), run_id, position
    except (ValueError, TypeError, OverflowError):
        pass
    raise ParameterRefused("cursor", "was not made by this list; leave it out to begin with the newest")
