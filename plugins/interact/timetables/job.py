"""The timetable of every job with a schedule: a thin shell over its plan."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Self

from airflow.sdk import timezone
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from pendulum import DateTime

from interact.schedules.plan import Plan
from interact.schedules.wording import describe

_MOMENT = timedelta(microseconds=1)
_in_words = lru_cache(maxsize=4096)(describe)


class JobTimetable(Timetable):
    """The instants at which Airflow wakes a job, as its plan says; no I/O.

    Asked for the next one it gives the latest that was missed, so that the job's first task can decide about it, and
    never one at or before `held_from`, the instant from which the plan holds. That is not the DAG's start date, because
    Airflow leaves out the tasks of a run before that: older times have to stay open to Clear and to backfills.

    Serialised DAGs name this class by its import path: it is never renamed or moved.
    """

    def __init__(self, plan: Plan, held_from: datetime) -> None:
        self.plan = plan
        self.held_from = held_from

    @property
    def summary(self) -> str:
        """The expression, as Airflow's list of DAGs shows it."""
        return self.plan.schedule.expression if self.plan.schedule else ""

    def serialize(self) -> dict[str, Any]:
        """Return plan and instant as plain values, the same for the same job at each parse."""
        return {"plan": self.plan.plain(), "held_from": self.held_from.isoformat()}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Self:
        """Return the timetable that gave this data, with the schedule in words for Airflow's pages.

        The words are found here, in the processes that show them: a parse of the DAG file would pay for them each time.
        """
        found = cls(Plan.of(data["plan"]), datetime.fromisoformat(data["held_from"]))
        found.description = _in_words(found.plan.schedule) if found.plan.schedule else ""
        return found

    def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
        """Return the instant itself: our runs cover no interval."""
        return DataInterval.exact(run_after)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """Return when the next run is due after the last one; the latest missed time comes before a future one.

        A backfill (`restriction.catchup`) gets every due time between its two days instead, one after the other.
        """
        last = last_automated_data_interval.end if last_automated_data_interval else None
        found = self._due_after(last, restriction) if restriction.catchup else self._next_tick(last)
        if found is None or (restriction.latest is not None and found > restriction.latest):
            return None
        return DagRunInfo.exact(timezone.coerce_datetime(found))

    def _next_tick(self, last: datetime | None) -> datetime | None:
        now = timezone.utcnow()
        after = max(last or self.held_from, self.held_from)
        return self.plan.latest_tick(now, after=after) or self.plan.next_tick(max(after, now))

    def _due_after(self, last: datetime | None, restriction: TimeRestriction) -> datetime | None:
        if self.plan.schedule is None:
            return None
        earliest = self.held_from if restriction.earliest is None else restriction.earliest - _MOMENT
        times = self.plan.schedule.after(last or earliest)
        return next((time.due_at for time in times if not time.skipped), None)
