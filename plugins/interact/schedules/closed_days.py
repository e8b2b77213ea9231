"""The holidays that lie ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from interact.schedules.working_days import Calendar

_DAYS = 400
"""A year and some weeks: what comes once a year is among them."""


@dataclass(frozen=True)
class ClosedDay:
    """One holiday; `is_weekend` is true for one on a day when nobody works anyway."""

    day: date
    name: str
    is_weekend: bool


def closed_days(calendar: Calendar, *, after: date, count: int = 8) -> tuple[ClosedDay, ...]:
    """Return the next holidays of a calendar later than a day, at most `count` and within a year and some weeks."""
    found: list[ClosedDay] = []
    for number in range(1, _DAYS + 1):
        day = after + timedelta(days=number)
        name = calendar.holiday(day)
        if name:
            found.append(ClosedDay(day, name, day.weekday() in calendar.weekend))
        if len(found) == count:
            break
    return tuple(found)
