"""Whole prompts against the demo's data; what is expected comes from SQL that the tests wrote themselves.

The two prompts of the product's own description come first, then nine of the same style that are answered and three
that are declined in words. The data ends on Sunday 15 November 2026, the day before the question.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from builders.prompts import CHECK, REPORT
from interact.agents.contract import Answer
from interact.chats.figures import SHOWN, UNTRACED, resolve
from interact.errors import AgentRefused
from interact.reports.document import Chart, Markdown, Metrics, Report, Table

Ask = Callable[..., Any]
ByHand = Callable[[str], list[tuple[Any, ...]]]
WEEK = "date BETWEEN '2026-11-09' AND '2026-11-15'"
BEFORE = "date BETWEEN '2026-11-02' AND '2026-11-08'"
MARKETS = [None, "NL", "BE", "DE"]


def limited(market: str | None) -> dict[str, str]:
    return {} if market is None else {"market": market}


def also(market: str | None) -> str:
    return "" if market is None else f" AND market = '{market}'"


def close(found: list[tuple[Any, ...]], expected: list[tuple[Any, ...]]) -> None:
    """Compare rows; decimals of the database are compared as floats, NULL only equals NULL."""
    assert [row[0] for row in found] == [row[0] for row in expected]
    for one, other in zip(found, expected, strict=True):
        for cell, wanted in zip(one[1:], other[1:], strict=True):
            assert cell == (None if wanted is None else pytest.approx(float(wanted), rel=1e-9)), one[0]


def columns(result: Any, *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(result.values(name) for name in names), strict=True))


def texts(answer: Answer) -> list[str]:
    """Return every text of an answer that may refer to figures."""
    found = [answer.text]
    if answer.report:
        report = answer.report.model_dump(mode="json")
        stack = [report]
        while stack:
            each = stack.pop()
            values = each.values() if isinstance(each, dict) else each if isinstance(each, list) else []
            stack += [value for value in values if isinstance(value, dict | list)]
            found += [value for value in values if isinstance(value, str)]
    return found


def check_figures(asked: Any) -> None:
    """Hold that each figure resolves, that none is cut, and that a report cites only what is there."""
    for text in texts(asked.answer):
        assert UNTRACED not in resolve(text, asked.results), text
        assert "[[" not in SHOWN.sub("", text), text
    report = asked.answer.report
    if report is None:
        return
    assert Report.model_validate(report.model_dump()) == report
    assert report.cited() <= set(asked.results)
    for block in (block for section in report.sections for block in section.blocks):
        if isinstance(block, Table):
            assert set(block.columns) <= {column.name for column in asked.results[block.result_id].columns}
        elif isinstance(block, Chart):
            assert {block.x, block.y} <= {column.name for column in asked.results[block.result_id].columns}
        elif isinstance(block, Metrics):
            for cell in (cell for item in block.items for cell in (item.figure, item.change) if cell):
                asked.results[cell.result_id].value(cell.row, cell.column)


def blocks(report: Report, kind: type) -> list[Any]:
    return [block for section in report.sections for block in section.blocks if isinstance(block, kind)]


@pytest.mark.parametrize("market", MARKETS)
def test_the_weekly_report_shows_what_the_data_holds(ask: Ask, by_hand: ByHand, market: str | None) -> None:
    asked = ask(REPORT, title="Weekly paid search report", **limited(market))
    check_figures(asked)
    report = asked.answer.report
    where = f"channel = 'Paid search'{also(market)}"
    figures = (
        "SUM(spend), SUM(conversions), SUM(revenue), SUM(spend) / NULLIF(SUM(conversions), 0), MAX(target_cpa), "
        "SUM(revenue) / NULLIF(SUM(spend), 0)"
    )

    campaigns, markets, above = blocks(report, Table)
    expected = by_hand(
        f"SELECT campaign, {figures} FROM ad_performance WHERE {WEEK} AND {where} GROUP BY 1 ORDER BY 7 DESC NULLS LAST"
    )
    names = ("campaign", "spend", "conversions", "revenue", "cpa", "cpa_target", "roas")
    close(columns(asked.results[campaigns.result_id], *names), expected)
    assert campaigns.columns[: len(names)] == names

    expected = by_hand(
        f"SELECT market, SUM(spend), SUM(revenue) / SUM(spend) FROM ad_performance WHERE {WEEK} AND {where} "
        "GROUP BY 1 ORDER BY 2 DESC"
    )
    close(columns(asked.results[markets.result_id], "market", "spend", "roas"), expected)

    expected = by_hand(
        f"SELECT campaign, SUM(spend) / SUM(conversions) AS cpa FROM ad_performance WHERE {WEEK} AND {where} "
        "GROUP BY 1 HAVING SUM(conversions) > 0 AND SUM(spend) / SUM(conversions) > MAX(target_cpa) ORDER BY 2 DESC"
    )
    assert expected
    close(columns(asked.results[above.result_id], "campaign", "cpa"), expected)

    total, then = (
        by_hand(f"SELECT 'all', {figures} FROM ad_performance WHERE {when} AND {where}")[0] for when in (WEEK, BEFORE)
    )
    totals = asked.result("Totals")
    assert totals.value(0, "roas") == pytest.approx(float(total[6]))
    assert totals.value(0, "roas_previous") == pytest.approx(float(then[6]))
    assert totals.value(0, "spend_change") == pytest.approx(float(total[1]) / float(then[1]) - 1)
    assert (report.period.start, report.period.end) == (date(2026, 11, 9), date(2026, 11, 15))
    assert (report.period.compare_start, report.period.compare_end) == (date(2026, 11, 2), date(2026, 11, 8))


@pytest.mark.parametrize("market", MARKETS)
def test_the_weekly_report_names_who_exceeded_the_target(ask: Ask, market: str | None) -> None:
    asked = ask(REPORT, **limited(market))
    report = asked.answer.report
    titles = [asked.shown(highlight.title) for highlight in report.highlights]
    assert "Competitor Search: CPA above target (not so the week before)" in titles
    assert "Winter Launch Search: spend without conversions (not so the week before)" in titles
    (found,) = [h for h in report.highlights if asked.shown(h.title).startswith("Competitor Search")]
    assert "not so then" in asked.shown(found.text)
    assert found.tone == "bad"
    assert asked.shown(report.summary).count("not so the week before") == 2
    actions = [asked.shown(each.action) for each in report.recommendations]
    assert "Check Winter Launch Search: spend without conversions" in actions
    assert "Review Competitor Search" in actions
    assert all(each.result_ids and set(each.result_ids) <= set(asked.results) for each in report.recommendations)


def test_the_weekly_report_reads_like_one(ask: Ask) -> None:
    asked = ask(REPORT, market="NL", title="Weekly paid search report")
    report = asked.answer.report
    assert (report.title, report.subtitle) == ("Weekly paid search report", "9–15 November 2026")
    assert report.scope == (("Market", "NL"), ("Channel", "Paid search"))
    assert [section.title for section in report.sections] == [
        *("At a glance", "Campaigns by ROAS", "Markets", "CPA above target"),
    ]
    assert report.summary.startswith(
        "**Executive summary.** Over the past 7 days (9–15 November 2026), Paid search in NL: "
    )
    (tiles,) = blocks(report, Metrics)
    assert [item.label for item in tiles.items] == ["Spend", "Conversions", "Revenue", "CPA", "ROAS"]
    (chart,) = blocks(report, Chart)
    assert (chart.x, chart.y, len(asked.results[chart.result_id].rows)) == ("day", "roas", 7)
    method = asked.shown(report.method)
    assert "“past 7 days” is read as 9–15 November 2026" in method
    assert "compared with 2–8 November 2026" in method
    assert "This run is limited to Market: NL. Channel is Paid search." in method
    assert "The data runs from 2025-10-12 to 2026-11-15." in method
    assert "so there is no other row" in blocks(report, Table)[1].note
    assert "!" not in "".join(texts(asked.answer))


@pytest.mark.parametrize("market", MARKETS)
def test_the_campaign_check_lists_all_below_two(ask: Ask, by_hand: ByHand, market: str | None) -> None:
    asked = ask(CHECK, **limited(market))
    check_figures(asked)
    assert asked.answer.report is None
    below = (
        f"SELECT campaign FROM ad_performance WHERE {{}}{also(market)} GROUP BY 1 "
        "HAVING SUM(spend) > 0 AND SUM(revenue) / SUM(spend) < 2 ORDER BY SUM(revenue) / SUM(spend), campaign"
    )
    now = [row[0] for row in by_hand(below.format(WEEK))]
    then = {row[0] for row in by_hand(below.format(BEFORE))}
    assert {"Generic Search", "Winter Launch Search", "Video Awareness"} <= set(now)
    lines = re.findall(r"^- \*\*(.+?)\*\*: (.+)$", asked.text, re.MULTILINE)
    assert [name for name, _ in lines] == now
    assert {name for name, rest in lines if "not so then" in rest} == set(now) - then
    assert f"{len(now)} campaigns have ROAS below 2" in asked.text
    assert "Newsletter and Outdoor Blog have revenue without spend, so their ROAS cannot be stated." in asked.text
    assert "Display Retargeting had figures the week before and none now." in asked.text


@pytest.mark.parametrize("market", MARKETS)
def test_the_campaign_check_has_every_figure(ask: Ask, by_hand: ByHand, market: str | None) -> None:
    asked = ask(CHECK, **limited(market))
    expected = by_hand(
        "SELECT campaign, SUM(impressions), SUM(clicks), SUM(spend), SUM(conversions), "
        f"SUM(revenue) / NULLIF(SUM(spend), 0) FROM ad_performance WHERE {WEEK}{also(market)} "
        "GROUP BY 1 ORDER BY 2 DESC"
    )
    result = asked.result("Campaigns")
    names = ("campaign", "impressions", "clicks", "spend", "conversions", "roas")
    close([row for row in columns(result, *names) if row[1] is not None], expected)
    assert "| Campaign | Impressions | Clicks | Spend | Conversions | ROAS |" in asked.text


def test_top_campaigns_by_spend_of_last_month(ask: Ask, by_hand: ByHand) -> None:
    asked = ask("Show the top 5 campaigns by spend for last month, excluding Display.")
    check_figures(asked)
    expected = by_hand(
        "SELECT campaign, SUM(spend) FROM ad_performance WHERE date BETWEEN '2026-10-01' AND '2026-10-31' "
        "AND channel <> 'Display' GROUP BY 1 ORDER BY 2 DESC LIMIT 5"
    )
    close(columns(asked.result("5 campaigns by Spend, highest first"), "campaign", "spend"), expected)
    assert "Channel is not Display." in asked.text


def test_month_to_date_is_compared_with_the_same_days(ask: Ask, by_hand: ByHand) -> None:
    asked = ask("Revenue by market, month to date")
    check_figures(asked)
    expected = by_hand(
        "SELECT market, SUM(revenue) FILTER (date >= '2026-11-01'), SUM(revenue) FILTER (date <= '2026-10-15') "
        "FROM ad_performance WHERE date BETWEEN '2026-11-01' AND '2026-11-15' OR date BETWEEN '2026-10-01' AND "
        "'2026-10-15' GROUP BY 1 ORDER BY 2 DESC"
    )
    close(columns(asked.result("Markets"), "market", "revenue", "revenue_previous"), expected)
    assert "Changes compare with 1–15 October 2026." in asked.text


def test_daily_spend_by_channel(ask: Ask, by_hand: ByHand) -> None:
    asked = ask("Show daily spend by channel for the past 14 days")
    check_figures(asked)
    expected = by_hand(
        "SELECT strftime(date, '%Y-%m-%d') || channel, SUM(spend) FROM ad_performance "
        "WHERE date BETWEEN '2026-11-02' AND '2026-11-15' GROUP BY 1 ORDER BY 1"
    )
    rows = columns(asked.result("Channels over time, daily"), "day", "channel", "spend")
    close(sorted((f"{day}{channel}", spend) for day, channel, spend in rows), expected)


def test_two_conditions_hold_together(ask: Ask, by_hand: ByHand) -> None:
    asked = ask("Which campaigns had ROAS below 4 and more than 300 conversions last week?")
    check_figures(asked)
    expected = by_hand(
        f"SELECT campaign, SUM(revenue) / SUM(spend) FROM ad_performance WHERE {WEEK} GROUP BY 1 "
        "HAVING SUM(spend) > 0 AND SUM(revenue) / SUM(spend) < 4 AND SUM(conversions) > 300 ORDER BY 2"
    )
    assert expected
    result = asked.result("Campaigns with ROAS below 4 and conversions above 300")
    close(columns(result, "campaign", "roas"), expected)


def test_changes_are_judged_against_the_period_before(ask: Ask, by_hand: ByHand) -> None:
    asked = ask("Highlight campaigns where revenue fell by more than 20% in the past 7 days.", market="DE")
    check_figures(asked)
    expected = by_hand(
        f"SELECT campaign, SUM(revenue) FILTER ({WEEK}) / SUM(revenue) FILTER ({BEFORE}) - 1 FROM ad_performance "
        "WHERE market = 'DE' GROUP BY 1 HAVING SUM(revenue) FILTER "
        f"({WEEK}) / SUM(revenue) FILTER ({BEFORE}) - 1 < -0.2 ORDER BY 2"
    )
    assert expected
    assert re.findall(r"^- \*\*(.+?)\*\*", asked.text, re.MULTILINE) == [row[0] for row in expected]


def test_spend_without_conversions(ask: Ask, by_hand: ByHand) -> None:
    asked = ask("Show campaigns with spend but no conversions in the past 7 days, sorted by spend.")
    check_figures(asked)
    expected = by_hand(
        f"SELECT campaign, SUM(spend) FROM ad_performance WHERE {WEEK} GROUP BY 1 "
        "HAVING SUM(spend) > 0 AND SUM(conversions) = 0 ORDER BY 2 DESC"
    )
    assert [row[0] for row in expected] == ["Winter Launch Search"]
    close(columns(asked.result("Campaigns with spend and no conversions"), "campaign", "spend"), expected)


def test_values_set_against_each_other(ask: Ask, by_hand: ByHand) -> None:
    asked = ask("Compare NL and BE for last week. Include spend and ROAS.")
    check_figures(asked)
    expected = by_hand(
        f"SELECT market, SUM(spend), SUM(revenue) / SUM(spend) FROM ad_performance WHERE {WEEK} "
        "AND market IN ('NL', 'BE') GROUP BY 1 ORDER BY 2 DESC"
    )
    close(columns(asked.result("Markets"), "market", "spend", "roas"), expected)


def test_a_report_over_a_month_with_a_broken_day_says_so(ask: Ask, by_hand: ByHand) -> None:
    asked = ask(
        "Create a report on Shopping for the past 5 weeks with weekly revenue and the 3 worst campaigns by ROAS."
    )
    check_figures(asked)
    report = asked.answer.report
    broken = by_hand(
        "SELECT strftime(date, '%Y-%m-%d') FROM ad_performance WHERE channel = 'Shopping' GROUP BY date "
        "HAVING SUM(conversions) = 0"
    )
    assert [row[0] for row in broken] == ["2026-10-16"]
    summary = asked.shown(report.summary)
    assert summary.startswith("**A day that looks like a failure of measurement.** On 2026-10-16")
    assert "On 2026-10-16 the data holds no revenue, though spend of €" in "".join(
        asked.shown(block.text) for block in report.sections[0].blocks if hasattr(block, "text")
    )


def test_why_is_answered_with_figures_and_without_causes(ask: Ask) -> None:
    asked = ask("Why did ROAS drop in the past 7 days? Add recommendations.")
    check_figures(asked)
    assert "They do not show why; I state no causes." in asked.text
    assert "Generic Search (1.67 after 3.66)" in asked.text
    assert "Check Winter Launch Search: spend without revenue" in asked.text


def test_what_changed_names_who_rose_and_who_fell_most_in_percent(ask: Ask) -> None:
    asked = ask("Spend by campaign for the past 7 days. What changed?")
    check_figures(asked)
    rose = re.search(r"Spend rose most for (.+?) \(€", asked.text)
    changes = dict(columns(asked.result("Campaigns"), "campaign", "spend_change"))
    assert rose
    assert changes[rose[1]] == max(change for change in changes.values() if change is not None)


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        ("Forecast paid search spend for next month and create a report.", "make no forecasts"),
        (
            "Analyse TikTok performance for the past 7 days. Highlight campaigns with ROAS below 2.",
            "'TikTok'.*channels",
        ),
        ("Show the bounce rate and spend by campaign for last week.", "I do not know 'bounce rate'.*Conversion rate"),
    ],
)
def test_three_prompts_are_declined_in_words(ask: Ask, prompt: str, says: str) -> None:
    with pytest.raises(AgentRefused, match=says):
        ask(prompt)


def test_a_value_outside_of_the_run_is_declined(ask: Ask) -> None:
    with pytest.raises(AgentRefused, match="This run is limited to Market 'NL'"):
        ask("Show spend for BE last week", market="NL")


@pytest.mark.parametrize("prompt", [REPORT, CHECK])
def test_the_same_question_gets_the_same_answer(ask: Ask, prompt: str) -> None:
    def plain(asked: Any) -> list[str]:
        numbers = {name: f"result_{number:012}" for number, name in zip(itertools.count(), asked.results, strict=False)}
        pattern = re.compile(r"result_[a-z0-9]{12}")
        return [pattern.sub(lambda match: numbers[match[0]], text) for text in texts(asked.answer)]

    assert plain(ask(prompt)) == plain(ask(prompt))


def test_a_late_load_is_said_first(ask: Ask) -> None:
    asked = ask(REPORT, on_date=date(2026, 11, 19))
    check_figures(asked)
    report = asked.answer.report
    first = report.sections[0].blocks[0]
    assert (first.type, first.tone, first.title) == ("callout", "warning", "The data ends before the period does")
    assert asked.shown(first.text).startswith("Its last day is 2026-11-15, so 16–18 November 2026 are missing")
    assert report.summary.startswith("**The data ends before the period does.** Its last day is [[")
    assert asked.answer.text.startswith("**The data ends before the period does.**")


def test_a_period_without_any_row_is_declined(ask: Ask) -> None:
    with pytest.raises(AgentRefused, match="the data runs from 12 October 2025 to 15 November 2026"):
        ask(REPORT, on_date=date(2026, 12, 20))


def test_a_period_before_the_data_is_not_compared(ask: Ask) -> None:
    asked = ask("Spend by market from 2025-10-12 to 2025-10-18")
    assert "There are no rows for 5–11 October 2025, so no changes are shown." in asked.text
    assert "Changes compare" not in asked.text


def test_parameters_without_effect_are_said(ask: Ask) -> None:
    assert "has no effect" not in ask(REPORT, market="NL").text
    assert (
        "The parameter season (winter) has no effect on this answer."
        in ask(REPORT, parameters={"season": "winter"}).text
    )


def test_prose_of_reports_has_no_text_of_the_data_outside_of_references(ask: Ask) -> None:
    asked = ask(REPORT)
    proses = [block.text for block in blocks(asked.answer.report, Markdown)]
    assert not any("Competitor" in text or "Winter" in text for text in proses)
