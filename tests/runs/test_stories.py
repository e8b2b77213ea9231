"""Whatever happens to Airflow, the store and the schedule: each expected time has one row, and the rows are true.

Stories of some hours, by a model of Airflow that drives the real first task, last task and watch over a real store.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.stock_airflow import DagRunRow, StockAirflow
from builders.story import a_desk
from builders.timed import MORNING, TimedDesk, saved
from interact import settings as configured
from interact.errors import StoreUnavailable
from interact.jobs.plans import plan_of
from interact.jobs.stored import StoredJob
from interact.runs.accept import Ask, accept
from interact.runs.account import account
from interact.runs.desk import open_desk
from interact.runs.gate import GRACE, is_own
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.schedules.lateness import lateness_limit, smallest_gap
from interact.schedules.plan import Plan
from interact.store import expected, organisations, runs
from interact.store.sessions import Session, Store, parse_url

STEP = timedelta(seconds=10)
WATCH = timedelta(minutes=5)
LENGTH = timedelta(minutes=100)
ASSET = "ads"
SCHEDULES = ["* * * * *", "*/5 * * * *", "*/20 * * * *", "0 * * * *", "7,9,40 * * * *", None]
DATA: list[dict[str, Any] | None] = [
    None,
    {"assets": [ASSET]},
    {"assets": [ASSET], "schedule": "and", "cutoff_minutes": 3},
    {"assets": [ASSET], "schedule": "and", "cutoff_minutes": 12, "at_cutoff": "skip", "fresh_minutes": 10},
]
HARMLESS = ("manual", "api", "load", "long")
HARMFUL = ("down", "up", "up", "pause", "unpause", "unpause", "kill", "clear", "edit", "same", "off", "on")
SHAKY = (*HARMFUL, "flaky", "sound")


class FlakyStore(Store):
    """A store that may go away before a write, in the middle of it, or just after it was kept."""

    random = Random(0)
    rate = 0.0

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Write, or fail at one of three places."""
        place = self.random.choice(("before", "inside", "after")) if self.random.random() < self.rate else None
        self._leave(place == "before")
        with super().writing() as session:
            yield session
            self._leave(place == "inside")
        self._leave(place == "after")

    @staticmethod
    def _leave(now: bool) -> None:
        if now:
            raise StoreUnavailable("The store went away.")


@dataclass
class World:
    """One job in one Airflow, and what is truly expected of it."""

    desk: TimedDesk
    airflow: StockAirflow
    random: Random
    changes: dict[str, Any]
    job: StoredJob | None = None
    plans: list[tuple[datetime, Plan | None]] = field(default_factory=list)
    watched_at: datetime | None = None

    @property
    def store(self) -> FlakyStore:
        """The store, which may be flaky."""
        assert isinstance(self.desk.store, FlakyStore)
        return self.desk.store

    def save(self) -> None:
        """Save the job, and note from when on which plan holds."""
        rate, self.store.rate = self.store.rate, 0.0
        self.job = saved(self.desk, **fitting(self.changes))
        with self.store.reading() as session:
            organisation = organisations.by_id(session, self.job.organisation_id)
        assert organisation is not None
        plan = plan_of(self.job.definition, organisation.definition)
        if not self.plans or self.plans[-1][1] != plan:
            self.plans.append((self.desk.now(), plan))
        if self.airflow.up and self.random.random() < 0.8:
            self.airflow.parse(self.desk, self.job.job_id)
        self.store.rate = rate

    def happens(self, event: str) -> None:
        """Let one thing happen."""
        now, airflow = self.desk.now(), self.airflow
        simple = {
            "down": lambda: setattr(airflow, "up", False),
            "up": lambda: setattr(airflow, "up", True),
            "pause": lambda: setattr(airflow, "is_switched_off", True),
            "unpause": lambda: setattr(airflow, "is_switched_off", False),
            "kill": lambda: airflow.kill(now),
            "clear": airflow.clear,
            "manual": lambda: airflow.trigger(now),
            "long": self._lengthen,
            "load": self._load,
            "api": self._ask,
            "flaky": lambda: setattr(self.store, "rate", 0.3),
            "sound": lambda: setattr(self.store, "rate", 0.0),
        }
        if event in simple:
            simple[event]()
        else:
            self._edit(event)

    def _edit(self, event: str) -> None:
        if event == "edit":
            self.changes["schedule"] = self.random.choice([each for each in SCHEDULES if each])
        elif event == "same":
            self.changes["prompt"] = f"What did {{{{ market }}}} spend, edition {self.random.random()}?"
        elif isinstance(self.changes["schedule"], str) and event == "off":
            self.changes["schedule"] = {"cron": self.changes["schedule"], "enabled": False}
        elif isinstance(self.changes["schedule"], dict) and event == "on":
            self.changes["schedule"] = self.changes["schedule"]["cron"]
        self.save()

    def _lengthen(self) -> None:
        for row in self.airflow.rows:
            if row.state == "running" and row.begun_at and row.ends_at and row.tries >= 0:
                row.ends_at += timedelta(minutes=self.random.randint(1, 30))

    def _load(self) -> None:
        self.airflow.load(ASSET, self.desk.now())
        if any(plan and plan.assets for _, plan in self.plans[-1:]):
            self.airflow.new_data = True

    def _ask(self) -> None:
        assert self.job is not None
        try:
            taken = accept(self.desk, Ask(self.job.job_id, {}, "key:ci"))
        except StoreUnavailable:
            return
        if self.random.random() < 0.5:
            self.airflow.start(self.job.dag_id, taken.run.run_id, conf={}, run_after=taken.run.run_after)

    def moves_on(self, to: datetime) -> None:
        """Let time pass."""
        assert self.job is not None
        while self.desk.now() < to:
            self.desk.clock.now += STEP
            self.airflow.moves_on(self.desk, self.job.job_id, self.job.dag_id)
            if self.airflow.up and (self.watched_at is None or self.desk.now() - self.watched_at >= WATCH):
                self.watched_at = self.desk.now()
                self.watch()

    def watch(self) -> int:
        """Let the watch look."""
        try:
            return account(self.desk, self.airflow).rows
        except StoreUnavailable:
            return 0

    def comes_to_rest(self) -> None:
        """Let everything end, and the watch look until it finds nothing more."""
        self.store.rate = 0.0
        for row in self.airflow.rows:
            if row.state in ("queued", "running"):
                row.state, row.ended_at = "failed", self.desk.now()
        self.desk.clock.now += timedelta(hours=14)
        while self.watch():
            pass

    def expected(self, until: datetime) -> dict[datetime, Plan]:
        """Return every time that was to come, and the plan that held then."""
        found: dict[datetime, Plan] = {}
        ends = [since for since, _ in self.plans[1:]] + [until]
        for (since, plan), end in zip(self.plans, ends, strict=True):
            for each in plan.schedule.between(since, min(end, until)) if plan and plan.schedule else ():
                found[each.due_at] = plan
        return found

    def own_spans(self) -> list[tuple[datetime, datetime, DagRunRow]]:
        """Return when runs of schedule and data were truly in progress."""
        spans = [(*span, row) for row in self.airflow.rows for span in row.spans]
        automatic = [row for row in self.airflow.rows if row.is_automatic]
        return spans + [(row.begun_at, row.ended_at or self.desk.now(), row) for row in automatic if row.begun_at]


def fitting(changes: dict[str, Any]) -> dict[str, Any]:
    """Return a job's changes with a cut-off that comes before the next time, or without data where none can."""
    schedule, data = changes["schedule"], changes["triggers"]
    if not schedule or not data or "cutoff_minutes" not in data:
        return changes
    gap = smallest_gap(schedule if isinstance(schedule, str) else schedule["cron"]) // timedelta(minutes=1)
    fits = {**data, "cutoff_minutes": min(data["cutoff_minutes"], gap - 1)}
    return {**changes, "triggers": fits if gap > 1 else None}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty, migrated store, which each story gets a copy of."""
    folder = tmp_path_factory.mktemp("stories")
    a_desk(folder)
    return folder


def a_world(home: Path, seed: int, *, schedule: str | None, data: dict[str, Any] | None, **how: Any) -> World:
    """Return a world whose job has just been saved."""
    place = home / "story"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    shutil.copy(home / "interact.db", place)
    plain, random = open_desk(configured.read({"INTERACT_HOME": str(place)})), Random(seed)
    store = FlakyStore(parse_url(plain.settings.database_url))
    store.random = random
    desk = TimedDesk(store, plain.files, plain.settings)
    desk.clock.now = MORNING + timedelta(seconds=random.randint(0, 300))
    if schedule is None and data and data.get("schedule") == "and":
        schedule = "*/5 * * * *"
    airflow = StockAirflow(random=random, **how)
    world = World(desk, airflow, random, {"schedule": schedule, "triggers": data})
    world.save()
    return world


def told(world: World, kinds: tuple[str, ...], count: int) -> datetime:
    """Let a number of things happen at random, and return when the story ends."""
    end = world.desk.now() + LENGTH
    moments = sorted(world.desk.now() + LENGTH * world.random.random() for _ in range(count))
    for moment in moments:
        world.moves_on(moment)
        world.happens(world.random.choice(kinds))
    world.moves_on(end)
    return end


def rows_of(world: World, until: datetime) -> dict[datetime, ExpectedTime]:
    """Return the rows of the job up to the end of the story."""
    assert world.job is not None
    with world.store.reading() as session:
        found = expected.of_job(session, world.job.job_id, limit=20_000)
    assert len({row.due_at for row in found}) == len(found)
    return {row.due_at: row for row in found if row.due_at <= until}


def check_rows(world: World, end: datetime) -> dict[datetime, ExpectedTime]:
    """Check what holds in every story."""
    times, rows = world.expected(end), rows_of(world, end)
    assert rows.keys() == times.keys()
    ran = [row for row in rows.values() if row.outcome is TimeOutcome.RAN]
    assert len({row.run_id for row in ran}) == len(ran)
    spans = world.own_spans()
    for row in ran:
        with world.store.reading() as session:
            run = runs.by_id(session, str(row.run_id))
        assert (run.due_at, run.started_at, run.dag_run_id) == (row.due_at, row.started_at, row.dag_run_id)
        over = [each[2].name for each in spans if each[0] <= row.due_at < each[1] and each[2].name != run.dag_run_id]
        assert over == []
        assert row.started_at is not None and row.started_at >= row.due_at
        assert [time for time in times if row.due_at < time <= row.started_at] == []
    assert all(row.reason for row in rows.values() if row.outcome is not TimeOutcome.RAN)
    return rows


def check_punctual(world: World, rows: dict[datetime, ExpectedTime], times: dict[datetime, Plan]) -> None:
    """Check that no run began later than its limit, where nobody asked for runs of their own."""
    for due_at, row in rows.items():
        plan = times[due_at]
        if row.started_at and plan.schedule:
            allowed = lateness_limit(plan.schedule, due_at, minutes=plan.lateness_minutes)
            allowed += plan.wait.cutoff if plan.wait else timedelta(0)
            assert row.started_at - due_at <= allowed


quick = settings(
    max_examples=int(os.environ.get("STORIES", "5")),  # Others, and more of them: EXPLORE=1 STORIES=500 make test
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
seeds = st.integers(0, 2**32)


@quick
@given(seed=seeds, schedule=st.sampled_from(SCHEDULES), data=st.sampled_from(DATA), counts=st.booleans())
def test_whatever_happens_each_time_has_one_true_row(
    home: Path, seed: int, schedule: str | None, data: dict[str, Any] | None, counts: bool
) -> None:
    world = a_world(home, seed, schedule=schedule, data=data, counts_manual=counts, pace=(5, 400))
    end = told(world, HARMLESS + SHAKY, 24)
    world.comes_to_rest()
    check_rows(world, end)


@quick
@given(seed=seeds, schedule=st.sampled_from(SCHEDULES[:-1]), data=st.sampled_from(DATA))
def test_without_runs_that_people_ask_for_nothing_is_later_than_its_limit(
    home: Path, seed: int, schedule: str, data: dict[str, Any] | None
) -> None:
    world = a_world(home, seed, schedule=schedule, data=data, pace=(5, 200))
    end = told(world, ("load", "long", *(kind for kind in SHAKY if kind != "clear")), 20)
    world.comes_to_rest()
    check_punctual(world, check_rows(world, end), world.expected(end))


@quick
@given(seed=seeds, schedule=st.sampled_from(SCHEDULES[:-1]))
def test_in_quiet_weather_every_time_runs_but_those_that_come_during_a_run(
    home: Path, seed: int, schedule: str
) -> None:
    world = a_world(home, seed, schedule=schedule, data=None, pace=(5, 150), lag=5)
    end = told(world, ("same", "long"), 6)
    world.moves_on(end + GRACE + WATCH)
    rows = check_rows(world, end)
    spans = world.own_spans()
    for due_at, row in rows.items():
        during = any(since <= due_at < until for since, until, _ in spans)
        assert row.outcome is (TimeOutcome.SKIPPED if during else TimeOutcome.RAN), row


@quick
@given(seed=seeds, schedule=st.sampled_from(["*/20 * * * *", "0 * * * *"]))
def test_a_persons_run_costs_no_time_of_the_schedule(home: Path, seed: int, schedule: str) -> None:
    world = a_world(home, seed, schedule=schedule, data=None, pace=(5, 500), counts_manual=bool(seed % 2))
    end = told(world, ("manual", "api"), 5)
    world.moves_on(end + timedelta(hours=1))
    rows = check_rows(world, end)
    with world.store.reading() as session:
        assert world.job is not None
        found = runs.under_way(session, world.job.job_id, since=MORNING, until=world.desk.now())
    assert all(row.outcome is TimeOutcome.RAN or "was still in progress" in str(row.reason) for row in rows.values())
    assert {is_own(run) for run in found if run.due_at} <= {True}
