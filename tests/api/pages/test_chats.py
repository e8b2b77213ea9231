"""The page of a chat: what it says, how it grows while it is answered, what leads on from it."""

import re
from pathlib import Path
from typing import Any

import pytest

from builders import underway
from builders.airflow_tables import save_dag
from builders.asking import answer as answer_question
from builders.counting import counted
from builders.lived_in import HOSTILE, opening
from builders.saved import a_query
from builders.story import Says, with_report
from interact.agents.contract import Answer
from interact.chats.figures import reference
from interact.chats.result import Column
from interact.connections.agents import find_agent
from interact.jobs.naming import QUESTIONS_DAG
from interact.jobs.rights import Person
from interact.runs.accept import Accepted
from interact.runs.announce import announce
from interact.runs.ask import ask, open_attempt
from interact.runs.question import Inquiry, accept_question
from interact.store import chats, jobs
from interact.warehouse.queries import Compiled


def question(site: Any, prompt: str = "Spend by market for the past 7 days", who: str = "ada", **more: Any) -> Accepted:
    """Accept a question to the analyst."""
    found = site.found
    inquiry = Inquiry(found.agents["analyst"].agent_id, prompt, **more)
    return accept_question(found.desk, Person(who, found.organisation_id, "member"), inquiry)


@pytest.fixture
def chat(site: Any) -> underway.UnderWay:
    """Give a chat of a job without parameters that has been accepted."""
    return underway.under_way(site.found.desk, site.found.jobs["check"].job_id)


def seen(page: str) -> str:
    """Return what a page says that it has seen."""
    found = re.search(r'hx-get="[^"]*live\?seen=([^"&]+)', page)
    return found[1] if found else ""


def text(page: str) -> str:
    """Return a page's words without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def questions(page: str) -> list[str]:
    """Return the questions that are shown."""
    return re.findall(r'<div class="said user">\s*<p[^>]*>(.*?)</p>', page)


def titles(page: str) -> list[str]:
    """Return the titles of the queries that are shown."""
    return re.findall(r"<summary id=\"[^\"]+\">(.*?)<span", page)


def test_a_chat_shows_question_answer_queries_and_where_it_belongs(site: Any) -> None:
    page = site.get(f"/chats/{site.found.chats['weekly']}").text
    assert "Analyse paid search performance for the past 7 days." in page
    assert "market: <bdi>NL</bdi>" in page
    assert re.search(r'<span class="state completed">completed', page)
    assert "Over the past 7 days" in page and "[[result_" not in page
    assert len(titles(page)) >= 6 and "SELECT" in page
    assert f'<a href="/jobs/{site.found.jobs["weekly"].job_id}">Weekly Campaign Performance Report</a>' in page
    assert re.search(rf'<a href="/runs/{site.found.runs["weekly"]}">\d+ \w+ 2026, \d\d:\d\d CET</a>', page)
    assert 'aria-current="page">NL</a>' in page and ">BE</a>" in page
    who = r"Answered by the embedded analyst · job v1 · agent v\d · context v1 · \d queries"
    assert re.search(rf'<span class="muted small">{who}</span>', page)


def test_the_rows_of_a_query_come_when_it_is_opened_fifty_of_them(site: Any, chat: underway.UnderWay) -> None:
    chat.taken()
    chat.begun()
    result_id = chat.queried("All of it", rows=1240)
    address = f"/chats/{chat.chat_id}/results/{result_id}"
    assert f'hx-get="{address}"' in site.get(f"/chats/{chat.chat_id}").text
    rows = site.get(address).text
    assert "50 of 1,240 rows." in rows
    assert rows.count("<tr>") == 51
    csv, xlsx = site.get(f"{address}.csv"), site.get(f"{address}.xlsx")
    assert csv.text.count("\n") == 1241
    assert xlsx.content[:2] == b"PK"
    assert csv.headers["content-disposition"] == f'attachment; filename="All-of-it-{result_id}.csv"'
    assert site.get(f"/chats/{site.found.chats['check']}/results/{result_id}").status_code == 404


def test_a_question_that_was_declined_says_why_once(site: Any) -> None:
    page = site.get(f"/chats/{site.found.chats['failed']}", "bob").text
    assert page.count("I could not tell what") == 1
    assert "<script>alert" not in page and "Spend on TikTok &lt;script&gt;" in page


def test_words_of_an_agent_and_names_of_a_warehouse_are_no_markup(site: Any, chat: underway.UnderWay) -> None:
    chat.taken()
    chat.begun()
    chat.queried(HOSTILE, sql=f"SELECT '{HOSTILE}'")
    chat.answered(f"{HOSTILE}\n\n| a | b |\n| --- | ---: |\n| {HOSTILE} | 2 |\n")
    page = site.get(f"/chats/{chat.chat_id}").text
    assert "<script>alert" not in page and "<img" not in page
    assert " style=" not in page
    assert '<td class="number">2</td>' in page


def test_a_report_is_drawn_beside_the_chat_and_exported_at_once(site: Any, chat: underway.UnderWay) -> None:
    chat.taken()
    chat.begun()
    chat.queried("Spend")
    chat.answered("Spend was 12.", with_report=True)
    address = f"/chats/{chat.chat_id}"
    waiting = site.get(address).text
    assert "The report is being drawn; it appears here." in waiting and "<iframe" not in waiting
    chat.drawn()
    page = site.get(address).text
    assert f'<iframe src="{address}/report.html?attempt=1" title="Report" sandbox="allow-same-origin">' in page
    assert f'<a class="button primary" href="{address}/report.pdf?attempt=1" download>Export PDF</a>' in page
    assert site.get(f"{address}/report.pdf?attempt=1").content[:4] == b"%PDF"
    html = site.get(f"{address}/report.html?attempt=1")
    assert "The drawn report" in html.text
    assert "script-src" not in html.headers["content-security-policy"]


def test_a_report_that_could_not_be_drawn_says_why(site: Any, chat: underway.UnderWay) -> None:
    chat.taken()
    chat.begun()
    chat.queried("Spend")
    chat.answered("Spend was 12.", with_report=True)
    with site.found.desk.store.writing() as session:
        chats.set_rendered(session, chat.chat_id, 1, chats.Rendered(failure=f"No font {HOSTILE}"))
    page = site.get(f"/chats/{chat.chat_id}").text
    assert "The report could not be drawn: No font &lt;script&gt;" in page
    assert seen(page) == ""  # Nothing more will come.


def test_each_step_of_a_chat_is_told_as_it_happens(site: Any, chat: underway.UnderWay) -> None:
    address = f"/chats/{chat.chat_id}"
    assert "Airflow has not taken it yet." in site.get(address).text
    chat.taken()
    page = site.get(address).text
    assert "Queued in Airflow: it begins once a worker is free." in page
    assert re.search(r"<li>Accepted \d+ \w+ 2026, \d\d:\d\d CET</li><li>Taken by Airflow after [\w ]+ s</li>", page)
    chat.begun()
    assert "The agent reads the question." in site.get(address).text
    chat.queried("Totals")
    page = site.get(address).text
    assert "The agent is at work: 1 query so far." in page
    assert re.search(r"Totals<span class=\"muted\">1 row · 0\.25 s</span>", page)
    chat.answered("Spend was 12.")
    page = site.get(address).text
    assert "Spend was 12." in page and "at work" not in page and seen(page) == ""


def test_what_a_browser_has_seen_is_not_sent_again(site: Any, chat: underway.UnderWay) -> None:
    chat.taken()
    chat.begun()
    chat.queried("Totals")
    token = seen(site.get(f"/chats/{chat.chat_id}").text)
    live = f"/chats/{chat.chat_id}/live?head=1&seen="
    assert site.get(live + token).status_code == 204
    chat.queried("By market")
    part = site.get(live + token).text
    assert titles(part) == ["By market"]
    assert f'hx-swap-oob="beforeend:#queries-{chat.chat_id}"' in part
    assert "The agent is at work: 2 queries so far." in part
    assert 'id="answer-' not in part and 'id="report"' not in part and 'id="actions"' not in part
    chat.answered("Spend was 12.", with_report=True)
    part = site.get(live + seen(part)).text
    assert "Spend was 12." in part and titles(part) == []
    assert "The report is being drawn" in part
    chat.drawn()
    part = site.get(live + seen(part)).text
    assert "<iframe" in part and "Run again" in part and "Cancel" not in part
    assert 'id="answer-' not in part
    assert seen(part) == ""


def test_a_further_attempt_takes_the_place_of_the_one_before(site: Any, chat: underway.UnderWay) -> None:
    chat.taken()
    chat.begun()
    chat.queried("Totals")
    token = seen(site.get(f"/chats/{chat.chat_id}").text)
    chat.begun()
    part = site.get(f"/chats/{chat.chat_id}/live?seen={token}").text
    assert f'<article class="turn" id="turn-{chat.chat_id}" hx-swap-oob="true">' in part
    assert titles(part) == [] and "attempt 2" in part


def test_what_airflow_may_try_again_is_watched_until_its_run_has_ended(site: Any, chat: underway.UnderWay) -> None:
    chat.taken()
    chat.begun()
    live, token = f"/chats/{chat.chat_id}/live?head=1&seen=", seen(site.get(f"/chats/{chat.chat_id}").text)
    chat.failed("The warehouse is away.")
    part = site.get(live + token).text
    assert "The warehouse is away." in part and 'class="state failed"' in part and "Run again" in part
    chat.begun()
    part = site.get(live + seen(part)).text
    assert "attempt 2" in part and "The warehouse is away." not in part and "Run again" not in part
    chat.failed("The warehouse is away.")
    part = site.get(live + seen(part)).text
    announce(site.found.desk, dag_id=chat.run.dag_id, dag_run_id=chat.run.dag_run_id)
    assert seen(part) != ""
    assert seen(site.get(live + seen(part)).text) == seen(site.get(f"/chats/{chat.chat_id}").text) == ""


def test_a_part_that_has_seen_nothing_is_the_whole_chat(site: Any, chat: underway.UnderWay) -> None:
    for token in ("", "?seen=nonsense", "?seen=1-2-3-4"):
        part = site.get(f"/chats/{chat.chat_id}/live{token}").text
        assert "<html" not in part
        assert f'hx-get="/chats/{chat.chat_id}/live?seen=0-0-accepted-none" hx-trigger="every 1s"' in part
        assert "Analyse campaign performance" in part and 'id="report"' in part


def test_looking_again_costs_few_looks(site: Any, chat: underway.UnderWay) -> None:
    chat.taken()
    chat.begun()
    for number in range(12):
        chat.queried(f"Table {number}")
    token = seen(site.get(f"/chats/{chat.chat_id}").text)
    with counted(site.found.desk.store) as statements:
        assert site.get(f"/chats/{chat.chat_id}/live?head=1&seen={token}").status_code == 204
    assert len(statements) <= 6


def test_a_chat_with_many_queries_takes_as_many_looks_as_one_with_few(site: Any, chat: underway.UnderWay) -> None:
    chat.taken()
    chat.begun()
    chat.queried("Only")
    site.get(f"/chats/{chat.chat_id}")
    with counted(site.found.desk.store) as few:
        site.get(f"/chats/{chat.chat_id}")
    for number in range(20):
        chat.queried(f"Table {number}")
    with counted(site.found.desk.store) as many:
        site.get(f"/chats/{chat.chat_id}")
    assert len(many) == len(few)


def test_a_run_that_airflow_ended_is_closed_by_looking(site: Any, chat: underway.UnderWay) -> None:
    chat.taken()
    chat.begun()
    token = seen(site.get(f"/chats/{chat.chat_id}").text)
    chat.ended_in_airflow()
    part = site.get(f"/chats/{chat.chat_id}/live?head=1&seen={token}").text
    assert "was ended in Airflow as &#39;failed&#39;" in part
    assert 'class="state failed"' in part and seen(part) == ""


def test_a_chat_under_way_can_be_cancelled_and_says_by_whom(site: Any, chat: underway.UnderWay) -> None:
    page = site.get(f"/chats/{chat.chat_id}").text
    assert f'action="/runs/{chat.run.run_id}/cancel"' in page and "Run again" not in page
    assert site.post(f"/runs/{chat.run.run_id}/cancel").status_code == 303
    page = site.get(f"/chats/{chat.chat_id}").text
    assert "Cancelled by ada." in page and "/cancel" not in page and "Run again" in page


def test_earlier_attempts_stay_and_can_be_opened(site: Any, chat: underway.UnderWay) -> None:
    chat.taken()
    chat.begun()
    chat.queried("First try")
    chat.begun()
    chat.queried("Second try")
    newest, first = site.get(f"/chats/{chat.chat_id}").text, site.get(f"/chats/{chat.chat_id}?attempt=1").text
    assert titles(newest) == ["Second try"] and titles(first) == ["First try"]
    assert f'<a href="/chats/{chat.chat_id}?attempt=1" aria-current="page">1</a>' in first
    assert "The task stopped without a word; attempt 2 follows." in first
    assert seen(first) == "" and seen(newest) != ""
    assert site.get(f"/chats/{chat.chat_id}?attempt=3").status_code == 404
    assert site.get(f"/chats/{chat.chat_id}?attempt=0").status_code == 422


def test_a_job_runs_again_with_this_chats_values(site: Any) -> None:
    answer = site.post(f"/chats/{site.found.chats['weekly']}/rerun", data={"token": "once"})
    again = site.post(f"/chats/{site.found.chats['weekly']}/rerun", data={"token": "once"})
    assert (answer.status_code, again.headers["location"]) == (303, answer.headers["location"])
    page = site.get(answer.headers["location"]).text
    assert "market: <bdi>NL</bdi>" in page and 'class="state queued"' in page


def test_a_deleted_jobs_chats_still_open_and_do_not_run_again(site: Any) -> None:
    job = site.found.jobs["check"]
    with site.found.desk.store.writing() as session:
        jobs.mark_deleted(session, job.job_id, now=site.found.desk.now())
    page = site.get(f"/chats/{site.found.chats['check']}")
    assert page.status_code == 200
    assert "Run again" not in page.text and f'"/jobs/{job.job_id}"' not in page.text
    assert site.post(f"/chats/{site.found.chats['check']}/rerun").status_code == 404


@pytest.mark.parametrize("who", ["bob", "ivy", "eve"])
@pytest.mark.parametrize(
    "path", ["", "/live", "/report.pdf", "/report.html", "/results/{result}", "/results/{result}.csv"]
)
def test_a_private_chat_is_its_owners_alone(site: Any, who: str, path: str) -> None:
    with site.found.desk.store.reading() as session:
        attempt = chats.attempt(session, site.found.chats["private"])
    assert attempt is not None
    path = path.format(result=attempt.queries[0].result_id)
    hidden, absent = (
        site.get(f"/chats/{chat_id}{path}", who) for chat_id in (site.found.chats["private"], "chat_000000000000")
    )
    assert (hidden.status_code, absent.status_code) == (404, 404)
    ids = r"(chat|result)_[a-z0-9]{12}"
    assert re.sub(ids, "", hidden.text) == re.sub(ids, "", absent.text)
    assert site.post(f"/chats/{site.found.chats['private']}/rerun", who).status_code == 404


def test_a_question_can_be_saved_as_a_job_and_asked_again(site: Any, tmp_path: Path) -> None:
    save_dag(QUESTIONS_DAG)
    accepted = question(site)
    chat_id, agent_id = accepted.chats[0].chat_id, site.found.agents["analyst"].agent_id
    assert "Save as job" not in site.get(f"/chats/{chat_id}").text
    attempt = open_attempt(site.found.desk, chat_id, dag_id=accepted.run.dag_id, dag_run_id=accepted.run.dag_run_id)
    warehouse = opening(site.found.desk.settings.home / "warehouse.duckdb")
    ask(site.found.desk, attempt, open_warehouse=warehouse, find_agent=find_agent)
    page = site.get(f"/chats/{chat_id}").text
    assert f'href="/agents/{agent_id}/jobs/new?chat={chat_id}">Save as job</a>' in page
    assert "Asked by <bdi>ada</bdi>" in page
    assert f'<a href="/agents/{agent_id}">Chats</a>' in page
    answer = site.post(f"/chats/{chat_id}/rerun")
    assert answer.headers["location"] != f"/chats/{chat_id}"
    assert "Spend by market for the past 7 days" in site.get(answer.headers["location"]).text


def with_figure(text: str) -> Says:
    """An agent that says a figure of a query after some words."""

    def say(asked: Any, warehouse: Any) -> Answer:
        result = warehouse.run(Compiled("SELECT 1", (Column(name="spend", label="Spend"),)), title=text)
        return Answer(f"{text} {reference(result, 0, 'spend')}", usage={"queries": 1})

    return Says(say)


def test_a_thread_shows_its_questions_in_order_and_takes_another(site: Any) -> None:
    save_dag(QUESTIONS_DAG)
    desk, first = site.found.desk, question(site, "What did NL spend?")
    head = first.chats[0].chat_id
    assert "follow-up" not in re.sub(r'id="follow-up"', "", site.get(f"/chats/{head}").text)
    answer_question(desk, first, with_figure("It was"))
    page = site.get(f"/chats/{head}").text
    assert f'action="/chats/{head}/follow-up"' in page and ">€1,234</a>" in page
    sent = site.post(f"/chats/{head}/follow-up", data={"prompt": "And BE?"})
    where, _, part = sent.headers["location"].partition("#")
    assert (sent.status_code, part) == (303, where.replace("/chats/", "turn-"))
    page = site.get(where).text
    assert "<h1>What did NL spend?</h1>" in page
    assert f'hx-get="{where}/live?seen=' in page
    assert "/follow-up" not in page  # until it is answered
    assert questions(site.get(f"/chats/{head}").text) == ["What did NL spend?", "And BE?"]


def test_a_long_thread_shows_its_newest_turns_or_those_up_to_the_one_that_was_opened(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("interact.api.scenes.TURNS", 2)
    asked = ["What did NL spend?", "And BE?", "And DE?", "And all?"]
    first = question(site, asked[0])
    head = first.chats[0].chat_id
    opened = [head]
    answer_question(site.found.desk, first, with_figure("It was"))
    for prompt in asked[1:]:
        then = question(site, prompt, thread_id=head)
        answer_question(site.found.desk, then, with_figure("It was"))
        opened.append(then.chats[0].chat_id)
    for number, shown in enumerate([asked[:1], asked[:2], asked[2:], asked[2:]]):
        for query in ("", "?attempt=1"):
            page = site.get(f"/chats/{opened[number]}{query}").text
            assert questions(page) == shown
            assert re.search(r"<h1>(<bdi>)?What did NL spend\?<", page)


@pytest.mark.parametrize("by_script", [False, True])
def test_a_refused_further_question_stays_as_it_was_typed(site: Any, by_script: bool) -> None:
    save_dag(QUESTIONS_DAG)
    first = question(site, "What did NL spend?")
    answer_question(site.found.desk, first, with_figure("It was"))
    save_dag(QUESTIONS_DAG, is_paused=True)
    headers = {"HX-Request": "true"} if by_script else {}
    answer = site.post(f"/chats/{first.chats[0].chat_id}/follow-up", data={"prompt": f"And {HOSTILE}"}, headers=headers)
    save_dag(QUESTIONS_DAG)
    assert answer.status_code == 409
    assert "And &lt;script&gt;" in answer.text and 'id="prompt-wrong"' in answer.text
    assert ("<html" in answer.text) is not by_script


def test_a_chat_of_a_job_takes_no_further_question(site: Any) -> None:
    assert "/follow-up" not in site.get(f"/chats/{site.found.chats['check']}").text


def test_a_thread_shows_the_report_of_the_chat_that_was_opened(site: Any) -> None:
    save_dag(QUESTIONS_DAG)
    desk, first = site.found.desk, question(site, "A report of NL?")
    head = first.chats[0].chat_id
    answer_question(desk, first, Says(with_report))
    then = question(site, "A report of BE?", thread_id=head)
    answer_question(desk, then, Says(with_report))
    last = then.chats[0].chat_id
    for chat_id in (head, last):
        with desk.store.writing() as session:
            put = desk.files.put
            files = chats.Rendered(put(underway.DRAWN.encode(), ".html"), put(b"%PDF", ".pdf"))
            chats.set_rendered(session, chat_id, 1, files)
    for chat_id in (head, last):
        page = site.get(f"/chats/{chat_id}").text
        other = {head: last, last: head}[chat_id]
        assert f'<iframe src="/chats/{chat_id}/report.html?attempt=1"' in page
        assert f'href="/chats/{other}">Show its report</a>' in page


def test_what_a_service_says_that_it_ran_is_told_as_that(site: Any) -> None:
    chat_id = site.found.chats["check"]
    claimed = a_query(title="Spend of theirs", is_claimed=True)
    with site.found.desk.store.writing() as session:
        chats.add_query(session, chat_id, 1, claimed)
    page = site.get(f"/chats/{chat_id}").text
    assert page.count("as the service says") == 1
    assert "The service says that it ran this. Our guard did not see it." in page.partition("Spend of theirs")[2]
