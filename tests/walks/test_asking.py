"""A question asked on an agent's page: answered in Airflow, followed by another, and nobody's but its asker's."""

import time
from typing import Any

import httpx
import pytest

from interact.commands.calls import CallFailed, Calls
from interact.commands.local import wait_for_dag

pytestmark = pytest.mark.timeout(300)
CHECK, DAG = "campaign-check", "interact_ask"


@pytest.fixture
def admin(house: Any) -> Calls:
    """Calls of Airflow's admin to our API, once Airflow has read the DAG of questions."""
    wait_for_dag(house.local, DAG)
    token = house.local.airflow.headers["Authorization"]
    return Calls(house.rest.url, {"Authorization": token, "X-Organization-Id": house.organisation_id})


def sent(house: Any, path: str, prompt: str, *, origin: str | None = None) -> httpx.Response:
    """Send a form of our pages as a browser does: with the session's cookie, and with where the page came from."""
    url = house.rest.url
    token = house.local.airflow.headers["Authorization"].removeprefix("Bearer ")
    headers = {"Cookie": f"_token={token}", "Origin": origin or url}
    return httpx.post(f"{url}/interact{path}", data={"prompt": prompt}, headers=headers, timeout=60)


def asked(house: Any, path: str, prompt: str) -> str:
    """Send a question, and return the id of the chat that the answer leads to."""
    answer = sent(house, path, prompt)
    assert answer.status_code == 303, answer.text
    chat_id = answer.headers["location"].rpartition("/")[2]
    assert chat_id.startswith("chat_")
    return chat_id


def ended(admin: Calls, chat_id: str, *, seconds: float = 120) -> dict[str, Any]:
    """Return a chat once it and its run have ended."""
    deadline = time.monotonic() + seconds
    while (chat := admin.get(f"/api/agents/chats/{chat_id}"))["run"]["verdict"] in ("queued", "running"):
        assert time.monotonic() < deadline, chat
        time.sleep(0.5)
    found: dict[str, Any] = chat
    return found


def test_a_question_is_answered_in_airflow_with_a_report_and_another_follows_it(house: Any, admin: Calls) -> None:
    agent = f"/agents/{house.jobs[CHECK].agent_id}"
    chat_id = asked(house, f"{agent}/ask", "Spend by market for the past 7 days. Create a report.")
    chat = ended(admin, chat_id)
    assert (chat["status"], chat["run"]["verdict"], chat["job"]) == ("completed", "completed", None)
    assert chat["title"] == "Spend by market for the past 7 days. Create a report"
    assert chat["queries"] and {each["kind"] for each in chat["documents"]} == {"pdf", "html"}
    assert admin.fetch(f"/api/agents/chats/{chat_id}/report.pdf").startswith(b"%PDF")
    assert house.await_run(DAG, chat["run"]["id"]) == "success"
    further = ended(admin, asked(house, f"/chats/{chat_id}/follow-up", "Spend by channel for the past 7 days."))
    assert (further["status"], further["threadId"]) == ("completed", chat_id)
    listed = [each["id"] for each in admin.get("/api/agents/chats?limit=200")["chats"]]
    assert chat_id in listed and further["id"] not in listed


def test_a_question_is_nobodys_but_its_askers_and_airflow_tells_nothing_of_it(house: Any, admin: Calls) -> None:
    chat_id = asked(house, f"/agents/{house.jobs[CHECK].agent_id}/ask", "Total revenue for the past 3 days.")
    chat = ended(admin, chat_id)
    for path in (f"/api/agents/chats/{chat_id}", f"/api/agents/runs/{chat['run']['id']}"):
        with pytest.raises(CallFailed, match="404"):
            house.rest.get(path)
    assert chat_id not in str(house.rest.get("/api/agents/chats?limit=200"))
    run = f"/api/v2/dags/{DAG}/dagRuns/{chat['run']['id']}"
    told = [str(house.local.airflow.get(run)), str(house.local.airflow.get(f"{run}/taskInstances"))]
    for task, index in (("begin", -1), ("ask", 0), ("render", -1), ("announce", -1)):
        log = f"{run}/taskInstances/{task}/logs/1?map_index={index}"
        told.append(house.local.airflow.fetch(log).decode())
    assert "Total revenue" not in "".join(told) and "€" not in "".join(told)


def test_a_question_from_another_site_is_refused(house: Any, admin: Calls) -> None:
    answer = sent(house, f"/agents/{house.jobs[CHECK].agent_id}/ask", "Spend?", origin="https://elsewhere.example")
    assert answer.status_code == 403


def test_the_dag_of_questions_started_by_hand_fails_and_its_tab_says_where_to_ask(house: Any, admin: Calls) -> None:
    airflow = house.local.airflow
    run_id = airflow.post(f"/api/v2/dags/{DAG}/dagRuns", {"logical_date": None})["dag_run_id"]
    assert house.await_run(DAG, run_id) == "failed"
    page = airflow.fetch(f"/interact/dags/{DAG}/runs/{run_id}").decode()
    assert "Open Agents, choose one, and ask there" in page
