"""The same query in the words of other databases."""

from __future__ import annotations

import random
import sqlite3
from datetime import date
from typing import Any

import pytest

from builders.reckoning import reckoned
from builders.small_shop import TABLES, small_shop, some_rows
from interact.warehouse.compile import compile_members, compile_query
from interact.warehouse.dialects import Writing, qualified
from interact.warehouse.queries import MetricQuery, Window

MODEL = small_shop()
MARCH = Window(date(2026, 3, 1), date(2026, 3, 31))
FEBRUARY = Window(date(2026, 2, 1), date(2026, 2, 28))


def sql_in(dialect: str, *metrics: str, **more: Any) -> str:
    return compile_query(MetricQuery(metrics, MARCH, ("country",), **more), MODEL, dialect=dialect).sql


def test_a_postgres_quotient_is_no_whole_number_and_a_median_is_a_percentile() -> None:
    sql = sql_in("postgres", "aov", "middle_order")
    assert "CAST(SUM(orders.amount) FILTER(WHERE" in sql
    assert "AS DOUBLE PRECISION) / NULLIF(COUNT(orders.order_id), 0) AS aov" in sql
    assert "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY" in sql


def test_groups_are_joined_by_an_equation_which_others_can_hash() -> None:
    sql = " ".join(sql_in("postgres", "conversion_rate").split())
    assert "COALESCE(CAST(orders_totals.country AS TEXT), '') = COALESCE(CAST(groups.country AS TEXT), '')" in sql
    assert "(orders_totals.country IS NULL) = (groups.country IS NULL)" in sql.replace("( ", "(").replace(" )", ")")


def test_the_models_own_expressions_stand_as_they_are_written() -> None:
    writing = Writing("postgres")
    held = writing.own("payload ->> 'market'"), writing.own("created AT TIME ZONE 'Europe/Amsterdam'", of="orders")
    assert writing.own("payload ->> 'market'") == held[0]
    assert writing.finished(f"SELECT SUM({held[0]}), {held[1]} + 1 FROM t") == (
        "SELECT\n  SUM(payload ->> 'market'),\n  (orders.created AT TIME ZONE 'Europe/Amsterdam') + 1\nFROM t"
    )


@pytest.mark.parametrize(
    ("expr", "sql"),
    [
        ("total * rate", "o.total * o.rate"),
        ("CASE WHEN \"Paid On\" > day THEN 'day' END", "CASE WHEN o.\"Paid On\" > o.day THEN 'day' END"),
        ("date", "o.date"),
        ("o.total + x", "o.total + o.x"),
        ("count(*)", "count(*)"),
        ("*", "*"),
        ("date_trunc('day', at)", "date_trunc('day', o.at)"),
    ],
)
def test_columns_are_named_as_those_of_a_dataset_and_the_rest_stays(expr: str, sql: str) -> None:
    assert qualified(expr, "o", "duckdb") == sql


@pytest.mark.parametrize("dialect", ["bigquery", "databricks", "mysql", "redshift", "snowflake", "trino", "tsql"])
@pytest.mark.parametrize("compare", [None, FEBRUARY])
def test_other_databases_get_sql_that_they_can_read(dialect: str, compare: Window | None) -> None:
    metrics = ("conversion_rate", "usual_stock", "open_orders", "customers")
    import sqlglot

    sql = sql_in(dialect, *metrics, compare=compare, grain="week" if compare is None else None)
    assert sqlglot.parse_one(sql, read=dialect).named_selects[-1].startswith("customers")
    assert "_held_" not in sql


def test_a_database_without_filter_counts_by_case() -> None:
    sql = sql_in("mysql", "open_orders", "customers", "revenue")
    assert (
        "COUNT(CASE WHEN (NOT paid OR paid IS NULL) THEN 1 END)".replace("paid", "orders.paid") in sql
        and "SUM(CASE WHEN orders.paid THEN orders.amount END) AS revenue" in sql
    )
    assert "FILTER" not in sql


def test_members_are_asked_in_the_databases_words() -> None:
    assert compile_members("size", MODEL, limit=3, dialect="bigquery").sql.startswith(
        "SELECT DISTINCT\n  CAST((CASE WHEN amount > 5 THEN 'big' ELSE 'small' END) AS STRING) AS size"
    )


def stored(rows: dict[str, list[dict[str, Any]]]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for name, columns in TABLES.items():
        connection.execute(f"CREATE TABLE {name} ({columns})")
        for row in rows[name]:
            values = [str(value) if hasattr(value, "year") else value for value in row.values()]
            connection.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(values))})", values)
    return connection


@pytest.mark.parametrize("grain", [None, "day", "week", "month", "quarter", "year"])
@pytest.mark.parametrize("compare", [None, FEBRUARY, Window(date(2025, 3, 1), date(2025, 3, 31))])
def test_sqlite_agrees_with_python(grain: Any, compare: Window | None) -> None:
    rows = some_rows(random.Random(f"{grain}{compare}").randrange(10_000), 40)
    metrics = ("revenue", "usual_stock", "stock", "conversion_rate", "margin", "open_orders")
    query = MetricQuery(metrics, MARCH, ("country",), grain=grain, compare=compare)
    found = stored(rows).execute(compile_query(query, MODEL, dialect="sqlite").sql).fetchall()
    width = 2 if grain else 1
    expected = {
        tuple(str(part) if isinstance(part, date) else part for part in key): tuple(map(_close, cells))
        for key, cells in reckoned(query, rows, {}).items()
    }
    assert {row[:width]: row[width:] for row in found} == expected


def _close(value: Any) -> Any:
    return value if value is None else pytest.approx(float(value))
