"""Airflow as it behaves, in memory and by a clock that a test moves: ticks, queue, downtime, crashes.

What it copies: the next tick is computed when a run is made and again at each parse, and stays stored in between;
missed ticks become one late run; one run of a DAG at a time, the others queue by their date; data that comes meanwhile
makes one follow-up; a paused DAG starts nothing; what a crash leaves behind fails minutes later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from builders.fake_airflow import FakeAirflow
from interact.errors import InteractError, StoreUnavailable
from interact.runs.airflow import AirflowRun
from interact.runs.announce import announce
from interact.runs.begin import DagRun, Passed, begin
from interact.runs.desk import Desk
from interact.store import periods

PARSE = timedelta(minutes=2)
RETRY = timedelta(seconds=15)
RETRIES = 3


@dataclass
class DagRunRow:
    """One DAG run."""

    name: str
    run_type: str
    run_after: datetime
    clear: int = 0
    state: str = "queued"
    begins_at: datetime | None = None
    begun_at: datetime | None = None
    """When its first task let it in."""
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    tries: int = 0
    spans: list[tuple[datetime, datetime]] = field(default_factory=list)
    """When it was truly in progress before it was cleared."""

    @property
    def is_automatic(self) -> bool:
        """Whether Airflow made it by itself, and nobody cleared it."""
        return self.run_type in ("scheduled", "asset_triggered") and self.clear == 0


@dataclass
class StockAirflow(FakeAirflow):
    """One job's DAG in it; `pace` says how long a run takes, in seconds, from its least to its most."""

    random: Random = field(default_factory=Random)
    pace: tuple[int, int] = (5, 50)
    lag: int = 15
    """A first task takes up to so many seconds to start."""
    rows: list[DagRunRow] = field(default_factory=list)
    up: bool = True
    is_switched_off: bool = False
    counts_manual: bool = False
    """Whether a run by hand keeps it from making scheduled ones, which depends on when it parsed last."""
    next_tick: datetime | None = None
    last_tick: datetime | None = None
    parsed_at: datetime | None = None
    new_data: bool = False

    def run_of(self, dag_id: str, dag_run_id: str) -> AirflowRun | None:
        """Return one of its runs."""
        row = next((row for row in self.rows if row.name == dag_run_id), None)
        return AirflowRun(row.state, row.ended_at) if row else None

    def is_paused(self, dag_id: str) -> bool | None:
        """Return whether somebody switched the DAG off."""
        return self.is_switched_off

    def start(self, dag_id: str, dag_run_id: str, *, conf: Mapping[str, object], run_after: datetime) -> bool:
        """Queue a run that was promised."""
        if all(row.name != dag_run_id for row in self.rows):
            self.rows.append(DagRunRow(dag_run_id, "operator_triggered", run_after))
        return True

    def trigger(self, now: datetime) -> None:
        """Queue a run that somebody asked for in Airflow."""
        self.rows.append(DagRunRow(f"manual__{now.isoformat()}", "manual", now))

    def clear(self) -> None:
        """Clear a run that has ended."""
        ended = [row for row in self.rows if row.ended_at]
        if ended:
            row = self.random.choice(ended)
            if row.begun_at and row.ended_at and row.is_automatic:
                row.spans.append((row.begun_at, row.ended_at))
            row.state, row.clear, row.tries = "queued", row.clear + 1, 0
            row.begins_at = row.begun_at = row.ends_at = row.ended_at = None

    def kill(self, now: datetime) -> None:
        """Let every task die; Airflow notices within five minutes."""
        for row in self.rows:
            if row.state == "running":
                row.ends_at = now + timedelta(seconds=self.random.randint(0, 300))
                row.tries = -1

    def moves_on(self, desk: Desk, job_id: str, dag_id: str) -> None:
        """Do what the scheduler and the workers do at this instant."""
        now = desk.now()
        if not self.up:
            return
        if self.parsed_at is None or now - self.parsed_at >= PARSE:
            self.parse(desk, job_id)
        self._make_runs(desk, job_id)
        if not self.is_switched_off:
            self._start_next(now)
        for row in [row for row in self.rows if row.state == "running"]:
            self._work(row, desk, job_id, dag_id)

    def parse(self, desk: Desk, job_id: str) -> None:
        """Read the DAG file again."""
        self.parsed_at = desk.now()
        self.next_tick = self._ask_timetable(desk, job_id)

    def _ask_timetable(self, desk: Desk, job_id: str) -> datetime | None:
        with desk.store.reading() as session:
            period = periods.current(session, job_id)
        if period is None:
            return None
        after = max(self.last_tick or period.held_from, period.held_from)
        return period.plan.latest_tick(desk.now(), after=after) or period.plan.next_tick(max(after, desk.now()))

    def _make_runs(self, desk: Desk, job_id: str) -> None:
        now = desk.now()
        active = [row for row in self.rows if row.state in ("queued", "running")]
        at_most = any(row.is_automatic or self.counts_manual for row in active)
        if self.is_switched_off:
            return
        if self.next_tick and self.next_tick <= now and not at_most:
            name = f"scheduled__{self.next_tick.isoformat()}"
            if all(row.name != name for row in self.rows):
                self.rows.append(DagRunRow(name, "scheduled", self.next_tick))
            self.last_tick = self.next_tick
            self.next_tick = self._ask_timetable(desk, job_id)
        if self.new_data and not any(row.state in ("queued", "running") for row in self.rows):
            self.new_data = False
            self.rows.append(DagRunRow(f"asset_triggered__{now.isoformat()}", "asset_triggered", now))

    def _start_next(self, now: datetime) -> None:
        queued = [row for row in self.rows if row.state == "queued"]
        if queued and all(row.state != "running" for row in self.rows):
            row = min(queued, key=lambda row: row.run_after)
            row.state, row.begins_at = "running", now + timedelta(seconds=self.random.randint(1, self.lag))

    def _work(self, row: DagRunRow, desk: Desk, job_id: str, dag_id: str) -> None:
        now = desk.now()
        if row.tries < 0:
            if row.ends_at and row.ends_at <= now:
                self._end(row, "failed", now)
        elif row.begun_at is None and row.begins_at and row.begins_at <= now:
            self._begin(row, desk, job_id, dag_id)
        elif row.begun_at and row.ends_at and row.ends_at <= now:
            self._announce(row, desk, dag_id)

    def _begin(self, row: DagRunRow, desk: Desk, job_id: str, dag_id: str) -> None:
        initiator = {"scheduled": "schedule", "asset_triggered": "asset:ads"}.get(row.run_type, "user:ada")
        told = DagRun(job_id, dag_id, row.name, initiator, {}, row.run_after, row.clear, row.run_type)
        try:
            begun = begin(desk, told, self)
        except StoreUnavailable:
            self._try_again(row, desk.now())
        except InteractError:
            self._end(row, "failed", desk.now())
        else:
            if isinstance(begun, Passed):
                self._end(row, "success", desk.now())
            else:
                row.begun_at, row.tries = desk.now(), 0
                row.ends_at = desk.now() + timedelta(seconds=self.random.randint(*self.pace))

    def _announce(self, row: DagRunRow, desk: Desk, dag_id: str) -> None:
        try:
            announce(desk, dag_id=dag_id, dag_run_id=row.name)
        except StoreUnavailable:
            self._try_again(row, desk.now())
        else:
            self._end(row, "success", desk.now())

    def _try_again(self, row: DagRunRow, now: datetime) -> None:
        row.tries += 1
        if row.tries > RETRIES:
            self._end(row, "failed", now)
        elif row.begun_at is None:
            row.begins_at = now + RETRY
        else:
            row.ends_at = now + RETRY

    def _end(self, row: DagRunRow, state: str, now: datetime) -> None:
        row.state, row.ended_at = state, now
