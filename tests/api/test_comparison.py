"""The tab Report of a run with several chats: how they compare, why some were not answered, and the way to each."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from builders.airflow_tables import save_dag_run
from builders.rollups import FIVE, ROAS, answer, decline, opened_attempt
from builders.served import NARROW, a_page, served
from builders.signed_in import bearer
from builders.story import a_desk, a_job
from interact.api.comparison import TABS
from interact.chats.record import Chat, Run
from interact.runs.accept import Ask, accept
from interact.runs.announce import announce
from interact.runs.desk import Desk
from interact.store import chats, runs

HOSTILE = "<script>alert(1)</script>"


@dataclass
class Pages:
    """A client of the pages for ada, and a run of several markets."""

    client: Any
    desk: Desk
    run: Run
    chats: tuple[Chat, ...]

    def end(self) -> None:
        """End the run."""
        announce(self.desk, dag_id=self.run.dag_id, dag_run_id=self.run.dag_run_id)

    def whole(self, chat_id: str = "") -> str:
        """Return the run's page, with one chat or with the comparison."""
        query = f"?chat={chat_id}" if chat_id else ""
        text: str = self.client.get(f"/dags/{self.run.dag_id}/runs/{self.run.dag_run_id}{query}").text
        return text

    def page(self, chat_id: str = "") -> str:
        """Return the page without its head."""
        return self.whole(chat_id).split("</head>")[1]


@contextmanager
def fan_out(folder: Path, *markets: str, **job: Any) -> Iterator[Pages]:
    """Give the pages of a run of these markets."""
    from fastapi.testclient import TestClient

    from interact.api.app import pages_app

    desk = a_desk(folder)
    stored = a_job(desk, parameters={"market": {"values": markets, "default": markets}}, **job)
    accepted = accept(desk, Ask(stored.job_id, {}, "user:ada"))
    with TestClient(pages_app(desk), headers=bearer("ada"), follow_redirects=False) as client:
        yield Pages(client, desk, accepted.run, accepted.chats)


@pytest.fixture
def pages(tmp_path: Path, airflow_database: None) -> Iterator[Pages]:
    """Give the pages of a run of three markets."""
    with fan_out(tmp_path, "NL", "BE", "DE") as pages:
        yield pages


def tabs(page: str) -> list[str]:
    """Return the words of the tabs."""
    nav = page.partition('aria-label="Chats of this run">')[2].partition("</nav>")[0]
    return [re.sub(r"<[^>]*>", "", tab).strip() for tab in re.findall(r"<a [^>]*>(.*?)</a>", nav)]


def test_a_run_of_several_chats_opens_with_their_comparison(pages: Pages) -> None:
    answer(pages.desk, pages.chats[0], 100.0, 10, 300.0, 10.0, 3.0)
    answer(pages.desk, pages.chats[1], 300.0, 10, 300.0, 30.0, 1.0)
    decline(pages.desk, pages.chats[2])
    pages.end()
    page = pages.page()
    assert tabs(page) == ["All", "NL", "BE", "DE failed"]
    assert f'href="/runs/{pages.run.run_id}" aria-current="page">All</a>' in page
    assert "2 of 3 combinations were answered; DE was not. By CPA, NL is best (€10.00) and BE is worst" in page
    assert '<td class="number">3.00<span class="rank best">best</span></td>' in page
    assert '<td class="number">1.00<span class="rank worst">worst</span></td>' in page
    assert f'<a href="/chats/{pages.chats[2].chat_id}">DE</a> <span class="state failed">failed</span>' in page
    assert "I do not know &#39;weather&#39;.</li>" in page
    assert '<th scope="row">All together</th><td class="number">€400.00</td><td class="number">20</td>' in page
    assert "Export PDF" not in page


def test_each_chat_has_its_own_tab(pages: Pages) -> None:
    answer(pages.desk, pages.chats[1], 1.0, columns=(ROAS,))
    page = pages.page(pages.chats[1].chat_id)
    assert f'href="/chats/{pages.chats[1].chat_id}" aria-current="page">BE</a>' in page
    assert f'href="/runs/{pages.run.run_id}">All</a>' in page
    assert "What did BE spend?" in page and "Side by side" not in page


def test_a_run_of_one_chat_has_no_tabs(tmp_path: Path, airflow_database: None) -> None:
    with fan_out(tmp_path, "NL") as pages:
        answer(pages.desk, pages.chats[0], 1.0, columns=(ROAS,))
        assert tabs(pages.page()) == [] and "What did NL spend?" in pages.page()


def test_while_a_run_is_under_way_its_chats_show_how_they_stand(pages: Pages) -> None:
    answer(pages.desk, pages.chats[0], 1.0, columns=(ROAS,))
    opened_attempt(pages.desk, pages.chats[1])
    page = pages.page()
    assert "1 of 3 chats are answered so far." in page
    assert re.findall(r'data-label="State"><span class="state \w+">(\w+)', page) == ["completed", "running", "queued"]
    assert "Not answered" not in page


def test_a_comparison_of_earlier_answers_is_not_shown_for_newer_ones(pages: Pages) -> None:
    for chat in pages.chats:
        answer(pages.desk, chat, 4.5, columns=(ROAS,))
    pages.end()
    assert "4.50" in pages.page()
    save_dag_run(pages.run.dag_id, pages.run.dag_run_id, state="running", run_after=pages.run.run_after)
    opened_attempt(pages.desk, pages.chats[0])
    page = pages.page()
    assert "4.50" not in page and "2 of 3 chats are answered so far." in page


def test_when_all_failed_the_page_says_why_and_compares_nothing(pages: Pages) -> None:
    for chat in pages.chats:
        decline(pages.desk, chat, "The warehouse is away. Try again.")
    pages.end()
    page = pages.page()
    assert "None of the 3 combinations was answered." in page
    assert page.count("The warehouse is away.</li>") == 3
    assert "Side by side" not in page


def test_a_comparison_that_could_not_be_made_says_so(pages: Pages) -> None:
    for chat in pages.chats:
        answer(pages.desk, chat, 4.5, columns=(ROAS,))
    pages.end()
    with pages.desk.store.writing() as session:
        runs.set_rollup(session, pages.run.run_id, None, chats.Rendered(failure="The disk is full."))
    assert "The roll-up is missing: The disk is full." in pages.page()


def test_many_chats_are_reached_through_the_table(tmp_path: Path, airflow_database: None) -> None:
    with fan_out(tmp_path, *(f"M{number}" for number in range(TABS + 1))) as pages:
        assert tabs(pages.page()) == []
        assert tabs(pages.page(pages.chats[7].chat_id)) == ["All", "M7 queued"]
        assert all(f'href="/chats/{chat.chat_id}"' in pages.page() for chat in pages.chats)


def test_no_text_of_a_comparison_is_read_as_markup(tmp_path: Path, airflow_database: None) -> None:
    column = ROAS.model_copy(update={"label": HOSTILE})
    with fan_out(tmp_path, f"{HOSTILE}1", f"{HOSTILE}2", f"{HOSTILE}3", name=HOSTILE) as pages:
        answer(pages.desk, pages.chats[0], 1.0, columns=(column,))
        answer(pages.desk, pages.chats[1], 2.0, columns=(column,))
        decline(pages.desk, pages.chats[2], HOSTILE)
        pages.end()
        page = pages.page()
    assert HOSTILE not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 10


def test_a_drawn_comparison_is_given_as_pdf_and_page(pages: Pages) -> None:
    for chat in pages.chats:
        answer(pages.desk, chat, 4.5, columns=(ROAS,), with_report=True)
    pages.end()
    assert f'<a class="button primary" href="/runs/{pages.run.run_id}/rollup.pdf" download>' in pages.page()
    pdf = pages.client.get(f"/runs/{pages.run.run_id}/rollup.pdf")
    html = pages.client.get(f"/runs/{pages.run.run_id}/rollup.html")
    assert (pdf.status_code, pdf.headers["content-type"], pdf.content[:4]) == (200, "application/pdf", b"%PDF")
    assert pdf.headers["content-disposition"] == f'attachment; filename="rollup-{pages.run.run_id}.pdf"'
    assert "Comparison of 3 combinations" in html.text
    assert "script-src" not in html.headers["content-security-policy"]


@pytest.mark.parametrize("kind", ["pdf", "html"])
def test_what_is_not_drawn_is_not_found(pages: Pages, kind: str) -> None:
    assert pages.client.get(f"/runs/{pages.run.run_id}/rollup.{kind}").status_code == 404
    assert pages.client.get(f"/runs/run_zzzzzzzzzzzz/rollup.{kind}").status_code == 404


def test_a_private_jobs_comparison_is_its_owners_alone(tmp_path: Path, airflow_database: None) -> None:
    with fan_out(tmp_path, "NL", "BE", owner="bob", visibility="private") as pages:
        with pages.desk.store.writing() as session:
            files = chats.Rendered(html_sha256="ab" * 32, pdf_sha256="ab" * 32)
            runs.set_rollup(session, pages.run.run_id, "{}", files)
        addresses = (f"/runs/{pages.run.run_id}/rollup", f"/chats/{pages.chats[0].chat_id}")
        for address in (f"{addresses[0]}.pdf", f"{addresses[0]}.html", addresses[1]):
            told = pages.client.get(address)
            assert told.status_code == 404
            assert "Weekly" not in told.text


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_the_comparison_without_scrolling_the_page(pages: Pages, browser: Any, dark: bool) -> None:
    long = "a_market_with_a_name_that_never_ends_" * 5
    columns = tuple(column.model_copy(update={"label": column.label * 3}) for column in FIVE)
    for chat in pages.chats[:2]:
        answer(pages.desk, chat, 123456789.0, 10**9, 1e12, 1e9, 12345.678, columns=columns)
    decline(pages.desk, pages.chats[2], f"There is no {long}. Ask for another.")
    pages.end()
    with served(pages.desk) as address:
        phone = a_page(browser, address, dark=dark, viewport=NARROW)
        phone.goto(f"{address}/interact/runs/{pages.run.run_id}")
        assert phone.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        table = phone.get_by_role("group", name="Side by side")
        assert table.evaluate("each => each.scrollWidth > each.clientWidth")
        cell, page = (
            phone.evaluate(f"getComputedStyle(document.querySelector('{part}')).backgroundColor")
            for part in ("th[scope=row]", "body")
        )
        phone.context.close()
    assert cell == page  # What stays at the left while the rest scrolls lies over it.
