"""Times that were skipped or did not run are told: once a day and job at most, all of them together."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from builders.counting import counted
from builders.outages import Town, a_town
from builders.stores import opened, sqlite_url
from builders.timed import at
from interact.jobs.stored import StoredJob
from interact.runs import reasons
from interact.runs.missed import jobs_to_tell, tell_missed
from interact.runs.times import decided
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store import expected, jobs
from interact.store.ledger import KeptNotice
from interact.store.sessions import Store
from interact.store.time_tables import ExpectedTimeRow

SKIPPED, NOT_RUN = TimeOutcome.SKIPPED, TimeOutcome.NOT_RUN


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """An organisation with one channel."""
    with opened(sqlite_url(tmp_path)) as store:
        yield a_town(store, tmp_path)


def missed(
    town: Town, job: StoredJob, *dues: datetime, outcome: TimeOutcome = NOT_RUN, reason: str = reasons.NOT_STARTED
) -> None:
    with town.desk.store.writing() as session:
        for due_at in dues:
            expected.record(session, decided(job.job_id, due_at, outcome, reason, now=town.desk.now()))


def told(town: Town) -> list[KeptNotice]:
    """Tell of all that is to be told, and return everything that was said so far."""
    for job in jobs_to_tell(town.desk):
        tell_missed(town.desk, job)
    return town.said("skipped")


def untold(town: Town) -> list[datetime]:
    with town.desk.store.reading() as session:
        rows = session.query(ExpectedTimeRow).filter(ExpectedTimeRow.told_at.is_(None))
        return sorted(row.due_at for row in rows)


def test_a_time_that_did_not_run_is_told_with_its_zone_and_reason(town: Town) -> None:
    job = town.job(timezone="Europe/Amsterdam")
    missed(town, job, at("07:00"))
    (notice,) = told(town)
    said = notice.content
    assert (said.kind, said.level, said.topics) == ("skipped", "warning", ("skipped_run",))
    why = "Airflow did not run it: its scheduler was down or had no free slot, or the first task of its run failed."
    assert (said.subject, said.lead) == ("Not run: Report weekly, 23 Nov 2026, 08:00 CET", why)
    assert [(each.title, each.text) for each in said.failures] == [("23 Nov 2026, 08:00 CET", why)]
    assert said.then == "Each of them is in the job's history, where it can be run now, with its own days."
    assert [link.path for link in said.links] == [f"/interact/jobs/{job.job_id}"]
    assert (notice.job_id, notice.run_id) == (job.job_id, None)
    assert town.told(notice) == [("mail", "team@north.example", "pending", "")]
    assert (told(town), untold(town)) == ([notice], [])


def test_several_times_are_one_notice_that_counts_them_newest_first(town: Town) -> None:
    job = town.job()
    missed(town, job, *(at(f"{hour:02}:00") for hour in range(3)))
    missed(town, job, at("03:00"), outcome=SKIPPED, reason=reasons.INACTIVE)
    (notice,) = told(town)
    assert notice.content.subject == "3 times not run, 1 time skipped: Report weekly"
    assert notice.content.lead == (
        "From 23 Nov 2026, 00:00 UTC to 23 Nov 2026, 03:00 UTC: 3 times not run, 1 time skipped."
    )
    assert [each.title for each in notice.content.failures][:2] == ["23 Nov 2026, 03:00 UTC", "23 Nov 2026, 02:00 UTC"]


def test_of_many_times_twenty_are_named_and_the_others_counted(town: Town) -> None:
    missed(town, town.job(), *(at("00:00") + timedelta(minutes=15 * number) for number in range(96)))
    (notice,) = told(town)
    assert notice.content.subject == "96 times not run: Report weekly"
    assert len(notice.content.failures) == 21
    assert notice.content.failures[-1].title == "and 76 more"


def test_a_job_is_told_of_once_in_a_day_and_what_comes_meanwhile_is_gathered(town: Town) -> None:
    job = town.job()
    town.to("08:00")
    missed(town, job, at("07:00"))
    assert len(told(town)) == 1
    missed(town, job, at("09:00"), at("10:00"))
    town.to(at("07:59:59", day=1))
    assert (len(told(town)), untold(town)) == (1, [at("09:00"), at("10:00")])
    town.to(at("08:00", day=1))
    _, second = told(town)
    assert second.content.subject == "2 times not run: Report weekly"


def test_each_job_has_its_own_day(town: Town) -> None:
    first, second = town.job("first"), town.job("second")
    missed(town, first, at("07:00"))
    assert len(told(town)) == 1
    missed(town, second, at("07:00"))
    assert {notice.job_id for notice in told(town)} == {first.job_id, second.job_id}


@pytest.mark.parametrize(
    "reason", [reasons.holiday("Christmas Day"), "Run run_aaaaaaaaaaaa, which data had started, began first."]
)
def test_a_time_that_the_jobs_own_rule_leaves_out_or_a_run_stands_for_is_no_news(town: Town, reason: str) -> None:
    missed(town, town.job(), at("08:00"), outcome=SKIPPED, reason=reason)
    assert (told(town), untold(town)) == ([], [])


@pytest.mark.parametrize(
    "reason", [reasons.NO_DAG, reasons.NOT_STARTED, reasons.INACTIVE, reasons.paused("interact_a"), "Changed."]
)
def test_every_other_reason_is_told(town: Town, reason: str) -> None:
    missed(town, town.job(), at("08:00"), reason=reason)
    (notice,) = told(town)
    assert notice.content.lead == reason.removesuffix(" Trigger the job to have it all the same.")


def test_nobody_is_told_of_a_job_without_channels_or_that_is_deleted(town: Town) -> None:
    silent, gone = town.job("silent", channels=[]), town.job("gone")
    missed(town, silent, at("07:00"))
    missed(town, gone, at("07:00"))
    with town.desk.store.writing() as session:
        jobs.mark_deleted(session, gone.job_id, now=town.desk.now())
    assert (told(town), untold(town)) == ([], [])


def test_all_whom_routes_name_hear_of_a_job_that_has_nothing_else(town: Town) -> None:
    market = {"market": {"values": ["NL", "BE"], "default": "NL"}}
    routes = [
        {"parameter": "market", "value": "NL", "channel": "mail", "recipients": ["nl@north.example"]},
        {"parameter": "market", "value": "BE", "channel": "mail"},
    ]
    missed(town, town.job(channels=[], parameters=market, notices={"routes": routes}), at("07:00"))
    (notice,) = told(town)
    assert [recipient for _, recipient, *_ in town.told(notice)] == ["nl@north.example", "team@north.example"]


def test_a_time_that_ran_is_told_by_its_run(town: Town) -> None:
    job, now = town.job(), town.desk.now()
    with town.desk.store.writing() as session:
        expected.record(session, ExpectedTime(job.job_id, at("08:00"), TimeOutcome.RAN, None, None, "a", now, now))
    assert (told(town), untold(town)) == ([], [])


def test_a_channel_that_does_not_hear_of_missed_times_shows_that_it_was_not_told(town: Town) -> None:
    town.channel("north", "alarm", type="slack", connection="slack_bot", level="error")
    missed(town, town.job(channels=["alarm"]), at("08:00"))
    (notice,) = told(town)
    assert town.told(notice) == [
        ("alarm", "", "held", "This channel hears only failures (its level is 'error'), and this is 'warning'.")
    ]


def test_two_at_once_tell_once(store: Store, tmp_path: Path) -> None:
    town = a_town(store, tmp_path)
    job = town.job()
    missed(town, job, *(at(f"{hour:02}:00") for hour in range(9)))
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(lambda _: tell_missed(town.desk, job), range(4))) == [False, False, False, True]
    assert [notice.content.subject for notice in town.said("skipped")] == ["9 times not run: Report weekly"]


def test_a_day_of_downtime_costs_as_many_statements_for_a_job_however_many_times_it_has(town: Town) -> None:
    day = [at("00:00") + timedelta(minutes=15 * number) for number in range(96)]
    few, many = town.job("few"), [town.job(f"job-{number}") for number in range(30)]
    missed(town, few, day[0])
    for job in many:
        missed(town, job, *day)
    with counted(town.desk.store) as cost:
        tell_missed(town.desk, few)
    of_one = len(cost)
    with counted(town.desk.store) as cost:
        assert len(told(town)) == 31
    assert len(cost) <= of_one * 30 + 20
