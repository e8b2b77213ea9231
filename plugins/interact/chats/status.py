"""How a chat or a run stands."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class ChatStatus(StrEnum):
    """How one chat stands."""

    QUEUED = "queued"
    """Accepted; no agent has begun."""
    RUNNING = "running"
    """An agent is at work."""
    COMPLETED = "completed"
    """Answered."""
    FAILED = "failed"
    """Not answered; the reason stands in the chat."""
    CANCELLED = "cancelled"
    """Stopped by a person."""


class RunVerdict(StrEnum):
    """How one run, all its chats together, stands."""

    QUEUED = "queued"
    """Accepted; not begun."""
    RUNNING = "running"
    """Begun."""
    COMPLETED = "completed"
    """Every chat completed, and every report became a PDF, the one that compares them too."""
    PARTIAL = "partial"
    """Some of it is there, some is not."""
    FAILED = "failed"
    """Nothing of it is there."""
    CANCELLED = "cancelled"
    """Stopped by a person."""


def judge(statuses: Iterable[ChatStatus], *, missing_files: int = 0) -> RunVerdict:
    """Return the verdict of a run from its chats' last statuses and the number of reports that are missing."""
    kinds = list(statuses)
    good = sum(kind is ChatStatus.COMPLETED for kind in kinds)
    if kinds and all(kind is ChatStatus.CANCELLED for kind in kinds):
        return RunVerdict.CANCELLED
    if not good:
        return RunVerdict.FAILED
    return RunVerdict.COMPLETED if good == len(kinds) and not missing_files else RunVerdict.PARTIAL
