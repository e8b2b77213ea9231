"""A plan holds all that decides when a job runs by itself, and nothing that does not."""

from datetime import date, time
from typing import Any

import pytest

from builders.saved import a_job, an_organisation
from interact.jobs.plans import plan_of
from interact.schedules.occurrences import Schedule
from interact.schedules.plan import Plan, Wait
from interact.schedules.working_days import Calendar

ASSETS = ["warehouse.ad_performance", "s3://bucket/costs"]
AMSTERDAM = Schedule("0 8 * * 1", "Europe/Amsterdam")
DUTCH = {"weekend": ["sunday"], "country": "NL", "add": ["2026-12-24"], "remove": ["2026-04-27"]}
DUTCH_CALENDAR = Calendar(
    weekend=frozenset({6}),
    country="NL",
    added=frozenset({date(2026, 12, 24)}),
    removed=frozenset({date(2026, 4, 27)}),
)


def plan(organisation: dict[str, Any] | None = None, **job: Any) -> Plan | None:
    return plan_of(a_job(**job), an_organisation(**(organisation or {})))


def waits(**more: Any) -> dict[str, Any]:
    return {"assets": ASSETS, "schedule": "and", "cutoff_minutes": 120} | more


def test_a_job_that_nothing_starts_has_no_plan() -> None:
    assert plan() is None
    assert plan(schedule={"cron": "@daily", "enabled": False}) is None


def test_a_schedule_runs_in_the_jobs_zone_or_else_the_organisations() -> None:
    assert plan(schedule="0 8 * * 1") == Plan(AMSTERDAM)
    assert plan(schedule="0 8 * * 1", timezone="UTC") == Plan(Schedule("0 8 * * 1", "UTC"))


def test_a_jobs_own_lateness_is_part_of_it() -> None:
    assert plan(schedule={"cron": "0 8 * * 1", "lateness_minutes": 30}) == Plan(AMSTERDAM, lateness_minutes=30)


def test_data_starts_a_job_with_or_without_a_schedule() -> None:
    data = {"assets": ASSETS, "when": "any"}
    assert plan(triggers=data) == Plan(None, assets=tuple(ASSETS), when="any")
    assert plan(triggers=data, schedule="0 8 * * 1") == Plan(AMSTERDAM, assets=tuple(ASSETS), when="any")


def test_a_schedule_that_is_off_leaves_the_data_alone() -> None:
    off = {"cron": "0 8 * * 1", "enabled": False, "lateness_minutes": 30}
    assert plan(triggers={"assets": ASSETS}, schedule=off) == Plan(None, assets=tuple(ASSETS))


def test_data_that_is_switched_off_starts_nothing_and_no_time_waits_for_it() -> None:
    off = {"assets": ASSETS, "enabled": False}
    assert plan(triggers=off) is None
    assert plan(triggers=off, schedule="0 8 * * 1") == Plan(AMSTERDAM)
    assert plan(triggers={**waits(), "enabled": False}, schedule="0 8 * * 1") == Plan(AMSTERDAM)


def test_a_schedule_may_wait_for_the_data() -> None:
    found = plan(triggers=waits(at_cutoff="skip", fresh_minutes=60), schedule="0 8 * * 1")
    assert found == Plan(AMSTERDAM, assets=tuple(ASSETS), wait=Wait(120, "skip", 60))


def test_data_that_a_schedule_would_wait_for_starts_nothing_when_the_schedule_is_off() -> None:
    assert plan(triggers=waits(), schedule={"cron": "0 8 * * 1", "enabled": False}) is None


@pytest.mark.parametrize(
    "schedule",
    [
        {"cron": "@first-weekday 09:30"},
        {"cron": "@LAST-weekday   09:30"},
        {"cron": "0 8 * * 1", "on_holiday": "skip"},
        {"cron": "0 8 * * 1", "on_holiday": "next"},
        {"cron": "0 8 * * 1", "on_holiday": "previous"},
    ],
)
def test_what_counts_business_days_holds_the_calendar(schedule: dict[str, Any]) -> None:
    found = plan({"calendar": DUTCH, "start_of_business": "07:15"}, schedule=schedule)
    assert found is not None and found.schedule is not None
    assert (found.schedule.calendar, found.schedule.start_of_business) == (DUTCH_CALENDAR, time(8))


def test_a_business_day_without_a_time_begins_with_the_organisations_business() -> None:
    found = plan({"start_of_business": "07:15"}, schedule="@first-weekday")
    assert found is not None and found.schedule is not None
    assert found.schedule.start_of_business == time(7, 15)


def test_what_counts_no_business_days_is_the_same_under_any_calendar() -> None:
    assert plan({"calendar": DUTCH, "start_of_business": "07:15"}, schedule="0 8 * * 1") == Plan(AMSTERDAM)


def test_a_plan_comes_back_from_json_as_it_was() -> None:
    found = plan({"calendar": DUTCH}, triggers=waits(), schedule={"cron": "@first-weekday", "on_holiday": "next"})
    assert found is not None
    assert Plan.of(found.plain()) == found
