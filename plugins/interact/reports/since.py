"""What changed since the last time: the block that a report of a recurring job opens with, and the same as a message.

Code fills it in when the answer is there; no agent writes it, and none can.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from interact.chats.figures import literally, show
from interact.chats.result import Column, Value
from interact.reports import columns

_CHANGE = Column(name="change", label="Change", format="percent", is_change=True)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Days(_Part):
    """Whole days, first and last included."""

    start: date
    end: date

    @property
    def count(self) -> int:
        """The number of days."""
        return (self.end - self.start).days + 1

    @property
    def words(self) -> str:
        """The days as people read them, what both ends share said once."""
        if self.start == self.end:
            return _day(self.end)
        if (self.start.year, self.start.month) == (self.end.year, self.end.month):
            return f"{self.start.day}–{_day(self.end)}"
        start = _day(self.start) if self.start.year != self.end.year else f"{self.start.day} {self.start:%b}"
        return f"{start} – {_day(self.end)}"


class Change(_Part):
    """One named metric now and then; `fraction` is how much it changed, None where that says nothing."""

    column: Column
    now: Value
    then: Value
    fraction: float | None


class Since(_Part):
    """An answer beside the last completed one of the same question and values."""

    on: date
    """The day of that run, in the job's time zone."""
    now: Days | None = None
    """The days that this answer is about."""
    then: Days | None = None
    changes: tuple[Change, ...] = ()
    come: tuple[str, ...] = Field(default=(), max_length=9)
    """What is pointed out now and was not then, in words."""
    gone: tuple[str, ...] = Field(default=(), max_length=9)
    notes: tuple[str, ...] = ()
    """What is not compared, and why."""


@dataclass(frozen=True)
class ChangeLine:
    """A change in words; `change` has no sign, `arrow` says which way."""

    label: str
    now: str
    then: str
    change: str
    arrow: Literal["", "↑", "↓"]
    tone: Literal["", "good", "bad"]


def lines(since: Since) -> list[ChangeLine]:
    """Return the changes in words."""
    return [_line(each) for each in since.changes]


def day_of(since: Since) -> str:
    """Return the day of the earlier run as people read it."""
    return _day(since.on)


def as_markdown(since: Since) -> str:
    """Return the block as a message of a chat."""
    return "\n".join(_told(since))


def _told(since: Since) -> Iterator[str]:
    about = f" ({since.now.words} against {since.then.words})" if since.now and since.then else ""
    yield f"**Since the run of {day_of(since)}**{about}:\n"
    for each in lines(since):
        moved = f" ({each.arrow} {each.change})" if each.arrow else ""
        yield f"- {literally(f'{each.label} {each.now}, was {each.then}{moved}')}"
    yield from (f"- New: {literally(each)}" for each in since.come)
    yield from (f"- No more: {literally(each)}" for each in since.gone)
    yield from (f"- {literally(note)}" for note in since.notes)


def _line(change: Change) -> ChangeLine:
    both = [change.now, change.then]
    places = columns.decimals(change.column, both)
    now, then = (columns.cell(value, change.column, places=places) for value in both)
    size = change.fraction
    shown = "" if size is None else show(abs(size), _CHANGE.model_copy(update={"is_change": False}))
    good = change.column.good
    return ChangeLine(
        label=change.column.label,
        now=now,
        then=then,
        change=shown,
        arrow="" if not size else "↑" if size > 0 else "↓",
        tone="" if not size or good is None else "good" if (size > 0) == (good == "up") else "bad",
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
