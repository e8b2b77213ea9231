"""What a parse of the DAG file reads of each job, on both databases."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from builders.saved import NOW, a_job, save_job
from interact.jobs.stored import Published
from interact.store import jobs, values
from interact.store.published import published
from interact.store.sessions import Session, Store
from interact.store.values import KeptValues

QUERY = "SELECT DISTINCT market FROM loads"
ASKED: dict[str, Any] = {
    "market": {"query": QUERY, "default": "*"},
    "channel": {"values": ["search"], "default": "search"},
}
READ = KeptValues(QUERY, ("NL", "BÉ"), NOW)


def known(session: Session, *, only: str | None = None) -> list[dict[str, Any]]:
    """Return what each published job knows of its queries."""
    return [dict(Published.of(row).known) for row in published(session, only=only)]


def test_a_job_has_what_its_query_returned_last(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session, parameters=ASKED)
        assert known(session) == [{}]
        values.keep(session, job.job_id, "market", READ)
    with store.reading() as session:
        assert known(session) == [{"market": ["NL", "BÉ"]}]


def test_values_of_another_query_are_left_out(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session, parameters=ASKED)
        values.keep(session, job.job_id, "market", READ)
        jobs.save(session, a_job(parameters={"market": {"query": "SELECT 'NL'"}}), now=NOW)
        assert known(session) == [{}]


def test_values_of_a_parameter_that_is_gone_or_lists_its_own_are_left_out(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session, parameters={"market": {"values": ["NL"]}})
        values.keep(session, job.job_id, "market", READ)
        values.keep(session, job.job_id, "gone", READ)
        assert known(session) == [{}]


def test_a_task_gets_no_values_since_only_the_form_shows_them(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session, parameters=ASKED)
        values.keep(session, job.job_id, "market", READ)
        assert known(session, only=job.dag_id) == [{}]


def test_a_deleted_job_is_there_for_its_tasks_alone(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        jobs.mark_deleted(session, job.job_id, now=NOW)
        assert published(session) == []
        assert [row["job_id"] for row in published(session, only=job.dag_id)] == [job.job_id]


def test_a_row_is_plain_so_that_the_last_good_parse_can_be_written_down(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session, parameters=ASKED, schedule="0 8 * * 1")
        values.keep(session, job.job_id, "market", READ)
    with store.reading() as session:
        rows = published(session)
    assert json.loads(json.dumps(rows)) == rows


@pytest.mark.parametrize("broken", ["[]", '"text"', '{"parameters": null}', '{"parameters": {"market": "NL"}}'])
def test_a_definition_that_is_none_hides_neither_itself_nor_the_others(store: Store, broken: str) -> None:
    with store.writing() as session:
        job = save_job(session, parameters=ASKED)
        save_job(session, key="other")
        values.keep(session, job.job_id, "market", READ)
        spoil = text("UPDATE job_versions SET definition = :broken WHERE job_id = :job_id")
        session.execute(spoil, {"broken": broken, "job_id": job.job_id})
        found = {row["job_id"]: row["known"] for row in published(session)}
    assert len(found) == 2
    assert found[job.job_id] == {}
