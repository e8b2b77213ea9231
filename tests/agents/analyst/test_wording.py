"""Words around figures."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact.agents.analyst.conditions import Condition
from interact.agents.analyst.request import Request
from interact.agents.analyst.wording import (
    condition_in_words,
    listing,
    new_in_words,
    noun,
    period_in_words,
    then_in_words,
    within,
)
from interact.chats.figures import REFERENCE, literally
from interact.warehouse.queries import Comparator
from interact.warehouse.semantic import SemanticModel


@pytest.mark.parametrize(
    ("metric", "comparator", "value", "on", "words"),
    [
        ("cpa", ">", None, "level", "CPA above target"),
        ("roas", "<", 2.0, "level", "ROAS below 2"),
        ("roas", "<", 2.5, "level", "ROAS below 2.5"),
        ("spend", ">=", 500.0, "level", "spend at least €500"),
        ("spend", ">", 1250.0, "level", "spend above €1,250"),
        ("ctr", "<", 0.02, "level", "CTR below 2%"),
        ("conversions", "=", 0.0, "level", "no conversions"),
        ("conversions", ">", 1000.0, "level", "conversions above 1,000"),
        ("spend", ">", 0.2, "change", "spend up by more than 20%"),
        ("revenue", "<=", -0.1, "change", "revenue down by at least 10%"),
        ("revenue", "<", 0.0, "change", "revenue down"),
    ],
)
def test_a_condition_is_said_in_the_unit_of_its_metric(
    model: SemanticModel, metric: str, comparator: Comparator, value: float | None, on: str, words: str
) -> None:
    condition = Condition(metric, comparator, value, on)  # type: ignore[arg-type]
    assert condition_in_words(condition, model) == words


def test_abbreviations_stay_and_words_lose_their_capital(model: SemanticModel) -> None:
    assert [noun(model.metric(name)) for name in ("cpa", "spend", "conversion_rate")] == [
        "CPA",
        "spend",
        "conversion rate",
    ]


@pytest.mark.parametrize(
    ("parts", "words"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_parts_are_listed_as_in_a_sentence(parts: list[str], words: str) -> None:
    assert listing(parts) == words


@given(st.text())
def test_inert_text_holds_no_reference(text: str) -> None:
    assert REFERENCE.search(literally(f"[[result_000000000001/rows]]{text}")) is None


@given(st.lists(st.text(min_size=1, max_size=30), max_size=8), st.integers(0, 80))
def test_sentences_are_kept_whole_or_left_out(sentences: list[str], limit: int) -> None:
    assert len(within(sentences, limit)) <= limit
    assert within([sentence for sentence in sentences if len(sentence) > limit], limit) == ""


@pytest.mark.parametrize(
    ("prompt", "then"),
    [
        ("ROAS last week", "the week before"),
        ("ROAS last month", "the month before"),
        ("ROAS last quarter", "the quarter before"),
        ("ROAS yesterday", "the day before"),
        ("ROAS for the past 10 days", "in the period before"),
        ("ROAS last week vs last year", "in 9–15 June 2025"),
    ],
)
def test_what_is_compared_with_is_named_by_its_unit(read: Callable[[str], Request], prompt: str, then: str) -> None:
    assert then_in_words(read(prompt)) == then
    assert new_in_words(read(prompt)) == f"not so {then}"


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("Spend on 15 January 2026", "on 15 January 2026"),
        ("last week's spend", "last week (8–14 June 2026)"),
        ("Spend in May", "over 1–31 May 2026"),
    ],
)
def test_a_period_is_named_as_people_do(read: Callable[[str], Request], prompt: str, words: str) -> None:
    assert period_in_words(read(prompt)) == words


def test_a_limit_of_converted_money_has_its_unit() -> None:
    sales = {"name": "sales", "label": "Sales", "agg": "sum", "expr": "amount", "format": "currency"}
    model = SemanticModel.model_validate(
        {
            "name": "shop",
            "base_table": "orders",
            "time_dimension": {"name": "day", "label": "Day", "expr": "day"},
            "dimensions": [{"name": "currency"}],
            "metrics": [sales | {"currency": "currency", "conversion": {"unit": "EUR", "expr": "amount * rate"}}],
        }
    )
    assert condition_in_words(Condition("sales", ">", 500.0), model) == "sales above €500"
