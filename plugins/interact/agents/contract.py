"""What every agent is asked, what it is given, and what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from interact.chats.finding import Finding
from interact.chats.limits import AnswerLimits
from interact.chats.result import Cell, Result
from interact.reports.document import Report
from interact.warehouse.queries import Warehouse, Window


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
    """What was asked before in the same thread, oldest first."""
    context: str = ""
    """What the organisation says of itself to each agent."""
    instructions: str = ""
    """What this agent is told before each question."""
    may_write_sql: bool = False
    """Whether the job lets its agent write SQL of its own; it still goes through the door."""
    limits: AnswerLimits = field(default_factory=AnswerLimits)
    key: str = ""
    """The same for each try at this answer: what a service that is asked twice knows it by."""


@dataclass(frozen=True)
class Exhibit:
    """A result that the answer shows as a table."""

    result_id: str
    columns: tuple[str, ...]
    """Those shown, in order."""
    metrics: tuple[str, ...] = ()
    """Names in the model; empty where it is not known which they are."""
    dimensions: tuple[str, ...] = ()
    """Names in the model, and `day`, `week`, `month`, `quarter` or `year` of a trend."""
    rows: tuple[int, ...] | None = None
    """Those shown, in order; None for all."""


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
    """Counts, as `{"queries": 4}`; of a model also `requests`, `tool_calls`, `input_tokens` and `output_tokens`."""
    window: Window | None = None
    """The days that it is about."""
    exhibits: tuple[Exhibit, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What it points out, the most important first."""
    sections: tuple[str, ...] = ()
    """The parts that were asked for by name and are there."""
    metrics: tuple[Cell, ...] = ()
    """The named metrics to compare with the next time, each once; by default those of the headline."""
    model: str = ""
    """Which model answered, as its provider names it; "" where none did."""
    cost_usd: float | None = None
    """None where it is not known."""
    stopped: str = ""
    """Why it is not whole, as a sentence: the limit that it ran into. What is there is kept."""


class Journal:
    """Where an agent keeps what it does, so that a further try goes on from there; this one keeps nothing.

    All of it is kept before a method returns.
    """

    def steps(self) -> tuple[str, ...]:
        """Return what earlier tries at this answer kept, oldest first; a try that a person asked for begins afresh."""
        return ()

    def earlier_results(self) -> Mapping[str, Result]:
        """Return the results of those tries, by id."""
        return {}

    def keep(self, step: str, *, usage: Mapping[str, int] | None = None, cost_usd: float | None = None) -> None:
        """Keep a step, in the agent's own form, and what the answer has used so far."""

    def say(self, text: str) -> None:
        """Put a message into the chat, which is read while the answer is made."""

    def claim(self, result: Result) -> None:
        """Keep a result that did not come through the door: its SQL is what a service says that it ran."""

    def require_wanted(self) -> None:
        """Raise NotStartable once nobody waits for the answer any more."""


class Agent(Protocol):
    """Who answers."""

    def answer(self, question: Question, warehouse: Warehouse, journal: Journal) -> Answer:
        """Return the answer; raises AgentRefused for a question that it cannot answer, in words for people."""
        ...
