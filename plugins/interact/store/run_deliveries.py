"""What became of the notices of runs, as pages and the API show it beside each run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from interact.notices.states import DeliveryState
from interact.store.notice_tables import DeliveryRow, NoticeRow
from interact.store.tables import ChannelRow

_FIRST = (
    DeliveryState.FAILED,
    DeliveryState.UNKNOWN,
    DeliveryState.SENDING,
    DeliveryState.PENDING,
    DeliveryState.HELD,
    DeliveryState.DELIVERED,
)
"""What somebody may have to do something about comes first."""


@dataclass(frozen=True)
class Standing:
    """How many deliveries of a run are in each state, and when the first that waits is tried next."""

    counts: Mapping[DeliveryState, int] = field(default_factory=dict)
    next_at: datetime | None = None


@dataclass(frozen=True)
class Line:
    """One delivery of a run."""

    delivery_id: str
    subject: str
    """Of its notice."""
    channel: str
    """The channel's name; of one that was deleted its key."""
    channel_type: str
    recipient: str
    state: DeliveryState
    told: str
    """The server's answer, or why it was held."""
    next_at: datetime | None
    delivered_at: datetime | None


def of_runs(session: Session, run_ids: Collection[str]) -> dict[str, Standing]:
    """Return how the deliveries of each of these runs stand; nothing for a run without any."""
    waits_until = case((DeliveryRow.state == DeliveryState.PENDING, DeliveryRow.next_at))
    counted = (
        select(NoticeRow.run_id, DeliveryRow.state, func.count(), func.min(waits_until))
        .join(DeliveryRow, DeliveryRow.notice_id == NoticeRow.id)
        .where(NoticeRow.run_id.in_(run_ids))
        .group_by(NoticeRow.run_id, DeliveryRow.state)
    )
    counts: dict[str, dict[DeliveryState, int]] = {}
    next_at: dict[str, datetime] = {}
    for run_id, state, count, at in session.execute(counted):
        counts.setdefault(str(run_id), {})[DeliveryState(state)] = count
        if at is not None:
            next_at[str(run_id)] = at
    return {run_id: Standing(of_run, next_at.get(run_id)) for run_id, of_run in counts.items()}


def of_run(session: Session, run_id: str, *, limit: int) -> list[Line]:
    """Return the deliveries of a run, those that went wrong first, then by channel and recipient."""
    rank = case({state.value: number for number, state in enumerate(_FIRST)}, value=DeliveryRow.state)
    found = (
        select(
            DeliveryRow.id,
            NoticeRow.subject,
            func.coalesce(ChannelRow.definition["name"].as_string(), DeliveryRow.channel_key),
            DeliveryRow.channel_type,
            DeliveryRow.recipient,
            DeliveryRow.state,
            DeliveryRow.told,
            DeliveryRow.next_at,
            DeliveryRow.delivered_at,
        )
        .join(DeliveryRow, DeliveryRow.notice_id == NoticeRow.id)
        .outerjoin(ChannelRow, ChannelRow.id == DeliveryRow.channel_id)
        .where(NoticeRow.run_id == run_id)
        .order_by(rank, NoticeRow.made_at.desc(), DeliveryRow.channel_key, DeliveryRow.recipient, DeliveryRow.id)
    )
    return [
        Line(delivery_id, subject, channel, kind, recipient, DeliveryState(state), *more)
        for delivery_id, subject, channel, kind, recipient, state, *more in session.execute(found.limit(limit))
    ]


def ids_of_run(session: Session, run_id: str, state: DeliveryState, *, until: datetime) -> list[str]:
    """Return the ids of a run's deliveries that are in a state, and have been since then or longer."""
    found = (
        select(DeliveryRow.id)
        .join(NoticeRow, NoticeRow.id == DeliveryRow.notice_id)
        .where(NoticeRow.run_id == run_id, DeliveryRow.state == state, DeliveryRow.changed_at <= until)
    )
    return list(session.scalars(found.order_by(DeliveryRow.id)))
