"""What people signed in to Airflow see of a run, and what nobody else does."""

import re
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from interact.api.app import pages_app
from interact.commands.calls import CallFailed
from interact.commands.stack import password

pytestmark = pytest.mark.timeout(300)
WEEKLY, CHECK, PRIVATE = "weekly-campaign-performance-report", "campaign-check", "private-check"


def finished(house: Any, job: str, **parameters: object) -> tuple[str, str, str]:
    """Run a job and return its DAG id, its run id and its first chat's id."""
    stored = house.jobs[job]
    answer = house.rest.post(f"/api/agents/jobs/{stored.job_id}/trigger", {"parameters": parameters})
    assert house.await_run(stored.dag_id, answer["run"]["id"]) == "success"
    return stored.dag_id, answer["run"]["id"], answer["chat_id"]


def test_every_page_refuses_who_is_not_signed_in(house: Any) -> None:
    seen = 0
    for route in pages_app(None).routes:
        url = f"{house.local.stack.at.url}/interact{re.sub(r'{[^}]*}', '1', route.path)}"
        for method in route.methods - {"HEAD"}:
            for cookie in ("", "_token=nonsense"):
                with pytest.raises(HTTPError, match=r"HTTP Error 40[13]"):
                    urlopen(Request(url, headers={"Cookie": cookie}, method=method), timeout=30)
                seen += 1
    assert seen >= 60


def test_a_private_jobs_run_is_nobodys_but_its_owners(house: Any) -> None:
    dag_id, run_id, chat_id = finished(house, PRIVATE)
    for page in (f"dags/{dag_id}/runs/{run_id}", f"chats/{chat_id}/report.pdf", f"chats/{chat_id}/report.html"):
        with pytest.raises(CallFailed, match="404") as told:
            house.local.airflow.fetch(f"/interact/{page}")
        assert "Acme" not in str(told.value)
        assert "spend" not in str(told.value)


def test_airflow_tells_nothing_of_what_a_private_job_asks_and_answers(house: Any) -> None:
    dag_id, run_id, chat_id = finished(house, PRIVATE)
    run = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
    told = [str(house.local.airflow.get(f"/api/v2/dags/{dag_id}/details")), str(house.local.airflow.get(run))]
    for task, index in (("begin", -1), ("ask", 0), ("render", -1), ("announce", -1)):
        path = f"{run}/{task}" + (f"/{index}" if index >= 0 else "")
        told.append(house.local.airflow.fetch(f"{run}/{task}/logs/1?map_index={index}").decode())
        told.append(str(house.local.airflow.get(path)))
        if task != "ask":  # which hands nothing on
            told.append(str(house.local.airflow.get(f"{run}/{task}/xcomEntries/return_value?map_index={index}")))
    with pytest.raises(CallFailed, match="404"):
        house.local.airflow.get(f"{run}/ask/xcomEntries/return_value?map_index=0")
    assert chat_id in "".join(told)
    for secret in ("Takeover", "Acme", "Total spend", "€"):
        assert secret not in "".join(told)


def test_a_dag_that_is_not_ours_gets_one_sentence(house: Any) -> None:
    page = house.local.airflow.fetch("/interact/dags/demo_warehouse_load/runs/manual__2026-11-22T10:00:00+00:00")
    assert "not one of Interact&#39;s jobs" in page.decode()


def test_the_tab_shows_question_queries_and_report_and_gives_the_pdf(house: Any, browser: Any) -> None:
    dag_id, run_id, chat_id = finished(house, WEEKLY, market=["NL", "DE"])
    at = house.local.stack.at
    page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    page.goto(at.url)
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", password(at))
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    page.goto(f"{at.url}/dags/{dag_id}/runs/{run_id}")
    page.get_by_role("link", name="Report", exact=True).click()
    tab = page.frame_locator("iframe")
    tab.get_by_role("heading", name="Weekly Campaign Performance Report").wait_for(timeout=20_000)
    tabs = tab.get_by_role("navigation", name="Chats of this run").get_by_role("link")
    assert tabs.all_inner_texts() == ["All", "NL", "DE"]
    assert "All 2 combinations were answered." in tab.locator(".told").inner_text()
    assert tab.locator(".rank.best").count() >= 1
    rollup = page.request.get(at.url + str(tab.get_by_role("link", name="Export PDF").get_attribute("href")))
    assert rollup.headers["content-type"] == "application/pdf"
    whole = page.request.get(f"{at.url}/interact/runs/{run_id}?chat={chat_id}")
    assert (whole.status, f'id="turn-{chat_id}"' in whole.text()) == (200, True)
    tabs.nth(1).click()
    tab.locator(".said.user").wait_for()
    assert "Analyse paid search performance for the past 7 days." in tab.locator(".said.user").inner_text()
    queries = tab.locator("details")
    assert queries.count() >= 4
    queries.nth(3).locator("summary").click()
    assert "SELECT" in queries.nth(3).locator("pre").inner_text()
    report = tab.frame_locator("iframe")
    report.get_by_text("Highlights").first.wait_for()
    link = tab.get_by_role("link", name="Export PDF").get_attribute("href")
    answer = page.request.get(at.url + str(link))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body() == house.rest.fetch(f"/api/agents/chats/{chat_id}/report.pdf")


def test_the_pages_run_no_script_but_our_own(house: Any) -> None:
    dag_id, run_id, _ = finished(house, CHECK)
    url = f"{house.local.stack.at.url}/interact/dags/{dag_id}/runs/{run_id}"
    with urlopen(Request(url, headers=house.local.airflow.headers), timeout=30) as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "default-src 'none'" in policy
