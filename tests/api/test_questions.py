"""Questions outside any job over HTTP: handed to Airflow, listed and read by who asked, asked again, cancelled."""

from datetime import timedelta
from typing import Any

import pytest
from airflow.models.serialized_dag import SerializedDagModel
from airflow.utils.session import create_session
from sqlalchemy import delete

from builders.airflow_tables import save_dag, save_tasks
from builders.asking import an_agent, answer, chat_of, somebody
from builders.signed_in import bearer
from builders.story import a_job
from interact.api import airflow_runs, handover
from interact.api.explanations import explain
from interact.api.handover import start_preview, start_question
from interact.chats.status import ChatStatus, RunVerdict
from interact.errors import NotFound, NotStartable, StillAnswering, TooManyAsked
from interact.factory.asking import questions
from interact.jobs.stored import StoredAgent
from interact.runs.accept import Accepted
from interact.runs.question import Inquiry, accept_question
from interact.settings import read
from interact.store import runs
from interact.store.tables import RunRow

DRAFT = {"agent": "analyst", "name": "Draft", "prompt": "{{ market }}?", "parameters": {"market": {"values": ["NL"]}}}


@pytest.fixture
def agent(rest: Any) -> StoredAgent:
    """The agent of the client's job; Airflow has the DAG of questions, with its tasks."""
    save_tasks(questions(read({"AIRFLOW_HOME": "/srv/airflow"})))
    return an_agent(rest.desk)


def ask(rest: Any, agent: StoredAgent, prompt: str = "What did NL spend?", who: str = "ada", **how: Any) -> Accepted:
    return start_question(rest.desk, somebody(agent, who), agent.agent_id, prompt, **how)


def got(rest: Any, path: str, who: str = "ada", *, status: int = 200) -> Any:
    answer = rest.client.get(path, headers=bearer(who))
    assert answer.status_code == status, answer.text
    return answer.json()


def posted(rest: Any, path: str, who: str = "ada", *, status: int = 202, **headers: str) -> Any:
    answer = rest.client.post(path, headers=bearer(who) | headers)
    assert answer.status_code == status, answer.text
    return answer.json()


def run_of(rest: Any, run_id: str) -> Any:
    with rest.desk.store.reading() as session:
        return runs.by_id(session, run_id)


def test_a_question_is_handed_to_airflow_as_a_run_of_interact_ask(rest: Any, agent: StoredAgent) -> None:
    accepted = ask(rest, agent)
    run = run_of(rest, accepted.run.run_id)
    assert run.queued_at is not None
    found = airflow_runs.run_of("interact_ask", run.run_id)
    assert found is not None and (found.state, found.run_after) == ("queued", run.run_after)
    body = got(rest, f"/runs/{run.run_id}")
    assert body["url"].endswith(f"/dags/interact_ask/runs/{run.run_id}")


def test_a_preview_is_handed_over_with_its_one_value(rest: Any, agent: StoredAgent) -> None:
    accepted = start_preview(rest.desk, somebody(agent), DRAFT)
    assert [chat.parameters for chat in accepted.chats] == [{"market": "NL"}]
    assert airflow_runs.run_of("interact_ask", accepted.run.run_id) is not None


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"is_paused": True}, r"^Nothing can be asked now: somebody paused the DAG of questions 'interact_ask'"),
        ({"is_stale": True}, r"^Nothing can be asked now: Airflow has not read the DAG of questions yet\. Try again"),
        ({"has_import_errors": True}, r"^Nothing can be asked now: the DAG of questions is broken"),
    ],
)
def test_while_airflow_does_not_run_its_dag_nothing_is_asked_and_the_reason_is_told(
    rest: Any, agent: StoredAgent, how: dict[str, bool], sentence: str
) -> None:
    save_dag("interact_ask", **({"has_import_errors": False} | how))
    for attempt in (lambda: ask(rest, agent), lambda: start_preview(rest.desk, somebody(agent), DRAFT)):
        with pytest.raises(NotStartable, match=sentence):
            attempt()
    with rest.desk.store.reading() as session:
        assert runs.not_ended(session) == []
    save_dag("interact_ask", has_import_errors=False)


def test_what_is_asked_stands_in_the_askers_list_without_a_job(rest: Any, agent: StoredAgent) -> None:
    accepted = ask(rest, agent, "What did NL spend?\nAnd why?")
    start_preview(rest.desk, somebody(agent), DRAFT)
    (line,) = got(rest, "/chats")["chats"]
    assert (line["id"], line["job"], line["title"]) == (accepted.chats[0].chat_id, None, "What did NL spend?")
    assert (line["threadId"], line["agent"]["name"], line["initiator"]) == (None, "Analyst", "user:ada")
    assert got(rest, f"/chats?agentId={agent.agent_id}")["chats"] == [line]


def test_a_jobs_chat_bears_its_job_and_its_name(rest: Any) -> None:
    chat = got(rest, f"/chats/{rest.answered()}")
    assert (chat["job"], chat["title"]) == ({"id": rest.job.job_id, "name": "Weekly report"}, "Weekly report")


def test_a_chat_and_its_run_are_read_by_who_asked_and_by_nobody_else(rest: Any, agent: StoredAgent) -> None:
    accepted = ask(rest, agent)
    answer(rest.desk, accepted)
    chat_id, run_id = accepted.chats[0].chat_id, accepted.run.run_id
    chat, run = got(rest, f"/chats/{chat_id}"), got(rest, f"/runs/{run_id}")
    assert [said["text"] for said in chat["messages"]] == ["What did NL spend?", "Spend was 12 [?]."]
    assert chat["untraced"] == 1
    assert (run["job"], run["jobVersion"], run["title"]) == (None, None, "What did NL spend?")
    for path in (f"/chats/{chat_id}", f"/runs/{run_id}", f"/chats/{chat_id}/report.pdf"):
        got(rest, path, "bob", status=404)
        assert rest.client.get(path, headers=bearer("ivy", "admin")).status_code == 404
        assert rest.client.get(path, headers=rest.key()).status_code == 404
    for path in (f"/chats/{chat_id}/rerun", f"/runs/{run_id}/rerun", f"/runs/{run_id}/cancel"):
        posted(rest, path, "bob", status=404)
        assert rest.client.post(path, headers=rest.key()).status_code == 404
    assert got(rest, "/chats", "bob")["chats"] == []


def test_what_a_question_hangs_on_is_no_job_over_http(rest: Any, agent: StoredAgent) -> None:
    hidden = ask(rest, agent).run.job_id
    assert [job["id"] for job in got(rest, "/jobs")["jobs"]] == [rest.job.job_id]
    for path in (f"/jobs/{hidden}", f"/jobs/{hidden}/schedule"):
        got(rest, path, status=404)
    posted(rest, f"/jobs/{hidden}/trigger", status=404)
    assert rest.client.delete(f"/jobs/{hidden}", headers=bearer("ada")).status_code == 404
    owner = rest.client.put(f"/jobs/{hidden}/owner", json={"owner": "bob"}, headers=bearer("ivy", "admin"))
    assert owner.status_code == 404
    named = {"name": "k", "permissions": ["agent_jobs_read"], "jobIds": [hidden]}
    assert rest.client.post("/keys", json=named, headers=bearer("ivy", "admin")).status_code == 404


@pytest.mark.parametrize("of", ["chats", "runs"])
def test_a_question_is_asked_again_by_a_call(rest: Any, agent: StoredAgent, of: str) -> None:
    accepted = ask(rest, agent)
    answer(rest.desk, accepted)
    found = accepted.chats[0].chat_id if of == "chats" else accepted.run.run_id
    body = posted(rest, f"/{of}/{found}/rerun", **{"Idempotency-Key": "again"})
    assert (body["job"], body["job_id"]) == (None, None)
    assert body["chat_id"] != accepted.chats[0].chat_id
    run = got(rest, f"/runs/{body['run']['id']}")
    assert (run["rerunOf"], run["url"]) == (accepted.run.run_id, body["run"]["url"])
    assert posted(rest, f"/{of}/{found}/rerun", **{"Idempotency-Key": "again"}) == body


def test_a_preview_is_made_again_by_a_call_and_stays_out_of_the_list(rest: Any, agent: StoredAgent) -> None:
    accepted = start_preview(rest.desk, somebody(agent), DRAFT)
    answer(rest.desk, accepted)
    body = posted(rest, f"/chats/{accepted.chats[0].chat_id}/rerun")
    assert body["chats"][0]["parameters"] == {"market": "NL"}
    assert got(rest, f"/chats/{body['chat_id']}")["title"] == "Draft"
    assert got(rest, "/chats")["chats"] == []


def test_a_question_is_cancelled_here_and_in_airflow(rest: Any, agent: StoredAgent) -> None:
    accepted = ask(rest, agent)
    body = posted(rest, f"/runs/{accepted.run.run_id}/cancel")
    assert body["verdict"] == "cancelled"
    told = airflow_runs.run_of("interact_ask", accepted.run.run_id)
    assert told is not None and told.state == "failed"
    assert chat_of(rest.desk, accepted).status is ChatStatus.CANCELLED


def test_a_question_whose_run_airflow_lost_is_closed_when_somebody_looks(rest: Any, agent: StoredAgent) -> None:
    accepted = ask(rest, agent)
    airflow_runs.cancel("interact_ask", accepted.run.run_id)
    chat = got(rest, f"/chats/{accepted.chats[0].chat_id}")
    assert chat["status"] == "failed"
    assert chat["reason"].startswith("The run was ended in Airflow as 'failed'")


def test_a_thread_goes_on_when_airflow_lost_the_run_of_its_last_question(rest: Any, agent: StoredAgent) -> None:
    first = ask(rest, agent)
    head_id = first.chats[0].chat_id
    with pytest.raises(StillAnswering, match=head_id):
        ask(rest, agent, "And BE?", thread_id=head_id)
    airflow_runs.cancel("interact_ask", first.run.run_id)
    second = ask(rest, agent, "And BE?", thread_id=head_id)
    chat = got(rest, f"/chats/{second.chats[0].chat_id}")
    assert (chat["threadId"], chat["job"]) == (head_id, None)
    with pytest.raises(NotFound, match=head_id):
        ask(rest, agent, "And BE?", "bob", thread_id=head_id)


def test_a_full_queue_is_cleared_of_what_airflow_has_ended(rest: Any, agent: StoredAgent) -> None:
    waiting = [ask(rest, agent) for _ in range(rest.desk.settings.max_waiting_runs)]
    with pytest.raises(TooManyAsked, match="16 of your questions"):
        ask(rest, agent)
    airflow_runs.cancel("interact_ask", waiting[3].run.run_id)
    ask(rest, agent)
    assert run_of(rest, waiting[3].run.run_id).verdict is RunVerdict.FAILED


def test_what_airflow_could_not_take_is_handed_over_by_a_server_that_starts(rest: Any, agent: StoredAgent) -> None:
    accepted = accept_question(rest.desk, somebody(agent), Inquiry(agent.agent_id, "Spend?"))
    handover.begin_serving(rest.desk)
    assert airflow_runs.run_of("interact_ask", accepted.run.run_id) is not None
    assert run_of(rest, accepted.run.run_id).queued_at is not None


def test_what_airflow_could_not_take_is_handed_over_when_somebody_looks(rest: Any, agent: StoredAgent) -> None:
    accepted = accept_question(rest.desk, somebody(agent), Inquiry(agent.agent_id, "Spend?"))
    assert got(rest, f"/runs/{accepted.run.run_id}")["url"] is None
    with rest.desk.store.writing() as session:
        session.get_one(RunRow, accepted.run.run_id).accepted_at -= timedelta(minutes=2)
    assert got(rest, f"/runs/{accepted.run.run_id}")["url"] is not None


def test_a_run_that_airflow_does_not_know_the_dag_of_stays_promised(rest: Any) -> None:
    save_dag("interact_ask")  # Read, and its tasks are not there yet.
    agent = an_agent(rest.desk)
    with create_session() as session:
        session.execute(delete(SerializedDagModel).where(SerializedDagModel.dag_id == "interact_ask"))
    accepted = ask(rest, agent)
    assert run_of(rest, accepted.run.run_id).queued_at is None


def test_an_inactive_agent_is_refused_before_airflow_hears_of_it(rest: Any, agent: StoredAgent) -> None:
    a_job(rest.desk, active=False)
    with pytest.raises(NotStartable, match="Agent 'Analyst' is not active"):
        ask(rest, agent)


def test_the_tab_of_a_run_started_by_hand_says_where_to_ask(rest: Any) -> None:
    told = explain(rest.desk, "interact_ask", "manual__1")
    assert told.reason.startswith("This DAG run was started in Airflow, and so nothing was asked. Open Agents")
