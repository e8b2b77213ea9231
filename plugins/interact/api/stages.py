"""How far a chat is, in words, and what of it a browser has seen already."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from interact.api.run_words import short
from interact.chats.record import Attempt, Chat, Run
from interact.chats.status import ChatStatus
from interact.reports.freshness import moment
from interact.runs.settle import OPEN
from interact.store.glances import Progress

_TEXT = re.compile(r"(\d{1,6})-(\d{1,6})-([a-z]{1,12})-([a-z]{1,12})")


class Files(StrEnum):
    """What there is of an attempt's report."""

    NONE = "none"
    """None was asked for, or the agent has not answered."""
    COMING = "coming"
    """Written; it is being drawn, or will be."""
    DRAWN = "drawn"
    """There, as a page and as a PDF."""
    FAILED = "failed"
    """Could not be drawn; the attempt says why."""
    MISSING = "missing"
    """Written, and its run ended before it was drawn."""
    HELD = "held"
    """Written, and not drawn: its answer was held back, or stopped at a limit."""


def progress_of(attempt: Attempt | None) -> Progress:
    """Return how far an attempt is, from itself."""
    if attempt is None:
        return Progress()
    return Progress(
        attempt=attempt.number,
        queries=len(attempt.queries),
        has_report=attempt.report_json is not None,
        is_drawn=attempt.html_sha256 is not None,
        has_failed_to_draw=attempt.render_failure is not None,
        is_held=attempt.status is ChatStatus.FAILED,
    )


def files_of(run: Run, progress: Progress) -> Files:
    """Return what there is of an attempt's report."""
    if not progress.has_report:
        return Files.NONE
    if progress.is_drawn:
        return Files.DRAWN
    if progress.is_held:
        return Files.HELD
    if progress.has_failed_to_draw:
        return Files.FAILED
    return Files.COMING if run.verdict in OPEN else Files.MISSING


@dataclass(frozen=True)
class Stage:
    """How far a chat is: the attempt, its queries, a word, its report. As text it says what a browser has seen."""

    attempt: int
    queries: int
    word: str
    """A chat's status; one that waits is `accepted`, then `queued` in Airflow, then `begun` with its run.

    A failed one is `stopped` while its run goes on: Airflow may try its task again.
    """
    files: Files

    @classmethod
    def of(cls, run: Run, chat: Chat, progress: Progress) -> Self:
        """Return how far a chat is."""
        word = str(chat.status)
        if chat.status is ChatStatus.QUEUED:
            word = "begun" if run.started_at else "queued" if run.queued_at else "accepted"
        elif chat.status is ChatStatus.FAILED and run.verdict in OPEN:
            word = "stopped"
        return cls(progress.attempt, progress.queries, word, files_of(run, progress))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return what a browser says that it has seen; None for what no page of ours says."""
        found = _TEXT.fullmatch(text)
        if found is None or found[4] not in set(Files):
            return None
        return cls(int(found[1]), int(found[2]), found[3], Files(found[4]))

    def __str__(self) -> str:
        return f"{self.attempt}-{self.queries}-{self.word}-{self.files}"

    @property
    def is_answered(self) -> bool:
        """Whether its agent is done, one way or another."""
        return self.word in (ChatStatus.COMPLETED, ChatStatus.FAILED, ChatStatus.CANCELLED, "stopped")

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come, unless it is tried again."""
        return self.is_answered and self.files is not Files.COMING

    @property
    def is_live(self) -> bool:
        """Whether something may still come."""
        return not self.is_over or self.word == "stopped"


@dataclass(frozen=True)
class Steps:
    """What has happened to a chat so far, oldest first, and what happens now; both empty for one that is over."""

    done: tuple[str, ...] = ()
    now: str = ""


_NOW = {
    "accepted": "Airflow has not taken it yet.",
    "queued": "Queued in Airflow: it begins once a worker is free.",
    "begun": "The run has begun; this chat waits for its turn.",
    ChatStatus.COMPLETED: "Answered. The report is being drawn.",
}


def steps_of(run: Run, chat: Chat, stage: Stage, timezone: str) -> Steps:
    """Return the steps of a chat that is under way."""
    if stage.is_over:
        return Steps()
    done = [f"Accepted {moment(chat.created_at, timezone)}"]
    if stage.word != "accepted" and run.queued_at:
        done.append(f"Taken by Airflow after {short(run.queued_at - run.accepted_at)}")
    if stage.attempt and chat.started_at:
        again = f", attempt {stage.attempt}" if stage.attempt > 1 else ""
        done.append(f"Begun after {short(chat.started_at - run.accepted_at)}{again}")
    now = _NOW.get(stage.word) or _at_work(stage.queries)
    return Steps(tuple(done), now)


def _at_work(queries: int) -> str:
    if not queries:
        return "The agent reads the question."
    return f"The agent is at work: {queries:,} {'query' if queries == 1 else 'queries'} so far."
