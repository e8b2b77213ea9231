"""Many phrases and the windows that they are, on Thursday 18 June 2026, and on days at the edges of the calendar."""

from __future__ import annotations

from datetime import date

import pytest

from interact.agents.analyst.windows import find_periods
from interact.errors import AgentRefused
from interact.warehouse.queries import Window

PHRASES = {
    "2026-06-11..2026-06-17": ("past 7 days; last 7 days; L7D; past week; latest 7 days"),
    "2026-05-19..2026-06-17": ("last 30 days; last 30d"),
    "2026-06-04..2026-06-17": (
        "the past fortnight; last fortnight; last 2 weeks; past two weeks; past 14d; most recent 14 days"
    ),
    "2026-06-08..2026-06-14": (
        "last week; previous week; prev week; last wk; last complete week; week 24; 2026-W24; 2026 w24; week 24 of 2026"
    ),
    "2026-05-01..2026-05-31": ("last month; last calendar month; the last full month; in May; May; 2026-05"),
    "2026-03-01..2026-05-31": ("last 3 complete months; last three full months; from March through May"),
    "2026-03-18..2026-06-17": ("past 3 months; past quarter"),
    "2025-06-18..2026-06-17": ("trailing 12 months; last 4 quarters; past year"),
    "2026-03-20..2026-06-17": ("rolling 90 days; last 90 days"),
    "2026-01-01..2026-03-31": ("last quarter; Q1; Q1 2026; Q1 this year; the first quarter of 2026; January to March"),
    "2025-01-01..2025-12-31": ("last year; in 2025; year 2025"),
    "2026-06-15..2026-06-17": ("this week; week to date; wtd; so far this week; this week so far; since Monday"),
    "2026-06-01..2026-06-17": (
        "this month; mtd; month to date; so far this month; since the beginning of the month; since 1 "
        "June; from 1 June until yesterday; from 1 June onwards; 1 June to now; June so far; June to "
        "date"
    ),
    "2026-04-01..2026-06-17": ("this quarter; quarter to date; qtd; Q2 to date"),
    "2026-01-01..2026-06-17": (
        "this year; ytd; year to date; the year so far; since the start of the year; H1; first half of "
        "this year; since January 2026"
    ),
    "2026-06-18..2026-06-18": ("today"),
    "2026-06-17..2026-06-17": ("yesterday"),
    "2026-06-16..2026-06-16": ("the day before yesterday"),
    "2026-06-15..2026-06-15": ("3 days ago; last Monday"),
    "2026-06-14..2026-06-14": (
        "last Sunday; 14 June; June 14th; the 14th of June 2026; 14 June 2026; 2026-06-14; 14/06/2026; "
        "06/14/2026; 14.06.2026"
    ),
    "2026-06-13..2026-06-14": ("last weekend; this past weekend"),
    "2026-02-23..2026-03-01": ("calendar week 9"),
    "2026-02-09..2026-02-15": ("wk 7"),
    "2026-06-01..2026-06-07": ("week of 1 June; week starting 1 June 2026; 1-7 June; the week before last"),
    "2025-10-01..2025-12-31": ("2025 Q4; Q4 last year; the quarter before last"),
    "2025-07-01..2025-09-30": ("third quarter of 2025"),
    "2025-07-01..2025-12-31": ("H2 2025; second half of last year"),
    "2025-01-01..2025-06-30": ("the first half of 2025"),
    "2025-05-01..2025-05-31": ("May 2025; May last year"),
    "2026-01-01..2026-01-31": ("in January this year"),
    "2025-12-01..2025-12-31": ("December; during December"),
    "2024-02-01..2024-02-29": ("February 2024"),
    "2026-06-01..2026-06-01": ("1 June"),
    "2026-05-05..2026-05-05": ("5/5/2026"),
    "2024-02-29..2024-02-29": ("29 February"),
    "2026-06-03..2026-06-14": ("from 3 to 14 June; 3 to 14 June; June 3 through 14"),
    "2026-05-01..2026-05-15": (
        "from 1 May to 15 May 2026; between 1 May and 15 May 2026; between 2026-05-01 and 2026-05-15; "
        "2026-05-01 to 2026-05-15"
    ),
    "2025-12-20..2026-01-10": ("from 20 December to 10 January"),
    "2026-05-01..2026-06-17": ("since May; since the start of May; from 1 May up to and including yesterday"),
    "2026-04-01..2026-04-30": ("the month before last"),
    "2026-06-12..2026-06-18": ("last 7 days including today"),
    "2026-06-01..2026-06-18": ("month to date including today"),
    "2026-01-01..2026-06-18": ("this year including today"),
    "2024-06-18..2026-06-17": ("the last 24 months; last 2 years"),
    "2026-05-18..2026-06-17": ("past month"),
    "2025-06-19..2026-06-17": ("last 52 weeks"),
    "2026-05-21..2026-06-17": ("previous 28 days"),
}
ODD_DAYS = {
    "2024-02-29": {
        "last month": ("2024-01-01", "2024-01-31"),
        "last week": ("2024-02-19", "2024-02-25"),
        "last 3 complete months": ("2023-11-01", "2024-01-31"),
        "past month": ("2024-01-29", "2024-02-28"),
        "mtd": ("2024-02-01", "2024-02-28"),
        "qtd": ("2024-01-01", "2024-02-28"),
        "last weekend": ("2024-02-24", "2024-02-25"),
        "since Monday": ("2024-02-26", "2024-02-28"),
        "week 24": ("2023-06-12", "2023-06-18"),
        "May": ("2023-05-01", "2023-05-31"),
        "December": ("2023-12-01", "2023-12-31"),
        "from 20 December to 10 January": ("2023-12-20", "2024-01-10"),
        "May last year": ("2023-05-01", "2023-05-31"),
        "this week": ("2024-02-26", "2024-02-28"),
        "last quarter": ("2023-10-01", "2023-12-31"),
        "the month before last": ("2023-12-01", "2023-12-31"),
    },
    "2026-03-31": {
        "last month": ("2026-02-01", "2026-02-28"),
        "past month": ("2026-02-28", "2026-03-30"),
        "past 3 months": ("2025-12-31", "2026-03-30"),
        "trailing 12 months": ("2025-03-31", "2026-03-30"),
        "last quarter": ("2025-10-01", "2025-12-31"),
        "Q1": ("2026-01-01", "2026-03-30"),
        "this month": ("2026-03-01", "2026-03-30"),
        "May": ("2025-05-01", "2025-05-31"),
        "last 2 weeks": ("2026-03-17", "2026-03-30"),
        "the month before last": ("2026-01-01", "2026-01-31"),
        "calendar week 9": ("2026-02-23", "2026-03-01"),
        "January to March": ("2026-01-01", "2026-03-30"),
        "this week": ("2026-03-30", "2026-03-30"),
    },
    "2026-01-01": {
        "last month": ("2025-12-01", "2025-12-31"),
        "last week": ("2025-12-22", "2025-12-28"),
        "last quarter": ("2025-10-01", "2025-12-31"),
        "last year": ("2025-01-01", "2025-12-31"),
        "yesterday": ("2025-12-31", "2025-12-31"),
        "this week": ("2025-12-29", "2025-12-31"),
        "since Monday": ("2025-12-29", "2025-12-31"),
        "last 3 complete months": ("2025-10-01", "2025-12-31"),
        "December": ("2025-12-01", "2025-12-31"),
        "Q4 last year": ("2025-10-01", "2025-12-31"),
        "past year": ("2025-01-01", "2025-12-31"),
        "trailing 12 months": ("2025-01-01", "2025-12-31"),
        "from 20 December to 10 January": ("2024-12-20", "2025-01-10"),
        "week 24": ("2025-06-09", "2025-06-15"),
    },
    "2025-12-31": {
        "last month": ("2025-11-01", "2025-11-30"),
        "last quarter": ("2025-07-01", "2025-09-30"),
        "last year": ("2024-01-01", "2024-12-31"),
        "ytd": ("2025-01-01", "2025-12-30"),
        "qtd": ("2025-10-01", "2025-12-30"),
        "mtd": ("2025-12-01", "2025-12-30"),
        "this week": ("2025-12-29", "2025-12-30"),
        "last 4 quarters": ("2024-12-31", "2025-12-30"),
        "H1": ("2025-01-01", "2025-06-30"),
        "Q4 last year": ("2024-10-01", "2024-12-31"),
        "the quarter before last": ("2025-04-01", "2025-06-30"),
        "December": ("2025-12-01", "2025-12-30"),
    },
}


def window(text: str, today: date) -> Window:
    (period,) = find_periods(text, today)
    return period.window


@pytest.mark.parametrize(
    ("phrase", "start", "end"),
    [(phrase, *days.split("..")) for days, phrases in PHRASES.items() for phrase in phrases.split("; ")],
)
def test_a_phrase_is_a_window(phrase: str, start: str, end: str) -> None:
    assert window(phrase, date(2026, 6, 18)) == Window(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("today", "phrase", "start", "end"),
    [(today, phrase, *days) for today, phrases in ODD_DAYS.items() for phrase, days in phrases.items()],
)
def test_a_phrase_is_a_window_at_the_edges_of_the_calendar(today: str, phrase: str, start: str, end: str) -> None:
    found = window(phrase, date.fromisoformat(today))
    assert found == Window(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("03/04/2026", "3 April 2026 or 4 March 2026"),
        ("1/2/2026", "1 February 2026 or 2 January 2026"),
        ("03.04.26", "can be read in two ways"),
        ("31/31/2026", "is no date of the calendar"),
        ("December 2026", "lies in the future"),
        ("week 40 of 2026", "lies in the future"),
        ("from 1 June to 30 June 2027", "lies in the future|ends"),
    ],
)
def test_a_date_that_is_none_or_two_is_refused(text: str, says: str) -> None:
    with pytest.raises(AgentRefused, match=says):
        find_periods(text, date(2026, 6, 18))


@pytest.mark.parametrize("text", ["FY2025", "Black Friday", "on Monday", "since last summer"])
def test_what_the_calendar_does_not_hold_is_no_window(text: str) -> None:
    assert find_periods(text, date(2026, 6, 18)) == []
