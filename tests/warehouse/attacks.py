"""Attempts on the warehouse as data, on the shop of `builders.warehoused`: what an agent's own SQL might try.

Each names the engines that it is written for, and what stops it there when the guard is taken away. `behind` is what
the engine's side then does: "refused" (or fails), "stopped" at a limit, "empty" (it runs, and gives nothing that an
agent may not have), "ended" (one of these, as the machine is fast or slow), or "nothing": the guard is its only wall.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Engine = Literal["duckdb", "postgres"]
Behind = Literal["refused", "stopped", "empty", "ended", "nothing"]
BOTH: tuple[Engine, ...] = ("duckdb", "postgres")
DUCK: tuple[Engine, ...] = ("duckdb",)
POST: tuple[Engine, ...] = ("postgres",)


@dataclass(frozen=True)
class Attack:
    """One attempt; `passes` is one that the guard lets through, for the limits to stop or the cut views to empty."""

    name: str
    sql: str
    engines: tuple[Engine, ...] = BOTH
    behind: Behind = "refused"
    passes: bool = False
    behind_postgres: Behind | None = None
    """Where it differs."""


_FILES = [
    Attack("a file as text", "SELECT * FROM read_text('/etc/passwd')", DUCK),
    Attack("a file as bytes", "SELECT * FROM read_blob('/etc/passwd')", DUCK),
    Attack("a file as CSV", "SELECT * FROM read_csv('/etc/passwd')", DUCK),
    Attack("a file as JSON", "SELECT * FROM read_json_auto('/etc/passwd')", DUCK),
    Attack("a file as Parquet", "SELECT * FROM read_parquet('/etc/passwd')", DUCK),
    Attack("a list of files", "SELECT * FROM glob('/*')", DUCK),
    Attack("a file's shape", "SELECT * FROM sniff_csv('/etc/passwd')", DUCK),
    Attack("a file as a table", "SELECT * FROM '/etc/passwd'"),
    Attack("a file as a quoted table", 'SELECT * FROM "/etc/passwd"'),
    Attack("a file of the server", "SELECT pg_read_file('/etc/passwd') AS a", POST),
    Attack("a file of the server as bytes", "SELECT pg_read_binary_file('/etc/passwd') AS a", POST),
    Attack("a folder of the server", "SELECT pg_ls_dir('/') AS a", POST),
    Attack("a file's facts", "SELECT size FROM pg_stat_file('/etc/passwd')", POST),
    Attack("a large object from a file", "SELECT lo_import('/etc/passwd') AS a", POST),
    Attack("a large object into a file", "SELECT lo_export(1, '/srv/x') AS a", POST),
    Attack("a copy into a file", "COPY (SELECT 1) TO '/srv/interact_x'"),
    Attack("a copy into a program", "COPY (SELECT 1) TO PROGRAM 'touch /srv/interact_x'", POST),
    Attack("a copy from a program", "COPY orders FROM PROGRAM 'cat /etc/passwd'", POST),
    Attack("a copy in a CTE", "WITH a AS (COPY (SELECT 1) TO '/srv/interact_x') SELECT * FROM a"),
    Attack("an export", "EXPORT DATABASE '/srv/interact_x'"),
]
_NETWORK = [
    Attack("a file from the network", "SELECT * FROM read_csv('https://example.com/x.csv')", DUCK),
    Attack("a table from the network", "SELECT * FROM 'https://example.com/x.parquet'", DUCK),
    Attack("another server", "SELECT * FROM postgres_scan('host=localhost', 'public', 'x')", DUCK),
    Attack("an extension that reaches out", "INSTALL httpfs", DUCK),
    Attack("an extension that is loaded", "LOAD httpfs", DUCK),
    Attack("an attached server", "ATTACH 'host=localhost' AS pg (TYPE postgres)", DUCK),
    Attack("a secret", "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')", DUCK),
    Attack("a link", "SELECT * FROM dblink('host=localhost', 'SELECT 1') AS t(a int)", POST),
    Attack("a link as a scalar", "SELECT dblink_connect('host=localhost') AS a", POST),
    Attack("a foreign server", "CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw", POST),
    Attack("a subscription", "CREATE SUBSCRIPTION s CONNECTION 'host=localhost' PUBLICATION p", POST),
]
_TABLES = [
    Attack("another table", "SELECT * FROM staff"),
    Attack("another table in its schema", "SELECT * FROM public.staff", POST),
    Attack("the file's own table", "SELECT * FROM source.main.staff", DUCK),
    Attack("the file's own schema", "SELECT salary FROM source.crm.customers", DUCK),
    Attack("the compiler's views", "SELECT email FROM for_the_compiler.crm.customers", DUCK),
    Attack("the same table by its schema", "SELECT secret FROM public.orders", POST, "nothing"),
    Attack("the same table by its database", "SELECT secret FROM source.main.orders", DUCK),
    Attack("only the table", "SELECT secret FROM ONLY public.orders", POST, "nothing"),
    Attack("a table as a command", "TABLE staff"),
    Attack("another table in a subquery", "SELECT 1 AS a WHERE EXISTS (SELECT 1 AS b FROM staff)"),
    Attack("another table in a scalar", "SELECT (SELECT MAX(salary) FROM staff) AS a"),
    Attack("another table in a union", "SELECT channel FROM orders UNION ALL SELECT person FROM staff"),
    Attack("another table in a join", "SELECT s.salary FROM orders AS o JOIN staff AS s ON o.id = o.id"),
    Attack("another table in a condition", "SELECT id FROM orders ORDER BY (SELECT MAX(salary) FROM staff)"),
    Attack("another table under a CTE's name", "WITH staff AS (SELECT * FROM staff) SELECT * FROM staff"),
    Attack("a later CTE", "WITH a AS (SELECT * FROM staff), staff AS (SELECT 1 AS x) SELECT * FROM a"),
    Attack(
        "a CTE whose name differs by its quotes", 'WITH "Staff" AS (SELECT 1 AS a) SELECT * FROM staff', POST, "refused"
    ),
    Attack("a CTE that differs by case", 'WITH "STAFF" AS (SELECT 1 AS person) SELECT person FROM staff', POST),
    Attack(
        "a CTE in place of a table",
        "WITH orders AS (SELECT 1 AS x) SELECT x FROM orders",
        BOTH,
        "empty",
        behind_postgres="refused",
    ),
    Attack(
        "a nested CTE", "SELECT * FROM orders AS o, (WITH orders AS (SELECT 1 AS x) SELECT x FROM orders) AS q", DUCK
    ),
    Attack("the catalogue", "SELECT * FROM information_schema.tables", DUCK),
    Attack("the catalogue of the server", "SELECT table_name FROM information_schema.columns", POST, "nothing"),
    Attack("the engine's tables", "SELECT * FROM duckdb_tables()", DUCK),
    Attack("the engine's columns", "SELECT * FROM duckdb_columns", DUCK),
    Attack("the engine's databases", "SELECT path FROM duckdb_databases()", DUCK),
    Attack("SQLite's catalogue", "SELECT * FROM sqlite_master", DUCK),
    Attack("the server's catalogue", "SELECT relname FROM pg_catalog.pg_class", POST, "nothing"),
    Attack("the server's catalogue without its schema", "SELECT relname FROM pg_class", BOTH, "nothing"),
    Attack("the server's users", "SELECT usename FROM pg_user", POST, "nothing"),
    Attack("the server's passwords", "SELECT rolpassword FROM pg_authid", POST),
    Attack("what others run", "SELECT query FROM pg_stat_activity", POST, "nothing"),
    Attack("statistics of values", "SELECT most_common_vals FROM pg_stats", POST, "nothing"),
    Attack("a table by its number", "SELECT 'staff'::regclass AS a", POST, "nothing"),
]
_WRITES = [
    Attack("an insertion", "INSERT INTO orders (id) VALUES (7)"),
    Attack("an update", "UPDATE orders SET amount = 0"),
    Attack("a deletion", "DELETE FROM orders"),
    Attack("a merge", "MERGE INTO orders USING orders AS o ON FALSE WHEN MATCHED THEN DELETE"),
    Attack("a truncation", "TRUNCATE orders"),
    Attack("a deletion in a CTE", "WITH a AS (DELETE FROM orders RETURNING id) SELECT * FROM a"),
    Attack("an insertion in a CTE", "WITH a AS (INSERT INTO orders (id) VALUES (9) RETURNING id) SELECT * FROM a"),
    Attack("a table", "CREATE TABLE x AS SELECT 1 AS a"),
    Attack("a temporary table", "CREATE TEMP TABLE x AS SELECT 1 AS a"),
    Attack("a table by selecting", "SELECT id INTO x FROM orders"),
    Attack("a view", "CREATE OR REPLACE VIEW orders AS SELECT 1 AS id"),
    Attack("a macro", "CREATE MACRO lower(x) AS 'x'", DUCK),
    Attack("a function", "CREATE FUNCTION f() RETURNS INT LANGUAGE sql AS 'SELECT 1'", POST),
    Attack("a block", "DO $$ BEGIN DELETE FROM orders; END $$", POST),
    Attack("a drop", "DROP TABLE orders"),
    Attack("a change of a table", "ALTER TABLE orders ADD COLUMN x INT"),
    Attack("a grant", "GRANT SELECT ON staff TO PUBLIC", POST),
    Attack("a role", "SET ROLE postgres", POST),
    Attack("a comment on a table", "COMMENT ON TABLE orders IS 'x'"),
    Attack("a large object", "SELECT lo_create(0) AS a", POST, "nothing"),
    Attack("a notification", "SELECT pg_notify('a', 'b') AS a", POST, "nothing"),
    Attack("a sequence", "SELECT nextval('numbers') AS a", POST),
    Attack("a function with its owner's rights", "SELECT wipe() AS a", POST),
    Attack("a checkpoint", "CHECKPOINT"),
    Attack("a vacuum", "VACUUM orders"),
]
_SETTINGS = [
    Attack("a setting", "SET enable_external_access = true", DUCK),
    Attack("a setting of the server", "SET statement_timeout = 0", POST),
    Attack("a setting by a function", "SELECT set_config('statement_timeout', '0', false) AS a", POST, "nothing"),
    Attack("a writing transaction", "SET TRANSACTION READ WRITE", POST),
    Attack("a reset", "RESET ALL"),
    Attack("a pragma", "PRAGMA database_list", DUCK),
    Attack("a call", "CALL pragma_version()", DUCK),
    Attack("a variable", "SET VARIABLE a = 1", DUCK),
    Attack("settings", "SELECT * FROM duckdb_settings()", DUCK),
    Attack("a setting as a scalar", "SELECT current_setting('memory_limit') AS a", DUCK),
    Attack("a setting of the server as a scalar", "SELECT current_setting('data_directory') AS a", POST),
    Attack("a show", "SHOW ALL"),
    Attack("who asks", "SELECT current_user AS a", BOTH, "nothing"),
    Attack("which version", "SELECT version() AS a", DUCK),
    Attack("where the server is", "SELECT inet_server_addr() AS a", POST, "nothing"),
]
_NESTED = [
    Attack("SQL in a string", "SELECT * FROM query('SELECT * FROM source.main.staff')", DUCK),
    Attack("a table by its name in a string", "SELECT * FROM query_table('source.main.staff')", DUCK),
    Attack("a serialised statement", "SELECT * FROM json_execute_serialized_sql('{}')", DUCK),
    Attack("a serialised statement as a pragma", "PRAGMA json_execute_serialized_sql('{}')", DUCK),
    Attack("a query as XML", "SELECT query_to_xml('SELECT * FROM staff', true, true, '') AS a", POST),
    Attack("a table as XML", "SELECT table_to_xml('staff', true, true, '') AS a", POST),
    Attack("the database as XML", "SELECT database_to_xml(true, true, '') AS a", POST, behind="nothing"),
    Attack("a cursor as XML", "SELECT cursor_to_xml('answer', 1, true, true, '') AS a", POST),
    Attack("a prepared statement", "PREPARE p AS SELECT 1"),
    Attack("an execution", "EXECUTE p"),
    Attack("an explanation", "EXPLAIN ANALYZE SELECT * FROM staff"),
    Attack("a search by text", "SELECT ts_stat('SELECT person FROM staff') AS a", POST),
]
_TEXT = [
    Attack("a line comment", "SELECT id FROM orders -- note", BOTH, "empty"),
    Attack("a block comment", "SELECT /* note */ id FROM orders", BOTH, "empty"),
    Attack("a comment in a comment", "SELECT id /* a /* b */ , (SELECT 1) */ FROM orders", BOTH, "empty"),
    Attack("two statements", "SELECT 1 AS a; SELECT 2 AS b", BOTH, "refused", behind_postgres="empty"),
    Attack("a statement behind a SELECT", "SELECT 1 AS a; DELETE FROM orders"),
    Attack("an end of the transaction", "SELECT 1 AS a; COMMIT; DELETE FROM orders", POST),
    Attack("an end of our brackets", "SELECT 1 AS a) SELECT * FROM staff --"),
    Attack("a zero byte", "SELECT 'a\0b' AS a", behind="empty", behind_postgres="refused"),
    Attack("half a character", "SELECT '\ud800' AS a", behind_postgres="stopped"),
    Attack("a zero-width space", "SELECT id FROM or\u200bders"),
    Attack("a no-break space", "SELECT\u00a0id FROM orders", BOTH, "empty", behind_postgres="refused"),
    Attack("a wide space", "SELECT id FROM\u3000orders", BOTH, "empty", behind_postgres="refused"),
    Attack("letters of another script", "SELECT id FROM \u043erders"),
    Attack("a Kelvin sign", "SELECT ran\u212a() OVER (ORDER BY id) AS n FROM orders"),
    Attack("a dotless i", "SELECT id FROM orders l\u0131m\u0131t 1", BOTH, "refused"),
    Attack("a right-to-left mark", "SELECT id \u202e FROM orders", behind="empty"),
    Attack("an escaped name", 'SELECT * FROM U&"st\\0061ff"', POST),
    Attack("an escaped string", "SELECT E'\\047 OR 1=1' AS a", BOTH, "empty"),
    Attack("a dollar-quoted string", "SELECT $$a$$ AS a", BOTH, "empty"),
    Attack("a backslash before a quote", "SELECT '\\' AS a FROM staff WHERE person = '"),
    Attack("a parameter", "SELECT $1 AS a"),
    Attack("an open string", "SELECT 'a"),
    Attack("nothing", ""),
]
_PARSER = [
    Attack("deep brackets", "SELECT " + "(" * 200 + "1" + ")" * 200 + " AS a", BOTH, "ended"),
    Attack("very deep brackets", "SELECT " + "(" * 5000 + "1" + ")" * 5000 + " AS a", BOTH, "ended"),
    Attack("deep negation", "SELECT " + "NOT " * 3000 + "true AS a", BOTH, "ended"),
    Attack("deep cases", "SELECT " + "CASE WHEN true THEN " * 400 + "1" + " END" * 400 + " AS a", BOTH, "ended"),
    Attack("deep subqueries", "SELECT * FROM " + "(SELECT * FROM " * 60 + "orders" + ") AS q" * 60, BOTH, "ended"),
    Attack("a hundred thousand ORs", "SELECT id FROM orders WHERE id = 1" + " OR id = 1" * 100_000, BOTH, "ended"),
    Attack("a huge list", f"SELECT id FROM orders WHERE id IN ({', '.join('1' * 20_000)})", BOTH, "ended"),
    Attack("megabytes", "SELECT '" + "x" * 3_000_000 + "' AS a", BOTH, "ended"),
    Attack("a long sum", "SELECT " + "1 + " * 8000 + "1 AS a", BOTH, "ended"),
]
_SIX = ", ".join(f"orders AS o{number}" for number in range(16))
_TEXTS = " || ".join(f"o{number}.channel" for number in range(16))
_DOUBLED = "SELECT t || t AS t FROM (" * 28 + "SELECT 'xxxxxxxxxx' AS t" + ") AS q" * 28
_CHAIN = ", ".join(f"a{n} AS (SELECT t || u AS t, u || t AS u FROM a{n - 1})" for n in range(1, 28))
_CHAINED = f"WITH a0 AS (SELECT channel AS t, note AS u FROM orders), {_CHAIN} SELECT t FROM a27"
_BOMBS = [
    Attack("a cross join", f"SELECT COUNT(*) AS n FROM {_SIX} WHERE {_TEXTS} = 'x'", BOTH, "stopped", passes=True),
    Attack("a cross join that is sorted", f"SELECT {_TEXTS} AS t FROM {_SIX} ORDER BY t", BOTH, "stopped", passes=True),
    Attack("a cross join that is grouped", f"SELECT DISTINCT {_TEXTS} AS t FROM {_SIX}", BOTH, "stopped", passes=True),
    Attack(
        "a cross join that is put together",
        f"SELECT STRING_AGG({_TEXTS}, '') AS t FROM {_SIX}",
        BOTH,
        "stopped",
        passes=True,
    ),
    Attack("a text that doubles", _DOUBLED, DUCK, "stopped"),
    Attack("a text that doubles in the planner", _DOUBLED, POST, "nothing"),
    Attack("a text that doubles in CTEs", _CHAINED, POST, "nothing"),
    Attack(
        "a recursive CTE",
        "WITH RECURSIVE a AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM a) SELECT MAX(i) AS m FROM a",
        DUCK,
    ),
    Attack(
        "a recursive CTE on the server",
        "WITH RECURSIVE a AS (SELECT 1 AS i UNION ALL SELECT i FROM a) SELECT MAX(i) AS m FROM a",
        POST,
    ),
    Attack("a generator", "SELECT COUNT(*) AS n FROM range(1000000000000)", DUCK),
    Attack("a series", "SELECT COUNT(*) AS n FROM generate_series(1, 1000000000000) AS s", POST, "stopped"),
    Attack("a series as a column", "SELECT generate_series(1, 1000000000000) AS s", POST, "empty"),
    Attack("a long repetition", "SELECT LENGTH(repeat('x', 1000000000)) AS a", DUCK, "stopped"),
    Attack("a long repetition on the server", "SELECT LENGTH(repeat('x', 2000000000)) AS a", POST),
    Attack("a long padding", "SELECT LENGTH(rpad('x', 1000000000, 'y')) AS a", DUCK, "stopped"),
    Attack("a growing list", "SELECT list_aggregate(range(1000000000), 'sum') AS a", DUCK, "stopped"),
    Attack(
        "a catastrophe of a pattern", "SELECT COUNT(*) AS n FROM orders WHERE REPEAT('a', 40) ~ '(a+)+b'", BOTH, "empty"
    ),
    Attack("a sleep", "SELECT pg_sleep(60) AS a", POST, "stopped"),
    Attack("a sleep until", "SELECT pg_sleep_until('2999-01-01') AS a", POST, "stopped"),
    Attack("a lock on rows", "SELECT id FROM orders FOR UPDATE", BOTH, behind_postgres="empty"),
    Attack("a shared lock on rows", "SELECT id FROM orders FOR SHARE", POST, behind="empty"),
    Attack("a lock on a table", "LOCK TABLE orders"),
    Attack("an advisory lock", "SELECT pg_advisory_lock(1) AS a", POST, "nothing"),
    Attack("an end of other sessions", "SELECT pg_terminate_backend(1) AS a", POST, behind="nothing"),
]
_PEOPLE = [
    Attack("a person's address", "SELECT email FROM crm.customers"),
    Attack("a person's address by another name", "SELECT email AS channel FROM crm.customers"),
    Attack("a person's address in a CTE", "WITH a AS (SELECT email AS e FROM crm.customers) SELECT e FROM a"),
    Attack("a person's address under its own name", "SELECT LOWER(email) AS email FROM crm.customers"),
    Attack("a person's address in an order", "SELECT id FROM crm.customers ORDER BY email"),
    Attack("a person's address in a group", "SELECT COUNT(*) AS n FROM crm.customers GROUP BY email"),
    Attack("a person's address in a window", "SELECT RANK() OVER (ORDER BY email) AS n FROM crm.customers"),
    Attack("a person's address by questions", "SELECT CASE WHEN email LIKE 'a%' THEN 1 END AS a FROM crm.customers"),
    Attack("a person's address in an error", "SELECT CAST(email AS INT) AS a FROM crm.customers"),
    Attack(
        "a person's address in a join", "SELECT 1 AS a FROM crm.customers AS a JOIN crm.customers AS b USING (email)"
    ),
    Attack(
        "a person's address by a natural join",
        "SELECT * FROM crm.customers AS a NATURAL JOIN orders AS b",
        BOTH,
        "empty",
        behind_postgres="refused",
    ),
    Attack("a row of people", "SELECT customers FROM crm.customers", BOTH, "empty", behind_postgres="refused"),
    Attack("a row by its alias", "SELECT c FROM crm.customers AS c", BOTH, "empty", behind_postgres="refused"),
    Attack("a row as text", "SELECT c.*::text AS a FROM crm.customers AS c", POST, "refused"),
    Attack("a row's part", "SELECT (c).email FROM crm.customers AS c"),
    Attack("a row by a function", "SELECT row(c.email) AS a FROM crm.customers AS c"),
    Attack("a row as JSON", "SELECT row_to_json(c) AS a FROM crm.customers AS c", POST, "refused"),
    Attack("a row's part by a function", "SELECT email(c) AS a FROM crm.customers AS c", POST),
    Attack("columns by a pattern", "SELECT COLUMNS('.*') FROM crm.customers", DUCK, "empty"),
    Attack("columns by a lambda", "SELECT COLUMNS(c -> c LIKE 'e%') FROM crm.customers", DUCK),
    Attack("renamed columns", "SELECT a FROM crm.customers AS t(a, b)", BOTH, "empty"),
    Attack("all columns", "SELECT * FROM crm.customers", BOTH, "empty", passes=True, behind_postgres="refused"),
    Attack("a column that the model does not name", "SELECT salary FROM crm.customers"),
    Attack("a system's column", "SELECT xmin FROM orders", POST),
    Attack("a row's number", "SELECT rowid FROM orders", DUCK),
    Attack("a summary", "SUMMARIZE crm.customers", DUCK),
    Attack("a pivot", "PIVOT crm.customers ON country USING MAX(email)", DUCK),
    Attack(
        "another country", "SELECT country FROM crm.customers WHERE country = 'BE' OR 1 = 1", BOTH, "empty", passes=True
    ),
    Attack(
        "other countries in a union",
        "SELECT country FROM crm.customers UNION SELECT 'x' AS country",
        BOTH,
        "empty",
        passes=True,
    ),
    Attack(
        "other countries by an error",
        "SELECT 1 / CASE WHEN amount > 30 THEN 0 ELSE 1 END AS a FROM orders",
        BOTH,
        "empty",
        passes=True,
    ),
    Attack("a table beyond the filter", "SELECT planned FROM budgets", behind_postgres="nothing"),
]
ATTACKS = [*_FILES, *_NETWORK, *_TABLES, *_WRITES, *_SETTINGS, *_NESTED, *_TEXT, *_PARSER, *_BOMBS, *_PEOPLE]
