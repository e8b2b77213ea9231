"""A cancelled run: what it has said stays, and nothing of it starts any more, until somebody clears it."""

from pathlib import Path

import pytest

from builders.story import Says, a_desk, a_job, answered, with_report
from builders.timed import a_story
from interact.chats.status import ChatStatus, RunVerdict
from interact.errors import NotStartable
from interact.runs.accept import Accepted, Ask, accept
from interact.runs.announce import announce
from interact.runs.ask import open_attempt
from interact.runs.begin import Begun, DagRun, Passed, begin
from interact.runs.cancel import cancel
from interact.runs.desk import Desk
from interact.store import chats, runs


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk on a fresh store."""
    return a_desk(tmp_path)


def accepted(desk: Desk) -> Accepted:
    return accept(desk, Ask(a_job(desk).job_id, {"market": ["NL", "BE"]}, "key:test"))


def as_airflow_has_it(run: Accepted, *, clear: int = 0) -> DagRun:
    made = run.run
    return DagRun(made.job_id, made.dag_id, made.dag_run_id, "user:ada", {}, made.run_after, clear)


def statuses(desk: Desk, run: Accepted) -> list[ChatStatus]:
    with desk.store.reading() as session:
        return [chat.status for chat in chats.of_run(session, run.run.run_id)]


def test_a_run_that_waits_does_nothing_when_airflow_starts_it(desk: Desk) -> None:
    from builders.fake_airflow import FakeAirflow

    run = accepted(desk)
    assert cancel(desk, run.run.run_id, by="user:ada")
    assert statuses(desk, run) == [ChatStatus.CANCELLED] * 2
    passed = begin(desk, as_airflow_has_it(run), FakeAirflow())
    assert isinstance(passed, Passed) and "was cancelled" in passed.reason
    assert statuses(desk, run) == [ChatStatus.CANCELLED] * 2
    cleared = begin(desk, as_airflow_has_it(run, clear=1), FakeAirflow())
    assert isinstance(cleared, Begun)
    with desk.store.reading() as session:
        again = runs.by_id(session, run.run.run_id)
    assert (again.verdict, again.cancelled_by) == (RunVerdict.RUNNING, None)


def test_an_answer_that_was_given_stays_and_a_task_that_comes_late_opens_nothing(desk: Desk) -> None:
    run = accepted(desk)
    answered(desk, run.chats[0].chat_id, Says(with_report))
    assert cancel(desk, run.run.run_id, by="user:ada")
    assert statuses(desk, run) == [ChatStatus.COMPLETED, ChatStatus.CANCELLED]
    with pytest.raises(NotStartable, match="belongs to a run that was cancelled"):
        open_attempt(desk, run.chats[1].chat_id, dag_id=run.run.dag_id, dag_run_id=run.run.dag_run_id)
    told = announce(desk, dag_id=run.run.dag_id, dag_run_id=run.run.dag_run_id)
    assert (told.run.verdict, told.run.reason, told.is_whole) == (
        RunVerdict.CANCELLED,
        "Cancelled by user:ada.",
        False,
    )


def test_an_agent_that_answers_after_the_run_was_cancelled_changes_nothing(desk: Desk) -> None:
    run = accepted(desk)

    def cancels(*question: object) -> object:
        cancel(desk, run.run.run_id, by="user:ada")
        return with_report(*question)  # type: ignore[arg-type]

    answered(desk, run.chats[0].chat_id, Says(cancels))
    assert statuses(desk, run) == [ChatStatus.CANCELLED] * 2


def test_cancelling_twice_or_what_has_ended_says_so(desk: Desk) -> None:
    run = accepted(desk)
    assert cancel(desk, run.run.run_id, by="user:ada")
    assert not cancel(desk, run.run.run_id, by="user:bob")
    with desk.store.reading() as session:
        assert runs.by_id(session, run.run.run_id).cancelled_by == "user:ada"


def test_times_that_came_during_a_cancelled_run_of_the_schedule_are_skipped(tmp_path: Path) -> None:
    story = a_story(tmp_path)
    story.begins("01:00")
    story.to("02:30")
    with story.desk.store.reading() as session:
        (run,) = runs.not_ended(session)
    assert cancel(story.desk, run.run_id, by="user:ada")
    assert story.rows() == [("01:00", "ran"), ("02:00", "skipped")]
    assert story.row("02:00").reason.startswith(f"Run {run.run_id} was still in progress")
