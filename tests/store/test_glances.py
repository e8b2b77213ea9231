"""What pages read of chats: what they hang on, several attempts at once, and how far they are."""

from builders.counting import counted
from builders.saved import NOW, a_query, accept, ask, later, save_agent, save_job
from interact.chats.message import Message
from interact.chats.status import ChatStatus
from interact.store import chats, glances, jobs
from interact.store.chats import Outcome, Rendered
from interact.store.glances import Origin, Progress
from interact.store.sessions import Store

DONE = Outcome(ChatStatus.COMPLETED, None, report_json="{}")


def test_a_chat_hangs_on_a_job_or_on_what_somebody_asked(store: Store) -> None:
    with store.writing() as session:
        job, agent = save_job(session), save_agent(session)
        question, aside = ask(session, agent, "bob"), ask(session, agent, "bob", "asides")
        found = glances.origins(session, [job.job_id, question.job_id, aside.job_id, "job_unknown"])
        jobs.mark_deleted(session, job.job_id, now=NOW)
        gone = glances.origins(session, [job.job_id])[job.job_id]
    assert found == {
        job.job_id: Origin("ada", is_deleted=False, is_job=True, is_aside=False),
        question.job_id: Origin("bob", is_deleted=False, is_job=False, is_aside=False),
        aside.job_id: Origin("bob", is_deleted=False, is_job=False, is_aside=True),
    }
    assert gone.is_deleted


def test_several_attempts_come_whole_in_as_many_looks_as_one(store: Store) -> None:
    with store.writing() as session:
        _, opened = accept(session, save_job(session), ("NL", "BE", "DE"))
        for chat in opened[:2]:
            for number in (1, 2):
                chats.begin_attempt(session, chat.chat_id, now=NOW)
                chats.add_query(session, chat.chat_id, number, a_query(title=f"{number}"))
                said = Message(role="user", text=f"{chat.parameters['market']} {number}", created_at=NOW)
                chats.add_message(session, chat.chat_id, number, said)
    with store.reading() as session:
        with counted(store) as one:
            glances.attempts(session, [(opened[0].chat_id, 1)])
        with counted(store) as three:
            found = glances.attempts(session, [(opened[0].chat_id, 1), (opened[1].chat_id, 2), (opened[2].chat_id, 1)])
        assert glances.attempts(session, []) == {}
        prompts = glances.prompts(session, [chat.chat_id for chat in opened[:2]])
        of_run = glances.runs_of(session, opened)
        first = glances.first_of_run(session, opened[0].run_id, 2)
    assert len(three) == len(one) == 3
    told = {each.messages[0].text: each.queries[0].title for each in found.values()}
    assert told == {"NL 1": "1", "BE 2": "2"}
    assert sorted(prompts.values()) == ["What did BE spend?", "What did NL spend?"]
    assert list(of_run) == [opened[0].run_id]
    assert [chat.parameters["market"] for chat in first] == ["NL", "BE"]


def test_how_far_a_chat_is_counts_its_newest_attempt_alone(store: Store) -> None:
    def now() -> Progress:
        chat = chats.by_id(session, opened[0].chat_id)
        assert chat is not None
        return glances.progress(session, chat)

    with store.writing() as session:
        run, opened = accept(session, save_job(session), ("NL", "BE"))
        chat_id = opened[0].chat_id
        assert now() == Progress()
        chats.begin_attempt(session, chat_id, now=NOW)
        chats.add_query(session, chat_id, 1, a_query())
        assert now() == Progress(attempt=1, queries=1)
        chats.begin_attempt(session, chat_id, now=later(minutes=1))
        assert (now(), glances.query_count(session, run.run_id)) == (Progress(attempt=2), 0)
        for _ in range(2):
            chats.add_query(session, chat_id, 2, a_query())
        chats.finish_attempt(session, chat_id, 2, DONE, now=later(minutes=2))
        assert now() == Progress(attempt=2, queries=2, has_report=True)
        assert (glances.query_count(session, run.run_id), glances.drawn_count(session, run.run_id)) == (2, 0)
        chats.set_rendered(session, chat_id, 2, Rendered(failure="No font."))
        assert now() == Progress(attempt=2, queries=2, has_report=True, has_failed_to_draw=True)
        chats.set_rendered(session, chat_id, 2, Rendered("ab" * 32, "cd" * 32))
        assert now() == Progress(attempt=2, queries=2, has_report=True, is_drawn=True)
        assert glances.drawn_count(session, run.run_id) == 1
        assert glances.queries_so_far(session, run.run_id) == {chat_id: 2}
        assert glances.statuses(session, run.run_id) == {ChatStatus.COMPLETED: 1, ChatStatus.QUEUED: 1}
