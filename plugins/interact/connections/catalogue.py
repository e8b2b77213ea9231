"""From an Airflow connection to what asks its database about its own tables, for who drafts a model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from interact.connections.warehouse import POSTGRES, connection_named, driver_of, libpq, path_of
from interact.errors import WarehouseUnavailable
from interact.warehouse.catalogue import Ask, duckdb_file


@contextmanager
def open_catalogue(connection_id: str) -> Iterator[tuple[Ask, str]]:
    """Give what runs a SELECT with the connection's rights, and sqlglot's name of its SQL.

    Raises WarehouseUnavailable.
    """
    connection = connection_named(connection_id)
    if connection.conn_type == "duckdb":
        with duckdb_file(path_of(connection)) as ask:
            yield ask, "duckdb"
        return
    if connection.conn_type in POSTGRES:
        opened, dialect = _postgres(connection_id, libpq(connection)), "postgres"
    else:
        driver = driver_of(connection)
        opened, dialect = driver.connect(), driver.dialect
    with closing(opened):
        yield lambda sql: _rows(opened, sql), dialect


def _postgres(connection_id: str, fields: dict[str, Any]) -> Any:
    import psycopg2  # type: ignore[import-untyped]

    try:
        opened = psycopg2.connect(**fields, connect_timeout=10)
    except psycopg2.Error:  # Its own words name host and user.
        raise WarehouseUnavailable(
            f"Connection {connection_id!r} does not open: PostgreSQL is not there, or does not take its login. "
            "Test it under Admin, Connections."
        ) from None
    opened.set_session(readonly=True, autocommit=True)
    return opened


def _rows(opened: Any, sql: str) -> list[tuple[Any, ...]]:
    with closing(opened.cursor()) as cursor:
        cursor.execute(sql)
        return [tuple(row) for row in cursor.fetchall()]
