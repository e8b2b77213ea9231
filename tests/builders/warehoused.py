"""One small shop in three databases, and doors to it: what is true of all doors is tested on all of them."""

from __future__ import annotations

import itertools
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import make_url

from interact.warehouse.door import DuckDbDoor
from interact.warehouse.guarded import GuardedDoor
from interact.warehouse.hooked import Driver, HookedDoor
from interact.warehouse.postgres import PostgresDoor
from interact.warehouse.queries import Limits
from interact.warehouse.semantic import SemanticModel

DOCS = Path(__file__).parents[2] / "docs" / "warehouses.md"
MODEL = SemanticModel.model_validate(
    {
        "name": "shop",
        "datasets": [
            {"name": "orders", "table": "orders", "primary_key": ["id"]},
            {"name": "customers", "table": "crm.customers", "primary_key": ["id"]},
            {"name": "budgets", "table": "budgets"},
        ],
        "relationships": [
            {"from": "orders", "to": "customers", "from_columns": ["customer_id"], "to_columns": ["id"]},
        ],
        "time_dimensions": [
            {"name": "day", "expr": "day", "dataset": "orders", "type": "date"},
            {"name": "month", "expr": "month", "dataset": "budgets", "type": "date"},
        ],
        "dimensions": [
            {"name": "channel", "expr": "channel", "dataset": "orders"},
            {"name": "note", "expr": "note", "dataset": "orders"},
            {"name": "country", "expr": "country", "dataset": "customers"},
            {"name": "email", "expr": "email", "dataset": "customers", "pii": True},
            {"name": "customer", "expr": "name", "dataset": "customers", "pii": True},
        ],
        "metrics": [
            {
                "name": "revenue",
                "agg": "sum",
                "expr": "amount",
                "dataset": "orders",
                "format": "currency",
                "unit": "EUR",
            },
            {"name": "orders_count", "agg": "count", "expr": "id", "dataset": "orders"},
            {"name": "budget", "agg": "sum", "expr": "planned", "dataset": "budgets"},
        ],
    }
)
CUSTOMERS = [
    (1, "NL", "anna@example.com", "Anna", 5000),
    (2, "NL", "bram@example.com", "Bram", 6000),
    (3, "BE", "chris@example.com", "Chris", 7000),
    (4, "DE", "dora@example.com", "Dora", 8000),
]
ORDERS = [
    (1, 1, "2026-11-01", 10.0, "Web", "first", "hush"),
    (2, 1, "2026-11-02", 20.0, "Web", None, "hush"),
    (3, 2, "2026-11-02", 30.0, "Shop", "O'Brien", "hush"),
    (4, 3, "2026-11-03", 40.0, "Web", "café 😀", "hush"),
    (5, 3, "2026-11-10", 50.0, "Shop", "", "hush"),
    (6, 4, "2026-11-11", 60.0, "Phone", "late", "hush"),
]
BUDGETS = [("2026-11-01", 500.0), ("2026-12-01", 700.0)]
STAFF = [("Zoe", 99_999)]
TABLES = [
    "CREATE TABLE crm.customers (id INTEGER, country VARCHAR(99), email VARCHAR(99), name VARCHAR(99), salary INTEGER)",
    "CREATE TABLE orders (id INTEGER, customer_id INTEGER, day DATE, amount DOUBLE PRECISION, channel VARCHAR(99), "
    "note VARCHAR(999), secret VARCHAR(99))",
    "CREATE TABLE budgets (month DATE, planned DOUBLE PRECISION)",
    "CREATE TABLE staff (person VARCHAR(99), salary INTEGER)",
]
ROWS = {"crm.customers": CUSTOMERS, "orders": ORDERS, "budgets": BUDGETS, "staff": STAFF}
OpenDoor = Callable[..., GuardedDoor]


def statements() -> Iterator[str]:
    """Yield what fills a database in which there is a schema `crm`."""
    yield from TABLES
    for table, rows in ROWS.items():
        for row in rows:
            yield f"INSERT INTO {table} VALUES ({', '.join(_literal(value) for value in row)})"


@contextmanager
def duckdb_shop(folder: Path, *more: str) -> Iterator[OpenDoor]:
    """Give what opens doors to a DuckDB file."""
    import duckdb

    path = folder / f"shop_{uuid4().hex[:6]}.duckdb"
    with duckdb.connect(path) as connection:
        for statement in ("CREATE SCHEMA crm", *statements(), *more):
            connection.execute(statement)
    with _doors(lambda **rest: DuckDbDoor(path, **rest)) as opening:
        yield opening


@contextmanager
def postgres_shop(server_url: str, *more: str) -> Iterator[OpenDoor]:
    """Give what opens doors to a database on a server, by a role that was made as the documentation says."""
    with postgres_place(server_url, *more) as connect, _doors(lambda **rest: PostgresDoor(connect, **rest)) as opening:
        yield opening


@contextmanager
def postgres_place(server_url: str, *more: str) -> Iterator[dict[str, str]]:
    """Give how libpq is told to reach such a database."""
    url = make_url(server_url)
    name = f"shop_{uuid4().hex[:8]}"
    admin = {"host": str(url.query["host"]), "user": str(url.username)}
    _executed({**admin, "dbname": "postgres"}, f"CREATE DATABASE {name}")
    try:
        granting = granted().replace("interact_reader", f"reader_{name}")
        _executed({**admin, "dbname": name}, "CREATE SCHEMA crm", *statements(), granting, *more)
        yield {"host": admin["host"], "user": f"reader_{name}", "dbname": name}
    finally:
        _executed({**admin, "dbname": "postgres"}, f"DROP DATABASE {name} WITH (FORCE)", f"DROP ROLE reader_{name}")


def granted() -> str:
    """Return the statements of the documentation that make the role."""
    found = re.search(r"```sql\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@contextmanager
def sqlite_shop(folder: Path) -> Iterator[OpenDoor]:
    """Give what opens doors through a driver: SQLite stands for every database that has no door of its own."""
    main, crm = (str(folder / f"{name}_{uuid4().hex[:6]}.sqlite") for name in ("shop", "crm"))

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(main, check_same_thread=False)
        connection.execute("ATTACH ? AS crm", [crm])
        return connection

    with connect() as connection:
        for statement in statements():
            connection.execute(statement)
    connection.close()
    with _doors(lambda **rest: HookedDoor(Driver("shop", "sqlite", connect), **rest)) as opening:
        yield opening


@contextmanager
def _doors(build: Callable[..., GuardedDoor]) -> Iterator[OpenDoor]:
    opened: list[GuardedDoor] = []
    numbers = itertools.count(1)

    def door(*, limits: Limits | None = None, model: SemanticModel = MODEL, **filters: str) -> GuardedDoor:
        new_id = lambda: f"result_{next(numbers):012}"  # noqa: E731
        opened.append(build(model=model, filters=filters, limits=limits or Limits(), new_id=new_id))
        return opened[-1]

    try:
        yield door
    finally:
        for each in opened:
            each.close()


def _executed(connect: dict[str, Any], *todo: str) -> None:
    import psycopg2

    connection = psycopg2.connect(**connect)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in todo:
            cursor.execute(statement)
    connection.close()


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"
