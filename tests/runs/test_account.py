"""The watch gives every expected time its one row, and finishes what a crash left open."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from builders.doors import doors
from builders.fake_airflow import FakeAirflow
from builders.timed import Story, a_story, at
from interact.chats.status import ChatStatus, RunVerdict
from interact.errors import StoreUnavailable
from interact.runs import account as watching
from interact.runs import reasons
from interact.runs.accept import Accepted, Ask, accept
from interact.runs.account import Accounts, account
from interact.runs.airflow import AirflowRun
from interact.runs.begin import Begun, Passed
from interact.runs.cancel import cancel
from interact.store import chats, jobs, periods, runs, watch


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """An hourly job."""
    return a_story(tmp_path)


def watched(story: Story, clock: str) -> Accounts:
    """Let the watch look at a time."""
    story.to(clock)
    return account(story.desk, story.airflow)


def reason(story: Story, due: str) -> str:
    """Why a time became what it is."""
    row = story.row(due)
    assert row is not None
    return str(row.reason)


def promised(story: Story, clock: str) -> Accepted:
    """A trigger that was accepted at a time."""
    story.to(clock)
    return accept(story.desk, Ask(story.job.job_id, {"market": ["NL", "BE"]}, "key:ci"))


def test_times_that_airflow_did_not_run_are_not_run_and_the_newest_stays_open_while_it_may_run(story: Story) -> None:
    assert watched(story, "03:10") == Accounts(not_run=2)
    assert story.rows() == [("01:00", "not_run"), ("02:00", "not_run")]
    assert "It had not started when a later time, 2026-11-23 03:00 (UTC), came." in reason(story, "02:00")
    assert watched(story, "03:30").rows == 0
    assert watched(story, "03:31") == Accounts(not_run=1)
    assert "Airflow did not run it" in reason(story, "03:00")


def test_a_time_that_the_watch_left_open_may_still_run(story: Story) -> None:
    watched(story, "01:10")
    assert isinstance(story.begins("01:20", "01:00"), Begun)
    story.ends("01:50", "01:00")
    watched(story, "02:40")
    assert story.rows() == [("01:00", "ran"), ("02:00", "not_run")]


def test_a_time_that_the_watch_closed_does_not_run_any_more(story: Story) -> None:
    watched(story, "01:31")
    assert not isinstance(story.begins("01:31:05", "01:00"), Begun)
    assert story.rows() == [("01:00", "not_run")]


def test_a_time_has_two_minutes_before_anybody_decides_it(story: Story) -> None:
    story.begins("00:40", run_type="asset_triggered", initiator="schedule", clear=1)
    assert watched(story, "01:01:59").rows == 0


def test_a_time_during_a_run_of_the_schedule_is_skipped_while_that_run_goes_on(story: Story) -> None:
    story.begins("01:00:05", "01:00")
    assert watched(story, "02:05") == Accounts(skipped=1)
    assert "was still in progress" in reason(story, "02:00")


def test_times_during_a_persons_run_wait_for_it_and_the_newest_runs_afterwards(story: Story) -> None:
    story.begins("00:58", run_type="manual")
    assert watched(story, "02:45") == Accounts(not_run=1)
    story.ends("02:50", "00:58", run_type="manual")
    assert isinstance(story.begins("02:50:05", "02:00"), Begun)
    assert story.rows() == [("01:00", "not_run"), ("02:00", "ran")]


def test_a_holiday_is_accounted_for_at_once_with_its_name(tmp_path: Path) -> None:
    story = a_story(tmp_path, schedule={"cron": "0 8 * * *", "on_holiday": "skip"})
    with story.desk.store.writing() as session:
        (period,) = periods.unaccounted(session, now=at("08:00"))
        plan = period.plan.plain()
    plan["schedule"]["calendar"]["added"] = ["2026-11-23"]
    with story.desk.store.writing() as session:
        periods.follow(session, story.job.job_id, 1, type(period.plan).of(plan), now=at("00:00"))
    assert watched(story, "08:00:01") == Accounts(skipped=1)
    assert reason(story, "08:00") == "own holiday: the job's schedule skips holidays."


@pytest.mark.parametrize(
    ("state", "told"), [("paused", "was paused in Airflow. Switch it on"), ("missing", "Airflow had no DAG")]
)
def test_a_dag_that_is_paused_or_missing_is_the_reason(story: Story, state: str, told: str) -> None:
    getattr(story.airflow, state).add(story.job.dag_id)
    watched(story, "02:31")
    assert told in reason(story, "01:00") and told in reason(story, "02:00")


def test_a_changed_schedule_closes_the_times_of_the_old_one_and_never_looks_back(story: Story) -> None:
    story.save("03:00:30", schedule="30 * * * *")
    watched(story, "03:20")
    story.begins("03:30:04", "03:30")
    story.save("03:45", schedule={"cron": "30 * * * *", "enabled": False})
    watched(story, "09:00")
    assert story.rows() == [
        ("01:00", "not_run"),
        ("02:00", "not_run"),
        ("03:00", "not_run"),
        ("03:30", "ran"),
    ]
    with story.desk.store.reading() as session:
        assert periods.unaccounted(session, now=at("09:00")) == []


def test_the_last_time_of_a_schedule_that_was_switched_off_says_so(story: Story) -> None:
    story.save("01:00:30", schedule=None)
    watched(story, "01:40")
    assert reason(story, "01:00").startswith("The schedule was changed, switched off or deleted at 2026-11-23 01:00")


def test_a_deleted_jobs_times_are_accounted_for_up_to_its_end(story: Story) -> None:
    with story.desk.store.writing() as session:
        jobs.mark_deleted(session, story.job.job_id, now=at("02:00:30"))
    watched(story, "05:00")
    assert story.rows() == [("01:00", "not_run"), ("02:00", "not_run")]


def test_a_time_that_waits_for_data_stays_open_until_its_cut_off_and_the_next_time_closes_it(tmp_path: Path) -> None:
    waits = {"assets": ["ads"], "schedule": "and", "cutoff_minutes": 55}
    story = a_story(tmp_path, triggers=waits)
    assert watched(story, "01:59").rows == 0
    assert watched(story, "02:05") == Accounts(not_run=1)
    assert reason(story, "01:00").startswith("It still waited for its data when 2026-11-23 02:00 (UTC) came.")


def test_the_watch_may_look_twice_and_at_once(story: Story) -> None:
    assert watched(story, "03:10").rows == 2
    assert watched(story, "03:10").rows == 0
    with story.desk.store.writing() as session:
        (period,) = periods.unaccounted(session, now=at("04:00"))
        assert period.accounted_until == at("02:00")


def test_the_watch_writes_when_it_last_came_to_its_end(story: Story) -> None:
    watched(story, "03:10")
    with story.desk.store.reading() as session:
        assert watch.last(session) == at("03:10")


def test_a_watch_that_loses_the_store_goes_on_where_it_stopped(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []

    def crash(*given: Any, **named: Any) -> bool:
        calls.append(given)
        if len(calls) == 2:
            raise StoreUnavailable("The store went away.")
        return kept(*given, **named)

    kept = watching.keep
    monkeypatch.setattr(watching, "keep", crash)
    with pytest.raises(StoreUnavailable, match="went away"):
        watched(story, "03:10")
    assert story.rows() == []
    with story.desk.store.reading() as session:
        assert watch.last(session) is None
    assert watched(story, "03:15").rows == 2


def pages(number: int) -> Callable[[], float]:
    """Return a clock by which a pass has the time for so many pages."""
    return chain([0.0], repeat(0.0, number), repeat(watching.SECONDS)).__next__


def test_ten_thousand_missed_times_are_accounted_for_in_passes(tmp_path: Path) -> None:
    story = a_story(tmp_path, schedule="* * * * *")
    story.to(at("00:00:30") + timedelta(minutes=10_000))
    counts = [account(story.desk, story.airflow, seconds=pages(number)).not_run for number in (15, 15, 15)]
    # The last two are younger than two minutes.
    assert counts == [15 * watching.PAGE, 9_998 - 15 * watching.PAGE, 0]
    with story.desk.store.reading() as session:
        (period,) = periods.unaccounted(session, now=story.desk.now())
    assert period.accounted_until == at("00:00") + timedelta(minutes=9_998)


def test_after_a_week_of_downtime_a_daily_job_does_not_wait_behind_one_of_every_minute(tmp_path: Path) -> None:
    story = a_story(tmp_path, schedule="* * * * *")
    story.save("00:00", key="daily", schedule="0 8 * * *")
    story.to(at("20:30", day=6))
    # Whose turn comes first depends on the jobs' ids.
    assert account(story.desk, story.airflow, seconds=pages(3)).not_run in (watching.PAGE + 7, 2 * watching.PAGE + 7)
    assert [due for due, _ in story.rows()] == ["08:00"] * 7


def test_a_schedule_that_ends_while_the_watch_looks_has_no_rows_for_later_times(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended_meanwhile(*given: Any, **named: Any) -> list[periods.Period]:
        read = unaccounted(*given, **named)
        story.save("02:10", schedule=None)
        story.to("05:00")
        return read

    unaccounted = periods.unaccounted
    monkeypatch.setattr(periods, "unaccounted", ended_meanwhile)
    assert watched(story, "05:00") == Accounts(not_run=2)
    assert story.rows() == [("01:00", "not_run"), ("02:00", "not_run")]


class Faulty(FakeAirflow):
    """An Airflow that cannot answer for one DAG or run."""

    fails_for = ""

    def run_of(self, dag_id: str, dag_run_id: str) -> AirflowRun | None:
        """Answer, or fail."""
        self._fail(dag_run_id)
        return super().run_of(dag_id, dag_run_id)

    def is_paused(self, dag_id: str) -> bool | None:
        """Answer, or fail."""
        self._fail(dag_id)
        return super().is_paused(dag_id)

    def start(self, dag_id: str, dag_run_id: str, *, conf: Mapping[str, object], run_after: datetime) -> bool:
        """Start, or fail."""
        self._fail(dag_run_id)
        return super().start(dag_id, dag_run_id, conf=conf, run_after=run_after)

    def _fail(self, name: str) -> None:
        if name == self.fails_for:
            raise RuntimeError("secret contents")


@pytest.fixture
def faulty(story: Story, monkeypatch: pytest.MonkeyPatch) -> Faulty:
    """The story's Airflow, which may fail; whether the heartbeat was called is in its runs."""
    story.airflow = Faulty()
    story.desk = replace(story.desk, settings=replace(story.desk.settings, heartbeat_url="https://example.org/ping"))
    monkeypatch.setattr(watching, "beat", lambda _: story.airflow.paused.add("heartbeat"))
    return story.airflow


def test_a_job_that_airflow_cannot_answer_for_keeps_no_other_from_its_rows(
    story: Story, faulty: Faulty, caplog: pytest.LogCaptureFixture
) -> None:
    faulty.fails_for, bad = story.job.dag_id, story.job.job_id
    story.save("00:00", key="other")
    assert watched(story, "02:31") == Accounts(not_run=2, faults=1)
    assert story.rows() == [("01:00", "not_run"), ("02:00", "not_run")]
    assert f"Period 1 of job {bad} could not be looked after (RuntimeError)" in caplog.text
    assert "secret" not in caplog.text
    with story.desk.store.reading() as session:
        assert watch.last(session) == at("02:31")
    assert "heartbeat" not in faulty.paused
    faulty.fails_for = ""
    assert watched(story, "02:35") == Accounts(not_run=2)
    assert "heartbeat" in faulty.paused


def test_a_promise_that_cannot_be_handed_over_keeps_no_other_waiting(story: Story, faulty: Faulty) -> None:
    faulty.fails_for = promised(story, "00:10").run.dag_run_id
    good = promised(story, "00:11").run.dag_run_id
    done = watched(story, "00:20")
    assert (done.started, done.faults, [run for _, run, *_ in faulty.started]) == (1, 1, [good])


def test_a_run_that_cannot_be_closed_keeps_no_other_open(story: Story, faulty: Faulty) -> None:
    story.begins("00:10", run_type="manual")
    story.begins("00:11", run_type="manual")
    faulty.fails_for = f"manual__{at('00:10').isoformat()}"
    faulty.runs[f"manual__{at('00:11').isoformat()}"] = AirflowRun("failed", at("00:12"))
    done = watched(story, "00:20")
    assert (done.settled, done.faults) == (1, 1)


def test_a_run_that_airflow_ended_is_closed_with_its_chats(story: Story) -> None:
    begun = story.begins("01:00:05", "01:00")
    assert isinstance(begun, Begun)
    assert watched(story, "01:20").settled == 0
    story.airflow.runs["scheduled__2026-11-23T01:00:00+00:00"] = AirflowRun("failed", at("01:22"))
    assert watched(story, "01:25").settled == 1
    with story.desk.store.reading() as session:
        run = runs.by_id(session, begun.run_id)
        statuses = {chat.status for chat in chats.of_run(session, begun.run_id)}
    assert (run.verdict, run.ended_at, statuses) == (RunVerdict.FAILED, at("01:22"), {ChatStatus.FAILED})
    assert "ended in Airflow as 'failed'" in str(run.reason)


def test_a_promise_that_airflow_never_heard_of_is_kept(story: Story) -> None:
    accepted = promised(story, "00:10")
    assert watched(story, "00:11").started == 0
    assert watched(story, "00:11:01").started == 1
    assert watched(story, "00:15").started == 0
    (handed,) = story.airflow.started
    assert handed == (story.job.dag_id, accepted.run.run_id, {"market": ["NL", "BE"]}, at("00:10"))


def test_a_promise_waits_while_airflow_has_no_dag_and_ends_with_the_job(story: Story) -> None:
    accepted = promised(story, "00:10")
    story.airflow.missing.add(story.job.dag_id)
    assert watched(story, "00:20").started == 0
    with story.desk.store.writing() as session:
        jobs.mark_deleted(session, story.job.job_id, now=at("00:21"))
    watched(story, "00:25")
    with story.desk.store.reading() as session:
        run = runs.by_id(session, accepted.run.run_id)
    assert (run.verdict, run.reason) == (RunVerdict.FAILED, "The job was deleted.")


def test_a_promise_that_airflow_refuses_for_a_day_fails_and_says_so(story: Story) -> None:
    accepted = promised(story, "00:10")
    story.airflow.missing.add(story.job.dag_id)
    story.to(at("00:10", day=1))
    account(story.desk, story.airflow)
    with story.desk.store.reading() as session:
        assert runs.by_id(session, accepted.run.run_id).verdict == RunVerdict.QUEUED
    story.to(at("00:11", day=1))
    account(story.desk, story.airflow)
    with story.desk.store.reading() as session:
        run = runs.by_id(session, accepted.run.run_id)
        statuses = {chat.status for chat in chats.of_run(session, run.run_id)}
    assert (run.verdict, run.reason) == (RunVerdict.FAILED, reasons.refused(story.job.dag_id))
    assert statuses == {ChatStatus.FAILED}


def test_a_promise_whose_values_airflow_takes_no_more_is_handed_over_without_them(story: Story) -> None:
    accepted = promised(story, "00:10")
    story.airflow = Picky()
    assert watched(story, "00:20").started == 1
    assert story.airflow.started == [(story.job.dag_id, accepted.run.run_id, {}, at("00:10"))]
    begun = story.begins("00:21", run_type="manual", dag_run_id=accepted.run.run_id)
    assert isinstance(begun, Begun) and [label for _, label in begun.chats] == ["NL", "BE"]


class Picky(FakeAirflow):
    """An Airflow whose DAG takes no values."""

    def start(self, dag_id: str, dag_run_id: str, *, conf: Mapping[str, object], run_after: datetime) -> bool:
        """Start what asks for nothing."""
        return not conf and super().start(dag_id, dag_run_id, conf=conf, run_after=run_after)


def deleted(story: Story, clock: str) -> None:
    """Delete the job at a time, by one that crashed before it had cancelled the job's runs."""
    with story.desk.store.writing() as session:
        jobs.mark_deleted(session, story.job.job_id, now=story.to(clock))


def test_a_run_that_a_deleted_job_left_under_way_is_closed_and_its_times_are_skipped(story: Story) -> None:
    begun = story.begins("01:00:05", "01:00")
    assert isinstance(begun, Begun)
    deleted(story, "02:10")
    assert watched(story, "02:15").settled == 1
    with story.desk.store.reading() as session:
        run = runs.by_id(session, begun.run_id)
        statuses = {chat.status for chat in chats.of_run(session, begun.run_id)}
    assert (run.verdict, run.reason, run.ended_at) == (RunVerdict.CANCELLED, reasons.DELETED, at("02:15"))
    assert statuses == {ChatStatus.CANCELLED}
    assert story.rows() == [("01:00", "ran"), ("02:00", "skipped")]


def test_a_queued_run_of_a_deleted_job_fails_and_never_begins(story: Story) -> None:
    accepted = promised(story, "00:10")
    assert watched(story, "00:20").started == 1
    deleted(story, "00:21")
    assert watched(story, "00:25").settled == 1
    with story.desk.store.reading() as session:
        run = runs.by_id(session, accepted.run.run_id)
    assert (run.verdict, run.reason) == (RunVerdict.FAILED, reasons.DELETED)
    late = story.begins("00:26", run_type="manual", dag_run_id=accepted.run.run_id)
    assert isinstance(late, Passed) and late.reason == reasons.DELETED


def test_a_run_that_is_given_up_while_somebody_cancels_it_stays_cancelled(story: Story) -> None:
    accepted = promised(story, "00:10")
    cancel(story.desk, accepted.run.run_id, by="user:ada")
    assert not watching._give_up(story.desk, accepted.run, reasons.DELETED)


def test_a_job_that_cannot_be_read_is_not_taken_for_deleted_and_stops_no_pass(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    accepted = promised(story, "00:10")
    with story.desk.store.writing() as session:
        session.execute(text("UPDATE job_versions SET definition = '{\"secret\": 1}'"))
    done = account(story.desk, story.airflow, doors())
    assert done.faults == 0
    assert f"Job {story.job.job_id} cannot be read" in caplog.text and "secret" not in caplog.text
    with story.desk.store.reading() as session:
        assert runs.by_id(session, accepted.run.run_id).ended_at is None
        assert watch.last(session) is not None


def test_the_log_holds_ids_times_and_outcomes_only(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="interact"):
        watched(story, "02:31")
    messages = [record.getMessage() for record in caplog.records]
    assert messages == [f"Job {story.job.job_id}, time 2026-11-23T0{hour}:00:00+00:00: not_run" for hour in (1, 2)]


def test_many_jobs_are_looked_through_in_one_pass(story: Story) -> None:
    for number in range(1, 21):
        story.save("00:00", key=f"job-{number}", schedule=f"{number} * * * *")
    assert watched(story, "01:55").not_run == 41
    assert watched(story, "01:55").not_run == 0
