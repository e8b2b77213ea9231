"""Expected times by brute force: look at every UTC minute through zoneinfo, and match five fields by hand.

Nothing here knows how the product computes them, and nothing asks croniter.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
NAMES = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}


@dataclass(frozen=True)
class Look:
    """What a clock on the wall shows at one UTC minute."""

    instant: datetime
    wall: datetime
    is_first_pass: bool
    left_out: tuple[datetime, ...]
    """The minutes between the last one that it showed and this one."""


def looks(timezone: str, begin: datetime, end: datetime) -> list[Look]:
    """Look at a zone's clock at every UTC minute with begin <= instant < end, and remember more than a day before."""
    zone, found = ZoneInfo(timezone), []
    instant = begin - timedelta(hours=26)
    shown: set[datetime] = set()
    previous = instant.astimezone(zone).replace(tzinfo=None)
    while instant < end:
        wall = instant.astimezone(zone).replace(tzinfo=None)
        missing = int((wall - previous) / MINUTE) - 1
        left_out = tuple(previous + MINUTE * (number + 1) for number in range(missing))
        if instant >= begin:
            found.append(Look(instant, wall, wall not in shown, left_out))
        shown.add(wall)
        previous, instant = wall, instant + MINUTE
    return found


def due(fields: str, seen: list[Look]) -> list[datetime]:
    """Return the instants at which five fields fall due, by rules 7 and 8 as they are written."""
    minute, hour = fields.split()[:2]
    matches = Matcher(fields)
    if minute.startswith("*") or hour.startswith("*"):
        return [look.instant for look in seen if matches(look.wall)]
    return [
        look.instant
        for look in seen
        if (look.is_first_pass and matches(look.wall)) or any(matches(wall) for wall in look.left_out)
    ]


class Matcher:
    """Says whether a wall clock minute is named by five fields."""

    def __init__(self, fields: str) -> None:
        minute, hour, self.day, month, self.weekday = fields.lower().split()
        self.minutes = set(numbers(minute, 0, 59))
        self.hours = set(numbers(hour, 0, 23))
        self.months = set(numbers(month, 1, 12, NAMES))
        self.days: dict[date, bool] = {}

    def __call__(self, wall: datetime) -> bool:
        if wall.minute not in self.minutes or wall.hour not in self.hours:
            return False
        day = wall.date()
        if day not in self.days:
            self.days[day] = day.month in self.months and self.is_named(day)
        return self.days[day]

    def is_named(self, day: date) -> bool:
        by_number, by_weekday = self.day not in "*?", self.weekday not in "*?"
        if by_number and by_weekday:
            return self.is_number(day) or self.is_weekday(day)
        if by_number:
            return self.is_number(day)
        return not by_weekday or self.is_weekday(day)

    def is_number(self, day: date) -> bool:
        last = calendar.monthrange(day.year, day.month)[1]
        if "w" in self.day:
            wanted = min(int(self.day.replace("w", "")), last)
            near = [day.replace(day=number) for number in range(1, last + 1)]
            workdays = [each for each in near if each.weekday() < 5]
            return day == min(workdays, key=lambda each: abs(each.day - wanted))
        items = self.day.split(",")
        if "l" in items and day.day == last:
            return True
        plain = [item.replace("-l", "-31") for item in items if item != "l"]
        return any(day.day in numbers(item, 1, 31) for item in plain)

    def is_weekday(self, day: date) -> bool:
        return any(self.is_weekday_item(item, day) for item in self.weekday.split(","))

    def is_weekday_item(self, item: str, day: date) -> bool:
        number = day.isoweekday() % 7
        last = calendar.monthrange(day.year, day.month)[1]
        if item.startswith("l"):
            return number == int(item[1:]) % 7 and day.day > last - 7
        if "#" in item:
            weekday, nth = item.split("#")
            return number in whole_week(weekday) and (day.day - 1) // 7 + 1 == int(nth)
        return number in whole_week(item)


def whole_week(item: str) -> set[int]:
    """Return weekdays with Sunday as 0."""
    return {number % 7 for number in numbers(item, 0, 6, DAYS)}


def numbers(field: str, low: int, high: int, names: dict[str, int] | None = None) -> Iterator[int]:
    """Yield the values that a field of numbers, names, ranges, steps and lists names."""
    for item in field.split(","):
        span, _, step = item.partition("/")
        begin, _, end = span.partition("-")
        if span == "*":
            first, last = low, high
        else:
            first = number_of(begin, names)
            last = number_of(end, names) if end else (high if step else first)
        if last < first:  # round the end: 22-2, FRI-MON
            last += high - low + 1
        for value in range(first, last + 1, int(step or 1)):
            yield low + (value - low) % (high - low + 1) if value > high else value


def number_of(text: str, names: dict[str, int] | None) -> int:
    return (names or {}).get(text) if text in (names or {}) else int(text)
