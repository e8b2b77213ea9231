"""The DAG of a job is the same at each parse, and says what the product says."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.serialization.serialized_objects import DagSerialization

from builders.story import a_desk, a_job
from interact.factory.build import build, shares
from interact.jobs.parameters import Parameter
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


ONE, THIRTY = {"values": ["NL"]}, {"values": [str(number) for number in range(30)]}
ANY, ASKED = {"type": "text"}, {"query": "SELECT market FROM loads"}


@pytest.mark.parametrize(("market", "render"), [(ONE, 15), (THIRTY, 15), (ANY, 150), (ASKED, 150)])
def test_every_task_has_an_end_so_that_none_holds_up_the_jobs_next_run(
    tmp_path: Path, market: dict[str, Any], render: int
) -> None:
    dag = build(a_stored_job(tmp_path, time_limit_minutes=7, parameters={"market": market}), SETTINGS)
    minutes = {task.task_id: task.execution_timeout / timedelta(minutes=1) for task in dag.tasks}
    assert minutes == {"begin": 5, "ask": 7, "render": render, "announce": 5}


@pytest.mark.parametrize(
    ("market", "parallel_chats", "hours"),
    [(ONE, None, 7), (THIRTY, None, 10), (THIRTY, 2, 21), (THIRTY, 100, 10), (ANY, None, 131)],
)
def test_a_run_that_no_tasks_limit_reaches_ends_too(
    tmp_path: Path, market: dict[str, Any], parallel_chats: int | None, hours: int
) -> None:
    changes = {"parameters": {"market": market}, "parallel_chats": parallel_chats}
    dag = build(a_stored_job(tmp_path, time_limit_minutes=30, **changes), SETTINGS)
    assert dag.dagrun_timeout == timedelta(hours=hours)


def test_a_job_says_how_many_of_its_chats_are_answered_at_the_same_time(tmp_path: Path) -> None:
    ask = build(a_stored_job(tmp_path, parallel_chats=2), SETTINGS).get_task("ask")
    assert ask.max_active_tis_per_dagrun == 2


def test_a_job_that_does_not_say_so_leaves_it_to_the_pool(tmp_path: Path) -> None:
    assert build(a_stored_job(tmp_path), SETTINGS).get_task("ask").max_active_tis_per_dagrun is None


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


def test_the_trigger_form_has_the_jobs_parameters_in_their_order_and_who_is_told(tmp_path: Path) -> None:
    parameters = {"market": {"values": ["NL"], "default": "NL"}, "as_of": {"type": "date", "schedule": "2026-12-24"}}
    dag = build(a_stored_job(tmp_path, parameters=parameters), SETTINGS)
    assert [(name, dag.params.get_param(name).value) for name in dag.params] == [
        ("market", ["NL"]),
        ("as_of", "2026-12-24"),
        ("_send_to", "nobody"),
    ]


def test_the_form_offers_what_a_query_returned_last(tmp_path: Path) -> None:
    job = replace(a_stored_job(tmp_path, parameters={"market": ASKED}), known={"market": ["NL", "BE"]})
    assert build(job, SETTINGS).params.get_param("market").schema["examples"] == ["*", "NL", "BE"]


def test_inside_a_task_there_is_nothing_that_airflow_could_hold_against_a_run_under_way(tmp_path: Path) -> None:
    job = a_stored_job(tmp_path, schedule="0 8 * * 1")
    outside, inside = build(job, SETTINGS), build(job, SETTINGS, inside_task=True)
    assert (list(outside.params), list(inside.params)) == (["market", "_send_to"], [])
    assert inside.schedule is None
    assert [task.task_id for task in inside.tasks] == [task.task_id for task in outside.tasks]


@pytest.mark.parametrize(
    ("parameters", "count"),
    [([], 1), ([3], 1), ([25], 1), ([26], 2), ([100, 100], 40), ([3, 0], 4), ([0], 4)],
)
def test_one_task_renders_up_to_25_chats_and_four_render_what_nobody_can_count(
    parameters: list[int], count: int
) -> None:
    many = {
        f"p{n}": Parameter(values=tuple(str(v) for v in range(size))) if size else Parameter(type="text")
        for n, size in enumerate(parameters)
    }
    assert shares(many) == count


def test_each_render_task_knows_its_share(tmp_path: Path) -> None:
    render = build(a_stored_job(tmp_path, parameters={"market": THIRTY}), SETTINGS).get_task("render")
    assert (render.expand_input.value, render.partial_kwargs["of"]) == ({"share": [0, 1]}, 2)


def test_the_dags_page_says_what_it_is_and_where_to_change_it(tmp_path: Path) -> None:
    job = a_stored_job(tmp_path)
    assert build(job, SETTINGS).doc_md == (
        "An Interact job: it asks `analyst` once for each combination of its parameters. "
        f"What a run was answered, and its report, are in the run's tab *Report*. Its id is `{job.job.job_id}`."
    )
    kept = replace(job, job=replace(job.job, kept_in="briefings.yaml"))
    assert str(build(kept, SETTINGS).doc_md).endswith("`. Kept in `briefings.yaml`: change it there.")


def test_the_page_of_a_private_jobs_dag_names_no_file(tmp_path: Path) -> None:
    job = a_stored_job(tmp_path, visibility="private")
    told = str(build(replace(job, job=replace(job.job, kept_in="takeover.yaml")), SETTINGS).doc_md)
    assert told.startswith("A private Interact job: it asks an agent")
    assert told.endswith(f"*Report*, for its owner. Its id is `{job.job.job_id}`. Kept in a file: change it there.")


def test_a_queue_is_taken_from_the_settings(tmp_path: Path) -> None:
    settings = read({"AIRFLOW_HOME": "/srv/airflow", "INTERACT_QUEUE": "agents", "INTERACT_POOL": "own"})
    dag = build(a_stored_job(tmp_path), settings)
    assert {task.queue for task in dag.tasks} == {"agents"}
    assert dag.get_task("ask").pool == "own"
