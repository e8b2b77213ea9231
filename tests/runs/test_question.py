"""Questions outside any job: asked by one person, answered as runs of their own, followed by others; and previews."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from builders.asking import TALKS, an_agent, answer, asked, begun, chat_of, run_of, somebody
from builders.fake_airflow import FakeAirflow
from builders.story import Says, a_desk, a_job, answered, with_report
from builders.timed import Clock, TimedDesk
from interact.agents.contract import Turn
from interact.chats.record import NOBODY
from interact.chats.status import ChatStatus, RunVerdict
from interact.errors import (
    AgentRefused,
    DefinitionRefused,
    InteractError,
    KeyReused,
    NotFound,
    NothingAsked,
    NotStartable,
    ParameterRefused,
    StillAnswering,
    TooManyAsked,
)
from interact.jobs.rights import Person
from interact.jobs.stored import StoredAgent
from interact.runs.accept import Accepted, Ask, accept
from interact.runs.account import Accounts, account
from interact.runs.airflow import AirflowRun
from interact.runs.announce import announce
from interact.runs.begin import Begun, Passed
from interact.runs.cancel import cancel
from interact.runs.desk import Desk
from interact.runs.question import Inquiry, accept_again, accept_preview, accept_question
from interact.runs.render import render
from interact.store import agents, chats, jobs, questions, runs
from interact.store.requests import Once
from interact.store.sessions import Store


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk on a fresh store."""
    return a_desk(tmp_path)


def prompt_of(desk: Desk, accepted: Accepted) -> str:
    with desk.store.reading() as session:
        return chats.prompt_of(session, accepted.chats[0].chat_id)


def test_a_question_is_a_run_of_its_own_with_one_chat_frozen_as_it_was_asked(desk: Desk) -> None:
    agent = an_agent(desk)
    accepted = asked(desk, agent, "  What did NL spend?\r\nAnd why?  ")
    (chat,) = accepted.chats
    assert (accepted.run.dag_id, accepted.run.dag_run_id) == ("interact_ask", accepted.run.run_id)
    assert (accepted.run.initiator, accepted.run.verdict) == ("user:ada", RunVerdict.QUEUED)
    assert accepted.run.audience == NOBODY
    assert (chat.agent_id, chat.parameters, chat.thread_id) == (agent.agent_id, {}, None)
    assert prompt_of(desk, accepted) == "What did NL spend?\nAnd why?"
    with desk.store.reading() as session:
        snapshot = runs.snapshot_of(session, accepted.run.run_id)
        assert questions.purpose_of(session, chat.job_id) == "questions"
    assert (snapshot, snapshot.agent) == (accepted.snapshot, agent)
    job = snapshot.job
    assert (job.job_id, job.version, job.kept_in) == (chat.job_id, 0, None)
    assert (job.definition.name, job.definition.prompt) == ("What did NL spend?", "What did NL spend?\nAnd why?")
    assert (job.definition.owner, job.definition.visibility, job.definition.time_limit_minutes) == (
        "ada",
        "private",
        10,
    )


def test_a_question_is_begun_answered_drawn_and_ended_as_any_run(desk: Desk) -> None:
    agent = Says(with_report)
    accepted = asked(desk, an_agent(desk), "What did NL spend? Create a report.")
    run, chat_id = accepted.run, accepted.chats[0].chat_id
    assert begun(desk, run) == Begun(run.run_id, ((chat_id, "answer"),))
    answered(desk, chat_id, agent)
    render(desk, dag_id=run.dag_id, dag_run_id=run.dag_run_id, share=(0, 1))
    assert announce(desk, dag_id=run.dag_id, dag_run_id=run.dag_run_id).is_whole
    with desk.store.reading() as session:
        attempt = chats.attempt(session, chat_id)
    assert attempt is not None and attempt.pdf_sha256 and attempt.html_sha256
    (question,) = agent.questions
    assert (question.title, question.parameters, question.filters, question.earlier) == (
        "What did NL spend? Create a report",
        {},
        {},
        (),
    )


def test_all_questions_of_one_person_to_one_agent_hang_on_the_same_place_and_each_is_another_run(desk: Desk) -> None:
    agent = an_agent(desk)
    first, second, other = asked(desk, agent), asked(desk, agent), asked(desk, agent, who="bob")
    assert first.run.job_id == second.run.job_id != other.run.job_id
    assert len({each.run.run_id for each in (first, second, other)}) == 3
    with desk.store.reading() as session:
        assert [job.definition.key for job in jobs.all_jobs(session)] == ["weekly"]


@pytest.mark.parametrize(
    "prompt",
    [
        "What does {{ market }} mean?",
        "{% raw %} and {{ 1 + 1 }} {",
        "{market}",
        "{{",
        "<script>alert(1)</script>",
        "Zürich 🙂 \u202egnirts",
        "a\tb",
        "x" * 20_000,
    ],
)
def test_whatever_text_it_is_it_is_asked_as_it_stands(desk: Desk, prompt: str) -> None:
    agent = Says(with_report)
    accepted = asked(desk, an_agent(desk), prompt)
    answer(desk, accepted, agent)
    assert [question.prompt for question in agent.questions] == [prompt]


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        ("", r"^The question is empty\. Write what you want to know\.$"),
        (" \r\n\t ", r"^The question is empty"),
        ("x" * 20_001, r"^The question has 20,001 characters; at most 20,000 are allowed"),
        ("Spend\0?", r"^The question holds the character U\+0000, which is none to read\. Take it out\.$"),
        ("Spend \ud800", r"U\+D800"),
        ("Spend \x1b[1m", r"U\+001B"),
    ],
)
def test_what_is_no_question_is_refused_and_leaves_nothing(desk: Desk, prompt: str, sentence: str) -> None:
    agent = an_agent(desk)
    with pytest.raises(DefinitionRefused, match=sentence):
        asked(desk, agent, prompt)
    with desk.store.reading() as session:
        assert runs.not_ended(session) == []
        assert questions.find(session, agent, "ada", "questions") is None


def test_an_agent_that_is_not_active_cannot_be_asked_and_says_so(desk: Desk) -> None:
    with pytest.raises(NotStartable, match=r"^Agent 'Analyst' is not active, so that nobody can ask it\. An admin"):
        asked(desk, an_agent(desk, active=False))


@pytest.mark.parametrize(
    "person",
    [
        Person("ada", "org_elsewhere0", "admin"),
        Person("ada", "ours", None),
    ],
)
def test_an_agent_of_others_is_as_unknown_as_one_that_is_not_there(desk: Desk, person: Person) -> None:
    agent = an_agent(desk)
    who = replace(person, organisation_id=person.organisation_id.replace("ours", agent.organisation_id))
    for agent_id in (agent.agent_id, "agent_aaaaaaaaaaaa", "a\0b"):
        with pytest.raises(NotFound, match=r"There is no agent"):
            accept_question(desk, who, Inquiry(agent_id, "Spend?"))


def test_so_many_questions_of_one_person_to_one_agent_may_wait(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, INTERACT_MAX_WAITING_RUNS="2")
    agent = an_agent(desk)
    first = asked(desk, agent)
    asked(desk, agent)
    with pytest.raises(
        TooManyAsked, match=r"^2 of your questions to agent 'Analyst' wait, which is as many as may wait"
    ):
        asked(desk, agent)
    asked(desk, agent, who="bob")
    begun(desk, first.run)
    asked(desk, agent)


def test_the_same_request_twice_is_one_question(desk: Desk) -> None:
    agent = an_agent(desk)
    once = Once("user:ada", "k", "a" * 64)
    first, again = asked(desk, agent, once=once), asked(desk, agent, once=once)
    assert (again.run, again.again) == (first.run, True)
    with pytest.raises(KeyReused, match="'k'"):
        asked(desk, agent, "Another?", once=replace(once, sha256="b" * 64))


def test_a_run_that_somebody_starts_by_hand_in_airflow_asks_nothing_and_says_where_to_ask(desk: Desk) -> None:
    run = asked(desk, an_agent(desk)).run
    for run_type in ("manual", "backfill", "scheduled"):
        with pytest.raises(NothingAsked, match=r"nothing was asked\. Open Agents, choose one, and ask there"):
            begun(desk, run, dag_run_id="manual__1", run_type=run_type)
    with desk.store.reading() as session:
        assert runs.find(session, dag_id="interact_ask", dag_run_id="manual__1") is None


def test_an_edit_of_the_agent_does_not_change_a_question_under_way(desk: Desk) -> None:
    accepted = asked(desk, an_agent(desk))
    a_job(desk, active=False)
    assert answer(desk, accepted).status is ChatStatus.COMPLETED


# Further questions


def test_a_further_question_reaches_the_agent_with_what_was_asked_and_answered_before(desk: Desk) -> None:
    agent, talks = an_agent(desk), Says(with_report)
    first = asked(desk, agent, "What did NL spend?")
    head = answer(desk, first, talks)
    second = asked(desk, agent, "And BE?", thread_id=head.chat_id)
    answer(desk, second, talks)
    third = asked(desk, agent, "And DE?", thread_id=chat_of(desk, second).chat_id)
    chat = answer(desk, third, talks)
    assert chat.thread_id == chat_of(desk, second).thread_id == head.chat_id
    told = Turn("What did NL spend?", "Spend was €1,234.")
    assert [question.earlier for question in talks.questions] == [
        (),
        (told,),
        (told, Turn("And BE?", "Spend was €1,234.")),
    ]
    with desk.store.reading() as session:
        assert [each.chat_id for each in chats.thread_of(session, head.chat_id)][1:] == [
            second.chats[0].chat_id,
            chat.chat_id,
        ]
        assert questions.purpose_of(session, chat.job_id) == "asides"


def test_a_question_that_was_not_answered_is_told_without_an_answer(desk: Desk) -> None:
    def refuses(*_: object) -> Any:
        raise AgentRefused("I do not know 'weather'.")

    agent = an_agent(desk)
    first = asked(desk, agent, "What is the weather?")
    begun(desk, first.run)
    with pytest.raises(AgentRefused, match="weather"):
        answered(desk, first.chats[0].chat_id, Says(refuses))
    talks = Says(with_report)
    answer(desk, asked(desk, agent, "Spend then?", thread_id=first.chats[0].chat_id), talks)
    assert talks.questions[0].earlier == (Turn("What is the weather?", ""),)


def test_figures_of_an_earlier_answer_whose_results_are_gone_are_marked(desk: Desk) -> None:
    agent, talks = an_agent(desk), Says(with_report)
    first = asked(desk, agent)
    head = answer(desk, first, talks)
    for file in Path(desk.settings.home / "files").rglob("*.json"):
        file.unlink()
    answer(desk, asked(desk, agent, "And BE?", thread_id=head.chat_id), talks)
    assert talks.questions[1].earlier == (Turn("What did NL spend?", "Spend was [figure not found]."),)


def test_a_further_question_waits_for_the_answer_before_it(desk: Desk) -> None:
    agent = an_agent(desk)
    first = asked(desk, agent)
    head_id = first.chats[0].chat_id
    for step in (lambda: None, lambda: begun(desk, first.run)):
        step()
        with pytest.raises(StillAnswering, match=rf"^Chat '{head_id}', the question before this one, is still"):
            asked(desk, agent, "And BE?", thread_id=head_id)
    answer(desk, first)
    second = asked(desk, agent, "And BE?", thread_id=head_id)
    with pytest.raises(StillAnswering, match=second.chats[0].chat_id):
        asked(desk, agent, "And DE?", thread_id=head_id)
    cancel(desk, second.run.run_id, by="user:ada")
    asked(desk, agent, "And DE?", thread_id=head_id)


def test_of_two_further_questions_at_once_one_is_taken(store: Store, tmp_path: Path) -> None:
    desk = replace(a_desk(tmp_path), store=store)
    agent = an_agent(desk)
    head = answer(desk, asked(desk, agent))

    def ask(number: int) -> str:
        try:
            return asked(desk, agent, f"Question {number}", thread_id=head.chat_id).run.run_id
        except StillAnswering:
            return "refused"

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(ask, range(8)))
    assert sorted(each == "refused" for each in found) == [False, *[True] * 7]


def test_nobody_asks_further_in_anothers_thread_and_none_can_be_told_from_one_that_is_not_there(desk: Desk) -> None:
    agent = an_agent(desk)
    head = answer(desk, asked(desk, agent))
    admin = Person("ivy", agent.organisation_id, "admin")
    for who in (somebody(agent, "bob"), admin):
        for thread_id in (head.chat_id, "chat_aaaaaaaaaaaa"):
            with pytest.raises(NotFound, match=f"There is no chat '{thread_id}' that you can see"):
                accept_question(desk, who, Inquiry(agent.agent_id, "And BE?", thread_id))


def test_a_jobs_chat_takes_no_further_question_and_says_so(desk: Desk) -> None:
    agent = an_agent(desk)
    job = a_job(desk)
    chat = accept(desk, Ask(job.job_id, {}, "user:ada")).chats[0]
    with pytest.raises(NotStartable, match=r"is a job's or a preview's, and takes no further question"):
        asked(desk, agent, "And BE?", thread_id=chat.chat_id)


def test_a_preview_takes_no_further_question(desk: Desk) -> None:
    agent = an_agent(desk)
    chat = previewed(desk, agent).chats[0]
    with pytest.raises(NotStartable, match=r"is a job's or a preview's"):
        asked(desk, agent, "And BE?", thread_id=chat.chat_id)


def test_a_thread_stays_with_its_agent(desk: Desk) -> None:
    agent = an_agent(desk)
    head = answer(desk, asked(desk, agent))
    other = another_agent(desk)
    with pytest.raises(NotStartable, match=r"is another agent's\. Ask that one, or begin a new chat"):
        asked(desk, other, "And BE?", thread_id=head.chat_id)


def another_agent(desk: Desk) -> StoredAgent:
    with desk.store.writing() as session:
        (first,) = agents.all_of(session, jobs.all_jobs(session)[0].organisation_id)
        definition = first.definition.model_copy(update={"key": "other", "name": "Other"})
        return agents.save(session, definition, now=desk.now())[0]


# Previews

DRAFT = {
    "agent": "analyst",
    "name": "Spend of a market",
    "prompt": "What did {{ market }} spend?",
    "parameters": {"market": {"values": ["NL", "BE", "DE"], "default": ["BE", "DE"]}},
}


def previewed(desk: Desk, asked: StoredAgent, read_column: Any = None, **changes: Any) -> Accepted:
    return accept_preview(desk, somebody(asked), {**DRAFT, **changes}, read_column)


def test_a_preview_asks_one_combination_as_the_person_and_saves_no_job(desk: Desk) -> None:
    agent, talks = an_agent(desk), Says(with_report)
    accepted = previewed(desk, agent, schedule="0 8 * * 1", visibility="organisation")
    chat = answer(desk, accepted, talks)
    assert (chat.parameters, chat.status) == ({"market": "BE"}, ChatStatus.COMPLETED)
    assert prompt_of(desk, accepted) == "What did BE spend?"
    (question,) = talks.questions
    assert (question.title, question.filters) == ("Spend of a market", {"market": "BE"})
    with desk.store.reading() as session:
        assert [job.definition.key for job in jobs.all_jobs(session)] == ["weekly"]
        assert questions.purpose_of(session, chat.job_id) == "asides"
        owned = jobs.standing(session, chat.job_id)
        viewer = chats.Viewer(agent.organisation_id, owner="ada")
        assert chats.newest(session, viewer, chats.Wanted()).entries == ()
        assert chats.visible(session, viewer, chat.chat_id) == chat
    assert owned is not None and (owned.owner, owned.is_private) == ("ada", True)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ({"values": ["NL", "BE"]}, "NL"),
        ({"values": ["NL", "BE"], "default": "BE"}, "BE"),
        ({"values": ["NL", "BE", "DE"], "default": ["BE"], "schedule": ["DE", "NL"]}, "DE"),
        ({"values": ["NL", "BE"], "default": "*"}, "NL"),
        ({"type": "text", "default": "somewhere"}, "somewhere"),
        ({"type": "number", "values": [3, 2.5]}, "3"),
        ({"query": "SELECT DISTINCT market FROM ad_performance"}, "FR"),
        ({"query": "SELECT DISTINCT market FROM ad_performance", "default": "*"}, "FR"),
    ],
)
def test_a_preview_takes_the_first_value_of_each_parameter(desk: Desk, parameter: dict[str, Any], value: str) -> None:
    accepted = previewed(desk, an_agent(desk), lambda *_: ("FR", "NL", "BE"), parameters={"market": parameter})
    assert accepted.chats[0].parameters == {"market": value}


def test_a_preview_of_several_parameters_has_one_chat(desk: Desk) -> None:
    many = {"values": [f"v{number}" for number in range(900)], "default": "*"}
    parameters = {"market": many, "campaign": many, "channel": {"values": ["Search"]}}
    accepted = previewed(desk, an_agent(desk), parameters=parameters)
    assert [chat.parameters for chat in accepted.chats] == [{"market": "v0", "campaign": "v0", "channel": "Search"}]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"prompt": "What did {{ country }} spend?"}, r"uses the placeholder 'country'"),
        ({"agent": "nobody"}, r"asks agent 'nobody', which does not exist"),
        ({"schedule": "0 25 * * *"}, r"0 25"),
        ({"colour": "red"}, r"'colour' is no key of a job"),
        ({"name": ""}, r"`name` is empty"),
        ({"channels": ["mail"]}, r"names channel 'mail', which does not exist"),
        ({"organisation": "elsewhere"}, r"names organisation 'elsewhere'"),
        ({"kind": "agent"}, r"'owner' is no key of an agent"),
        ({"parameters": {"market": {"values": ["NL"], "query": "SELECT 1"}}}, r"both `values` and a `query`"),
    ],
)
def test_a_preview_is_refused_for_what_saving_would_be(desk: Desk, changes: dict[str, Any], sentence: str) -> None:
    agent = an_agent(desk)
    with pytest.raises(DefinitionRefused, match=sentence):
        previewed(desk, agent, **changes)
    with desk.store.reading() as session:
        assert runs.not_ended(session) == []


def test_a_preview_without_a_value_to_take_says_what_lacks(desk: Desk) -> None:
    agent = an_agent(desk)
    with pytest.raises(
        ParameterRefused, match=r"^Parameter 'market' has no value that the preview could take\. Give it"
    ):
        previewed(desk, agent, parameters={"market": {"type": "text"}})


def test_the_draft_of_a_change_is_previewed_under_the_jobs_own_key(desk: Desk) -> None:
    agent = an_agent(desk)
    accepted = previewed(desk, agent, key="weekly", name="Renamed", prompt="Spend of {{ market }}?")
    assert prompt_of(desk, accepted) == "Spend of BE?"
    with desk.store.reading() as session:
        assert [job.definition.name for job in jobs.all_jobs(session)] == ["Weekly report"]


def test_an_inactive_agent_previews_nothing(desk: Desk) -> None:
    with pytest.raises(NotStartable, match=r"^Agent 'Analyst' is not active"):
        previewed(desk, an_agent(desk, active=False))


def test_a_preview_of_somebody_elses_job_is_the_previewers(desk: Desk) -> None:
    accepted = previewed(desk, an_agent(desk), owner="bob")
    assert accepted.snapshot.job.definition.owner == "ada"


# Asked again


def test_a_question_asked_again_is_another_one_of_the_agent_as_it_is_now(desk: Desk) -> None:
    agent = an_agent(desk)
    first = asked(desk, agent, "What did NL spend?")
    answer(desk, first)
    again = accept_again(desk, somebody(agent), first.run)
    assert (again.run.rerun_of, again.chats[0].thread_id, again.run.job_id) == (
        first.run.run_id,
        None,
        first.run.job_id,
    )
    assert prompt_of(desk, again) == "What did NL spend?"
    a_job(desk, active=False)
    with pytest.raises(NotStartable, match="is not active"):
        accept_again(desk, somebody(agent), first.run)


def test_a_further_question_is_asked_again_after_what_it_followed_and_the_next_one_follows_it(desk: Desk) -> None:
    agent, talks = an_agent(desk), Says(with_report)
    head = answer(desk, asked(desk, agent), talks).chat_id
    second = asked(desk, agent, "And BE?", thread_id=head)
    answer(desk, second, talks)
    answer(desk, asked(desk, agent, "And DE?", thread_id=head), talks)
    again = accept_again(desk, somebody(agent), second.run)
    assert (again.chats[0].thread_id, prompt_of(desk, again)) == (head, "And BE?")
    answer(desk, again, talks)
    twice = accept_again(desk, somebody(agent), again.run)
    answer(desk, twice, talks)
    answer(desk, asked(desk, agent, "And all?", thread_id=head), talks)
    assert [[turn.prompt for turn in question.earlier] for question in talks.questions] == [
        [],
        ["What did NL spend?"],
        ["What did NL spend?", "And BE?"],
        ["What did NL spend?"],
        ["What did NL spend?"],
        ["What did NL spend?", "And BE?"],
    ]


def test_a_preview_is_made_again(desk: Desk) -> None:
    agent = an_agent(desk)
    first = previewed(desk, agent)
    answer(desk, first)
    again = accept_again(desk, somebody(agent), first.run)
    assert (again.run.rerun_of, again.chats[0].parameters) == (first.run.run_id, {"market": "BE"})
    assert (again.snapshot.job, prompt_of(desk, again)) == (first.snapshot.job, "What did BE spend?")


# What a crash leaves


def a_timed_desk(home: Path) -> TimedDesk:
    plain = a_desk(home)
    return TimedDesk(plain.store, plain.files, plain.settings, clock=Clock())


@pytest.mark.parametrize("kind", ["question", "preview"])
def test_what_airflow_did_not_take_is_handed_over_by_the_watch(tmp_path: Path, kind: str) -> None:
    desk, airflow = a_timed_desk(tmp_path), FakeAirflow()
    agent = an_agent(desk, now=desk.now())
    run = (asked(desk, agent) if kind == "question" else previewed(desk, agent)).run
    assert account(desk, airflow).started == 0
    desk.clock.now += timedelta(minutes=2)
    assert account(desk, airflow) == Accounts(started=1)
    conf = {} if kind == "question" else {"market": ["BE"]}
    assert airflow.started == [("interact_ask", run.run_id, conf, run.run_after)]


@pytest.mark.parametrize("told", [AirflowRun("failed"), None])
def test_a_question_whose_run_airflow_lost_is_closed_by_the_watch_and_holds_nothing_up(
    tmp_path: Path, told: AirflowRun | None
) -> None:
    desk, airflow = a_timed_desk(tmp_path), FakeAirflow()
    agent = an_agent(desk, now=desk.now())
    first = asked(desk, agent)
    begun(desk, first.run)
    if told:
        airflow.runs[first.run.dag_run_id] = told
    assert account(desk, airflow).settled == 1
    chat, run = chat_of(desk, first), run_of(desk, first)
    assert (chat.status, run.verdict) == (ChatStatus.FAILED, RunVerdict.FAILED)
    assert str(chat.reason).endswith("before it had announced its end. Run it again.")
    asked(desk, agent, "And BE?", thread_id=chat.chat_id)


def test_a_question_that_airflow_refuses_for_a_day_is_given_up(tmp_path: Path) -> None:
    desk, airflow = a_timed_desk(tmp_path), FakeAirflow(missing={"interact_ask"})
    accepted = asked(desk, an_agent(desk, now=desk.now()))
    desk.clock.now += timedelta(days=1, minutes=1)
    account(desk, airflow)
    assert "Look for DAG 'interact_ask' under Import Errors" in str(chat_of(desk, accepted).reason)


def test_a_cancelled_question_is_not_answered(desk: Desk) -> None:
    accepted = asked(desk, an_agent(desk))
    assert cancel(desk, accepted.run.run_id, by="user:ada")
    assert isinstance(begun(desk, accepted.run), Passed)
    with pytest.raises(InteractError, match="belongs to a run that was cancelled"):
        answered(desk, accepted.chats[0].chat_id, TALKS)


def test_a_question_cleared_in_airflow_is_answered_anew_in_the_same_chat(desk: Desk) -> None:
    accepted = asked(desk, an_agent(desk))
    answer(desk, accepted)
    assert isinstance(begun(desk, accepted.run, clear_number=1), Begun)
    answered(desk, accepted.chats[0].chat_id, TALKS)
    assert chat_of(desk, accepted).attempt == 2
