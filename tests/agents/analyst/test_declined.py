"""Prompts that ask for more than one answer can hold: declined in words, or read to their last word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from interact.agents.analyst.request import Request
from interact.errors import AgentRefused
from interact.warehouse.queries import Filter

Read = Callable[..., Request]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("all campaigns but Brand Search: spend", Filter("campaign", ("Brand Search",), exclude=True)),
        ("spend by campaign, all but Brand Search", Filter("campaign", ("Brand Search",), exclude=True)),
        ("spend for everything but Display", Filter("channel", ("Display",), exclude=True)),
        ("spend for all but Display and Video", Filter("channel", ("Display", "Video"), exclude=True)),
    ],
)
def test_but_before_a_value_leaves_it_out(read: Read, prompt: str, expected: Filter) -> None:
    assert read(prompt).filters == (expected,)


@pytest.mark.parametrize(
    "prompt",
    ["spend of no channel but Display", "spend for all campaigns but in NL", "spend for nothing but Display"],
)
def test_but_that_may_mean_only_is_declined(read: Read, prompt: str) -> None:
    with pytest.raises(AgentRefused, match=r"could not tell whether|do not know"):
        read(prompt)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("campaigns where spend went up but conversions went down", [("spend", ">"), ("conversions", "<")]),
        ("campaigns where CPA rose and conversions fell", [("cpa", ">"), ("conversions", "<")]),
        ("campaigns where CPA rose, conversions fell and revenue fell",
         [("cpa", ">"), ("conversions", "<"), ("revenue", "<")]),
    ],
)  # fmt: skip
def test_each_move_of_a_condition_counts(read: Read, prompt: str, expected: list[tuple[str, str]]) -> None:
    (rule,) = read(prompt).rules
    assert [(each.metric, each.comparator) for each in rule.conditions] == expected


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        ("campaigns where both spend and revenue fell", "could not read the whole condition"),
        ("top 3 campaigns by ROAS and by spend", "second order"),
        ("campaigns by ROAS and by spend", "second order"),
        ("spend in NL last week and revenue in BE", "a part of its own"),
        ("spend last week for NL, clicks for DE", "a part of its own"),
        ("spend by channel in NL and by campaign in BE", "a part of its own"),
        ("spend for Shopping in NL and Social in BE", "a part of its own"),
        ("campaigns in NL with ROAS below 2 and in BE with ROAS below 3", "a part of its own"),
        ("campaigns with ROAS below 2 for Video and below 3 for Social", "a part of its own"),
        ("campaigns with ROAS below 2 in NL and below 3 elsewhere", "cannot apply"),
        ("campaigns with at least 100 conversions in every market", "in how many"),
        ("campaigns with more than 100 conversions in all markets", "in how many"),
        ("campaigns with spend above 5000 in each of the markets", "in how many"),
        ("campaigns with ROAS above 2 every day", "in how many"),
        ("campaigns whose spend exceeded 1000 daily", "in how many"),
        ("spend excluding Brand Search but including Generic Search", "one to leave out"),
        ("campaigns with more than 100 conversions per market", "in how many"),
        ("campaigns with CPA above target in at least two markets", "in how many"),
        ("campaigns with CPA above target in at least 2 of the markets", "in how many"),
        ("markets with at least two campaigns below target ROAS", "in how many"),
        ("markets with 2 or more campaigns below target ROAS", "in how many"),
        ("campaigns with more than 100 conversions in both NL and DE", "in how many"),
        ("non-brand search ROAS", "cannot apply"),
        ("What is CPA?", "^CPA: Spend per conversion. Name a period"),
        ("what does ROAS mean", "^ROAS: Revenue per unit of spend."),
    ],
)
def test_what_would_be_answered_in_part_is_declined(read: Read, prompt: str, says: str) -> None:
    with pytest.raises(AgentRefused, match=says):
        read(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "Compare NL and BE for last week. Include spend and ROAS.",
        "Spend in NL compared with spend in BE",
        "Spend and clicks in NL and in BE",
        "Spend for NL, BE and DE by channel",
        "Spend by market excluding NL and excluding BE",
        "How did NL do last week versus BE",
        "Show campaigns where ROAS is below 2 for campaigns in NL",
        "Analyse all markets for last week. Highlight campaigns with ROAS below 2.",
        "Analyse spend across all channels. Highlight any campaigns where CPA exceeded the target.",
        "What is our CPA?",
    ],
)
def test_what_one_answer_can_hold_is_read(read: Read, prompt: str) -> None:
    assert read(prompt).not_understood == ()
