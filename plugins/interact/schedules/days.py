"""The days that an expression names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from interact.schedules.working_days import Calendar

LAST = -1
"""As a day's number or an nth weekday: the last one of the month."""
# A leap day on each weekday, and each month beginning on each weekday, comes within 28 years.
_ALL_KINDS_OF_YEARS = range(2000, 2028)


@dataclass(frozen=True)
class Days:
    """What a day has to be; None leaves a thing open. Days of the month and weekdays both named: either will do."""

    months: frozenset[int] = frozenset(range(1, 13))
    numbers: frozenset[int] | None = None
    """Days of the month; LAST is the last."""
    nearest: int | None = None
    """The weekday, Monday to Friday, that is nearest to this day of the month, within the month."""
    weekdays: frozenset[int] | None = None
    """As `date.weekday()` counts: Monday is 0."""
    nth: frozenset[tuple[int, int]] = frozenset()
    """Weekdays with their number in the month, or LAST."""
    business: Literal["first", "last"] | None = None
    """The first or the last business day of the month."""

    def include(self, day: date, calendar: Calendar) -> bool:
        """Return whether a day is one of them."""
        if day.month not in self.months:
            return False
        if self.business:
            return _is_outermost(self.business, day, calendar)
        if self.nearest:
            return day.day == nearest_weekday(day.year, day.month, self.nearest)
        if self.nth:
            return self._is_nth(day)
        if self.numbers is None:
            return self.weekdays is None or day.weekday() in self.weekdays
        return self._is_numbered(day) or (self.weekdays is not None and day.weekday() in self.weekdays)

    def ever(self) -> bool:
        """Return whether there is such a day at all: there is no 30 February."""
        return self.business is not None or any(self.include(day, Calendar()) for day in self._candidates())

    def _candidates(self) -> Iterator[date]:
        for year in _ALL_KINDS_OF_YEARS:
            for month in sorted(self.months):
                yield from (date(year, month, number) for number in range(1, month_length(year, month) + 1))

    def _is_numbered(self, day: date) -> bool:
        numbers = self.numbers or frozenset()
        return day.day in numbers or (LAST in numbers and day.day == month_length(day.year, day.month))

    def _is_nth(self, day: date) -> bool:
        if (day.weekday(), (day.day + 6) // 7) in self.nth:
            return True
        return (day.weekday(), LAST) in self.nth and day.day + 7 > month_length(day.year, day.month)


@lru_cache(maxsize=4096)
def month_length(year: int, month: int) -> int:
    """Return how many days a month has."""
    return (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day


def nearest_weekday(year: int, month: int, number: int) -> int:
    """Return the day of the month, Monday to Friday, nearest to a day number; a short month's last day stands in."""
    last = month_length(year, month)
    number = min(number, last)
    weekday = date(year, month, number).weekday()
    if weekday == 5:
        return number - 1 if number > 1 else number + 2
    if weekday == 6:
        return number + 1 if number < last else number - 2
    return number


def _is_outermost(which: Literal["first", "last"], day: date, calendar: Calendar) -> bool:
    if not calendar.is_business_day(day):
        return False
    beyond = calendar.previous_business_day(day) if which == "first" else calendar.next_business_day(day)
    return beyond.month != day.month or beyond.year != day.year
