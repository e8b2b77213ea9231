"""A schedule in words.

`cron_descriptor` has the words for the shapes that it describes as croniter runs them. It is wrong about others: steps
that do not divide the hour (`*/45`), every minute of a list of hours, lists with L or #, ranges of days of the week
beside days of the month. So it sees values in shapes that it is right about, and the rest is said here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from interact.schedules.days import LAST, Days
from interact.schedules.occurrences import Schedule

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NTH = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", LAST: "last"}
_FEW = 8
_EVERY_DAY = frozenset(range(7))


def describe(schedule: Schedule) -> str:
    """Return a schedule in one line of words, with a 24-hour clock and without its zone."""
    parsed = schedule.parsed
    if parsed.days.business:
        at = schedule.times[0].strftime("%H:%M") + ("" if parsed.minutes else ", the start of business")
        return f"At {at}, on the {parsed.days.business} business day of the month"
    days = _days(parsed.days) + _months(parsed.days.months)
    every_day = ", every day" if not days and len(parsed.hours) < 24 else ""
    return _times(parsed.minutes, parsed.hours) + (days or every_day)


def either_days(days: Days) -> tuple[str, str] | None:
    """Return both halves of "either will do" in words, None when only one of the two day fields is set."""
    if days.numbers is None or days.weekdays is None:
        return None
    named = [WEEKDAYS[day] for day in sorted(days.weekdays)]
    run = len(named) > 2 and _is_run(sorted(days.weekdays))
    return f"on {_numbers(days.numbers)}", f"on any {f'day from {named[0]} to {named[-1]}' if run else joined(named)}"


def joined(words: Iterable[object]) -> str:
    """Return words as one list: a, b and c."""
    *most, last = [str(word) for word in words]
    return f"{', '.join(most)} and {last}" if most else last


def _times(minutes: Sequence[int], hours: Sequence[int]) -> str:
    every_minute, every_hour = _evenly(minutes, 60), _evenly(hours, 24)
    if len(hours) == 24:
        return _library(every_minute or _listed(minutes), "*")
    if len(minutes) * len(hours) <= _FEW:
        return f"At {joined(f'{hour:02}:{minute:02}' for hour in hours for minute in minutes)}"
    if len(minutes) == 1 and every_hour:
        return _library(str(minutes[0]), every_hour)
    if every_minute and _is_run(hours):
        return _library(every_minute, f"{hours[0]}-{hours[-1]}")
    span = f"from {hours[0]:02}:{minutes[0]:02} to {hours[-1]:02}:{minutes[-1]:02}"
    if len(minutes) == 1 and _is_run(hours):
        return f"Every hour {span}"
    at = _library(every_minute or _listed(minutes), "*")
    return f"{at}, {span}" if _is_run(hours) else f"{at}, in the hours {joined(f'{hour:02}' for hour in hours)}"


def _days(days: Days) -> str:
    if days.nearest:
        return f", on the {_nearest(days.nearest)}"
    if days.nth:
        return f", on the {_nth(days.nth)} of the month"
    if days.weekdays == _EVERY_DAY or (days.numbers and days.numbers >= frozenset(range(1, 32))):
        return ""
    if either := either_days(days):
        return f", {either[0]} or {either[1]}"
    return f", on {_numbers(days.numbers)}" if days.numbers else _weekdays(sorted(days.weekdays or ()))


def _nearest(number: int) -> str:
    if number == 1:
        return "first day from Monday to Friday of the month"
    short = " (its last day where that is earlier)" if number > 28 else ""
    return f"day from Monday to Friday nearest day {number} of the month{short}"


def _nth(nth: Collection[tuple[int, int]]) -> str:
    ordered = sorted(nth, key=lambda each: (each[1] % 7, each[0]))
    return joined(f"{_NTH[which]} {WEEKDAYS[day]}" for day, which in ordered)


def _numbers(numbers: Collection[int]) -> str:
    """Return days of the month in words."""
    plain = sorted(number for number in numbers if number != LAST)
    words = []
    if len(plain) > 2 and _is_run(plain):
        words.append(f"days {plain[0]} to {plain[-1]}")
    elif plain:
        words.append(f"day{'s' if len(plain) > 1 else ''} {joined(plain)}")
    if LAST in numbers:
        words.append("the last day")
    return f"{' and '.join(words)} of the month"


def _weekdays(weekdays: Sequence[int]) -> str:
    if not weekdays:
        return ""
    in_cron = [(day + 1) % 7 for day in weekdays]
    return _library("0", "0", weekdays=_listed(in_cron)).removeprefix("At 00:00")


def _months(months: Collection[int]) -> str:
    if len(months) == 12:
        return ""
    return _library("0", "0", months=_listed(sorted(months))).removeprefix("At 00:00")


def _library(minutes: str, hours: str, *, months: str = "*", weekdays: str = "*") -> str:
    from cron_descriptor import ExpressionDescriptor, Options  # type: ignore[import-untyped]

    options = Options()
    options.use_24hour_time_format, options.locale_code = True, "en_US"
    fields = f"{minutes} {hours} * {months} {weekdays}"
    return str(ExpressionDescriptor(fields, options).get_description()).replace(" through ", " to ")


def _evenly(values: Sequence[int], size: int) -> str | None:
    """Return values as a step that divides its field without a rest, None when they are none."""
    step, rest = divmod(size, len(values))
    if rest or len(values) == 1 or list(values) != list(range(0, size, step)):
        return None
    return "*" if step == 1 else f"*/{step}"


def _is_run(values: Sequence[int]) -> bool:
    return list(values) == list(range(values[0], values[0] + len(values)))


def _listed(values: Sequence[int]) -> str:
    if len(values) > 2 and _is_run(values):
        return f"{values[0]}-{values[-1]}"
    return ",".join(str(value) for value in values)
