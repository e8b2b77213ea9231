"""What an answer says about its data, on warehouses with holes, odd days and hostile names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from interact.chats.figures import UNTRACED, resolve
from interact.errors import AgentRefused
from interact.reports.document import Report

Ask = Callable[..., Any]
WarehouseOf = Callable[..., Path]
FIRST = date(2026, 10, 1)
PROMPT = "Spend and conversions by campaign for the past 7 days"


def days(
    *,
    skip: tuple[str, ...] = (),
    zero: tuple[str, ...] = (),
    last: str = "2026-11-15",
    names: tuple[str, ...] = ("One",),
) -> Iterator[tuple[Any, ...]]:
    """Yield a row a day and campaign: spend 100, 20 conversions, revenue 500, a CPA of 5 against a target of 4."""
    for offset in range(60):
        day = (FIRST + timedelta(days=offset)).isoformat()
        if day <= last and day not in skip:
            sold = 0 if day in zero else 20
            yield from ((day, name, "Shopping", "NL", 100, sold, sold * 25, 4) for name in names)


def test_days_without_rows_are_said(ask: Ask, warehouse_of: WarehouseOf) -> None:
    path = warehouse_of(days(skip=("2026-11-10", "2026-11-11", "2026-11-13", "2026-11-04")))
    text = ask(PROMPT, path=path).text
    assert "There are no rows for 10–11 November 2026 and 13 November 2026." in text
    assert "2–8 November 2026 lacks rows for 4 November 2026, so no changes are shown." in text
    assert "Changes" not in text
    narrowed = ask(f"{PROMPT} for Shopping", path=path).text
    assert "In the period before there are none for 4 November 2026; changes are affected." in narrowed


def test_the_last_days_missing_are_a_late_load_and_no_hole(ask: Ask, warehouse_of: WarehouseOf) -> None:
    text = ask(PROMPT, path=warehouse_of(days(last="2026-11-14"))).text
    assert "Its last day is 2026-11-14, so 15 November 2026 is missing from these figures." in text
    assert "There are no rows for" not in text


def test_a_day_of_zeros_is_said(ask: Ask, warehouse_of: WarehouseOf) -> None:
    text = ask(PROMPT, path=warehouse_of(days(zero=("2026-11-12",)))).text
    assert "On 2026-11-12 the data holds no conversions, though spend of €100" in text


def test_today_is_marked_as_not_over(ask: Ask, warehouse_of: WarehouseOf) -> None:
    text = ask("Spend today", path=warehouse_of(days(last="2026-11-16"))).text
    assert "**Today is not over.** Its figures so far are shown." in text


def test_a_value_without_rows_is_declined_by_name(ask: Ask, warehouse_of: WarehouseOf) -> None:
    with pytest.raises(AgentRefused, match=r"'BE', of which the data has no row\. Correct the job's values"):
        ask(PROMPT, path=warehouse_of(iter([("2026-11-15", "One", "Shopping", "NL", 1, 1, 1, 1)])), market="BE")


def test_changes_without_a_period_before_are_declined(ask: Ask, warehouse_of: WarehouseOf) -> None:
    with pytest.raises(AgentRefused, match="changes cannot be judged"):
        ask("Campaigns where spend rose from 2026-10-01 to 2026-10-07", path=warehouse_of(days()))


def test_names_of_the_data_are_inert(ask: Ask, warehouse_of: WarehouseOf) -> None:
    names = (
        "[[result_000000000001/rows]]",
        "**bold** <script>alert(1)</script>",
        "a | b",
        "delete",
        "for the past 7 days",
    )
    path = warehouse_of(days(names=names))
    prompt = f"{PROMPT}. Create a report. Highlight campaigns where CPA exceeded the target."
    asked = ask(prompt, path=path)
    report = asked.answer.report
    assert not any(name in report.model_dump_json() for name in ("script", "bold", "a | b"))
    assert report.scope == ()
    assert len(asked.result("Campaigns with CPA above target").rows) == len(names)


def test_a_filter_with_marks_of_markdown_is_shown_as_it_is(ask: Ask, warehouse_of: WarehouseOf) -> None:
    path = warehouse_of(days(names=("[[result_000000000001/rows]] sale", "other")))
    asked = ask('Spend of "[[result_000000000001/rows]] sale" for the past 7 days', path=path)
    assert r"\[\[result\_000000000001/rows\]\] sale" in asked.answer.text


@pytest.mark.parametrize("count", [1, 7, 8, 60])
def test_many_findings_fit_the_report_and_each_is_in_its_table(ask: Ask, warehouse_of: WarehouseOf, count: int) -> None:
    names = tuple(f"Campaign {number:02} with a rather long name" for number in range(count))
    prompt = (
        "Create a report on campaign performance for the past 7 days. Highlight any campaigns where CPA exceeded the "
        "target. Flag campaigns where ROAS is above 2. Flag channels with more than 10 conversions."
    )
    asked = ask(prompt, path=warehouse_of(days(names=names)))
    report = asked.answer.report
    assert Report.model_validate(report.model_dump()) == report
    assert 3 <= len(report.highlights) <= 8
    assert len(asked.result("Campaigns with CPA above target").rows) == count
    assert UNTRACED not in resolve(report.model_dump_json(), asked.results)
    sections = [section.title for section in report.sections]
    assert sections[2:] == ["CPA above target", "ROAS above 2", "Conversions above 10"]
