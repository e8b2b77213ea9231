"""What the analyst understands of a prompt, in people's words: shown while somebody writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from interact.agents.analyst.conditions import Rule
from interact.agents.analyst.planning import Plan
from interact.agents.analyst.ratios import extended
from interact.agents.analyst.reading import read_prompt
from interact.agents.analyst.request import Request
from interact.agents.analyst.spans import in_words
from interact.agents.analyst.wording import rule_in_words, scope, sentence_case, table_in_words
from interact.errors import AgentRefused
from interact.warehouse.semantic import SemanticModel

_SECTIONS = {
    "summary": "summary",
    "tiles": "key figures",
    "chart": "chart",
    "table": "table",
    "changes": "what changed",
    "recommendations": "recommendations",
}
NO_CHARTS = "Charts are drawn in reports: add “create a report” to get one."
NO_CAUSES = "The figures show what changed and where; causes are not stated."


@dataclass(frozen=True)
class Understanding:
    """One prompt as the analyst reads it; empty where there is nothing of a kind, and but for `declined` if declined.

    Everything is plain text: names of the data and words of the prompt stand as they are.
    """

    metrics: tuple[str, ...] = ()
    """Labels, in the order in which they are shown."""
    metrics_are_usual: bool = False
    """True where the prompt names none."""
    period: str = ""
    """In the prompt's words."""
    days: str = ""
    """The first and the last day, as "8–14 June 2026"."""
    compared_with: str = ""
    breakdowns: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    """As "Channel: Paid search"; what a parameter fixes is among them."""
    lists: tuple[str, ...] = ()
    """Conditions that say who is shown at all, as "campaigns with ROAS below 2"."""
    highlights: tuple[str, ...] = ()
    """Conditions that mark who is shown anyway."""
    report: bool = False
    sections: tuple[str, ...] = ()
    """The parts of the answer that are asked for by name."""
    notes: tuple[str, ...] = ()
    """How words were read that could have been read otherwise, in sentences."""
    not_understood: tuple[str, ...] = ()
    """What the answer would leave out, word for word."""
    declined: str | None = None
    """Why there would be no answer, in sentences."""


def understanding_of(
    prompt: str,
    model: SemanticModel,
    members: Mapping[str, tuple[str, ...]],
    *,
    on_date: date,
    enforced: Mapping[str, str],
) -> Understanding:
    """Return what is understood of a prompt that runs on a day; `enforced` is what the run is limited to."""
    try:
        request = read_prompt(prompt, model, members, on_date=on_date, enforced=enforced)
    except AgentRefused as refusal:
        return Understanding(declined=str(refusal))
    return _in_words(Plan(request, extended(model, request.made)), enforced)


def _in_words(plan: Plan, enforced: Mapping[str, str]) -> Understanding:
    request, model = plan.request, plan.model
    return Understanding(
        metrics=tuple(model.metric(name).label for name in plan.shown),
        metrics_are_usual=not request.metrics,
        period=request.period.words.removeprefix("the "),
        days=in_words(request.period.window),
        compared_with=in_words(request.compare) if request.compare else "",
        breakdowns=tuple(sentence_case(table_in_words(each, model)) for each in plan.breakdowns),
        filters=tuple(f"{label}: {value}" for label, value in scope(request, enforced, model)),
        lists=tuple(_members(rule, model) for rule in request.rules if not rule.highlight),
        highlights=tuple(_members(rule, model) for rule in request.rules if rule.highlight),
        report=request.report,
        sections=tuple(words for name, words in _SECTIONS.items() if name in request.sections),
        notes=tuple(dict.fromkeys(_notes(request))),
        not_understood=request.not_understood,
    )


def _members(rule: Rule, model: SemanticModel) -> str:
    return f"{model.dimension(rule.dimension).plural.lower()} with {rule_in_words(rule, model)}"


def _notes(request: Request) -> list[str]:
    notes = [*request.notes]
    if request.period.remark:
        notes.append(f"{sentence_case(request.period.remark)}.")
    if request.asks_why:
        notes.append(NO_CAUSES)
    if "chart" in request.sections and not request.report:
        notes.append(NO_CHARTS)
    return notes
