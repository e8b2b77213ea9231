"""What questions outside any job hang on: one row for each agent, person and purpose, and no job to anybody."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from builders.saved import NOW, an_agent, ask, later, save_agent, save_job
from interact.chats.status import ChatStatus
from interact.jobs.rights import Action, KeyHolder, Owned, Person
from interact.store import agents, chats, jobs, keys, periods, questions, runs
from interact.store.keys import NewKey
from interact.store.published import published
from interact.store.sessions import Store
from interact.store.tables import JobRow

READ = frozenset({"agent_jobs_read"})


def test_each_agent_person_and_purpose_has_a_place_of_its_own_that_is_made_once(store: Store) -> None:
    with store.writing() as session:
        analyst = save_agent(session)
        other, _ = agents.save(session, an_agent(key="other"), now=NOW)
        first = questions.place(session, analyst, "ada", "questions", now=NOW)
        again = questions.place(session, analyst, "ada", "questions", now=later(days=1))
        others = {
            questions.place(session, analyst, "bob", "questions", now=NOW),
            questions.place(session, analyst, "ada", "asides", now=NOW),
            questions.place(session, other, "ada", "questions", now=NOW),
        }
        assert first == again == questions.find(session, analyst, "ada", "questions")
        assert len(others - {first}) == 3
        assert questions.find(session, other, "bob", "asides") is None


def test_many_who_need_the_same_place_at_once_get_the_same_one(store: Store) -> None:
    with store.writing() as session:
        agent = save_agent(session)

    def place(_: int) -> str:
        with store.writing() as session:
            return questions.place(session, agent, "ada", "asides", now=NOW)

    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(place, range(24)))
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(JobRow)) == 1
    assert len(found) == 1


@pytest.mark.parametrize("person", ["ada:bob", "Ünal 🙂", "a" * 300, "x'); DROP TABLE jobs; --"])
def test_a_name_is_kept_as_it_is(store: Store, person: str) -> None:
    with store.writing() as session:
        agent = save_agent(session)
        job_id = questions.place(session, agent, person, "questions", now=NOW)
        assert questions.find(session, agent, person, "questions") == job_id
        assert jobs.standing(session, job_id) == Owned(job_id, agent.organisation_id, person, is_private=True)


def test_to_nobody_is_it_a_job(store: Store) -> None:
    with store.writing() as session:
        agent = save_agent(session)
        hidden = ask(session, agent).job_id
        key = session.get_one(JobRow, hidden).key
        dag_id = session.get_one(JobRow, hidden).dag_id
        assert jobs.by_id(session, hidden) is None
        assert jobs.by_ids(session, [hidden]) == {}
        assert jobs.by_key(session, agent.organisation_id, key) is None
        assert jobs.snapshot(session, hidden) is None
        assert jobs.id_by_dag(session, dag_id) is None
        assert jobs.id_by_dag(session, "interact_ask") is None
        assert jobs.standings(session, agent.organisation_id) == {}
        assert (jobs.all_jobs(session), published(session)) == ([], [])
        assert published(session, only=dag_id) == published(session, only="interact_ask") == []
        assert jobs.counts(session, agent.organisation_id, owner="ada") == {}
        assert periods.unaccounted(session, now=later(days=400)) == []


def test_a_version_that_should_not_be_there_makes_it_no_job_either(store: Store) -> None:
    with store.writing() as session:
        agent = save_agent(session)
        job = save_job(session)
        row = session.get_one(JobRow, job.job_id)
        row.purpose = "questions"
        session.flush()
        assert (jobs.by_id(session, job.job_id), jobs.all_jobs(session), published(session)) == (None, [], [])
        assert jobs.counts(session, agent.organisation_id, owner="ada") == {}


def test_it_cannot_be_deleted_as_a_job(store: Store) -> None:
    with store.writing() as session:
        hidden = ask(session, save_agent(session)).job_id
        jobs.mark_deleted(session, hidden, now=NOW)
        assert not jobs.is_deleted(session, hidden)
        assert jobs.standing(session, hidden) is not None


def test_it_is_its_owners_alone_and_no_admins(store: Store) -> None:
    with store.writing() as session:
        agent = save_agent(session)
        owned = jobs.standing(session, ask(session, agent).job_id)
    assert owned is not None
    people = {name: Person(name, agent.organisation_id, "admin") for name in ("ada", "ivy")}
    elsewhere = Person("ada", "org_elsewhere", "admin")
    for action in (Action.READ, Action.RUN):
        assert people["ada"].may(action, owned)
        assert not people["ivy"].may(action, owned)
        assert not elsewhere.may(action, owned)


def test_no_key_can_name_it(store: Store) -> None:
    with store.writing() as session:
        agent = save_agent(session)
        hidden = ask(session, agent).job_id
        wanted = NewKey("ci", READ, job_ids=frozenset({hidden}))
        secret, _ = keys.create(session, agent.organisation_id, wanted, now=NOW)
        key = keys.authenticate(session, secret, now=NOW)
        owned = jobs.standing(session, hidden)
    assert isinstance(key, KeyHolder) and owned is not None
    assert key.private_job_ids == frozenset()
    assert not key.may(Action.READ, owned)


def test_what_hangs_on_it_is_said_and_of_a_job_nothing(store: Store) -> None:
    with store.writing() as session:
        agent = save_agent(session)
        job = save_job(session)
        assert questions.purpose_of(session, ask(session, agent).job_id) == "questions"
        assert questions.purpose_of(session, ask(session, agent, purpose="asides").job_id) == "asides"
        assert questions.purpose_of(session, job.job_id) is None
        assert questions.purpose_of(session, "job_aaaaaaaaaaaa") is None


def test_questions_that_wait_are_counted_for_each_place(store: Store) -> None:
    with store.writing() as session:
        agent = save_agent(session)
        first, second = ask(session, agent), ask(session, agent)
        other = ask(session, agent, "bob")
        runs.mark_started(session, second.run_id, at=NOW, clear_number=0)
        assert [runs.unstarted(session, chat.job_id) for chat in (first, other)] == [1, 1]
        assert [run.run_id for run in runs.not_ended(session, job_id=first.job_id)] == sorted(
            (first.run_id, second.run_id)
        )


def test_a_thread_is_the_first_question_and_those_that_follow_it_in_the_order_they_were_asked(store: Store) -> None:
    with store.writing() as session:
        agent = save_agent(session)
        head = ask(session, agent)
        third = ask(session, agent, purpose="asides", thread_id=head.chat_id, run_after=later(minutes=2))
        second = ask(session, agent, purpose="asides", thread_id=head.chat_id, run_after=later(minutes=1))
        ask(session, agent, run_after=later(minutes=3))
        assert chats.thread_of(session, head.chat_id) == (head, second, third)
        assert (second.thread_id, head.thread_id) == (head.chat_id, None)
        assert chats.thread_of(session, second.chat_id) == (second,)
        assert chats.thread_of(session, "chat_aaaaaaaaaaaa") == ()


def test_the_first_question_leads_its_thread_whatever_the_clocks_of_two_servers_say(store: Store) -> None:
    with store.writing() as session:
        agent = save_agent(session)
        head = ask(session, agent, run_after=later(seconds=2))
        second = ask(session, agent, purpose="asides", thread_id=head.chat_id, run_after=later(seconds=1))
        chats.cancel(session, second.chat_id, reason="Cancelled.", now=NOW)
        found = chats.thread_of(session, head.chat_id)
    assert [(chat.chat_id, chat.status) for chat in found] == [
        (head.chat_id, ChatStatus.QUEUED),
        (second.chat_id, ChatStatus.CANCELLED),
    ]
