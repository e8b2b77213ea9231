"""A chat and a run in Chromium while they are answered: what comes in disturbs nobody who reads."""

from typing import Any

from builders import underway
from builders.airflow_tables import save_dag
from builders.served import NARROW, a_page
from interact.jobs.naming import QUESTIONS_DAG
from interact.runs.accept import Ask, accept
from interact.runs.announce import announce

WHICH = "Which 5 campaigns had the highest ROAS in the past 30 days?"
REMEMBERS = "element => { element.readSince = 'the beginning' }"


def test_a_chat_grows_under_the_eyes_of_who_reads_it(browser: Any, site: Any, address: str) -> None:
    chat = underway.under_way(site.found.desk, site.found.jobs["check"].job_id)
    page, said = a_page(browser, address, dark=True), []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}/interact/chats/{chat.chat_id}")
    page.evaluate("window.loadedOnce = true")
    now = page.get_by_role("status")
    assert now.inner_text() == "Airflow has not taken it yet."
    chat.taken()
    page.get_by_text("Queued in Airflow").wait_for()
    chat.begun()
    first = chat.queried("First table", rows=60)
    page.get_by_text("1 query so far").wait_for()
    opened = page.locator(f"#query-{first}")
    opened.locator("summary").click()
    page.get_by_text("50 of 60 rows.").wait_for()
    opened.evaluate(REMEMBERS)
    opened.get_by_role("button", name="Copy").focus()
    page.evaluate("window.scrollTo(0, 120)")
    chat.queried("Second table")
    page.locator("summary", has_text="Second table").wait_for()
    assert opened.evaluate("element => [element.open, element.readSince]") == [True, "the beginning"]
    assert page.evaluate("document.activeElement.textContent") == "Copy"
    assert page.evaluate("[window.scrollY, window.loadedOnce]") == [120, True]
    chat.answered("Spend was **12**.", with_report=True)
    page.get_by_text("Answered. The report is being drawn.").wait_for()
    assert page.locator(".said.assistant strong").inner_text() == "12"
    chat.drawn()
    page.frame_locator("iframe").get_by_text("The drawn report").wait_for()
    assert page.frame_locator("iframe").locator("html").get_attribute("class") == "dark"
    assert page.get_by_role("link", name="Export PDF").is_visible()
    assert page.locator("#state").inner_text() == "completed"
    assert page.get_by_role("button").filter(has_text="Cancel").count() == 0
    assert opened.evaluate("element => [element.open, element.readSince]") == [True, "the beginning"]
    assert page.evaluate("[document.activeElement.textContent, window.loadedOnce]") == ["Copy", True]
    assert page.locator("#live").get_attribute("hx-get") is None
    assert said == []
    page.context.close()


def test_a_chat_that_waits_is_cancelled_from_its_page(browser: Any, site: Any, address: str) -> None:
    chat = underway.under_way(site.found.desk, site.found.jobs["check"].job_id)
    page = a_page(browser, address)
    page.goto(f"{address}/interact/chats/{chat.chat_id}")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled by ada.").wait_for()
    assert page.locator("#state").inner_text() == "cancelled"
    page.context.close()


def test_a_run_of_several_is_followed_to_its_end(browser: Any, site: Any, address: str) -> None:
    desk = site.found.desk
    accepted = accept(desk, Ask(site.found.jobs["weekly"].job_id, {"market": ["NL", "DE"]}, "user:ada"))
    first, second = underway.of(desk, accepted), underway.of(desk, accepted, 1)
    first.taken()
    page = a_page(browser, address, viewport=NARROW)
    page.goto(f"{address}/interact/runs/{accepted.run.run_id}")
    page.evaluate("window.loadedOnce = true")
    page.get_by_role("link", name="DE", exact=True).last.focus()
    first.begun()
    first.queried("Totals")
    page.get_by_text("1 query so far").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "DE"
    first.answered("12")
    page.get_by_text("1 of 2 chats are answered so far.").wait_for()
    second.begun()
    second.answered("13")
    page.get_by_text("2 of 2 chats are answered so far.").wait_for()
    announce(desk, dag_id=accepted.run.dag_id, dag_run_id=accepted.run.dag_run_id)
    page.get_by_role("heading", name="Side by side").wait_for()
    page.get_by_role("button", name="Run again").wait_for()
    assert page.evaluate("window.loadedOnce") is True
    assert page.locator("#live").get_attribute("hx-get") is None
    page.context.close()


def test_a_preview_renews_itself_in_a_page_that_is_no_chats(browser: Any, site: Any, address: str) -> None:
    chat = underway.under_way(site.found.desk, site.found.jobs["check"].job_id)
    page, said = a_page(browser, address), []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}/interact/agents")
    part = f"/interact/chats/{chat.chat_id}/live"
    page.evaluate(f"htmx.ajax('GET', '{part}', {{target: '.lead', swap: 'afterend'}})")
    page.get_by_text("Airflow has not taken it yet.").wait_for()
    chat.taken()
    chat.begun()
    chat.queried("Totals")
    page.locator("summary", has_text="Totals").wait_for()
    chat.answered("Spend was 12.")
    page.get_by_text("Spend was 12.").wait_for()
    assert page.locator("#live").get_attribute("hx-get") is None
    assert page.locator("summary").count() == 1
    assert said == []
    page.context.close()


def test_answers_that_come_late_bring_each_query_once(browser: Any, site: Any, address: str) -> None:
    chat = underway.under_way(site.found.desk, site.found.jobs["check"].job_id)
    chat.taken()
    chat.begun()
    page = a_page(browser, address)

    def slow(route: Any) -> None:
        page.wait_for_timeout(1500)
        route.continue_()

    page.goto(f"{address}/interact/chats/{chat.chat_id}")
    page.route("**/live?*", slow)
    for number in range(3):
        chat.queried(f"Table {number}")
        page.locator("summary", has_text=f"Table {number}").wait_for()
    page.wait_for_timeout(2500)
    assert page.locator("summary").count() == 3
    page.unroute_all(behavior="ignoreErrors")
    page.context.close()


def test_a_refused_question_is_told_where_it_was_typed(browser: Any, site: Any, address: str) -> None:
    save_dag(QUESTIONS_DAG, is_paused=True)
    page, said = a_page(browser, address), []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}/interact/agents/{site.found.agents['analyst'].agent_id}")
    page.get_by_role("button", name=WHICH).click()
    page.keyboard.press("Control+Enter")
    page.locator("#prompt-wrong").wait_for()
    save_dag(QUESTIONS_DAG)
    box = page.get_by_label("Your question")
    assert box.input_value() == WHICH
    assert box.evaluate("box => document.activeElement === box")
    assert page.get_by_role("alert").inner_text() == page.locator("#prompt-wrong").inner_text()
    page.get_by_role("button", name="Ask", exact=True).click()
    page.wait_for_url("**/chats/chat_*")
    assert page.get_by_role("heading", level=1).inner_text() == WHICH
    assert [line for line in said if "409" not in line] == []
    page.context.close()
