"""What a window is compared with, on 18 June 2025."""

from __future__ import annotations

from datetime import date

import pytest

from interact.agents.analyst.contrasts import Contrast, contrasted, contrasted_with, find_contrasts
from interact.agents.analyst.windows import Period, find_periods
from interact.errors import AgentRefused
from interact.warehouse.queries import Window

TODAY = date(2025, 6, 18)


def one(text: str) -> Period:
    return find_periods(text, TODAY)[0]


def days(start: str, end: str) -> Window:
    return Window(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("compared with the previous period", "previous"),
        ("than the week before", "week"),
        ("same period last year", "year"),
        ("same week a year ago", "year"),
        ("year-over-year", "year"),
        ("YoY", "year"),
        ("month on month", "month"),
        ("WoW", "week"),
        ("without comparison", "none"),
    ],
)
def test_words_of_comparison_are_found(text: str, kind: Contrast) -> None:
    assert [found for _, found in find_contrasts(text)] == [kind]


def test_the_day_before_yesterday_is_a_day_and_no_comparison() -> None:
    assert find_contrasts("the day before yesterday") == []


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("past 7 days", "previous", days("2025-06-04", "2025-06-10")),
        ("past 7 days", "week", days("2025-06-04", "2025-06-10")),
        ("past 3 days", "week", days("2025-06-08", "2025-06-10")),
        ("past 7 days", "year", days("2024-06-11", "2024-06-17")),
        ("last week", "year", days("2024-06-10", "2024-06-16")),
        ("past 7 days", "month", days("2025-05-11", "2025-05-17")),
        ("last month", "month", days("2025-04-01", "2025-04-30")),
        ("last month", "year", days("2024-05-01", "2024-05-31")),
        ("last year", "year", days("2023-01-01", "2023-12-31")),
        ("past 7 days", "none", None),
    ],
)
def test_a_kind_of_comparison_becomes_a_window(text: str, kind: Contrast, expected: Window | None) -> None:
    assert contrasted(one(text), kind) == expected


def test_lengths_that_do_not_fit_are_refused() -> None:
    with pytest.raises(AgentRefused, match=r"'last month' \(31 days\) cannot be compared with a week"):
        contrasted(one("last month"), "week")


@pytest.mark.parametrize(
    ("main", "other", "expected"),
    [
        ("this month", "last month", days("2025-05-01", "2025-05-17")),
        ("past 7 days", "previous 7 days", days("2025-06-04", "2025-06-10")),
        ("past 7 days", "last week", days("2025-06-04", "2025-06-10")),
        ("last week", "last year", days("2024-06-10", "2024-06-16")),
        ("May 2025", "April 2025", days("2025-04-01", "2025-04-30")),
        ("May 2025", "May 2024", days("2024-05-01", "2024-05-31")),
    ],
)
def test_one_window_is_set_against_another(main: str, other: str, expected: Window) -> None:
    assert contrasted_with(one(main), one(other)) == expected


def test_a_period_that_is_not_over_meets_as_many_days_of_the_other() -> None:
    assert contrasted_with(one("June 2025"), one("June 2024")) == days("2024-06-01", "2024-06-17")


def test_periods_of_two_lengths_are_not_compared() -> None:
    with pytest.raises(AgentRefused, match=r"'May 2025' has 31 days and .* 10, so their changes would mislead"):
        contrasted_with(one("May 2025"), one("from 2025-04-01 to 2025-04-10"))


def test_windows_that_share_days_are_not_compared() -> None:
    with pytest.raises(AgentRefused, match="share days"):
        contrasted_with(one("May 2025"), one("from 2025-05-20 to 2025-06-02"))
