"""The way through the pages, in Airflow's frame and full screen, as somebody goes it who has never seen Airflow."""

import json
import re
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import TimeoutError, expect  # noqa: A004

from interact.commands.local import wait_for_dag
from interact.commands.stack import password
from interact.store import jobs
from interact.store.sessions import open_store

pytestmark = pytest.mark.timeout(420)
WEEKLY = (
    "Analyse paid search performance for the past 7 days. Create a report with an executive summary, a table of top "
    "campaigns by ROAS, a breakdown by market, and key recommendations. Highlight any campaigns where CPA exceeded the "
    "target."
)


def signed_in(house: Any, browser: Any) -> Any:
    """Return a page of Airflow's after its own sign-in."""
    at = house.local.stack.at
    page = browser.new_context(viewport={"width": 1500, "height": 1000}, accept_downloads=True).new_page()
    page.set_default_timeout(60_000)
    page.goto(at.url)
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", password(at))
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    return page


def ended(place: Any, verdict: str = "completed") -> None:
    """Wait until the run or chat on the page says that it has ended."""
    try:
        place.locator(f".head .state.{verdict}").first.wait_for(timeout=120_000)
    except TimeoutError:
        raise AssertionError(place.locator("#content").inner_text()) from None


def test_the_steps_of_the_seed_page_inside_airflow(house: Any, browser: Any) -> None:  # noqa: PLR0915  # one story
    page = signed_in(house, browser)
    url = house.local.stack.at.url
    page.get_by_role("link", name="Agents", exact=True).click()
    frame = page.frame_locator("iframe")
    # 1 Open an agent. 2 Go to the Jobs tab.
    frame.get_by_role("link", name="Marketing analyst").click()
    frame.get_by_role("navigation", name="Parts of this agent").get_by_role("link", name="Jobs").click()
    frame.get_by_role("link", name="Create job").first.click()
    # 3 Give the job a name. 4 Write the job prompt.
    frame.get_by_label("Name", exact=True).first.fill("Paid search on Mondays")
    frame.get_by_label("Prompt", exact=True).fill(WEEKLY)
    understood = frame.locator("#understood")
    understood.get_by_text("ROAS").first.wait_for()
    assert "past 7 days" in understood.inner_text()
    # 5 Set visibility. Enable schedule, with words and dates.
    frame.get_by_role("radio", name="Organisation").check()
    frame.get_by_role("switch", name="Enable schedule").check()
    frame.locator("#cron").fill("0 8 * * 1")
    words = frame.locator("#schedule-words")
    words.get_by_text("only on Monday").first.wait_for()
    dates = words.locator("ol.dates li").all_inner_texts()
    assert len(dates) == 5
    assert all(re.fullmatch(r"Monday \d{1,2} \w+ 20\d\d, 08:00 \+0[12]:00", date) for date in dates)
    # Parameterised runs.
    frame.get_by_role("button", name="Add a parameter").click()
    frame.locator("input[id$='-name'].code").fill("market")
    frame.locator("textarea[id$='-values']").fill("NL\nBE\nDE")
    frame.locator("textarea[id$='-default']").fill("*")
    frame.get_by_role("button", name="Create job").click()
    frame.get_by_text("The job is saved.").wait_for()
    # Run now from the Jobs tab, with one or several values.
    frame.get_by_role("navigation", name="Where this is").get_by_role("link", name="Jobs").click()
    line = frame.get_by_role("row").filter(has_text="Paid search on Mondays")
    line.get_by_role("link", name="Run now").click()
    frame.get_by_role("heading", name="Run Paid search on Mondays").wait_for()
    boxes = frame.get_by_role("checkbox")
    for box in boxes.all():
        box.uncheck()
    frame.get_by_role("checkbox", name="NL").check()
    frame.get_by_role("checkbox", name="DE").check()
    frame.get_by_text("2 chats").first.wait_for()
    frame.get_by_role("button", name="Run now").click()
    # Its chats, live, without reload; the comparison when it has ended.
    ended(frame)
    frame.get_by_role("heading", name="Side by side").wait_for()
    frame.get_by_role("navigation", name="Chats of this run").get_by_role("link", name="NL").click()
    # The chat with its report beside it, and Export PDF in one click.
    frame.frame_locator("iframe[title=Report]").get_by_text("Highlights").first.wait_for()
    export = frame.get_by_role("link", name="Export PDF")
    with page.expect_download() as download:
        export.click()
    assert download.value.suggested_filename.endswith(".pdf")
    assert page.request.get(url + str(export.get_attribute("href"))).body().startswith(b"%PDF")
    # Job history.
    frame.get_by_role("link", name="Paid search on Mondays").first.click()
    row = frame.locator("table.history tbody tr").first
    assert "completed" in row.inner_text() and "admin" in row.inner_text() and "2 chats" in row.inner_text()
    # The job id stands in the address of the settings page, and on it, with a ready curl.
    frame.locator("main").get_by_role("link", name="Settings", exact=True).click()
    frame.get_by_role("heading", name="Settings of Paid search on Mondays").wait_for()
    address = next(each.url for each in page.frames if "/interact/jobs/" in each.url)
    job_id = re.search(r"/jobs/(job_[a-z0-9]{12})/settings", address)
    assert job_id is not None
    assert f"{url}/api/agents/jobs/{job_id[1]}/trigger" in frame.locator("#curl").inner_text()
    # Settings, Organisation: the time zone. Settings, API: a key, shown once, that starts the job.
    frame.get_by_role("navigation", name="Places").get_by_role("link", name="Settings").click()
    frame.get_by_role("heading", name="Settings", exact=True).wait_for()
    assert frame.locator("#timezone").input_value() == "Europe/Amsterdam"
    frame.get_by_role("link", name="API", exact=True).click()
    frame.get_by_role("heading", name="Keys", exact=True).wait_for()
    frame.get_by_label("Name", exact=True).first.fill("Pipeline")
    frame.get_by_role("button", name="Create key").click()
    shown = frame.locator("#content")
    shown.get_by_text("int_").first.wait_for()
    secret = re.search(r"int_[A-Za-z0-9]{48}", shown.inner_text())
    assert secret is not None
    headers = {
        "X-API-Key": secret[0],
        "X-Organization-Id": house.organisation_id,
        "Content-Type": "application/json",
    }
    body = json.dumps({"parameters": {"market": "BE"}}).encode()
    trigger = Request(f"{url}/api/agents/jobs/{job_id[1]}/trigger", data=body, headers=headers, method="POST")
    with urlopen(trigger, timeout=30) as answer:
        assert answer.status == 202
        run_id = json.load(answer)["run"]["id"]
    page.goto(f"{url}/interact/runs/{run_id}")
    ended(page)
    page.context.close()


def test_a_question_becomes_a_job_that_is_scheduled(house: Any, browser: Any) -> None:
    page = signed_in(house, browser)
    url = house.local.stack.at.url
    page.goto(f"{url}/interact/agents")
    page.get_by_role("link", name="Marketing analyst").click()
    page.get_by_label("Your question").fill("Spend and ROAS by channel for the past 7 days")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/chats/chat_*")
    ended(page)
    answer = page.locator(".said.assistant").first.inner_text()
    assert "spend" in answer.lower() and "Paid search" in answer
    asked_at = page.url
    # A further question, which takes over what it does not name.
    page.get_by_label("Ask something further").fill("and by market?")
    page.keyboard.press("Control+Enter")
    page.locator("article.turn").nth(1).locator(".said.assistant").get_by_text("NL").first.wait_for(timeout=120_000)
    assert "question before" in page.locator("article.turn").nth(1).inner_text()
    page.goto(asked_at)
    page.get_by_role("link", name="Save as job").first.click()
    assert page.get_by_label("Prompt", exact=True).input_value() == "Spend and ROAS by channel for the past 7 days"
    page.get_by_label("Name", exact=True).first.fill("Channels each morning")
    page.get_by_role("switch", name="Enable schedule").check()
    page.locator("#cron").fill("0 9 * * 1-5")
    page.get_by_text("Monday to Friday").first.wait_for()
    assert page.locator("ol.dates li").count() == 5
    page.get_by_role("button", name="Create job").click()
    page.get_by_text("The job is saved.").wait_for()
    # It is a DAG in Airflow, whose tab leads back to it.
    job_id = re.search(r"job_[a-z0-9]{12}", page.url)
    assert job_id is not None
    with open_store(house.local.settings.database_url).reading() as session:
        job = jobs.by_id(session, job_id[0])
    assert job is not None
    dag_id = job.dag_id
    wait_for_dag(house.local, dag_id)
    page.goto(f"{url}/dags/{dag_id}")
    page.get_by_role("link", name="Job", exact=True).click()
    page.frame_locator("iframe").get_by_role("heading", name="Channels each morning").wait_for()
    page.context.close()


def test_what_is_refused_says_why_and_loses_nothing(house: Any, browser: Any) -> None:
    page = signed_in(house, browser)
    url = house.local.stack.at.url
    page.goto(f"{url}/interact/agents")
    page.get_by_role("link", name="Marketing analyst").click()
    agent = page.url
    # A question outside the model is declined, with what is known.
    page.get_by_label("Your question").fill("Spend on TikTok for last week")
    page.get_by_role("button", name="Ask").click()
    ended(page, "failed")
    assert "TikTok" in page.locator(".turn .told").first.inner_text()
    # An expression that is wrong: the sentence stands at the field, and what was typed stays.
    page.goto(f"{agent}/jobs/new")
    page.get_by_label("Name", exact=True).first.fill("Broken at first")
    page.get_by_label("Prompt", exact=True).fill("Spend by market for yesterday")
    page.get_by_role("switch", name="Enable schedule").check()
    page.locator("#cron").fill("0 25 * * 1")
    page.get_by_role("button", name="Create job").click()
    page.locator("#cron-wrong").get_by_text("the hour field holds '25'").wait_for()
    expect(page.locator("#cron")).to_have_count(1)
    assert page.get_by_label("Prompt", exact=True).input_value() == "Spend by market for yesterday"
    page.locator("#cron").fill("@first-weekday")
    page.get_by_role("button", name="Create job").click()
    page.get_by_text("The job is saved.").wait_for()
    page.locator("main").get_by_role("link", name="Settings", exact=True).click()
    page.get_by_role("heading", name="Settings of Broken at first").wait_for()
    # Two editors: the second one sees both versions, and may save over the first.
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Prompt", exact=True).fill("Spend by channel for yesterday")
    other.get_by_role("button", name="Save").first.click()
    other.get_by_text("Saved").first.wait_for()
    page.get_by_label("Prompt", exact=True).fill("Clicks by market for yesterday")
    page.get_by_role("button", name="Save").first.click()
    page.get_by_text("Spend by channel for yesterday").first.wait_for()
    assert page.get_by_label("Prompt", exact=True).input_value() == "Clicks by market for yesterday"
    # Deleting asks for its name.
    page.goto(page.url)
    page.get_by_role("button", name="Delete this job").click()
    dialog = page.get_by_role("dialog")
    assert dialog.get_by_role("button", name="Delete").is_disabled()
    dialog.get_by_role("textbox").fill("Broken at first")
    dialog.get_by_role("button", name="Delete").click()
    page.wait_for_url("**/jobs")
    assert page.get_by_role("link", name="Broken at first").count() == 0
    page.context.close()
