"""Is a schedule's account right? Judged from the rows of the store and from what witnesses saw."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LIMIT = timedelta(seconds=60)
"""The lateness limit of a job that is due every minute."""


@dataclass(frozen=True)
class Time:
    """One row: a time that was due, and what became of it."""

    due_at: datetime
    outcome: str
    reason: str | None
    dag_run_id: str | None
    started_at: datetime | None


@dataclass(frozen=True)
class Stay:
    """From when to when a run was under way; `planned` is when it was due, None for one that a person started."""

    dag_run_id: str
    planned: datetime | None
    began: datetime
    ended: datetime | None

    def at(self, instant: datetime) -> bool:
        """True when the run was under way then."""
        return self.began <= instant and (self.ended is None or self.ended > instant)


@dataclass(frozen=True)
class Account:
    """What is known of one job: the times it was due, its rows, its runs, and the outages (from, to)."""

    job: str
    expected: Sequence[datetime]
    times: Sequence[Time]
    stays: Sequence[Stay]
    outages: Sequence[tuple[datetime, datetime]] = ()

    def of(self, outcome: str) -> list[Time]:
        """Return the rows with an outcome."""
        return [time for time in self.times if time.outcome == outcome]

    @property
    def missed(self) -> list[datetime]:
        """Times without a row."""
        return sorted(set(self.expected) - {time.due_at for time in self.times})

    @property
    def duplicates(self) -> list[datetime]:
        """Times with two rows, or with two runs, or rows for times that were not expected."""
        rows = Counter(time.due_at for time in self.times)
        runs = Counter(planned for planned, _ in {(s.planned, s.dag_run_id) for s in self.stays if s.planned})
        twice = {due for counted in (rows, runs) for due, count in counted.items() if count > 1}
        return sorted(twice | (set(rows) - set(self.expected)))

    @property
    def late_overlaps(self) -> list[datetime]:
        """Times that ran although a scheduled run was under way when they were due."""
        return [time.due_at for time in self.of("ran") if self._scheduled_at(time)]

    @property
    def lateness(self) -> dict[datetime, timedelta]:
        """How late each run began: after its time, or after the end of the manual runs that it had to wait for."""
        return {t.due_at: t.started_at - self._free_at(t.due_at) for t in self.of("ran") if t.started_at}

    def violations(self) -> list[str]:
        """Return a sentence for each thing that is wrong."""
        found = [f"{due:%H:%M} has no row" for due in self.missed]
        found += [f"{due:%H:%M} has two rows or two runs, or was not expected" for due in self.duplicates]
        found += [f"{due:%H:%M} ran although a scheduled run was under way" for due in self.late_overlaps]
        found += [f"{due:%H:%M} began {late} late" for due, late in self.lateness.items() if late > LIMIT]
        found += [f"{t.due_at:%H:%M} ran without a start" for t in self.of("ran") if t.started_at is None]
        for time in self.times:
            if time.outcome != "ran" and not time.reason:
                found.append(f"{time.due_at:%H:%M} is {time.outcome} without a reason")
        for time in self.of("skipped"):
            if not self._scheduled_at(time):
                found.append(f"{time.due_at:%H:%M} was skipped, but no scheduled run was under way")
        for time in self.of("not_run"):
            if not self._excused(time.due_at):
                found.append(f"{time.due_at:%H:%M} did not run, without an outage or a manual run: {time.reason}")
        return found

    def line(self) -> str:
        """Return this job's line of the table."""
        worst = max(self.lateness.values(), default=timedelta(0)).total_seconds()
        counts = [len(self.of(outcome)) for outcome in ("ran", "skipped", "not_run")]
        faults = [len(self.missed), len(self.duplicates), len(self.late_overlaps)]
        return (
            f"{self.job:<14}" + "".join(f"{n:>10}" for n in (len(self.expected), *counts, *faults)) + f"{worst:>9.1f}"
        )

    def _scheduled_at(self, time: Time) -> bool:
        own = time.dag_run_id if time.outcome == "ran" else None
        return any(s.planned and s.dag_run_id != own and s.at(time.due_at) for s in self.stays)

    def _free_at(self, due_at: datetime) -> datetime:
        free = due_at
        for stay in sorted((s for s in self.stays if s.planned is None), key=lambda stay: stay.began):
            # One manual run follows another within seconds: a scheduled run waits for both.
            if stay.ended and stay.ended > free and stay.began <= free + timedelta(seconds=5):
                free = stay.ended
        return free

    def _excused(self, due_at: datetime) -> bool:
        by_hand = any(stay.at(due_at) for stay in self.stays if stay.planned is None)
        return by_hand or any(start - LIMIT <= due_at <= end for start, end in self.outages)


HEAD = f"{'job':<14}" + "".join(
    f"{word:>10}" for word in ("expected", "ran", "skipped", "not run", "missed", "twice", "overlap")
)
"""The table's first line; the last column is the worst lateness in seconds."""
