"""From an agent's Airflow connection to an open warehouse door."""

from __future__ import annotations

from pathlib import Path

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from interact.chats.result import Value
from interact.errors import WarehouseUnavailable
from interact.jobs.naming import new_id
from interact.jobs.stored import StoredAgent
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.semantic import SemanticModel


def open_warehouse(agent: StoredAgent, filters: dict[str, str]) -> DuckDbDoor:
    """Return the door to an agent's warehouse that lets only the filters' rows through; use it in a `with`.

    Raises WarehouseUnavailable when the connection does not exist or is of a kind that has no door.
    """
    definition = agent.definition
    model = SemanticModel.model_validate(definition.semantic_model)
    return DuckDbDoor(database_path(definition.warehouse), model, filters, new_id=lambda: new_id("result"))


def read_column(agent: StoredAgent, sql: str, limit: int) -> tuple[Value, ...]:
    """Return the first values of the one column that a SELECT on an agent's warehouse gives.

    Raises WarehouseUnavailable, QueryRefused, QueryFailed.
    """
    with open_warehouse(agent, {}) as door:
        return door.column(sql, limit=limit)


def probe(agent: StoredAgent) -> None:
    """Raise WarehouseUnavailable unless an agent's warehouse answers with what its model names; no row is read."""
    with open_warehouse(agent, {}) as door:
        door.column(f"SELECT {door.model.times[0].expr} AS day FROM {door.model.tables[0].table} LIMIT 0", limit=1)


def database_path(connection_id: str) -> Path:
    """Return the file of a DuckDB connection: `{"conn_type": "duckdb", "extra": {"path": "/srv/warehouse.duckdb"}}`."""
    try:
        connection = Connection.get(connection_id)
    except AirflowNotFoundException:
        raise WarehouseUnavailable(
            f"Airflow has no connection {connection_id!r}, which the agent names as its warehouse. "
            "Make it under Admin, Connections, or name another one in the agent's `warehouse`."
        ) from None
    path = connection.extra_dejson.get("path")
    if connection.conn_type != "duckdb" or not path:
        raise WarehouseUnavailable(
            f"Connection {connection_id!r} is of type {connection.conn_type!r} with path {path!r}; "
            "a warehouse takes type 'duckdb' with `path` in its extra, the database file."
        )
    return Path(path)
