"""Stored jobs become DAGs, whatever happens to one of them or to the store."""

import errno
import json
import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.definitions.context import _AIRFLOW_PARSING_CONTEXT_DAG_ID
from sqlalchemy import text

from builders.story import a_desk, a_job
from interact.errors import StoreUnavailable
from interact.factory.publish import publish
from interact.factory.snapshot import Parse
from interact.runs.desk import Desk
from interact.store import values
from interact.store.values import KeptValues


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk with three jobs."""
    desk = a_desk(tmp_path)
    for number in range(3):
        a_job(desk, key=f"job-{number}", name=f"Job {number}")
    return desk


def published(desk: Desk, parse: Parse | None = None) -> dict[str, Any]:
    """Return what a DAG file's namespace holds."""
    namespace: dict[str, Any] = {}
    publish(namespace, desk.settings, parse=parse)
    return namespace


def by_processor(at: float, process_id: int = 7) -> Parse:
    """A parse by the DAG processor at a second."""
    return Parse(at, process_id, window_seconds=30)


def spoil(desk: Desk, definition: str) -> None:
    """Break one stored job."""
    with desk.store.writing() as session:
        session.execute(
            text("UPDATE job_versions SET definition = :d WHERE job_id = (SELECT id FROM jobs WHERE key = 'job-1')"),
            {"d": definition},
        )


def test_every_job_is_one_dag_under_its_own_id(desk: Desk) -> None:
    found = published(desk)
    assert len(found) == 3
    assert all(isinstance(dag, DAG) and dag.dag_id == name for name, dag in found.items())


@pytest.mark.parametrize("broken", ['{"key": "job-1"}', "[]", '"text"'])
def test_one_broken_job_does_not_stop_the_others_and_is_logged(
    desk: Desk, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(desk, broken)
    with caplog.at_level(logging.ERROR):
        assert len(published(desk)) == 2
    assert "could not be made into a DAG; the others are published" in caplog.text


def test_inside_a_task_only_the_asked_dag_is_built(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = sorted(published(desk))[1]
    monkeypatch.setenv(_AIRFLOW_PARSING_CONTEXT_DAG_ID, wanted)
    assert list(published(desk)) == [wanted]


def test_inside_a_task_the_dag_has_no_schedule_since_that_takes_time_to_import(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = a_job(desk, key="job-1", name="Job 1", schedule="0 8 * * 1")
    assert published(desk)[job.dag_id].schedule is not None
    monkeypatch.setenv(_AIRFLOW_PARSING_CONTEXT_DAG_ID, job.dag_id)
    assert published(desk)[job.dag_id].schedule is None


def test_inside_a_task_the_dag_has_no_parameters_so_that_an_edit_fails_no_run_under_way(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = sorted(published(desk))[1]
    assert list(published(desk)[wanted].params) == ["market", "_send_to"]
    monkeypatch.setenv(_AIRFLOW_PARSING_CONTEXT_DAG_ID, wanted)
    assert list(published(desk)[wanted].params) == []


def test_a_store_that_cannot_be_read_gives_the_jobs_of_the_last_good_parse(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    before = sorted(published(desk))
    lose_store(desk)
    with caplog.at_level(logging.ERROR):
        assert sorted(published(desk)) == before
    assert "The jobs of the last good parse are published instead" in caplog.text


def test_without_a_last_good_parse_the_fault_is_raised(desk: Desk) -> None:
    lose_store(desk)
    with pytest.raises(StoreUnavailable, match=r"interact\.db"):
        published(desk)


def test_a_parse_inside_a_task_keeps_no_snapshot_of_one_job(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(_AIRFLOW_PARSING_CONTEXT_DAG_ID, "interact_job_0_none")
    assert published(desk) == {}
    assert not (desk.settings.home / "published.json").exists()


def test_the_snapshot_is_for_its_owner_and_group_whatever_the_umask(desk: Desk) -> None:
    before = os.umask(0)
    try:
        published(desk)
    finally:
        os.umask(before)
    assert (desk.settings.home / "published.json").stat().st_mode & 0o777 == 0o640


def test_soon_after_a_parse_of_everything_only_what_changed_is_published(desk: Desk) -> None:
    assert len(published(desk, by_processor(100))) == 3
    assert published(desk, by_processor(101)) == {}
    a_job(desk, key="job-1", name="Another name")
    a_job(desk, key="job-9", name="Job 9")
    found = published(desk, by_processor(102))
    assert sorted(dag.dag_display_name for dag in found.values()) == ["Another name", "Job 9"]
    assert len(published(desk, by_processor(129.9))) == 2
    assert len(published(desk, by_processor(130))) == 4


def test_a_dag_is_published_anew_when_the_values_of_its_query_change(desk: Desk) -> None:
    campaign = {"campaign": {"query": "SELECT campaign FROM loads"}}
    job = a_job(desk, key="job-1", name="Job 1", prompt="What did {{ campaign }} spend?", parameters=campaign)
    published(desk, by_processor(100))
    with desk.store.writing() as session:
        read = KeptValues("SELECT campaign FROM loads", ("Brand", "Generic"), datetime.now(UTC))
        values.keep(session, job.job_id, "campaign", read)
    found = published(desk, by_processor(101))
    assert list(found) == [job.dag_id]
    assert found[job.dag_id].params.get_param("campaign").schema["examples"] == ["*", "Brand", "Generic"]


def test_a_change_that_is_taken_back_is_published_too(desk: Desk) -> None:
    published(desk, by_processor(100))
    a_job(desk, key="job-1", name="Another name")
    published(desk, by_processor(101))
    a_job(desk, key="job-1", name="Job 1")
    (dag,) = published(desk, by_processor(102)).values()
    assert dag.dag_display_name == "Job 1"


@pytest.mark.parametrize(
    "parse", [by_processor(101, process_id=8), by_processor(99), Parse(101, None, window_seconds=30)]
)
def test_a_new_dag_processor_a_clock_that_was_set_and_people_get_everything(desk: Desk, parse: Parse) -> None:
    published(desk, by_processor(100))
    assert len(published(desk, parse)) == 3


def test_without_the_mark_of_the_dag_processor_each_parse_is_of_everything(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [len(published(desk)) for _ in range(2)] == [3, 3]
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "client")
    assert [len(published(desk)) for _ in range(2)] == [3, 0]


def test_a_lost_store_gives_the_changes_of_the_last_parse_too(desk: Desk) -> None:
    published(desk, by_processor(100))
    a_job(desk, key="job-9", name="Job 9")
    published(desk, by_processor(101))
    lose_store(desk)
    assert len(published(desk, by_processor(102))) == 4


BAD = ["", '{"rows": [', "null", "[]", '{"rows": null}', '{"rows": [1], "whole_at": 1, "processor": 7, "marks": {}}']


@pytest.mark.parametrize("bad", BAD)
def test_a_snapshot_that_cannot_be_read_stops_no_job_and_is_written_anew(desk: Desk, bad: str) -> None:
    (desk.settings.home / "published.json").write_text(bad)
    assert len(published(desk, by_processor(100))) == 3
    assert published(desk, by_processor(101)) == {}


def test_a_snapshot_of_another_version_is_read_as_far_as_it_is_known(desk: Desk) -> None:
    published(desk, by_processor(100))
    file = desk.settings.home / "published.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "colour": "green"}))
    assert published(desk, by_processor(101)) == {}


def test_without_store_and_readable_snapshot_the_stores_fault_is_raised(desk: Desk) -> None:
    published(desk)
    (desk.settings.home / "published.json").write_text("{")
    lose_store(desk)
    with pytest.raises(StoreUnavailable, match=r"interact\.db"):
        published(desk)


def test_a_snapshot_that_cannot_be_opened_or_written_lets_all_jobs_be_published(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    file = desk.settings.home / "published.json"
    (file / "in the way").mkdir(parents=True)
    assert [len(published(desk, by_processor(100 + second))) for second in range(2)] == [3, 3]
    assert "published.json cannot be written: " in caplog.text
    assert [path.name for path in desk.settings.home.glob("published.*")] == ["published.json"]


def test_a_change_that_cannot_be_noted_is_published_with_everything(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    published(desk, by_processor(100))
    a_job(desk, key="job-1", name="Another name")
    monkeypatch.setattr(Path, "replace", full)
    assert len(published(desk, by_processor(101))) == 3
    monkeypatch.undo()
    assert len(published(desk, by_processor(102))) == 1


def lose_store(desk: Desk) -> None:
    """Take the store's file away, as a new process would find it."""
    for file in desk.settings.home.glob("interact.db*"):
        file.rename(file.with_name(f"lost-{file.name}"))
    desk.store._engine = None
