"""What people write, read into a value: five cron fields, or a shortcut."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from functools import lru_cache

from interact.errors import ScheduleRefused
from interact.schedules.days import LAST, Days
from interact.schedules.fields import read_fields

LONGEST_TEXT = 200
SHORTCUTS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
BUSINESS = ("@first-weekday", "@last-weekday")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_EXAMPLE = "Write five fields (minute, hour, day of month, month, day of week), as '0 8 * * MON', or a shortcut"
_KNOWN = f"{', '.join(SHORTCUTS)}, @first-weekday and @last-weekday (both with a time if you like, as 09:30)"


@dataclass(frozen=True)
class Expression:
    """A schedule as it was written, and what it means. It has no zone, and no start of business."""

    text: str
    days: Days
    minutes: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    """Both empty: at the start of business."""
    fields: tuple[str, ...] = ()
    """The five fields; empty for business days."""

    @property
    def follows_clock(self) -> bool:
        """Whether it takes every minute that the clock on the wall shows, twice when it shows it twice.

        Otherwise its times are fixed, and each comes once a day. What decides is a minute or an hour field that begins
        with `*`.
        """
        return any(field.startswith("*") for field in self.fields[:2])

    def times(self, start_of_business: time) -> list[time]:
        """Return its times of day, ascending."""
        if not self.minutes:
            return [start_of_business]
        return [time(hour, minute) for hour in self.hours for minute in self.minutes]


def parse(text: str) -> Expression:
    """Return the expression that a text is; raises ScheduleRefused, which names the field, the value and its range."""
    if not isinstance(text, str):
        raise ScheduleRefused("Schedule", text, f"is no text. {_EXAMPLE}: {_KNOWN}.")
    if len(text) > LONGEST_TEXT:
        raise ScheduleRefused("Schedule", text, f"has {len(text):,} characters; it takes at most {LONGEST_TEXT}.")
    return _parse(" ".join(text.split()))


@lru_cache(maxsize=1024)
def _parse(text: str) -> Expression:
    words = text.split()
    if not words:
        raise ScheduleRefused("Schedule", text, f"is empty. {_EXAMPLE}: {_KNOWN}.")
    shortcut = words[0].lower()
    if shortcut in BUSINESS:
        return _business(text, shortcut, words[1:])
    if shortcut.startswith("@"):
        return _cron(text, _fields_of_shortcut(text, shortcut, words[1:]))
    if len(words) != 5:
        raise ScheduleRefused("Schedule", text, _wrong_count(len(words)))
    return _cron(text, words)


def _business(text: str, shortcut: str, more: list[str]) -> Expression:
    days = Days(business="first" if shortcut == "@first-weekday" else "last")
    if not more:
        return Expression(text, days)
    found = _TIME.fullmatch(more[0])
    if found is None or len(more) > 1:
        raise ScheduleRefused(
            "Schedule",
            text,
            f"has {' '.join(more)!r} as its time; a time is written with two digits each, 00:00 to 23:59, "
            f"as '{shortcut} 09:30'. Without one it is the start of business.",
        )
    return Expression(text, days, minutes=(int(found[2]),), hours=(int(found[1]),))


def _fields_of_shortcut(text: str, shortcut: str, more: list[str]) -> list[str]:
    if shortcut == "@every":
        raise ScheduleRefused(
            "Schedule", text, "counts from no fixed time. Write the minutes, as '*/5 * * * *' for every five of them."
        )
    if shortcut == "@reboot":
        raise ScheduleRefused(
            "Schedule", text, "names no time: nothing here starts with a machine. Write when, as '0 8 * * MON'."
        )
    if shortcut not in SHORTCUTS:
        raise ScheduleRefused(
            "Schedule", text, f"is no shortcut; there are {_KNOWN}. Write one of them, or five fields."
        )
    if more:
        raise ScheduleRefused(
            "Schedule", text, f"names a time, which {shortcut} does not take. Write five fields, as '30 9 * * *'."
        )
    return SHORTCUTS[shortcut].split()


def _wrong_count(count: int) -> str:
    extra = {6: " Seconds are no field here.", 7: " Seconds and years are no fields here."}.get(count, "")
    fields = "1 field" if count == 1 else f"{count} fields"
    return f"has {fields}; a schedule has exactly 5.{extra} {_EXAMPLE}."


def _cron(text: str, fields: list[str]) -> Expression:
    (minutes, hours, numbers, months, weekdays), nth = read_fields(text, fields)
    in_month = {(_monday_first(day), LAST if which == "l" else which) for day, each in nth.items() for which in each}
    nearest = int(numbers[0]) if "w" in fields[2].lower() else None
    days = Days(
        months=frozenset(_all_of(months, 1, 12)),
        numbers=None if nearest or "*" in numbers else frozenset(LAST if day == "l" else day for day in numbers),
        nearest=nearest,
        weekdays=None if in_month or "*" in weekdays else frozenset(_monday_first(day) for day in weekdays),
        nth=frozenset(in_month),
    )
    if not days.ever():
        raise ScheduleRefused(
            "Schedule",
            text,
            f"never comes: no year has the day of month {fields[2].upper()!r} in the month {fields[3].upper()!r}. "
            "Write a day that the month has; L is its last.",
        )
    return Expression(text, days, minutes=_all_of(minutes, 0, 59), hours=_all_of(hours, 0, 23), fields=tuple(fields))


def _monday_first(day: int) -> int:
    """Return a weekday of cron, whose Sunday is 0, as `date.weekday()` counts."""
    return (day - 1) % 7


def _all_of(values: list[int | str], low: int, high: int) -> tuple[int, ...]:
    return tuple(range(low, high + 1)) if "*" in values else tuple(sorted(int(value) for value in values))
