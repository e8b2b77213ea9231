"""All that decides when a job runs by itself: its schedule, its data, or both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from interact.schedules.occurrences import Schedule

# What is asked for beyond this never comes in practice: 25 December, skipped because it is a holiday.
HORIZON = timedelta(days=366 * 30)
_DAY = timedelta(hours=24)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Wait:
    """How a scheduled time waits for its data."""

    cutoff_minutes: int
    """So long after the due time it waits no longer."""
    at_cutoff: Literal["run", "skip"]
    fresh_minutes: int | None
    """Data loaded so long before the due time still counts; None counts from midnight, or the time before."""

    @property
    def cutoff(self) -> timedelta:
        """The wait as a duration."""
        return timedelta(minutes=self.cutoff_minutes)


@dataclass(frozen=True)
class Plan:
    """When a job runs by itself, with nothing left to look up: the zone and the calendar are in it."""

    schedule: Schedule | None
    """None: it has none, or its toggle is off."""
    lateness_minutes: int | None = None
    assets: tuple[str, ...] = ()
    """Names, or URIs (they hold `://`)."""
    when: Literal["any", "all"] = "all"
    wait: Wait | None = None
    """Set when the schedule waits for the data; without it they are alternatives."""

    def next_tick(self, after: datetime) -> datetime | None:
        """Return the first instant strictly after `after` at which time alone wakes the job: due, or cut-off."""
        following = [self._next_due(after)]
        if self.wait:
            due = self._next_due(after - self.wait.cutoff)
            following.append(due + self.wait.cutoff if due else None)
        return min((tick for tick in following if tick), default=None)

    def latest_tick(self, until: datetime, *, after: datetime) -> datetime | None:
        """Return the last instant with after < instant <= until at which time alone wakes the job."""
        if self.schedule is None:
            return None
        ticks: list[datetime] = []
        for delay in (timedelta(), self.wait.cutoff) if self.wait else (timedelta(),):
            due = self.schedule.latest(until - delay, after=after - delay)
            ticks += [due.due_at + delay] if due else []
        return max(ticks, default=None)

    def fresh_since(self, due_at: datetime) -> datetime:
        """Return the instant after which data must have been loaded to count for a due time."""
        if self.wait and self.wait.fresh_minutes is not None:
            return due_at - timedelta(minutes=self.wait.fresh_minutes)
        if self.schedule is None:
            return due_at - _DAY
        # Answers count whole days that end yesterday, so data from before midnight lacks the end of it.
        local = due_at.astimezone(ZoneInfo(self.schedule.timezone))
        midnight = datetime.combine(local.date(), time(), local.tzinfo).astimezone(UTC)
        previous = self.schedule.latest(due_at - _MOMENT, after=midnight)
        return previous.due_at if previous else midnight

    def plain(self) -> dict[str, Any]:
        """Return it as JSON knows it, the same for equal plans."""
        return {
            "schedule": self.schedule.plain() if self.schedule else None,
            "lateness_minutes": self.lateness_minutes,
            "assets": list(self.assets),
            "when": self.when,
            "wait": asdict(self.wait) if self.wait else None,
        }

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Plan:
        """Return the plan that `plain` was made of."""
        return cls(
            schedule=Schedule.of(plain["schedule"]) if plain["schedule"] else None,
            lateness_minutes=plain["lateness_minutes"],
            assets=tuple(plain["assets"]),
            when=plain["when"],
            wait=Wait(**plain["wait"]) if plain["wait"] else None,
        )

    def _next_due(self, after: datetime) -> datetime | None:
        if self.schedule is None:
            return None
        for occurrence in self.schedule.after(after):
            if occurrence.due_at - after > HORIZON:
                return None
            if not occurrence.skipped:
                return occurrence.due_at
        return None
