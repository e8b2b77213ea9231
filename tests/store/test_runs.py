"""Runs: what is promised is stored with its chats, and what happened to it is kept."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from builders.saved import NOW, a_job, accept, an_organisation, later, save_job, snapshot_of
from interact.chats.record import AssetLoad, Run
from interact.chats.status import ChatStatus, RunVerdict
from interact.errors import NotFound
from interact.store import chats, jobs, organisations, runs
from interact.store.sessions import Store


def ended(session: Session, run: Run, *, reason: str | None = None) -> None:
    runs.mark_ended(session, run.run_id, verdict=RunVerdict.FAILED, reason=reason, at=later(minutes=9))


def test_an_accepted_run_and_its_chats_are_stored_in_the_order_given(store: Store) -> None:
    with store.writing() as session:
        run, opened = accept(session, save_job(session), ("NL", "BE", "DE"))
    assert (run.verdict, run.accepted_at, run.queued_at, run.started_at) == (RunVerdict.QUEUED, NOW, None, None)
    assert [chat.parameters["market"] for chat in opened] == ["NL", "BE", "DE"]
    assert {(chat.status, chat.attempt, chat.created_at) for chat in opened} == {(ChatStatus.QUEUED, 0, NOW)}
    with store.reading() as session:
        assert runs.by_id(session, run.run_id) == run
        assert runs.find(session, dag_id=run.dag_id, dag_run_id=run.dag_run_id) == run
        assert chats.of_run(session, run.run_id) == opened
        assert chats.prompt_of(session, opened[1].chat_id) == "What did BE spend?"


def test_a_thousand_chats_are_stored_at_once(store: Store) -> None:
    with store.writing() as session:
        _, opened = accept(session, save_job(session), tuple(f"m{n}" for n in range(1000)))
    assert [chat.position for chat in opened] == list(range(1000))


def test_an_edit_does_not_change_the_snapshot_of_a_run(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        before = snapshot_of(session, job)
        run, _ = accept(session, job)
        jobs.save(session, a_job(prompt="Something else"), now=later(hours=1))
    with store.reading() as session:
        assert runs.snapshot_of(session, run.run_id) == before


def test_a_snapshot_keeps_the_schedule_the_data_and_the_calendar(store: Store) -> None:
    calendar = {"country": "DE", "region": "BY", "add": ["2026-12-24"], "weekend": ["sunday"]}
    triggers = {"assets": ["a", "s3://b/c"], "schedule": "and", "cutoff_minutes": 120}
    with store.writing() as session:
        job = save_job(session, schedule={"cron": "@first-weekday 09:30", "on_holiday": "next"}, triggers=triggers)
        organisations.save(session, an_organisation(calendar=calendar, start_of_business="07:15"), now=NOW)
        before = snapshot_of(session, job)
        run, _ = accept(session, job)
    with store.reading() as session:
        found = runs.snapshot_of(session, run.run_id)
    assert found == before
    assert found.organisation.definition == an_organisation(calendar=calendar, start_of_business="07:15")


def test_accepting_a_run_again_returns_what_is_there(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        first = accept(session, job, ("NL",), run_id="run_aaaaaaaaaaaa", dag_run_id="manual__1")
        again = accept(session, job, ("BE", "DE"), run_id="run_bbbbbbbbbbbb", dag_run_id="manual__1")
    assert again == first


def test_a_refused_run_that_is_cleared_opens_its_chats_under_its_id(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        refused, none = accept(session, job, (), dag_run_id="manual__1")
        ended(session, refused, reason="The agent is not active.")
        run, opened = accept(session, job, ("NL",), dag_run_id="manual__1")
    assert none == ()
    assert (run.run_id, run.verdict, run.reason, run.ended_at) == (refused.run_id, RunVerdict.QUEUED, None, None)
    assert len(opened) == 1


def test_a_run_goes_from_queued_to_ended(store: Store) -> None:
    with store.writing() as session:
        run, _ = accept(session, save_job(session))
        runs.mark_queued(session, run.run_id, at=later(seconds=1))
        runs.mark_started(session, run.run_id, at=later(seconds=2), clear_number=0)
        started = runs.by_id(session, run.run_id)
        ended(session, run, reason="It broke.")
        done = runs.by_id(session, run.run_id)
    assert (started.verdict, started.queued_at, started.started_at) == (
        RunVerdict.RUNNING,
        later(seconds=1),
        later(seconds=2),
    )
    assert (done.verdict, done.reason, done.ended_at) == (RunVerdict.FAILED, "It broke.", later(minutes=9))


def test_a_cancelled_run_keeps_its_verdict_until_it_is_cleared(store: Store) -> None:
    with store.writing() as session:
        run, _ = accept(session, save_job(session))
        assert runs.mark_cancelled(session, run.run_id, by="user:ada", reason="Cancelled.", at=later(minutes=1))
        assert not runs.mark_ended(session, run.run_id, verdict=RunVerdict.FAILED, reason="Late.", at=later(minutes=2))
        found = runs.by_id(session, run.run_id)
        runs.mark_started(session, run.run_id, at=later(hours=2), clear_number=1)
        assert runs.mark_ended(session, run.run_id, verdict=RunVerdict.FAILED, reason=None, at=later(hours=3))
    assert (found.verdict, found.reason, found.ended_at) == (RunVerdict.CANCELLED, "Cancelled.", later(minutes=1))


def test_a_cleared_run_is_under_way_again_and_keeps_its_first_start(store: Store) -> None:
    with store.writing() as session:
        run, _ = accept(session, save_job(session))
        runs.mark_started(session, run.run_id, at=later(seconds=2), clear_number=0)
        ended(session, run, reason="It broke.")
        runs.mark_started(session, run.run_id, at=later(hours=2), clear_number=1)
        again = runs.by_id(session, run.run_id)
    assert (again.verdict, again.reason, again.ended_at) == (RunVerdict.RUNNING, None, None)
    assert (again.started_at, again.clear_number) == (later(seconds=2), 1)


def test_a_run_knows_the_time_it_stands_for_and_the_data_it_asks_about(store: Store) -> None:
    loads = (
        AssetLoad("warehouse.ad_performance", later(minutes=-20), "load_warehouse"),
        AssetLoad("s3://bucket/costs", None, None, late=True),
    )
    with store.writing() as session:
        job = save_job(session)
        due, _ = accept(session, job, due_at=NOW, data=loads)
        other, _ = accept(session, job)
        runs.set_data(session, other.run_id, loads[:1])
    with store.reading() as session:
        assert runs.by_id(session, due.run_id) == due
        assert (due.due_at, due.data) == (NOW, loads)
        found = runs.by_id(session, other.run_id)
    assert (other.due_at, other.data) == (None, ())
    assert found.data == loads[:1]


def test_a_refused_run_that_is_opened_anew_stands_for_its_time(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        refused, _ = accept(session, job, (), dag_run_id="scheduled__1", due_at=NOW)
        ended(session, refused, reason="The agent is not active.")
        run, _ = accept(session, job, dag_run_id="scheduled__1", due_at=NOW)
    assert (run.run_id, run.due_at) == (refused.run_id, NOW)


def test_what_was_in_progress_at_an_instant_had_begun_and_not_ended(store: Store) -> None:
    def at(**how: float) -> list[str]:
        instant = later(**how)
        return [run.run_id for run in runs.under_way(session, job.job_id, since=instant, until=instant)]

    with store.writing() as session:
        job, other = save_job(session), save_job(session, key="other")
        first, second, waiting, foreign = (accept(session, of)[0] for of in (job, job, job, other))
        for run, minute in ((second, 2), (first, 1), (foreign, 1)):
            runs.mark_started(session, run.run_id, at=later(minutes=minute), clear_number=0)
        ended(session, first)
        both = [first.run_id, second.run_id]
        assert (at(seconds=59), at(minutes=1), at(minutes=2)) == ([], both[:1], both)
        assert (at(minutes=9, seconds=-1), at(minutes=9)) == (both, both[1:])
        since_then = runs.under_way(session, job.job_id, since=later(minutes=9), until=later(minutes=20))
        assert [run.run_id for run in since_then] == both[1:]
        assert waiting.run_id not in at(hours=5)


def test_a_cleared_run_is_in_progress_from_its_newest_start(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        run, _ = accept(session, job)
        runs.mark_started(session, run.run_id, at=later(minutes=1), clear_number=0)
        ended(session, run)
        runs.mark_started(session, run.run_id, at=later(hours=2), clear_number=1)
        again = runs.by_id(session, run.run_id)
        assert (again.started_at, again.begun_at) == (later(minutes=1), later(hours=2))
        assert runs.under_way(session, job.job_id, since=later(hours=1), until=later(hours=1)) == []
        assert runs.under_way(session, job.job_id, since=later(hours=3), until=later(hours=3)) == [again]


def test_a_first_task_that_is_tried_again_keeps_the_start_of_its_first_try(store: Store) -> None:
    with store.writing() as session:
        run, _ = accept(session, save_job(session))
        for minutes in (1, 2):
            runs.mark_started(session, run.run_id, at=later(minutes=minutes), clear_number=0)
        again = runs.by_id(session, run.run_id)
    assert (again.started_at, again.begun_at) == (later(minutes=1), later(minutes=1))


def test_airflows_word_that_it_took_a_run_comes_after_the_start_without_harm(store: Store) -> None:
    with store.writing() as session:
        run, _ = accept(session, save_job(session))
        runs.mark_started(session, run.run_id, at=later(seconds=2), clear_number=0)
        runs.mark_queued(session, run.run_id, at=later(seconds=3))
        found = runs.by_id(session, run.run_id)
    assert (found.verdict, found.queued_at) == (RunVerdict.RUNNING, later(seconds=2))


def test_what_waits_is_neither_started_nor_ended(store: Store) -> None:
    with store.writing() as session:
        job, other = save_job(session), save_job(session, key="other")
        waiting, started, gone = (accept(session, job)[0] for _ in range(3))
        accept(session, other)
        runs.mark_queued(session, waiting.run_id, at=NOW)
        runs.mark_started(session, started.run_id, at=NOW, clear_number=0)
        ended(session, gone)
        assert (runs.unstarted(session, job.job_id), runs.unstarted(session, other.job_id)) == (1, 1)
        assert runs.unstarted(session, "job_unknown") == 0


def test_many_triggers_at_once_keep_the_limit_together(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)

    def trigger(_: int) -> bool:
        with store.writing() as session:
            if runs.unstarted(session, job.job_id) >= 3:
                return False
            accept(session, job)
            return True

    with ThreadPoolExecutor(8) as threads:
        accepted = list(threads.map(trigger, range(24)))
    assert sum(accepted) == 3


def test_what_waited_at_an_instant_had_come_before_and_not_begun(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        early = [accept(session, job, now=later(minutes=minute))[0] for minute in (0, 1, 2)]
        runs.mark_started(session, early[0].run_id, at=later(minutes=1), clear_number=0)
        runs.mark_started(session, early[1].run_id, at=later(minutes=10), clear_number=0)
        ended(session, early[1])
        refused, _ = accept(session, job, (), now=later(minutes=3))
        ended(session, refused)
        accept(session, job, now=later(minutes=6))
        assert runs.waiting_at(session, job.job_id, later(minutes=5)) == 2
        assert runs.waiting_at(session, job.job_id, later(seconds=59)) == 1
        assert runs.waiting_at(session, job.job_id, NOW) == 0


def test_an_unknown_run_is_not_found(store: Store) -> None:
    with store.reading() as session:
        assert runs.find(session, dag_id="x", dag_run_id="y\0z") is None
        with pytest.raises(NotFound, match="no run 'run_x'"):
            runs.by_id(session, "run_x")
        with pytest.raises(NotFound, match="no run 'run_x'"):
            runs.snapshot_of(session, "run_x")


def test_what_airflow_has_not_taken_is_handed_over_oldest_first(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        late, early, queued, started, gone = (
            accept(session, job, now=later(minutes=minute))[0] for minute in (5, 1, 2, 3, 4)
        )
        runs.mark_queued(session, queued.run_id, at=NOW)
        runs.mark_started(session, started.run_id, at=NOW, clear_number=0)
        ended(session, gone)
        assert [run.run_id for run in runs.not_handed_over(session)] == [early.run_id, late.run_id]


def test_what_compares_a_runs_chats_is_kept_with_its_files_or_why_there_are_none(store: Store) -> None:
    with store.writing() as session:
        run, _ = accept(session, save_job(session), ("NL", "BE"))
        runs.set_rollup(session, run.run_id, '{"a": 1}', chats.Rendered(html_sha256="aa", pdf_sha256="bb"))
        drawn = runs.by_id(session, run.run_id)
        text = runs.rollup_of(session, run.run_id)
        runs.set_rollup(session, run.run_id, None, chats.Rendered(failure="The disk is full."))
        lost = runs.by_id(session, run.run_id)
    assert (text, drawn.rollup_html_sha256, drawn.rollup_pdf_sha256, drawn.rollup_failure) == (
        '{"a": 1}',
        "aa",
        "bb",
        None,
    )
    with store.reading() as session:
        assert runs.rollup_of(session, run.run_id) is None
    assert (lost.rollup_html_sha256, lost.rollup_pdf_sha256, lost.rollup_failure) == (None, None, "The disk is full.")
