"""What an answer holds for programs: window, tables, findings, sections and the figures that are kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from builders.prompts import CHECK, REPORT
from interact.warehouse.queries import Window

Ask = Callable[..., Any]


def rows_of(asked: Any, number: int, *columns: str) -> list[tuple[Any, ...]]:
    exhibit = asked.answer.exhibits[number]
    result = asked.results[exhibit.result_id]
    rows = range(len(result.rows)) if exhibit.rows is None else exhibit.rows
    return [tuple(result.value(row, column) for column in columns) for row in rows]


def test_an_answer_says_which_days_it_is_about(ask: Ask) -> None:
    assert ask("Spend last week").answer.window == Window(date(2026, 11, 9), date(2026, 11, 15))


def test_figures_without_a_breakdown_are_a_table_of_one_row(ask: Ask) -> None:
    asked = ask("Spend and ROAS last week")
    (exhibit,) = asked.answer.exhibits
    assert (exhibit.metrics, exhibit.dimensions) == (("spend", "roas"), ())
    assert exhibit.columns == ("spend", "spend_previous", "spend_change", "roas", "roas_previous", "roas_change")
    assert len(rows_of(asked, 0, "spend")) == 1


def test_a_listed_rule_is_a_table_of_exactly_those(ask: Ask, by_hand: Callable[[str], list[Any]]) -> None:
    asked = ask("Which campaigns had ROAS below 2 in the past 7 days?")
    expected = by_hand(
        "SELECT campaign FROM ad_performance WHERE date BETWEEN '2026-11-09' AND '2026-11-15' GROUP BY 1 "
        "HAVING SUM(spend) > 0 AND SUM(revenue) / SUM(spend) < 2 ORDER BY SUM(revenue) / SUM(spend)"
    )
    assert rows_of(asked, 0, "campaign") == expected
    assert asked.answer.exhibits[0].dimensions == ("campaign",)


def test_a_highlight_is_a_finding_beside_the_whole_table(ask: Ask) -> None:
    asked = ask(CHECK)
    assert len(rows_of(asked, 0, "campaign")) == 16
    found = [each for each in asked.answer.findings if each.kind == "highlight"]
    assert [(each.metric, each.key) for each in found] == [
        ("roas", (("campaign", name),)) for name in ("Winter Launch Search", "Video Awareness", "Generic Search")
    ]
    figures = [asked.results[each.figure.result_id].value(each.figure.row, "roas") for each in found]
    assert figures == sorted(figures)
    assert figures[-1] < 2
    assert asked.shown(found[0].title) == "Winter Launch Search: ROAS below 2 (not so the week before)"
    assert {each.tone for each in found} == {"bad"}


def test_who_had_figures_only_before_is_no_row_of_a_table(ask: Ask) -> None:
    asked = ask(CHECK)
    assert ("Display Retargeting",) not in rows_of(asked, 0, "campaign")
    assert "Display Retargeting had figures the week before and none now." in asked.text


def test_who_has_no_value_of_a_ratio_stays_a_row(ask: Ask) -> None:
    asked = ask("CPA by campaign, past 7 days")
    assert ("Winter Launch Search", None) in rows_of(asked, 0, "campaign", "cpa")


def test_spend_without_conversions_is_an_anomaly_of_its_own(ask: Ask) -> None:
    findings = ask(REPORT).answer.findings
    (alone,) = [each for each in findings if each.key == (("campaign", "Winter Launch Search"),)]
    assert (alone.kind, alone.metric, alone.figure.column, alone.tone) == ("anomaly", "cpa", "spend", "bad")


def test_a_day_that_stands_out_is_an_anomaly(ask: Ask) -> None:
    asked = ask("Conversions and revenue from 2026-10-10 to 2026-10-20")
    days = {(each.metric, each.key) for each in asked.answer.findings if each.kind == "anomaly"}
    assert days == {("conversions", (("day", "2026-10-16"),)), ("revenue", (("day", "2026-10-16"),))}
    assert "Conversions on 2026-10-16: far below the usual" in {asked.shown(e.title) for e in asked.answer.findings}


def test_days_without_enough_history_are_not_judged(ask: Ask) -> None:
    asked = ask("Conversions from 2025-10-20 to 2025-10-30")
    assert asked.answer.findings == ()
    assert "There is not enough history to judge single days." in asked.text


@pytest.mark.parametrize(
    ("prompt", "sections"),
    [
        ("Spend by channel last week", ()),
        ("Spend by channel last week, with recommendations", ("recommendations",)),
        (
            "Create a report on last week with an executive summary, a table of campaigns by ROAS and recommendations.",
            ("executive summary", "table", "recommendations", "At a glance", "Campaigns by ROAS"),
        ),
    ],
)
def test_the_parts_that_were_asked_for_are_named(ask: Ask, prompt: str, sections: tuple[str, ...]) -> None:
    assert ask(prompt).answer.sections == sections


def test_the_figures_of_the_whole_are_kept_each_once(ask: Ask) -> None:
    asked = ask("Spend and ROAS by campaign last week, sorted by ROAS")
    assert [cell.column for cell in asked.answer.metrics] == ["spend", "roas"]
    assert {asked.results[cell.result_id].title for cell in asked.answer.metrics} == {"Totals"}
