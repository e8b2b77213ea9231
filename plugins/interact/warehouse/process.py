"""The process that runs queries: started by path, JSON lines in, JSON lines out; standard library and duckdb only.

The first line is `{path, table, columns, time, where, memory_bytes}`, answered by `{ready: true}` or by `{error, fact}`
and the end. Each further line is `{sql, seconds, rows, result_bytes, cell_characters}`, answered by `{columns, rows,
truncated}` or `{error, fact}`, the error being refused, failed, stopped or unavailable. The end of input is the end.

A query sees one view: the allowed columns of one table and only the rows of `where`. It is read a second time by the
engine's own parser, so that one which means something else to the guard's parser still finds only that view.
"""

from __future__ import annotations

import json
import math
import os
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time
from decimal import Decimal
from time import monotonic
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    import duckdb

Cell = str | int | float | bool | None
GRACE_SECONDS = 1.0
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": "1",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_unsigned_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
    "max_temp_directory_size": "0B",
    "default_null_order": "nulls_last",
}
LOAD = "Run the DAG that loads it, then run this again"
READABLE = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY"})
"""What may stand in FROM, in the words of the engine's parser."""


class Refused(Exception):
    """A query or a file that is not served; `kind` is the error's name on the line."""

    def __init__(self, kind: str, fact: str) -> None:
        super().__init__(fact)
        self.kind = kind


def main() -> None:
    """Serve one door until its end of the pipe closes."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    setup = json.loads(sys.stdin.readline())
    try:
        connection = _connected(setup["memory_bytes"])
        stopwatch = Stopwatch(connection)
        _expose(connection, setup)
    except Refused as refused:
        _answer(answers, json.dumps({"error": refused.kind, "fact": str(refused)}))
        return
    _answer(answers, json.dumps({"ready": True}))
    for line in sys.stdin:
        question = json.loads(line)
        with stopwatch.running(question["seconds"]):
            answer = _ran(connection, question, setup["table"])
        _answer(answers, answer)


def _answer(answers: TextIO, line: str) -> None:
    answers.write(line + "\n")
    answers.flush()


def _connected(memory_bytes: int) -> duckdb.DuckDBPyConnection:
    """Return an empty database in a process that can neither grow beyond the limit nor write a file."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    limit = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        import duckdb
    except (ImportError, MemoryError, OSError) as error:
        fact = f"DuckDB does not start in {limit // 1_000_000:,} MB of memory ({_first_line(error)})"
        raise Refused("unavailable", f"cannot be opened: {fact}. Mend its installation, or allow more") from None
    try:
        return duckdb.connect(":memory:", config=CONFIG | {"memory_limit": f"{limit // 2}B"})
    except duckdb.Error as error:
        raise Refused("unavailable", f"cannot be opened by this DuckDB ({_first_line(error)})") from None


def _expose(connection: duckdb.DuckDBPyConnection, setup: dict[str, Any]) -> None:
    """Make the view, then lock the doors; raises Refused with what is wrong with the file."""
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
        _check_table(connection, setup)
        columns = ", ".join(_name(column) for column in setup["columns"])
        rows = f" WHERE {setup['where']}" if setup["where"] else ""
        table = _name(setup["table"])
        connection.execute(f"CREATE VIEW {table} AS SELECT {columns} FROM source.main.{table}{rows}")
        _check_days(connection, setup)
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    except (duckdb.OutOfMemoryException, MemoryError):
        raise Refused("unavailable", "cannot be opened within the limit of memory. Allow more") from None
    except duckdb.Error as error:
        raise Refused("unavailable", f"does not fit the semantic model ({_first_line(error)})") from None


def _check_table(connection: duckdb.DuckDBPyConnection, setup: dict[str, Any]) -> None:
    found = connection.execute(
        "SELECT lower(column_name) FROM duckdb_columns() "
        "WHERE database_name = 'source' AND schema_name = 'main' AND lower(table_name) = lower(?)",
        [setup["table"]],
    ).fetchall()
    if not found:
        raise Refused("unavailable", f"has no table {setup['table']!r}. {LOAD}")
    missing = [column for column in setup["columns"] if (column.lower(),) not in found]
    if missing:
        fact = f"has a table {setup['table']!r} without the columns {', '.join(missing)}"
        raise Refused("unavailable", f"{fact}. Load them, or take them out of the semantic model")


def _check_days(connection: duckdb.DuckDBPyConnection, setup: dict[str, Any]) -> None:
    """Refuse a time dimension that is no date: a window's last day would silently end at midnight."""
    cursor = connection.execute(f"SELECT {setup['time']} FROM {_name(setup['table'])} LIMIT 0")
    kind = str(cursor.description[0][1]) if cursor.description else "nothing"
    if kind != "DATE":
        raise Refused("unavailable", f"has {setup['time']!r} as {kind}, not as DATE. Cast it in the semantic model")


class Stopwatch:
    """Interrupts a connection whose query runs over its time, and has the kernel end the process if that does not help.

    One thread for the life of the process: when memory has run out, no new one would start.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._due: float | None = None
        self._changed = threading.Condition()
        threading.Thread(target=self._watch, daemon=True).start()

    @contextmanager
    def running(self, seconds: float) -> Iterator[None]:
        """Watch over the body for so long."""
        signal.setitimer(signal.ITIMER_REAL, seconds + GRACE_SECONDS)
        self._set(monotonic() + seconds)
        try:
            yield
        finally:
            self._set(None)
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _set(self, due: float | None) -> None:
        with self._changed:
            self._due = due
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while True:
                left = None if self._due is None else self._due - monotonic()
                if left is not None and left <= 0:
                    self._connection.interrupt()
                    self._due = left = None
                self._changed.wait(left)


def _ran(connection: duckdb.DuckDBPyConnection, question: dict[str, Any], table: str) -> str:
    """Return the answer to one query as a line."""
    import duckdb

    try:
        _check_meaning(connection, question["sql"], table)
        return _fetched(connection.execute(question["sql"]), question)
    except Refused as refused:
        kind, fact = refused.kind, str(refused)
    except duckdb.InterruptException:
        kind, fact = "stopped", "time"
    except (duckdb.OutOfMemoryException, MemoryError):
        kind, fact = "stopped", "memory"
    except (duckdb.IOException, duckdb.FatalException, duckdb.InternalException):
        kind, fact = "unavailable", f"cannot be read: it is damaged. {LOAD}"
    except duckdb.Error as error:
        kind, fact = "failed", _first_line(error)
    return json.dumps({"error": kind, "fact": fact})


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:300]


def _fetched(cursor: duckdb.DuckDBPyConnection, question: dict[str, Any]) -> str:
    """Return rows up to the limits; what is cut off is marked `truncated`."""
    names = [column[0] for column in cursor.description or []]
    lines: list[str] = []
    size, truncated = 0, False
    for row in _rows(cursor):
        cells = [_cell(value) for value in row]
        shown = [_cut(cell, question["cell_characters"]) for cell in cells]
        line = json.dumps(shown)
        size += len(line)
        if len(lines) == question["rows"] or size > question["result_bytes"]:
            truncated = True
            break
        truncated = truncated or shown != cells
        lines.append(line)
    flag = "true" if truncated else "false"
    return f'{{"columns": {json.dumps(names)}, "truncated": {flag}, "rows": [{", ".join(lines)}]}}'


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while batch := cursor.fetchmany(500):
        yield from batch


def _cell(value: object) -> Cell:
    """Return a value as JSON can hold it; a number that is not finite is a missing one."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def _cut(cell: Cell, characters: int) -> Cell:
    return f"{cell[:characters]}…" if isinstance(cell, str) and len(cell) > characters else cell


def _check_meaning(connection: duckdb.DuckDBPyConnection, sql: str, table: str) -> None:
    """Refuse what the engine's own parser reads as anything but one SELECT on the view."""
    row = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
    tree = json.loads(row[0]) if row else {}
    statements = tree.get("statements", [])
    if tree.get("error", True) and tree.get("error_type") == "parser":
        raise Refused("failed", str(tree.get("error_message")))
    if len(statements) != 1:
        raise Refused("refused", "The query is not exactly one SELECT.")
    query, visible = statements[0]["node"], {table.lower()}
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
        path = (node.get("qualified_name") or {}).get("path", [])
        if kind == "BASE_TABLE" and (len(path) != 1 or path[0].lower() not in visible):
            raise Refused("refused", f"The query reads {'.'.join(path)!r}. {_advice(visible)}")


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
