"""A job's page: its head, its history, and what somebody does from there."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from builders.added import add_job, add_run, add_time, run_by_id, runs_of
from builders.airflow_tables import save_dag
from builders.counting import counted
from interact.chats.status import RunVerdict
from interact.jobs.naming import new_id
from interact.jobs.stored import StoredJob
from interact.runs.cancel import cancel
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store import expected, jobs, runs

DUE = datetime(2026, 1, 5, 7, 0, tzinfo=UTC)
"""A Monday, 08:00 in Amsterdam."""


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def rows(page: str) -> list[str]:
    """Return the lines of the history as words, in order."""
    body = page.split('<table class="list history">')[1].split("</table>")[0]
    return [words(each.split("</tr>")[0].partition(">")[2]) for each in body.split("<tr id=")[1:]]


def ended(site: Any, job: StoredJob, verdict: RunVerdict = RunVerdict.COMPLETED, **when: Any) -> str:
    """Return the id of a run of the schedule that stood for DUE, or for another time, and has ended."""
    late = when.pop("late", timedelta(0))
    due_at = when.pop("due_at", DUE)
    with site.found.desk.store.writing() as session:
        snapshot = jobs.snapshot(session, job.job_id)
        assert snapshot is not None
        intent = runs.Acceptance(
            run_id=new_id("run"),
            dag_run_id=f"scheduled__{due_at.isoformat()}",
            initiator="schedule",
            snapshot=snapshot,
            combinations=({},),
            prompts=("Spend.",),
            run_after=due_at,
            due_at=due_at,
        )
        run, _ = runs.accept(session, intent, now=due_at)
        ran = ExpectedTime(
            job.job_id, due_at, TimeOutcome.RAN, None, run.run_id, run.dag_run_id, due_at + late, due_at + late
        )
        assert expected.record(session, ran)
        runs.mark_started(session, run.run_id, at=due_at + late, clear_number=0)
        runs.mark_ended(
            session, run.run_id, verdict=verdict, reason=None, at=due_at + late + timedelta(minutes=3, seconds=20)
        )
    return run.run_id


def test_the_head_says_when_the_job_runs_whose_it_is_and_who_sees_it(site: Any) -> None:
    job = add_job(site.found, "nightly", schedule="0 3 * * *", visibility="private", prompt="Spend <b>today</b>?")
    page = site.get(f"/jobs/{job.job_id}").text
    assert "At 03:00, every day (Europe/Amsterdam)" in words(page)
    dates = re.findall(r"<li>\w{3} (\d+ \w+ \d{4}, 03:00 CES?T)", page)
    assert len(dates) == 5
    assert "Owner ada Visible to its owner alone Key nightly Version 1" in words(page)
    assert "Spend &lt;b&gt;today&lt;/b&gt;?" in page
    assert f'href="/jobs/{job.job_id}/settings"' in page


def test_times_are_shown_in_the_zone_of_the_job_with_its_name(site: Any) -> None:
    job = add_job(site.found, "tokyo", schedule="0 8 * * *", timezone="Asia/Tokyo")
    add_time(site.found, job, datetime(2026, 1, 4, 23, 0, tzinfo=UTC))
    page = site.get(f"/jobs/{job.job_id}").text
    assert "5 Jan 2026, 08:00 JST" in page and "(Asia/Tokyo)" in page
    assert "CET" not in page and "UTC" not in page


def test_an_hour_that_comes_twice_has_two_lines_that_are_told_apart(site: Any) -> None:
    job = add_job(site.found, "wall", schedule="*/30 * * * *")
    for hour in (0, 1):
        add_time(site.found, job, datetime(2026, 10, 25, hour, 30, tzinfo=UTC))
    page = site.get(f"/jobs/{job.job_id}?outcome=not_run").text
    assert [re.findall(r"02:30 \w+", line) for line in rows(page)] == [["02:30 CET"], ["02:30 CEST"]]
    assert "#time-20261025T003000Z" not in page and 'id="time-20261025T003000Z"' in page


def test_an_expected_time_and_its_run_are_one_line_with_how_late_it_was(site: Any) -> None:
    job = add_job(site.found, "weekly-two", schedule="0 8 * * 1")
    ended(site, job, late=timedelta(minutes=31))
    page = site.get(f"/jobs/{job.job_id}").text
    lines = [line for line in rows(page) if "5 Jan 2026, 08:00 CET" in line]
    assert len(lines) == 1
    assert lines[0].startswith("completed late 5 Jan 2026, 08:00 CET")
    assert "31 min late, 5 Jan 2026, 08:31 CET" in lines[0] and "its schedule 3 min 1 chat" in lines[0]


@pytest.mark.parametrize(
    ("initiator", "said"),
    [
        ("user:bob", "bob"),
        ("key:pipeline", "API key pipeline"),
        ("asset:warehouse.ad_performance", "new data in warehouse.ad_performance"),
        ("schedule", "its schedule"),
        ("airflow", "Airflow"),
    ],
)
def test_who_started_a_run_is_said_as_people_say_it(site: Any, initiator: str, said: str) -> None:
    job = add_job(site.found, "asked")
    run = add_run(site.found, job, initiator)
    cancel(site.found.desk, run.run_id, by="user:ivy")
    page = site.get(f"/jobs/{job.job_id}").text
    [line] = rows(page)
    assert f"Cancelled by ivy. {said} " in line
    assert "user:" not in page and "key:" not in page and "asset:" not in page


def test_a_reason_leads_to_the_run_that_it_names(site: Any) -> None:
    job = add_job(site.found, "hourly-two", schedule="0 * * * *")
    add_time(site.found, job, DUE, TimeOutcome.SKIPPED, "Run run_000000000001 was still in progress.")
    page = site.get(f"/jobs/{job.job_id}").text
    assert 'Run <a href="/runs/run_000000000001">run_000000000001</a> was still in progress.' in page


def test_the_newest_comes_first_and_a_filter_holds_one_outcome(site: Any) -> None:
    job = add_job(site.found, "mixed", schedule={"cron": "0 8 * * 1", "enabled": False})
    ended(site, job, RunVerdict.FAILED, due_at=DUE - timedelta(days=7))
    add_time(site.found, job, DUE, TimeOutcome.SKIPPED)
    add_time(site.found, job, DUE + timedelta(days=7))
    add_run(site.found, job)
    page = f"/jobs/{job.job_id}"
    assert [line.split()[0] for line in rows(site.get(page).text)] == ["queued", "not", "skipped", "failed"]
    for outcome, first in (("running", "queued"), ("skipped", "skipped"), ("not_run", "not"), ("failed", "failed")):
        assert [line.split()[0] for line in rows(site.get(f"{page}?outcome={outcome}").text)] == [first]
    assert "Nothing partial" in site.get(f"{page}?outcome=partial").text
    assert site.get(f"{page}?outcome=lost").status_code == 422


def test_older_lines_are_on_pages_that_stay_where_they_are_while_others_come_in(site: Any) -> None:
    job = add_job(site.found, "many", schedule={"cron": "0 8 * * *", "enabled": False})
    for number in range(70):
        add_time(site.found, job, DUE - timedelta(days=number))
    first = site.get(f"/jobs/{job.job_id}").text
    [older] = re.findall(r'rel="next" href="([^"]*)"', first)
    before = rows(site.get(f"/jobs/{job.job_id}{older}").text)
    add_time(site.found, job, DUE + timedelta(days=1))
    after = rows(site.get(f"/jobs/{job.job_id}{older}").text)
    assert before == after
    assert (len(rows(first)), len(before)) == (50, 20)
    assert not set(rows(first)) & set(before)


def test_the_last_thirty_days_are_counted_in_a_line(site: Any) -> None:
    job = add_job(site.found, "counted", schedule={"cron": "0 8 * * *", "enabled": False})
    now = site.found.desk.now().replace(microsecond=0)
    for days, outcome in ((1, TimeOutcome.SKIPPED), (2, TimeOutcome.NOT_RUN), (40, TimeOutcome.NOT_RUN)):
        add_time(site.found, job, now - timedelta(days=days), outcome)
    page = site.get(f"/jobs/{job.job_id}").text
    assert "Its times in the last 30 days: 0 ran, 1 skipped, 1 not run" in page


def test_a_time_that_has_come_and_is_not_decided_stands_there_too(site: Any) -> None:
    job = add_job(site.found, "due", schedule="* * * * *")
    page = site.get(f"/jobs/{job.job_id}").text
    assert rows(page)[0].startswith("waiting") and "its run has not begun" in rows(page)[0]
    assert "Run it now" not in page


def test_the_page_takes_as_many_queries_for_300_lines_as_for_3(site: Any) -> None:
    asked = {}
    for count in (3, 300):
        job = add_job(site.found, f"lines-{count}", schedule={"cron": "0 8 * * *", "enabled": False})
        for number in range(count):
            if number % 2:
                ended(site, job, due_at=DUE - timedelta(days=number))
            else:
                add_time(site.found, job, DUE - timedelta(days=number))
        with counted(site.found.desk.store) as statements:
            assert len(rows(site.get(f"/jobs/{job.job_id}").text)) == min(count, 50)
        asked[count] = len(statements)
    assert asked[3] == asked[300]


def test_a_paused_dag_and_an_agent_that_is_not_active_say_why_nothing_starts(site: Any) -> None:
    paused = add_job(site.found, "nightly", schedule="0 3 * * *")
    idle = add_job(site.found, "idle", agent="retired", schedule="0 3 * * *")
    save_dag(paused.dag_id, is_paused=True)
    assert "in Airflow: nothing starts the job" in site.get(f"/jobs/{paused.job_id}").text
    page = site.get(f"/jobs/{idle.job_id}").text
    assert "is not active, so nothing starts this job" in words(page)
    assert f"/jobs/{idle.job_id}/run" not in page


def test_a_job_that_has_not_run_says_when_it_will(site: Any) -> None:
    job = add_job(site.found, "yearly", schedule="0 3 1 1 *")
    page = site.get(f"/jobs/{job.job_id}").text
    assert "It has not run yet" in page and re.search(r"Its first time is 1 Jan \d{4}, 03:00 CET", page)


@pytest.mark.parametrize("who", ["bob", "ivy", "eve"])
def test_the_private_job_of_another_is_not_there(site: Any, who: str) -> None:
    job, run_id = site.found.jobs["private"], site.found.runs["private"]
    assert site.get(f"/jobs/{job.job_id}", who).status_code == 404
    assert site.get(f"/jobs/{job.job_id}/run", who).status_code == 404
    for path in (f"/jobs/{job.job_id}/run", f"/jobs/{job.job_id}/times", f"/runs/{run_id}/rerun"):
        assert site.post(path, who, data={"due_at": DUE.isoformat()}).status_code == 404
    assert site.post(f"/runs/{run_id}/cancel", who).status_code == 404


def test_run_again_starts_the_same_values_and_leads_to_the_run(site: Any) -> None:
    before = site.found.runs["cancelled"]
    answer = site.post(f"/runs/{before}/rerun", "bob", data={"token": "t"})
    run = run_by_id(site.found, answer.headers["location"].removeprefix("/runs/"))
    assert (answer.status_code, run.rerun_of, run.initiator) == (303, before, "user:bob")
    page = site.get(f"/jobs/{run.job_id}").text
    assert f'<a href="/runs/{before}">an earlier run</a> again' in page
    assert "0 of 2 chats answered" in rows(page)[0]


def test_cancel_ends_a_run_and_says_so_when_there_is_nothing_left_to_end(site: Any) -> None:
    run_id = site.found.runs["queued"]
    answer = site.post(f"/runs/{run_id}/cancel")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/runs/{run_id}")
    run = run_by_id(site.found, run_id)
    assert (run.verdict, run.cancelled_by) == (RunVerdict.CANCELLED, "user:ada")
    again = site.post(f"/runs/{site.found.runs['check']}/cancel")
    assert again.status_code == 409 and "there is nothing left to cancel" in again.text


@pytest.fixture
def missed(site: Any) -> StoredJob:
    """Return a job whose time DUE was not run; by itself it asks for other markets than by hand."""
    market = {"values": ["NL", "BE", "DE"], "default": "NL", "schedule": ["BE", "DE"]}
    job = add_job(site.found, "missed", schedule="0 8 * * 1", parameters={"market": market})
    add_time(site.found, job, DUE)
    return job


def make_up(site: Any, job: StoredJob, due_at: datetime = DUE, **data: str) -> Any:
    return site.post(f"/jobs/{job.job_id}/times", data={"due_at": due_at.isoformat(), **data})


def test_run_it_now_asks_what_the_schedule_would_have_asked_with_dates_of_that_time(
    site: Any, missed: StoredJob
) -> None:
    answer = make_up(site, missed)
    [run] = runs_of(site.found, missed)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/runs/{run.run_id}")
    assert (run.run_after, run.stands_in_for, run.due_at, run.initiator) == (DUE, DUE, None, "user:ada")
    lines = rows(site.get(f"/jobs/{missed.job_id}").text)
    [mine] = [line for line in lines if line.startswith("queued")]
    assert "for the time 5 Jan 2026, 08:00 CET" in mine and "0 of 2 chats answered" in mine


def test_a_time_that_was_made_up_for_says_so_and_is_not_asked_twice(site: Any, missed: StoredJob) -> None:
    make_up(site, missed)
    [run] = runs_of(site.found, missed)
    again = make_up(site, missed)
    assert again.status_code == 409
    assert f"Run &#39;{run.run_id}&#39; was started for the time 5 Jan 2026, 08:00 CET" in again.text
    page = site.get(f"/jobs/{missed.job_id}").text
    assert f'Run later by hand: <a href="/runs/{run.run_id}">queued</a>' in page
    assert "Run it now" not in page


def test_a_time_whose_stand_in_failed_can_be_run_again(site: Any, missed: StoredJob) -> None:
    make_up(site, missed)
    [run] = runs_of(site.found, missed)
    cancel(site.found.desk, run.run_id, by="user:ada")
    assert "Run it now" in site.get(f"/jobs/{missed.job_id}").text
    assert make_up(site, missed).status_code == 303
    assert len(runs_of(site.found, missed)) == 1


def test_a_time_that_ran_and_one_that_never_was_are_not_made_up_for(site: Any, missed: StoredJob) -> None:
    ended(site, missed, due_at=DUE - timedelta(days=7))
    ran, unknown = make_up(site, missed, DUE - timedelta(days=7)), make_up(site, missed, DUE + timedelta(minutes=1))
    assert ran.status_code == 409 and "29 Dec 2025, 08:00 CET of job &#39;missed&#39; has run" in ran.text
    assert unknown.status_code == 409 and "has no time 5 Jan 2026, 08:01 CET" in unknown.text
    for wrong in ("soon", "", "2026-01-05T08:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"):
        assert site.post(f"/jobs/{missed.job_id}/times", data={"due_at": wrong}).status_code == 422
    assert runs_of(site.found, missed) == []


def test_a_double_click_on_run_it_now_starts_one_run(site: Any, missed: StoredJob) -> None:
    first, second = make_up(site, missed, token="t"), make_up(site, missed, token="t")
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    assert len(runs_of(site.found, missed)) == 1
