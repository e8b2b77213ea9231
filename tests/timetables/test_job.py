"""Airflow is told the right next run of a job, before and after what it knows of the job went through its database."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.sdk import DAG, Asset, AssetAny, AssetOrTimeSchedule, BaseOperator, timezone
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import DataInterval, TimeRestriction

from builders.airflow_plugin import loaded_plugin
from interact.schedules.occurrences import Schedule
from interact.schedules.plan import Plan, Wait
from interact.schedules.working_days import Calendar
from interact.timetables.job import JobTimetable

MONDAYS = Plan(Schedule("0 8 * * 1", "Europe/Amsterdam"))
SAVED = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday
FREE = TimeRestriction(earliest=None, latest=None, catchup=False)


@pytest.fixture(scope="module", autouse=True)
def _plugin() -> Iterator[None]:
    with loaded_plugin():
        yield


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the clock."""

    def set_clock(*when: int) -> None:
        now = timezone.coerce_datetime(datetime(*when, tzinfo=UTC))
        monkeypatch.setattr(timezone, "utcnow", lambda: now)

    return set_clock


def due(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)


def a_dag(schedule: Any) -> DAG:
    with DAG(dag_id="weekly", schedule=schedule, catchup=False) as dag:
        BaseOperator(task_id="begin")
    return dag


def stored(schedule: Any) -> Any:
    """Return the timetable as the scheduler gets it: through JSON and Airflow's own reading of it."""
    text = json.dumps(DagSerialization.to_dict(a_dag(schedule)))
    return DagSerialization.from_dict(json.loads(text)).timetable


def a_next(timetable: Any, *, last: datetime | None = None, restriction: TimeRestriction = FREE) -> datetime | None:
    """Return when the next run is due, and see to it that it covers nothing but that instant."""
    interval = DataInterval.exact(timezone.coerce_datetime(last)) if last else None
    info = timetable.next_dagrun_info(last_automated_data_interval=interval, restriction=restriction)
    if info is None:
        return None
    assert info.data_interval == DataInterval.exact(info.run_after)
    return info.run_after


def test_it_comes_back_from_airflows_database_as_it_was() -> None:
    plan = replace(MONDAYS, wait=Wait(120, "skip", None), assets=("warehouse.ad_performance",), lateness_minutes=30)
    back = stored(JobTimetable(plan, SAVED))
    assert isinstance(back, JobTimetable)
    assert (back.plan, back.held_from) == (plan, SAVED)


def test_airflow_shows_the_expression_and_says_it_in_words() -> None:
    back = stored(JobTimetable(MONDAYS, SAVED))
    assert back.summary == "0 8 * * 1"
    assert back.description == "At 08:00, only on Monday"
    assert back.type_name == "interact.timetables.job.JobTimetable"


def test_the_same_plan_is_stored_bit_by_bit_the_same() -> None:
    calendar = Calendar(country="NL", added=frozenset({SAVED.date(), SAVED.date() + timedelta(days=1)}))
    texts = set()
    for _ in range(3):
        plan = Plan(Schedule("@first-weekday", "Europe/Amsterdam", calendar=calendar))
        texts.add(json.dumps(DagSerialization.to_dict(a_dag(JobTimetable(plan, SAVED)))))
    assert len(texts) == 1


def test_a_new_job_waits_for_its_first_time_and_runs_for_none_before_it(at: Any) -> None:
    at(2026, 11, 18, 12, 0, 5)
    assert a_next(stored(JobTimetable(MONDAYS, SAVED))) == due(2026, 11, 23, 7)


def test_a_job_saved_at_its_time_runs_the_next_one(at: Any) -> None:
    at(2026, 11, 23, 7, 0, 1)
    assert a_next(JobTimetable(MONDAYS, due(2026, 11, 23, 7))) == due(2026, 11, 30, 7)


def test_after_a_run_comes_the_next_time(at: Any) -> None:
    at(2026, 11, 23, 7, 0, 1)
    assert a_next(JobTimetable(MONDAYS, SAVED), last=due(2026, 11, 23, 7)) == due(2026, 11, 30, 7)


def test_after_downtime_comes_the_latest_missed_time_and_no_other(at: Any) -> None:
    at(2026, 12, 16, 9)
    timetable = JobTimetable(MONDAYS, SAVED)
    assert a_next(timetable, last=due(2026, 11, 23, 7)) == due(2026, 12, 14, 7)
    assert a_next(timetable, last=due(2026, 12, 14, 7)) == due(2026, 12, 21, 7)


def test_a_time_that_comes_right_now_is_due(at: Any) -> None:
    at(2026, 11, 23, 7)
    assert a_next(JobTimetable(MONDAYS, SAVED)) == due(2026, 11, 23, 7)


def test_a_plan_that_changed_after_the_last_run_owes_nothing_of_before(at: Any) -> None:
    at(2026, 12, 16, 9)
    edited = JobTimetable(MONDAYS, due(2026, 12, 15, 12))
    assert a_next(edited, last=due(2026, 11, 23, 7)) == due(2026, 12, 21, 7)


def test_the_zones_own_hours_are_kept_through_its_changes(at: Any) -> None:
    at(2026, 3, 23, 12)
    timetable = JobTimetable(MONDAYS, due(2026, 3, 20, 12))
    assert a_next(timetable, last=due(2026, 3, 23, 7)) == due(2026, 3, 30, 6)


def test_a_job_that_waits_for_data_is_woken_at_its_cut_off_too(at: Any) -> None:
    at(2026, 11, 18, 12, 0, 5)
    timetable = JobTimetable(replace(MONDAYS, wait=Wait(120, "run", None), assets=("a",)), SAVED)
    assert a_next(timetable, last=due(2026, 11, 16, 7)) == due(2026, 11, 23, 7)
    at(2026, 11, 23, 7, 0, 1)
    assert a_next(timetable, last=due(2026, 11, 23, 7)) == due(2026, 11, 23, 9)


def test_after_its_end_there_is_no_next_run(at: Any) -> None:
    at(2026, 11, 18, 12, 0, 5)
    until = TimeRestriction(earliest=None, latest=timezone.coerce_datetime(due(2026, 11, 22)), catchup=False)
    assert a_next(JobTimetable(MONDAYS, SAVED), restriction=until) is None


def test_a_schedule_that_never_comes_again_has_no_next_run(at: Any) -> None:
    at(2026, 11, 18, 12, 0, 5)
    skips = Schedule("0 8 25 12 *", "Europe/Amsterdam", calendar=Calendar(country="NL"), on_holiday="skip")
    assert a_next(JobTimetable(Plan(skips), SAVED)) is None


def test_a_backfill_gets_every_due_time_between_its_days_also_older_than_the_plan(at: Any) -> None:
    at(2026, 11, 18, 12, 0, 5)
    dag = a_dag(JobTimetable(replace(MONDAYS, wait=Wait(120, "run", None), assets=("a",)), SAVED))
    found = DagSerialization.from_dict(DagSerialization.to_dict(dag)).iter_dagrun_infos_between(
        due(2026, 10, 19, 6), due(2026, 11, 2, 7)
    )
    assert [info.run_after for info in found] == [due(2026, 10, 19, 6), due(2026, 10, 26, 7), due(2026, 11, 2, 7)]


def test_airflows_calendar_of_a_dag_goes_on_into_the_future(at: Any) -> None:
    at(2026, 11, 18, 12, 0, 5)
    timetable = JobTimetable(MONDAYS, SAVED)
    assert a_next(timetable, last=due(2026, 11, 23, 7)) == due(2026, 11, 30, 7)
    assert a_next(timetable, last=due(2026, 11, 30, 7)) == due(2026, 12, 7, 7)


def test_beside_data_the_times_are_the_same(at: Any) -> None:
    at(2026, 11, 18, 12, 0, 5)
    both = stored(
        AssetOrTimeSchedule(timetable=JobTimetable(MONDAYS, SAVED), assets=AssetAny(Asset.ref(name="nobody makes it")))
    )
    assert a_next(both) == due(2026, 11, 23, 7)
    assert both.summary == "Asset or 0 8 * * 1"
    assert both.description == "Triggered by assets or At 08:00, only on Monday"
    assert isinstance(both.timetable, JobTimetable)


def test_a_run_by_hand_covers_its_own_instant() -> None:
    now = timezone.coerce_datetime(SAVED)
    assert stored(JobTimetable(MONDAYS, SAVED)).infer_manual_data_interval(run_after=now) == DataInterval.exact(now)
