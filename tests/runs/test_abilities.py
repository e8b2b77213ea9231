"""What an agent offers to who wants to ask it: each sample is a question that it understands to the last word."""

from datetime import date
from typing import Any

import pytest

from builders.story import MODEL
from interact.agents.analyst.reading import read_prompt
from interact.jobs.definition import Agent
from interact.runs.abilities import CHECK, REPORT, sample_questions
from interact.warehouse.semantic import SemanticModel, read_model

MEMBERS = {"campaign": ("Brand Search",), "channel": ("Paid search", "Email"), "market": ("NL", "BE")}
SHOP = {
    "name": "shop",
    "label": "Shop",
    "base_table": "orders",
    "time_dimension": {"name": "day", "label": "Day", "expr": "day"},
    "dimensions": [{"name": "store", "label": "Store", "plural": "Stores", "expr": "store"}],
    "metrics": [
        {"name": "returns", "label": "Returns", "agg": "sum", "expr": "returns", "format": "integer", "good": "down"}
    ],
    "default_metrics": ["returns"],
    "default_dimension": "store",
}


def an_agent(model: Any) -> Agent:
    """An agent with this model."""
    return Agent(key="a", organisation="o", name="A", warehouse="w", semantic_model=model)


def understood(questions: tuple[str, ...], model: SemanticModel, members: dict[str, tuple[str, ...]]) -> None:
    """Assert that nothing of any question is left over."""
    for question in questions:
        assert read_prompt(question, model, members, on_date=date(2026, 11, 26)).not_understood == (), question


def test_the_demos_samples_are_made_from_its_model_and_the_seeds_two() -> None:
    model = read_model(MODEL)
    samples = sample_questions(an_agent(model.model_dump(mode="json", exclude_none=True)))
    assert samples == (
        "Spend and ROAS by campaign for the past 7 days",
        "Spend by market for last month compared with the month before",
        "Which 5 campaigns had the highest ROAS in the past 30 days?",
        REPORT,
        CHECK,
    )
    understood(samples, model, MEMBERS)


def test_a_model_of_one_figure_and_one_dimension_has_its_own_samples() -> None:
    samples = sample_questions(an_agent(SHOP))
    assert samples == (
        "Returns by store for the past 7 days",
        "Returns by store for last month compared with the month before",
        "Which 5 stores had the lowest returns in the past 30 days?",
    )
    understood(samples, SemanticModel.model_validate(SHOP), {"store": ("Amsterdam",)})


@pytest.mark.parametrize("model", [{}, {"name": "half"}, "model.yaml"])
def test_a_model_that_cannot_be_read_has_no_samples(model: Any) -> None:
    assert sample_questions(an_agent(model)) == ()
