"""What the ledger shows of an organisation: its notices, newest first, and how its channels stand."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from interact.chats.status import RunVerdict
from interact.errors import ParameterRefused
from interact.jobs.naming import ID_PATTERN
from interact.jobs.rights import Owned
from interact.notices.states import DeliveryState
from interact.store.cursors import read_cursor, write_cursor
from interact.store.notice_tables import DeliveryRow, NoticeRow
from interact.store.tables import ChannelRow, JobRow, JobVersionRow, RunRow

_NEWEST_FIRST = (NoticeRow.made_at.desc(), NoticeRow.id.desc())


@dataclass(frozen=True)
class Tally:
    """How the deliveries of one notice by one channel stand."""

    channel_id: str
    channel_key: str
    channel_type: str
    counts: dict[DeliveryState, int]
    recipient: str
    """The only one; "" where there are several, or where the connection names the place."""


@dataclass(frozen=True)
class Posting:
    """A notice as a list shows it; whoever shows it asks first whether its job may be read."""

    notice_id: str
    organisation_id: str
    kind: str
    subject: str
    made_at: datetime
    run_id: str | None
    job: Owned | None
    """Whose the job is, or was; None for what concerns several."""
    job_name: str
    is_job_there: bool
    """Whether the job can still be opened."""
    tallies: tuple[Tally, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """Which notices of an organisation are asked for; filters together mean one and the same delivery."""

    organisation_id: str
    state: DeliveryState | None = None
    channel_id: str | None = None
    job_id: str | None = None
    limit: int = 25
    cursor: str | None = None


@dataclass(frozen=True)
class Page:
    """Some notices; `next` is the cursor of those after them, None at the end."""

    postings: tuple[Posting, ...]
    next: str | None


@dataclass(frozen=True)
class Last:
    """The newest delivery that a channel tried."""

    state: DeliveryState
    changed_at: datetime


@dataclass(frozen=True)
class User:
    """A job that tells a channel of its runs."""

    job: Owned
    name: str


def page(session: Session, wanted: Wanted) -> Page:
    """Return notices, newest first; raises ParameterRefused for a cursor that no such list has made."""
    found = _listed().where(NoticeRow.organisation_id == wanted.organisation_id, *_narrowed(wanted))
    rows = session.execute(found.order_by(*_NEWEST_FIRST).limit(wanted.limit + 1)).all()
    shown = rows[: wanted.limit]
    tallies = _tallies(session, [row.id for row in shown])
    postings = tuple(_posting(row, tallies.get(row.id, ())) for row in shown)
    last = postings[-1] if len(rows) > wanted.limit else None
    return Page(postings, write_cursor((last.made_at.isoformat(), last.notice_id)) if last else None)


def by_id(session: Session, notice_id: str) -> Posting | None:
    """Return a notice as a list shows it."""
    row = session.execute(_listed().where(NoticeRow.id == notice_id)).first()
    return None if row is None else _posting(row, _tallies(session, [notice_id]).get(notice_id, ()))


def lasts(session: Session, organisation_id: str, *, channel_id: str | None = None) -> dict[str, Last]:
    """Return the newest delivery of each channel that has tried one, by the channel's id; what was held is none.

    With `channel_id` that of one channel.
    """
    tried = aliased(DeliveryRow)
    newest = (
        select(tried.id)
        .where(tried.channel_id == ChannelRow.id, tried.state != DeliveryState.HELD)
        .order_by(tried.changed_at.desc(), tried.id.desc())
        .limit(1)
        .correlate(ChannelRow)
        .scalar_subquery()
    )
    found = select(ChannelRow.id, DeliveryRow.state, DeliveryRow.changed_at).join(DeliveryRow, DeliveryRow.id == newest)
    ours = [ChannelRow.organisation_id == organisation_id, *([ChannelRow.id == channel_id] if channel_id else [])]
    rows = session.execute(found.where(*ours))
    return {of_channel: Last(DeliveryState(state), changed_at) for of_channel, state, changed_at in rows}


def users(session: Session, organisation_id: str) -> dict[str, list[User]]:
    """Return the jobs that tell each channel of their runs, wholly or of some values, by its key; the jobs by name."""
    newest = and_(JobVersionRow.job_id == JobRow.id, JobVersionRow.version == JobRow.version)
    told = (JobVersionRow.definition["channels"], JobVersionRow.definition["notices"]["routes"])
    found = (
        select(JobRow.id, JobRow.name, JobRow.owner, JobRow.visibility, *told)
        .join(JobVersionRow, newest)
        .where(JobRow.organisation_id == organisation_id, JobRow.deleted_at.is_(None), JobRow.purpose == "job")
    )
    by_key: dict[str, list[User]] = {}
    for job_id, name, owner, visibility, keys, routes in session.execute(found):
        user = User(Owned(job_id, organisation_id, owner, visibility == "private"), name)
        for key in dict.fromkeys([*(keys or ()), *(route["channel"] for route in routes or ())]):
            by_key.setdefault(key, []).append(user)
    return {key: sorted(jobs, key=lambda each: each.name.casefold()) for key, jobs in by_key.items()}


def last_told_run(session: Session, job_id: str) -> str | None:
    """Return the id of the newest run of a job whose end there is something to say of; None while there is none."""
    ends = (RunVerdict.COMPLETED, RunVerdict.PARTIAL, RunVerdict.FAILED)
    found = select(RunRow.id).where(RunRow.job_id == job_id, RunRow.verdict.in_(ends), RunRow.ended_at.is_not(None))
    return session.scalar(found.order_by(RunRow.accepted_at.desc(), RunRow.id.desc()).limit(1))


def _listed() -> Select[*tuple[Any, ...]]:
    notice = (NoticeRow.id, NoticeRow.kind, NoticeRow.subject, NoticeRow.made_at, NoticeRow.run_id)
    job = (NoticeRow.organisation_id, NoticeRow.job_id, JobRow.name, JobRow.owner, JobRow.visibility, JobRow.deleted_at)
    return select(*notice, *job).outerjoin(JobRow, JobRow.id == NoticeRow.job_id)


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [NoticeRow.job_id == wanted.job_id] if wanted.job_id else []
    wished = {DeliveryRow.state: wanted.state, DeliveryRow.channel_id: wanted.channel_id}
    of_delivery = [column == value for column, value in wished.items() if value]
    if of_delivery:
        conditions.append(NoticeRow.id.in_(select(DeliveryRow.notice_id).where(*of_delivery)))
    if wanted.cursor is None:
        return conditions
    made_at, notice_id = _place(wanted.cursor)
    same_instant = and_(NoticeRow.made_at == made_at, NoticeRow.id < notice_id)
    return [*conditions, NoticeRow.made_at <= made_at, or_(NoticeRow.made_at < made_at, same_instant)]


def _place(cursor: str) -> tuple[datetime, str]:
    try:
        when, notice_id = read_cursor(cursor)
        made_at = datetime.fromisoformat(when)
        if made_at.tzinfo and re.fullmatch(ID_PATTERN, notice_id):
            return made_at.astimezone(UTC), notice_id
    except (ValueError, TypeError, OverflowError):
        pass
    raise ParameterRefused("cursor", "was not made by this list; leave it out to begin with the newest")


def _tallies(session: Session, notice_ids: Collection[str]) -> dict[str, tuple[Tally, ...]]:
    """Return how the deliveries of each notice stand, by channel."""
    by = (DeliveryRow.notice_id, DeliveryRow.channel_id, DeliveryRow.channel_key, DeliveryRow.channel_type)
    counted = select(*by, DeliveryRow.state, func.count(), func.min(DeliveryRow.recipient))
    rows = session.execute(
        counted.where(DeliveryRow.notice_id.in_(notice_ids))
        .group_by(*by, DeliveryRow.state)
        .order_by(DeliveryRow.channel_key, DeliveryRow.channel_id)
    )
    found: dict[str, dict[str, Tally]] = {}
    for notice_id, channel_id, key, kind, state, count, recipient in rows:
        of_notice = found.setdefault(notice_id, {})
        earlier = of_notice.get(channel_id)
        alone = recipient if earlier is None and count == 1 else ""
        counts = {**(earlier.counts if earlier else {}), DeliveryState(state): count}
        of_notice[channel_id] = Tally(channel_id, key, kind, counts, alone)
    return {notice_id: tuple(of_notice.values()) for notice_id, of_notice in found.items()}


def _posting(row: Any, tallies: tuple[Tally, ...]) -> Posting:
    is_of_job = row.job_id is not None
    return Posting(
        notice_id=row.id,
        organisation_id=row.organisation_id,
        kind=row.kind,
        subject=row.subject,
        made_at=row.made_at,
        run_id=row.run_id,
        job=Owned(row.job_id, row.organisation_id, row.owner, row.visibility == "private") if is_of_job else None,
        job_name=row.name or "",
        is_job_there=is_of_job and row.deleted_at is None,
        tallies=tallies,
    )
