"""Prompts of several parts: headings, one part that cannot be answered, and words that lean on their neighbours."""

from __future__ import annotations

from datetime import date

import pytest

from builders.models import (
    MEDIA_MEMBERS,
    PAID_MEDIA,
    SHOP,
    SHOP_MEMBERS,
    SUBSCRIPTION_MEMBERS,
    SUBSCRIPTIONS,
)
from builders.requests import in_short
from interact.agents.analyst.reading import read_prompt
from interact.agents.analyst.request import Request
from interact.errors import AgentRefused
from interact.warehouse.queries import Window
from interact.warehouse.semantic import SemanticModel

TODAY = date(2026, 6, 18)
CONVERTED = SHOP.model_dump(mode="json", by_alias=True, exclude_none=True)
CONVERTED["metrics"][0] |= {"currency": "currency", "conversion": {"unit": "EUR", "expr": "total * rate"}}
IN_EUROS = SemanticModel.model_validate(CONVERTED)


def media(prompt: str) -> Request:
    return read_prompt(prompt, PAID_MEDIA, MEDIA_MEMBERS, on_date=TODAY)


def in_euros(prompt: str) -> Request:
    return read_prompt(prompt, IN_EUROS, SHOP_MEMBERS, on_date=TODAY)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Monthly spend and revenue this year, split by channel", "spend, revenue by channel+month"),
        ("Clicks by month in 2025, broken down by device", "clicks by device+month"),
        ("Weekly spend for the last 6 weeks, split by device", "spend by device+week"),
        ("Spend by campaign last month, split by device", "spend by campaign+device"),
        ("Spend by campaign last month, split by week", "spend by campaign+week"),
        ("Spend broken down by week in May", "spend by week"),
        ("Spend by campaign, and by market", "spend by campaign by market"),
        ("Clicks by month in 2025. Spend split by channel", "clicks, spend by month by channel"),
        ("mobile vs desktop conversion rate by market",
         "conversion_rate by market by device by market+device | device: mobile, desktop"),
        ("Display versus Social spend by campaign",
         "spend by campaign by channel by campaign+channel | channel: Display, Social"),
        ("Top 10 campaigns by CPA, cheapest first, last week", "usual by campaign low 10 cpa"),
        ("Top 10 campaigns by CPA, highest first", "usual by campaign top 10 cpa"),
        ("Spend by campaign last week, lowest first", "spend by campaign low spend"),
        ("How is spend trending week over week over the past 10 weeks?", "spend by week"),
        ("How did revenue develop week by week in April and May?", "revenue by week"),
        ("Clicks by device for March, April and May", "clicks by device"),
        ("clicks today so far", "clicks"),
    ],
)  # fmt: skip
def test_words_lean_on_what_stands_before(prompt: str, expected: str) -> None:
    assert in_short(media(prompt)) == expected


@pytest.mark.parametrize(
    "heading",
    [
        "For the Wednesday call: ",
        "Monday finance note. ",
        "For the weekly trading meeting: ",
        "Good morning. For the weekly campaign meeting: ",
        "Monday briefing for the buying team. ",
        "Good morning! This is for Friday's call. ",
        "For the client's Friday sync: ",
        "Hi team, for Monday's stand-up: ",
        "Quick note for the board meeting on Tuesday: ",
        "Finance committee, Tuesday. ",
    ],
)
def test_a_heading_is_neither_a_period_nor_a_question(heading: str) -> None:
    request = media(f"{heading}Spend and clicks by market last week.")
    assert in_short(request) == "spend, clicks by market"
    assert request.period.window == Window(date(2026, 6, 8), date(2026, 6, 14))


@pytest.mark.parametrize("heading", ["Monday: ", "Until Friday: "])
def test_a_weekday_before_a_colon_that_names_no_occasion_may_be_a_period(heading: str) -> None:
    with pytest.raises(AgentRefused, match="I could not read the period"):
        media(f"{heading}spend by market")


def test_a_weekday_of_a_briefing_on_a_metric_is_no_period_beside_one() -> None:
    assert in_short(media("Monday revenue note: spend by market last week")) == "revenue, spend by market"
    with pytest.raises(AgentRefused, match="I could not read the period"):
        media("Monday revenue note: spend by market")


def test_a_value_in_a_heading_limits_the_answer() -> None:
    assert in_short(media("For the NL team's Monday call: spend by campaign")) == "spend by campaign | market: NL"


def test_a_step_in_a_short_sentence_is_one() -> None:
    assert in_short(media("Spend in 2025. Weekly for the team.")) == "spend by week"


def test_they_are_members_and_it_is_a_metric() -> None:
    request = media("Highlight campaigns where they were below a ROAS of 2.")
    assert in_short(request) == "usual | mark campaign[roas < 2]"


def test_a_period_before_a_colon_is_one() -> None:
    assert media("May: spend by market").period.window == Window(date(2026, 5, 1), date(2026, 5, 31))


@pytest.mark.parametrize(
    ("prompt", "expected", "left"),
    [
        ("Spend by channel last week, and the single best day for clicks", "spend by channel",
         "the single best day for clicks"),
        ("Spend by campaign last week. Highlight campaigns with warmth above 3. Clicks by market.",
         "spend, clicks by campaign by market", "Highlight campaigns with warmth above 3"),
        ("CPA by campaign and market last week; flag those above 50", "cpa by campaign+market",
         "flag those above 50"),
    ],
)  # fmt: skip
def test_a_part_that_cannot_be_answered_is_named_and_the_rest_is_answered(
    prompt: str, expected: str, left: str
) -> None:
    request = media(prompt)
    assert (in_short(request), request.not_understood) == (expected, (left,))
    assert any(note.startswith(f"{left!r} is left out. I ") for note in request.notes)


@pytest.mark.parametrize(
    "prompt",
    [
        "Spend by campaign last week. Only Mtea.",
        "Spend by campaign last week. Exclude the Mtea campaigns.",
        "Spend, clicks, and warmth by campaign",
        "Spend by campaign last week. Skip markets with warmth.",
        "Spend by campaign last week. Don't include clicks from bots.",
        "Revenue by market last week; revenue should be net of returns.",
        "Spend by campaign last week. Normalise clicks by market size.",
        "Use warmth-weighted clicks. Spend by campaign last week.",
        "Spend by campaign last week. Delete all campaigns with no clicks.",
        "Warmth by campaign for May. Clicks by market.",
    ],
)
def test_a_part_on_which_the_rest_hangs_is_not_left_out(prompt: str) -> None:
    with pytest.raises(AgentRefused):
        media(prompt)


def test_it_is_the_metric_that_was_named_before() -> None:
    marked = "campaign[roas < 2 or cpa > 40]"
    request = media("ROAS by campaign. Highlight campaigns where it was below 2 or where CPA exceeded 40.")
    assert in_short(request) == f"roas by campaign | mark {marked}"
    with pytest.raises(AgentRefused, match="'below 2' does not say which metric is meant"):
        media("Highlight campaigns where it was below 2 or where CPA exceeded 40.")


def test_a_side_of_zero_is_of_the_metric_that_was_named_before() -> None:
    prompt = "Net growth by plan. Highlight plans where it was negative or where cancellations exceeded 20."
    request = read_prompt(prompt, SUBSCRIPTIONS, SUBSCRIPTION_MEMBERS, on_date=TODAY)
    assert in_short(request) == "net_new by plan | mark plan[net_new < 0 or cancellations > 20]"


def test_converted_money_is_not_shown_in_another_currency() -> None:
    with pytest.raises(AgentRefused, match=r"Revenue is in EUR, .* not in 'GBP'. .* write 'currency GBP'"):
        in_euros("Sales by country last month in GBP")
    assert in_short(in_euros("Sales by country last month, currency GBP")) == "revenue by country | currency: GBP"
    assert in_short(in_euros("Customers in GBP last month")) == "customers | currency: GBP"


def test_converted_money_asked_for_in_its_own_currency_is_not_limited() -> None:
    request = in_euros("Sales by country last month in EUR")
    assert in_short(request) == "revenue by country"
    assert "Revenue is in EUR anyway, so 'in EUR' limits nothing." in request.notes


def test_the_best_of_nothing_named_says_what_is_ranked_and_by_what() -> None:
    request = read_prompt("What sold best last week?", SHOP, SHOP_MEMBERS, on_date=TODAY)
    assert in_short(request) == "usual by country top revenue"
    assert request.notes == ("'best' names no metric and nothing to rank; countries are ranked by Revenue.",)


def test_a_month_against_itself_a_year_ago_is_compared_with_that() -> None:
    request = media("May spend by market against May a year ago")
    assert request.compare == Window(date(2025, 5, 1), date(2025, 5, 31))


def test_two_metrics_may_share_a_noun() -> None:
    model = SHOP.model_dump(mode="json", by_alias=True, exclude_none=True)
    model["metrics"].append(
        model["metrics"][4] | {"name": "former_customers", "label": "Former customers", "filter": "is_last"}
    )
    seen = SemanticModel.model_validate(model)
    read = read_prompt("Former vs new customers by country last month", seen, SHOP_MEMBERS, on_date=TODAY)
    assert in_short(read) == "former_customers, new_customers by country"


def test_a_stock_as_of_a_week_beside_a_flow_is_its_last_day() -> None:
    prompt = "MRR by plan as of last week and how it moved against the week before. Then sign-ups by country."
    request = read_prompt(prompt, SUBSCRIPTIONS, SUBSCRIPTION_MEMBERS, on_date=TODAY)
    assert in_short(request) == "mrr, new_subscribers by plan by country"
    assert (request.notes, request.not_understood) == (("'as of last week' is its last day with data.",), ())


def test_what_is_quoted_is_quoted_once_and_in_the_prompts_words() -> None:
    between = media("campaigns with spend between 10 and 40").rules[0]
    assert [each.words for each in between.conditions] == ["spend between 10 and 40", ""]
    some = media("campaigns with cost but no conversions").rules[0]
    assert [each.words for each in some.conditions] == ["with cost", "no conversions"]
    with pytest.raises(AgentRefused, match="names 3 periods, 'March', 'May', 'January'"):
        media("spend in March, May and January")


def test_labels_stand_where_a_column_has_another_name() -> None:
    model = PAID_MEDIA.model_dump(mode="json", by_alias=True, exclude_none=True)
    model["dimensions"][3] = {"name": "device_type", "label": "Device type"}
    members = {**MEDIA_MEMBERS, "device_type": MEDIA_MEMBERS["device"]}
    prompt = "CPA by market and device type last week; flag those above 50"
    request = read_prompt(prompt, SemanticModel.model_validate(model), members, on_date=TODAY)
    assert (
        "'flag those above 50' is left out. I could not tell of what 'flag those above 50' is meant, "
        "device type or market. Name it."
    ) in request.notes
