"""A cancelled run: what it has said stays, and nothing of it starts any more, until somebody clears it."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from builders.fake_airflow import FakeAirflow
from builders.story import Says, a_desk, a_job, answered, with_report
from builders.timed import a_story
from interact.agents.contract import Answer, Question
from interact.chats.status import ChatStatus, RunVerdict
from interact.errors import NotStartable
from interact.runs import announce as announcing
from interact.runs.accept import Accepted, Ask, accept
from interact.runs.airflow import AssetLoad
from interact.runs.announce import announce
from interact.runs.ask import open_attempt
from interact.runs.begin import Begun, DagRun, Passed, begin
from interact.runs.cancel import cancel, cancel_all
from interact.runs.desk import Desk
from interact.store import chats, jobs, runs
from interact.store.files import Files
from interact.store.sessions import Store
from interact.warehouse.queries import Warehouse


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

    def cancels(question: Question, warehouse: Warehouse) -> Answer:
        cancel(desk, run.run.run_id, by="user:ada")
        return Answer(text="Fine.")

    answered(desk, run.chats[0].chat_id, Says(cancels))
    assert statuses(desk, run) == [ChatStatus.CANCELLED] * 2


def test_an_agent_at_work_stops_at_its_next_query(desk: Desk) -> None:
    run = accepted(desk)

    def cancels(question: Question, warehouse: Warehouse) -> Answer:
        with_report(question, warehouse)
        cancel(desk, run.run.run_id, by="user:ada")
        return with_report(question, warehouse)

    with pytest.raises(NotStartable, match="Clear the run's task begin, or run the job again"):
        answered(desk, run.chats[0].chat_id, Says(cancels))
    with desk.store.reading() as session:
        attempt = chats.attempt(session, run.chats[0].chat_id)
    assert attempt is not None
    assert (attempt.status, len(attempt.queries)) == (ChatStatus.CANCELLED, 1)


class Cancels(FakeAirflow):
    """An Airflow during whose answer somebody cancels a run."""

    def __init__(self, desk: Desk, run: Accepted) -> None:
        super().__init__()
        self.desk, self.run = desk, run

    def last_load(self, asset: str) -> AssetLoad:
        """Answer late."""
        cancel(self.desk, self.run.run.run_id, by="user:ada")
        return super().last_load(asset)


def test_a_run_that_is_cancelled_while_its_first_task_begins_stays_so(desk: Desk) -> None:
    job = a_job(desk, triggers={"assets": ["ads"]})
    run = accept(desk, Ask(job.job_id, {"market": ["NL", "BE"]}, "key:test"))
    passed = begin(desk, as_airflow_has_it(run), Cancels(desk, run))
    assert isinstance(passed, Passed) and "was cancelled" in passed.reason
    with desk.store.reading() as session:
        assert runs.by_id(session, run.run.run_id).verdict is RunVerdict.CANCELLED


def test_a_run_that_is_cancelled_while_it_is_announced_stays_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    run = accepted(desk)
    monkeypatch.setattr(announcing, "compare", lambda desk, run: cancel(desk, run.run_id, by="user:ada"))
    told = announce(desk, dag_id=run.run.dag_id, dag_run_id=run.run.dag_run_id)
    assert (told.run.verdict, told.run.reason) == (RunVerdict.CANCELLED, "Cancelled by user:ada.")


def test_a_task_that_starts_while_somebody_cancels_its_run_opens_nothing(store: Store, tmp_path: Path) -> None:
    desk = Desk(store, Files(tmp_path), a_desk(tmp_path).settings)
    run = accepted(desk)
    chat_id, names = run.chats[0].chat_id, {"dag_id": run.run.dag_id, "dag_run_id": run.run.dag_run_id}
    with ThreadPoolExecutor(1) as threads:
        with store.writing() as session:
            now = runs.held(session, run.run.run_id)
            chats.cancel(session, chat_id, reason="Cancelled.", now=desk.now())
            task = threads.submit(open_attempt, desk, chat_id, **names)
            time.sleep(0.3)  # By then it waits.
            runs.mark_cancelled(session, now.run_id, by="user:ada", reason="Cancelled.", at=desk.now())
        with pytest.raises(NotStartable, match="was cancelled"):
            task.result()
    assert statuses(desk, run)[0] is ChatStatus.CANCELLED


def test_a_deleted_jobs_open_runs_are_cancelled_and_its_others_stay(desk: Desk) -> None:
    waiting, done = accepted(desk), accepted(desk)
    for chat in done.chats:
        answered(desk, chat.chat_id, Says(lambda question, warehouse: Answer(text="Fine.")))
    announce(desk, dag_id=done.run.dag_id, dag_run_id=done.run.dag_run_id)
    with desk.store.writing() as session:
        jobs.mark_deleted(session, waiting.run.job_id, now=desk.now())
    assert [run.run_id for run in cancel_all(desk, waiting.run.job_id, by="user:ada")] == [waiting.run.run_id]
    assert cancel_all(desk, waiting.run.job_id, by="user:ada") == ()
    with desk.store.reading() as session:
        told = [runs.by_id(session, each.run.run_id) for each in (waiting, done)]
    assert [run.verdict for run in told] == [RunVerdict.CANCELLED, RunVerdict.COMPLETED]
    assert told[0].reason == "The job was deleted by user:ada before the run had ended."
    assert isinstance(begin(desk, as_airflow_has_it(waiting), FakeAirflow()), Passed)


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
