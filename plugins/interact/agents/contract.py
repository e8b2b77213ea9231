"""What every agent is asked, what it is given, and what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from interact.chats.result import Cell
from interact.reports.document import Report
from interact.warehouse.queries import Warehouse


@dataclass(frozen=True)
class Turn:
    """A question that came before in the same thread, and what was answered, as Markdown; "" when nothing was."""

    prompt: str
    answer: str


@dataclass(frozen=True)
class Question:
    """One prompt with its context, complete: the same question on the same data gets the same answer."""

    prompt: str
    """The rendered prompt."""
    on_date: date
    """The day of the run in the job's time zone: relative dates are counted from it."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """The values of this combination, as structured context."""
    filters: Mapping[str, str] = field(default_factory=dict)
    """Dimension to value: enforced by the warehouse door, said in the answer."""
    title: str = ""
    """The job's name, for the head of a report."""
    earlier: tuple[Turn, ...] = ()
    """What was asked before in the same thread, oldest first; empty for an agent that takes no follow-up."""


@dataclass(frozen=True)
class Answer:
    """What an agent says. `text` is Markdown that may refer to figures; `report` is there when one was asked for."""

    text: str
    report: Report | None = None
    not_understood: tuple[str, ...] = ()
    """The parts of the prompt that the answer leaves out, word for word."""
    headline: tuple[Cell, ...] = ()
    """The figures that sum it up, in the order to be shown, each column once: a run's chats are compared by them."""
    usage: Mapping[str, int] = field(default_factory=dict)
    """Counts, as `{"queries": 4}`."""


class Agent(Protocol):
    """Who answers."""

    takes_follow_ups: bool
    """Whether a question may refer to those before it."""

    def answer(self, question: Question, warehouse: Warehouse) -> Answer:
        """Return the answer; raises AgentRefused for a question that it cannot answer, in words for people."""
        ...
