"""The process that runs queries on PostgreSQL, JSON lines as those of `process`; psycopg2 and the standard library.

The first line is `{connect, memory_bytes, seconds, tables: [{table, names, times}]}`. Each query runs in a read-only
transaction of its own, which is rolled back, under limits that the server keeps too; rows come through a cursor of the
server, so that no more of them travel than are wanted.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from interact.warehouse.cells import BATCH, first_line, near, packed
from interact.warehouse.stopwatch import Answer, Refused, Stopwatch, confine, serve

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # type: ignore[import-untyped]  # noqa: N812

CONNECT_SECONDS = 10
LOCK_SECONDS = 3
DATE, TIMESTAMPS = 1082, (1114, 1184)
"""Object ids of the types that a day can be read from."""
GRANT = "Give the connection a role that may only SELECT, as docs/warehouses.md shows"
REASONS = (
    (("password authentication failed", "no password supplied", "authentication failed"), "does not take its login"),
    (("does not exist",), "has no such user or database"),
    (("SSL", "certificate"), "does not agree on TLS"),
    (("too many", "remaining connection slots"), "has no connection left"),
    (("starting up", "shutting down", "recovery"), "is starting or ending"),
)
"""What a refusal of the server says, and what is told of it: never its own words, which name host and user."""
ROLE = """
    SELECT rolsuper, EXISTS (
      SELECT FROM pg_roles AS r
      WHERE r.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program',
                          'pg_write_all_data') AND pg_has_role(current_user, r.oid, 'MEMBER'))
    FROM pg_roles WHERE rolname = current_user
"""
TABLE = """
    SELECT pg_has_role(current_user, c.relowner, 'MEMBER'),
      has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'),
      ARRAY(SELECT lower(attname) FROM pg_attribute
            WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
              AND has_column_privilege(c.oid, attnum, 'SELECT'))
    FROM pg_class AS c WHERE c.oid = to_regclass(%s)
"""
TABLES = """
    SELECT CASE WHEN pg_table_is_visible(c.oid) THEN '' ELSE n.nspname || '.' END || c.relname
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND has_any_column_privilege(c.oid, 'SELECT')
      AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""


def main() -> None:
    """Serve one door."""
    serve(_opened)


def _opened(setup: dict[str, Any]) -> Answer:
    confine(setup["memory_bytes"])
    try:
        import psycopg2  # type: ignore[import-untyped]
    except (ImportError, MemoryError, OSError) as error:
        raise Refused("unavailable", f"cannot be opened: psycopg2 does not start ({first_line(error)})") from None
    connection = _connected(setup["connect"])
    stopwatch = Stopwatch()
    try:
        with stopwatch.running(setup["seconds"], connection.cancel):
            _limit(connection, setup["seconds"])
            _check_role(connection)
            for each in setup["tables"]:
                _check_table(connection, each)
            connection.rollback()
    except psycopg2.errors.LockNotAvailable:
        raise Refused("unavailable", "has a table that is locked. Run this again later") from None
    except psycopg2.Error as error:
        raise Refused("unavailable", f"does not fit the semantic model ({first_line(error)})") from None

    def answer(question: dict[str, Any]) -> str:
        with stopwatch.running(question["seconds"], connection.cancel):
            return _ran(connection, question)

    return answer


def _connected(connect: dict[str, Any]) -> Connection:
    """Return a connection whose transactions are read-only."""
    import psycopg2

    try:
        connection = psycopg2.connect(**{"connect_timeout": CONNECT_SECONDS, "application_name": "interact", **connect})
        connection.set_session(readonly=True, autocommit=False)
        connection.set_client_encoding("UTF8")
    except psycopg2.Error as error:
        told = str(error)
        reason = next((told_as for words, told_as in REASONS if any(word in told for word in words)), "does not answer")
        raise Refused("unavailable", f"{reason}. Mend the connection in Airflow, or wait") from None
    return connection


def _limit(connection: Connection, seconds: float) -> None:
    """Begin the transaction of one query; the server ends it too, also when this process is gone."""
    settings = {
        "statement_timeout": max(1, round(seconds * 1000)),
        "lock_timeout": LOCK_SECONDS * 1000,
        "idle_in_transaction_session_timeout": max(1, round(seconds * 1000)),
        "cursor_tuple_fraction": 1,
        "standard_conforming_strings": "on",
        "TimeZone": "UTC",
        "DateStyle": "ISO",
        "IntervalStyle": "postgres",
    }
    if connection.server_version >= 140_000:
        settings["client_connection_check_interval"] = 1000
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET LOCAL {name} = '{value}'" for name, value in settings.items()))


def _check_role(connection: Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ROLE)
        is_super, may_do_more = cursor.fetchone() or (True, True)
    if is_super or may_do_more:
        what = "is a superuser" if is_super else "may read or write files of the server, or all data"
        raise Refused("unavailable", f"has a role that {what}. {GRANT}")


def _check_table(connection: Connection, each: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TABLE, [each["table"]])
        found = cursor.fetchone()
        if found is None:
            cursor.execute(TABLES)
            meant = near([each["table"]], [name for (name,) in cursor.fetchall()])
            fact = f"has no table {each['table']!r}{meant}. Load it, or let the role see its schema"
            raise Refused("unavailable", fact)
        owns, writes, columns = found
        if owns or writes:
            raise Refused(
                "unavailable", f"has a role that {'owns' if owns else 'may write to'} {each['table']!r}. {GRANT}"
            )
        if missing := [name for name in each["names"] if name not in columns]:
            fact = f"has a table {each['table']!r} without the columns {', '.join(missing)}{near(missing, columns)}"
            raise Refused("unavailable", f"{fact}. Grant SELECT on them, or take them out of the semantic model")
        for expr, kind in each["times"]:
            cursor.execute(f"SELECT {expr} FROM {each['table']} LIMIT 0")
            code = cursor.description[0].type_code
            if code != DATE and not (kind == "timestamp" and code in TIMESTAMPS):
                wanted = "date" if kind == "date" else "date or timestamp"
                raise Refused("unavailable", f"has {expr!r} not as {wanted}. Cast it in the semantic model")


def _ran(connection: Connection, question: dict[str, Any]) -> str:
    """Return the answer to one query as a line."""
    import psycopg2

    try:
        try:
            _limit(connection, question["seconds"])
            return _fetched(connection, question)
        finally:
            connection.rollback()
    except MemoryError:
        kind, fact = "stopped", "memory"
    except psycopg2.Error as error:
        kind, fact = _told(error, is_open=not connection.closed)
    return json.dumps({"error": kind, "fact": fact})


def _fetched(connection: Connection, question: dict[str, Any]) -> str:
    with connection.cursor(name="answer") as cursor:
        cursor.execute(question["sql"])
        # A cursor of the server knows its columns from the first rows on.
        first: list[tuple[Any, ...]] | None = cursor.fetchmany(min(BATCH, question["rows"] + 1))
        names = [column.name for column in cursor.description or ()]

        def fetch(count: int) -> list[tuple[Any, ...]]:
            nonlocal first
            rows, first = (cursor.fetchmany(count) if first is None else first), None
            return rows

        return packed(names, fetch, question)


def _told(error: Exception, *, is_open: bool) -> tuple[str, str]:
    """Return the kind and the fact of what the server said, by its SQLSTATE."""
    code = getattr(error, "pgcode", None) or ""
    text = first_line(error)
    if code in ("57014", "25P03"):
        return "stopped", "time"
    if code.startswith("53") or (not code and "memory" in text):
        return "stopped", "memory"
    if code == "55P03":
        return "misread", f"the table was locked for {LOCK_SECONDS} seconds. Run this again later"
    if not is_open or code.startswith(("08", "57P")):
        return "unavailable", "went away in the middle of a query. Run this again"
    return "misread" if code.startswith(("42", "0A")) else "failed", text


if __name__ == "__main__":
    main()
