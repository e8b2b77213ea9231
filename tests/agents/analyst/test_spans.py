"""Calendar arithmetic: no window loses a day, and weeks begin on Monday."""

from __future__ import annotations

from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact.agents.analyst.spans import (
    DAY,
    Unit,
    add_months,
    back,
    in_words,
    is_whole_months,
    preceding,
    same_dates,
    whole,
    year_before,
)
from interact.warehouse.queries import Window

DAYS = st.dates(date(2001, 1, 1), date(2090, 12, 31))


@given(DAYS, st.sampled_from(get_args(Unit)))
def test_a_unit_holds_its_day_and_borders_on_the_next(day: date, unit: Unit) -> None:
    window = whole(unit, day)
    assert window.start <= day <= window.end
    assert whole(unit, window.end + DAY).start == window.end + DAY


@given(DAYS)
def test_weeks_begin_on_monday(day: date) -> None:
    assert whole("week", day).start.weekday() == 0
    assert whole("week", day).days == 7


@given(DAYS, st.integers(-200, 200))
def test_months_are_added_without_leaving_the_month(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert moved.year * 12 + moved.month == day.year * 12 + day.month + months
    assert moved.day <= day.day


@pytest.mark.parametrize(
    ("day", "unit", "count", "expected"),
    [
        (date(2026, 3, 31), "month", 1, date(2026, 2, 28)),
        (date(2024, 2, 29), "year", 1, date(2023, 2, 28)),
        (date(2026, 6, 18), "week", 2, date(2026, 6, 4)),
        (date(2026, 6, 18), "quarter", 1, date(2026, 3, 18)),
    ],
)
def test_going_back_keeps_the_day_where_it_exists(day: date, unit: Unit, count: int, expected: date) -> None:
    assert back(unit, day, count) == expected


def test_whole_months_are_preceded_by_as_many_whole_months() -> None:
    march = Window(date(2026, 3, 1), date(2026, 3, 31))
    assert preceding(march) == Window(date(2026, 2, 1), date(2026, 2, 28))
    assert is_whole_months(march)


@given(DAYS, st.integers(1, 400))
def test_what_precedes_ends_the_day_before(day: date, days: int) -> None:
    window = Window(day, day + timedelta(days=days - 1))
    assert preceding(window).end == window.start - DAY


def test_a_year_before_keeps_dates_or_weekdays() -> None:
    week = Window(date(2026, 6, 8), date(2026, 6, 14))
    assert year_before(week, weekdays=True) == Window(date(2025, 6, 9), date(2025, 6, 15))
    assert year_before(week, weekdays=False) == Window(date(2025, 6, 8), date(2025, 6, 14))


def test_a_whole_february_stays_whole_a_year_earlier() -> None:
    assert same_dates(Window(date(2025, 2, 1), date(2025, 2, 28)), 12) == Window(date(2024, 2, 1), date(2024, 2, 29))


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (Window(date(2026, 11, 9), date(2026, 11, 15)), "9–15 November 2026"),
        (Window(date(2026, 11, 9), date(2026, 11, 9)), "9 November 2026"),
        (Window(date(2026, 10, 9), date(2026, 11, 9)), "9 October – 9 November 2026"),
        (Window(date(2025, 12, 20), date(2026, 1, 10)), "20 December 2025 – 10 January 2026"),
    ],
)
def test_a_window_is_written_as_people_write_it(window: Window, words: str) -> None:
    assert in_words(window) == words
