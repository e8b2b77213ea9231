"""The ledger: what is said once about each event, and how each delivery of it stands.

A delivery is claimed before it is sent, in a transaction of its own, and settled afterwards. So whoever dies in between
leaves it as `sending`, which becomes `unknown`: it may have arrived, and nobody sends it again unasked.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import ColumnElement, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, undefer

from interact.jobs.naming import new_id
from interact.notices.notice import Notice
from interact.notices.sending import Answer
from interact.notices.states import RESENDABLE, DeliveryState, state_after
from interact.store.notice_tables import DeliveryRow, NoticeRow

log = logging.getLogger(__name__)
# The two that each delivery takes, made once: to make them anew costs more than to run them.
_ROWS = DeliveryRow.metadata.tables[DeliveryRow.__tablename__]
_FREE = select(_ROWS.c.id).where(
    _ROWS.c.id.in_(bindparam("ids", expanding=True)),
    _ROWS.c.state == DeliveryState.PENDING,
    _ROWS.c.next_at <= bindparam("now"),
)
_CLAIM = (
    update(_ROWS)
    .where(_ROWS.c.id.in_(_FREE.with_for_update(skip_locked=True)))
    .values(
        state=DeliveryState.SENDING,
        claim=bindparam("word"),
        claimed_at=bindparam("now"),
        tries=_ROWS.c.tries + 1,
        next_at=None,
        changed_at=bindparam("now"),
    )
    .returning(_ROWS.c.id)
)
_SETTLE = (
    update(_ROWS)
    .where(
        _ROWS.c.id == bindparam("delivery_id"),
        _ROWS.c.claim == bindparam("word"),
        _ROWS.c.state.in_((DeliveryState.SENDING, DeliveryState.UNKNOWN)),
    )
    .values(
        state=bindparam("to"),
        told=bindparam("told"),
        reference=bindparam("reference"),
        next_at=bindparam("next_at"),
        delivered_at=bindparam("delivered_at"),
        changed_at=bindparam("now"),
    )
    .returning(_ROWS.c.id)
)


@dataclass(frozen=True)
class NewNotice:
    """What is to be said; `occasion` names the event: `RUN_ID:completed`, `INCIDENT_ID:began`."""

    occasion: str
    organisation_id: str
    content: Notice
    job_id: str | None = None
    run_id: str | None = None


@dataclass(frozen=True)
class Addressee:
    """Who is to hear it; `held` says why it is not sent to them."""

    channel_id: str
    channel_key: str
    channel_type: str
    recipient: str = ""
    held: str | None = None


@dataclass(frozen=True)
class Delivery:
    """One notice to one recipient of one channel."""

    delivery_id: str
    notice_id: str
    channel_id: str
    channel_key: str
    channel_type: str
    recipient: str
    state: DeliveryState
    told: str
    """The server's answer, or why it was held."""
    reference: str
    tries: int
    next_at: datetime | None
    """When it is tried next; None when nobody will by himself."""
    delivered_at: datetime | None
    changed_at: datetime
    resent_by: str | None


@dataclass(frozen=True)
class Unaddressed:
    """A delivery that had no channel, or was held before the channel's recipients were looked at."""

    delivery_id: str
    organisation_id: str
    channel_id: str
    channel_type: str
    recipient: str


@dataclass(frozen=True)
class KeptNotice:
    """A notice as it is kept."""

    notice_id: str
    occasion: str
    organisation_id: str
    job_id: str | None
    run_id: str | None
    content: Notice
    made_at: datetime


def keep(session: Session, new: NewNotice, to: Iterable[Addressee], *, now: datetime) -> str:
    """Store what is said about an event and who is to hear it, and return the notice's id; inside `writing` only.

    An event that was told before keeps what was said then; addressees that it lacks are added, none twice.
    """
    values = {
        "id": new_id("notice"),
        "occasion": new.occasion,
        "organisation_id": new.organisation_id,
        "job_id": new.job_id,
        "run_id": new.run_id,
        "kind": new.content.kind,
        "content": new.content.model_dump(mode="json"),
        "subject": new.content.subject,
        "made_at": now,
    }
    # Whoever tells of the same event at this moment is waited for.
    session.execute(_insert(session, NoticeRow).values(values).on_conflict_do_nothing())
    notice_id = session.scalars(select(NoticeRow.id).where(NoticeRow.occasion == new.occasion)).one()
    _add(session, notice_id, to, now=now)
    return notice_id


def notices_by_id(session: Session, notice_ids: Collection[str]) -> dict[str, KeptNotice]:
    """Return notices by their ids, without those that another version of this program wrote and this cannot read."""
    found = session.scalars(select(NoticeRow).where(NoticeRow.id.in_(notice_ids)).options(undefer(NoticeRow.content)))
    return {row.id: kept for row in found if (kept := _kept(row))}


def by_occasion(session: Session, occasion: str) -> KeptNotice | None:
    """Return what was said about an event; None also when this version cannot read it."""
    row = session.scalars(select(NoticeRow).where(NoticeRow.occasion == occasion)).one_or_none()
    return _kept(row) if row else None


def deliveries(session: Session, notice_ids: Collection[str]) -> list[Delivery]:
    """Return the deliveries of some notices, by channel and recipient."""
    found = select(DeliveryRow).where(DeliveryRow.notice_id.in_(notice_ids))
    return [_delivery(row) for row in session.scalars(found.order_by(DeliveryRow.channel_key, DeliveryRow.recipient))]


def notice_ids_of_run(session: Session, run_id: str) -> list[str]:
    """Return the ids of what was said about a run, oldest first."""
    found = select(NoticeRow.id).where(NoticeRow.run_id == run_id).order_by(NoticeRow.made_at, NoticeRow.id)
    return list(session.scalars(found))


def waiting(session: Session, *, until: datetime, notice_ids: Collection[str] | None = None) -> dict[str, str]:
    """Return the channels, id to key, that have anything to send up to an instant, of some notices or of all."""
    found = select(DeliveryRow.channel_id, DeliveryRow.channel_key).where(*_due(until, notice_ids)).distinct()
    return {row.channel_id: row.channel_key for row in session.execute(found.order_by(DeliveryRow.channel_key))}


def due(
    session: Session, channel_id: str, *, until: datetime, notice_ids: Collection[str] | None = None, limit: int
) -> list[Delivery]:
    """Return what is to be sent by a channel up to an instant, of some notices or of all, the longest due first."""
    found = select(DeliveryRow).where(DeliveryRow.channel_id == channel_id, *_due(until, notice_ids))
    ordered = found.order_by(DeliveryRow.next_at, DeliveryRow.id).limit(limit)
    return [_delivery(row) for row in session.scalars(ordered)]


def claim(session: Session, delivery_ids: Collection[str], *, claim: str, now: datetime) -> set[str]:
    """Take those of some deliveries that are still to be sent now, and return their ids.

    `claim` is a word of whoever sends them that nobody used before. What somebody else is about to take is left out.
    """
    return set(session.scalars(_CLAIM, {"ids": list(delivery_ids), "word": claim, "now": now}))


def settle(
    session: Session, delivery_id: str, answer: Answer, *, claim: str, again_at: datetime | None, now: datetime
) -> bool:
    """Keep how a claimed delivery was answered; one that was not accepted now is pending until `again_at`.

    Without `again_at` it has failed. False when the claim is not the newest any more. One that was given up as unknown
    meanwhile takes the answer all the same: it is the truth.
    """
    state = state_after(answer.outcome, is_tried_again=again_at is not None)
    settled = {
        "delivery_id": delivery_id,
        "word": claim,
        "now": now,
        "to": state,
        "told": answer.told,
        "reference": answer.reference,
        "next_at": again_at if state is DeliveryState.PENDING else None,
        "delivered_at": now if state is DeliveryState.DELIVERED else None,
    }
    return session.scalar(_SETTLE, settled) is not None


def give_up_lost(session: Session, *, claimed_before: datetime, told: str, now: datetime) -> int:
    """Mark as unknown what somebody claimed long ago and never settled; return how many."""
    lost = (
        update(DeliveryRow)
        .where(DeliveryRow.state == DeliveryState.SENDING, DeliveryRow.claimed_at < claimed_before)
        .values(state=DeliveryState.UNKNOWN, told=told, changed_at=now)
        .returning(DeliveryRow.id)
    )
    return len(session.scalars(lost).all())


def give_up_waiting(
    session: Session, channel_id: str, *, told: str, now: datetime, made_before: datetime | None = None
) -> int:
    """Mark as failed what waits for a channel, without a try, and return how much that is.

    With `made_before` only what is as old as that: made, or resent by a person.
    """
    over = update(DeliveryRow).where(DeliveryRow.channel_id == channel_id, DeliveryRow.state == DeliveryState.PENDING)
    if made_before is not None:
        old = select(NoticeRow.id).where(NoticeRow.made_at <= made_before).scalar_subquery()
        is_asked_for = DeliveryRow.resent_by.is_not(None) & (DeliveryRow.changed_at > made_before)
        over = over.where(DeliveryRow.notice_id.in_(old), ~is_asked_for)
    failed = over.values(state=DeliveryState.FAILED, told=told, next_at=None, changed_at=now).returning(DeliveryRow.id)
    return len(session.scalars(failed).all())


def resend(session: Session, delivery_ids: Collection[str], *, by: str, now: datetime) -> int:
    """Make pending again what failed, was held or is unknown, because a person says so; return how many."""
    again = (
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(delivery_ids), DeliveryRow.state.in_(RESENDABLE))
        .values(state=DeliveryState.PENDING, next_at=now, claim=None, tries=0, changed_at=now, resent_by=by)
        .returning(DeliveryRow.id)
    )
    return len(session.scalars(again).all())


def unaddressed(session: Session, delivery_ids: Collection[str]) -> list[Unaddressed]:
    """Return those of some deliveries that may be sent again and lack a channel or a recipient."""
    found = (
        select(DeliveryRow.id, NoticeRow.organisation_id, DeliveryRow.channel_id, DeliveryRow.channel_type)
        .add_columns(DeliveryRow.recipient)
        .join(NoticeRow, NoticeRow.id == DeliveryRow.notice_id)
        .where(DeliveryRow.id.in_(delivery_ids), DeliveryRow.state.in_(RESENDABLE))
        .where((DeliveryRow.channel_id == "") | (DeliveryRow.recipient == ""))
        .order_by(DeliveryRow.id)
    )
    return [Unaddressed(*row) for row in session.execute(found)]


def readdress(session: Session, delivery_id: str, to: Sequence[Addressee], *, by: str, now: datetime) -> int:
    """Replace what did not go out by deliveries to these, because a person says so; return how many that is.

    Whom the notice has a delivery for already gets none by this.
    """
    is_open = DeliveryRow.state.in_(RESENDABLE)
    gone = delete(DeliveryRow).where(DeliveryRow.id == delivery_id, is_open).returning(DeliveryRow.notice_id)
    notice_id = session.scalar(gone)
    if notice_id is None:
        return 0
    return _add(session, notice_id, to, now=now, resent_by=by)


def _add(
    session: Session, notice_id: str, to: Iterable[Addressee], *, now: datetime, resent_by: str | None = None
) -> int:
    """Add deliveries to whom the notice has none yet, and return how many those are."""
    rows = [
        {
            "id": new_id("delivery"),
            "notice_id": notice_id,
            "channel_id": each.channel_id,
            "channel_key": each.channel_key,
            "channel_type": each.channel_type,
            "recipient": each.recipient,
            "state": DeliveryState.HELD if each.held else DeliveryState.PENDING,
            "told": each.held or "",
            "next_at": None if each.held else now,
            "changed_at": now,
            "resent_by": resent_by,
        }
        for each in to
    ]
    if not rows:
        return 0
    added = _insert(session, DeliveryRow).on_conflict_do_nothing().returning(DeliveryRow.id)
    return len(session.scalars(added, rows).all())


def _insert(session: Session, table: type[NoticeRow | DeliveryRow]) -> sqlite.Insert | postgresql.Insert:
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert(table) if on_sqlite else postgresql.insert(table)


def _due(until: datetime, notice_ids: Collection[str] | None) -> list[ColumnElement[bool]]:
    conditions = [DeliveryRow.state == DeliveryState.PENDING, DeliveryRow.next_at <= until]
    return conditions if notice_ids is None else [*conditions, DeliveryRow.notice_id.in_(notice_ids)]


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        delivery_id=row.id,
        notice_id=row.notice_id,
        channel_id=row.channel_id,
        channel_key=row.channel_key,
        channel_type=row.channel_type,
        recipient=row.recipient,
        state=DeliveryState(row.state),
        told=row.told,
        reference=row.reference,
        tries=row.tries,
        next_at=row.next_at,
        delivered_at=row.delivered_at,
        changed_at=row.changed_at,
        resent_by=row.resent_by,
    )


def _kept(row: NoticeRow) -> KeptNotice | None:
    try:
        content = Notice.model_validate(row.content)
    except ValidationError:
        # What it is made of may hold contents of a report: the id has to do.
        log.warning("Notice %s was written by another version of this program and cannot be read", row.id)
        return None
    return KeptNotice(
        notice_id=row.id,
        occasion=row.occasion,
        organisation_id=row.organisation_id,
        job_id=row.job_id,
        run_id=row.run_id,
        content=content,
        made_at=row.made_at,
    )
