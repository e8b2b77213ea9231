"""A schedule for people: in words, and its next dates with what is special about each."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from interact.schedules.days import LAST, month_length
from interact.schedules.occurrences import Occurrence, Schedule, passes_of
from interact.schedules.wording import WEEKDAYS, describe, either_days, joined

__all__ = ["Preview", "PreviewDate", "describe", "preview"]

_AN_INSTANT = timedelta(microseconds=1)
# A schedule whose times all are holidays lists so many days of them, and no more.
_MOST_SKIPPED = 30


@dataclass(frozen=True)
class PreviewDate:
    """One date of a preview."""

    due_at: datetime
    """In the schedule's zone."""
    offset: str
    """From UTC, as `+01:00`."""
    note: str | None
    """What is special: a change of the clocks, a holiday."""


@dataclass(frozen=True)
class Preview:
    """A schedule in words, with its next dates."""

    words: str
    timezone: str
    notes: tuple[str, ...]
    """Sentences about the whole: what could surprise."""
    dates: tuple[PreviewDate, ...]
    """Ascending; those that a holiday skips are among them, with a note."""


def preview(schedule: Schedule, *, after: datetime, count: int = 5) -> Preview:
    """Return a schedule in words and its next dates: `count` that run, and those that a holiday skips among them."""
    dates: list[PreviewDate] = []
    before, running = after.astimezone(schedule.zone).utcoffset(), 0
    for occurrence in _next(schedule, after, count):
        running += not occurrence.skipped
        due_at = occurrence.due_at.astimezone(schedule.zone)
        parts = [_holiday_note(occurrence), *_clock_notes(schedule, due_at, before)]
        dates.append(PreviewDate(due_at, offset_of(due_at), "; ".join(part for part in parts if part) or None))
        before = due_at.utcoffset()
    notes = [*_notes(schedule, after), *_unknown_years(schedule, dates)]
    if dates and not running:
        notes.append(f"None of the next {len(dates)} dates runs: all of them are holidays.")
    return Preview(describe(schedule), schedule.timezone, tuple(notes), tuple(dates))


def offset_of(instant: datetime) -> str:
    """Return an aware instant's offset from UTC, as `+01:00`."""
    return instant.isoformat(timespec="seconds")[19:]


def _next(schedule: Schedule, after: datetime, count: int) -> Iterator[Occurrence]:
    """Yield `count` that run, and the first that is skipped of each day between them."""
    running, skipped = 0, set[date]()
    for occurrence in schedule.after(after):
        day = occurrence.due_at.astimezone(schedule.zone).date()
        if occurrence.skipped and day in skipped:
            continue
        if running == count or len(skipped) == _MOST_SKIPPED:
            return
        yield occurrence
        if occurrence.skipped:
            skipped.add(day)
        else:
            running += 1


def _holiday_note(occurrence: Occurrence) -> str | None:
    if occurrence.skipped:
        return f"skipped: {occurrence.holiday}"
    if occurrence.moved_from:
        return f"moved from {occurrence.moved_from:%A} {occurrence.moved_from.isoformat()}: {occurrence.holiday}"
    return None


def _clock_notes(schedule: Schedule, due_at: datetime, before: timedelta | None) -> Iterator[str]:
    """Yield what a change of the clocks means for a date; `before` is the offset of the date before it."""
    wall = due_at.replace(tzinfo=None, fold=0)
    if len(passes_of(wall, schedule.zone)) == 2:
        which = "second" if due_at.fold else "first"
        yield f"the clocks go back and show {wall:%H:%M} twice; this is the {which}"
    elif lost := _lost(schedule, due_at):
        yield f"the clocks go forward and leave out {joined(lost)}; this is the first moment after"
    elif due_at.utcoffset() != before:
        yield f"the clocks have changed: {offset_of(due_at)} from now on"


def _lost(schedule: Schedule, due_at: datetime) -> list[str]:
    """Return the times in the gap that ends at an instant, which come at this instant instead."""
    if schedule.parsed.follows_clock:
        return []
    wall = due_at.replace(tzinfo=None, fold=0)
    begins = (due_at.astimezone(UTC) - _AN_INSTANT).astimezone(schedule.zone).replace(tzinfo=None, fold=0) + _AN_INSTANT
    days = {wall.date()} | {day for day in (begins.date(),) if schedule.parsed.days.include(day, schedule.calendar)}
    walls = sorted(datetime.combine(day, at) for day in days for at in schedule.times)
    return [f"{each:%H:%M}" for each in walls if begins <= each < wall]


def _notes(schedule: Schedule, after: datetime) -> Iterator[str]:
    days = schedule.parsed.days
    if either := either_days(days):
        yield (
            f"Day of month and day of week are both set, and either will do here: it runs {either[0]}, "
            f"and {either[1]} as well. Put '*' into one of the two fields to have only the other."
        )
    if days.business:
        yield f"{_business_days(schedule)} {_holidays(schedule)}"
    if days.numbers and not days.weekdays and LAST not in days.numbers and max(days.numbers) > _shortest(days.months):
        lacking = f"A month without a day {max(days.numbers)} leaves that day out"
        if max(days.numbers) == 29:
            lacking = "February has a day 29 in leap years only, and other years leave it out"
        yield f"{lacking}; 'L' is the last day of every month."
    if schedule.on_holiday != "run" and not days.business:
        yield f"{_HOLIDAY_RULES[schedule.on_holiday]} {_holidays(schedule)}"
    if _changes_clocks(schedule, after):
        yield _CLOCK_RULES[schedule.parsed.follows_clock]


_HOLIDAY_RULES = {
    "skip": "On a holiday it does not run.",
    "next": "On a holiday it runs on the next business day instead.",
    "previous": "On a holiday it runs on the business day before instead.",
}
_CLOCK_RULES = {
    True: "Where the clocks change it follows the clock on the wall: an hour that comes twice counts twice, one that "
    "is left out not at all.",
    False: "Where the clocks change it still runs once: a time that is left out comes at the first moment after, one "
    "that comes twice counts the first time.",
}


def _shortest(months: Collection[int]) -> int:
    return min(month_length(2023, month) for month in months)


def _business_days(schedule: Schedule) -> str:
    working = [day for day in range(7) if day not in schedule.calendar.weekend]
    names = [WEEKDAYS[day] for day in working]
    consecutive = len(working) > 2 and working[-1] - working[0] == len(working) - 1
    return f"A business day is {f'{names[0]} to {names[-1]}' if consecutive else joined(names)} and no holiday."


def _holidays(schedule: Schedule) -> str:
    calendar, known = schedule.calendar, []
    if calendar.country:
        known.append(f"public holidays of {calendar.country}{f' ({calendar.region})' if calendar.region else ''}")
    if calendar.added:
        known.append(f"{len(calendar.added)} of the organisation's own")
    less = f", less {len(calendar.removed)} on which it works" if calendar.country and calendar.removed else ""
    return f"Holidays: {joined(known)}{less}." if known else "No holidays are known here: name a country, or days."


def _unknown_years(schedule: Schedule, dates: Collection[PreviewDate]) -> Iterator[str]:
    """Yield which years have no holidays, because the library knows none of them."""
    calendar = schedule.calendar
    if schedule.on_holiday == "run" and not schedule.parsed.days.business:
        return
    years = [year for year in sorted({each.due_at.year for each in dates}) if not calendar.knows_holidays(year)]
    if years:
        yield f"The public holidays of {calendar.country} are not known for {joined(years)}: none count there."


def _changes_clocks(schedule: Schedule, after: datetime) -> bool:
    """Return whether the zone's offset changes within a year."""
    days = (after + timedelta(days=number) for number in range(366))
    return len({day.astimezone(schedule.zone).utcoffset() for day in days}) > 1
