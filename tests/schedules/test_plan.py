"""A plan knows when time alone wakes a job, since when data counts, and goes to JSON and back."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from interact.schedules.occurrences import Schedule
from interact.schedules.plan import Plan, Wait
from interact.schedules.working_days import Calendar

DAILY = Schedule("0 8 * * *", "UTC")
EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
WAIT = Wait(30, "run", None)
WAITING = Plan(DAILY, assets=("a", "b"), wait=Wait(120, "run", None))


def test_without_a_schedule_time_never_wakes_a_job() -> None:
    plan = Plan(None, assets=("warehouse",), when="any")
    assert plan.next_tick(EIGHT) is None
    assert plan.latest_tick(EIGHT, after=EIGHT - 24 * HOUR) is None


def test_a_tick_is_a_due_time() -> None:
    plan = Plan(DAILY)
    assert plan.next_tick(EIGHT - HOUR) == EIGHT
    assert plan.next_tick(EIGHT) == EIGHT + 24 * HOUR
    assert plan.latest_tick(EIGHT, after=EIGHT - HOUR) == EIGHT
    assert plan.latest_tick(EIGHT + 50 * HOUR, after=EIGHT) == EIGHT + 48 * HOUR
    assert plan.latest_tick(EIGHT, after=EIGHT) is None


def test_a_plan_that_waits_wakes_at_the_cut_off_too() -> None:
    assert WAITING.next_tick(EIGHT - HOUR) == EIGHT
    assert WAITING.next_tick(EIGHT) == EIGHT + 2 * HOUR
    assert WAITING.next_tick(EIGHT + 2 * HOUR) == EIGHT + 24 * HOUR
    assert WAITING.latest_tick(EIGHT + 3 * HOUR, after=EIGHT - HOUR) == EIGHT + 2 * HOUR
    assert WAITING.latest_tick(EIGHT + HOUR, after=EIGHT - HOUR) == EIGHT
    assert WAITING.latest_tick(EIGHT + 2 * HOUR, after=EIGHT) == EIGHT + 2 * HOUR


def test_a_time_that_a_holiday_skips_wakes_nobody() -> None:
    nl = Calendar(country="NL")
    kings_day = datetime(2026, 4, 27, 8, tzinfo=UTC)
    plan = Plan(Schedule("0 8 * * *", "UTC", calendar=nl, on_holiday="skip"), wait=Wait(60, "skip", None))
    assert plan.next_tick(kings_day - HOUR) == kings_day + 24 * HOUR
    assert plan.latest_tick(kings_day + 2 * HOUR, after=kings_day - HOUR) is None


def test_a_schedule_whose_times_are_all_holidays_has_no_next_tick() -> None:
    christmas = Schedule("0 8 25 12 *", "UTC", calendar=Calendar(country="NL"), on_holiday="skip")
    assert Plan(christmas).next_tick(EIGHT) is None


@pytest.mark.parametrize(
    ("plan", "since"),
    [
        (WAITING, EIGHT - 8 * HOUR),
        (Plan(Schedule("30 13 * * *", "Asia/Kolkata"), wait=WAIT), datetime(2026, 5, 3, 18, 30, tzinfo=UTC)),
        (Plan(Schedule("0 * * * *", "UTC"), wait=WAIT), EIGHT - HOUR),
        (Plan(Schedule("0 8 * * 1", "UTC"), wait=WAIT), EIGHT - 8 * HOUR),
        (Plan(Schedule("0 8 * * 1", "UTC"), wait=Wait(30, "run", 3 * 24 * 60)), EIGHT - 72 * HOUR),
        (Plan(None, assets=("a",)), EIGHT - 24 * HOUR),
    ],
)
def test_data_counts_from_midnight_or_from_the_time_before(plan: Plan, since: datetime) -> None:
    assert plan.fresh_since(EIGHT) == since


@pytest.mark.parametrize(
    "plan",
    [
        WAITING,
        Plan(None, assets=("warehouse", "s3://bucket/key"), when="any"),
        Plan(Schedule("@first-weekday", "Asia/Kolkata", calendar=Calendar(country="IN")), lateness_minutes=15),
    ],
)
def test_a_plan_goes_to_json_and_back(plan: Plan) -> None:
    text = json.dumps(plan.plain(), sort_keys=True)
    assert Plan.of(json.loads(text)) == plan
    assert json.dumps(Plan.of(json.loads(text)).plain(), sort_keys=True) == text
