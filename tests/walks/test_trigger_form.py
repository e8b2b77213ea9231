"""Airflow's own door: its Trigger form, its REST API, and what both make of a job's parameters."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from interact.commands.apply import apply_files
from interact.commands.calls import CallFailed
from interact.commands.local import wait_until_idle
from interact.commands.stack import password
from interact.store import runs
from interact.store.sessions import open_store

pytestmark = pytest.mark.timeout(300)
EVERY, TWO, WEEKLY = "every-kind-of-parameter", "two-at-a-time", "weekly-campaign-performance-report"
SINCE = (datetime.now(UTC).date() - timedelta(days=10)).isoformat()
CHANNELS = ["Display", "Organic", "Paid search", "Shopping", "Social", "Video"]


def triggered(house: Any, job: str, conf: dict[str, object]) -> str:
    """Trigger a job by Airflow's own REST API and return Airflow's id of the run."""
    path = f"/api/v2/dags/{house.jobs[job].dag_id}/dagRuns"
    return str(house.local.airflow.post(path, {"logical_date": None, "conf": conf})["dag_run_id"])


def asked(house: Any, job: str) -> list[dict[str, str]]:
    """Return the values of each chat of the job's newest run, by market."""
    chats = house.rest.get(f"/api/agents/chats?jobId={house.jobs[job].job_id}&limit=100")["chats"]
    values = [chat["parameters"] for chat in chats if chat["run"]["id"] == chats[0]["run"]["id"]]
    return sorted(values, key=lambda each: str(each["market"]))


def fields(house: Any, job: str) -> dict[str, Any]:
    """Return what Airflow's form knows of each of a job's parameters."""
    params: dict[str, Any] = house.local.airflow.get(f"/api/v2/dags/{house.jobs[job].dag_id}/details")["params"]
    return params


def form(house: Any, browser: Any, job: str) -> Any:
    """Sign in to Airflow and open the Trigger form of a job."""
    at = house.local.stack.at
    page = browser.new_context(viewport={"width": 1300, "height": 1700}).new_page()
    page.goto(at.url)
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", password(at))
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    page.goto(f"{at.url}/dags/{house.jobs[job].dag_id}")
    page.get_by_role("button", name="Trigger").first.click()
    opened = page.locator("[role=dialog][data-state=open]")
    opened.locator("#element_market").wait_for()
    return opened


def pick(opened: Any, name: str, *values: str) -> None:
    """Pick values from a parameter's list."""
    for value in values:
        opened.locator(f"#element_{name} input").first.click()
        opened.page.get_by_role("option", name=value, exact=True).click()


def picked(opened: Any, name: str) -> list[str]:
    """Return the values that stand in a parameter's list, each with a cross to take it out."""
    crosses = opened.locator(f"#element_{name} [aria-label^='Remove ']")
    return [str(cross.get_attribute("aria-label")).removeprefix("Remove ") for cross in crosses.all()]


@pytest.fixture(scope="module")
def offered(house: Any) -> None:
    """Wait until the form offers what the query of a parameter returned for a first run."""
    house.await_run(house.jobs[EVERY].dag_id, triggered(house, EVERY, {"since": SINCE, "channel": "Social"}))
    deadline = time.monotonic() + 60
    while "examples" not in fields(house, EVERY)["channel"]["schema"]:
        assert time.monotonic() < deadline
        time.sleep(0.5)


@pytest.mark.usefixtures("offered")
def test_the_form_has_a_field_of_its_kind_for_each_parameter(house: Any, browser: Any) -> None:
    opened = form(house, browser, EVERY)
    assert (picked(opened, "market"), picked(opened, "channel")) == (["NL"], ["All (*)"])
    assert opened.locator("#element_since").get_attribute("type") == "date"
    assert opened.locator("#element_figure").input_value() == "ROAS"
    floor = opened.locator("[name=element_floor]")
    assert (floor.get_attribute("role"), floor.input_value()) == ("spinbutton", "2")
    assert "Which market it is about. Each value gets an answer of its own." in opened.inner_text()
    assert "Send to" in opened.inner_text()
    assert "{" not in opened.inner_text()
    opened.locator("#element_channel input").first.click()
    assert opened.page.get_by_role("option").all_inner_texts() == CHANNELS


@pytest.mark.usefixtures("offered")
def test_what_has_no_default_has_to_be_filled_in_and_what_is_picked_is_asked(house: Any, browser: Any) -> None:
    opened = form(house, browser, EVERY)
    start = opened.get_by_role("button", name="Trigger")
    assert start.is_disabled()
    opened.locator("#element_since").fill(SINCE)
    pick(opened, "market", "BE")
    opened.locator("[aria-label='Remove All (*)']").click()
    pick(opened, "channel", "Social")
    opened.locator("[name=element_floor]").fill("2.5")
    with opened.page.expect_response(lambda answer: answer.request.method == "POST") as told:
        start.click()
    run = told.value.json()
    assert run["conf"] == {
        "market": ["NL", "BE"],
        "channel": ["Social"],
        "since": SINCE,
        "figure": "ROAS",
        "floor": 2.5,
        "_send_to": "nobody",
    }
    assert house.await_run(house.jobs[EVERY].dag_id, run["dag_run_id"]) == "success"
    both = {"channel": "Social", "since": SINCE, "figure": "ROAS", "floor": "2.5"}
    assert asked(house, EVERY) == [{"market": "BE"} | both, {"market": "NL"} | both]


@pytest.mark.parametrize(
    ("conf", "markets"),
    [
        ({"market": "BE"}, ["BE"]),
        ({"market": ["DE", "NL"]}, ["DE", "NL"]),
        ({"market": "*"}, ["BE", "DE", "NL"]),
        ({}, ["NL"]),
    ],
)
def test_airflows_rest_api_takes_one_value_a_list_a_star_and_nothing(
    house: Any, conf: dict[str, object], markets: list[str]
) -> None:
    run_id = triggered(house, EVERY, {"since": SINCE, "channel": "Social", "floor": "3"} | conf)
    assert house.await_run(house.jobs[EVERY].dag_id, run_id) == "success"
    same = {"channel": "Social", "since": SINCE, "figure": "ROAS", "floor": "3"}
    assert asked(house, EVERY) == [{"market": market} | same for market in markets]


@pytest.mark.parametrize(
    ("conf", "told"),
    [
        ({"market": "SE", "since": SINCE}, r"400.*market: 'SE' is not one of \['NL', 'BE', 'DE'\]"),
        ({"market": ["NL", "SE"], "since": SINCE}, r"400.*market: 'SE' is not one of"),
        ({"since": "last week"}, r"400.*since: 'last week' is not a 'date'"),
        ({"market": "NL"}, r"400.*since: No value passed"),
    ],
)
def test_airflow_itself_refuses_what_no_run_could_begin_with(house: Any, conf: dict[str, object], told: str) -> None:
    with pytest.raises(CallFailed, match=told):
        triggered(house, EVERY, conf)


@pytest.mark.usefixtures("offered")
def test_a_value_that_the_form_does_not_know_is_judged_by_the_query_when_the_run_begins(house: Any) -> None:
    dag_id = house.jobs[EVERY].dag_id
    run_id = triggered(house, EVERY, {"since": SINCE, "channel": "Podcast"})
    assert house.await_run(dag_id, run_id) == "failed"
    with open_store(house.local.settings.database_url).reading() as session:
        run = runs.find(session, dag_id=dag_id, dag_run_id=run_id)
    assert run is not None
    assert str(run.reason).startswith("Parameter 'channel' does not take 'Podcast'. Allowed: 'Display', 'Organic',")


def test_no_more_chats_are_answered_at_the_same_time_than_the_job_lets(house: Any) -> None:
    dag_id = house.jobs[TWO].dag_id
    run_id = triggered(house, TWO, {})
    assert house.await_run(dag_id, run_id) == "success"
    tasks = house.local.airflow.get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances")["task_instances"]
    spans = [
        (datetime.fromisoformat(task["start_date"]), datetime.fromisoformat(task["end_date"]))
        for task in tasks
        if task["task_id"] == "ask"
    ]
    assert len(spans) == 6
    assert max(sum(began <= start < ended for began, ended in spans) for start, _ in spans) == 2


def test_an_edit_that_takes_a_value_away_fails_no_run_that_was_accepted_with_it(house: Any, tmp_path: Path) -> None:
    kept = Path(__file__).with_name("parameters.yaml").read_text(encoding="utf-8")
    narrowed = tmp_path / "parameters.yaml"
    narrowed.write_text(kept.replace('[NL, BE, DE], default: "*"', '[BE, DE], default: "*"'), encoding="utf-8")
    job = house.jobs[TWO]
    body = {"parameters": {"market": "NL", "channel": "Social"}}
    answer = house.rest.post(f"/api/agents/jobs/{job.job_id}/trigger", body)
    apply_files(house.local.settings, [narrowed])
    try:
        assert house.await_run(job.dag_id, answer["run"]["id"]) == "success"
    finally:
        narrowed.write_text(kept, encoding="utf-8")
        apply_files(house.local.settings, [narrowed])
    wait_until_idle(house.local, job.dag_id)


def test_the_dags_page_says_which_file_keeps_the_job(house: Any) -> None:
    told = house.local.airflow.get(f"/api/v2/dags/{house.jobs[TWO].dag_id}/details")["doc_md"]
    assert told.endswith("`. Kept in `parameters.yaml`: change it there.")
