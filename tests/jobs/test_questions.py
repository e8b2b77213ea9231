"""A question's title: what it begins with, as much as a list or the head of a report holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact.jobs.questions import TITLE_LIMIT, title_of

LONG = "Analyse paid search performance for the past 7 days and compare it with the week before"


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("Total spend for last week.", "Total spend for last week"),
        ("  Why did ROAS drop?\n\nBy market.", "Why did ROAS drop?"),
        ("Show e.g. spend by market", "Show e.g. spend by market"),
        (f"Spend by market. {LONG}.", "Spend by market"),
        (LONG, "Analyse paid search performance for the past 7 days and compare it with the…"),
        ("Spend\tby   market\nfor yesterday", "Spend by market"),
        ("x" * 200, "x" * 79 + "…"),
        ("x" * 80, "x" * 80),
        (".", "."),
        ("What did {{ market }} spend?", "What did {{ market }} spend?"),
    ],
)
def test_a_title_is_the_first_line_or_its_first_sentence_or_what_fits(prompt: str, title: str) -> None:
    assert title_of(prompt) == title


@given(st.text(min_size=1).filter(str.strip))
def test_every_question_has_a_title_of_one_line_that_fits(prompt: str) -> None:
    title = title_of(prompt)
    assert 1 <= len(title) <= TITLE_LIMIT
    assert "\n" not in title
