"""A job's DAG is woken by what its definition names: time, data, either or both; the same at each parse."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.serialization.serialized_objects import DagSerialization

from builders.airflow_plugin import loaded_plugin
from builders.story import a_desk, a_job
from interact.factory.build import build
from interact.factory.publish import publish
from interact.factory.waking import waking_of
from interact.jobs.stored import Published
from interact.runs.desk import Desk
from interact.schedules.plan import Plan
from interact.settings import read
from interact.store.published import published
from interact.timetables.job import JobTimetable

SETTINGS = read({"AIRFLOW_HOME": "/srv/airflow"})
LOADED = "warehouse.ad_performance"
EIGHT = "0 8 * * 1"


@pytest.fixture(scope="module", autouse=True)
def _plugin() -> Iterator[None]:
    with loaded_plugin():
        yield


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk without jobs."""
    return a_desk(tmp_path)


def the_job(desk: Desk) -> Published:
    """Return the one job as a parse of the DAG file reads it."""
    with desk.store.reading() as session:
        (row,) = published(session)
    return Published.of(row)


def text_of(desk: Desk) -> str:
    """Return the job's DAG as Airflow keeps it."""
    return json.dumps(DagSerialization.to_dict(build(the_job(desk), SETTINGS)))


def timetable_of(desk: Desk) -> Any:
    """Return the timetable that the scheduler reads from Airflow's database."""
    return DagSerialization.from_dict(json.loads(text_of(desk))).timetable


def condition_of(desk: Desk) -> Any:
    """Return which assets wake the job, as Airflow shows it."""
    return timetable_of(desk).asset_condition.as_expression()


def test_a_job_with_neither_schedule_nor_data_is_started_by_people_and_calls_only(desk: Desk) -> None:
    a_job(desk)
    assert type(timetable_of(desk)).__name__ == "NullTimetable"


def test_a_schedule_wakes_it_from_when_it_was_saved(desk: Desk) -> None:
    before = datetime.now(UTC)
    a_job(desk, schedule=EIGHT)
    timetable = timetable_of(desk)
    assert isinstance(timetable, JobTimetable)
    assert timetable.plan.schedule is not None
    assert (timetable.summary, timetable.plan.schedule.timezone) == (EIGHT, "Europe/Amsterdam")
    assert before <= timetable.held_from <= datetime.now(UTC)


def test_a_schedule_that_is_switched_off_wakes_nothing(desk: Desk) -> None:
    a_job(desk, schedule={"cron": EIGHT, "enabled": False})
    assert type(timetable_of(desk)).__name__ == "NullTimetable"


def test_the_dag_has_no_start_date_since_airflow_leaves_out_tasks_of_older_runs(desk: Desk) -> None:
    a_job(desk, schedule=EIGHT)
    dag = build(the_job(desk), SETTINGS)
    assert [dag.start_date, *(task.start_date for task in dag.tasks)] == [None] * 5


@pytest.mark.parametrize(("when", "shown"), [("all", "all"), ("any", "any")])
def test_data_alone_wakes_it_when_all_or_any_are_loaded(desk: Desk, when: str, shown: str) -> None:
    a_job(desk, triggers={"assets": [LOADED, "s3://lake/orders"], "when": when})
    assert condition_of(desk) == {shown: [{"asset_ref": {"name": LOADED}}, {"asset_ref": {"uri": "s3://lake/orders"}}]}


def test_a_uri_is_looked_for_as_airflow_keeps_it(desk: Desk) -> None:
    a_job(desk, triggers={"assets": ["S3://lake/orders/?b=2&a=1#x"]})
    assert condition_of(desk) == {"all": [{"asset_ref": {"uri": "s3://lake/orders?a=1&b=2"}}]}


def test_a_uri_that_airflow_refuses_stays_as_it_is_and_breaks_nothing(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    a_job(desk, triggers={"assets": ["airflow://secret"]})
    assert condition_of(desk) == {"all": [{"asset_ref": {"uri": "airflow://secret"}}]}
    assert "Airflow refuses a URI of the scheme 'airflow'" in caplog.text and "secret" not in caplog.text


def test_schedule_or_data_is_both_at_once(desk: Desk) -> None:
    a_job(desk, schedule=EIGHT, triggers={"assets": [LOADED, "costs"]})
    timetable = timetable_of(desk)
    assert isinstance(timetable.timetable, JobTimetable)
    assert timetable.asset_condition.as_expression() == {
        "all": [{"asset_ref": {"name": LOADED}}, {"asset_ref": {"name": "costs"}}]
    }


def test_a_schedule_that_waits_for_data_is_woken_by_each_load_and_at_its_cut_off(desk: Desk) -> None:
    waits = {"assets": [LOADED, "costs"], "when": "all", "schedule": "and", "cutoff_minutes": 120}
    a_job(desk, schedule=EIGHT, triggers=waits)
    timetable = timetable_of(desk)
    assert list(timetable.asset_condition.as_expression()) == ["any"]
    assert timetable.timetable.plan.wait.cutoff_minutes == 120


def test_an_asset_that_nobody_makes_breaks_nothing(desk: Desk) -> None:
    a_job(desk, triggers={"assets": ["nobody.makes_it"]})
    namespace: dict[str, Any] = {}
    publish(namespace, desk.settings)
    assert list(namespace) == [the_job(desk).job.dag_id]
    assert condition_of(desk) == {"all": [{"asset_ref": {"name": "nobody.makes_it"}}]}


def test_the_same_job_gives_the_same_dag_bit_by_bit_at_each_parse(desk: Desk) -> None:
    triggers = {"assets": ["b", "a", "s3://c"], "schedule": "and", "cutoff_minutes": 30}
    a_job(desk, schedule={"cron": "@first-weekday 09:30", "on_holiday": "next"}, triggers=triggers)
    assert len({text_of(desk) for _ in range(3)}) == 1


def test_an_edit_that_leaves_the_plan_alone_leaves_its_beginning_alone(desk: Desk) -> None:
    a_job(desk, schedule=EIGHT)
    before = the_job(desk).held_from
    a_job(desk, schedule=EIGHT, prompt="What did {{ market }} cost?")
    assert the_job(desk).held_from == before
    a_job(desk, schedule="0 9 * * 1", prompt="What did {{ market }} cost?")
    after = the_job(desk).held_from
    assert before is not None
    assert after is not None
    assert after > before


def test_a_plan_with_neither_is_nothing_to_airflow() -> None:
    assert waking_of(Plan(schedule=None), datetime.now(UTC)) is None
    assert waking_of(None, None) is None
