"""Figures on a chat's page lead to their queries, and what nothing shows is marked and counted."""

import re
from typing import Any

import pytest

from builders import underway
from interact.chats.status import ChatStatus
from interact.store import chats


@pytest.fixture
def chat(site: Any) -> underway.UnderWay:
    """Give a chat that an agent is at work on."""
    found = underway.under_way(site.found.desk, site.found.jobs["check"].job_id)
    found.taken()
    found.begun()
    return found


def kept(chat: underway.UnderWay, **changes: Any) -> None:
    """Close the attempt with an outcome."""
    outcome = chats.Outcome(**{"status": ChatStatus.COMPLETED, "reason": None, **changes})
    with chat.desk.store.writing() as session:
        chats.finish_attempt(session, chat.chat_id, chat.attempt, outcome, now=chat.desk.now())


def test_a_figure_leads_to_the_sql_of_its_query_without_a_script(site: Any, chat: underway.UnderWay) -> None:
    result_id = chat.queried("Spend by market")
    chat.answered(f"It was [[{result_id}/0/spend]].")
    page = site.get(f"/chats/{chat.chat_id}").text
    link = re.search(r'<a class="figure" href="#(sql-result_\w+)" target="_self" title="([^"]*)">€0.00</a>', page)
    assert link is not None
    assert link[2] == "Query “Spend by market”, row 1, Spend"
    assert f'<code id="{link[1]}">SELECT 1234 AS spend</code>' in page
    assert "Asked in the attempt of" in page


def test_the_tab_key_stops_once_in_a_table_of_one_query(site: Any, chat: underway.UnderWay) -> None:
    result_id = chat.queried("Spend", rows=3)
    cells = "\n".join(f"| [[{result_id}/{row}/spend]] |" for row in range(3))
    chat.answered(f"| Spend |\n|---:|\n{cells}")
    page = site.get(f"/chats/{chat.chat_id}").text
    assert len(re.findall(r'<a class="figure"', page)) == 3
    assert len(re.findall(r'<a class="figure" href="[^"]*" tabindex="-1"', page)) == 2


def test_numbers_that_nothing_shows_are_marked_and_counted(site: Any, chat: underway.UnderWay) -> None:
    with chat.desk.store.writing() as session:
        said = underway.Message(role="assistant", text="It was [[?€9]] or [[?8 %]].", created_at=chat.desk.now())
        chats.add_message(session, chat.chat_id, chat.attempt, said)
    kept(chat, untraced=2)
    page = site.get(f"/chats/{chat.chat_id}").text
    assert "It was <mark>€9 [?]</mark> or <mark>8 % [?]</mark>." in page
    assert "2 numbers of this answer could not be traced to a query, and are marked with [?]." in page


def test_a_report_that_was_held_back_is_read_in_the_chat_and_exported_nowhere(
    site: Any, chat: underway.UnderWay
) -> None:
    chat.queried("Spend")
    report = chat._report().model_copy(update={"summary": "Spend was [[?€9]]."})
    kept(chat, status=ChatStatus.FAILED, reason="Held back.", report_json=report.model_dump_json(), untraced=1)
    address = f"/chats/{chat.chat_id}"
    chat.ended_in_airflow()
    page = site.get(address).text
    assert "This report was not made into a PDF and not sent" in page and "Export PDF" not in page
    drawn = site.get(f"{address}/report.html?attempt=1")
    assert "One number in this report could not be traced to a query." in drawn.text
    assert "<mark>€9 [?]</mark>" in drawn.text and "script-src" not in drawn.headers["content-security-policy"]
    assert site.get(f"{address}/report.pdf?attempt=1").status_code == 404
