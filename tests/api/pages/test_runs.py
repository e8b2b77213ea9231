"""The page of a run: how its chats are going, when it began and on which data, and what came of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import underway
from builders.airflow_tables import save_dag_run
from builders.counting import counted
from builders.signed_in import bearer
from builders.story import Says, a_desk, a_job, answered, with_report
from interact.chats.record import AssetLoad, Run
from interact.jobs.stored import StoredJob
from interact.runs.accept import Accepted, Ask, accept
from interact.runs.announce import announce
from interact.runs.desk import Desk
from interact.store import chats, jobs, runs

DUE = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
LOADED = datetime(2026, 11, 22, 6, 42, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>"


@dataclass
class Pages:
    """A client of the pages for ada, on a store of its own."""

    client: Any
    desk: Desk


@pytest.fixture
def pages(tmp_path: Path, airflow_database: None) -> Iterator[Pages]:
    """Give the client."""
    from fastapi.testclient import TestClient

    from interact.api.app import pages_app

    desk = a_desk(tmp_path)
    with TestClient(pages_app(desk), headers=bearer("ada")) as client:
        yield Pages(client, desk)


@pytest.fixture
def fan_out(site: Any) -> Accepted:
    """Give a run of three markets that Airflow has taken."""
    accepted = accept(
        site.found.desk, Ask(site.found.jobs["weekly"].job_id, {"market": ["NL", "BE", "DE"]}, "user:ada")
    )
    underway.of(site.found.desk, accepted).taken()
    return accepted


def report_tab(pages: Pages, job: StoredJob) -> str:
    """Return what Airflow shows in the tab Report of the one run."""
    text: str = pages.client.get(f"/dags/{job.dag_id}/runs/scheduled__1").text
    return text


def words(page: str) -> str:
    """Return a page's words below its head, without tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", page[page.index("<main") :]).split())


def seen(page: str) -> str:
    """Return what a page says that it has seen."""
    found = re.search(r'hx-get="[^"]*live\?seen=([^"&]+)', page)
    return found[1] if found else ""


def lines(page: str) -> list[str]:
    """Return the lines of the chats that are under way."""
    body = re.search(r'<table class="list progress".*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    return (
        [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL)]
        if body
        else []
    )


def begun(desk: Desk, job: StoredJob, *, late: timedelta = timedelta(0), **changes: Any) -> Run:
    """A run with one answered chat that began so late for DUE."""
    with desk.store.writing() as session:
        snapshot = jobs.snapshot(session, job.job_id)
        assert snapshot is not None
        plain = {"run_id": "run_0000000000aa", "dag_run_id": "scheduled__1", "initiator": "schedule", "run_after": DUE}
        values = {"snapshot": snapshot, "combinations": ({"market": "NL"},), "prompts": ("What did NL spend?",)}
        run, opened = runs.accept(session, runs.Acceptance(**(plain | values | changes)), now=DUE)
        runs.mark_started(session, run.run_id, at=DUE + late, clear_number=0)
    answered(desk, opened[0].chat_id, Says(with_report))
    save_dag_run(job.dag_id, run.dag_run_id, state="running", run_after=DUE)
    return run


def test_a_late_run_says_how_late_and_one_on_time_does_not(pages: Pages) -> None:
    job = a_job(pages.desk)
    begun(pages.desk, job, late=timedelta(minutes=68), due_at=DUE)
    page = report_tab(pages, job)
    assert "planned for 23 Nov 2026, 08:00 CET" in page
    assert "began 1 h 8 min late, 23 Nov 2026, 09:08 CET" in page
    other = a_job(pages.desk, key="other")
    begun(pages.desk, other, late=timedelta(seconds=60), due_at=DUE, run_id="run_0000000000ab")
    assert "late" not in words(report_tab(pages, other))


@pytest.mark.parametrize("load", [{"loaded_at": DUE + timedelta(minutes=39)}, {"loaded_at": None, "late": True}])
def test_a_run_that_waited_for_its_data_says_so_instead(pages: Pages, load: dict[str, Any]) -> None:
    job = a_job(pages.desk)
    data = (AssetLoad("orders", dag_id=None, **load),)
    begun(pages.desk, job, late=timedelta(minutes=40), due_at=DUE, data=data)
    page = report_tab(pages, job)
    assert "waited 40 min for its data, until 23 Nov 2026, 08:40 CET" in page
    assert "began" not in page


def test_a_run_with_data_says_when_each_asset_was_loaded_and_marks_what_was_late(pages: Pages) -> None:
    job = a_job(pages.desk)
    loads = (AssetLoad("orders", LOADED, "orders_load"), AssetLoad(HOSTILE, None, "<b>", late=True))
    begun(pages.desk, job, data=loads)
    page = report_tab(pages, job)
    assert "<td>orders</td><td>22 Nov 2026, 07:42 CET</td><td>orders_load</td>" in page
    assert 'no load known <span class="late">had not arrived</span></td><td>&lt;b&gt;</td>' in page
    assert "Not all data had arrived." in page
    assert HOSTILE not in page


def test_a_run_without_data_says_nothing_of_it(pages: Pages) -> None:
    job = a_job(pages.desk)
    begun(pages.desk, job)
    assert "asset" not in words(report_tab(pages, job))


def test_the_times_of_a_page_are_those_of_the_jobs_zone(pages: Pages) -> None:
    job = a_job(pages.desk, timezone="Asia/Tokyo")
    begun(pages.desk, job, data=(AssetLoad("orders", LOADED, None),))
    page = report_tab(pages, job)
    assert "23 Nov 2026, 16:00 JST" in page
    assert "22 Nov 2026, 15:42 JST" in page


def test_the_chats_of_a_run_are_told_line_by_line_while_it_goes_on(site: Any, fan_out: Accepted) -> None:
    desk, address = site.found.desk, f"/runs/{fan_out.run.run_id}"
    assert lines(site.get(address).text) == [f"{market} queued waits for its turn" for market in ("NL", "BE", "DE")]
    first, second = underway.of(desk, fan_out), underway.of(desk, fan_out, 1)
    first.begun()
    first.queried("Totals")
    second.begun()
    page = site.get(address).text
    assert lines(page)[:2] == ["NL running 1 query so far", "BE running reads the question"]
    assert "0 of 3 chats are answered so far." in page and "Side by side" not in page
    first.answered("Spend was 12.", with_report=True)
    first.drawn()
    assert re.fullmatch(r"NL completed answered in [\w ]+ s, 1 query, report drawn", lines(site.get(address).text)[0])


def test_what_a_browser_has_seen_of_a_run_is_not_sent_again(site: Any, fan_out: Accepted) -> None:
    live = f"/runs/{fan_out.run.run_id}/live?seen="
    chat = underway.of(site.found.desk, fan_out)
    token = seen(site.get(f"/runs/{fan_out.run.run_id}").text)
    assert site.get(live + token).status_code == 204
    for step in (chat.begun, lambda: chat.queried("Totals"), lambda: chat.answered("12", with_report=True), chat.drawn):
        step()
        part = site.get(live + token)
        assert part.status_code == 200 and "<html" not in part.text
        token = seen(part.text)
        assert site.get(live + token).status_code == 204


def test_a_run_that_has_ended_gives_way_to_its_comparison(site: Any, fan_out: Accepted) -> None:
    desk, run = site.found.desk, fan_out.run
    for number in range(3):
        answered(desk, fan_out.chats[number].chat_id, Says(with_report))
    token = seen(site.get(f"/runs/{run.run_id}").text)
    announce(desk, dag_id=run.dag_id, dag_run_id=run.dag_run_id)
    part = site.get(f"/runs/{run.run_id}/live?seen={token}").text
    assert "Side by side" in part and seen(part) == ""
    assert "Run again" in part and "Cancel" not in part


def test_looking_at_a_run_again_costs_as_few_looks_with_many_chats(site: Any) -> None:
    desk, job_id = site.found.desk, site.found.jobs["weekly"].job_id
    counts = []
    for markets in (["NL", "BE"], ["NL", "BE", "DE"]):
        accepted = accept(desk, Ask(job_id, {"market": markets}, "user:ada"))
        underway.of(desk, accepted).taken()
        token = seen(site.get(f"/runs/{accepted.run.run_id}").text)
        with counted(desk.store) as statements:
            assert site.get(f"/runs/{accepted.run.run_id}/live?seen={token}").status_code == 204
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 7


def test_a_run_that_airflow_ended_is_closed_by_looking(site: Any, fan_out: Accepted) -> None:
    token = seen(site.get(f"/runs/{fan_out.run.run_id}").text)
    underway.of(site.found.desk, fan_out).ended_in_airflow()
    part = site.get(f"/runs/{fan_out.run.run_id}/live?seen={token}").text
    assert part.count("was ended in Airflow as") == 1  # of all three, said once
    assert seen(part) == ""


def test_a_run_of_one_chat_is_that_chats_page(site: Any) -> None:
    run, chat = (
        site.get(address).text
        for address in (f"/runs/{site.found.runs['check']}", f"/chats/{site.found.chats['check']}")
    )
    assert words(run) == words(chat)
    assert 'aria-label="Chats of this run"' not in run


def test_a_chat_of_several_opens_below_its_runs_address_too(site: Any) -> None:
    run_id, chat_id = site.found.runs["weekly"], site.found.chats["weekly"]
    assert words(site.get(f"/runs/{run_id}?chat={chat_id}").text) == words(site.get(f"/chats/{chat_id}").text)
    other = site.get(f"/runs/{run_id}?chat={site.found.chats['private']}").text
    assert "Takeover" not in other and 'aria-current="page">All</a>' in other


def test_the_tab_in_airflow_is_the_runs_page(site: Any) -> None:
    desk, run_id = site.found.desk, site.found.runs["weekly"]
    with desk.store.reading() as session:
        run = runs.by_id(session, run_id)
    assert words(site.get(f"/dags/{run.dag_id}/runs/{run.dag_run_id}").text) == words(site.get(f"/runs/{run_id}").text)
    assert site.get(f"/dags/{run.dag_id}/runs/{run.dag_run_id}", "eve").status_code == 404


def test_a_cancelled_run_says_once_by_whom(site: Any) -> None:
    page = site.get(f"/runs/{site.found.runs['cancelled']}").text
    assert page.count("Cancelled by ada.") == 1 and "user:ada" not in page
    assert f'action="/runs/{site.found.runs["cancelled"]}/rerun"' in page


def test_a_run_that_could_not_begin_says_why(site: Any) -> None:
    desk, job = site.found.desk, site.found.jobs["check"]
    with desk.store.writing() as session:
        snapshot = jobs.snapshot(session, job.job_id)
        assert snapshot is not None
        plain = {"run_id": "run_0000000000zz", "dag_run_id": "m", "initiator": "airflow", "run_after": DUE}
        runs.accept(session, runs.Acceptance(snapshot=snapshot, combinations=(), prompts=(), **plain), now=DUE)
    assert "This run has no chat yet." in site.get("/runs/run_0000000000zz").text
    with desk.store.writing() as session:
        runs.mark_ended(session, "run_0000000000zz", verdict="failed", reason=f"No {HOSTILE}.", at=DUE)
    page = site.get("/runs/run_0000000000zz").text
    assert "No &lt;script&gt;" in page and "Run again" not in page


@pytest.mark.parametrize("who", ["bob", "ivy", "eve"])
@pytest.mark.parametrize("path", ["", "/live", "/rollup.pdf", "/rollup.html"])
def test_a_private_run_is_its_owners_alone(site: Any, who: str, path: str) -> None:
    with site.found.desk.store.writing() as session:
        files = chats.Rendered(html_sha256="ab" * 32, pdf_sha256="ab" * 32)
        runs.set_rollup(session, site.found.runs["private"], "{}", files)
    hidden, absent = (
        site.get(f"/runs/{run_id}{path}", who) for run_id in (site.found.runs["private"], "run_000000000000")
    )
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert re.sub(r"run_[a-z0-9]{12}", "", hidden.text) == re.sub(r"run_[a-z0-9]{12}", "", absent.text)
