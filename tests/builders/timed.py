"""A story by the clock: a desk whose time a test sets, jobs with schedules, and the runs that Airflow makes of them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from builders.fake_airflow import FakeAirflow
from builders.story import a_desk, a_job
from interact.jobs.stored import StoredJob
from interact.runs.airflow import AirflowRun
from interact.runs.announce import announce
from interact.runs.begin import Begun, DagRun, Passed, begin
from interact.runs.desk import Desk
from interact.schedules.expected import ExpectedTime
from interact.store import expected

MORNING = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
"""A Monday's first instant, in winter: the jobs of this module count their days in UTC."""


def at(clock: str, *, day: int = 0) -> datetime:
    """Return an instant of that Monday, "08:00" or "08:00:30", or of a later day."""
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return MORNING + timedelta(days=day, hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)


@dataclass
class Clock:
    """What time it is."""

    now: datetime = MORNING


@dataclass(frozen=True)
class TimedDesk(Desk):
    """A desk whose clock stands still until a test moves it."""

    clock: Clock = field(default_factory=Clock)

    def now(self) -> datetime:
        """Return the clock's time."""
        return self.clock.now


@dataclass
class Story:
    """One job, its store, its clock and its Airflow."""

    desk: TimedDesk
    airflow: FakeAirflow
    job: StoredJob

    def save(self, clock: str | datetime, **changes: Any) -> None:
        """Save the job anew at a time."""
        self.to(clock)
        self.job = saved(self.desk, **changes)

    def to(self, clock: str | datetime) -> datetime:
        """Set the clock."""
        self.desk.clock.now = clock if isinstance(clock, datetime) else at(clock)
        return self.desk.clock.now

    def dag_run(self, due: str | datetime, *, run_type: str = "scheduled", clear: int = 0, **changes: Any) -> DagRun:
        """Return a run that Airflow made for a time."""
        run_after = due if isinstance(due, datetime) else at(due)
        initiator = {"scheduled": "schedule", "asset_triggered": "asset:warehouse.ads"}.get(run_type, "user:ada")
        plain = {
            "job_id": self.job.job_id,
            "dag_id": self.job.dag_id,
            "dag_run_id": f"{run_type}__{run_after.isoformat()}",
            "initiator": initiator,
            "conf": {},
            "run_after": run_after,
            "clear_number": clear,
            "run_type": run_type,
        }
        return DagRun(**(plain | changes))

    def begins(self, clock: str | datetime, due: str | datetime | None = None, **how: Any) -> Begun | Passed:
        """Let the first task of a run begin at a time; without `due` it is for that very time."""
        now = self.to(clock)
        dag_run = self.dag_run(now if due is None else due, **how)
        self.airflow.runs[dag_run.dag_run_id] = AirflowRun("running")
        return begin(self.desk, dag_run, self.airflow)

    def ends(self, clock: str | datetime, due: str | datetime, **how: Any) -> None:
        """Let the last task of a run end it at a time."""
        now = self.to(clock)
        dag_run = self.dag_run(due, **how)
        announce(self.desk, dag_id=dag_run.dag_id, dag_run_id=dag_run.dag_run_id)
        self.airflow.runs[dag_run.dag_run_id] = AirflowRun("success", now)

    def row(self, due: str | datetime) -> ExpectedTime | None:
        """Return what became of a time."""
        with self.desk.store.reading() as session:
            return expected.at(session, self.job.job_id, due if isinstance(due, datetime) else at(due))

    def rows(self) -> list[tuple[str, str]]:
        """Return every decided time of that day, oldest first, as ("08:00", "ran")."""
        with self.desk.store.reading() as session:
            found = expected.of_job(session, self.job.job_id, limit=20_000)
        return [(f"{time.due_at:%H:%M}", str(time.outcome)) for time in reversed(found)]


def a_story(home: Path, *, environ: dict[str, str] | None = None, **changes: Any) -> Story:
    """Return the story of a job saved at that Monday's first instant, due every hour unless told otherwise."""
    plain = a_desk(home, **(environ or {}))
    desk = TimedDesk(plain.store, plain.files, plain.settings)
    return Story(desk, FakeAirflow(), saved(desk, **changes))


def saved(desk: TimedDesk, **changes: Any) -> StoredJob:
    """Save the job by the desk's clock."""
    return a_job(desk, now=desk.now(), **({"schedule": "0 * * * *", "timezone": "UTC"} | changes))
