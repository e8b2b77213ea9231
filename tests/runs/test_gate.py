"""The ten rules, as decisions: facts in, verdict out."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from builders.saved import NOW
from builders.timed import at
from interact.chats.record import AssetLoad, Run
from interact.chats.status import RunVerdict
from interact.runs.gate import Ends, Facts, Starts, StaysOpen, decide, is_own, judge, waited_behind
from interact.schedules.expected import TimeOutcome
from interact.schedules.occurrences import Schedule
from interact.schedules.plan import Plan, Wait

HOURLY = Schedule("0 * * * *", "UTC")
DAILY = Schedule("0 8 * * *", "Europe/Amsterdam")
WAITING = Plan(DAILY, assets=("ads",), wait=Wait(120, "run", None))


def a_run(begun: str | None, ended: str | None = None, **changes: Any) -> Run:
    """A run of the schedule, by the clock of one day."""
    plain: dict[str, Any] = {
        "run_id": "run_000000000001",
        "job_id": "job_000000000001",
        "organisation_id": "org_000000000001",
        "dag_id": "interact_x",
        "dag_run_id": "scheduled__x",
        "initiator": "schedule",
        "verdict": RunVerdict.COMPLETED if ended else RunVerdict.RUNNING,
        "reason": None,
        "accepted_at": at(begun or "00:00"),
        "queued_at": None,
        "started_at": at(begun) if begun else None,
        "begun_at": at(begun) if begun else None,
        "ended_at": at(ended) if ended else None,
        "run_after": NOW,
    }
    return Run(**(plain | changes))


def by_hand(begun: str | None, ended: str | None = None, **changes: Any) -> Run:
    """A run that a person asked for."""
    return a_run(begun, ended, **({"initiator": "user:ada"} | changes))


def facts(now: str, due: str = "08:00", plan: Plan | None = None, **changes: Any) -> Facts:
    """What is known of a time of an hourly job."""
    return Facts(due_at=at(due), plan=plan or Plan(HOURLY), now=at(now), **changes)


def watched(known: Facts, fault: str | None = None) -> Ends | StaysOpen:
    """What the watch makes of it."""
    return judge(known, dag_fault=lambda: fault)


def reason(verdict: object) -> str:
    """Its sentence."""
    assert isinstance(verdict, Ends | StaysOpen)
    return verdict.reason


def test_a_time_without_anything_in_its_way_starts() -> None:
    assert decide(facts("08:00:04")) == Starts(())


@pytest.mark.parametrize("initiator", ["schedule", "asset:s3://ads"])
def test_a_time_during_a_run_of_schedule_or_data_is_skipped_and_names_the_run(initiator: str) -> None:
    running = a_run("07:00", "08:30", initiator=initiator)
    verdict = decide(facts("08:30:05", runs=[running]))
    assert verdict == watched(facts("08:05", runs=[a_run("07:00", initiator=initiator)]))
    assert isinstance(verdict, Ends) and verdict.outcome is TimeOutcome.SKIPPED
    assert verdict.reason.startswith("Run run_000000000001 was still in progress")


@pytest.mark.parametrize(
    ("begun", "ended", "overlaps"),
    [
        ("07:59:59", "08:00:01", True),
        ("08:00", "08:10", True),
        ("07:00", None, True),
        ("07:00", "08:00", False),
        ("08:00:01", "08:10", False),
        (None, None, False),
    ],
)
def test_in_progress_is_from_its_beginning_up_to_its_end(begun: str, ended: str, overlaps: bool) -> None:
    verdict = decide(facts("08:10:05", runs=[a_run(begun, ended, due_at=at("07:00"))]))
    assert isinstance(verdict, Ends) is overlaps


def test_a_run_that_data_started_just_before_the_times_own_could_begin_stands_for_it() -> None:
    data = a_run("08:00:02", "08:20", initiator="asset:ads", run_id="run_data")
    assert reason(decide(facts("08:20:05", runs=[data]))) == "Run run_data, which data had started, began first."
    assert reason(watched(facts("08:45", runs=[data]))).startswith("Run run_data")


@pytest.mark.parametrize("clear_number", [0, 1])
def test_a_time_waits_for_a_run_that_people_asked_for_and_then_counts_as_punctual(clear_number: int) -> None:
    manual = by_hand("07:58", "08:50", clear_number=clear_number)
    assert decide(facts("08:50:05", runs=[manual])) == Starts(())
    assert isinstance(decide(facts("08:50:05")), Ends)
    cleared = a_run("07:58", "08:50", clear_number=1, accepted_at=at("00:00", day=-3))
    assert decide(facts("08:50:05", runs=[cleared])) == Starts(())


def test_time_behind_runs_that_people_asked_for_counts_once_and_only_while_they_were_in_progress() -> None:
    chain = [
        by_hand("08:20:04", "08:40"),
        by_hand("07:58", "08:20"),
        by_hand("08:30", "08:35"),
        by_hand("08:50"),
        by_hand(None, accepted_at=at("08:01")),
        a_run("08:00", "08:59"),
    ]
    waited = waited_behind(chain, since=at("08:00"), until=at("09:00"))
    assert waited == timedelta(minutes=20) + timedelta(minutes=19, seconds=56) + timedelta(minutes=10)


def test_a_run_by_hand_that_came_just_after_the_time_costs_it_nothing() -> None:
    manual = by_hand("08:00:20", "08:40")
    assert decide(facts("08:40:04", runs=[manual])) == Starts(())
    assert isinstance(watched(facts("08:35", runs=[by_hand("08:00:20")])), StaysOpen)


def test_only_scheduled_and_data_runs_that_nobody_cleared_are_the_jobs_own() -> None:
    assert [is_own(a_run("08:00", initiator=each)) for each in ("schedule", "asset:x", "user:schedule", "key:ci")] == [
        True,
        True,
        False,
        False,
    ]
    assert not is_own(a_run("08:00", clear_number=1))


def test_it_runs_late_within_its_limit_and_not_beyond() -> None:
    assert decide(facts("08:30")) == Starts(())
    verdict = decide(facts("08:31"))
    assert isinstance(verdict, Ends) and verdict.outcome is TimeOutcome.NOT_RUN
    assert verdict.reason.startswith("It could start only 31 min late, and the job's limit is 30 min.")
    assert decide(facts("08:31", plan=Plan(HOURLY, lateness_minutes=45))) == Starts(())


def test_the_latest_time_runs_and_the_older_ones_do_not() -> None:
    verdict = decide(facts("10:02", later=at("10:00")))
    assert isinstance(verdict, Ends) and verdict.outcome is TimeOutcome.NOT_RUN
    assert verdict.reason == (
        "It had not started when a later time, 2026-11-23 10:00 (UTC), came. Only the latest time runs late. "
        "Trigger the job to have it all the same."
    )


def test_an_inactive_agent_skips_and_says_how_to_make_it_active() -> None:
    verdict = decide(facts("08:00:02", is_active=False))
    assert isinstance(verdict, Ends) and verdict.outcome is TimeOutcome.SKIPPED
    assert "`active: true`" in verdict.reason


def test_a_holiday_is_named() -> None:
    known = facts("08:00:02", holiday="King's Day")
    assert (
        watched(known) == decide(known) == Ends(TimeOutcome.SKIPPED, "King's Day: the job's schedule skips holidays.")
    )


def load(loaded: datetime | None, asset: str = "ads") -> AssetLoad:
    """When an asset was loaded."""
    return AssetLoad(asset, loaded, "load_ads" if loaded else None)


def waits(now: str, *loads: AssetLoad, plan: Plan = WAITING, **changes: Any) -> Starts | Ends | StaysOpen:
    """What becomes of 08:00 in Amsterdam, 07:00 UTC, whose data has these loads."""
    return decide(facts(now, due="07:00", plan=plan, loads=loads, **changes))


def test_a_time_waits_for_data_that_was_loaded_on_its_day() -> None:
    yesterday = load(at("23:00", day=-1))  # Midnight in Amsterdam.
    assert waits("07:00:03", yesterday) == StaysOpen("Waiting for 'ads' until 2026-11-23 10:00 (Europe/Amsterdam).")
    fresh = load(at("23:00:01", day=-1))
    assert waits("07:00:03", fresh) == Starts((fresh,))


def test_a_load_that_the_time_before_ran_on_does_not_count_again() -> None:
    plan = Plan(HOURLY, assets=("ads",), wait=Wait(30, "run", None))
    early, late = load(at("07:20")), load(at("08:10"))
    assert decide(facts("08:00:03", plan=plan, loads=(early,))) == Starts((early,))
    assert isinstance(decide(facts("08:00:03", plan=plan, loads=(early,), used=(early,))), StaysOpen)
    assert decide(facts("08:10:03", plan=plan, loads=(late,), used=(early,))) == Starts((late,))


def test_all_or_any_of_the_data() -> None:
    both, one = (load(at("06:00")), load(at("06:30"), "costs")), (load(at("06:00")), load(None, "costs"))
    assert waits("07:30", *both) == Starts(both)
    assert reason(waits("07:30", *one)).startswith("Waiting for 'costs' until")
    either = Plan(DAILY, assets=("ads", "costs"), when="any", wait=Wait(120, "run", None))
    assert waits("07:30", *one, plan=either) == Starts(one)


def test_at_its_cut_off_a_time_runs_and_marks_what_lacks() -> None:
    assert isinstance(waits("08:59:59", load(None)), StaysOpen)
    assert waits("09:00", load(None)) == Starts((AssetLoad("ads", None, None, late=True),))


def test_at_its_cut_off_a_time_is_skipped_and_says_which_data_is_late_and_which_dag_makes_it() -> None:
    strict = Plan(DAILY, assets=("ads", "costs"), wait=Wait(120, "skip", None))
    verdict = waits("09:00:02", load(at("06:00", day=-1)), load(None, "costs"), plan=strict)
    assert verdict == Ends(
        TimeOutcome.SKIPPED,
        "At the cut-off, 2026-11-23 10:00 (Europe/Amsterdam), its data was not loaded. 'ads' was last loaded "
        "2026-11-22 07:00 (Europe/Amsterdam) by DAG 'load_ads'. 'costs' has never been loaded, "
        "so far as Airflow knows.",
    )


def test_waiting_for_data_is_not_being_late_but_what_follows_is() -> None:
    tight = Plan(DAILY, lateness_minutes=5, assets=("ads",), wait=Wait(120, "run", None))
    assert isinstance(waits("08:34", load(at("08:30")), plan=tight), Starts)
    assert reason(waits("08:36", load(at("08:30")), plan=tight)).startswith("It could start only 6 min late")
    assert isinstance(waits("09:04", load(None), plan=tight), Starts)
    assert reason(waits("09:06", load(None), plan=tight)).startswith("It could start only 6 min late")


def test_a_fresh_window_of_its_own_lets_older_loads_count() -> None:
    plan = Plan(DAILY, assets=("ads",), wait=Wait(120, "run", 10))
    assert isinstance(waits("07:00:02", load(at("06:49")), plan=plan), StaysOpen)
    assert isinstance(waits("07:00:02", load(at("06:51")), plan=plan), Starts)


def test_the_watch_leaves_open_what_may_still_run() -> None:
    assert isinstance(watched(facts("08:01:59", later=at("08:01"))), StaysOpen)
    assert isinstance(watched(facts("08:30")), StaysOpen)
    assert isinstance(watched(facts("08:59", runs=[by_hand("07:59")])), StaysOpen)
    assert isinstance(watched(facts("20:59", due="07:00", plan=WAITING)), StaysOpen)


@pytest.mark.parametrize(
    ("changes", "fault", "told"),
    [
        ({}, None, "Airflow did not run it: its scheduler was down or had no free slot"),
        ({}, "DAG 'x' was paused in Airflow.", "DAG 'x' was paused in Airflow."),
        ({"later": at("08:30")}, "DAG 'x' was paused in Airflow.", "DAG 'x' was paused in Airflow."),
        ({"later": at("08:30")}, None, "It had not started when a later time, 2026-11-23 08:30 (UTC), came."),
        ({"held_until": at("08:00:30")}, None, "The schedule was changed, switched off or deleted at 2026-11-23 08:00"),
    ],
)
def test_the_watch_closes_what_can_no_longer_run_with_the_reason(
    changes: dict[str, Any], fault: str | None, told: str
) -> None:
    verdict = watched(facts("08:31", **changes), fault)
    assert isinstance(verdict, Ends) and verdict.outcome is TimeOutcome.NOT_RUN
    assert verdict.reason.startswith(told)


def test_a_time_that_waited_for_data_until_the_next_one_came_says_so() -> None:
    verdict = watched(facts("07:05", due="07:00", plan=WAITING, later=at("07:03")))
    assert reason(verdict).startswith("It still waited for its data when 2026-11-23 08:03 (Europe/Amsterdam) came.")


def test_nobody_asks_airflow_about_a_time_that_its_own_record_decides() -> None:
    def asked() -> str:
        raise AssertionError

    assert isinstance(judge(facts("08:05", runs=[a_run("07:00")]), dag_fault=asked), Ends)
