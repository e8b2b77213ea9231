"""A run's chats side by side, as its page shows them: as they were compared, else as they stand."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from interact.chats.record import Chat, Run
from interact.chats.status import ChatStatus
from interact.jobs.combinations import label
from interact.reports.comparing import Answered, Reading, Summable, roll_up
from interact.reports.rollup import Line, Rollup
from interact.reports.rollup_tables import Sheet, whole_sheet
from interact.reports.rollup_words import notes, summary
from interact.runs.desk import Desk
from interact.store import runs

TABS = 24
"""So many chats have a tab each; of more, the table is what leads to them."""
_OPEN = (ChatStatus.QUEUED, ChatStatus.RUNNING)


@dataclass(frozen=True)
class Overview:
    """What the page of a run with several chats opens with."""

    told: tuple[str, ...]
    lacking: tuple[Line, ...]
    """Those that ended without an answer."""
    sheet: Sheet
    notes: tuple[str, ...]
    has_pdf: bool
    failure: str | None


def overview(desk: Desk, run: Run, opened: tuple[Chat, ...], title: str) -> Overview:
    """Return a run's comparison; one that is not of these very answers any more, or not yet, leaves how they stand."""
    kept = kept_rollup(desk, run, opened)
    rollup = kept or roll_up(
        run.run_id, title, [Reading(Answered(each, label(each.parameters)), {}) for each in opened], Summable()
    )
    is_open = any(chat.status in _OPEN for chat in opened)
    answered = f"{len(rollup.answered):,} of {len(rollup.lines):,} chats are answered so far."
    return Overview(
        told=(answered,) if is_open else tuple(summary(rollup)),
        lacking=tuple(line for line in rollup.unanswered if line.status not in _OPEN),
        sheet=whole_sheet(rollup),
        notes=tuple(notes(rollup)),
        has_pdf=kept is not None and run.rollup_pdf_sha256 is not None,
        failure=None if is_open else run.rollup_failure,
    )


def tabs(opened: tuple[Chat, ...], chosen: Chat | None) -> list[dict[str, str]]:
    """Return the tabs of a run's chats: all of few, of many only the one that is shown, of a single one none.

    Of many the first ones will do.
    """
    if len(opened) < 2:
        return []
    few = opened if len(opened) <= TABS else [chosen] if chosen else []
    return [{"id": chat.chat_id, "label": label(chat.parameters), "status": chat.status} for chat in few]


def kept_rollup(desk: Desk, run: Run, opened: tuple[Chat, ...]) -> Rollup | None:
    """Return what compares a run's chats; None when it is not there, or not of these very answers any more."""
    with desk.store.reading() as session:
        text = runs.rollup_of(session, run.run_id)
    try:
        rollup = Rollup.model_validate_json(text) if text else None
    except ValidationError:
        return None  # Written by another version of this program.
    return rollup if rollup and rollup.is_of(opened) else None
