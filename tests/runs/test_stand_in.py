"""A run that somebody starts by hand for an expected time that did not run: once, and as that time would have run."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from builders.timed import Story, a_story, at
from interact.chats.status import RunVerdict
from interact.errors import NotStartable
from interact.runs.accept import Accepted, Ask, accept
from interact.runs.begin import Begun, begin
from interact.schedules.expected import TimeOutcome
from interact.store import expected, runs

MARKET = {"market": {"values": ["NL", "BE", "DE"], "default": "NL", "schedule": ["BE", "DE"]}}


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """A job of every hour, whose time of 08:00 was not run; it is 10:20."""
    told = a_story(tmp_path, parameters=MARKET)
    told.to("10:20")
    record(told, "08:00", TimeOutcome.NOT_RUN)
    return told


def record(story: Story, due: str, outcome: TimeOutcome) -> None:
    time = expected.ExpectedTime(story.job.job_id, at(due), outcome, "Why.", None, None, None, story.desk.now())
    with story.desk.store.writing() as session:
        assert expected.record(session, time)


def stand_in(story: Story, due: str = "08:00") -> Accepted:
    return accept(story.desk, Ask(story.job.job_id, {}, "user:ada", stands_in_for=at(due)))


def end(story: Story, accepted: Accepted, verdict: RunVerdict) -> None:
    with story.desk.store.writing() as session:
        runs.mark_ended(session, accepted.run.run_id, verdict=verdict, reason=None, at=story.desk.now())


def test_it_takes_the_values_of_the_schedule_and_counts_dates_from_that_time(story: Story) -> None:
    accepted = stand_in(story)
    assert [dict(chat.parameters) for chat in accepted.chats] == [{"market": "BE"}, {"market": "DE"}]
    run = accepted.run
    assert (run.run_after, run.stands_in_for, run.due_at) == (at("08:00"), at("08:00"), None)
    assert run.accepted_at == at("10:20")


def test_it_begins_although_its_time_is_decided_and_leaves_that_as_it_is(story: Story) -> None:
    accepted = stand_in(story)
    run_id = accepted.run.run_id
    dag_run = story.dag_run("08:00", run_type="manual", dag_run_id=run_id, initiator="user:ada")
    begun = begin(story.desk, dag_run, story.airflow)
    assert isinstance(begun, Begun) and begun.run_id == run_id
    row = story.row("08:00")
    assert row is not None and (row.outcome, row.run_id) == (TimeOutcome.NOT_RUN, None)


@pytest.mark.parametrize("verdict", [RunVerdict.QUEUED, RunVerdict.COMPLETED])
def test_while_one_is_under_way_or_completed_there_is_no_second(story: Story, verdict: RunVerdict) -> None:
    first = stand_in(story)
    if verdict is not RunVerdict.QUEUED:
        end(story, first, verdict)
    told = rf"Run '{first.run.run_id}' was started for the time 23 Nov 2026, 08:00 UTC of job 'weekly' .* is {verdict}"
    with pytest.raises(NotStartable, match=told):
        stand_in(story)


@pytest.mark.parametrize("verdict", [RunVerdict.FAILED, RunVerdict.PARTIAL, RunVerdict.CANCELLED])
def test_after_one_that_left_something_out_there_may_be_another(story: Story, verdict: RunVerdict) -> None:
    first = stand_in(story)
    end(story, first, verdict)
    assert stand_in(story).run.run_id != first.run.run_id


def test_of_two_at_once_one_starts(story: Story) -> None:
    def asked(_: int) -> bool:
        try:
            stand_in(story)
        except NotStartable:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(asked, range(4))) == [False, False, False, True]


def test_a_time_that_was_skipped_may_be_run_too(story: Story) -> None:
    record(story, "09:00", TimeOutcome.SKIPPED)
    assert stand_in(story, "09:00").run.stands_in_for == at("09:00")


def test_a_time_that_ran_and_one_that_was_never_decided_are_refused(story: Story) -> None:
    record(story, "09:00", TimeOutcome.RAN)
    with pytest.raises(NotStartable, match=r"The time 23 Nov 2026, 09:00 UTC of job 'weekly' has run"):
        stand_in(story, "09:00")
    with pytest.raises(NotStartable, match=r"Job 'weekly' has no time 23 Nov 2026, 10:00 UTC that was skipped"):
        stand_in(story, "10:00")
