"""Requests that carried an Idempotency-Key: the same one again gets the first answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from interact.store.tables import RequestRow

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Once:
    """A request that is to be taken once, however often it comes."""

    caller: str
    """Whose key it is: two callers may use the same one."""
    key: str
    sha256: str
    """Of what is asked: the same key with another question is a mistake."""


@dataclass(frozen=True)
class Earlier:
    """What a request of this key led to before."""

    sha256: str
    run_id: str


def earlier(session: Session, once: Once, *, now: datetime) -> Earlier | None:
    """Return what the same key led to within the last 24 hours."""
    row = session.get(RequestRow, (once.caller, once.key), populate_existing=True)
    return Earlier(row.sha256, row.run_id) if row and row.came_at > now - KEPT_FOR else None


def keep(session: Session, once: Once, run_id: str, *, now: datetime) -> None:
    """Keep what a key led to, and forget those that are older than 24 hours."""
    session.execute(delete(RequestRow).where(RequestRow.came_at <= now - KEPT_FOR))
    session.add(RequestRow(caller=once.caller, key=once.key, sha256=once.sha256, run_id=run_id, came_at=now))
    session.flush()
