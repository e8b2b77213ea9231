"""From an agent's Airflow connection to an open warehouse door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException

from interact.chats.result import Value
from interact.errors import WarehouseUnavailable
from interact.jobs.naming import new_id
from interact.jobs.stored import StoredAgent
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.guarded import GuardedDoor
from interact.warehouse.hooked import Driver, HookedDoor
from interact.warehouse.postgres import PostgresDoor
from interact.warehouse.semantic import SemanticModel

POSTGRES = ("postgres", "postgresql")
LIBPQ = (
    *("sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "gssencmode", "channel_binding"),
    *("target_session_attrs", "options"),
)
"""What of a PostgreSQL connection's extra is passed on."""


def open_warehouse(agent: StoredAgent, filters: dict[str, str]) -> GuardedDoor:
    """Return the door to an agent's warehouse that lets only the filters' rows through; use it in a `with`.

    Raises WarehouseUnavailable when the connection does not exist or is of a kind that has no door.
    """
    definition = agent.definition
    return open_connection(definition.warehouse, SemanticModel.model_validate(definition.semantic_model), filters)


def open_connection(connection_id: str, model: SemanticModel, filters: dict[str, str]) -> GuardedDoor:
    """Return the door to a connection's database, seen as a model sees it; otherwise as `open_warehouse`."""
    connection = connection_named(connection_id)
    more: dict[str, Any] = {"model": model, "filters": filters, "new_id": lambda: new_id("result")}
    if connection.conn_type == "duckdb":
        return DuckDbDoor(path_of(connection), **more)
    if connection.conn_type in POSTGRES:
        return PostgresDoor(libpq(connection), name=connection_id, **more)
    return HookedDoor(driver_of(connection), **more)


def read_column(agent: StoredAgent, sql: str, limit: int) -> tuple[Value, ...]:
    """Return the first values of the one column that a SELECT on an agent's warehouse gives.

    Raises WarehouseUnavailable, QueryRefused, QueryFailed.
    """
    with open_warehouse(agent, {}) as door:
        return door.column(sql, limit=limit)


def probe(agent: StoredAgent) -> None:
    """Raise WarehouseUnavailable unless an agent's warehouse answers with what its model names; no row is read."""
    with open_warehouse(agent, {}) as door:
        time, table = door.model.times[0], door.model.dataset(door.model.times[0].dataset).table
        door.column(f"SELECT {time.expr} AS day FROM {table} LIMIT 0", limit=1)


def database_path(connection_id: str) -> Path:
    """Return the file of a DuckDB connection: `{"conn_type": "duckdb", "extra": {"path": "/srv/warehouse.duckdb"}}`."""
    return path_of(connection_named(connection_id))


def libpq(connection: Connection) -> dict[str, Any]:
    """Return what a PostgreSQL connection says, in libpq's words; the password is among it."""
    plain = {
        "host": connection.host,
        "port": connection.port,
        "user": connection.login,
        "password": connection.password,
        "dbname": connection.schema,
    }
    extra = {name: connection.extra_dejson.get(name) for name in LIBPQ}
    return {name: value for name, value in (plain | extra).items() if value}


def connection_named(connection_id: str) -> Connection:
    """Return a connection of Airflow's; raises WarehouseUnavailable where there is none of that name."""
    try:
        connection: Connection = Connection.get(connection_id)
    except AirflowNotFoundException:
        raise WarehouseUnavailable(
            f"Airflow has no connection {connection_id!r}, which the agent names as its warehouse. "
            "Make it under Admin, Connections, or name another one in the agent's `warehouse`."
        ) from None
    return connection


def path_of(connection: Connection) -> Path:
    """Return the file of a DuckDB connection; raises WarehouseUnavailable for another one."""
    path = connection.extra_dejson.get("path")
    if connection.conn_type != "duckdb" or not path:
        raise WarehouseUnavailable(
            f"Connection {connection.conn_id!r} is of type {connection.conn_type!r} with path {path!r}; "
            "a DuckDB warehouse takes type 'duckdb' with `path` in its extra, the database file."
        )
    return Path(path)


def driver_of(connection: Connection) -> Driver:
    """Return how to reach a database through Airflow's own hook; raises WarehouseUnavailable where there is none."""
    from airflow.providers.common.ai.utils.sql_validation import resolve_sqlglot_dialect
    from airflow.providers.common.sql.hooks.sql import DbApiHook

    try:
        hook = connection.get_hook()  # type: ignore[no-untyped-call]
    except (AirflowException, ImportError):
        raise _no_door(connection, "for which no provider is installed") from None
    if not isinstance(hook, DbApiHook):
        raise _no_door(connection, "which is no database of SQL")
    dialect = resolve_sqlglot_dialect(hook.dialect_name) or resolve_sqlglot_dialect(connection.conn_type)
    if dialect is None:
        raise _no_door(connection, "whose SQL the guard cannot read")
    return Driver(connection.conn_id, dialect, hook.get_conn)


def _no_door(connection: Connection, fact: str) -> WarehouseUnavailable:
    return WarehouseUnavailable(
        f"Connection {connection.conn_id!r} is of type {connection.conn_type!r}, {fact}. "
        "A warehouse takes 'duckdb', 'postgres' or a type whose provider has a hook for SQL (docs/warehouses.md)."
    )
