"""An attempt that goes on from others has their queries, wherever they are counted, listed or read."""

import pytest

from builders.saved import NOW, a_query, accept, later, save_job
from interact.chats.status import ChatStatus
from interact.store import chats, earlier, glances
from interact.store.chats import Outcome
from interact.store.sessions import Store

DIGEST = "a" * 64


@pytest.fixture
def chat_id(store: Store) -> str:
    """The id of a chat whose second attempt goes on from the first; each made a query."""
    with store.writing() as session:
        job = save_job(session)
        chat_id = accept(session, job)[1][0].chat_id
        for number in (1, 2):
            chats.begin_attempt(session, chat_id, now=later(minutes=number))
            chats.add_step(session, chat_id, number, f"step {number}", now=NOW)
            chats.add_query(session, chat_id, number, a_query(title=f"query {number}", rows_sha256=DIGEST))
    return chat_id


def test_queries_of_both_are_those_of_the_second(store: Store, chat_id: str) -> None:
    with store.reading() as session:
        chat, attempt = chats.by_id(session, chat_id), chats.attempt(session, chat_id)
        assert chat and attempt
        seen = glances.attempts(session, [(chat_id, 2)])[chat_id]
        first = glances.attempts(session, [(chat_id, 1)])[chat_id]
        assert [query.title for query in seen.queries] == ["query 1", "query 2"]
        assert seen.queries == attempt.queries
        assert [query.title for query in first.queries] == ["query 1"]
        assert glances.progress(session, chat).queries == 2
        assert glances.queries_so_far(session, chat.run_id) == {chat_id: 2}
        assert glances.query_count(session, chat.run_id) == 2
        assert set(chats.kept_results(session, chat.run_id)[chat_id]) == {q.result_id for q in attempt.queries}


def test_what_was_answered_before_has_the_results_of_both(store: Store, chat_id: str) -> None:
    with store.writing() as session:
        chats.finish_attempt(session, chat_id, 2, Outcome(ChatStatus.COMPLETED, None), now=later(minutes=3))
        done = chats.by_id(session, chat_id)
        assert done
        now = accept(session, save_job(session), now=later(hours=1))[1][0]
        before = earlier.last_completed(session, [now])
    assert len(before[now.chat_id].results) == 2


def test_an_attempt_after_one_that_answered_has_its_own_alone(store: Store, chat_id: str) -> None:
    with store.writing() as session:
        chats.finish_attempt(session, chat_id, 2, Outcome(ChatStatus.COMPLETED, None), now=later(minutes=3))
        chats.begin_attempt(session, chat_id, now=later(minutes=4))
        chat = chats.by_id(session, chat_id)
        assert chat
        assert glances.progress(session, chat).queries == 0
