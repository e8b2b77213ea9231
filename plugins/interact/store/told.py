"""What has been told of runs, whom it reached, and which failures came before a run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from interact.chats.record import CORRECTED, EVERYONE, Run
from interact.chats.status import RunVerdict
from interact.notices.states import DeliveryState
from interact.store.notice_tables import DeliveryRow, NoticeRow
from interact.store.tables import ChatRow, RunRow

MOST = 100
"""So many runs back somebody looks for the failures before a run."""
REACHED = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.DELIVERED, DeliveryState.UNKNOWN)
"""Deliveries of those who have heard, may have heard or will hear."""


@dataclass(frozen=True)
class Said:
    """A notice about a run's end, without its content."""

    notice_id: str
    run_id: str
    occasion: str
    kind: str


def mark(session: Session, run_id: str, *, at: datetime) -> None:
    """Note that it is decided who is told of a run's end."""
    session.execute(update(RunRow).where(RunRow.id == run_id).values(told_at=at))


def said_of(session: Session, run_ids: Collection[str]) -> list[Said]:
    """Return what was said about the ends of runs, oldest first."""
    ends = (RunVerdict.COMPLETED, RunVerdict.PARTIAL, RunVerdict.FAILED)
    found = select(NoticeRow.id, NoticeRow.run_id, NoticeRow.occasion, NoticeRow.kind)
    found = found.where(NoticeRow.run_id.in_(run_ids), NoticeRow.kind.in_(ends))
    rows = session.execute(found.order_by(NoticeRow.made_at, NoticeRow.id))
    return [Said(notice_id, str(run_id), occasion, kind) for notice_id, run_id, occasion, kind in rows]


def channels_reached(session: Session, notice_ids: Collection[str]) -> frozenset[str]:
    """Return the ids of the channels that heard any of these notices."""
    found = select(DeliveryRow.channel_id).where(DeliveryRow.notice_id.in_(notice_ids), DeliveryRow.state.in_(REACHED))
    return frozenset(session.scalars(found.distinct()))


def hold_pending(session: Session, notice_ids: Collection[str], *, why: str, at: datetime) -> None:
    """Keep back what is still to be sent of these notices, and is not being sent now."""
    pending = update(DeliveryRow).where(
        DeliveryRow.notice_id.in_(notice_ids), DeliveryRow.state == DeliveryState.PENDING
    )
    session.execute(pending.values(state=DeliveryState.HELD, told=why, next_at=None, changed_at=at))


def is_held_from_all(session: Session, notice_id: str) -> bool:
    """Return whether a notice was sent to nobody, and nobody has asked for it since."""
    heard = exists().where(
        DeliveryRow.notice_id == notice_id,
        or_(DeliveryRow.state != DeliveryState.HELD, DeliveryRow.resent_by.is_not(None)),
    )
    return not session.scalar(select(heard))


def failed_before(session: Session, run: Run) -> list[str]:
    """Return the ids of the failed and partial runs of a job since the last completed one before a run, newest first.

    Runs of which nobody was to hear, cancelled ones and those that an outage hit do not count, nor those that somebody
    asked for and that were refused before they had a chat.
    """
    ended = select(RunRow.id, RunRow.verdict).where(
        RunRow.job_id == run.job_id,
        RunRow.ended_at < run.ended_at,
        RunRow.id != run.run_id,
        RunRow.verdict.in_((RunVerdict.COMPLETED, RunVerdict.PARTIAL, RunVerdict.FAILED)),
        RunRow.audience.in_((EVERYONE, CORRECTED)),
        RunRow.incident_id.is_(None),
        or_(
            exists().where(ChatRow.run_id == RunRow.id),
            RunRow.initiator == "schedule",
            RunRow.initiator.startswith("asset:"),
        ),
    )
    rows = session.execute(ended.order_by(RunRow.ended_at.desc(), RunRow.id).limit(MOST))
    return [run_id for run_id, _ in takewhile(lambda row: row[1] != RunVerdict.COMPLETED, rows)]
