"""What a parameter allows when a query says so: read when somebody asks, kept for when the warehouse is away."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from builders.doors import doors
from builders.timed import Story, a_story, at
from interact.chats.result import Value
from interact.errors import (
    NotFound,
    ParameterRefused,
    QueryFailed,
    QueryRefused,
    StoreUnavailable,
    WarehouseUnavailable,
)
from interact.jobs.stored import StoredAgent
from interact.runs.accept import Ask, accept
from interact.runs.account import account
from interact.runs.begin import begin
from interact.store import jobs, runs, values, watch

QUERY = "SELECT DISTINCT campaign FROM ad_performance ORDER BY campaign"


class Column:
    """A warehouse's column that a test fills; an exception stands for what goes wrong."""

    def __init__(self, *found: Value) -> None:
        self.found: tuple[Value, ...] | Exception = found
        self.asked: list[str] = []

    def __call__(self, agent: StoredAgent, sql: str, limit: int) -> tuple[Value, ...]:
        self.asked.append(sql)
        if isinstance(self.found, Exception):
            raise self.found
        return self.found[:limit]


@pytest.fixture
def story(tmp_path: Path) -> Callable[..., Story]:
    """Make the story of a job with the parameter campaign, whose values a query returns."""

    def make(prompt: str = "What did {{ campaign }} spend?", **parameter: Any) -> Story:
        return a_story(
            tmp_path,
            prompt=prompt,
            schedule=None,
            parameters={"campaign": {"query": QUERY, "default": "*"} | parameter},
        )

    return make


def asked(story: Story, column: Column | None, **given: object) -> list[str]:
    """Return the values that a trigger opens chats for."""
    accepted = accept(story.desk, Ask(story.job.job_id, given, "key:test"), column)
    return [chat.parameters["campaign"] for chat in accepted.chats]


def test_a_trigger_takes_what_the_query_returns_now(story: Callable[..., Story]) -> None:
    one, column = story(), Column("Brand", "Generic", None, "", "Brand")
    assert asked(one, column) == ["Brand", "Generic"]
    assert asked(one, column, campaign="Generic") == ["Generic"]
    with pytest.raises(ParameterRefused, match=r"does not take 'TikTok'. Allowed: 'Brand', 'Generic'"):
        asked(one, column, campaign="TikTok")
    assert column.asked == [QUERY]  # within a minute what was read is taken for what is there


def test_a_new_value_is_known_a_minute_later(story: Callable[..., Story]) -> None:
    one, column = story(), Column("Brand")
    asked(one, column)
    column.found = ("Brand", "TikTok")
    with pytest.raises(ParameterRefused):
        asked(one, column, campaign="TikTok")
    one.to(at("00:01"))
    assert asked(one, column, campaign="TikTok") == ["TikTok"]


def test_a_warehouse_that_is_away_leaves_what_was_read_last(story: Callable[..., Story]) -> None:
    one, column = story(), Column("Brand", "Generic")
    asked(one, column)
    one.to(at("08:00"))
    column.found = WarehouseUnavailable("The warehouse file 'w.duckdb' is not there.")
    assert asked(one, column) == ["Brand", "Generic"]
    assert asked(one, None) == ["Brand", "Generic"]


def test_without_any_values_a_warehouse_that_is_away_is_told(story: Callable[..., Story]) -> None:
    one, column = story(), Column()
    column.found = WarehouseUnavailable("The warehouse file 'w.duckdb' is not there.")
    for reader in (column, None):
        with pytest.raises(WarehouseUnavailable):
            asked(one, reader)


def test_a_changed_query_forgets_what_the_old_one_returned(story: Callable[..., Story]) -> None:
    one, column = story(), Column("Brand")
    asked(one, column)
    other = {"campaign": {"query": f"{QUERY} DESC", "default": "*"}}
    one.save("00:00", prompt="What did {{ campaign }} spend?", schedule=None, parameters=other)
    column.found = ("Generic",)
    assert asked(one, column) == ["Generic"]
    assert column.asked == [QUERY, f"{QUERY} DESC"]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (QueryRefused("The query reads 'secrets'."), "has a query that does not work: The query reads 'secrets'"),
        (QueryFailed("The warehouse could not run the query: no such column."), "no such column"),
        (("*",), "stands for all values"),
        (("two\nlines",), "one line of text"),
        (tuple(f"c{number}" for number in range(1001)), "returns more than 1,000 values. Write SELECT DISTINCT"),
        (("Brand", "NL "), "has a query that returns 'NL ', with blanks around it"),
        ((" ",), "returns ' ', with blanks around it"),
        (("x" * 201,), "takes 1 to 200 characters, not 201"),
    ],
)
def test_a_query_that_gives_no_values_is_told_by_the_parameters_name(
    story: Callable[..., Story], found: Any, told: str
) -> None:
    one, column = story(), Column()
    column.found = found
    with pytest.raises(ParameterRefused, match=r"Parameter 'campaign'") as refused:
        asked(one, column)
    assert told in str(refused.value)


def test_no_value_at_all_is_told(story: Callable[..., Story]) -> None:
    with pytest.raises(ParameterRefused, match="has no allowed value at the moment"):
        asked(story(), Column())


def test_numbers_and_dates_come_in_their_own_form(story: Callable[..., Story]) -> None:
    one = story(type="number", default="*")
    assert asked(one, Column(7.0, 14, "28", 0.5)) == ["7", "14", "28", "0.5"]
    with pytest.raises(ParameterRefused, match="takes a number"):
        asked(story(type="number", query=f"{QUERY} DESC"), Column("seven"))


def test_a_run_of_airflows_own_asks_the_warehouse_too(story: Callable[..., Story]) -> None:
    one, column = story(), Column("Brand", "Generic")
    begun = begin(one.desk, one.dag_run("08:00", run_type="manual", conf={"campaign": "*"}), one.airflow, column)
    assert [label for _, label in begun.chats] == ["Brand", "Generic"]


def test_a_run_that_cannot_ask_the_warehouse_is_tried_again_and_leaves_nothing(story: Callable[..., Story]) -> None:
    one, column = story(), Column()
    column.found = WarehouseUnavailable("The warehouse file 'w.duckdb' is not there.")
    dag_run = one.dag_run("08:00", run_type="manual")
    with pytest.raises(WarehouseUnavailable):
        begin(one.desk, dag_run, one.airflow, column)
    column.found = ("Brand",)
    assert len(begin(one.desk, dag_run, one.airflow, column).chats) == 1


def test_a_schedule_takes_the_values_that_are_named_for_it(tmp_path: Path) -> None:
    market = {"values": ["NL", "BE", "DE"], "default": "NL", "schedule": ["DE", "BE"]}
    one = a_story(tmp_path, parameters={"market": market})
    scheduled = one.begins("01:00")
    by_hand = one.begins("01:30", run_type="manual")
    assert [label for _, label in scheduled.chats] == ["DE", "BE"]
    assert [label for _, label in by_hand.chats] == ["NL"]


def test_the_watch_keeps_what_airflows_form_shows(story: Callable[..., Story]) -> None:
    one, column = story(), Column("Brand")
    account(one.desk, one.airflow, doors(read_column=column))
    column.found = ("Brand", "TikTok")
    for minutes, expected in ((5, ("Brand",)), (35, ("Brand", "TikTok"))):
        one.to(at("00:00") + timedelta(minutes=minutes))
        account(one.desk, one.airflow, doors(read_column=column))
        with one.desk.store.reading() as session:
            assert values.of_job(session, one.job.job_id)["campaign"].values == expected


def test_the_watch_goes_on_when_a_warehouse_is_away(story: Callable[..., Story]) -> None:
    one, column = story(), Column()
    column.found = WarehouseUnavailable("The warehouse file 'w.duckdb' is not there.")
    assert account(one.desk, one.airflow, doors(read_column=column)).faults == 0
    column.found = QueryRefused("The query reads 'secrets'.")
    assert account(one.desk, one.airflow, doors(read_column=column)).faults == 0


def test_the_watch_counts_a_fault_in_reading_them_and_goes_on(story: Callable[..., Story]) -> None:
    one, column = story(), Column()
    column.found = RuntimeError("secret")
    assert account(one.desk, one.airflow, doors(read_column=column)).faults == 1
    with one.desk.store.reading() as session:
        assert watch.last(session) == one.desk.now()


def test_a_store_that_is_away_while_values_are_read_refuses_no_run(story: Callable[..., Story]) -> None:
    one, column = story(), Column()
    column.found = StoreUnavailable("The store went away.")
    dag_run = one.dag_run("08:00", run_type="manual")
    with pytest.raises(StoreUnavailable):
        begin(one.desk, dag_run, one.airflow, column)
    with one.desk.store.reading() as session:
        assert runs.find(session, dag_id=dag_run.dag_id, dag_run_id=dag_run.dag_run_id) is None


def test_a_job_that_is_deleted_while_a_trigger_is_looked_at_takes_it_no_more(story: Callable[..., Story]) -> None:
    one = story()

    def deletes(*_: object) -> tuple[Value, ...]:
        with one.desk.store.writing() as session:
            jobs.mark_deleted(session, one.job.job_id, now=one.desk.now())
        return ("Brand",)

    with pytest.raises(NotFound, match=one.job.job_id):
        accept(one.desk, Ask(one.job.job_id, {}, "key:test"), deletes)


def test_a_job_without_queries_asks_no_warehouse(tmp_path: Path) -> None:
    one, column = a_story(tmp_path), Column("x")
    accept(one.desk, Ask(one.job.job_id, {}, "key:test"), column)
    account(one.desk, one.airflow, doors(read_column=column))
    assert column.asked == []
    with one.desk.store.reading() as session:
        assert jobs.snapshot(session, one.job.job_id) is not None
