"""The five fields of a cron expression: what each takes, and a sentence for what it does not take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from interact.errors import ScheduleRefused

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
Read = tuple[list[list[Any]], dict[int, set[Any]]]
_HASHED = re.compile(r"([hrHR])(\(.*\))?(/.*)?", re.ASCII)
_STEP = re.compile(r".+/(\d+)", re.ASCII)
_RANGE = re.compile(r"(\w+)-(\w+)(?:/\d+)?", re.ASCII)
_NTH = re.compile(r"(?:\w+-)?\w+#\d+|l\d+", re.ASCII)


@dataclass(frozen=True)
class Field:
    """One of the five."""

    name: str
    place: int
    low: int
    high: int
    takes: str
    """Its range and its own signs, for a sentence."""
    names: tuple[str, ...] = ()

    @property
    def longest_step(self) -> int:
        """The longest step that still leads from one value to another."""
        return (6 if self.name == "day of week" else self.high) - self.low

    def number(self, value: str) -> int | None:
        """Return a number or a name as a number; a Sunday is 0."""
        if value.lower() in self.names:
            return self.names.index(value.lower()) + self.low
        if not (value.isascii() and value.isdigit()):
            return None
        return 0 if self.name == "day of week" and int(value) == 7 else int(value)


FIELDS = (
    Field("minute", 0, 0, 59, "0 to 59"),
    Field("hour", 1, 0, 23, "0 to 23"),
    Field("day of month", 2, 1, 31, "1 to 31, L (the last day) and W (15W, the weekday nearest the 15th)"),
    Field("month", 3, 1, 12, "1 to 12 or JAN to DEC", MONTHS),
    Field(
        "day of week",
        4,
        0,
        7,
        "0 to 7 (0 and 7 are Sunday) or SUN to SAT, FRI#1 (the first Friday of the month) and L5 (the last)",
        WEEKDAYS,
    ),
)
_SHAPES = "a value, a range 1-5, a list 1,3 or a step */2"


def read_fields(text: str, values: list[str]) -> Read:
    """Return what croniter makes of five fields: their values, and the weekdays of the month.

    Raises ScheduleRefused for what it does not read, and for what it reads as nobody means it.
    """
    from croniter import CroniterError, croniter  # type: ignore[import-untyped]

    surprise = next(_surprises(values), None)
    if surprise is None:
        try:
            read: Read = croniter.expand(" ".join(values))
        except CroniterError:
            unread = (_why(*each) for each in zip(FIELDS, values, strict=True) if not _is_read(*each))
            surprise = next(unread, f"its fields do not go together; each takes {_SHAPES}.")
        else:
            return read
    raise ScheduleRefused("Schedule", text, f"cannot be used: {surprise}")


def _surprises(values: list[str]) -> Iterator[str]:
    """Yield what is wrong although croniter reads it, or what is said better here."""
    if mixture := _mixture(values[4]):
        yield mixture
    for field, value in zip(FIELDS, values, strict=True):
        yield from (fact for item in value.split(",") if (fact := _surprise(field, item)))
    if ignored := _ignored(values):
        yield ignored


def _surprise(field: Field, item: str) -> str | None:
    """Say what croniter would make of an item that looks harmless; None when it makes what it says."""
    if hashed := _HASHED.fullmatch(item):
        chosen = "a random value" if hashed[1] in "rR" else "a value that Jenkins would choose"
        return (
            f"the {field.name} field holds {item!r}, {chosen}, and here each time is known beforehand; "
            f"it takes {field.takes}."
        )
    step = _STEP.fullmatch(item)
    if step and not 1 <= int(step[1]) <= field.longest_step:
        return (
            f"the {field.name} field holds {item!r}, whose step never leads to a second value; "
            f"a step takes 1 to {field.longest_step}, since each field begins anew. Write the values that you mean."
        )
    ends = _RANGE.fullmatch(item)
    if ends and ends[1] != "0" and field.number(ends[1]) == field.number(ends[2]) is not None:
        return (
            f"the {field.name} field holds {item!r}, which cron reads as every value. "
            f"Write {ends[1].upper()!r} for that one, or '*' for all."
        )
    return None


def _is_read(field: Field, value: str) -> bool:
    from croniter import CroniterError, croniter

    fields = ["*"] * 5
    fields[field.place] = value
    try:
        croniter.expand(" ".join(fields))
    except CroniterError:
        return False
    return True


def _why(field: Field, value: str) -> str:
    """Say which item of a field is not read, and what the field takes."""
    bad = next((item for item in value.split(",") if not _is_read(field, item)), None)
    holds = f"the {field.name} field holds"
    if bad is None:
        return f"{holds} {value!r}, and W goes into no list. Write one of them, or make a job for each."
    if not bad:
        return f"{holds} {value!r}, which lacks a value beside a comma; it takes {field.takes}."
    if field.name == "day of month" and bad.lower() in ("lw", "wl"):
        return f"{holds} {bad!r}. Write '@last-weekday 08:00', which is the last business day of each month."
    if field.name == "day of week" and re.fullmatch(r"[0-7][lL]", bad):
        return f"{holds} {bad!r}; the last one of a month is written 'L{bad[0]}'."
    if "?" in bad:
        return f"{holds} {bad!r}; '?' stands alone, for any day, in the two day fields. Write '*'."
    outside = [number for number in re.findall(r"\d+", bad, re.ASCII) if not field.low <= int(number) <= field.high]
    also = f" with {outside[0]!r} in it" if outside and outside != [bad] else ""
    return f"{holds} {bad!r}{also}; it takes {field.takes}: {_SHAPES}."


def _mixture(weekday: str) -> str | None:
    """Say that a list has weekdays of the month and whole ones, of which croniter heeds the former only."""
    if len(set(_of_month(weekday))) < 2:
        return None
    return (
        f"the day of week field holds {weekday!r}, which mixes weekdays of the month (# or L) with whole ones. "
        "Make a job for each."
    )


def _ignored(values: list[str]) -> str | None:
    """Say which day field croniter would ignore because of the other; None when it heeds both."""
    number, weekday = values[2], values[4]
    is_nearest = "w" in number.lower()
    if number in ("*", "?") or weekday in ("*", "?") or not (is_nearest or any(_of_month(weekday))):
        return None
    sign, kept, ignored = ("W", FIELDS[2], FIELDS[4]) if is_nearest else ("# or L", FIELDS[4], FIELDS[2])
    return (
        f"the {kept.name} field holds {values[kept.place]!r}, and with {sign} there cron ignores the "
        f"{ignored.name} field, which holds {values[ignored.place]!r}. Write '*' into the {ignored.name} field."
    )


def _of_month(weekday: str) -> list[bool]:
    return [bool(_NTH.fullmatch(item.lower())) for item in weekday.split(",")]
