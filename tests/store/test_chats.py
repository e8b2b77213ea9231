"""Chats: each attempt keeps what was said, queried and drawn, and the newest one is what the chat shows."""

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from builders.saved import NOW, a_query, accept, later, save_job
from interact.chats.message import Message
from interact.chats.record import Chat
from interact.chats.result import Cell
from interact.chats.status import ChatStatus
from interact.errors import NotFound
from interact.store import chats
from interact.store.chats import Outcome, Outline, Rendered
from interact.store.sessions import Store

DONE = Outcome(ChatStatus.COMPLETED, None, report_json='{"title": "Köln"}', usage={"queries": 2})


@pytest.fixture
def chat_id(store: Store) -> str:
    """The id of a chat that nobody has begun to answer."""
    with store.writing() as session:
        return accept(session, save_job(session))[1][0].chat_id


def seen(session: Session, chat_id: str) -> Chat:
    chat = chats.by_id(session, chat_id)
    assert chat is not None
    return chat


def said(text: str, role: str = "assistant") -> Message:
    return Message.model_validate({"role": role, "text": text, "result_ids": ["result_1"], "created_at": NOW})


def test_an_attempt_that_begins_makes_the_chat_run(store: Store, chat_id: str) -> None:
    with store.writing() as session:
        number = chats.begin_attempt(session, chat_id, now=later(seconds=5))
        chat, attempt = seen(session, chat_id), chats.attempt(session, chat_id)
    assert (number, chat.attempt, chat.status, chat.started_at) == (1, 1, ChatStatus.RUNNING, later(seconds=5))
    assert attempt is not None
    assert (attempt.prompt, attempt.status, attempt.ended_at) == ("What did NL spend?", ChatStatus.RUNNING, None)


def test_messages_and_queries_come_back_in_their_order(store: Store, chat_id: str) -> None:
    queries = [a_query(), a_query(rows_sha256=None, failure="The table is gone.", row_count=0), a_query(truncated=True)]
    messages = [said("What?", "user"), said("First [[result_1/0/a]]"), said("Then 🙂")]
    with store.writing() as session:
        number = chats.begin_attempt(session, chat_id, now=NOW)
        for query in queries:
            chats.add_query(session, chat_id, number, query)
        for message in messages:
            chats.add_message(session, chat_id, number, message)
    with store.reading() as session:
        attempt = chats.attempt(session, chat_id)
    assert attempt is not None
    assert (list(attempt.queries), list(attempt.messages)) == (queries, messages)


def test_an_attempt_that_ends_ends_the_chat(store: Store, chat_id: str) -> None:
    with store.writing() as session:
        chats.begin_attempt(session, chat_id, now=NOW)
        chats.finish_attempt(session, chat_id, 1, DONE, now=later(minutes=1))
        chat, attempt = seen(session, chat_id), chats.attempt(session, chat_id)
    assert attempt is not None
    assert (chat.status, chat.reason, chat.ended_at) == (ChatStatus.COMPLETED, None, later(minutes=1))
    assert (attempt.report_json, attempt.usage) == (DONE.report_json, {"queries": 2})


def test_an_attempt_left_open_is_closed_by_the_next(store: Store, chat_id: str) -> None:
    with store.writing() as session:
        chats.begin_attempt(session, chat_id, now=NOW)
        assert chats.begin_attempt(session, chat_id, now=later(minutes=5)) == 2
        first, second = chats.attempts(session, chat_id)
    assert (first.status, first.ended_at) == (ChatStatus.FAILED, later(minutes=5))
    assert first.reason == "The task stopped without a word; attempt 2 follows."
    assert (second.number, second.status) == (2, ChatStatus.RUNNING)


def test_an_attempt_that_has_ended_keeps_its_end_when_the_next_begins(store: Store, chat_id: str) -> None:
    with store.writing() as session:
        chats.begin_attempt(session, chat_id, now=NOW)
        chats.finish_attempt(session, chat_id, 1, Outcome(ChatStatus.FAILED, "No data."), now=later(minutes=1))
        chats.begin_attempt(session, chat_id, now=later(minutes=5))
        first, chat = chats.attempt(session, chat_id, 1), seen(session, chat_id)
    assert first is not None
    assert (first.reason, first.ended_at) == ("No data.", later(minutes=1))
    assert (chat.status, chat.reason, chat.started_at, chat.ended_at) == (
        ChatStatus.RUNNING,
        None,
        later(minutes=5),
        None,
    )


def test_a_straggler_changes_neither_the_chat_nor_its_own_end(store: Store, chat_id: str) -> None:
    with store.writing() as session:
        chats.begin_attempt(session, chat_id, now=NOW)
        chats.begin_attempt(session, chat_id, now=later(minutes=5))
        chats.finish_attempt(session, chat_id, 1, DONE, now=later(minutes=6))
        first, chat = chats.attempt(session, chat_id, 1), seen(session, chat_id)
    assert first is not None
    assert (first.status, first.report_json, chat.status, chat.attempt) == (
        ChatStatus.FAILED,
        None,
        ChatStatus.RUNNING,
        2,
    )


def test_what_a_person_stopped_stays_stopped(store: Store, chat_id: str) -> None:
    with store.writing() as session:
        chats.begin_attempt(session, chat_id, now=NOW)
        chats.finish_attempt(session, chat_id, 1, Outcome(ChatStatus.CANCELLED, "Stopped."), now=later(minutes=1))
        chats.finish_attempt(session, chat_id, 1, DONE, now=later(minutes=2))
        chat = seen(session, chat_id)
    assert (chat.status, chat.reason, chat.ended_at) == (ChatStatus.CANCELLED, "Stopped.", later(minutes=1))


def test_a_chat_that_nobody_answers_any_more_is_failed(store: Store, chat_id: str) -> None:
    with store.writing() as session:
        chats.fail(session, chat_id, reason="It died.", now=later(minutes=1))
        queued = seen(session, chat_id)
        chats.begin_attempt(session, chat_id, now=later(minutes=2))
        chats.fail(session, chat_id, reason="It died again.", now=later(minutes=3))
        running, attempt = seen(session, chat_id), chats.attempt(session, chat_id)
        chats.fail(session, chat_id, reason="Too late.", now=later(minutes=4))
        assert seen(session, chat_id) == running
    assert attempt is not None
    assert (queued.status, queued.reason, queued.attempt) == (ChatStatus.FAILED, "It died.", 0)
    assert (running.status, running.reason) == (ChatStatus.FAILED, "It died again.")
    assert (attempt.status, attempt.reason, attempt.ended_at) == (ChatStatus.FAILED, "It died again.", later(minutes=3))


def test_the_files_of_a_report_are_kept_and_drawing_it_again_replaces_them(store: Store, chat_id: str) -> None:
    with store.writing() as session:
        chats.begin_attempt(session, chat_id, now=NOW)
        chats.set_rendered(session, chat_id, 1, Rendered(failure="No fonts."))
        failed = chats.attempt(session, chat_id)
        chats.set_rendered(session, chat_id, 1, Rendered(html_sha256="a", pdf_sha256="b"))
        drawn = chats.attempt(session, chat_id)
    assert failed is not None
    assert drawn is not None
    assert (failed.render_failure, failed.pdf_sha256) == ("No fonts.", None)
    assert (drawn.render_failure, drawn.html_sha256, drawn.pdf_sha256) == (None, "a", "b")


def test_what_a_warehouse_smuggles_into_text_cannot_break_the_record(store: Store, chat_id: str) -> None:
    with store.writing() as session:
        chats.begin_attempt(session, chat_id, now=NOW)
        chats.add_message(session, chat_id, 1, said("'; DROP TABLE chats; -- \0 %s :name"))
        attempt = chats.attempt(session, chat_id)
    assert attempt is not None
    assert attempt.messages[0].text == "'; DROP TABLE chats; -- \ufffd %s :name"


def test_what_is_not_there_is_none_or_not_found(store: Store, chat_id: str) -> None:
    with store.writing() as session:
        assert chats.attempt(session, chat_id) is None
        assert chats.attempt(session, chat_id, 7) is None
        assert chats.by_id(session, "chat_\0") is None
        assert chats.of_run(session, "run_x") == ()
        for refused in (chats.begin_attempt, lambda s, c, now: chats.prompt_of(s, c)):
            with pytest.raises(NotFound, match="no chat 'chat_x'"):
                refused(session, "chat_x", now=NOW)


def test_the_figures_that_sum_an_answer_up_are_kept(store: Store, chat_id: str) -> None:
    cells = tuple(Cell(result_id="result_aaaaaaaaaaaa", row=0, column=name) for name in ("spend", "roas"))
    with store.writing() as session:
        chats.begin_attempt(session, chat_id, now=NOW)
        begun = chats.attempt(session, chat_id)
        chats.finish_attempt(session, chat_id, 1, replace(DONE, headline=cells), now=NOW)
    with store.reading() as session:
        ended = chats.attempt(session, chat_id)
    assert begun is not None and ended is not None
    assert (begun.headline, ended.headline) == ((), cells)


def test_a_runs_newest_attempts_and_their_results_are_found_at_once(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        run, (first, second, third) = accept(session, job, ("NL", "BE", "DE"))
        _, (other,) = accept(session, job)
        queries = {
            (chat.chat_id, number): a_query(rows_sha256=f"{number:064d}")
            for chat, number in ((first, 1), (first, 2), (second, 1), (other, 1))
        }
        for (chat_id, number), query in queries.items():
            assert chats.begin_attempt(session, chat_id, now=NOW) == number
            chats.add_query(session, chat_id, number, query)
        chats.add_query(session, second.chat_id, 1, a_query(rows_sha256=None, failure="It is gone."))
    with store.reading() as session:
        newest = chats.newest_attempts(session, run.run_id)
        kept = chats.kept_results(session, run.run_id)
    assert {chat_id: attempt.number for chat_id, attempt in newest.items()} == {first.chat_id: 2, second.chat_id: 1}
    assert kept == {
        first.chat_id: {queries[first.chat_id, 2].result_id: f"{2:064d}"},
        second.chat_id: {queries[second.chat_id, 1].result_id: f"{1:064d}"},
    }
    assert third.chat_id not in kept


def test_an_outline_says_how_the_newest_attempts_stand_and_holds_none_of_their_words(store: Store) -> None:
    with store.writing() as session:
        run, (first, second, _) = accept(session, save_job(session), ("NL", "BE", "DE"))
        chats.begin_attempt(session, first.chat_id, now=NOW)
        for chat, outcome in ((first, DONE), (second, Outcome(ChatStatus.FAILED, "It broke."))):
            number = chats.begin_attempt(session, chat.chat_id, now=NOW)
            chats.finish_attempt(session, chat.chat_id, number, outcome, now=later(minutes=1))
        chats.set_rendered(session, first.chat_id, 2, Rendered("ab" * 32, "cd" * 32))
    with store.reading() as session:
        found = chats.newest_outlines(session, run.run_id)
    assert found == {
        first.chat_id: Outline(first.chat_id, 2, ChatStatus.COMPLETED, True, "ab" * 32, "cd" * 32, None),
        second.chat_id: Outline(second.chat_id, 1, ChatStatus.FAILED, False, None, None, None),
    }
