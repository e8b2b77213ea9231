"""What totals, rankings and falls hide, on the demo's data; expected figures come from SQL written here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from interact.errors import AgentRefused

Ask = Callable[..., Any]
ByHand = Callable[[str], list[tuple[Any, ...]]]
WEEK = "date BETWEEN '2026-11-09' AND '2026-11-15'"
BEFORE = "date BETWEEN '2026-11-02' AND '2026-11-08'"


def test_a_total_names_the_revenue_that_no_spend_stands_behind(ask: Ask, by_hand: ByHand) -> None:
    expected = by_hand(
        f"SELECT campaign, SUM(revenue) FROM ad_performance WHERE {WEEK} GROUP BY 1 HAVING SUM(spend) = 0 "
        "AND SUM(revenue) > 0 ORDER BY 1"
    )
    named = " and ".join(f"{campaign} (€{revenue:,.0f})" for campaign, revenue in expected)
    assert len(expected) == 2
    text = ask("ROAS for the past 7 days").text
    assert f"The total ROAS includes revenue without spend of {named}, so the rest has a lower one." in text
    assert "without spend" not in ask("ROAS of paid search for the past 7 days").text


def test_a_total_cpa_names_the_conversions_that_cost_nothing(ask: Ask, by_hand: ByHand) -> None:
    ((sold,),) = by_hand(f"SELECT SUM(conversions) FROM ad_performance WHERE {WEEK} AND campaign = 'Newsletter'")
    text = ask("CPA for the past 7 days").text
    assert f"The total CPA includes conversions without spend of Newsletter ({sold:,})" in text


def test_the_best_cpa_is_none_that_cost_nothing(ask: Ask, by_hand: ByHand) -> None:
    asked = ask("Top 3 campaigns by CPA for the past 7 days")
    expected = by_hand(
        f"SELECT campaign FROM ad_performance WHERE {WEEK} GROUP BY 1 HAVING SUM(spend) > 0 AND SUM(conversions) > 0 "
        "ORDER BY SUM(spend) / SUM(conversions) LIMIT 3"
    )
    assert asked.result("3 campaigns by CPA, lowest first").values("campaign") == tuple(row[0] for row in expected)
    left_out = (
        "Newsletter and Outdoor Blog (conversions without spend); Winter Launch Search (spend without conversions)"
    )
    assert f"Not ranked by CPA: {left_out}." in asked.text


def test_the_worst_cpa_says_whose_cannot_be_stated(ask: Ask) -> None:
    text = ask("Worst 3 campaigns by CPA for the past 7 days").text
    assert "Not ranked by CPA: Winter Launch Search (spend without conversions)." in text


def test_a_ranking_by_a_ratio_and_one_by_a_sum_stand_side_by_side(ask: Ask) -> None:
    text = ask("Top 5 campaigns by ROAS and top 3 by spend for the past 7 days").text
    assert text.count("Not ranked by ROAS: Newsletter and Outdoor Blog (revenue without spend).") == 1
    assert "Not ranked by spend" not in text


def test_the_cause_of_a_change_is_looked_for_among_all_members(ask: Ask, by_hand: ByHand) -> None:
    narrowed = ask("ROAS by campaign for the past 7 days, only those with spend above 8000").text
    (largest,) = by_hand(
        f"SELECT campaign FROM ad_performance GROUP BY 1 ORDER BY COALESCE(SUM(spend) FILTER ({WEEK}), 0) "
        f"- COALESCE(SUM(spend) FILTER ({BEFORE}), 0) LIMIT 1"
    )
    moved = next(part for part in narrowed.split(". ") if part.startswith("Spend fell"))
    assert f"the largest parts of that are {largest[0]}" in moved


def test_a_fall_names_the_part_of_the_ratio_that_fell(ask: Ask, by_hand: ByHand) -> None:
    figures = "SUM(revenue) / SUM(conversions), SUM(spend) / SUM(conversions)"
    now, then = (
        by_hand(f"SELECT {figures} FROM ad_performance WHERE campaign = 'Generic Search' AND {when}")[0]
        for when in (WEEK, BEFORE)
    )
    report = (
        asked := ask("Create a report on paid search ROAS with recommendations for the past 7 days")
    ).answer.report
    said = (
        f"For Generic Search it was the average order value that fell (€{now[0]:.2f} after €{then[0]:.2f}), while its "
        f"CPA hardly changed (€{now[1]:.2f} after €{then[1]:.2f})."
    )
    assert said in asked.shown(report.summary)
    (found,) = [each for each in report.highlights if asked.shown(each.title).startswith("Generic Search: ROAS fell")]
    assert said in asked.shown(found.text)
    advice = [asked.shown(each.action) for each in report.recommendations]
    assert "Check the average order value and the measurement of revenue of Generic Search" in advice
    assert not any("budget" in action for action in advice)


def test_a_ratio_that_has_no_value_any_more_did_not_fall_to_one(ask: Ask) -> None:
    asked = ask("Create a report on campaigns by CPA for the past 7 days")
    titles = [asked.shown(each.title) for each in asked.answer.report.highlights]
    assert titles
    assert not any("n/a" in title for title in titles)


def test_a_member_that_did_not_move_is_no_cause(ask: Ask) -> None:
    text = ask("Why did ROAS fall in the past 7 days? By campaign.").text
    sentence = next(part for part in text.split(". ") if "ROAS fell;" in part)
    assert "Video Awareness" not in sentence


def test_a_base_that_begins_before_the_data_gives_no_change(ask: Ask) -> None:
    text = ask("Spend for year to date").text
    assert "1 January – 15 November 2025 lacks rows for 1 January – 11 October 2025, so no changes are shown." in text
    assert "rose" not in text
    with pytest.raises(AgentRefused, match="does not hold every day of 1 January – 15 November 2025"):
        ask("Campaigns where spend rose, year to date")


def test_a_month_that_is_not_over_is_compared_with_as_many_days(ask: Ask, by_hand: ByHand) -> None:
    asked = ask("Spend for November 2025 compared with November 2026")
    ((now, then),) = by_hand(
        "SELECT SUM(spend) FILTER (date BETWEEN '2026-11-01' AND '2026-11-15'), SUM(spend) FILTER (date BETWEEN "
        "'2025-11-01' AND '2025-11-15') FROM ad_performance"
    )
    assert asked.result("Totals").value(0, "spend_change") == pytest.approx(float(now) / float(then) - 1)


def test_a_day_without_measurement_is_said_where_only_what_is_missing_is_asked(ask: Ask) -> None:
    text = ask("Conversions from 2026-10-12 to 2026-10-18").text
    assert "On 2026-10-16 the data holds no conversions, though spend of €" in text


def test_a_day_without_measurement_is_said_of_the_period_before_too(ask: Ask) -> None:
    text = ask("Conversions from 2026-10-19 to 2026-10-25").text
    assert "On 2026-10-16 the data holds no conversions, though spend of €" in text
    assert "totals, ratios and changes are affected" in text


def test_each_ratio_without_a_value_has_its_own_reason(ask: Ask) -> None:
    text = ask("Show only campaigns that have ROAS above 1 and CPA above 5 for the past 7 days").text
    assert "Winter Launch Search have revenue" not in text
    assert "Winter Launch Search has" not in text


def test_who_fails_another_condition_is_not_added(ask: Ask) -> None:
    text = ask("Campaigns where CPA rose more than 10% and spend over 6k in the past 7 days").text
    assert "Winter Launch Search (not so the week before) has spend without conversions" not in text
    assert "| Competitor Search |" in text


def test_new_this_week_is_said_of_calendar_weeks_only(ask: Ask) -> None:
    prompt = "Highlight campaigns where CPA exceeded the target in the past 7 days"
    assert "(not so the week before)" in ask(prompt).text
    assert "(not so in the period before)" in ask(prompt, on_date=date(2026, 11, 15)).text


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        ("Spend of paid search in NL last week", "Paid search in NL: spend of"),
        ("Spend in NL last week", "NL: spend of"),
        ("Spend last week except Brand Search", "all campaigns except Brand Search: spend of"),
        ("Campaigns with ROAS of exactly 0 last week", "ROAS of exactly 0"),
        ("Spend last week vs last year", "Changes compare with 10–16 November 2025."),
    ],
)
def test_scopes_and_conditions_read_as_people_write_them(ask: Ask, prompt: str, says: str) -> None:
    assert says in ask(prompt).text


def test_what_is_asked_for_as_new_is_not_marked_as_new_again(ask: Ask) -> None:
    prompt = "Which campaigns crossed below a ROAS of 2 in the past 7 days, having been above it the 7 days before?"
    text = ask(prompt).text
    assert "ROAS below 2, newly so:" in text
    assert "not so" not in text


def test_a_ranking_that_finds_fewer_than_asked_for_is_not_called_by_their_number(ask: Ask) -> None:
    assert "**Channels by ROAS, highest first**" in ask("Top 50 channels by ROAS last week").text
    assert "**3 channels by ROAS, highest first**" in ask("Top 3 channels by ROAS last week").text
