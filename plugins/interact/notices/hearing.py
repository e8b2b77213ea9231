"""What channels hear: topics and levels. Both have to match."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

Level = Literal["info", "warning", "error"]
LEVELS: tuple[Level, ...] = ("info", "warning", "error")
Topic = Literal["completed_run", "failed_run", "anomaly", "skipped_run"]
TOPICS: tuple[Topic, ...] = ("completed_run", "failed_run", "anomaly", "skipped_run")


def deaf_to(
    level: Level, topics: Collection[Topic], *, notice_level: Level, notice_topics: Collection[Topic]
) -> str | None:
    """Return why a channel of this level and these topics does not hear a notice, as a predicate; None when it does."""
    if not set(topics) & set(notice_topics):
        return f"hears of {_named(topics)}, and this is {_named(notice_topics)}"
    if LEVELS.index(notice_level) < LEVELS.index(level):
        heard = "warnings and failures" if level == "warning" else "failures"
        return f"hears only {heard} (its level is {level!r}), and this is {notice_level!r}"
    return None


def _named(topics: Collection[Topic]) -> str:
    return ", ".join(repr(topic) for topic in TOPICS if topic in topics)
