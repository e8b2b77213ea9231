"""When a schedule falls due: a value that answers, through every change of the clocks.

Two rules hold where the clocks change. An expression whose minute or hour field begins with `*` follows the clock on
the wall: every minute that really occurs, both passes of an hour that comes twice, nothing in one that is left out.
Any other names fixed times: one that is left out comes at the first instant after the gap, one that comes twice counts
once, at its first pass. Several that come to one instant are one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from interact.errors import ScheduleRefused, listed
from interact.schedules.expression import Expression, parse
from interact.schedules.working_days import Calendar

OnHoliday = Literal["run", "skip", "next", "previous"]
"""On a holiday: run anyway, skip, or move to the next or the previous business day."""
NO_ZONES = frozenset({"Factory", "localtime", "posixrules"})
"""Names beside those of IANA's zones: they stand for nothing, or for whatever a machine is set to."""
_Source = tuple[str | None, bool, date | None]
_DAY = timedelta(days=1)
_LAST_DAY = date(9990, 1, 1)


@dataclass(frozen=True, order=True)
class Occurrence:
    """One expected time."""

    due_at: datetime
    """Aware, UTC."""
    holiday: str | None = None
    """The holiday that skipped or moved it."""
    skipped: bool = False
    """True: it is expected, and the holiday rule skips it."""
    moved_from: date | None = None
    """The holiday's own day."""


@dataclass(frozen=True)
class Schedule:
    """An expression in a time zone, with the calendar that it heeds; raises ScheduleRefused when made of wrong ones."""

    expression: str
    timezone: str
    start_of_business: time = time(8)
    calendar: Calendar = field(default_factory=Calendar)
    on_holiday: OnHoliday = "run"

    def __post_init__(self) -> None:
        object.__setattr__(self, "expression", parse(self.expression).text)
        zone_named(self.timezone)
        if self.on_holiday not in get_args(OnHoliday):
            allowed = listed(get_args(OnHoliday))
            raise ScheduleRefused("Holiday rule", self.on_holiday, f"is none; there are {allowed}. Write one of them.")

    @cached_property
    def parsed(self) -> Expression:
        """What the expression means."""
        return parse(self.expression)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone whose clock it follows."""
        return zone_named(self.timezone)

    @cached_property
    def times(self) -> tuple[time, ...]:
        """Its times of day, ascending."""
        return tuple(self.parsed.times(self.start_of_business))

    def after(self, instant: datetime) -> Iterator[Occurrence]:
        """Yield what falls due strictly after an instant, ascending, without end."""
        for due in self._by_utc_day(_utc(instant).date(), 1):
            yield from (occurrence for occurrence in due if occurrence.due_at > instant)

    def between(self, after: datetime, until: datetime) -> list[Occurrence]:
        """Return what falls due with after < due_at <= until, ascending."""
        found: list[Occurrence] = []
        for due in self._by_utc_day(_utc(after).date(), 1, end=_utc(until).date()):
            found += [occurrence for occurrence in due if after < occurrence.due_at <= until]
        return found

    def latest(self, until: datetime, *, after: datetime) -> Occurrence | None:
        """Return the last one with after < due_at <= until that is not skipped."""
        for due in self._by_utc_day(_utc(until).date(), -1, end=_utc(after).date()):
            for occurrence in reversed(due):
                if after < occurrence.due_at <= until and not occurrence.skipped:
                    return occurrence
        return None

    def includes(self, instant: datetime) -> Occurrence | None:
        """Return the one that falls due exactly then."""
        day = _utc(instant).date()
        due = next(self._by_utc_day(day, 1, end=day), [])
        return next((occurrence for occurrence in due if occurrence.due_at == instant), None)

    def plain(self) -> dict[str, Any]:
        """Return it as JSON knows it, the same for equal schedules."""
        return {
            "expression": self.expression,
            "timezone": self.timezone,
            "start_of_business": self.start_of_business.strftime("%H:%M"),
            "calendar": self.calendar.plain(),
            "on_holiday": self.on_holiday,
        }

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Schedule:
        """Return the schedule that `plain` was made of."""
        return cls(
            expression=plain["expression"],
            timezone=plain["timezone"],
            start_of_business=time.fromisoformat(plain["start_of_business"]),
            calendar=Calendar.of(plain["calendar"]),
            on_holiday=plain["on_holiday"],
        )

    def _by_utc_day(self, day: date, step: int, *, end: date | None = None) -> Iterator[list[Occurrence]]:
        """Yield what falls due on one UTC day after another, each ascending and without doubles."""
        first, last = day.toordinal(), (end or _LAST_DAY).toordinal()
        # A local day lies within its UTC day and the two beside it, and an hour that comes twice may span midnight.
        near = deque((self._on(date.fromordinal(first - step)), self._on(day)), maxlen=3)
        for number in range(first, last + step, step):
            near.append(self._on(date.fromordinal(number + step)))
            if any(near):
                day = date.fromordinal(number)
                yield _merged(occurrence for due in near for occurrence in due if occurrence.due_at.date() == day)

    def _on(self, day: date) -> list[Occurrence]:
        """Return what falls due on a local day, what holidays moved to it included; in no order."""
        sources = self._own(day) if self.parsed.days.include(day, self.calendar) else []
        if self.on_holiday in ("next", "previous"):
            sources += self._moved_to(day)
        if not sources:
            return []
        instants = self._instants(day)
        return [
            Occurrence(instant, holiday, skipped, moved_from)
            for holiday, skipped, moved_from in sources
            for instant in instants
        ]

    def _own(self, day: date) -> list[_Source]:
        """Return what becomes of the day's own times under the holiday rule."""
        holiday = None if self.on_holiday == "run" else self.calendar.holiday(day)
        if holiday is None:
            return [(None, False, None)]
        return [(holiday, True, None)] if self.on_holiday == "skip" else []

    def _moved_to(self, day: date) -> Iterator[_Source]:
        """Yield the holidays beside a business day whose times come on it."""
        if not self.calendar.is_business_day(day):
            return
        step = -_DAY if self.on_holiday == "next" else _DAY
        source = day + step
        while not self.calendar.is_business_day(source):
            holiday = self.calendar.holiday(source)
            if holiday and self.parsed.days.include(source, self.calendar):
                yield holiday, False, source
            source += step

    def _instants(self, day: date) -> list[datetime]:
        """Return the instants of the times of day on a local day."""
        offset = _offset_all_day(self.timezone, day)
        if offset is not None:
            midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - offset
            return [midnight + since for since in self._since_midnight]
        return [instant for at in self.times for instant in self._instants_of(datetime.combine(day, at))]

    @cached_property
    def _since_midnight(self) -> tuple[timedelta, ...]:
        return tuple(timedelta(hours=at.hour, minutes=at.minute) for at in self.times)

    def _instants_of(self, wall: datetime) -> list[datetime]:
        """Return the instants at which a fixed or a followed wall clock time is due: none, one or two."""
        passes = passes_of(wall, self.zone)
        if self.parsed.follows_clock:
            return passes
        return passes[:1] or [end_of_gap(wall, self.zone)]


def zone_named(name: str) -> ZoneInfo:
    """Return a time zone; raises ScheduleRefused."""
    unknown = ScheduleRefused("Time zone", name, "is not known. Write an IANA name, as 'Europe/Amsterdam' or 'UTC'.")
    if not isinstance(name, str):
        raise unknown
    if name in NO_ZONES or name.startswith(("posix/", "right/")):
        raise unknown
    try:
        return ZoneInfo(name)  # which keeps those that it has read
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise unknown from None


def passes_of(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return the instants at which a zone's clock shows this: one; none in a gap; two where it goes back."""
    found: list[datetime] = []
    for fold in (0, 1):
        instant = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None) == wall and instant not in found:
            found.append(instant)
    return found


def end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant after the gap that a wall clock time falls into, to the second."""
    # Read with the offset before the change it lies at or after the change, with the one after it before.
    changed = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    offset = before.astimezone(zone).utcoffset()
    while changed - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((changed - before).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            changed = middle
    return changed


@lru_cache(maxsize=16_384)
def _offset_all_day(timezone: str, day: date) -> timedelta | None:
    """Return a zone's offset when it is the same all through a day, and on both its edges."""
    zone, midnight = zone_named(timezone), datetime.combine(day, time())
    walls = [midnight + timedelta(hours=hours) for hours in range(0, 25, 6)]
    offsets = {wall.replace(tzinfo=zone, fold=fold).utcoffset() for wall in walls for fold in (0, 1)}
    return offsets.pop() if len(offsets) == 1 else None


def _merged(found: Iterable[Occurrence]) -> list[Occurrence]:
    """Return them ascending, one an instant: one that runs before one that is skipped, its own before a moved one."""
    ordered = sorted(
        found, key=lambda occurrence: (occurrence.due_at, occurrence.skipped, occurrence.moved_from or date.min)
    )
    return [each for number, each in enumerate(ordered) if not number or each.due_at != ordered[number - 1].due_at]


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
