"""Why a run left no chats, as its page says it: the tab Report of what did not run."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from builders.airflow_tables import save_dag, save_dag_run
from builders.signed_in import bearer
from builders.story import a_desk, a_job
from interact.jobs.stored import StoredJob
from interact.runs.desk import Desk
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store import expected

DUE = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>"


@dataclass
class Pages:
    """A client of the pages for ada."""

    client: Any
    desk: Desk

    def run(self, dag_id: str, dag_run_id: str) -> Any:
        """Ask for a run's page."""
        return self.client.get(f"/dags/{dag_id}/runs/{quote(dag_run_id)}")


@pytest.fixture
def pages(tmp_path: Path, airflow_database: None) -> Iterator[Pages]:
    """Give the client."""
    from fastapi.testclient import TestClient

    from interact.api.app import pages_app

    desk = a_desk(tmp_path)
    with TestClient(pages_app(desk), headers=bearer("ada")) as client:
        yield Pages(client, desk)


def decide(desk: Desk, job: StoredJob, outcome: TimeOutcome, *, dag_run_id: str, reason: str | None = None) -> None:
    """Record what became of DUE."""
    time = ExpectedTime(job.job_id, DUE, outcome, reason, None, dag_run_id, None, DUE)
    with desk.store.writing() as session:
        expected.record(session, time)


@pytest.mark.parametrize(("outcome", "word"), [(TimeOutcome.SKIPPED, "skipped"), (TimeOutcome.NOT_RUN, "not run")])
def test_a_time_that_did_not_run_says_when_why_and_what_to_do(pages: Pages, outcome: TimeOutcome, word: str) -> None:
    job = a_job(pages.desk, schedule="0 8 * * 1")
    decide(pages.desk, job, outcome, dag_run_id="scheduled__1", reason=f"Run run_1 {HOSTILE} was still in progress.")
    page = pages.run(job.dag_id, "scheduled__1").text
    assert f">{word}</span>" in page
    assert "planned for 23 Nov 2026, 08:00 CET" in page
    assert "Run run_1 &lt;script&gt;alert(1)&lt;/script&gt; was still in progress." in page
    assert "clear this run in Airflow" in page and "press Trigger" in page


def test_a_time_that_another_run_took_leads_there(pages: Pages) -> None:
    job = a_job(pages.desk, schedule="0 8 * * 1")
    decide(pages.desk, job, TimeOutcome.RAN, dag_run_id="asset_triggered__2026-11-23T07:40:00+00:00")
    save_dag_run(job.dag_id, "scheduled__1", state="success", run_after=DUE)
    page = pages.run(job.dag_id, "scheduled__1").text
    assert "another one ran for this time" in page
    assert f'href="/dags/{job.dag_id}/runs/asset_triggered__2026-11-23T07%3A40%3A00%2B00%3A00"' in page


def test_a_run_that_ran_and_is_not_in_the_record_does_not_lead_to_itself(pages: Pages) -> None:
    job = a_job(pages.desk, schedule="0 8 * * 1")
    decide(pages.desk, job, TimeOutcome.RAN, dag_run_id="scheduled__1")
    page = pages.run(job.dag_id, "scheduled__1").text
    assert "not in the record any more" in page and "/runs/" not in page


def test_the_run_of_a_cut_off_leads_to_the_time_that_it_cut_off(pages: Pages) -> None:
    triggers = {"assets": ["orders"], "schedule": "and", "cutoff_minutes": 120}
    with_past(pages, job := a_job(pages.desk, schedule="0 8 * * 1", triggers=triggers))
    decide(pages.desk, job, TimeOutcome.SKIPPED, dag_run_id="scheduled__1", reason="Its agent is not active.")
    save_dag_run(job.dag_id, "scheduled__2", state="success", run_after=DUE + timedelta(hours=2))
    assert "Its agent is not active." in pages.run(job.dag_id, "scheduled__2").text


def with_past(pages: Pages, job: StoredJob) -> None:
    """Let a job's schedule have held for years."""
    from sqlalchemy import update

    from interact.store.tables import PeriodRow

    with pages.desk.store.writing() as session:
        session.execute(
            update(PeriodRow).where(PeriodRow.job_id == job.job_id).values(held_from=DUE.replace(year=2020))
        )


def test_a_time_that_waits_for_its_data_says_for_what_and_until_when(pages: Pages) -> None:
    triggers = {"assets": ["orders", "spend"], "schedule": "and", "cutoff_minutes": 1439, "at_cutoff": "skip"}
    due = datetime.now(UTC).replace(second=0, microsecond=0)
    job = a_job(pages.desk, schedule=f"{due.minute} {due.hour} * * *", timezone="UTC", triggers=triggers)
    with_past(pages, job)
    save_dag_run(job.dag_id, "scheduled__1", state="success", run_after=due)
    page = pages.run(job.dag_id, "scheduled__1").text
    assert ">waiting</span>" in page
    assert "It waits for all of &#39;orders&#39;, &#39;spend&#39; to be loaded, until" in page
    assert "after that it is skipped." in page


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("queued", "This run has not begun yet."),
        ("success", "asked nothing"),
        (None, "Airflow has no run of this name"),
    ],
)
def test_a_run_that_decided_nothing_says_so(pages: Pages, state: str | None, told: str) -> None:
    job = a_job(pages.desk)
    if state:
        save_dag_run(job.dag_id, "scheduled__1", state=state, run_after=DUE)
    assert told in pages.run(job.dag_id, "scheduled__1").text


def test_a_paused_dag_is_said_on_the_page_of_a_run_that_waits_for_it(pages: Pages) -> None:
    job = a_job(pages.desk)
    save_dag(job.dag_id, is_paused=True)
    save_dag_run(job.dag_id, "manual__1", state="queued", run_after=DUE)
    assert "Somebody paused its DAG" in pages.run(job.dag_id, "manual__1").text


def test_a_dag_that_is_not_ours_gets_one_sentence(pages: Pages) -> None:
    assert "not one of Interact&#39;s jobs" in pages.run("demo_warehouse_load", "manual__1").text


def test_a_private_job_that_did_not_run_is_nobodys_but_its_owners(pages: Pages) -> None:
    theirs = a_job(pages.desk, key="theirs", name="Takeover", owner="bob", visibility="private", schedule="0 8 * * 1")
    mine = a_job(pages.desk, key="mine", name="Garden", visibility="private", schedule="0 8 * * 1")
    for job in (theirs, mine):
        decide(pages.desk, job, TimeOutcome.SKIPPED, dag_run_id="scheduled__1", reason="A holiday.")
    hidden, shown = pages.run(theirs.dag_id, "scheduled__1"), pages.run(mine.dag_id, "scheduled__1")
    assert (hidden.status_code, shown.status_code) == (404, 200)
    assert "Takeover" not in hidden.text and "A holiday" not in hidden.text
    assert "A holiday." in shown.text
