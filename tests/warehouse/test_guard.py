"""What the guard lets through, and the attacks that it refuses."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.warehoused import MODEL as SHOP
from interact.errors import DefinitionRefused, QueryRefused
from interact.warehouse import guard
from interact.warehouse.clauses import literal
from interact.warehouse.exposure import access_to
from interact.warehouse.guard import check
from interact.warehouse.semantic import Dimension, SemanticModel

ALLOWED = [
    "SELECT campaign, SUM(spend) AS cost FROM ad_performance GROUP BY ALL HAVING SUM(spend) > 1 ORDER BY cost DESC",
    "SELECT t.campaign FROM ad_performance AS t WHERE t.spend > 3 AND market IN ('NL', 'BE') LIMIT 3 OFFSET 1",
    "WITH a AS (SELECT * FROM ad_performance), b AS (SELECT market FROM a) SELECT COUNT(*) AS n FROM b",
    "SELECT * FROM (SELECT market AS m FROM ad_performance) AS q WHERE m LIKE 'N%'",
    "SELECT campaign FROM ad_performance WHERE spend > (SELECT AVG(spend) FROM ad_performance)",
    "SELECT CASE WHEN clicks > 0 THEN spend / clicks END, spend::DOUBLE, CAST(date AS VARCHAR) FROM ad_performance",
    "SELECT date_trunc('week', date), EXTRACT(month FROM date) AS m, date + INTERVAL '1 day' AS d FROM ad_performance",
    "SELECT date, ROW_NUMBER() OVER (PARTITION BY market ORDER BY spend DESC) AS n FROM ad_performance QUALIFY n <= 3",
    "SELECT COUNT(DISTINCT campaign) AS n, MEDIAN(spend) FILTER (WHERE clicks > 0) AS m FROM ad_performance",
    "WITH a AS (SELECT market FROM ad_performance) SELECT a.market FROM a LEFT JOIN ad_performance USING (market)",
    "select AD_PERFORMANCE.Campaign from Ad_Performance",
    'SELECT "campaign" FROM "ad_performance"',
]

ATTACKS = [
    ("a function that reads a file", "SELECT * FROM read_csv('/etc/passwd')", "from the function .READ_CSV"),
    ("a function that reads text", "SELECT * FROM read_text('/etc/passwd')", "READ_TEXT"),
    ("a function that reads bytes", "SELECT * FROM read_blob('/etc/passwd')", "READ_BLOB"),
    ("a function that lists files", "SELECT * FROM glob('/*')", "GLOB"),
    ("a function that sniffs a file", "SELECT * FROM sniff_csv('/etc/passwd')", "SNIFF_CSV"),
    ("a file as a table", "SELECT * FROM '/etc/passwd'", "/etc/passwd"),
    ("a file as a quoted table", 'SELECT * FROM "/etc/passwd"', "/etc/passwd"),
    ("writing a file", "COPY (SELECT 1) TO '/srv/x'", "does not begin with SELECT"),
    ("exporting", "EXPORT DATABASE '/srv/x'", "does not begin with SELECT"),
    ("attaching a file", "ATTACH '/srv/x.db'", "does not begin with SELECT"),
    ("detaching the file", "DETACH source", "does not begin with SELECT"),
    ("installing", "INSTALL httpfs", "does not begin with SELECT"),
    ("loading", "LOAD httpfs", "does not begin with SELECT"),
    ("inserting", "INSERT INTO ad_performance VALUES (1)", "does not begin with SELECT"),
    (
        "deleting in a CTE",
        "WITH a AS (DELETE FROM ad_performance RETURNING *) SELECT * FROM a",
        "Delete|cannot be read|DELETE",
    ),
    ("creating a table", "CREATE TEMP TABLE x AS SELECT 1", "does not begin with SELECT"),
    ("creating by selecting", "SELECT campaign INTO x FROM ad_performance", "INTO|into"),
    ("a setting", "SET enable_external_access = true", "does not begin with SELECT"),
    ("a variable", "SET VARIABLE a = 1", "does not begin with SELECT"),
    ("a pragma", "PRAGMA database_list", "does not begin with SELECT"),
    ("a call", "CALL pragma_version()", "does not begin with SELECT"),
    ("a prepared statement", "PREPARE p AS SELECT 1", "does not begin with SELECT"),
    ("an explanation", "EXPLAIN SELECT 1", "does not begin with SELECT"),
    ("a description", "DESCRIBE ad_performance", "does not begin with SELECT"),
    ("a summary", "SUMMARIZE ad_performance", "does not begin with SELECT"),
    ("a short form", "FROM ad_performance", "does not begin with SELECT"),
    ("nothing", "", "does not begin with SELECT"),
    ("two statements", "SELECT 1; SELECT 2", "semicolon"),
    ("a statement and a half", "SELECT 1;", "semicolon"),
    ("SQL in a string", "SELECT * FROM query('SELECT 1')", "QUERY"),
    ("a table by its name in a string", "SELECT * FROM query_table('ad_performance')", "QUERY_TABLE"),
    ("a serialised statement", "SELECT * FROM json_execute_serialized_sql('{}')", "JSON_EXECUTE"),
    ("settings", "SELECT * FROM duckdb_settings()", "DUCKDB_SETTINGS"),
    ("settings as a view", "SELECT * FROM duckdb_settings", "duckdb_settings"),
    ("paths of databases", "SELECT path FROM duckdb_databases()", "DUCKDB_DATABASES"),
    ("a setting as a scalar", "SELECT current_setting('memory_limit') AS a", "CURRENT_SETTING"),
    ("a variable as a scalar", "SELECT getvariable('a') AS a", "GETVARIABLE"),
    ("the file's own table", "SELECT * FROM source.main.ad_performance", "source.main.ad_performance"),
    ("a schema", "SELECT * FROM main.ad_performance", "main.ad_performance"),
    ("the catalogue", "SELECT * FROM information_schema.tables", "information_schema"),
    ("another table", "SELECT * FROM salaries", "salaries"),
    ("another table in a subquery", "SELECT 1 AS a WHERE EXISTS (SELECT 1 AS b FROM salaries)", "salaries"),
    ("a CTE that is not there yet", "WITH a AS (SELECT * FROM b), b AS (SELECT 1 AS x) SELECT * FROM a", "'b'"),
    ("a CTE under its own name", "WITH salaries AS (SELECT * FROM salaries) SELECT * FROM salaries", "salaries"),
    (
        "a CTE in place of the table",
        "WITH ad_performance AS (SELECT 1 AS x) SELECT * FROM ad_performance",
        "second meaning",
    ),
    ("a CTE inside a subquery", "SELECT * FROM (WITH a AS (SELECT 1 AS x) SELECT * FROM a) AS q", "head"),
    ("a recursive CTE", "WITH RECURSIVE a AS (SELECT 1 AS x) SELECT * FROM a", "recursive"),
    (
        "a union with another table",
        "SELECT campaign FROM ad_performance UNION ALL SELECT name FROM salaries",
        "reads 'salaries'",
    ),
    ("a long string", "SELECT repeat('x', 1000000000) AS a", "REPEAT"),
    ("a long padding", "SELECT lpad('x', 1000000000, 'y') AS a", "LPAD"),
    ("a generator", "SELECT * FROM range(1000000000000)", "RANGE|GENERATE_SERIES"),
    ("an unnested list", "SELECT unnest([1, 2]) AS a", "UNNEST|\\[1, 2\\]"),
    ("a lateral join", "SELECT * FROM ad_performance, LATERAL (SELECT 1 AS x) AS l", "LATERAL"),
    ("a positional join", "SELECT * FROM ad_performance POSITIONAL JOIN ad_performance AS b", "POSITIONAL"),
    ("an as-of join", "SELECT * FROM ad_performance ASOF JOIN ad_performance AS b USING (date)", "ASOF"),
    ("a sample", "SELECT * FROM ad_performance USING SAMPLE 10", "'sample'"),
    ("a pivot", "SELECT * FROM ad_performance PIVOT (SUM(spend) FOR market IN ('NL'))", "PIVOT"),
    ("a lock", "SELECT campaign FROM ad_performance FOR UPDATE", "UPDATE|locks"),
    ("a version in time", "SELECT * FROM ad_performance AT (VERSION => 1)", "AT|VERSION"),
    ("columns by pattern", "SELECT COLUMNS('.*') FROM ad_performance", "COLUMNS"),
    ("an unknown column", "SELECT salary FROM ad_performance", "no column 'salary'"),
    ("the row's number", "SELECT rowid FROM ad_performance", "no column 'rowid'"),
    ("a whole row", "SELECT t FROM ad_performance AS t", "no column 't'"),
    ("a column of another table", "SELECT salaries.campaign FROM ad_performance", "salaries.campaign"),
    ("renamed columns", "SELECT a FROM ad_performance AS t(a)", "renames columns"),
    ("a strange type", "SELECT 'x'::regclass AS a", "casts to"),
    ("a nested type", "SELECT CAST(campaign AS STRUCT(x INT)) AS a FROM ad_performance", "casts to|STRUCT"),
    ("a parameter", "SELECT $1 AS a", r"\$1"),
    ("a question mark", "SELECT ? AS a", r"'\?'"),
    ("a dollar-quoted string", "SELECT $$a$$ AS a", "RawString|'a'|\\$"),
    ("an escape string", "SELECT e'\\'' AS a", "allowed part"),
    ("a line comment", "SELECT 1 AS a -- note", "comment"),
    ("a block comment", "SELECT /* note */ 1 AS a", "comment"),
    ("a comment first", "/* note */ SELECT 1 AS a", "comment"),
    ("broken SQL", "SELECT FROM WHERE", "cannot be read|no column"),
    ("an open string", "SELECT 'a", "cannot be read"),
    ("a zero byte", "SELECT 'a\0b' AS a", "no text"),
    ("half a character", "SELECT '\ud800' AS a", "no text"),
    ("deep brackets", "SELECT " + "(" * 200 + "1" + ")" * 200, "nested"),
    ("deep negation", "SELECT " + "NOT " * 3000 + "true", "nested"),
    ("deep cases", "SELECT " + "CASE WHEN true THEN " * 400 + "1" + " END" * 400, "nested"),
    ("a long text", "SELECT " + "1 + " * 8000 + "1", "at most 20,000"),
]


def test_where_the_warehouse_is_not_known_a_query_may_be_in_either_of_two_dialects() -> None:
    model = SemanticModel.model_validate(
        {
            "name": "m",
            "base_table": "sales",
            "time_dimension": {"name": "day", "expr": "day"},
            "dimensions": [{"name": "market"}],
            "metrics": [{"name": "n", "agg": "count", "expr": "*"}],
        }
    )
    in_postgresql = "SELECT DISTINCT market FROM sales WHERE TO_DATE(market, 'YYYY') < day"
    with pytest.raises(QueryRefused, match=r"TO_DATE.*no allowed function"):
        guard.sole_column(in_postgresql, model)
    for sql in (in_postgresql, "SELECT DISTINCT market FROM sales WHERE market ILIKE 'n%'"):
        guard.check_sole_column(sql, model)
    for sql in ("SELECT market FROM secrets", "SELECT market, day FROM sales", "DROP TABLE sales"):
        with pytest.raises(QueryRefused, match=r"^The query") as both:
            guard.check_sole_column(sql, model)
        with pytest.raises(QueryRefused, match=r"^The query") as plain:
            guard.sole_column(sql, model)
        assert str(both.value) == str(plain.value)


@pytest.mark.parametrize("sql", ALLOWED)
def test_an_honest_query_passes(sql: str, model: SemanticModel) -> None:
    check(sql, model)


@pytest.mark.parametrize(("sql", "reason"), [pytest.param(sql, reason, id=name) for name, sql, reason in ATTACKS])
def test_an_attack_is_refused_with_its_reason(sql: str, reason: str, model: SemanticModel) -> None:
    with pytest.raises(QueryRefused, match=reason):
        check(sql, model)


def read(sql: str, *, dialect: str = "duckdb") -> None:
    guard.read(sql, access_to(SHOP), dialect=dialect, is_free=True)


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("SELECT channel AS name FROM orders ORDER BY name", "duckdb"),
        ("SELECT channel FROM orders WHERE day >= DATE_SUB(DATE '2026-11-14', INTERVAL 7 DAY)", "bigquery"),
        ("SELECT COUNTIF(amount > 1) AS n, SAFE_DIVIDE(SUM(amount), COUNT(*)) AS a FROM `orders`", "bigquery"),
        ("SELECT country FROM `crm.customers`", "bigquery"),
        ("SELECT IFF(amount > 1, 1, 0) AS a, DATEADD(day, 7, day) AS d FROM orders", "snowflake"),
        ("SELECT TOP 3 channel, ISNULL(note, '') AS a FROM orders", "tsql"),
        ("SELECT DATE_FORMAT(day, '%Y-%m') AS m, IFNULL(note, '') AS a FROM `orders`", "mysql"),
        ("SELECT strftime('%Y', day) AS y, julianday(day) AS d FROM orders", "sqlite"),
    ],
)
def test_an_agents_own_sql_passes_in_the_words_of_its_database(sql: str, dialect: str) -> None:
    read(sql, dialect=dialect)


@pytest.mark.parametrize(
    ("sql", "dialect", "told"),
    [
        ("SELECT CURRENT_DATE AS d FROM orders", "duckdb", "asks for the hour by 'CURRENT_DATE'. Write the date"),
        ("SELECT NOW() AS d FROM orders", "duckdb", "asks for the hour by"),
        ("SELECT id /*! UNION SELECT person FROM staff */ FROM orders", "mysql", "holds a comment"),
        ("SELECT id FROM orders # note", "mysql", "holds a comment"),
        ("SELECT '\\' UNION SELECT person FROM staff WHERE '1' = '1' AS a", "mysql", r"cannot be read|reads 'staff'"),
        ("SELECT $1 AS a FROM @stage", "snowflake", "allowed|cannot be read|reads"),
        ("SELECT SYSTEM$TYPEOF(id) AS a FROM orders", "snowflake", "allowed function|cannot be read|no column"),
        ("SELECT * FROM EXTERNAL_QUERY('c', 'SELECT 1')", "bigquery", "from the function"),
        ("SELECT * FROM OPENROWSET('a', 'b', 'c')", "tsql", "from the function"),
        ("EXEC xp_cmdshell 'dir'", "tsql", "does not begin with SELECT"),
        ("SELECT load_extension('x') AS a FROM orders", "sqlite", "no allowed function"),
        ("SELECT LOAD_FILE('/etc/passwd') AS a FROM orders", "mysql", "no allowed function"),
        ("SELECT id FROM orders INTO OUTFILE '/srv/x'", "mysql", r"INTO|into|cannot be read"),
    ],
)
def test_an_attack_in_the_words_of_another_database_is_refused(sql: str, dialect: str, told: str) -> None:
    with pytest.raises(QueryRefused, match=told):
        read(sql, dialect=dialect)


def test_refused_sql_is_not_logged(model: SemanticModel, caplog: pytest.LogCaptureFixture) -> None:
    for _, sql, _ in ATTACKS:
        with pytest.raises(QueryRefused, match=r"\."):
            check(sql, model)
    assert caplog.text == ""


def test_every_listed_part_and_function_exists_in_sqlglot() -> None:
    from sqlglot import exp

    assert [name for name in sorted(guard.PARTS | guard.FUNCTIONS) if not hasattr(exp, name)] == []
    assert [name for name in guard.CASTS if not hasattr(exp.DataType.Type, name)] == []


def test_the_columns_of_a_model_are_those_its_expressions_name(model: SemanticModel) -> None:
    assert access_to(model).tables["ad_performance"].shown(is_free=True) == [
        *("campaign", "channel", "clicks", "conversions", "date", "impressions", "market"),
        *("revenue", "spend", "target_cpa", "target_roas"),
    ]


def test_a_model_with_a_broken_expression_is_refused(model: SemanticModel) -> None:
    broken = Dimension(name="odd", label="Odd", plural="odd", expr="CASE WHEN")
    with pytest.raises(DefinitionRefused, match="'CASE WHEN', which is no SQL expression"):
        access_to(model.model_copy(update={"dimensions": (*model.dimensions, broken)}))


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=200))
def test_whatever_text_a_filter_holds_stays_a_literal(model: SemanticModel, text: str) -> None:
    check(f"SELECT campaign FROM ad_performance WHERE campaign = {literal(text)}", model)


@given(st.text(max_size=300))
def test_any_text_is_passed_or_refused_and_never_breaks_the_guard(model: SemanticModel, text: str) -> None:
    with suppress(QueryRefused):
        check("SELECT " + text, model)
