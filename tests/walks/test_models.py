"""A language model's job in a real Airflow: its report, what it used, and no word or key of it where others read."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from builders.llm import reports
from builders.model_servers import KEY, Asked, Says, a_model_server, calls
from interact.commands.apply import apply_files
from interact.commands.calls import Calls
from interact.commands.local import wait_for_dag
from interact.store import jobs
from interact.store.sessions import open_store

pytestmark = pytest.mark.timeout(300)
DEFINITIONS = Path(__file__).with_name("model.yaml")
PROMPT = "Zirconium"


def in_words(asked: Asked) -> dict[str, str]:
    """The week that the model is told, as it would pass it on."""
    line = next(line for line in asked.instructions.splitlines() if '"past 7 days"' in line)
    start, _, end = line.partition(" is ")[2].partition(";")[0].partition(" to ")
    return {"start": start, "end": end}


def looks(asked: Asked) -> Says:
    return calls("query_metrics", "I look at the spend first.", title="Spend", metrics=["spend"], **in_words(asked))


def tells(asked: Asked) -> Says:
    return reports(asked, period=in_words(asked))


def test_a_model_makes_a_report_in_airflow_and_nothing_of_it_leaks(house: Any) -> None:
    with a_model_server(looks, tells) as server:
        airflow = house.local.airflow
        made = json.loads(server.connection())
        plain = {"connection_id": "fake_model", **made, "extra": json.dumps(made["extra"])}
        airflow.post("/api/v2/connections", plain)
        apply_files(house.local.settings, [DEFINITIONS])
        with open_store(house.local.settings.database_url).reading() as session:
            (job,) = [each for each in jobs.all_jobs(session) if each.definition.key == "model-report"]
        wait_for_dag(house.local, job.dag_id)
        headers = {"Authorization": airflow.headers["Authorization"], "X-Organization-Id": house.organisation_id}
        admin = Calls(house.rest.url, headers)
        answer = admin.post(f"/api/agents/jobs/{job.job_id}/trigger", {})
        assert house.await_run(job.dag_id, answer["run"]["id"]) == "success"
    chat = admin.get(f"/api/agents/chats/{answer['chat_id']}")
    assert (chat["status"], chat["run"]["verdict"]) == ("completed", "completed")
    assert [message["text"] for message in chat["messages"]][1] == "I look at the spend first."
    assert chat["report"]["title"] == "Spend of the week"
    yesterday = str(datetime.now(UTC).date() - timedelta(days=1))
    assert abs((datetime.fromisoformat(chat["report"]["period"]["end"]) - datetime.fromisoformat(yesterday)).days) <= 1
    assert admin.fetch(f"/api/agents/chats/{answer['chat_id']}/report.pdf").startswith(b"%PDF")
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    run = f"/api/v2/dags/{job.dag_id}/dagRuns/{answer['run']['id']}"
    told = [str(airflow.get(run)), str(airflow.get(f"{run}/taskInstances"))]
    for task, index in (("begin", -1), ("ask", 0), ("render", -1), ("announce", -1)):
        told.append(airflow.fetch(f"{run}/taskInstances/{task}/logs/1?map_index={index}").decode())
        told.append(str(airflow.get(f"{run}/taskInstances/{task}/xcomEntries?map_index={index}")))
    for secret in (KEY, PROMPT, "€", "SELECT", "I look at", server.url):
        assert secret not in "".join(told), secret
