"""The ledger: what is said once about each event, and how each delivery of it stands.

A delivery is claimed before it is sent, in a transaction of its own, and settled afterwards. So whoever dies in between
leaves it as `sending`, which becomes `unknown`: it may have arrived, and nobody sends it again unasked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from interact.jobs.naming import new_id
from interact.notices.notice import Notice
from interact.notices.sending import Answer, Outcome
from interact.notices.states import RESENDABLE, DeliveryState
from interact.store.notice_tables import DeliveryRow, NoticeRow


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
    notice_id = session.scalar(select(NoticeRow.id).where(NoticeRow.occasion == new.occasion))
    if notice_id is None:
        notice_id = new_id("notice")
        session.add(
            NoticeRow(
                id=notice_id,
                occasion=new.occasion,
                organisation_id=new.organisation_id,
                job_id=new.job_id,
                run_id=new.run_id,
                kind=new.content.kind,
                content=new.content.model_dump(mode="json"),
                subject=new.content.subject,
                made_at=now,
            )
        )
        session.flush()
    there = select(DeliveryRow.channel_id, DeliveryRow.recipient).where(DeliveryRow.notice_id == notice_id)
    known = {(channel_id, recipient) for channel_id, recipient in session.execute(there)}
    for each in to:
        if (each.channel_id, each.recipient) not in known:
            known.add((each.channel_id, each.recipient))
            session.add(_new_row(notice_id, each, now=now))
    session.flush()
    return notice_id


def notices_by_id(session: Session, notice_ids: Collection[str]) -> dict[str, KeptNotice]:
    """Return notices by their ids."""
    found = session.scalars(select(NoticeRow).where(NoticeRow.id.in_(notice_ids)))
    return {row.id: _kept(row) for row in found}


def by_occasion(session: Session, occasion: str) -> KeptNotice | None:
    """Return what was said about an event."""
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


def counts_of_runs(session: Session, run_ids: Collection[str]) -> dict[str, dict[DeliveryState, int]]:
    """Return for each run how many of its deliveries are in each state; nothing for a run without any."""
    counted = (
        select(NoticeRow.run_id, DeliveryRow.state, func.count())
        .join(DeliveryRow, DeliveryRow.notice_id == NoticeRow.id)
        .where(NoticeRow.run_id.in_(run_ids))
        .group_by(NoticeRow.run_id, DeliveryRow.state)
    )
    counts: dict[str, dict[DeliveryState, int]] = {}
    for run_id, state, count in session.execute(counted):
        counts.setdefault(str(run_id), {})[DeliveryState(state)] = count
    return counts


def due(session: Session, *, now: datetime, notice_ids: Collection[str] | None = None, limit: int) -> list[Delivery]:
    """Return what is to be sent now, of some notices or of all, those of one channel together, oldest first."""
    found = select(DeliveryRow).where(
        DeliveryRow.state == DeliveryState.PENDING, or_(DeliveryRow.next_at.is_(None), DeliveryRow.next_at <= now)
    )
    if notice_ids is not None:
        found = found.where(DeliveryRow.notice_id.in_(notice_ids))
    ordered = found.order_by(DeliveryRow.channel_id, DeliveryRow.next_at, DeliveryRow.id).limit(limit)
    return [_delivery(row) for row in session.scalars(ordered)]


def claim(session: Session, delivery_id: str, *, claim: str, now: datetime) -> bool:
    """Take a pending delivery; False when somebody else has it, or it is not pending any more."""
    taken = (
        update(DeliveryRow)
        .where(DeliveryRow.id == delivery_id, DeliveryRow.state == DeliveryState.PENDING)
        .values(
            state=DeliveryState.SENDING,
            claim=claim,
            claimed_at=now,
            tries=DeliveryRow.tries + 1,
            next_at=None,
            changed_at=now,
        )
        .returning(DeliveryRow.id)
    )
    return session.scalar(taken) is not None


def settle(
    session: Session, delivery_id: str, answer: Answer, *, claim: str, again_at: datetime | None, now: datetime
) -> bool:
    """Keep how a claimed delivery was answered; one that was not accepted now is pending until `again_at`.

    Without `again_at` it has failed. False when the claim is not the newest any more. One that was given up as unknown
    meanwhile takes the answer all the same: it is the truth.
    """
    state = _state(answer.outcome, is_tried_again=again_at is not None)
    settled = (
        update(DeliveryRow)
        .where(_claimed(delivery_id, claim))
        .values(
            state=state,
            told=answer.told,
            reference=answer.reference,
            next_at=again_at if state is DeliveryState.PENDING else None,
            delivered_at=now if state is DeliveryState.DELIVERED else None,
            changed_at=now,
        )
        .returning(DeliveryRow.id)
    )
    return session.scalar(settled) is not None


def give_up_lost(session: Session, *, claimed_before: datetime, told: str, now: datetime) -> int:
    """Mark as unknown what somebody claimed long ago and never settled; return how many."""
    lost = (
        update(DeliveryRow)
        .where(DeliveryRow.state == DeliveryState.SENDING, DeliveryRow.claimed_at < claimed_before)
        .values(state=DeliveryState.UNKNOWN, told=told, changed_at=now)
        .returning(DeliveryRow.id)
    )
    return len(session.scalars(lost).all())


def resend(session: Session, delivery_ids: Sequence[str], *, by: str, now: datetime) -> int:
    """Make pending again what failed, was held or is unknown, because a person says so; return how many."""
    again = (
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(delivery_ids), DeliveryRow.state.in_(RESENDABLE))
        .values(state=DeliveryState.PENDING, next_at=now, claim=None, tries=0, changed_at=now, resent_by=by)
        .returning(DeliveryRow.id)
    )
    return len(session.scalars(again).all())


def _claimed(delivery_id: str, claim: str) -> ColumnElement[bool]:
    open_states = (DeliveryState.SENDING, DeliveryState.UNKNOWN)
    return (DeliveryRow.id == delivery_id) & (DeliveryRow.claim == claim) & DeliveryRow.state.in_(open_states)


def _state(outcome: Outcome, *, is_tried_again: bool) -> DeliveryState:
    match outcome:
        case Outcome.DELIVERED:
            return DeliveryState.DELIVERED
        case Outcome.UNKNOWN:
            return DeliveryState.UNKNOWN
        case Outcome.NOT_NOW if is_tried_again:
            return DeliveryState.PENDING
        case _:
            return DeliveryState.FAILED


def _new_row(notice_id: str, to: Addressee, *, now: datetime) -> DeliveryRow:
    return DeliveryRow(
        id=new_id("delivery"),
        notice_id=notice_id,
        channel_id=to.channel_id,
        channel_key=to.channel_key,
        channel_type=to.channel_type,
        recipient=to.recipient,
        state=DeliveryState.HELD if to.held else DeliveryState.PENDING,
        told=to.held or "",
        next_at=None if to.held else now,
        changed_at=now,
    )


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


def _kept(row: NoticeRow) -> KeptNotice:
    return KeptNotice(
        notice_id=row.id,
        occasion=row.occasion,
        organisation_id=row.organisation_id,
        job_id=row.job_id,
        run_id=row.run_id,
        content=Notice.model_validate(row.content),
        made_at=row.made_at,
    )
