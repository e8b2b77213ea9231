"""What is true of every door: the same model and data give the same answers, refusals and limits."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from builders.warehoused import MODEL, OpenDoor, duckdb_shop, postgres_shop, sqlite_shop
from interact.chats.result import Column
from interact.errors import DefinitionRefused, QueryFailed, QueryRefused, QueryStopped
from interact.warehouse.compile import compile_query
from interact.warehouse.guarded import GuardedDoor
from interact.warehouse.queries import Compiled, Filter, Limits, MetricQuery, Window

NOVEMBER = Window(date(2026, 11, 1), date(2026, 11, 30))
ENGINES = ["duckdb", "postgres", "sqlite"]


@contextmanager
def shop(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[OpenDoor]:
    if engine == "postgres":
        with postgres_shop(request.getfixturevalue("postgres_url")) as opening:
            yield opening
    else:
        with (duckdb_shop if engine == "duckdb" else sqlite_shop)(folder) as opening:
            yield opening


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def open_door(
    engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OpenDoor]:
    with shop(engine, request, tmp_path_factory.mktemp("doors")) as opening:
        yield opening


@pytest.fixture(scope="module")
def door(open_door: OpenDoor) -> GuardedDoor:
    """The door to the whole shop."""
    return open_door()


@pytest.fixture(scope="module")
def dutch_door(open_door: OpenDoor) -> GuardedDoor:
    """The door that shows the Netherlands only."""
    return open_door(country="NL")


def rows(door: GuardedDoor, sql: str) -> list[tuple[Any, ...]]:
    return list(door.query(sql, title="t").rows)


def revenue_by(*dimensions: str, **more: Any) -> MetricQuery:
    return MetricQuery(("revenue",), NOVEMBER, dimensions, **more)


def compiled(door: GuardedDoor, query: MetricQuery) -> Compiled:
    return compile_query(query, MODEL, dialect=door.dialect)


def test_a_compiled_query_gives_its_figures(door: GuardedDoor) -> None:
    result = door.run(compiled(door, revenue_by("channel")), title="Revenue by channel")
    assert result.rows == (("Web", 70.0), ("Shop", 80.0), ("Phone", 60.0)) or sorted(result.rows) == [
        ("Phone", 60.0),
        ("Shop", 80.0),
        ("Web", 70.0),
    ]
    assert [column.format for column in result.columns] == ["text", "currency"]


def test_a_compiled_query_follows_relationships(door: GuardedDoor) -> None:
    result = door.run(compiled(door, revenue_by("country")), title="t")
    assert result.rows == (("BE", 90.0), ("DE", 60.0), ("NL", 60.0))


def test_a_filter_of_the_run_holds_for_compiled_queries(dutch_door: GuardedDoor) -> None:
    assert dutch_door.run(compiled(dutch_door, revenue_by("country")), title="t").rows == (("NL", 60.0),)


def test_a_filter_of_the_run_holds_for_an_agents_own_sql(dutch_door: GuardedDoor) -> None:
    assert rows(dutch_door, "SELECT SUM(amount) AS a, COUNT(*) AS n FROM orders") == [(60.0, 3)]
    assert rows(dutch_door, "SELECT DISTINCT country FROM crm.customers WHERE country = 'BE' OR 1 = 1") == [("NL",)]


def test_a_dataset_that_does_not_lead_to_the_filter_is_not_there(dutch_door: GuardedDoor) -> None:
    told = r"reads 'budgets', which does not lead to 'country', and this run shows 'NL' only. Allowed: 'crm.customers'"
    with pytest.raises(QueryRefused, match=told):
        dutch_door.query("SELECT SUM(planned) AS p FROM budgets", title="t")


def test_members_are_those_of_the_rows_that_are_shown(door: GuardedDoor, dutch_door: GuardedDoor) -> None:
    assert door.members("country") == ("BE", "DE", "NL")
    assert door.members("channel") == ("Phone", "Shop", "Web")
    assert dutch_door.members("channel") == ("Shop", "Web")


def test_a_filter_that_tells_who_a_person_is_is_refused(open_door: OpenDoor) -> None:
    with pytest.raises(DefinitionRefused, match=r"'email' is `pii`"):
        open_door(email="anna@example.com")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT email FROM crm.customers",
        "SELECT c.email AS e FROM crm.customers AS c",
        "SELECT COUNT(DISTINCT email) AS n FROM crm.customers",
        "SELECT 1 AS one FROM orders AS o JOIN crm.customers AS c USING (email)",
        "SELECT MAX(q.e) AS m FROM (SELECT email AS e FROM crm.customers) AS q",
        "SELECT id FROM crm.customers ORDER BY email",
        "SELECT id FROM crm.customers GROUP BY id, email",
        "SELECT id, 1 AS email FROM crm.customers WHERE email LIKE 'a%'",
    ],
)
def test_a_column_that_tells_who_a_person_is_is_not_for_an_agents_sql(door: GuardedDoor, sql: str) -> None:
    with pytest.raises(QueryRefused, match=r"'email', which tells who a person is"):
        door.query(sql, title="t")


def test_a_star_shows_no_column_that_tells_who_a_person_is(door: GuardedDoor) -> None:
    result = door.query("SELECT * FROM crm.customers ORDER BY id", title="t")
    assert [column.name for column in result.columns] == ["country", "id"]
    assert result.rows[0] == ("NL", 1)


def test_columns_that_the_model_does_not_name_are_not_there(door: GuardedDoor) -> None:
    with pytest.raises(QueryRefused, match=r"no column 'salary' .there are 'country', 'id'"):
        door.query("SELECT salary FROM crm.customers", title="t")
    with pytest.raises(QueryRefused, match=r"reads 'staff'. Allowed: 'budgets', 'crm.customers', 'orders'"):
        door.query("SELECT person FROM staff", title="t")


def test_a_table_keeps_its_name_in_the_query(door: GuardedDoor) -> None:
    sql = "SELECT customers.country, COUNT(*) AS n FROM orders JOIN crm.customers ON customers.id = orders.customer_id "
    assert rows(door, sql + "GROUP BY customers.country ORDER BY 1") == [("BE", 2), ("DE", 1), ("NL", 3)]


def test_an_agents_columns_are_shown_by_their_values(door: GuardedDoor) -> None:
    result = door.query("SELECT day, channel, id, amount / 3 AS third FROM orders ORDER BY id LIMIT 1", title="First")
    assert result.columns == (
        Column(name="day", label="Day", format="date"),
        Column(name="channel", label="Channel", format="text"),
        Column(name="id", label="Id", format="integer"),
        Column(name="third", label="Third", format="number"),
    )
    assert result.rows == (("2026-11-01", "Web", 1, pytest.approx(3.3333333)),)
    assert (result.title, result.truncated, result.sql[:10]) == ("First", False, "SELECT day")


def test_two_columns_of_one_name_are_refused(door: GuardedDoor) -> None:
    with pytest.raises(QueryFailed, match=r"returned two columns 'a'. Name each by AS"):
        door.query("SELECT id AS a, channel AS a FROM orders", title="t")


def test_columns_that_were_not_announced_are_refused(door: GuardedDoor) -> None:
    wrong = Compiled("SELECT channel AS land FROM orders", (Column(name="channel", label="Channel"),))
    with pytest.raises(QueryFailed, match=r"returned the columns \['land'\]; \['channel'\] were expected"):
        door.run(wrong, title="t")


def test_a_column_gives_its_values_in_the_querys_order(door: GuardedDoor) -> None:
    assert door.column("SELECT DISTINCT channel FROM orders ORDER BY channel DESC", limit=2) == ("Web", "Shop")
    with pytest.raises(QueryRefused, match=r"exactly one named column"):
        door.column("SELECT id, channel FROM orders", limit=2)


def test_rows_bytes_and_cells_over_their_limit_are_cut_and_marked(open_door: OpenDoor) -> None:
    sql = "SELECT id, note FROM orders ORDER BY id"
    for limits, count in ((Limits(rows=2), 2), (Limits(result_bytes=30), 2), (Limits(cell_characters=3), 6)):
        result = open_door(limits=limits).query(sql, title="t")
        assert (len(result.rows), result.truncated) == (count, True)
    assert result.rows[0] == (1, "fir…")
    assert open_door(limits=Limits(rows=6)).query(sql, title="t").truncated is False


def test_texts_arrive_as_they_are(door: GuardedDoor) -> None:
    found = rows(door, "SELECT note FROM orders ORDER BY id")
    assert found == [("first",), (None,), ("O'Brien",), ("café 😀",), ("",), ("late",)]
    assert rows(door, "SELECT id FROM orders WHERE note = 'O''Brien'") == [(3,)]


VALUES = [
    ("duckdb postgres sqlite", "NULL", None),
    ("duckdb postgres", "true", True),
    ("duckdb postgres sqlite", "9007199254740993", 9007199254740993),
    ("duckdb postgres", "CAST('nan' AS DOUBLE PRECISION)", None),
    ("duckdb postgres", "CAST('-infinity' AS DOUBLE PRECISION)", None),
    ("postgres", "CAST('nan' AS NUMERIC)", None),
    ("sqlite", "9e999", None),
    ("duckdb postgres", "CAST('1.50' AS DECIMAL(9, 2))", 1.5),
    ("duckdb postgres", "DATE '2026-11-14'", "2026-11-14"),
    ("duckdb", "DATE '0044-03-15 (BC)'", "0044-03-15 (BC)"),
    ("duckdb postgres", "TIMESTAMP '2026-11-14 10:30:00'", "2026-11-14T10:30:00"),
    ("duckdb", "TIMESTAMPTZ '2026-11-14 10:30:00+02'", "2026-11-14T08:30:00+00:00"),
    ("postgres", "TIMESTAMPTZ '2026-11-14 10:30:00+02'", "2026-11-14T08:30:00+00:00"),
    ("duckdb postgres", "TIME '10:30:00'", "10:30:00"),
    ("duckdb postgres", "INTERVAL '1 day'", "1 day, 0:00:00"),
    ("duckdb", "[1, 2]", "[1, 2]"),
    ("postgres", "ARRAY[1, 2]", "[1, 2]"),
    ("duckdb", "{'a': [1]}", '{"a": [1]}'),
    ("postgres", """CAST('{"a": [1]}' AS JSONB)""", '{"a": [1]}'),
    ("duckdb", "'\\x00\\xFF'::BLOB", "\\x00ff"),
    ("postgres", "CAST('\\x00ff' AS BYTEA)", "\\x00ff"),
    ("sqlite", "X'00FF'", "\\x00ff"),
    ("duckdb", "UUID '48ba40e3-68ef-4610-9b17-fb5e9f88b609'", "48ba40e3-68ef-4610-9b17-fb5e9f88b609"),
    ("postgres", "CAST('48ba40e3-68ef-4610-9b17-fb5e9f88b609' AS UUID)", "48ba40e3-68ef-4610-9b17-fb5e9f88b609"),
    ("duckdb", "'a' || chr(0) || 'b'", "a\0b"),
    ("duckdb postgres sqlite", "'é€😀'", "é€😀"),
]


def test_values_arrive_as_json_can_hold_them(door: GuardedDoor, engine: str) -> None:
    """Past the guard, which lets few of them be written: a table may hold any."""
    limits = {"is_free": True, "seconds": 5.0, "rows": 10, "result_bytes": 10_000, "cell_characters": 1000}
    values = {value: shown for engines, value, shown in VALUES if engine in engines.split()}
    found = {value: door._exchanged({"sql": f"SELECT {value} AS a", **limits})["rows"][0][0] for value in values}
    assert found == values


def test_a_query_that_the_database_cannot_run_says_so_without_what_it_read(open_door: OpenDoor, engine: str) -> None:
    if engine == "sqlite":
        pytest.skip("SQLite casts whatever it is given.")
    with pytest.raises(QueryFailed, match=r"could not run the query: ") as raised:
        open_door().query("SELECT CAST(note AS INTEGER) AS n FROM orders WHERE id = 3", title="t")
    assert "Brien" not in str(raised.value)


def test_an_error_tells_nothing_of_rows_that_the_filter_takes_away(open_door: OpenDoor, engine: str) -> None:
    if engine == "sqlite":
        pytest.skip("Such a database keeps this as far as it obeys: docs/warehouses.md.")
    sql = "SELECT COUNT(*) AS n FROM orders WHERE 1 / CASE WHEN amount > 30 THEN 0 ELSE 1 END = 1"
    assert rows(open_door(country="NL"), sql) == [(3,)]


def test_a_query_over_its_time_is_stopped_and_the_next_one_works(open_door: OpenDoor) -> None:
    door = open_door(limits=Limits(seconds=0.5))
    rows(door, "SELECT id FROM orders")
    many = " CROSS JOIN ".join(f"orders AS o{number}" for number in range(14))
    text = " || ".join(f"o{number}.channel" for number in range(14))
    began = time.monotonic()
    with pytest.raises(QueryStopped, match=r"it ran for more than 0.5 seconds. Ask for fewer"):
        door.query(f"SELECT COUNT(*) AS n FROM {many} WHERE {text} = 'x'", title="t")
    assert time.monotonic() - began < 5
    assert rows(door, "SELECT COUNT(*) AS n FROM orders") == [(6,)]


def test_threads_may_share_a_door(door: GuardedDoor) -> None:
    found: list[tuple[str, tuple[str, ...]]] = []
    names = ["country", "channel"] * 5
    threads = [threading.Thread(target=lambda name=name: found.append((name, door.members(name)))) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {("country", ("BE", "DE", "NL")), ("channel", ("Phone", "Shop", "Web"))}
    assert len(found) == 10


def test_a_door_that_was_closed_opens_again(open_door: OpenDoor) -> None:
    with open_door() as door:
        assert door.members("country") == ("BE", "DE", "NL")
    door.close()
    assert door.members("country") == ("BE", "DE", "NL")


def test_a_door_may_be_closed_while_a_thread_asks(open_door: OpenDoor) -> None:
    door = open_door()
    threads = [threading.Thread(target=door.members, args=("country",)) for _ in range(3)]
    for thread in threads:
        thread.start()
    door.close()
    for thread in threads:
        thread.join()
    assert door.members("channel") == ("Phone", "Shop", "Web")


def test_a_filter_with_a_quote_finds_nothing_and_breaks_nothing(open_door: OpenDoor) -> None:
    assert open_door(country="NL' OR '1'='1").members("country") == ()


def test_filters_of_a_query_and_of_the_run_hold_together(dutch_door: GuardedDoor) -> None:
    query = revenue_by("country", filters=(Filter("channel", ("Web",)),))
    assert dutch_door.run(compiled(dutch_door, query), title="t").rows == (("NL", 30.0),)


def test_rows_that_narrowed_rows_name_are_shown_and_no_others(open_door: OpenDoor) -> None:
    web = open_door(channel="Web")
    assert web.run(compiled(web, revenue_by("country")), title="t").rows == (("BE", 40.0), ("NL", 30.0))
    assert web.members("country") == ("BE", "NL")
    assert rows(web, "SELECT id FROM crm.customers WHERE id = 2 OR 1 = 1 ORDER BY id") == [(1,), (3,)]
    both = open_door(channel="Shop", country="NL")
    assert rows(both, "SELECT c.id, o.amount FROM crm.customers AS c CROSS JOIN orders AS o") == [(2, 30.0)]
