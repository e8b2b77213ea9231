"""What a notice of a failure says comes next: by the schedule that holds when it is said."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from builders.spoken import MONDAY, Spoken, spoken
from interact.runs.saying.outlook import BY_DATA, DELETED, NOBODY
from interact.runs.saying.say import say
from interact.store import jobs

BY_HAND = " To have it before that, put right what is said above, then press Run again on the run's page."


def then(told: Spoken, at: datetime = MONDAY) -> str:
    """Return what is said after a run that failed."""
    return say(told.desk, told.run("It is away. Try again.", at=at)).then


@pytest.mark.parametrize(
    ("changes", "at", "told"),
    [
        ({"schedule": "0 8 * * 1"}, MONDAY, "Monday 30 November 2026 at 08:00 (Europe/Amsterdam)"),
        (
            {"schedule": "30 2 * * *"},
            datetime(2027, 3, 27, 12, tzinfo=UTC),
            "Sunday 28 March 2027 at 03:00 (Europe/Amsterdam)",
        ),
        ({"schedule": "0 8 * * *", "timezone": "Asia/Tokyo"}, MONDAY, "Tuesday 24 November 2026 at 08:00 (Asia/Tokyo)"),
        (
            {"schedule": "0 8 * * *", "triggers": {"assets": ["ads"]}},
            MONDAY,
            "Tuesday 24 November 2026 at 08:00 (Europe/Amsterdam)",
        ),
    ],
)
def test_the_next_time_is_told_by_the_clock_of_its_zone(
    tmp_path: Path, changes: dict[str, Any], at: datetime, told: str
) -> None:
    assert then(spoken(tmp_path, now=at, **changes), at) == f"It runs again on {told}.{BY_HAND}"


def test_a_job_that_follows_data_waits_for_it(tmp_path: Path) -> None:
    assert then(spoken(tmp_path, triggers={"assets": ["ads"]})) == BY_DATA + BY_HAND


def test_a_job_without_a_schedule_is_run_by_hand(tmp_path: Path) -> None:
    assert then(spoken(tmp_path)) == f"{NOBODY} Put right what is said above, then press Run again on the run's page."


def test_a_schedule_that_was_switched_off_since_is_not_promised(tmp_path: Path) -> None:
    told = spoken(tmp_path, schedule="0 8 * * 1")
    run_id = told.run("It is away.")
    off = told.job.definition.model_copy(update={"schedule": None})
    with told.desk.store.writing() as session:
        jobs.save(session, off, now=told.desk.now())
    assert say(told.desk, run_id).then.startswith(NOBODY)


def test_a_job_that_was_deleted_since_says_so(tmp_path: Path) -> None:
    told = spoken(tmp_path, schedule="0 8 * * 1")
    run_id = told.run("It is away.")
    with told.desk.store.writing() as session:
        jobs.mark_deleted(session, told.job.job_id, now=told.desk.now())
    assert say(told.desk, run_id).then == DELETED
