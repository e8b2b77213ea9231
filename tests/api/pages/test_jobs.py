"""The Jobs tab: what stands in it, finding a job, the switch of a schedule, and Airflow's tab that leads to a job."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from builders.added import add_job, add_run, add_time
from builders.airflow_tables import save_dag
from builders.counting import counted
from builders.lived_in import HOSTILE
from builders.served import a_page
from interact.schedules.expected import TimeOutcome
from interact.store import jobs, periods


@pytest.fixture
def tab(site: Any) -> str:
    """Return the address of the tab."""
    return f"/agents/{site.found.agents['analyst'].agent_id}/jobs"


def names(page: str) -> list[str]:
    """Return the names in the list, in order."""
    return re.findall(r'<a class="name" href="[^"]*"><bdi>(.*?)</bdi>', page)


def row(page: str, key: str) -> str:
    """Return the row of a job as words, blanks made one."""
    [found] = [each for each in page.split("<tr>")[1:] if f'<span class="under">{key}' in each]
    return " ".join(re.sub(r"<[^>]+>", " ", found.split("</tr>")[0]).split())


def definition_of(site: Any, job_id: str) -> Any:
    with site.found.desk.store.reading() as session:
        job = jobs.by_id(session, job_id)
    assert job is not None
    return job


def test_a_row_says_when_the_job_runs_and_how_it_went_last(site: Any, tab: str) -> None:
    page = site.get(tab).text
    weekly = row(page, "weekly")
    assert re.search(r"At 08:00, only on Monday \(Europe/Amsterdam\) \d+ \w+ \d{4}, 08:00 CES?T queued", weekly)
    assert "Runs whenever &#39;warehouse.ad_performance&#39; is loaded. with its data completed" in row(page, "check")
    assert "By hand or through the API only none failed" in row(page, "hostile")
    assert "first business day of the month (Europe/Amsterdam) none, it is off not run yet" in row(page, "long")


def test_the_last_outcome_leads_to_its_run_or_to_the_time_that_did_not_run(site: Any, tab: str) -> None:
    job = add_job(site.found, "nightly", schedule="0 3 * * *")
    due_at = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
    add_time(site.found, job, due_at, TimeOutcome.SKIPPED)
    page = site.get(tab).text
    assert f'href="/jobs/{job.job_id}#time-20260105T020000Z">5 Jan 2026, 03:00 CET</a>' in page
    assert 'id="time-20260105T020000Z"' in site.get(f"/jobs/{job.job_id}").text
    run = add_run(site.found, job)
    assert f'href="/runs/{run.run_id}"' in site.get(tab).text


def test_a_run_that_goes_on_is_the_last_outcome_also_when_a_time_was_skipped_since(site: Any, tab: str) -> None:
    job = add_job(site.found, "nightly", schedule="0 3 * * *")
    add_run(site.found, job)
    add_time(site.found, job, site.found.desk.now() + timedelta(minutes=1), TimeOutcome.SKIPPED)
    assert "queued" in row(site.get(tab).text, "nightly")


def test_the_private_job_of_another_is_in_no_list_no_search_and_no_count(site: Any, tab: str) -> None:
    mine, theirs, found = site.get(tab).text, site.get(tab, "bob").text, site.get(f"{tab}?q=acme", "bob").text
    assert "Takeover of Acme" in names(mine) and "6 jobs" in mine
    assert "Takeover of Acme" not in theirs and "5 jobs" in theirs
    assert "Takeover of Acme" not in found and "Nothing found" in found
    assert site.get(tab, "ivy").text.count("Takeover of Acme") == 0


def test_a_private_job_has_a_mark(site: Any, tab: str) -> None:
    page = site.get(tab).text
    assert row(page, "private").startswith("Takeover of Acme private")
    assert row(page, "weekly").startswith("Weekly Campaign Performance Report weekly")


def test_names_that_hold_markup_are_words(site: Any, tab: str) -> None:
    page = site.get(tab).text
    assert "<script>alert" not in page and "<img" not in page
    assert HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;") in names(page)


@pytest.mark.parametrize("search", ["HOURLY", "hourly", "hour", "spend"])
def test_a_search_looks_into_names_and_keys(site: Any, tab: str, search: str) -> None:
    page = site.get(f"{tab}?q={search}").text
    assert names(page) == ["Hourly spend"]
    assert f'value="{search}"' in page and "1 job found" in page


def test_a_search_that_finds_nothing_is_shown_as_it_was_written_and_can_be_cleared(site: Any, tab: str) -> None:
    page = site.get(f"{tab}?q=%3Cscript%3E%22").text
    assert "<bdi>&lt;script&gt;&#34;</bdi>" in page
    assert f'href="{tab}">Clear the search' in page


def test_an_agent_without_jobs_says_what_a_job_is_and_offers_to_create_one(site: Any) -> None:
    agent_id = site.found.agents["hostile"].agent_id
    page = site.get(f"/agents/{agent_id}/jobs").text
    assert "No jobs yet" in page and "A job is a question to this agent" in page
    assert f'href="/agents/{agent_id}/jobs/new">Create job' in page
    assert 'type="search"' not in page


def test_pages_of_the_list_hold_every_job_once(site: Any, tab: str) -> None:
    for number in range(60):
        add_job(site.found, f"job-{number}")
    first = site.get(tab).text
    [after] = re.findall(r'rel="next" href="([^"]*)"', first)
    second = site.get(tab + after.replace("&amp;", "&")).text
    [before] = re.findall(r'rel="prev" href="([^"]*)"', second)
    assert "1 to 50 of 66 jobs" in first and "51 to 66 of 66 jobs" in second
    assert len({*names(first), *names(second)}) == len(names(first) + names(second)) == 66
    assert names(site.get(tab + before.replace("&amp;", "&")).text) == names(first)


def test_a_page_past_the_end_leads_back(site: Any, tab: str) -> None:
    assert "Back to the first page" in site.get(f"{tab}?cursor=WyJ6enoiLCAieiJd").text


def test_the_tab_takes_as_many_queries_for_300_jobs_as_for_3(site: Any) -> None:
    found = site.found
    paths = {}
    for count, agent in ((3, "retired"), (300, "hostile")):
        for number in range(count):
            job = add_job(found, f"{agent}-{number}", agent=agent, schedule="0 3 * * *")
            if number < 60:
                add_time(found, job, datetime(2026, 1, 5, 2, 0, tzinfo=UTC))
        paths[count] = f"/agents/{found.agents[agent].agent_id}/jobs"
    asked = {}
    for count, path in paths.items():
        with counted(found.desk.store) as statements:
            assert len(names(site.get(path).text)) == min(count, 50)
        asked[count] = len(statements)
    assert asked[3] == asked[300]


def test_a_paused_dag_and_an_agent_that_is_not_active_say_that_nothing_starts(site: Any, tab: str) -> None:
    job = add_job(site.found, "nightly", schedule="0 3 * * *")
    idle = add_job(site.found, "idle", agent="retired", schedule="0 3 * * *")
    save_dag(job.dag_id, is_paused=True)
    assert "paused in Airflow" in row(site.get(tab).text, "nightly")
    assert "none, it is paused" in row(site.get(tab).text, "nightly")
    page = site.get(f"/agents/{site.found.agents['retired'].agent_id}/jobs").text
    assert "This agent is not active, so none of its jobs starts" in page
    assert f"/jobs/{idle.job_id}/run" not in page


def test_the_switch_makes_a_new_version_and_ends_or_begins_the_schedule(site: Any) -> None:
    job = add_job(site.found, "nightly", schedule="0 3 * * *")
    off = site.post(f"/jobs/{job.job_id}/schedule", data={"version": "1", "on": "off"})
    assert (off.status_code, off.headers["location"]) == (303, f"/jobs/{job.job_id}")
    now = definition_of(site, job.job_id)
    assert (now.version, now.definition.schedule.enabled, now.definition.schedule.cron) == (2, False, "0 3 * * *")
    with site.found.desk.store.reading() as session:
        assert periods.current(session, job.job_id) is None
    site.post(f"/jobs/{job.job_id}/schedule", data={"version": "2", "on": "on"})
    assert definition_of(site, job.job_id).definition.schedule.enabled


def test_the_switch_of_a_list_answers_with_the_row_as_it_is_now(site: Any) -> None:
    job = add_job(site.found, "nightly", schedule="0 3 * * *")
    data = {"version": "1", "on": "off", "token": "t"}
    part = site.post(f"/jobs/{job.job_id}/schedule", data=data, headers={"HX-Request": "true"})
    assert part.status_code == 200 and part.text.lstrip().startswith("<tr>")
    assert 'aria-checked="false"' in part.text and 'name="version" value="2"' in part.text


def test_who_may_not_edit_a_job_sees_no_switch_and_cannot_use_one(site: Any, tab: str) -> None:
    job = add_job(site.found, "nightly", schedule="0 3 * * *")
    assert f"switch-{job.job_id}" in site.get(tab).text
    assert f"switch-{job.job_id}" in site.get(tab, "ivy").text
    assert f"switch-{job.job_id}" not in site.get(tab, "bob").text
    answer = site.post(f"/jobs/{job.job_id}/schedule", "bob", data={"version": "1", "on": "off"})
    assert (answer.status_code, definition_of(site, job.job_id).version) == (403, 1)


def test_a_job_that_a_file_keeps_is_not_switched_here_and_says_where(site: Any, tab: str) -> None:
    job = add_job(site.found, "filed", kept_in="jobs.yaml", schedule="0 3 * * *")
    assert f"switch-{job.job_id}" not in site.get(tab).text
    assert "filed · kept in jobs.yaml" in row(site.get(tab).text, "filed")
    answer = site.post(f"/jobs/{job.job_id}/schedule", data={"version": "1", "on": "off"})
    assert answer.status_code == 409 and "is kept in the file &#39;jobs.yaml&#39;" in answer.text


def test_a_switch_that_somebody_else_was_faster_with_is_refused(site: Any) -> None:
    job = add_job(site.found, "nightly", schedule="0 3 * * *")
    add_job(site.found, "nightly", schedule="0 4 * * *")
    answer = site.post(f"/jobs/{job.job_id}/schedule", data={"version": "1", "on": "off"})
    assert answer.status_code == 409 and "is at version 2 now" in answer.text
    assert definition_of(site, job.job_id).definition.schedule.enabled


def test_a_job_without_a_schedule_has_nothing_to_switch(site: Any) -> None:
    job = add_job(site.found, "by-hand")
    answer = site.post(f"/jobs/{job.job_id}/schedule", data={"version": "1", "on": "on"})
    assert answer.status_code == 422 and "has no schedule that could be switched" in answer.text


def test_the_tab_of_our_dags_leads_to_the_job(site: Any) -> None:
    job = site.found.jobs["weekly"]
    answer = site.get(f"/dags/{job.dag_id}")
    assert (answer.status_code, answer.headers["location"]) == (307, f"/jobs/{job.job_id}")


@pytest.mark.parametrize(
    ("dag_id", "told"),
    [
        ("interact_ask", "answers the questions that people ask"),
        ("interact_watch", "keeps watch over all jobs"),
        ("sales_load", "is not one of Interact&#39;s jobs"),
    ],
)
def test_the_tab_of_other_dags_says_what_they_are(site: Any, dag_id: str, told: str) -> None:
    answer = site.get(f"/dags/{dag_id}")
    assert answer.status_code == 200 and told in answer.text


def test_the_tab_of_a_deleted_job_says_so(site: Any) -> None:
    job = add_job(site.found, "gone")
    with site.found.desk.store.writing() as session:
        jobs.mark_deleted(session, job.job_id, now=site.found.desk.now())
    assert "The job of this DAG was deleted" in site.get(f"/dags/{job.dag_id}").text


def test_the_tab_of_a_job_that_somebody_may_not_see_is_not_there(site: Any) -> None:
    private, shared = site.found.jobs["private"].dag_id, site.found.jobs["weekly"].dag_id
    assert site.get(f"/dags/{private}", "bob").status_code == 404
    assert site.get(f"/dags/{shared}", "eve").status_code == 404
    assert site.get(f"/dags/{private}").status_code == 307


def test_typing_finds_jobs_and_the_address_says_what_was_looked_for(
    browser: Any, site: Any, address: str, tab: str
) -> None:
    page = a_page(browser, address)
    page.goto(f"{address}/interact{tab}")
    page.get_by_label("Search these jobs by name or key").press_sequentially("hour")
    page.wait_for_url("**/jobs?q=hour")
    assert page.locator("#jobs .name").all_inner_texts() == ["Hourly spend"]
    assert page.evaluate("document.activeElement.id") == "q"
    page.reload()
    assert page.locator("#jobs .name").all_inner_texts() == ["Hourly spend"]
    page.context.close()


def test_the_switch_works_in_its_row_and_keeps_the_focus(browser: Any, site: Any, address: str, tab: str) -> None:
    job = add_job(site.found, "nightly", schedule="0 3 * * *")
    page = a_page(browser, address)
    page.goto(f"{address}/interact{tab}?q=nightly")
    page.get_by_role("switch", name="Schedule of Nightly").press("Enter")
    page.locator(f"#switch-{job.job_id}[aria-checked=false]").wait_for()
    assert page.evaluate("document.activeElement.id") == f"switch-{job.job_id}"
    assert not definition_of(site, job.job_id).definition.schedule.enabled
    page.context.close()


def test_a_refused_switch_says_so_and_shows_what_is_stored(browser: Any, site: Any, address: str, tab: str) -> None:
    job = add_job(site.found, "nightly", schedule="0 3 * * *")
    page = a_page(browser, address)
    page.goto(f"{address}/interact{tab}?q=nightly")
    add_job(site.found, "nightly", schedule="0 4 * * *")
    page.get_by_role("switch", name="Schedule of Nightly").click()
    page.locator("#refused [role=alert]", has_text="was changed by somebody else").wait_for()
    assert page.locator(f"#switch-{job.job_id}").get_attribute("aria-checked") == "true"
    page.context.close()
