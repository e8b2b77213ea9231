"""Planned and actual: how late something began."""

from __future__ import annotations

from datetime import datetime, timedelta

from interact.chats.record import Run

LATE_AFTER = timedelta(seconds=60)
"""What begins within this of its planned time is on time."""


def late_by(due_at: datetime | None, started_at: datetime | None) -> timedelta | None:
    """Return how late something began; None when it was on time, has not begun, or had no time to keep."""
    if due_at is None or started_at is None or started_at - due_at <= LATE_AFTER:
        return None
    return started_at - due_at


def is_late(run: Run) -> bool:
    """Return whether a run's first start was late."""
    return late_by(run.due_at, run.started_at) is not None
