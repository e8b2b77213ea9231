"""A run from the trigger to the verdict, without Airflow: accepted, begun, asked, announced."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from builders.fake_airflow import FakeAirflow
from builders.story import Says, a_desk, a_job, answered, with_report
from interact.agents.contract import Answer, Question
from interact.chats.status import ChatStatus, RunVerdict
from interact.errors import (
    AgentFaulted,
    AgentRefused,
    NotFound,
    NotStartable,
    ParameterRefused,
    QueryRefused,
    TooManyCombinations,
)
from interact.jobs.stored import StoredJob
from interact.runs.accept import Accepted, Ask, accept
from interact.runs.airflow import AirflowRun
from interact.runs.announce import announce
from interact.runs.ask import OpenAttempt, open_attempt, stop
from interact.runs.begin import Begun, DagRun
from interact.runs.begin import begin as begin_or_pass
from interact.runs.desk import Desk
from interact.runs.settle import settle
from interact.store import chats, runs
from interact.warehouse.queries import Compiled, Warehouse

INSTANT = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk on a fresh store."""
    return a_desk(tmp_path)


def begin(desk: Desk, dag_run: DagRun) -> Begun:
    """Begin a run that no gate keeps out."""
    begun = begin_or_pass(desk, dag_run, FakeAirflow())
    assert isinstance(begun, Begun)
    return begun


def triggered(desk: Desk, job: StoredJob, **given: object) -> Accepted:
    """Return an accepted run."""
    return accept(desk, Ask(job.job_id, given, "key:test"))


def made_by_airflow(
    job: StoredJob, *, conf: dict[str, object] | None = None, clear: int = 0, name: str = "manual__1"
) -> DagRun:
    """Return a run that Airflow made."""
    return DagRun(job.job_id, job.dag_id, name, "user:ada", conf or {}, INSTANT, clear)


def as_begun(run: Accepted, *, clear: int = 0) -> DagRun:
    """Return what Airflow says of an accepted run when its first task starts."""
    return DagRun(run.run.job_id, run.run.dag_id, run.run.dag_run_id, "user:key:test", {}, INSTANT, clear)


def test_a_trigger_opens_one_chat_a_value_before_airflow_knows(desk: Desk) -> None:
    accepted = triggered(desk, a_job(desk), market=["NL", "DE"])
    assert [chat.parameters for chat in accepted.chats] == [{"market": "NL"}, {"market": "DE"}]
    assert {chat.status for chat in accepted.chats} == {ChatStatus.QUEUED}
    assert accepted.run.dag_run_id == accepted.run.run_id
    with desk.store.reading() as session:
        assert chats.prompt_of(session, accepted.chats[1].chat_id) == "What did DE spend?"


@pytest.mark.parametrize(
    ("given", "error", "told"),
    [
        ({"market": "SE"}, ParameterRefused, r"Parameter 'market' does not take 'SE'. Allowed: 'NL', 'BE', 'DE'."),
        ({"market": []}, ParameterRefused, "was given an empty list"),
        ({"market": None}, ParameterRefused, "does not take null"),
        ({"market": 7}, ParameterRefused, "does not take 7"),
        ({"country": "NL"}, ParameterRefused, "Parameter 'country' is not known to this job.*Allowed: 'market'"),
    ],
)
def test_values_that_are_not_allowed_are_refused_before_anything_is_stored(
    desk: Desk, given: dict[str, object], error: type[Exception], told: str
) -> None:
    job = a_job(desk)
    with pytest.raises(error, match=told):
        triggered(desk, job, **given)
    with desk.store.reading() as session:
        assert runs.unstarted(session, job.job_id) == 0


def test_more_than_a_thousand_combinations_are_refused(desk: Desk) -> None:
    values = [str(number) for number in range(32)]
    both = {"market": {"values": values}, "channel": {"values": values}}
    job = a_job(desk, parameters=both, prompt="What?")
    with pytest.raises(TooManyCombinations, match="1,024 combinations; a run takes at most 1,000"):
        triggered(desk, job, market=values, channel=values)


def test_an_unknown_job_and_an_inactive_agent_cannot_be_triggered(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no job 'job_000000000000'"):
        accept(desk, Ask("job_000000000000", {}, "key:test"))
    with pytest.raises(NotStartable, match="its agent 'analyst' is not active"):
        triggered(desk, a_job(desk, active=False))


def test_the_seventeenth_waiting_run_is_refused(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, INTERACT_MAX_WAITING_RUNS="2")
    job = a_job(desk)
    triggered(desk, job), triggered(desk, job)
    with pytest.raises(NotStartable, match="has 2 runs waiting"):
        triggered(desk, job)


def test_the_first_task_takes_over_the_chats_that_a_trigger_promised(desk: Desk) -> None:
    accepted = triggered(desk, a_job(desk), market=["BE", "NL"])
    begun = begin(desk, as_begun(accepted))
    assert begun.chats == tuple((chat.chat_id, chat.parameters["market"]) for chat in accepted.chats)
    with desk.store.reading() as session:
        assert runs.by_id(session, accepted.run.run_id).verdict is RunVerdict.RUNNING


def test_a_run_that_airflow_made_opens_its_own_chats_and_is_begun_once(desk: Desk) -> None:
    job = a_job(desk)
    first = begin(desk, made_by_airflow(job, conf={"market": ["DE", "DE", "BE"]}))
    again = begin(desk, made_by_airflow(job, conf={"market": ["DE", "DE", "BE"]}))
    assert [label for _, label in first.chats] == ["DE", "BE"]
    assert again == first


def test_a_run_that_cannot_begin_leaves_a_row_with_the_reason(desk: Desk) -> None:
    job = a_job(desk)
    with pytest.raises(ParameterRefused, match="'SE'"):
        begin(desk, made_by_airflow(job, conf={"market": "SE"}))
    run = announce(desk, dag_id=job.dag_id, dag_run_id="manual__1").run
    assert run.verdict is RunVerdict.FAILED and "does not take 'SE'" in str(run.reason)


def test_a_refused_run_that_is_cleared_is_refused_again_with_the_same_row(desk: Desk) -> None:
    job = a_job(desk)
    for clear in (0, 1):
        with pytest.raises(ParameterRefused, match="'SE'"):
            begin(desk, made_by_airflow(job, conf={"market": "SE"}, clear=clear))


def test_an_edit_does_not_change_a_run_in_flight(desk: Desk) -> None:
    accepted = triggered(desk, a_job(desk))
    a_job(desk, prompt="Something else about {{ market }}?")
    agent = Says(with_report)
    begin(desk, as_begun(accepted))
    answered(desk, accepted.chats[0].chat_id, agent)
    assert agent.questions[0].prompt == "What did NL spend?"


def test_a_chat_keeps_question_query_result_answer_and_report(desk: Desk) -> None:
    job = a_job(desk)
    begun = begin(desk, made_by_airflow(job))
    chat_id = begun.chats[0][0]
    agent = Says(with_report)
    assert answered(desk, chat_id, agent) == {"queries": 1, "rows": 1}
    assert agent.questions[0].on_date.isoformat() == "2026-11-23"  # 23:30 UTC is the next day in Amsterdam
    assert agent.questions[0].filters == {"market": "NL"}
    with desk.store.reading() as session:
        attempt = chats.attempt(session, chat_id)
        chat = chats.by_id(session, chat_id)
    assert attempt is not None and chat is not None
    assert (chat.status, chat.attempt) == (ChatStatus.COMPLETED, 1)
    assert [message.role for message in attempt.messages] == ["user", "assistant"]
    assert [query.sql for query in attempt.queries] == ["SELECT 1234 AS spend"]
    assert desk.files.get_result(str(attempt.queries[0].rows_sha256)).rows == ((1234.0,),)
    assert attempt.report_json is not None and attempt.usage == {"queries": 1}


def refuses(question: Question, warehouse: Warehouse) -> Answer:
    """Decline."""
    raise AgentRefused("I do not know 'weather' (I know spend).")


def asks_badly(question: Question, warehouse: Warehouse) -> Answer:
    """Run a query that the guard refuses."""
    warehouse.run(Compiled("refuse me", ()), title="Bad")
    raise AssertionError


def breaks(question: Question, warehouse: Warehouse) -> Answer:
    """Have a fault."""
    raise ZeroDivisionError("secret-value")


@pytest.mark.parametrize(
    ("agent", "error", "reason"),
    [
        (refuses, AgentRefused, "I do not know 'weather' (I know spend)."),
        (asks_badly, QueryRefused, "The query does something that is not allowed. Ask for metrics."),
        (breaks, AgentFaulted, "The agent stopped at a fault of its own (ZeroDivisionError)"),
    ],
)
def test_what_goes_wrong_is_kept_in_the_chat_then_raised(
    desk: Desk, agent: object, error: type[Exception], reason: str
) -> None:
    job = a_job(desk)
    chat_id = begin(desk, made_by_airflow(job)).chats[0][0]
    with pytest.raises(error, match=r"weather|not allowed|fault of its own"):
        answered(desk, chat_id, Says(agent))  # type: ignore[arg-type]
    with desk.store.reading() as session:
        attempt = chats.attempt(session, chat_id)
    assert attempt is not None and attempt.status is ChatStatus.FAILED
    assert str(attempt.reason).startswith(reason) and attempt.messages[-1].text == attempt.reason
    assert "secret-value" not in str(attempt)


def test_a_refused_query_is_kept_with_its_sql_and_the_reason(desk: Desk) -> None:
    chat_id = begin(desk, made_by_airflow(a_job(desk))).chats[0][0]
    with pytest.raises(QueryRefused, match="not allowed"):
        answered(desk, chat_id, Says(asks_badly))
    with desk.store.reading() as session:
        attempt = chats.attempt(session, chat_id)
    assert attempt is not None
    assert [(query.sql, query.rows_sha256) for query in attempt.queries] == [("refuse me", None)]
    assert "not allowed" in str(attempt.queries[0].failure)


def test_one_failing_chat_makes_the_run_partial_and_is_named(desk: Desk) -> None:
    job = a_job(desk)
    begun = begin(desk, made_by_airflow(job, conf={"market": ["NL", "BE"]}))
    plain = Says(lambda question, warehouse: Answer(text="Fine."))
    answered(desk, begun.chats[0][0], plain)
    with pytest.raises(AgentRefused, match="weather"):
        answered(desk, begun.chats[1][0], Says(refuses))
    run = announce(desk, dag_id=job.dag_id, dag_run_id="manual__1").run
    assert run.verdict is RunVerdict.PARTIAL
    assert run.reason == f"{begun.chats[1][0]} (BE) failed: I do not know 'weather' (I know spend)."


def test_a_chat_whose_task_died_is_closed_as_failed(desk: Desk) -> None:
    job = a_job(desk)
    begun = begin(desk, made_by_airflow(job))
    run = announce(desk, dag_id=job.dag_id, dag_run_id="manual__1").run
    assert run.verdict is RunVerdict.FAILED and "ended without a word" in str(run.reason)
    with desk.store.reading() as session:
        assert [chat.status for chat in chats.of_run(session, begun.run_id)] == [ChatStatus.FAILED]


def test_a_report_without_a_pdf_leaves_the_run_partial(desk: Desk) -> None:
    job = a_job(desk)
    begun = begin(desk, made_by_airflow(job))
    answered(desk, begun.chats[0][0], Says(with_report))
    run = announce(desk, dag_id=job.dag_id, dag_run_id="manual__1").run
    assert run.verdict is RunVerdict.PARTIAL and "has no PDF" in str(run.reason)


def test_clear_asks_again_as_a_further_attempt_of_the_same_chat(desk: Desk) -> None:
    accepted = triggered(desk, a_job(desk))
    agent = Says(lambda question, warehouse: Answer(text="Fine."))
    for clear in (0, 1):
        begin(desk, as_begun(accepted, clear=clear))
        answered(desk, accepted.chats[0].chat_id, agent)
        run = announce(desk, dag_id=accepted.run.dag_id, dag_run_id=accepted.run.dag_run_id).run
        assert (run.verdict, run.clear_number) == (RunVerdict.COMPLETED, clear)
    with desk.store.reading() as session:
        assert [attempt.number for attempt in chats.attempts(session, accepted.chats[0].chat_id)] == [1, 2]


def test_an_attempt_that_a_dead_task_left_open_is_closed_by_the_next(desk: Desk) -> None:
    accepted = triggered(desk, a_job(desk))
    chat_id = accepted.chats[0].chat_id
    with desk.store.writing() as session:
        chats.begin_attempt(session, chat_id, now=INSTANT)
    answered(desk, chat_id, Says(lambda question, warehouse: Answer(text="Fine.")))
    with desk.store.reading() as session:
        first, second = chats.attempts(session, chat_id)
    assert (first.status, second.status) == (ChatStatus.FAILED, ChatStatus.COMPLETED)


def test_a_stopped_task_closes_its_chat_and_a_finished_one_stays(desk: Desk) -> None:
    accepted = triggered(desk, a_job(desk))
    chat_id = accepted.chats[0].chat_id
    with desk.store.writing() as session:
        chats.begin_attempt(session, chat_id, now=INSTANT)
    stop(desk, OpenAttempt(chat_id, 1), reason="Stopped at the limit.")
    stop(desk, OpenAttempt(chat_id, 1), reason="Again.")
    with desk.store.reading() as session:
        chat = chats.by_id(session, chat_id)
    assert chat is not None and (chat.status, chat.reason) == (ChatStatus.FAILED, "Stopped at the limit.")


def test_a_run_of_airflows_own_that_came_as_the_seventeenth_is_ended(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, INTERACT_MAX_WAITING_RUNS="1")
    job = a_job(desk)
    triggered(desk, job)
    late = DagRun(job.job_id, job.dag_id, "manual__2", "airflow", {}, datetime.now(UTC) + timedelta(seconds=5), 0)
    with pytest.raises(NotStartable, match="1 runs waiting"):
        begin(desk, late)


def test_a_chat_of_another_run_cannot_be_answered(desk: Desk) -> None:
    job = a_job(desk)
    mine, theirs = triggered(desk, job), triggered(desk, a_job(desk, key="other", visibility="private"))
    with pytest.raises(NotFound, match=theirs.chats[0].chat_id):
        open_attempt(desk, theirs.chats[0].chat_id, dag_id=mine.run.dag_id, dag_run_id=mine.run.dag_run_id)
    with desk.store.reading() as session:
        assert chats.attempt(session, theirs.chats[0].chat_id) is None


def test_stopping_an_old_attempt_leaves_the_new_one_open(desk: Desk) -> None:
    accepted = triggered(desk, a_job(desk))
    run, chat_id = accepted.run, accepted.chats[0].chat_id
    first, _ = (open_attempt(desk, chat_id, dag_id=run.dag_id, dag_run_id=run.dag_run_id) for _ in range(2))
    stop(desk, first, reason="Killed late.")
    with desk.store.reading() as session:
        chat = chats.by_id(session, chat_id)
    assert chat is not None
    assert (chat.status, chat.attempt) == (ChatStatus.RUNNING, 2)


def test_a_fault_of_the_agent_is_logged_with_its_place_and_without_its_words(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    chat_id = begin(desk, made_by_airflow(a_job(desk))).chats[0][0]
    with pytest.raises(AgentFaulted, match="ZeroDivisionError") as raised:
        answered(desk, chat_id, Says(breaks))
    assert raised.value.__cause__ is None
    assert "in breaks" in caplog.text
    assert "secret-value" not in caplog.text


@pytest.mark.parametrize("year", [1, 1999, 2101, 9999])
def test_a_run_of_an_impossible_date_is_refused_with_a_sentence(desk: Desk, year: int) -> None:
    job = a_job(desk)
    run = DagRun(job.job_id, job.dag_id, "manual__1", "airflow", {}, datetime(year, 6, 1, tzinfo=UTC), 0)
    with pytest.raises(NotStartable, match="has to lie between 2000 and 2100"):
        begin(desk, run)


@pytest.mark.parametrize(
    ("state", "told"), [(None, "was deleted in Airflow"), ("failed", "was ended in Airflow as 'failed'")]
)
def test_a_run_that_airflow_ended_is_closed_with_its_open_chats_and_blocks_no_other(
    tmp_path: Path, state: str | None, told: str
) -> None:
    desk = a_desk(tmp_path, INTERACT_MAX_WAITING_RUNS="1")
    job = a_job(desk)
    run = triggered(desk, job).run
    with desk.store.writing() as session:
        runs.mark_queued(session, run.run_id, at=desk.now())
    with desk.store.reading() as session:
        run = runs.by_id(session, run.run_id)
    assert settle(desk, run, AirflowRun("running")) == run
    settled = settle(desk, run, AirflowRun(state) if state else None)
    assert (settled.verdict, told in str(settled.reason)) == (RunVerdict.FAILED, True)
    with desk.store.reading() as session:
        assert [chat.status for chat in chats.of_run(session, run.run_id)] == [ChatStatus.FAILED]
    triggered(desk, job)


def test_a_run_that_airflow_has_not_taken_yet_stays_open(desk: Desk) -> None:
    run = triggered(desk, a_job(desk)).run
    assert settle(desk, run, None) == run
