"""When the watch last came to its end: the sign that somebody still looks after schedules."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from interact.store.tables import OrganisationRow, WatchRow

_NAME = "interact_watch"


def mark(session: Session, *, at: datetime) -> None:
    """Note that the watch has come to its end."""
    session.merge(WatchRow(name=_NAME, ran_at=at))
    session.flush()


def last(session: Session) -> datetime | None:
    """Return when the watch last came to its end; None before the first time."""
    return session.scalar(select(WatchRow.ran_at).where(WatchRow.name == _NAME))


def awaited_since(session: Session) -> datetime | None:
    """Return since when there is something to watch: the first organisation's saving; None before it."""
    return session.scalar(select(func.min(OrganisationRow.created_at)))
