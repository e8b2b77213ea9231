"""Who sees which chats, and the list of them, newest first."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.orm import Session

from interact.chats.record import Chat, Run
from interact.errors import ParameterRefused
from interact.jobs.naming import ID_PATTERN
from interact.store.records import chat_of, run_of
from interact.store.tables import ChatRow, JobRow, RunRow

Entry = tuple[Chat, Run, str, str]
"""A chat, its run, and the names of its job and agent at that time."""
Place = tuple[datetime, str, int]
"""Where a chat stands in the list: its time, its run, its position in the run."""


@dataclass(frozen=True)
class Viewer:
    """Who looks: at one organisation's shared jobs, and at private ones of `owner` or among `private_job_ids`."""

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
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True)
class Page:
    """A part of the list; `next_cursor` is None on the last one."""

    entries: tuple[Entry, ...]
    next_cursor: str | None


def newest(session: Session, viewer: Viewer, wanted: Wanted) -> Page:
    """Return the chats that a viewer sees, newest first, a run's in the order of its combinations.

    Chats that come in between two pages move none of the later ones. Raises ParameterRefused for a broken cursor.
    """
    found = session.execute(_chosen(viewer, wanted).limit(wanted.limit + 1)).all()
    shown = tuple((chat_of(chat), run_of(run), job, agent) for chat, run, job, agent in found[: wanted.limit])
    last = shown[-1][0] if len(found) > wanted.limit else None
    return Page(shown, _cursor(last) if last else None)


def visible(session: Session, viewer: Viewer, chat_id: str) -> Chat | None:
    """Return a chat; None when it is unknown or out of this viewer's sight."""
    wanted = select(ChatRow).join(JobRow, JobRow.id == ChatRow.job_id).where(ChatRow.id == chat_id, _in_sight(viewer))
    row = session.scalars(wanted).one_or_none()
    return chat_of(row) if row else None


def _chosen(viewer: Viewer, wanted: Wanted) -> Select[ChatRow, RunRow, str, str]:
    conditions = [
        column == value
        for column, value in (
            (ChatRow.agent_id, wanted.agent_id),
            (ChatRow.job_id, wanted.job_id),
            (ChatRow.status, wanted.status),
        )
        if value is not None
    ]
    return (
        select(
            ChatRow,
            RunRow,
            RunRow.snapshot["job"]["definition"]["name"].as_string(),
            RunRow.snapshot["agent"]["definition"]["name"].as_string(),
        )
        .join(RunRow, RunRow.id == ChatRow.run_id)
        .join(JobRow, JobRow.id == ChatRow.job_id)
        .where(_in_sight(viewer), _after(wanted.cursor), *conditions)
        # The first two as the index has them, backwards: the database reads no more than the page.
        .order_by(ChatRow.created_at.desc(), ChatRow.run_id.desc(), ChatRow.position)
    )


def _in_sight(viewer: Viewer) -> ColumnElement[bool]:
    # The job's visibility now: making a job private hides what it answered before.
    shared = JobRow.visibility == "organisation"
    open_to = shared if viewer.owner is None else or_(shared, JobRow.owner == viewer.owner)
    if viewer.job_ids is not None:
        open_to = and_(open_to, ChatRow.job_id.in_(viewer.job_ids))
    named = and_(JobRow.visibility == "private", ChatRow.job_id.in_(viewer.private_job_ids))
    return and_(ChatRow.organisation_id == viewer.organisation_id, or_(open_to, named))


def _after(cursor: str | None) -> ColumnElement[bool]:
    if cursor is None:
        return true()
    created_at, run_id, position = _place(cursor)
    in_run = and_(ChatRow.run_id == run_id, ChatRow.position > position)
    same_instant = and_(ChatRow.created_at == created_at, or_(ChatRow.run_id < run_id, in_run))
    return and_(ChatRow.created_at <= created_at, or_(ChatRow.created_at < created_at, same_instant))


def _cursor(chat: Chat) -> str:
    place = [chat.created_at.isoformat(), chat.run_id, chat.position]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _place(cursor: str) -> Place:
    try:
        when, run_id, position = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        created_at = datetime.fromisoformat(when)
        # True is an int too, and an instant can lie within the calendar of its own zone alone.
        if created_at.tzinfo and re.fullmatch(ID_PATTERN, run_id) and type(position) is int and 0 <= position < 10**6:
            return created_at.astimezone(UTC), run_id, position
    except (ValueError, TypeError, OverflowError, RecursionError):
        pass
    raise ParameterRefused("cursor", "was not made by this list; leave it out to begin with the newest")
