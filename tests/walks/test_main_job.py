"""The main job on a real Airflow: asked over HTTP, answered from data, kept as chats, made into PDFs."""

import time
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from interact.commands.calls import CallFailed
from interact.commands.local import load_warehouse, wait_until_idle
from interact.runs.accept import Ask, accept
from interact.runs.desk import open_desk

pytestmark = pytest.mark.timeout(300)
WEEKLY, CHECK = "weekly-campaign-performance-report", "campaign-check"
LOADED = "warehouse.ad_performance"


def trigger(house: Any, job: str, body: object) -> dict[str, Any]:
    """Return the answer to a trigger."""
    return house.rest.post(f"/api/agents/jobs/{house.jobs[job].job_id}/trigger", body)


def ended(house: Any, answer: dict[str, Any], *, seconds: float = 120) -> list[dict[str, Any]]:
    """Return a run's chats once the run has its verdict."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        chats = [house.rest.get(f"/api/agents/chats/{chat['id']}") for chat in answer["chats"]]
        if chats[0]["run"]["verdict"] not in ("queued", "running"):
            return chats
        time.sleep(0.5)
    raise AssertionError(f"run {answer['run']['id']} did not end within {seconds} s")


def test_three_markets_leave_three_chats_and_three_pdfs(house: Any) -> None:
    answer = trigger(house, WEEKLY, {"parameters": {"market": ["NL", "BE", "DE"]}})
    assert answer["success"] is True
    assert answer["job"] == {"id": answer["job_id"]} and answer["chat"] == {"id": answer["chat_id"]}
    assert [chat["parameters"] for chat in answer["chats"]] == [{"market": m} for m in ("NL", "BE", "DE")]
    assert answer["run"]["url"].endswith(f"/dags/{house.jobs[WEEKLY].dag_id}/runs/{answer['run']['id']}")

    chats = ended(house, answer)
    assert [(chat["status"], chat["reason"]) for chat in chats] == [("completed", None)] * 3
    assert chats[0]["run"]["verdict"] == "completed"
    assert chats[0]["initiator"] == "key:walk"
    for chat in chats:
        market = chat["parameters"]["market"]
        assert chat["messages"][0]["role"] == "user" and chat["messages"][0]["text"].startswith("Analyse paid search")
        assert chat["queries"] and all(query["rows"] for query in chat["queries"] if not query["failure"])
        assert ["Market", market] in chat["report"]["scope"]
        assert "[[result_" not in str(chat["report"]) and "[[result_" not in chat["messages"][-1]["text"]
        pdf = house.rest.fetch(f"/api/agents/chats/{chat['id']}/report.pdf")
        assert pdf.startswith(b"%PDF") and len(PdfReader(BytesIO(pdf)).pages) >= 1


def test_a_question_without_a_report_gets_an_answer_and_no_pdf(house: Any) -> None:
    (chat,) = ended(house, trigger(house, CHECK, {}))
    assert chat["status"] == "completed" and chat["run"]["verdict"] == "completed"
    assert chat["report"] is None and chat["documents"] == []
    with pytest.raises(CallFailed, match=r"404.*is completed and has no report"):
        house.rest.fetch(f"/api/agents/chats/{chat['id']}/report.pdf")


def test_a_load_of_its_data_starts_the_job_that_follows_it_and_the_chat_knows_the_load(house: Any) -> None:
    path = f"/api/agents/chats?jobId={house.jobs[CHECK].job_id}&limit=1"
    before = house.rest.get(path)["chats"][0]["id"]
    began = datetime.now(UTC)
    load_warehouse(house.local)
    deadline = time.monotonic() + 60
    while (chat := house.rest.get(path)["chats"][0])["id"] == before:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    (chat,) = ended(house, {"chats": [chat], "run": chat["run"]})
    assert (chat["initiator"], chat["status"]) == (f"asset:{LOADED}", "completed")
    (load,) = chat["data"]
    assert (load["asset"], load["dagId"], load["late"]) == (LOADED, "demo_warehouse_load", False)
    assert began < datetime.fromisoformat(load["loadedAt"]) < datetime.now(UTC)
    wait_until_idle(house.local, house.jobs[CHECK].dag_id)


def test_airflows_own_trigger_runs_the_same_thing(house: Any) -> None:
    dag_id = house.jobs[WEEKLY].dag_id
    run = house.local.airflow.post(f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": {"market": "BE"}})
    assert house.await_run(dag_id, run["dag_run_id"]) == "success"
    newest = house.rest.get(f"/api/agents/chats?jobId={house.jobs[WEEKLY].job_id}&limit=1")["chats"][0]
    assert (newest["parameters"], newest["status"], newest["initiator"]) == (
        {"market": "BE"},
        "completed",
        "user:admin",
    )


def test_an_unknown_key_in_airflows_conf_ends_the_run_with_the_reason(house: Any) -> None:
    dag_id = house.jobs[CHECK].dag_id
    run = house.local.airflow.post(f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": {"markt": "NL"}})
    assert house.await_run(dag_id, run["dag_run_id"]) == "failed"
    page = house.local.airflow.fetch(f"/interact/dags/{dag_id}/runs/{run['dag_run_id']}").decode()
    assert "&#39;markt&#39; is not known to this job" in page


def test_clear_makes_a_further_attempt_of_the_same_chat(house: Any) -> None:
    answer = trigger(house, CHECK, {})
    ended(house, answer)
    dag_id, run_id = house.jobs[CHECK].dag_id, answer["run"]["id"]
    assert house.await_run(dag_id, run_id) == "success"
    house.local.airflow.post(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/clear", {"dry_run": False})
    assert house.await_run(dag_id, run_id) == "success"
    again = house.rest.get(f"/api/agents/chats/{answer['chat_id']}")
    assert (again["attempt"], again["status"], again["run"]["verdict"]) == (2, "completed", "completed")


def test_a_paused_dag_answers_409_and_says_so(house: Any) -> None:
    dag = f"/api/v2/dags/{house.jobs[CHECK].dag_id}"
    house.local.airflow.post(dag, {"is_paused": True}, method="PATCH")
    try:
        with pytest.raises(CallFailed, match=r"409.*paused its DAG"):
            trigger(house, CHECK, {})
    finally:
        house.local.airflow.post(dag, {"is_paused": False}, method="PATCH")


def test_labels_in_airflows_grid_are_the_values(house: Any) -> None:
    answer = trigger(house, WEEKLY, {"parameters": {"market": ["DE", "NL"]}})
    ended(house, answer)
    path = f"/api/v2/dags/{house.jobs[WEEKLY].dag_id}/dagRuns/{answer['run']['id']}/taskInstances/ask/listMapped"
    labels = [task["rendered_map_index"] for task in house.local.airflow.get(path)["task_instances"]]
    assert labels == ["DE", "NL"]


def test_clearing_one_answer_leaves_the_others_as_they_are(house: Any) -> None:
    answer = trigger(house, WEEKLY, {"parameters": {"market": ["NL", "BE"]}})
    dag_id, run_id = house.jobs[WEEKLY].dag_id, answer["run"]["id"]
    assert house.await_run(dag_id, run_id) == "success"
    body = {
        "dry_run": False,
        "dag_run_id": run_id,
        "task_ids": [["ask", 1]],
        "include_downstream": True,
        "only_failed": False,
    }
    house.local.airflow.post(f"/api/v2/dags/{dag_id}/clearTaskInstances", body)
    assert house.await_run(dag_id, run_id) == "success"
    first, second = (house.rest.get(f"/api/agents/chats/{chat['id']}") for chat in answer["chats"])
    assert (first["attempt"], second["attempt"]) == (1, 2)
    assert first["documents"]
    assert second["documents"]
    assert second["run"]["verdict"] == "completed"


def test_what_cannot_be_started_is_refused_before_anything_starts(house: Any) -> None:
    before = house.rest.get("/api/agents/chats?limit=1")["chats"]
    with pytest.raises(CallFailed, match=r"422.*'market' does not take 'SE'.*\"allowed\":\[\"NL\",\"BE\",\"DE\"\]"):
        trigger(house, WEEKLY, {"parameters": {"market": ["NL", "SE"]}})
    assert house.rest.get("/api/agents/chats?limit=1")["chats"] == before


def test_an_accepted_run_is_started_although_the_server_died_in_between(house: Any) -> None:
    desk = open_desk(house.local.settings)
    accepted = accept(desk, Ask(house.jobs[CHECK].job_id, {}, "key:walk"))  # and then the server is killed
    stack = house.local.stack
    stack._running["api-server"].kill()
    stack._running["api-server"].wait()
    stack.check()
    stack.wait_until_up()
    assert house.await_run(accepted.run.dag_id, accepted.run.dag_run_id) == "success"
    assert house.rest.get(f"/api/agents/chats/{accepted.chats[0].chat_id}")["status"] == "completed"


def test_a_missing_warehouse_fails_the_chat_with_a_sentence(house: Any) -> None:
    warehouse = house.local.stack.at.warehouse
    warehouse.rename(warehouse.with_suffix(".away"))
    try:
        answer = trigger(house, CHECK, {})
        dag_id, run_id = house.jobs[CHECK].dag_id, answer["run"]["id"]
        assert house.await_run(dag_id, run_id, seconds=150) == "failed"
    finally:
        warehouse.with_suffix(".away").rename(warehouse)
    chat = house.rest.get(f"/api/agents/chats/{answer['chat_id']}")
    assert (chat["status"], chat["run"]["verdict"], chat["attempt"]) == ("failed", "failed", 3)
    assert "warehouse.duckdb" in chat["reason"]


def test_runs_that_were_ended_by_hand_block_no_later_one(house: Any) -> None:
    dag_id = house.jobs[CHECK].dag_id
    answer = trigger(house, CHECK, {})
    run_id = answer["run"]["id"]
    house.local.airflow.post(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}", {"state": "failed"}, method="PATCH")
    deadline = time.monotonic() + 30
    while (chat := house.rest.get(f"/api/agents/chats/{answer['chat_id']}"))["run"]["verdict"] in ("queued", "running"):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert chat["status"] in ("failed", "completed")
    assert chat["run"]["verdict"] in ("failed", "partial", "completed")


def test_a_chat_id_that_somebody_wrote_into_airflow_opens_nothing(house: Any) -> None:
    victim = trigger(house, "private-check", {})
    assert house.await_run(house.jobs["private-check"].dag_id, victim["run"]["id"]) == "success"
    mine = trigger(house, CHECK, {})
    dag_id, run_id = house.jobs[CHECK].dag_id, mine["run"]["id"]
    assert house.await_run(dag_id, run_id) == "success"
    run = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"
    forged = [{"chat_id": victim["chat_id"], "label": "answer"}]
    xcom = f"{run}/taskInstances/begin/xcomEntries/return_value"
    house.local.airflow.post(xcom, {"value": forged}, method="PATCH")
    body = {
        "dry_run": False,
        "dag_run_id": run_id,
        "task_ids": ["ask"],
        "include_downstream": True,
        "only_failed": False,
    }
    house.local.airflow.post(f"/api/v2/dags/{dag_id}/clearTaskInstances", body)
    house.await_run(dag_id, run_id)
    tasks = house.local.airflow.get(f"{run}/taskInstances")["task_instances"]
    assert {task["state"] for task in tasks if task["task_id"] == "ask"} == {"failed"}
    assert house.rest.get(f"/api/agents/chats/{victim['chat_id']}")["attempt"] == 1
