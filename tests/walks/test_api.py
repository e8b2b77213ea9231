"""The REST API on a running server, with a real Airflow behind it."""

import json
import subprocess
import time
from typing import Any

import pytest

from interact.commands.calls import CallFailed, Calls
from interact.commands.local import wait_for_dag

pytestmark = pytest.mark.timeout(300)
WEEKLY, CHECK = "weekly-campaign-performance-report", "campaign-check"
# As the hosted product's documents show it; with our address.
CURL = """curl -X POST {url}/api/agents/jobs/{job_id}/trigger \\
  -H "X-API-Key: YOUR_API_KEY" \\
  -H "X-Organization-Id: YOUR_ORG_ID"
"""


@pytest.fixture
def admin(house: Any) -> Calls:
    """Calls of Airflow's admin to our API."""
    token = house.local.airflow.headers["Authorization"]
    return Calls(house.rest.url, {"Authorization": token, "X-Organization-Id": house.organisation_id})


def ended(calls: Calls, answer: dict[str, Any], *, seconds: float = 120) -> dict[str, Any]:
    """Return the run of an answered trigger once it has its verdict, and it is decided who is told of it."""
    deadline = time.monotonic() + seconds
    while True:
        run = calls.get(f"/api/agents/runs/{answer['run']['id']}")
        if run["verdict"] not in ("queued", "running") and run["delivery"] != "pending":
            break
        assert time.monotonic() < deadline, run
        time.sleep(0.5)
    found: dict[str, Any] = run
    return found


def test_the_curl_of_the_documents_starts_a_job(house: Any) -> None:
    command = CURL.format(url=house.rest.url, job_id=house.jobs[CHECK].job_id)
    command = command.replace("YOUR_API_KEY", house.rest.headers["X-API-Key"])
    command = command.replace("YOUR_ORG_ID", house.organisation_id)
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert answer["success"] is True and answer["chat"]["id"] == answer["chat_id"]
    run = ended(house.rest, answer)
    assert (run["verdict"], run["initiator"], run["delivery"]) == ("completed", "key:walk", "none")


def test_a_rerun_starts_the_same_values_again(house: Any) -> None:
    path = f"/api/agents/jobs/{house.jobs[WEEKLY].job_id}/trigger"
    first = house.rest.post(path, {"parameters": {"market": ["NL", "BE"]}})
    before = ended(house.rest, first)
    assert before["rollup"] is not None and {each["kind"] for each in before["documents"]} == {"pdf", "html"}
    assert house.rest.fetch(f"/api/agents/runs/{before['id']}/rollup.pdf").startswith(b"%PDF")
    whole = house.rest.post(f"/api/agents/runs/{before['id']}/rerun", {})
    alone = house.rest.post(f"/api/agents/chats/{first['chats'][1]['id']}/rerun", {})
    assert [chat["parameters"] for chat in whole["chats"]] == [{"market": "NL"}, {"market": "BE"}]
    assert [chat["parameters"] for chat in alone["chats"]] == [{"market": "BE"}]
    for answer in (whole, alone):
        run = ended(house.rest, answer)
        assert (run["verdict"], run["rerunOf"]) == ("completed", before["id"])


def test_results_come_as_files(house: Any) -> None:
    answer = house.rest.post(f"/api/agents/jobs/{house.jobs[CHECK].job_id}/trigger", {})
    ended(house.rest, answer)
    chat = house.rest.get(f"/api/agents/chats/{answer['chat_id']}")
    query = next(query for query in chat["queries"] if len(query["rows"]) > 3)
    rows = house.rest.fetch(query["csv"]).decode("utf-8-sig").splitlines()
    assert len(rows) == len(query["rows"]) + 1
    assert house.rest.fetch(query["xlsx"]).startswith(b"PK")


def test_a_cancelled_run_ends_in_airflow_too(house: Any) -> None:
    job = house.jobs[WEEKLY]
    answer = house.rest.post(f"/api/agents/jobs/{job.job_id}/trigger", {})
    run_id = answer["run"]["id"]
    cancelled = house.rest.post(f"/api/agents/runs/{run_id}/cancel", {})
    assert cancelled["verdict"] == "cancelled"
    assert house.await_run(job.dag_id, run_id) == "failed"
    time.sleep(3)  # a task that was under way gets its signal
    run = ended(house.rest, answer)
    assert (run["verdict"], run["cancelledBy"]) == ("cancelled", "key:walk")
    assert {chat["status"] for chat in run["chats"]} <= {"cancelled", "completed"}
    again = house.rest.post(f"/api/agents/jobs/{house.jobs[CHECK].job_id}/trigger", {})
    ended(house.rest, again)
    with pytest.raises(CallFailed, match=r"409.*has ended as completed"):
        house.rest.post(f"/api/agents/runs/{again['run']['id']}/cancel", {})


def test_a_job_is_made_changed_run_and_deleted_by_calls(house: Any, admin: Calls) -> None:
    body = {
        "agent": "analyst",
        "name": "Spend of one campaign",
        "prompt": "Show spend by campaign for the past 7 days.",
        "parameters": {
            "campaign": {"query": "SELECT DISTINCT campaign FROM ad_performance ORDER BY campaign", "default": "*"}
        },
    }
    job = admin.post("/api/agents/jobs", body)
    job_id, dag_id = job["id"], job["url"].rpartition("/")[2]
    wait_for_dag(house.local, dag_id)
    with pytest.raises(CallFailed, match=r"422.*does not take 'TikTok'"):
        admin.post(f"/api/agents/jobs/{job_id}/trigger", {"parameters": {"campaign": "TikTok"}})
    known = admin.get(f"/api/agents/jobs/{job_id}")["parameters"][0]["values"]
    assert len(known) > 3
    answer = admin.post(f"/api/agents/jobs/{job_id}/trigger", {"parameters": {"campaign": known[:2]}})
    run = ended(admin, answer)
    assert (run["verdict"], run["initiator"]) == ("completed", "user:admin")
    assert [chat["parameters"]["campaign"] for chat in run["chats"]] == known[:2]
    for chat in run["chats"]:
        whole = admin.get(f"/api/agents/chats/{chat['id']}")
        shown = {
            row[0] for query in whole["queries"] for row in query["rows"] if query["columns"][0]["name"] == "campaign"
        }
        assert shown == {chat["parameters"]["campaign"]}
    changed = admin.post(f"/api/agents/jobs/{job_id}", {"name": "Spend of some campaigns"}, method="PATCH")
    assert (changed["version"], changed["name"]) == (2, "Spend of some campaigns")
    admin.fetch(f"/api/agents/jobs/{job_id}", method="DELETE")
    with pytest.raises(CallFailed, match="404"):
        admin.post(f"/api/agents/jobs/{job_id}/trigger", {})
