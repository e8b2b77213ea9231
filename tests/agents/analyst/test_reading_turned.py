"""Prompts as people say them: openings, weekdays, words that stand apart, two sides of "or"."""

from __future__ import annotations

from datetime import date

import pytest

from builders.models import MEDIA_MEMBERS, PAID_MEDIA, SHOP, SHOP_MEMBERS
from builders.requests import in_short
from interact.agents.analyst.reading import read_prompt
from interact.agents.analyst.request import Request
from interact.errors import AgentRefused
from interact.warehouse.queries import Window
from interact.warehouse.semantic import SemanticModel

TODAY = date(2026, 6, 18)
LAST_WEEK = Window(date(2026, 6, 8), date(2026, 6, 14))


def media(prompt: str) -> Request:
    return read_prompt(prompt, PAID_MEDIA, MEDIA_MEMBERS, on_date=TODAY)


@pytest.mark.parametrize(
    "opening",
    [
        "Every Monday I want to know how we did: ",
        "I want to know ",
        "I'd like to see ",
        "Can you tell me ",
        "Could you please show ",
    ],
)
def test_a_chatty_opening_is_harmless(opening: str) -> None:
    request = media(f"{opening}spend by market last week")
    assert in_short(request) == "spend by market"
    assert (request.period.window, request.not_understood) == (LAST_WEEK, ())


@pytest.mark.parametrize("prompt", ["spend every Monday", "Every Monday we had clicks", "spend by market by Monday"])
def test_a_weekday_that_limits_the_days_is_not_read(prompt: str) -> None:
    with pytest.raises(AgentRefused, match="could not read the period"):
        media(prompt)


@pytest.mark.parametrize(("day", "number"), [("Monday", 15), ("Wednesday", 17), ("Thursday", 11), ("Friday", 12)])
def test_a_weekday_beside_a_metric_is_the_last_one(day: str, number: int) -> None:
    request = media(f"spend on {day} by market")
    assert request.period.window == Window(date(2026, 6, number), date(2026, 6, number))
    assert request.notes == (f"'on {day}' is read as {day}, {number} June 2026.",)


@pytest.mark.parametrize(
    "prompt",
    [
        "I present spend by market on Monday",
        "Send spend by market to the team on Monday",
        "Spend for the board meeting on Tuesday",
        "Spend by market, we meet on Monday",
        "Spend by market. The report is due on Monday.",
        "spend on Monday and Tuesday",
        "clicks by day on Monday",
        "spend on Monday last week",
    ],
)
def test_a_weekday_of_a_meeting_or_one_of_several_is_not_read(prompt: str) -> None:
    with pytest.raises(AgentRefused, match=r"could not read the period|names two periods"):
        media(prompt)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Spend by campaign last week, not counting NL", "spend by campaign | market not: NL"),
        ("Spend by campaign last week, leaving out the NL market", "spend by campaign | market not: NL"),
        ("Spend by campaign 2026-06-08..2026-06-14, not NL", "spend by campaign | market not: NL"),
        ("Spend by campaign 2026-06-08..2026-06-14, excluding NL", "spend by campaign | market not: NL"),
        ("Did the conversion rate go under 10% in any market last week?", "usual | only market[conversion_rate < 0.1]"),
        ("Flag markets where spend went under 50 last week", "usual | mark market[spend < 50]"),
        ("Which campaigns crossed their CPA target last week?", "usual | only newly campaign[cpa > target]"),
        ("Which campaigns crossed their ROAS target last week?", "usual | only newly campaign[roas < 3]"),
        ("ROAS by campaign last week. Call out campaigns where it rose more than 3 percent.",
         "roas by campaign | mark campaign[roas change > 0.03]"),
        ("Which markets had fewer than 22 conversions or more than 24 clicks last week?",
         "usual | only market[conversions < 22 or clicks > 24]"),
        ("The 5 best-selling campaigns by revenue last week", "usual by campaign top 5 revenue"),
        ("Top five best-selling campaigns by revenue last week", "usual by campaign top 5 revenue"),
        ("Worst selling campaigns by revenue last week", "usual by campaign low revenue"),
        ("Break spend and clicks down by channel last week", "spend, clicks by channel"),
        ("Split spend by channel last week", "spend by channel"),
        ("Mention markets where clicks exceeded 100 last week", "usual | mark market[clicks > 100]"),
    ],
)  # fmt: skip
def test_the_same_question_in_other_words_is_read_as_the_same(prompt: str, expected: str) -> None:
    request = media(prompt)
    assert in_short(request) == expected
    assert (request.period.window, request.not_understood) == (LAST_WEEK, ())


def test_clicks_are_broken_down_by_month() -> None:
    assert in_short(media("Clicks by market. Break spend down by month in 2026.")) == (
        "clicks, spend by month by market"
    )


def test_what_could_be_read_otherwise_is_said() -> None:
    assert media("Which campaigns crossed their CPA target last week?").notes == (
        "'crossed their CPA target' is read as crossed above it, the bad side of CPA.",
    )
    assert media("Flag markets whose conversion rate fall under 10% last week").notes == (
        "'conversion rate fall under 10%' is read as a level of Conversion rate, not as a change.",
    )


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        ("Which campaigns crossed over their ROAS target last week?", "does not say which way"),
        ("Which campaigns crossed a spend of 100 last week?", "does not say which way"),
        ("Flag campaigns whose clicks fall under 10%", "does not fit Clicks"),
        ("Spend by campaign last week, not NL but DE", "leaves a value out"),
        ("Spend by market last week, not counting clicks", "leaves out"),
        ("Which markets had fewer than 22 clicks or more than 24 warmths?", "I could not tell what|do not know"),
        ("Do not mention clicks. Spend by market.", "cannot apply"),
        ("Campaigns with spend of 100 or more than the target last week", "Spend has no target"),
        ("Campaigns with a CPA of 30 or more than the target last week", "30"),
    ],
)
def test_words_that_may_mean_two_things_are_refused(prompt: str, says: str) -> None:
    with pytest.raises(AgentRefused, match=says):
        media(prompt)


def test_it_of_two_metrics_is_left_out() -> None:
    request = media("ROAS and CPA by campaign last week. Call out campaigns where it rose more than 3 percent.")
    assert request.not_understood == ("Call out campaigns where it rose more than 3 percent",)


@pytest.mark.parametrize(
    ("again", "before"),
    [
        ("the same day last year", date(2025, 6, 17)),
        ("the same day a year ago", date(2025, 6, 17)),
        ("the same day last week", date(2026, 6, 10)),
    ],
)
def test_a_day_is_compared_with_the_same_day(again: str, before: date) -> None:
    assert media(f"Top 2 markets by clicks yesterday, compared with {again}").compare == Window(before, before)


def test_a_metrics_words_may_be_turned_round() -> None:
    model = SHOP.model_dump(mode="json", by_alias=True, exclude_none=True)
    model["metrics"].append(model["metrics"][1] | {"name": "units_sold", "label": "Units sold"})
    seen = SemanticModel.model_validate(model)
    request = read_prompt("The 3 countries we sold the fewest units of in May", seen, SHOP_MEMBERS, on_date=TODAY)
    assert in_short(request) == "usual by country low 3 units_sold"
