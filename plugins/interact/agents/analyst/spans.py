"""Arithmetic with calendar units: whole weeks (from Monday), months, quarters, halves and years."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Literal

from interact.warehouse.queries import Window

Unit = Literal["day", "week", "month", "quarter", "half", "year"]
MONTHS: dict[Unit, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
DAY = timedelta(days=1)
MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def add_months(day: date, months: int) -> date:
    """Return the same day of another month, or that month's last day; raises ValueError outside years 1 to 9999."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))


def whole(unit: Unit, day: date) -> Window:
    """Return the calendar unit that holds a day."""
    if unit == "day":
        return Window(day, day)
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return Window(monday, monday + timedelta(days=6))
    length = MONTHS[unit]
    start = date(day.year, (day.month - 1) // length * length + 1, 1)
    return Window(start, add_months(start, length) - DAY)


def back(unit: Unit, day: date, count: int) -> date:
    """Return the day `count` units earlier."""
    if unit in MONTHS:
        return add_months(day, -count * MONTHS[unit])
    return day - timedelta(days=count * (7 if unit == "week" else 1))


def is_whole_months(window: Window) -> bool:
    """Tell whether a window begins with a month's first day and ends with a month's last."""
    return window.start.day == 1 and (window.end + DAY).day == 1


def months_in(window: Window) -> int:
    """Return the number of calendar months that a window touches."""
    return (window.end.year - window.start.year) * 12 + window.end.month - window.start.month + 1


def preceding(window: Window) -> Window:
    """Return what lies before: as many whole months before whole months, else as many days."""
    if is_whole_months(window):
        return Window(add_months(window.start, -months_in(window)), window.start - DAY)
    return window.before()


def year_before(window: Window, *, weekdays: bool) -> Window:
    """Return the same dates a year earlier; with `weekdays` 52 weeks earlier, so that a Monday meets a Monday."""
    if weekdays:
        return Window(window.start - 52 * 7 * DAY, window.end - 52 * 7 * DAY)
    return same_dates(window, 12)


def same_dates(window: Window, months: int) -> Window:
    """Return the same dates some months earlier; whole months stay whole."""
    end = add_months(window.end, -months)
    return Window(add_months(window.start, -months), whole("month", end).end if is_whole_months(window) else end)


def in_words(window: Window) -> str:
    """Return a window as people write it: 9–15 November 2026."""
    start, end = window.start, window.end
    if start == end:
        return day_in_words(end)
    if start.year != end.year:
        return f"{day_in_words(start)} – {day_in_words(end)}"
    if start.month != end.month:
        return f"{start.day} {MONTH_NAMES[start.month - 1]} – {day_in_words(end)}"
    return f"{start.day}–{day_in_words(end)}"


def day_in_words(day: date) -> str:
    """Return a day as people write it, the same in every locale: 9 November 2026."""
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"
