"""What a run's filters leave of datasets that narrowed rows name: on each door, with values, and not to be escaped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from builders.warehoused import OpenDoor, duckdb_shop, postgres_shop
from interact.errors import DefinitionRefused, InteractError, QueryRefused
from interact.warehouse.compile import compile_query
from interact.warehouse.guarded import GuardedDoor
from interact.warehouse.queries import MetricQuery, Window
from interact.warehouse.semantic import SemanticModel

MARCH = Window(date(2026, 3, 1), date(2026, 3, 31))
STATEMENTS = (
    "CREATE TABLE sales (day DATE, product INTEGER, lot INTEGER, outlet INTEGER, channel VARCHAR(9), units INTEGER)",
    "INSERT INTO sales VALUES ('2026-03-01', 1, 1, 1, 'Web', 5), ('2026-03-02', 2, 1, 1, 'Shop', 7), "
    "('2026-03-03', 3, 1, 2, 'Web', 11), ('2026-03-04', 1, 2, 2, 'Shop', 13), ('2026-03-05', NULL, 1, 1, 'Web', 1)",
    'CREATE TABLE outlets (id INTEGER, country VARCHAR(9), "user" VARCHAR(9))',
    "INSERT INTO outlets VALUES (1, 'NL', 'ann'), (2, 'BE', 'bob'), (3, 'NL', 'eve')",
    "CREATE TABLE people (login VARCHAR(9), team VARCHAR(9))",
    "INSERT INTO people VALUES ('ann', 'North'), ('bob', 'South'), ('eve', 'East')",
    "CREATE TABLE products (id INTEGER, lot INTEGER, title VARCHAR(9), maker INTEGER)",
    "INSERT INTO products VALUES (1, 1, 'pan', 1), (1, 2, 'pan two', 2), (2, 1, 'pot', 1), (3, 1, 'lid', 2), "
    "(4, 1, 'jar', 3)",
    "CREATE TABLE makers (id INTEGER, maker VARCHAR(9))",
    "INSERT INTO makers VALUES (1, 'Arden'), (2, 'Doura'), (3, 'Casa')",
    "CREATE TABLE stock (day DATE, product INTEGER, lot INTEGER, pieces INTEGER)",
    "INSERT INTO stock VALUES ('2026-03-01', 1, 1, 100), ('2026-03-01', 4, 1, 400)",
    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC",
)
PRODUCT = {"to": "products", "from_columns": ["product", "lot"], "to_columns": ["id", "lot"]}
MODEL = SemanticModel.model_validate(
    {
        "name": "sales",
        "datasets": [{"name": name} for name in ("sales", "outlets", "people", "products", "makers", "stock")],
        "relationships": [
            {"from": "sales", "to": "outlets", "from_columns": ["outlet"], "to_columns": ["id"]},
            {"from": "outlets", "to": "people", "from_columns": ["user"], "to_columns": ["login"]},
            {"from": "sales", **PRODUCT},
            {"from": "stock", **PRODUCT},
            {"from": "products", "to": "makers", "from_columns": ["maker"], "to_columns": ["id"]},
        ],
        "time_dimensions": [
            {"name": "sold", "dataset": "sales", "expr": "day", "type": "date"},
            {"name": "counted", "dataset": "stock", "expr": "day", "type": "date"},
        ],
        "dimensions": [
            {"name": "channel", "dataset": "sales"},
            {"name": "country", "dataset": "outlets"},
            {"name": "login", "dataset": "people", "pii": True},
            {"name": "team", "dataset": "people"},
            {"name": "product_title", "dataset": "products", "expr": "title"},
            {"name": "maker", "dataset": "makers"},
        ],
        "metrics": [
            {"name": "units", "agg": "sum", "expr": "units"},
            {"name": "pieces", "dataset": "stock", "agg": "sum", "expr": "pieces", "semi_additive": "last"},
        ],
    }
)


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def open_door(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenDoor]:
    if request.param == "postgres":
        with postgres_shop(request.getfixturevalue("postgres_url"), *STATEMENTS) as opening:
            yield opening
    else:
        with duckdb_shop(tmp_path_factory.mktemp("narrowing"), *STATEMENTS[:-1]) as opening:
            yield opening


@pytest.fixture(scope="module")
def dutch(open_door: OpenDoor) -> GuardedDoor:
    """The door that shows the Netherlands only."""
    return open_door(model=MODEL, country="NL")


def by(door: GuardedDoor, metric: str, *dimensions: str, **filters: str) -> list[tuple[Any, ...]]:
    query = MetricQuery((metric,), MARCH, dimensions)
    compiled = compile_query(query, MODEL, enforced=filters, dialect=door.dialect)
    return sorted(door.run(compiled, title="t").rows, key=str)


def rows(door: GuardedDoor, sql: str) -> list[tuple[Any, ...]]:
    return list(door.query(sql, title="t").rows)


def test_what_narrowed_rows_name_can_be_grouped_by(dutch: GuardedDoor) -> None:
    assert by(dutch, "units", "product_title", country="NL") == [("pan", 5), ("pot", 7), (None, 1)]
    assert by(dutch, "units", "maker", country="NL") == [("Arden", 12), (None, 1)]
    assert by(dutch, "units", "team", country="NL") == [("North", 13)]
    assert by(dutch, "units", "team", "maker", country="NL") == [("North", "Arden", 12), ("North", None, 1)]


def test_its_members_are_those_that_narrowed_rows_name(dutch: GuardedDoor) -> None:
    assert dutch.members("product_title") == ("pan", "pot")
    assert dutch.members("maker") == ("Arden",)
    assert dutch.members("team") == ("East", "North")


def test_an_agents_own_sql_sees_those_rows_alone(dutch: GuardedDoor) -> None:
    assert rows(dutch, "SELECT title FROM products ORDER BY title") == [("pan",), ("pot",)]
    joined = "SELECT p.title, SUM(s.units) AS n FROM sales s JOIN products p ON p.id = s.product AND p.lot = s.lot "
    assert rows(dutch, joined + "GROUP BY p.title ORDER BY 1") == [("pan", 5), ("pot", 7)]
    assert rows(dutch, "WITH p AS (SELECT title FROM products) SELECT COUNT(*) AS n FROM p") == [(2,)]
    assert rows(dutch, "SELECT team FROM people ORDER BY team") == [("East",), ("North",)]
    assert rows(dutch, "SELECT COUNT(*) AS n FROM sales s, outlets o, people p, products q, makers m") == [(24,)]


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("SELECT title FROM products WHERE 1 = 1 OR lot > 0 ORDER BY title", [("pan",), ("pot",)]),
        ("SELECT title FROM products UNION SELECT title FROM products ORDER BY 1", [("pan",), ("pot",)]),
        ("SELECT id FROM products p WHERE NOT EXISTS (SELECT 1 FROM sales s WHERE s.product = p.id)", []),
        ("SELECT maker FROM makers WHERE id NOT IN (SELECT maker FROM products)", []),
        ("SELECT id FROM products WHERE CASE title WHEN 'jar' THEN CAST(title AS INTEGER) ELSE 1 END = 1 ORDER BY id",
         [(1,), (2,)]),
        ("SELECT id FROM makers WHERE CASE WHEN id > 1 THEN CAST(maker AS INTEGER) ELSE 1 END = 1", [(1,)]),
    ],
)  # fmt: skip
def test_no_sql_gets_at_the_other_rows(dutch: GuardedDoor, sql: str, shown: list[tuple[Any, ...]]) -> None:
    assert rows(dutch, sql) == shown


@pytest.mark.parametrize(
    "sql",
    [
        "WITH seen_products AS (SELECT 1 AS id) SELECT id FROM products",
        "WITH sales AS (SELECT 1 AS product) SELECT title FROM products",
        "SELECT title FROM source.main.products",
        "SELECT title FROM public.products",
        "SELECT pieces FROM stock",
        "SELECT login FROM people",
    ],
)
def test_no_name_gets_around_the_view(dutch: GuardedDoor, sql: str) -> None:
    try:
        found = rows(dutch, sql)
    except InteractError:
        return
    assert found == [(1,), (2,)]


def test_a_dataset_that_shares_what_it_leads_to_stays_hidden(dutch: GuardedDoor) -> None:
    with pytest.raises(QueryRefused, match=r"reads 'stock', which does not lead to 'country', and this run shows 'NL'"):
        rows(dutch, "SELECT SUM(pieces) AS n FROM stock")
    with pytest.raises(DefinitionRefused, match=r"Metric 'pieces' cannot be narrowed to a 'country'"):
        by(dutch, "pieces", "product_title", country="NL")


def test_where_two_filters_hold_rows_are_named_by_those_that_both_leave(open_door: OpenDoor) -> None:
    door = open_door(model=MODEL, country="NL", channel="Web")
    assert rows(door, "SELECT title FROM products") == [("pan",)]
    assert rows(door, "SELECT id FROM outlets") == [(1,)]
    assert rows(door, "SELECT team FROM people") == [("North",)]
    assert by(door, "units", "product_title", country="NL", channel="Web") == [("pan", 5), (None, 1)]
    assert by(door, "units", "country", country="NL", channel="Web") == [("NL", 6)]


def test_several_datasets_may_name_a_row(open_door: OpenDoor) -> None:
    door = open_door(model=MODEL, maker="Casa")
    assert rows(door, "SELECT title FROM products") == [("jar",)]
    assert by(door, "pieces", maker="Casa") == [(400,)]
    assert rows(door, "SELECT COUNT(*) AS n FROM outlets") == [(0,)]
