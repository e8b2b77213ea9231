"""The process that runs queries on a DuckDB file: JSON lines in, JSON lines out; duckdb and the standard library only.

The first line is `{path, memory_bytes, threads, tables: [{table, columns, free_columns, where, times}]}`, answered by
`{ready: true}` or by `{error, fact}` and the end. Each further line is `{sql, is_free, seconds, rows, result_bytes,
cell_characters}`, answered by `{columns, rows, truncated}` or `{error, fact}`, the error being refused, misread, failed
(its fact may quote data), stopped or unavailable. The end of input is the end.

A query sees views: the allowed columns of each table and only the rows of its `where`. There are two sets of them, one
for our compiler's SQL and one, without `pii` columns, for SQL that an agent wrote (`is_free`). Each query is read a
second time by the engine's own parser, so that one which means something else to the guard's parser still finds only
those views.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from interact.warehouse.cells import first_line, near, packed
from interact.warehouse.stopwatch import Answer, Refused, Stopwatch, confine, serve

if TYPE_CHECKING:
    import duckdb

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_unsigned_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
    "max_temp_directory_size": "0B",
    "temp_directory": "",
    "default_null_order": "nulls_last",
}
LOAD = "Run the DAG that loads it, then run this again"
CORRECT = "Load it, or correct its name in the semantic model"
READABLE = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY"})
"""What may stand in FROM, in the words of the engine's parser."""
TELLING = frozenset(
    {"current_setting", "getvariable", "current_query", "current_schemas", "version", "getenv", "query"}
)
"""Functions of no table that tell of the process instead of the data."""
SETS = ("for_the_compiler", "for_agents")
"""Databases in memory that hold the two sets of views, the second for SQL that an agent wrote."""
FENCE = f" LIMIT {2**63 - 1}"
"""Behind it no condition of a query reaches rows that a filter takes away, so that an error tells nothing of them."""


class Utc(tzinfo):
    """What DuckDB wants of the library pytz to make a Python value of a timestamp with a zone; all are in UTC."""

    def utcoffset(self, dt: datetime | None) -> timedelta:
        """Return nothing to add."""
        return timedelta()

    dst = utcoffset

    def tzname(self, dt: datetime | None) -> str:
        """Return the one name."""
        return "UTC"

    def localize(self, naive: datetime) -> datetime:
        """Return a moment with its zone."""
        return naive.replace(tzinfo=UTC)


def main() -> None:
    """Serve one door."""
    serve(_opened)


def _opened(setup: dict[str, Any]) -> Answer:
    connection = _connected(confine(setup["memory_bytes"]), setup["threads"])
    stopwatch = Stopwatch()
    cursors = _expose(connection, setup)
    tables = {each["table"].lower() for each in setup["tables"]}

    def answer(question: dict[str, Any]) -> str:
        cursor = cursors[bool(question.get("is_free"))]
        with stopwatch.running(question["seconds"], cursor.interrupt):
            return _ran(cursor, question, tables)

    return answer


def _connected(limit: int, threads: int) -> duckdb.DuckDBPyConnection:
    """Return an empty database in memory that keeps within a limit."""
    sys.modules["pytz"] = SimpleNamespace(utc=Utc(), timezone=lambda name: Utc())  # type: ignore[assignment]
    try:
        import duckdb
    except (ImportError, MemoryError, OSError) as error:
        fact = f"DuckDB does not start in {limit // 1_000_000:,} MB of memory ({first_line(error)})"
        raise Refused("unavailable", f"cannot be opened: {fact}. Mend its installation, or allow more") from None
    try:
        config = CONFIG | {"threads": str(threads), "memory_limit": f"{limit // 2}B"}
        return duckdb.connect(":memory:", config=config)
    except duckdb.Error as error:
        raise Refused("unavailable", f"cannot be opened by this DuckDB ({first_line(error)})") from None


def _expose(connection: duckdb.DuckDBPyConnection, setup: dict[str, Any]) -> list[duckdb.DuckDBPyConnection]:
    """Make the views, then lock the doors, and return a cursor for each set; raises Refused with what is wrong."""
    import duckdb

    try:
        connection.execute(f"ATTACH {_text(setup['path'])} AS source (READ_ONLY)")
    except duckdb.Error as error:
        is_held = "could not set lock on file" in str(error).lower()
        fact = (
            "is being written right now. Run this again when that is done"
            if is_held
            else f"is no DuckDB database. {LOAD}"
        )
        raise Refused("unavailable", fact) from None
    try:
        connection.execute("SET TimeZone = 'UTC'")
        cursors = [_viewing(connection, setup["tables"], is_free=is_free) for is_free in (False, True)]
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    except (duckdb.OutOfMemoryException, MemoryError):
        raise Refused("unavailable", "cannot be opened within the limit of memory. Allow more") from None
    except duckdb.Error as error:
        raise Refused("unavailable", f"does not fit the semantic model ({first_line(error)})") from None
    return cursors


def _viewing(
    connection: duckdb.DuckDBPyConnection, tables: list[dict[str, Any]], *, is_free: bool
) -> duckdb.DuckDBPyConnection:
    """Return a cursor that finds one set of views by the names of their tables."""
    place = SETS[is_free]
    connection.execute(f"ATTACH ':memory:' AS {place}")
    for each in tables:
        schema, _, table = each["table"].rpartition(".")
        if not is_free:
            _check_table(connection, each, schema or "main", table)
        columns = each["free_columns"] if is_free else each["columns"]
        rows = f" WHERE {each['where']}{FENCE if is_free else ''}" if each["where"] else ""
        where = f"{place}.{_name(schema or 'main')}"
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {where}")
        shown = f"SELECT {', '.join(columns)} FROM source.{_name(schema or 'main')}.{_name(table)}{rows}"
        if columns:
            connection.execute(f"CREATE VIEW {where}.{_name(table)} AS {shown}")
        if not is_free:
            _check_days(connection, f"{where}.{_name(table)}", each["times"])
    cursor = connection.cursor()
    cursor.execute(f"USE {place}")
    return cursor


def _check_table(connection: duckdb.DuckDBPyConnection, each: dict[str, Any], schema: str, table: str) -> None:
    found = connection.execute(
        "SELECT lower(column_name) FROM duckdb_columns() "
        "WHERE database_name = 'source' AND lower(schema_name) = lower(?) AND lower(table_name) = lower(?)",
        [schema, table],
    ).fetchall()
    if not found:
        raise Refused(
            "unavailable", f"has no table {each['table']!r}{_table_meant(connection, each['table'])}. {CORRECT}"
        )
    missing = [name for name in each["names"] if (name,) not in found]
    if missing:
        meant = near(missing, [name for (name,) in found])
        fact = f"has a table {each['table']!r} without the columns {', '.join(missing)}{meant}"
        raise Refused("unavailable", f"{fact}. Load them, or take them out of the semantic model")


def _table_meant(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    found = connection.execute(
        "SELECT CASE schema_name WHEN 'main' THEN '' ELSE schema_name || '.' END || name FROM ("
        "SELECT schema_name, table_name AS name FROM duckdb_tables() WHERE database_name = 'source' UNION ALL "
        "SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = 'source' AND NOT internal)"
    ).fetchall()
    return near([table], [name for (name,) in found])


def _check_days(connection: duckdb.DuckDBPyConnection, view: str, times: list[list[str]]) -> None:
    """Refuse a time dimension that is not of its type: a window's last day would silently end at midnight."""
    for expr, kind in times:
        cursor = connection.execute(f"SELECT {expr} FROM {view} LIMIT 0")
        found = str(cursor.description[0][1]) if cursor.description else "nothing"
        if found != "DATE" and not (kind == "timestamp" and found.startswith("TIMESTAMP")):
            wanted = "DATE" if kind == "date" else "DATE or TIMESTAMP"
            raise Refused("unavailable", f"has {expr!r} as {found}, not as {wanted}. Cast it in the semantic model")


def _ran(connection: duckdb.DuckDBPyConnection, question: dict[str, Any], tables: set[str]) -> str:
    """Return the answer to one query as a line."""
    import duckdb

    try:
        _check_meaning(connection, question["sql"], tables)
        cursor = connection.execute(question["sql"])
        return packed([column[0] for column in cursor.description or []], cursor.fetchmany, question)
    except Refused as refused:
        kind, fact = refused.kind, str(refused)
    except duckdb.InterruptException:
        kind, fact = "stopped", "time"
    except (duckdb.OutOfMemoryException, MemoryError):
        kind, fact = "stopped", "memory"
    except (duckdb.IOException, duckdb.FatalException, duckdb.InternalException):
        kind, fact = "unavailable", f"cannot be read: it is damaged. {LOAD}"
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException) as error:
        kind, fact = "misread", first_line(error)
    except duckdb.Error as error:
        kind, fact = "failed", first_line(error)
    return json.dumps({"error": kind, "fact": fact})


def _check_meaning(connection: duckdb.DuckDBPyConnection, sql: str, tables: set[str]) -> None:
    """Refuse what the engine's own parser reads as anything but one SELECT on the views."""
    row = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
    tree = json.loads(row[0]) if row else {}
    statements = tree.get("statements", [])
    if tree.get("error", True) and tree.get("error_type") == "parser":
        raise Refused("misread", str(tree.get("error_message")))
    if len(statements) != 1:
        raise Refused("refused", "The query is not exactly one SELECT.")
    query, visible = statements[0]["node"], set(tables)
    named = query.get("cte_map", {}).pop("map", [])
    for entry in named:
        _check_reads(entry["value"], visible)
        visible.add(entry["key"].lower())
    _check_reads(query, visible)


def _check_reads(tree: object, visible: set[str]) -> None:
    for node in _nodes(tree):
        kind = node.get("type")
        if node.get("map") or kind == "RECURSIVE_CTE_NODE":
            raise Refused("refused", "WITH may stand once, at the head of the query, and not be recursive.")
        if "sample" in node and "select_list" not in node and kind not in READABLE:
            raise Refused(
                "refused", f"The query reads from {str(kind).lower().replace('_', ' ')!r}. {_advice(visible)}"
            )
        path = ".".join((node.get("qualified_name") or {}).get("path", []))
        if kind == "BASE_TABLE" and path.lower() not in visible:
            raise Refused("refused", f"The query reads {path!r}. {_advice(visible)}")
        if str(node.get("function_name")).lower() in TELLING:
            raise Refused("refused", f"The query calls {node['function_name']!r}, which is no allowed function.")


def _advice(visible: set[str]) -> str:
    return f"Read from {' or '.join(repr(name) for name in sorted(visible))}."


def _nodes(tree: object) -> Iterator[dict[str, Any]]:
    """Yield every object of a JSON tree, without recursion."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


if __name__ == "__main__":
    main()
