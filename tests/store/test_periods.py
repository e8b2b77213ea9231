"""A plan holds from the moment it was saved: what changes it begins a new period, and nothing else does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from builders.saved import NOW, a_job, an_organisation, later, save_job
from interact.errors import ScheduleRefused
from interact.jobs.definition import Job
from interact.jobs.naming import new_id
from interact.jobs.plans import plan_of
from interact.schedules.plan import Plan
from interact.store import jobs, organisations, periods
from interact.store.periods import Period
from interact.store.sessions import Store
from interact.store.tables import PeriodRow

WEEKLY = "0 8 * * 1"
DATA = {"assets": ["warehouse.ad_performance"]}
TICK = timedelta(microseconds=1)


def scheduled(**changes: Any) -> Job:
    return a_job(**({"schedule": WEEKLY} | changes))


def plan(job: Job, **organisation: Any) -> Plan:
    found = plan_of(job, an_organisation(**organisation))
    assert found is not None
    return found


def all_of(session: Session, job_id: str) -> list[tuple[datetime, datetime | None]]:
    rows = session.scalars(select(PeriodRow).where(PeriodRow.job_id == job_id).order_by(PeriodRow.number))
    return [(row.held_from, row.held_until) for row in rows]


def test_a_saved_schedule_holds_from_then_on(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session, schedule=WEEKLY)
    with store.reading() as session:
        found = periods.current(session, job.job_id)
        assert found == Period(job.job_id, 1, 1, NOW, None, plan(scheduled()), NOW)
        assert periods.holding_at(session, job.job_id, NOW) is None
        assert periods.holding_at(session, job.job_id, NOW + TICK) == found


def test_a_job_that_does_not_run_by_itself_has_none(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        jobs.save(session, a_job(schedule={"cron": WEEKLY, "enabled": False}), now=later(hours=1))
        assert periods.current(session, job.job_id) is None
        assert session.scalar(select(func.count()).select_from(PeriodRow)) == 0


def test_an_edit_that_changes_the_plan_ends_one_period_and_begins_the_next(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session, schedule=WEEKLY)
        jobs.save(session, scheduled(schedule="0 9 * * 1"), now=later(hours=1))
        before = periods.holding_at(session, job.job_id, later(hours=1))
        after = periods.holding_at(session, job.job_id, later(hours=1) + TICK)
    assert before == Period(job.job_id, 1, 1, NOW, later(hours=1), plan(scheduled()), NOW)
    assert after == Period(
        job.job_id, 2, 2, later(hours=1), None, plan(scheduled(schedule="0 9 * * 1")), later(hours=1)
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "Why?"},
        {"name": "Renamed"},
        {"time_limit_minutes": 5},
        {"timezone": "Europe/Amsterdam"},
        {"parameters": {}},
        {"schedule": {"cron": "0  8 * *   1"}},
    ],
)
def test_an_edit_that_leaves_the_plan_alone_costs_no_time(store: Store, changes: dict[str, Any]) -> None:
    with store.writing() as session:
        job = save_job(session, schedule=WEEKLY)
        jobs.save(session, scheduled(**changes), now=later(hours=1))
        assert all_of(session, job.job_id) == [(NOW, None)]


@pytest.mark.parametrize(
    "changes",
    [
        {"schedule": {"cron": WEEKLY, "lateness_minutes": 5}},
        {"schedule": {"cron": WEEKLY, "on_holiday": "skip"}},
        {"timezone": "UTC"},
        {"triggers": DATA},
    ],
)
def test_each_part_of_the_plan_begins_a_new_period(store: Store, changes: dict[str, Any]) -> None:
    with store.writing() as session:
        job = save_job(session, schedule=WEEKLY)
        jobs.save(session, scheduled(**changes), now=later(hours=1))
        assert all_of(session, job.job_id) == [(NOW, later(hours=1)), (later(hours=1), None)]


def test_a_schedule_that_is_switched_off_and_on_does_not_hold_in_between(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session, schedule=WEEKLY)
        jobs.save(session, scheduled(schedule={"cron": WEEKLY, "enabled": False}), now=later(hours=1))
        off = periods.current(session, job.job_id), periods.holding_at(session, job.job_id, later(hours=1) + TICK)
        jobs.save(session, scheduled(), now=later(hours=2))
        assert all_of(session, job.job_id) == [(NOW, later(hours=1)), (later(hours=2), None)]
    assert off == (None, None)


def test_the_periods_that_hold_between_two_instants_come_newest_first(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session, schedule="0 8 * * *")
        for hours, cron in ((1, "0 9 * * *"), (3, "0 10 * * *")):
            jobs.save(session, scheduled(schedule=cron), now=later(hours=hours))

        def numbers(after: float, until: float) -> list[int]:
            found = periods.between(session, job.job_id, after=later(hours=after), until=later(hours=until))
            return [period.number for period in found]

        assert (numbers(0, 9), numbers(0, 1), numbers(1, 3), numbers(1, 3.1)) == ([3, 2, 1], [1], [2], [3, 2])
        assert numbers(-2, 0) == []


def test_a_deleted_job_has_no_schedule_any_more(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session, schedule=WEEKLY)
        jobs.mark_deleted(session, job.job_id, now=later(hours=1))
        jobs.mark_deleted(session, job.job_id, now=later(hours=2))
        organisations.save(session, an_organisation(timezone="UTC"), now=later(hours=3))
        periods.follow(session, job.job_id, 1, plan(scheduled()), now=later(hours=4))
        assert all_of(session, job.job_id) == [(NOW, later(hours=1))]


def test_an_organisation_changes_the_plans_of_exactly_the_jobs_that_heed_what_changed(store: Store) -> None:
    calendar = {"calendar": {"country": "NL"}}
    begin = {"start_of_business": "07:00"}
    kinds = {
        "plain": {"schedule": WEEKLY},
        "own-zone": {"schedule": WEEKLY, "timezone": "UTC"},
        "heedful": {"schedule": {"cron": WEEKLY, "on_holiday": "next"}, "timezone": "UTC"},
        "business-day": {"schedule": "@first-weekday", "timezone": "UTC"},
        "timed": {"schedule": "@first-weekday 09:30", "timezone": "UTC"},
        "by-data": {"triggers": DATA},
        "by-hand": {},
    }
    steps = [
        ({"name": "North and West"}, set()),
        ({"timezone": "Europe/Paris"}, {"plain"}),
        ({"timezone": "Europe/Paris"} | calendar, {"heedful", "business-day", "timed"}),
        ({"timezone": "Europe/Paris"} | calendar | begin, {"business-day"}),
    ]
    with store.writing() as session:
        saved = {key: save_job(session, key=key, **changes).job_id for key, changes in kinds.items()}
        for hour, (changes, expected) in enumerate(steps, start=1):
            organisations.save(session, an_organisation(**changes), now=later(hours=hour))
            found = {key for key, job_id in saved.items() if (later(hours=hour), None) in all_of(session, job_id)}
            assert found == expected


def test_another_organisations_jobs_are_left_alone(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session, schedule=WEEKLY)
        organisations.save(session, an_organisation(key="east"), now=NOW)
        organisations.save(session, an_organisation(key="east", timezone="UTC"), now=later(hours=1))
        assert all_of(session, job.job_id) == [(NOW, None)]


def test_what_changes_and_changes_back_at_one_instant_never_changed(store: Store) -> None:
    pinned = scheduled(timezone="Europe/Amsterdam")
    with store.writing() as session:
        job = save_job(session, schedule=WEEKLY)
        organisations.save(session, an_organisation(timezone="UTC"), now=later(hours=1))
        jobs.save(session, pinned, now=later(hours=1))
        assert all_of(session, job.job_id) == [(NOW, None)]
        assert periods.current(session, job.job_id) == Period(job.job_id, 1, 1, NOW, None, plan(scheduled()), NOW)


def test_only_the_last_of_several_changes_at_one_instant_counts(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session, schedule=WEEKLY)
        for cron in ("0 9 * * 1", "0 10 * * 1"):
            jobs.save(session, scheduled(schedule=cron), now=later(hours=1))
        assert all_of(session, job.job_id) == [(NOW, later(hours=1)), (later(hours=1), None)]
        found = periods.current(session, job.job_id)
    assert found is not None
    assert (found.number, found.version, found.plan) == (2, 3, plan(scheduled(schedule="0 10 * * 1")))


def test_a_clock_that_goes_backwards_makes_no_periods_that_overlap(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session, schedule=WEEKLY)
        jobs.save(session, scheduled(schedule="0 9 * * 1"), now=later(hours=1))
        jobs.save(session, scheduled(schedule="0 10 * * 1"), now=later(minutes=59))
        assert all_of(session, job.job_id) == [(NOW, later(hours=1)), (later(hours=1), None)]
        jobs.mark_deleted(session, job.job_id, now=later(minutes=58))
        assert all_of(session, job.job_id) == [(NOW, later(hours=1))]


def test_each_period_is_accounted_for_up_to_its_end(store: Store) -> None:
    def left(session: Session, now: datetime) -> list[tuple[int, datetime]]:
        return [(period.number, period.accounted_until) for period in periods.unaccounted(session, now=now)]

    with store.writing() as session:
        job = save_job(session, schedule=WEEKLY)
        save_job(session, key="by-data", triggers=DATA)
        jobs.save(session, scheduled(schedule="0 9 * * 1"), now=later(hours=2))
        assert left(session, later(hours=3)) == [(1, NOW), (2, later(hours=2))]
        first, second = periods.unaccounted(session, now=later(hours=3))
        periods.mark_accounted(session, first, later(hours=1))
        periods.mark_accounted(session, first, later(minutes=30))
        assert left(session, later(hours=3)) == [(1, later(hours=1)), (2, later(hours=2))]
        periods.mark_accounted(session, first, later(hours=2))
        periods.mark_accounted(session, second, later(hours=3))
        assert left(session, later(hours=3)) == []
        assert left(session, later(hours=4)) == [(2, later(hours=3))]
        jobs.mark_deleted(session, job.job_id, now=later(hours=4))
        assert left(session, later(hours=5)) == [(2, later(hours=3))]


def test_a_plan_that_cannot_be_read_keeps_no_other_from_being_accounted_for(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with store.writing() as session:
        good, bad = save_job(session, schedule=WEEKLY), save_job(session, key="bad", schedule=WEEKLY)
        broken = plan(scheduled()).plain()
        broken["schedule"]["expression"] = "of another time"
        session.execute(update(PeriodRow).where(PeriodRow.job_id == bad.job_id).values(plan=broken))
        assert [period.job_id for period in periods.unaccounted(session, now=later(hours=1))] == [good.job_id]
        with pytest.raises(ScheduleRefused, match=r"of another time"):
            periods.current(session, bad.job_id)
        jobs.save(session, scheduled(key="bad", schedule="@daily"), now=later(hours=1))
        assert periods.current(session, bad.job_id) is not None
    assert f"Period 1 of job {bad.job_id} cannot be read: ScheduleRefused" in caplog.text


@pytest.mark.parametrize("broken", [{}, [], {"schedule": {"no": "expression"}}])
def test_nor_does_one_that_another_version_has_written(store: Store, broken: object) -> None:
    with store.writing() as session:
        good, bad = save_job(session, schedule=WEEKLY), save_job(session, key="bad", schedule=WEEKLY)
        session.execute(update(PeriodRow).where(PeriodRow.job_id == bad.job_id).values(plan=broken))
        assert [period.job_id for period in periods.unaccounted(session, now=later(hours=1))] == [good.job_id]


def test_a_period_is_read_again_as_it_is_by_now(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session, schedule=WEEKLY)
        (before,) = periods.unaccounted(session, now=later(hours=1))
        jobs.mark_deleted(session, job.job_id, now=later(hours=2))
        after = periods.again(session, before)
        assert after is not None and after.held_until == later(hours=2)
        assert periods.again(session, replace(before, number=9)) is None


def test_an_instant_is_the_same_in_every_zone(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session, schedule=WEEKLY)
        at = datetime.fromisoformat("2026-11-23T09:00:00.000001+01:00")
        assert at.astimezone(UTC) == NOW + TICK
        assert periods.holding_at(session, job.job_id, at) == periods.current(session, job.job_id)


PLANS = {
    "none": {},
    "weekly": {"schedule": WEEKLY},
    "daily": {"schedule": "@daily"},
    "off": {"schedule": {"cron": WEEKLY, "enabled": False}},
    "renamed": {"schedule": WEEKLY, "name": "Renamed"},
    "pinned": {"schedule": WEEKLY, "timezone": "Europe/Amsterdam"},
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from([*PLANS, "UTC", "Europe/Amsterdam"])), max_size=8))
def test_whatever_is_edited_each_instant_is_judged_by_the_plan_that_was_saved_before_it(
    store: Store, edits: list[tuple[int, str]]
) -> None:
    hour, zone, kind = 0, "Europe/Amsterdam", "none"
    saved = {0: (kind, zone)}
    with store.writing() as session:
        job = save_job(session, key=new_id("job").replace("_", "-"))
        for pause, what in edits:
            hour += pause
            if what in PLANS:
                kind = what
                jobs.save(session, a_job(key=job.definition.key, **PLANS[kind]), now=later(hours=hour))
            else:
                zone = what
                organisations.save(session, an_organisation(timezone=zone), now=later(hours=hour))
            saved[hour] = (kind, zone)
        plans = {
            at: plan_of(a_job(**PLANS[kind]), an_organisation(timezone=zone)) for at, (kind, zone) in saved.items()
        }
        kept = all_of(session, job.job_id)
        for instant in range(hour + 2):
            found = periods.holding_at(session, job.job_id, later(hours=instant, seconds=1))
            assert (found.plan if found else None) == plans[max(at for at in plans if at <= instant)]
    changes = sum(now is not None and now != before for before, now in pairwise([None, *plans.values()]))
    assert len(kept) == changes
    assert all(until is None or begin < until for begin, until in kept)
    assert all(until is not None and until <= begin for (_, until), (begin, _) in pairwise(kept))
