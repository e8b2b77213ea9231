"""Run now: at one click without parameters, else with one value or several; once, however often somebody presses."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from builders.added import add_job, runs_of
from builders.airflow_tables import save_dag
from builders.served import a_page
from interact.jobs.stored import StoredJob
from interact.runs.accept import values_asked_for
from interact.store import chats
from interact.store.tables import RunRow

MARKET = {"values": ["NL", "BE", "DE"], "default": ["NL", "BE"], "description": "Where it was sold."}


@pytest.fixture
def job(site: Any) -> StoredJob:
    """Return a job with a choice, a text and a day."""
    parameters = {"market": MARKET, "brand": {"type": "text", "default": "Acme"}, "day": {"type": "date"}}
    return add_job(site.found, "asked", parameters=parameters)


@pytest.fixture
def bare(site: Any) -> StoredJob:
    """Return a job without parameters."""
    return add_job(site.found, "bare")


def form(**values: Any) -> dict[str, Any]:
    """Return what the form of `job` sends."""
    plain = {"value-market": ["NL"], "value-brand": "Acme", "value-day": "2026-11-02", "token": "t"}
    return {"asks": ["market", "brand", "day"]} | plain | {f"value-{name}": value for name, value in values.items()}


def asked(site: Any, answer: Any) -> dict[str, list[str]]:
    """Return the values of the run that an answer leads to."""
    run_id = answer.headers["location"].removeprefix("/runs/")
    with site.found.desk.store.reading() as session:
        return values_asked_for(chats.of_run(session, run_id))


def test_a_job_without_parameters_runs_at_one_click(site: Any, bare: StoredJob) -> None:
    for page in (f"/agents/{bare.agent_id}/jobs", f"/jobs/{bare.job_id}"):
        assert f'hx-post="/jobs/{bare.job_id}/run"' in site.get(page).text
    answer = site.post(f"/jobs/{bare.job_id}/run", "bob")
    [run] = runs_of(site.found, bare)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/runs/{run.run_id}")
    assert run.initiator == "user:bob"


def test_a_script_is_led_to_the_run_too(site: Any, bare: StoredJob) -> None:
    answer = site.post(f"/jobs/{bare.job_id}/run", headers={"HX-Request": "true"})
    [run] = runs_of(site.found, bare)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/runs/{run.run_id}")


def test_the_form_offers_what_is_allowed_with_the_defaults_chosen(site: Any, job: StoredJob) -> None:
    page = site.get(f"/jobs/{job.job_id}/run").text
    boxes = dict(re.findall(r'name="value-market" value="([^"]+)"( checked)?>', page))
    assert boxes == {"*": "", "NL": " checked", "BE": " checked", "DE": ""}
    assert '<p class="hint" id="market-hint">Where it was sold.</p>' in page
    assert re.search(r'name="value-brand"[^>]*>Acme</textarea>', page)
    assert "A day as 2026-12-24, or several, one a line." in page


def test_several_values_make_a_chat_for_each_combination(site: Any, job: StoredJob) -> None:
    answer = site.post(f"/jobs/{job.job_id}/run", data=form(market=["NL", "DE"], brand="Acme\r\n\r\n Beta "))
    assert answer.status_code == 303
    assert asked(site, answer) == {"market": ["NL", "DE"], "brand": ["Acme", "Beta"], "day": ["2026-11-02"]}


def test_all_stands_for_every_allowed_value_whatever_else_is_ticked(site: Any, job: StoredJob) -> None:
    answer = site.post(f"/jobs/{job.job_id}/run", data=form(market=["*", "NL"]))
    assert asked(site, answer)["market"] == ["NL", "BE", "DE"]


@pytest.mark.parametrize(
    ("wrong", "name", "told"),
    [
        ({"market": []}, "market", "has no value here; choose one"),
        ({"market": ["SE"]}, "market", "does not take &#39;SE&#39;. Allowed: &#39;NL&#39;"),
        ({"day": "tomorrow"}, "day", "takes a date from 1900 to 2100"),
        ({"brand": ""}, "brand", "has no value here"),
    ],
)
def test_a_refusal_stands_at_its_field_and_loses_nothing(
    site: Any, job: StoredJob, wrong: dict[str, Any], name: str, told: str
) -> None:
    answer = site.post(f"/jobs/{job.job_id}/run", data=form(**({"brand": "Kept & kept"} | wrong)))
    [sentence] = re.findall(rf'<p class="wrong" id="{name}-wrong">(.*?)</p>', answer.text)
    assert answer.status_code == 422 and told in sentence
    assert answer.text.count('aria-invalid="true"') == 1
    if name != "brand":
        assert ">Kept &amp; kept</textarea>" in answer.text
    assert runs_of(site.found, job) == []


def test_more_combinations_than_a_run_takes_are_refused_above_the_form(site: Any, job: StoredJob) -> None:
    answer = site.post(f"/jobs/{job.job_id}/run", data=form(market="*", brand="\n".join(f"b{n}" for n in range(400))))
    assert answer.status_code == 422
    assert "These parameters make 1,200 combinations; a run takes at most 1,000" in answer.text
    assert "b399</textarea>" in answer.text


def test_a_job_that_cannot_start_says_why_and_keeps_the_values(site: Any, job: StoredJob) -> None:
    save_dag(job.dag_id, is_paused=True)
    answer = site.post(f"/jobs/{job.job_id}/run", data=form(brand="Kept"))
    assert answer.status_code == 409
    assert "somebody paused its DAG" in answer.text and ">Kept</textarea>" in answer.text


def test_a_click_that_is_refused_is_told_on_the_page_that_it_came_from(site: Any, bare: StoredJob) -> None:
    save_dag(bare.dag_id, is_paused=True)
    answer = site.post(f"/jobs/{bare.job_id}/run", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (409, "#refused")
    assert "somebody paused its DAG" in answer.text


def test_the_number_of_chats_is_told_before_anything_starts(site: Any, job: StoredJob) -> None:
    count = f"/jobs/{job.job_id}/run/count"
    assert site.post(count, data=form()).text.strip() == "1 chat"
    several = site.post(count, data=form(market="*", brand="a\nb")).text
    assert several.strip() == "6 chats, one for each combination of values"
    assert 'class="wrong"' in site.post(count, data=form(day="x")).text
    assert runs_of(site.found, job) == []


def test_many_values_are_written_in_lines_instead_of_ticked(site: Any) -> None:
    values = [f"campaign {number}" for number in range(150)]
    campaign = {"values": values, "default": ["campaign 7", "campaign 9"]}
    job = add_job(site.found, "wide", parameters={"campaign": campaign})
    page = site.get(f"/jobs/{job.job_id}/run").text
    assert ">campaign 7\ncampaign 9</textarea>" in page and "All 150 values" in page
    answer = site.post(
        f"/jobs/{job.job_id}/run",
        data={"asks": "campaign", "value-campaign": "campaign 1\r\ncampaign 2"},
    )
    assert asked(site, answer) == {"campaign": ["campaign 1", "campaign 2"]}


@pytest.fixture
def warehouse(monkeypatch: pytest.MonkeyPatch, site: Any) -> None:
    """Let Airflow know the demo's warehouse under the name that agents use."""
    path = site.found.desk.settings.home / "warehouse.duckdb"
    monkeypatch.setenv("AIRFLOW_CONN_W", f'{{"conn_type": "duckdb", "extra": {{"path": "{path}"}}}}')


def test_values_of_a_query_are_those_of_the_warehouse(site: Any, warehouse: None) -> None:
    query = "SELECT DISTINCT market FROM ad_performance ORDER BY market"
    job = add_job(site.found, "queried", parameters={"market": {"query": query, "default": "*"}})
    page = site.get(f"/jobs/{job.job_id}/run").text
    boxes = dict(re.findall(r'name="value-market" value="([^"]+)"( checked)?>', page))
    assert boxes == {"*": " checked", "BE": "", "DE": "", "NL": ""}
    assert "3 chats" in page


def test_a_warehouse_that_is_away_is_said_with_what_to_do(site: Any) -> None:
    job = add_job(site.found, "queried", parameters={"market": {"query": "SELECT 1", "default": "*"}})
    answer = site.get(f"/jobs/{job.job_id}/run")
    assert answer.status_code == 503 and "Make it under Admin, Connections" in answer.text


def test_a_double_click_starts_one_run(site: Any, job: StoredJob) -> None:
    def press(_: int) -> str:
        answer = site.post(f"/jobs/{job.job_id}/run", data=form())
        return str(answer.headers["location"])

    with ThreadPoolExecutor(4) as pool:
        led_to = set(pool.map(press, range(4)))
    [run] = runs_of(site.found, job)
    assert led_to == {f"/runs/{run.run_id}"}


def test_the_same_form_with_other_values_is_another_wish(site: Any, job: StoredJob) -> None:
    first, other = (site.post(f"/jobs/{job.job_id}/run", data=form(brand=brand)) for brand in ("Acme", "Beta"))
    assert (asked(site, first)["brand"], asked(site, other)["brand"]) == (["Acme"], ["Beta"])


def test_one_token_serves_every_button_of_a_page(site: Any, bare: StoredJob) -> None:
    other = add_job(site.found, "other")
    for each in (bare, other):
        assert site.post(f"/jobs/{each.job_id}/run", data={"token": "t"}).status_code == 303
    assert (len(runs_of(site.found, bare)), len(runs_of(site.found, other))) == (1, 1)


def test_who_goes_back_to_a_page_and_presses_again_later_gets_another_run(site: Any, bare: StoredJob) -> None:
    def press() -> str:
        answer = site.post(f"/jobs/{bare.job_id}/run", data={"token": "t"})
        return str(answer.headers["location"]).removeprefix("/runs/")

    first = press()
    for _ in range(2):
        with site.found.desk.store.writing() as session:
            row = session.get_one(RunRow, first)
            row.accepted_at -= timedelta(minutes=2)
        second, again = press(), press()
        assert second == again != first
        first = second
    assert len(runs_of(site.found, bare)) == 3


def test_the_form_counts_while_somebody_chooses_and_leads_to_the_run(
    browser: Any, site: Any, address: str, job: StoredJob
) -> None:
    page = a_page(browser, address)
    page.goto(f"{address}/interact/jobs/{job.job_id}/run")
    page.get_by_role("checkbox", name="DE").check()
    page.get_by_label("day").fill("2026-11-02")
    page.get_by_role("status").get_by_text("3 chats, one for each combination of values").wait_for()
    page.get_by_role("button", name="Run now").click()
    page.wait_for_url("**/runs/run_*")
    [run] = runs_of(site.found, job)
    assert page.url.endswith(run.run_id)
    page.context.close()


def test_one_box_ticks_all_values_and_is_ticked_while_all_are(browser: Any, site: Any, address: str) -> None:
    page = a_page(browser, address)
    page.goto(f"{address}/interact/jobs/{site.found.jobs['weekly'].job_id}/run")
    boxes = [page.get_by_role("checkbox", name=name) for name in ("All 3", "NL", "BE", "DE")]
    assert [box.is_checked() for box in boxes] == [True, True, True, True]
    boxes[2].uncheck()
    assert [box.is_checked() for box in boxes] == [False, True, False, True]
    page.get_by_text("2 chats, one for each value").wait_for()
    boxes[0].check()
    assert [box.is_checked() for box in boxes] == [True, True, True, True]
    page.get_by_text("3 chats, one for each value").wait_for()
    boxes[0].uncheck()
    assert [box.is_checked() for box in boxes] == [False, False, False, False]
    page.context.close()


def test_a_click_in_the_list_leads_to_the_run(browser: Any, site: Any, address: str, bare: StoredJob) -> None:
    page = a_page(browser, address)
    page.goto(f"{address}/interact/agents/{bare.agent_id}/jobs?q=bare")
    page.get_by_role("button", name="Run now: Bare").dblclick()
    page.wait_for_url("**/runs/run_*")
    assert len(runs_of(site.found, bare)) == 1
    page.context.close()
