"""Dates in words, on Wednesday 18 June 2025: what each phrase covers and what it is compared with."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact.agents.analyst.spans import DAY
from interact.agents.analyst.windows import Period, find_periods
from interact.errors import AgentRefused
from interact.warehouse.queries import Grain, Window

TODAY = date(2025, 6, 18)
TODAYS = st.dates(date(2003, 1, 1), date(2090, 1, 1))


def one(text: str, today: date = TODAY, grain: Grain | None = None) -> Period:
    found = find_periods(text, today, grain=grain)
    assert len(found) == 1, [period.words for period in found]
    return found[0]


def days(start: str, end: str) -> Window:
    return Window(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("text", "start", "end", "before"),
    [
        ("for the past 7 days", "2025-06-11", "2025-06-17", ("2025-06-04", "2025-06-10")),
        ("the last seven days", "2025-06-11", "2025-06-17", ("2025-06-04", "2025-06-10")),
        ("last  7\n days", "2025-06-11", "2025-06-17", ("2025-06-04", "2025-06-10")),
        ("past week", "2025-06-11", "2025-06-17", ("2025-06-04", "2025-06-10")),
        ("previous 4 weeks", "2025-05-21", "2025-06-17", ("2025-04-23", "2025-05-20")),
        ("last 3 months", "2025-03-18", "2025-06-17", ("2024-12-18", "2025-03-17")),
        ("last 2 full months", "2025-04-01", "2025-05-31", ("2025-02-01", "2025-03-31")),
        ("last two complete weeks", "2025-06-02", "2025-06-15", ("2025-05-19", "2025-06-01")),
        ("past month", "2025-05-18", "2025-06-17", ("2025-04-18", "2025-05-17")),
        ("past fortnight", "2025-06-04", "2025-06-17", ("2025-05-21", "2025-06-03")),
        ("last 12 months", "2024-06-18", "2025-06-17", ("2023-06-18", "2024-06-17")),
        ("last week", "2025-06-09", "2025-06-15", ("2025-06-02", "2025-06-08")),
        ("last week's", "2025-06-09", "2025-06-15", ("2025-06-02", "2025-06-08")),
        ("last month", "2025-05-01", "2025-05-31", ("2025-04-01", "2025-04-30")),
        ("last quarter", "2025-01-01", "2025-03-31", ("2024-10-01", "2024-12-31")),
        ("last year", "2024-01-01", "2024-12-31", ("2023-01-01", "2023-12-31")),
        ("this week", "2025-06-16", "2025-06-17", ("2025-06-09", "2025-06-10")),
        ("this month", "2025-06-01", "2025-06-17", ("2025-05-01", "2025-05-17")),
        ("MTD", "2025-06-01", "2025-06-17", ("2025-05-01", "2025-05-17")),
        ("month-to-date", "2025-06-01", "2025-06-17", ("2025-05-01", "2025-05-17")),
        ("so far this month", "2025-06-01", "2025-06-17", ("2025-05-01", "2025-05-17")),
        ("QTD", "2025-04-01", "2025-06-17", ("2025-01-01", "2025-03-17")),
        ("year to date", "2025-01-01", "2025-06-17", ("2024-01-01", "2024-06-17")),
        ("yesterday", "2025-06-17", "2025-06-17", ("2025-06-16", "2025-06-16")),
        ("the day before yesterday", "2025-06-16", "2025-06-16", ("2025-06-15", "2025-06-15")),
        ("3 days ago", "2025-06-15", "2025-06-15", ("2025-06-14", "2025-06-14")),
        ("last Monday", "2025-06-16", "2025-06-16", ("2025-06-09", "2025-06-09")),
        ("last Wednesday", "2025-06-11", "2025-06-11", ("2025-06-04", "2025-06-04")),
        ("last weekend", "2025-06-14", "2025-06-15", ("2025-06-07", "2025-06-08")),
        ("in May", "2025-05-01", "2025-05-31", ("2025-04-01", "2025-04-30")),
        ("in may", "2025-05-01", "2025-05-31", ("2025-04-01", "2025-04-30")),
        ("May spend by channel", "2025-05-01", "2025-05-31", ("2025-04-01", "2025-04-30")),
        ("during December", "2024-12-01", "2024-12-31", ("2024-11-01", "2024-11-30")),
        ("May 2024", "2024-05-01", "2024-05-31", ("2024-04-01", "2024-04-30")),
        ("2025-05", "2025-05-01", "2025-05-31", ("2025-04-01", "2025-04-30")),
        ("Q1 2025", "2025-01-01", "2025-03-31", ("2024-10-01", "2024-12-31")),
        ("2025 Q1", "2025-01-01", "2025-03-31", ("2024-10-01", "2024-12-31")),
        ("Q1", "2025-01-01", "2025-03-31", ("2024-10-01", "2024-12-31")),
        ("the first quarter of 2024", "2024-01-01", "2024-03-31", ("2023-10-01", "2023-12-31")),
        ("H2", "2024-07-01", "2024-12-31", ("2024-01-01", "2024-06-30")),
        ("H1 2024", "2024-01-01", "2024-06-30", ("2023-07-01", "2023-12-31")),
        ("in 2024", "2024-01-01", "2024-12-31", ("2023-01-01", "2023-12-31")),
        ("2025-W24", "2025-06-09", "2025-06-15", ("2025-06-02", "2025-06-08")),
        ("week 24", "2025-06-09", "2025-06-15", ("2025-06-02", "2025-06-08")),
        ("week of 3 June", "2025-06-02", "2025-06-08", ("2025-05-26", "2025-06-01")),
        ("14 June", "2025-06-14", "2025-06-14", ("2025-06-13", "2025-06-13")),
        ("June 14th, 2025", "2025-06-14", "2025-06-14", ("2025-06-13", "2025-06-13")),
        ("2025-06-01", "2025-06-01", "2025-06-01", ("2025-05-31", "2025-05-31")),
        ("from 2025-05-01 to 2025-05-14", "2025-05-01", "2025-05-14", ("2025-04-17", "2025-04-30")),
        ("2025-05-01 – 2025-05-14", "2025-05-01", "2025-05-14", ("2025-04-17", "2025-04-30")),
        ("between 1 May and 14 May", "2025-05-01", "2025-05-14", ("2025-04-17", "2025-04-30")),
        ("1–7 June", "2025-06-01", "2025-06-07", ("2025-05-25", "2025-05-31")),
        ("June 1-7, 2025", "2025-06-01", "2025-06-07", ("2025-05-25", "2025-05-31")),
        ("from 20 December to 10 January", "2024-12-20", "2025-01-10", ("2024-11-28", "2024-12-19")),
        ("from March to April", "2025-03-01", "2025-04-30", ("2025-01-01", "2025-02-28")),
        ("from January 2025 to March", "2025-01-01", "2025-03-31", ("2024-10-01", "2024-12-31")),
        ("since June 1", "2025-06-01", "2025-06-17", ("2025-05-15", "2025-05-31")),
        ("since May", "2025-05-01", "2025-06-17", ("2025-03-14", "2025-04-30")),
        ("from May", "2025-05-01", "2025-05-31", ("2025-04-01", "2025-04-30")),
    ],
)
def test_each_phrase_is_a_window_with_one_before(text: str, start: str, end: str, before: tuple[str, str]) -> None:
    period = one(text)
    assert (period.window, period.previous) == (days(start, end), days(*before))


@pytest.mark.parametrize(
    "text",
    [
        "you may see that spend rose",
        "it may be high",
        "march on with the 2nd best campaign",
        "more than 2000 conversions",
        "between 2 and 4",
        "the past 24 hours",
        "FY2025",
        "show may spend",
    ],
)
def test_what_is_no_date_is_not_read_as_one(text: str) -> None:
    assert find_periods(text, TODAY) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("01/06/2025", "can be read in two ways"),
        ("31 June", "is no date of the calendar"),
        ("week 99", "is no date of the calendar"),
        ("in 2027", "lies in the future"),
        ("Q4 2025", "lies in the future"),
        ("last 0 days", "holds no day"),
        ("last 999999 days", "is no period of the calendar"),
        ("last 9000 days", "at most 3,700 are allowed"),
        ("from 2025-05-14 to 2025-05-01", "ends .* before it starts"),
        ("first week of June", "may be several weeks"),
    ],
)
def test_what_cannot_be_a_window_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(AgentRefused, match=says):
        find_periods(text, TODAY)


def test_a_period_that_began_today_has_no_complete_day() -> None:
    with pytest.raises(AgentRefused, match="'this week' has no complete day yet on 16 June 2025"):
        find_periods("this week", date(2025, 6, 16))


def test_today_is_only_counted_when_it_is_asked_for_and_marked() -> None:
    assert one("today").window == days("2025-06-18", "2025-06-18")
    assert one("today").remark == "today is not over"
    wider = one("last 7 days including today")
    assert wider.window == days("2025-06-12", "2025-06-18")
    assert wider.remark.endswith("includes today, which is not over")
    assert one("month to date including today").window.end == TODAY


def test_a_month_that_is_not_over_is_cut_and_marked() -> None:
    period = one("June 2025")
    assert period.window == days("2025-06-01", "2025-06-17")
    assert period.previous == days("2025-05-01", "2025-05-17")
    assert "is not over" in period.remark


def test_months_by_month_are_whole_months() -> None:
    assert one("last 6 months", grain="month").window == days("2024-12-01", "2025-05-31")
    assert one("last 4 weeks", grain="week").window == days("2025-05-19", "2025-06-15")


def test_two_windows_are_both_reported() -> None:
    assert [period.words for period in find_periods("last week and last month", TODAY)] == ["last week", "last month"]


@given(TODAYS, st.integers(1, 3000))
def test_counted_days_end_yesterday_and_border_on_the_window_before(today: date, count: int) -> None:
    period = one(f"past {count} days", today)
    assert (period.window.days, period.window.end) == (count, today - DAY)
    assert (period.previous.days, period.previous.end) == (count, period.window.start - DAY)


@given(TODAYS, st.sampled_from(["week", "month", "quarter", "year"]))
def test_a_calendar_unit_is_over_and_the_one_before_borders_on_it(today: date, unit: str) -> None:
    period = one(f"last {unit}", today)
    assert period.window.end < today
    assert period.previous.end + DAY == period.window.start


@given(TODAYS, st.sampled_from(["MTD", "QTD", "YTD", "this week"]))
def test_to_date_is_compared_with_no_day_of_its_own_and_with_no_more_days(today: date, words: str) -> None:
    try:
        period = one(words, today)
    except AgentRefused:
        return
    assert period.window.end == today - DAY
    assert period.previous.end < period.window.start
    assert abs(period.previous.days - period.window.days) <= 3


@given(TODAYS, TODAYS)
def test_iso_days_are_what_they_say_or_lie_in_the_future(today: date, day: date) -> None:
    if day > today:
        with pytest.raises(AgentRefused, match="lies in the future"):
            find_periods(day.isoformat(), today)
    else:
        assert one(day.isoformat(), today).window == Window(day, day)


@given(TODAYS, st.text(max_size=60))
def test_any_text_gives_windows_that_have_begun_or_a_refusal(today: date, text: str) -> None:
    try:
        found = find_periods(text, today)
    except AgentRefused:
        return
    assert all(period.window.start <= today and period.window.end <= today for period in found)
    assert all(period.previous.end - timedelta(days=1) < period.window.start for period in found)
