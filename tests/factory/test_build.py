"""The DAG of a job is the same at each parse, and says what the product says."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.serialization.serialized_objects import DagSerialization

from builders.story import a_desk, a_job
from interact.factory.build import batches, build
from interact.jobs.definition import Parameter
from interact.jobs.stored import Published
from interact.settings import read
from interact.store.published import published

SETTINGS = read({"AIRFLOW_HOME": "/srv/airflow"})


def a_stored_job(folder: Path, **changes: Any) -> Published:
    """Return a job as a parse of the DAG file reads it from the store."""
    desk = a_desk(folder)
    a_job(desk, **changes)
    with desk.store.reading() as session:
        (row,) = published(session)
    return Published.of(row)


def test_a_job_is_four_tasks_in_a_row_and_only_the_second_is_mapped(tmp_path: Path) -> None:
    dag = build(a_stored_job(tmp_path), SETTINGS)
    assert [task.task_id for task in dag.topological_sort()] == ["begin", "ask", "render", "announce"]
    assert [task.task_id for task in dag.tasks if task.is_mapped] == ["ask"]
    assert dag.get_task("ask").pool == "interact"
    assert (dag.max_active_runs, dag.catchup, dag.is_paused_upon_creation) == (1, False, False)


@pytest.mark.parametrize("markets", [["NL"], [str(number) for number in range(30)]])
def test_every_task_has_an_end_so_that_none_holds_up_the_jobs_next_run(tmp_path: Path, markets: list[str]) -> None:
    parameters = {"market": {"values": markets, "default": markets}}
    dag = build(a_stored_job(tmp_path, time_limit_minutes=7, parameters=parameters), SETTINGS)
    minutes = {task.task_id: task.execution_timeout / timedelta(minutes=1) for task in dag.tasks}
    assert minutes == {"begin": 5, "ask": 7, "render": 15, "announce": 5}


@pytest.mark.parametrize(("markets", "hours"), [(["NL"], 7), ([str(number) for number in range(30)], 10)])
def test_a_run_that_no_tasks_limit_reaches_ends_too(tmp_path: Path, markets: list[str], hours: int) -> None:
    parameters = {"market": {"values": markets, "default": markets}}
    dag = build(a_stored_job(tmp_path, time_limit_minutes=30, parameters=parameters), SETTINGS)
    assert dag.dagrun_timeout == timedelta(hours=hours)


def test_the_first_task_outlasts_a_store_that_is_away_for_ten_minutes(tmp_path: Path) -> None:
    begin = build(a_stored_job(tmp_path), SETTINGS).get_task("begin")
    waits = [min(begin.retry_delay * begin.retry_exponential_backoff**n, begin.max_retry_delay) for n in range(6)]
    assert begin.retries == len(waits)
    assert sum(waits, timedelta()) >= timedelta(minutes=10)


def test_the_same_job_gives_the_same_dag_bit_by_bit(tmp_path: Path) -> None:
    job = a_stored_job(tmp_path)
    first, second = (json.dumps(DagSerialization.to_dict(build(job, SETTINGS)), sort_keys=True) for _ in range(2))
    assert first == second


def test_a_private_jobs_dag_says_nothing_but_whose_it_is(tmp_path: Path) -> None:
    job = a_stored_job(tmp_path, visibility="private", name="Takeover of Acme")
    text = json.dumps(DagSerialization.to_dict(build(job, SETTINGS)))
    assert job.job.dag_id.startswith("interact_private_")
    assert build(job, SETTINGS).dag_display_name == "Private job of ada"
    assert "Acme" not in text


def test_no_prompt_is_in_the_dag(tmp_path: Path) -> None:
    job = a_stored_job(tmp_path, prompt="Secret question about {{ market }}")
    assert "Secret question" not in json.dumps(DagSerialization.to_dict(build(job, SETTINGS)))


def test_the_trigger_form_offers_the_values_and_takes_one_or_many(tmp_path: Path) -> None:
    schema = build(a_stored_job(tmp_path), SETTINGS).params.get_param("market").schema
    assert schema["type"] == ["array", "string"]
    assert schema["examples"] == ["NL", "BE", "DE"]
    assert schema["items"] == {"type": "string", "enum": ["NL", "BE", "DE"]}


def test_a_parameter_without_a_default_has_to_be_filled_in(tmp_path: Path) -> None:
    job = a_stored_job(tmp_path, parameters={"market": {"values": ["NL"]}})
    assert not build(job, SETTINGS).params.get_param("market").has_value


@pytest.mark.parametrize(("sizes", "count"), [([], 1), ([3], 1), ([25], 1), ([26], 2), ([100, 100], 40)])
def test_one_task_renders_up_to_25_chats(sizes: list[int], count: int) -> None:
    many = {f"p{n}": Parameter(values=tuple(str(v) for v in range(size))) for n, size in enumerate(sizes)}
    assert batches(many) == count


def test_a_queue_is_taken_from_the_settings(tmp_path: Path) -> None:
    settings = read({"AIRFLOW_HOME": "/srv/airflow", "INTERACT_QUEUE": "agents", "INTERACT_POOL": "own"})
    dag = build(a_stored_job(tmp_path), settings)
    assert {task.queue for task in dag.tasks} == {"agents"}
    assert dag.get_task("ask").pool == "own"
