"""A job that fails again and again of its own is paused once, with a notice; nothing else pauses one."""

from pathlib import Path
from typing import Any

import pytest

from builders.ended import BAD, GOOD, REASON, House, a_house
from interact.chats.status import ChatStatus, RunVerdict
from interact.jobs.definition import Job
from interact.jobs.stored import StoredJob
from interact.runs.saying.outlook import PAUSED
from interact.runs.tell import tell
from interact.store import jobs, ledger, periods
from interact.store.sessions import Store
from interact.store.tables import JobVersionRow

DAILY = {"schedule": "0 8 * * *", "channels": ["mail"]}


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    """An organisation that pauses after three failures in a row, on SQLite and PostgreSQL."""
    made = a_house(store, tmp_path)
    made.channels({"recipients": ["team@example.com"]})
    made.limits(pause_after_failures=3)
    return made


def ends(
    house: House, job: StoredJob, *statuses: ChatStatus, initiator: str = "schedule", begins: bool = True, **how: Any
) -> str:
    """Let a run of the job end, failed unless told otherwise, and be told, an hour after the one before."""
    house.later(hours=1)
    chats = (statuses or (BAD,)) if begins else ()
    run_id = house.ended(job, *chats, initiator=initiator, **how)
    tell(house.desk, run_id)
    return run_id


def newest(house: House, job: StoredJob) -> StoredJob:
    with house.desk.store.reading() as session:
        found = jobs.by_id(session, job.job_id)
    assert found is not None
    return found


def is_paused(house: House, job: StoredJob) -> bool:
    with house.desk.store.reading() as session:
        return periods.current(session, job.job_id) is None


def said(house: House, run_id: str) -> ledger.KeptNotice | None:
    with house.desk.store.reading() as session:
        return ledger.by_occasion(session, f"{run_id}:paused")


def test_the_last_of_so_many_failures_in_a_row_pauses_the_schedule_and_says_so(house: House) -> None:
    job = house.job(**DAILY)
    ends(house, job)
    ends(house, job)
    assert not is_paused(house, job)
    last = ends(house, job)
    paused = newest(house, job)
    assert (paused.version, paused.definition.schedule.enabled, paused.definition.schedule.cron) == (
        2,
        False,
        "0 8 * * *",
    )
    assert is_paused(house, job)
    with house.desk.store.reading() as session:
        row = session.get(JobVersionRow, (job.job_id, 2))
    assert row is not None and row.note == "Paused after 3 failed runs in a row."
    notice = said(house, last)
    assert notice is not None
    content = notice.content
    assert (content.kind, content.level, content.topics) == ("paused", "error", ("failed_run",))
    assert content.subject == "Paused after 3 failures in a row: Weekly report"
    assert content.lead == "The last 3 runs that its schedule started failed, so it starts by itself no more."
    assert content.then == "Run it by hand to see whether it works. Then switch it on again in its settings."
    assert [link.path for link in content.links] == [f"/interact/runs/{last}", f"/interact/jobs/{job.job_id}"]
    assert house.told([notice.notice_id]) == [("mail", "team@example.com", "pending", "")]
    assert (notice.job_id, notice.run_id) == (job.job_id, last)


def test_the_message_of_the_last_failure_does_not_promise_a_next_time(house: House) -> None:
    job = house.job(**DAILY)
    failed = [ends(house, job) for _ in range(3)]
    with house.desk.store.reading() as session:
        told = [ledger.by_occasion(session, f"{run_id}:failed") for run_id in failed]
    then = [notice.content.then for notice in told if notice]
    assert ["It runs again on" in each for each in then] == [True, True, False]
    assert then[-1] == PAUSED


def test_the_notice_names_the_last_cause(house: House) -> None:
    job = house.job(**DAILY)
    asked = [ends(house, job) for _ in range(3)][-1]
    house.later(minutes=1)
    again = house.job(**DAILY)
    refused = [ends(house, again, begins=False) for _ in range(3)][-1]
    causes = [notice.content.failures for run_id in (asked, refused) if (notice := said(house, run_id))]
    assert [[(each.title, each.text) for each in cause] for cause in causes] == [
        [("The last failure, NL", REASON)],
        [("The last failure", "No reason was recorded.")],
    ]


@pytest.mark.parametrize(
    "between",
    [
        {"initiator": "schedule"},
        {"initiator": "user:ada"},
        {"verdict": RunVerdict.PARTIAL},
    ],
)
def test_a_run_that_works_ends_the_streak_whoever_asked_for_it(house: House, between: dict[str, Any]) -> None:
    job = house.job(**DAILY)
    ends(house, job)
    ends(house, job)
    ends(house, job, GOOD, **between)
    ends(house, job)
    ends(house, job)
    assert not is_paused(house, job)
    ends(house, job)
    assert is_paused(house, job)


@pytest.mark.parametrize(
    "other",
    [
        {"initiator": "user:ada"},
        {"initiator": "key:pipeline"},
        {"outage": "warehouse:w"},
        {"verdict": RunVerdict.CANCELLED},
        {"clear_number": 1},
    ],
)
def test_what_a_person_or_a_program_asked_for_and_what_an_outage_failed_pauses_nothing(
    house: House, other: dict[str, Any]
) -> None:
    job = house.job(**DAILY)
    ends(house, job)
    ends(house, job)
    ends(house, job, **other)
    assert not is_paused(house, job)
    ends(house, job)
    assert is_paused(house, job)


def test_a_save_begins_the_count_anew(house: House) -> None:
    job = house.job(**DAILY)
    ends(house, job)
    ends(house, job)
    house.later(minutes=1)
    mended = house.job(**DAILY, name="Mended")
    ends(house, mended)
    ends(house, mended)
    assert not is_paused(house, job)
    ends(house, mended)
    assert is_paused(house, job)


def test_a_run_of_an_earlier_version_pauses_nothing(house: House) -> None:
    job = house.job(**DAILY)
    for _ in range(2):
        ends(house, job)
    house.later(hours=1)
    run_id = house.ended(job, BAD, initiator="schedule")
    house.job(**DAILY, name="Mended while it ran")
    tell(house.desk, run_id)
    assert not is_paused(house, job)


def test_switched_on_again_it_has_as_many_failures_as_before(house: House) -> None:
    job = house.job(**DAILY)
    for _ in range(3):
        ends(house, job)
    house.later(minutes=1)
    again = house.job(**DAILY)
    assert again.version == 3
    ends(house, again)
    ends(house, again)
    assert not is_paused(house, job)
    ends(house, again)
    assert is_paused(house, job)


def test_data_starts_a_paused_job_no_more_and_its_names_stay(house: House) -> None:
    job = house.job(triggers={"assets": ["ads", "shop"]}, channels=["mail"])
    for _ in range(3):
        last = ends(house, job, initiator="asset:ads")
    triggers = newest(house, job).definition.triggers
    assert triggers is not None
    assert (triggers.enabled, triggers.assets, is_paused(house, job)) == (False, ("ads", "shop"), True)
    notice = said(house, last)
    assert notice is not None
    assert notice.content.lead == "The last 3 runs that its data started failed, so it starts by itself no more."


def test_a_schedule_that_waits_for_data_still_does_when_it_is_switched_on_again(house: House) -> None:
    waits = {"assets": ["ads"], "schedule": "and", "cutoff_minutes": 60}
    job = house.job(**DAILY, triggers=waits)
    for _ in range(3):
        ends(house, job)
    definition = newest(house, job).definition
    assert definition.schedule is not None and definition.triggers is not None
    assert (definition.schedule.enabled, definition.triggers.enabled, is_paused(house, job)) == (False, True, True)


def test_an_organisation_may_let_jobs_fail_for_ever(house: House) -> None:
    house.limits(pause_after_failures=0)
    job = house.job(**DAILY)
    for _ in range(8):
        ends(house, job)
    assert not is_paused(house, job)


def test_the_limit_is_the_organisations_of_today(house: House) -> None:
    job = house.job(**DAILY)
    ends(house, job)
    house.limits(pause_after_failures=2)
    ends(house, job)
    assert is_paused(house, job)


def test_a_job_that_nothing_starts_has_nothing_to_pause(house: House) -> None:
    job = house.job(channels=["mail"])
    for _ in range(4):
        last = ends(house, job)
    assert (newest(house, job).version, said(house, last)) == (1, None)


def test_a_job_that_a_file_keeps_is_paused_and_its_notice_names_the_file(house: House) -> None:
    job = house.job(**DAILY)
    with house.desk.store.writing() as session:
        jobs.save(session, Job.model_validate(job.definition), now=house.desk.now(), kept_in="jobs.yaml")
    for _ in range(3):
        last = ends(house, job)
    assert (is_paused(house, job), newest(house, job).kept_in) == (True, "jobs.yaml")
    notice = said(house, last)
    assert notice is not None
    assert notice.content.then.endswith(
        "It is kept in the file 'jobs.yaml': `interact diff` shows the difference, and `interact apply` switches it "
        "on again."
    )


def test_a_deleted_job_is_not_paused(house: House) -> None:
    job = house.job(**DAILY)
    ends(house, job)
    ends(house, job)
    house.later(hours=1)
    run_id = house.ended(job, BAD, initiator="schedule")
    with house.desk.store.writing() as session:
        jobs.mark_deleted(session, job.job_id, now=house.desk.now())
    tell(house.desk, run_id)
    assert said(house, run_id) is None
