"""Figures of random queries on random rows of several datasets, against the same query reckoned row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from builders.reckoning import LEAVES, PARTS, reckoned
from builders.small_shop import DAYS, FIRST, TABLES, Rows, small_shop, some_rows
from interact.errors import DefinitionRefused
from interact.warehouse.compile import compile_query
from interact.warehouse.queries import Filter, Having, MetricQuery, Window

Ask = Callable[[str], list[tuple[Any, ...]]]
Fill = Callable[[Rows], None]
MODEL = small_shop()
MEMBERS = {
    "country": ("Holland", "Belgium"),
    "segment": ("old", "new"),
    "currency": ("EUR", "GBP"),
    "size": ("big", "small"),
}
METRICS = (*LEAVES, *PARTS)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Windows of the weeks that have rows: some of whole months, most of any days."""
    if draw(st.integers(0, 2)) == 0:
        month = draw(st.integers(1, 4))
        return Window(date(2026, month, 1), date(2026, month + draw(st.integers(1, 2)), 1) - timedelta(days=1))
    start = FIRST + timedelta(days=draw(st.integers(-3, DAYS)))
    return Window(start, start + timedelta(days=draw(st.integers(0, 40))))


@st.composite
def queries(draw: st.DrawFn) -> MetricQuery:
    """Queries that can be asked: of metrics that lead to the dimensions."""
    dimensions = tuple(draw(st.lists(st.sampled_from(sorted(MEMBERS)), unique=True, max_size=2)))
    filters = tuple(
        Filter(
            name, tuple(draw(st.lists(st.sampled_from(MEMBERS[name]), min_size=1, unique=True))), draw(st.booleans())
        )
        for name in draw(st.lists(st.sampled_from(sorted(MEMBERS)), max_size=1))
    )
    named = [*dimensions, *(each.dimension for each in filters)]
    there = [name for name in METRICS if all(MODEL.reaches(name, each) for each in named)]
    having = draw(st.lists(st.sampled_from(there), max_size=2))
    comparators = st.sampled_from(["<", "<=", ">", ">=", "=", "!="])
    return MetricQuery(
        metrics=tuple(draw(st.lists(st.sampled_from(there), min_size=1, max_size=3, unique=True))),
        window=draw(windows()),
        dimensions=dimensions,
        compare=draw(st.none() | windows()),
        filters=filters,
        having=tuple(Having(name, draw(comparators), draw(st.sampled_from([0, 0.5, 3, 9.5]))) for name in having),
        any_of=draw(st.booleans()),
        targets=draw(st.booleans()),
        grain=draw(st.sampled_from([None, None, "day", "week", "month", "quarter", "year"])),  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def duckdb_shop() -> Iterator[tuple[Ask, Fill]]:
    import duckdb

    with duckdb.connect() as connection:
        for name, columns in TABLES.items():
            connection.execute(f"CREATE TABLE {name} ({columns})")

        def fill(rows: Rows) -> None:
            for name, there in rows.items():
                connection.execute(f"DELETE FROM {name}")
                if there:
                    marks = ", ".join("?" * len(there[0]))
                    connection.executemany(f"INSERT INTO {name} VALUES ({marks})", [[*row.values()] for row in there])

        yield lambda sql: connection.execute(sql).fetchall(), fill


@pytest.fixture(scope="module")
def postgres_shop(postgres_url: str) -> Iterator[tuple[Ask, Fill]]:
    import sqlalchemy

    from builders.stores import empty_database

    with empty_database(postgres_url) as url:
        engine = sqlalchemy.create_engine(url)
        with engine.connect() as connection:
            for name, columns in TABLES.items():
                connection.exec_driver_sql(f"CREATE TABLE {name} ({columns})")

            def fill(rows: Rows) -> None:
                for name, there in rows.items():
                    connection.exec_driver_sql(f"DELETE FROM {name}")
                    for row in there:
                        marks = ", ".join(["%s"] * len(row))
                        connection.exec_driver_sql(f"INSERT INTO {name} VALUES ({marks})", tuple(row.values()))

            yield lambda sql: [tuple(row) for row in connection.exec_driver_sql(sql.replace("%", "%%"))], fill
        engine.dispose()


def agree(shop: tuple[Ask, Fill], query: MetricQuery, rows: Rows, dialect: str) -> None:
    ask, fill = shop
    # Half of them are held to a member, as a run is to its parameters.
    held_to = {"country": "Holland"} if len(rows["stock"]) % 2 else {}
    try:
        compiled = compile_query(query, MODEL, enforced=held_to, dialect=dialect)
    except DefinitionRefused as refusal:
        # What may be refused here: a trend compared with days of its own, and money that is not converted.
        assume(not any(fact in str(refusal) for fact in ("share days", "several currencies")))
        raise
    fill(rows)
    found = ask(compiled.sql)
    width = len(query.dimensions) + bool(query.grain)
    shown = {row[:width]: tuple(None if cell is None else float(cell) for cell in row[width:]) for row in found}
    expected = {
        key: tuple(None if cell is None else pytest.approx(float(cell), rel=1e-9, abs=1e-9) for cell in cells)  # type: ignore[arg-type]
        for key, cells in reckoned(query, rows, held_to).items()
    }
    assert len(shown) == len(found)
    assert shown == expected, compiled.sql


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=queries(), seed=st.integers(0, 10_000), count=st.integers(0, 40))
def test_duckdb_agrees_with_python(duckdb_shop: tuple[Ask, Fill], query: MetricQuery, seed: int, count: int) -> None:
    agree(duckdb_shop, query, some_rows(seed, count), "duckdb")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=queries(), seed=st.integers(0, 10_000), count=st.integers(0, 40))
def test_postgres_agrees_with_python(
    postgres_shop: tuple[Ask, Fill], query: MetricQuery, seed: int, count: int
) -> None:
    agree(postgres_shop, query, some_rows(seed, count), "postgres")
