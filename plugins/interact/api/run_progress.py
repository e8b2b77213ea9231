"""How far a run with several chats is: each chat in one line, and what of it a browser has seen already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from interact.api.run_words import short
from interact.chats.record import Chat, Run
from interact.chats.status import ChatStatus
from interact.jobs.combinations import label
from interact.store import chats, glances
from interact.store.chats import Outline
from interact.store.sessions import Session

SHOWN = 200
"""So many chats have a line; of more, those that wait come last."""
_ORDER = (ChatStatus.RUNNING, ChatStatus.FAILED, ChatStatus.CANCELLED, ChatStatus.COMPLETED, ChatStatus.QUEUED)


@dataclass(frozen=True)
class Line:
    """A chat of a run: its values, how it stands, and what there is to say of it."""

    chat_id: str
    label: str
    status: ChatStatus
    told: str


@dataclass(frozen=True)
class RunProgress:
    """The chats of a run as they stand; `count` is how many there are."""

    lines: tuple[Line, ...]
    count: int
    answered: int

    @property
    def told(self) -> str:
        """How many are answered, in a sentence."""
        return f"{self.answered:,} of {self.count:,} chats are answered so far."


def seen_of(session: Session, run: Run) -> str:
    """Return what tells one state of a run's chats from another, in three looks whatever their number."""
    counts = glances.statuses(session, run.run_id)
    numbers = [counts.get(status, 0) for status in ChatStatus]
    numbers += [glances.query_count(session, run.run_id), glances.drawn_count(session, run.run_id)]
    return "-".join((str(run.verdict), str(run.clear_number), *map(str, numbers)))


def progress_of_run(session: Session, run: Run) -> RunProgress:
    """Return how the chats of a run stand."""
    opened = chats.of_run(session, run.run_id)
    outlines, queries = chats.newest_outlines(session, run.run_id), glances.queries_so_far(session, run.run_id)
    few = opened if len(opened) <= SHOWN else sorted(opened, key=lambda chat: _ORDER.index(chat.status))[:SHOWN]
    return RunProgress(
        tuple(_lines(few, outlines, queries)),
        count=len(opened),
        answered=sum(chat.status is ChatStatus.COMPLETED for chat in opened),
    )


def _lines(few: Sequence[Chat], outlines: Mapping[str, Outline], queries: Mapping[str, int]) -> list[Line]:
    return [
        Line(
            chat.chat_id,
            label(chat.parameters),
            chat.status,
            _told(chat, outlines.get(chat.chat_id), queries.get(chat.chat_id, 0)),
        )
        for chat in few
    ]


def _told(chat: Chat, outline: Outline | None, queries: int) -> str:
    asked = f"{queries:,} {'query' if queries == 1 else 'queries'}"
    match chat.status:
        case ChatStatus.QUEUED:
            return "waits for its turn"
        case ChatStatus.RUNNING:
            return f"{asked} so far" if queries else "reads the question"
        case ChatStatus.COMPLETED:
            took = f" in {short(chat.ended_at - chat.started_at)}" if chat.ended_at and chat.started_at else ""
            return f"answered{took}, {asked}{_of_report(outline)}"
        case _:
            return chat.reason or ""


def _of_report(outline: Outline | None) -> str:
    if outline is None or not outline.has_report:
        return ""
    return ", report drawn" if outline.pdf_sha256 else ", report not drawn" if outline.render_failure else ""
