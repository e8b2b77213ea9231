"""The roll-up of a run: its combinations side by side, the best and the worst, and who was not answered.

A value is a figure out of a stored result, with its place; totals are all that is reckoned.
`interact.reports.comparing` makes one.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from interact.chats.record import Chat
from interact.chats.result import Cell, Column, Value
from interact.chats.status import ChatStatus
from interact.reports.document import Period


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(_Part):
    """One value, its currency where it has one, and the cell that it was read from."""

    value: Value
    unit: str | None
    cell: Cell


class Line(_Part):
    """One combination; `figures` in the order of the measures, None where its answer has none."""

    chat_id: str
    label: str
    parameters: dict[str, str]
    status: ChatStatus
    reason: str | None
    """Why it was not answered, in one sentence."""
    attempt: int
    figures: tuple[Figure | None, ...]

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer to compare."""
        return self.status is ChatStatus.COMPLETED


class Measure(_Part):
    """One metric over all combinations; the ends are chat ids, several where they tie, none where there is no order."""

    column: Column
    units: tuple[str, ...]
    """The currencies that its values are in, "" for none; several can be neither ranked nor added."""
    highest: tuple[str, ...] = ()
    lowest: tuple[str, ...] = ()
    best: tuple[str, ...] = ()
    """Where the column's `good` direction leads; empty where none is known."""
    worst: tuple[str, ...] = ()
    adds: bool = False
    """Whether it is a sum that may be added over these combinations: its size is that of the combination."""
    total: int | float | None = None
    """All answered combinations together: sums added, a ratio as a quotient of sums; None where neither is right."""


class Rollup(_Part):
    """What compares a run's combinations, in their order."""

    run_id: str
    title: str
    period: Period | None
    """The days that all answers cover; None where they differ or are not known."""
    measures: tuple[Measure, ...]
    left_out: int
    """How many further measures the answers have that are not compared."""
    lines: tuple[Line, ...]

    @property
    def answered(self) -> tuple[Line, ...]:
        """The combinations that have an answer."""
        return tuple(line for line in self.lines if line.is_answered)

    @property
    def unanswered(self) -> tuple[Line, ...]:
        """The combinations that have none."""
        return tuple(line for line in self.lines if not line.is_answered)

    def is_of(self, opened: Sequence[Chat]) -> bool:
        """Return whether it compares these chats as they stand: the same attempts, which ended the same way."""
        return [(line.chat_id, line.attempt, line.status) for line in self.lines] == [
            (chat.chat_id, chat.attempt, chat.status) for chat in opened
        ]

    @property
    def labels(self) -> dict[str, str]:
        """The words for each combination, by chat id."""
        return {line.chat_id: line.label for line in self.lines}
