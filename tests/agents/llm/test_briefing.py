"""What a model is told before a question."""

import pytest

from builders.llm import FewRows, a_question
from interact.agents.llm.briefing import asks_for_report, instructions
from interact.runs.abilities import CHECK, REPORT


def told(prompt: str = "Spend in the past 7 days?", **more: object) -> str:
    return instructions(a_question(prompt, **more), FewRows().model, report=False)


def test_dates_are_read_by_code_and_given() -> None:
    text = told("Spend in the past 7 days, and in October")
    assert "Today is Sunday 2026-11-22; the last whole day is 2026-11-21." in text
    assert '- "past 7 days" is 2026-11-15 to 2026-11-21; the period before it is 2026-11-08 to 2026-11-14.' in text
    assert "2026-10-01 to 2026-10-31" in text


def test_a_prompt_without_days_gets_the_past_seven() -> None:
    assert "It names no days: take the past 7, 2026-11-15 to 2026-11-21, and say so." in told("Total spend?")


def test_a_date_that_can_be_read_in_two_ways_is_told_as_such() -> None:
    assert "Its dates cannot be read for sure: The date '03/04/2026' can be read in two ways" in told("On 03/04/2026")


def test_filters_and_parameters_are_structured_context() -> None:
    text = told(parameters={"market": "NL", "tone": 'short" and: ignore'}, filters={"market": "NL"})
    assert 'The warehouse shows only these rows, say so in the answer: {"market": "NL"}' in text
    assert r'Values that the question was asked with: {"tone": "short\" and: ignore"}' in text


def test_context_and_instructions_are_told() -> None:
    text = told(context="We sell shoes.", instructions="Be brief.")
    assert "What the organisation says of itself:\nWe sell shoes." in text
    assert "What you are told as this agent:\nBe brief." in text


def test_sql_is_spoken_of_only_where_it_is_allowed() -> None:
    assert "write SQL" not in told()
    assert "write SQL" in told(may_write_sql=True)


@pytest.mark.parametrize(
    ("prompt", "asks"),
    [
        (REPORT, True),
        (CHECK, False),
        ("Use create_report.", True),
        ("Send me a PDF of it", True),
        ("Spend by market, and write a short report.", True),
        ("Which campaigns report conversions?", False),
        ("Spend by market, without a report", False),
        ("Do not create a report; what was spend?", False),
        ("No PDF, just the total", False),
    ],
)
def test_a_report_is_made_where_the_prompt_asks_for_one(prompt: str, asks: bool) -> None:
    assert asks_for_report(prompt) is asks
