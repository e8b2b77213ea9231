"""What an agent offers to somebody who wants to ask it: questions to begin with."""

from __future__ import annotations

from pydantic import ValidationError

from interact.jobs.definition import Agent
from interact.warehouse.semantic import Dimension, Metric, SemanticModel

REPORT = (
    "Analyse paid search performance for the past 7 days. Create a report with an executive summary, a table of top "
    "campaigns by ROAS, a breakdown by market, and key recommendations. Highlight any campaigns where CPA exceeded the "
    "target."
)
CHECK = (
    "Analyse campaign performance for the past 7 days. Include impressions, clicks, spend, conversions, and ROAS by "
    "campaign. Highlight any campaigns where ROAS dropped below 2."
)
_OF_CAMPAIGNS = {
    REPORT: {"campaign", "channel", "market", "roas", "cpa"},
    CHECK: {"campaign", "impressions", "clicks", "spend", "conversions", "roas"},
}
"""Questions about campaigns, and what a model needs so that they can be answered."""


def sample_questions(agent: Agent) -> tuple[str, ...]:
    """Return questions that fit an agent's model, short ones first; none for a model that cannot be read."""
    try:
        model = SemanticModel.model_validate(agent.semantic_model)
    except ValidationError:
        return ()
    names = {each.name for each in model.dimensions} | {each.name for each in model.metrics}
    return (*_made(model), *(prompt for prompt, needed in _OF_CAMPAIGNS.items() if needed <= names))


def _made(model: SemanticModel) -> list[str]:
    """Return questions made from a model's own words: its default figures, each by another dimension."""
    figures = [model.metric(name) for name in model.default_metrics] or list(model.metrics)
    first, last = figures[0], figures[-1]
    default = model.dimension(model.default_dimension)
    another = next((each for each in reversed(model.dimensions) if each != default), default)
    return [
        f"{_named(first, last)} by {_word(default.label)} for the past 7 days",
        f"{first.label} by {_word(another.label)} for last month compared with the month before",
        _ranked(last, default),
    ]


def _named(first: Metric, last: Metric) -> str:
    return first.label if first == last else f"{first.label} and {_word(last.label)}"


def _ranked(metric: Metric, dimension: Dimension) -> str:
    which = "lowest" if metric.good == "down" else "highest"
    return f"Which 5 {_word(dimension.plural)} had the {which} {_word(metric.label)} in the past 30 days?"


def _word(label: str) -> str:
    """Return a label as it stands inside a sentence; an abbreviation stays as it is."""
    return label if label[1:] != label[1:].lower() else label.lower()
