"""The process that runs queries, asked directly: what it refuses although no guard stands before it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from interact.warehouse import pipe
from interact.warehouse.exposure import access_to
from interact.warehouse.pipe import Pipe
from interact.warehouse.semantic import SemanticModel

LIMITS = {"seconds": 5.0, "rows": 100, "result_bytes": 100_000, "cell_characters": 50}

READS_NOTHING_ELSE = [
    ("a function that reads text", "SELECT * FROM read_text('/etc/passwd')"),
    ("a function that reads CSV", "SELECT * FROM read_csv('/etc/passwd')"),
    ("a function that lists files", "SELECT * FROM glob('/*')"),
    ("a function in a join", "SELECT * FROM ad_performance, range(3)"),
    ("a function in a subquery", "SELECT 1 WHERE EXISTS (SELECT * FROM range(3))"),
    ("SQL in a string", "FROM query('SELECT market FROM source.main.ad_performance')"),
    ("a table's name in a string", "FROM query_table('source.main.ad_performance')"),
    ("the file's own table", "SELECT market FROM source.main.ad_performance"),
    ("the file's own table, shorter", "SELECT market FROM source.ad_performance"),
    ("the file's own table in a CTE", "WITH a AS (SELECT market FROM source.ad_performance) SELECT * FROM a"),
    ("the file's own table in a scalar", "SELECT (SELECT MAX(market) FROM source.ad_performance)"),
    ("the file's own table, quoted", 'SELECT market FROM "source"."main"."ad_performance"'),
    ("a file as a table", "SELECT * FROM '/etc/passwd'"),
    ("databases", "SELECT * FROM duckdb_databases()"),
    ("settings as a view", "SELECT * FROM duckdb_settings"),
    (
        "settings behind a CTE of their name",
        "WITH duckdb_settings AS (SELECT * FROM duckdb_settings) FROM duckdb_settings",
    ),
    ("settings beside a nested CTE", "SELECT * FROM duckdb_views, (WITH duckdb_views AS (SELECT 1) SELECT 1)"),
    ("a later CTE", "WITH a AS (SELECT * FROM duckdb_views), duckdb_views AS (SELECT 1) SELECT * FROM a"),
    ("a recursive CTE", "WITH RECURSIVE a AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM a) SELECT MAX(i) FROM a"),
    ("a description", "DESCRIBE ad_performance"),
    ("a summary", "SUMMARIZE ad_performance"),
    ("tables", "SHOW ALL TABLES"),
    ("two statements", "SELECT 1; SELECT 2"),
    ("a statement behind a SELECT", "SELECT 1; ATTACH '/srv/x.db'"),
    ("nothing", ""),
    ("an attachment", "ATTACH '/srv/x.db'"),
    ("a detachment", "DETACH source"),
    ("writing a file", "COPY (SELECT 1) TO '/srv/x.csv'"),
    ("a table", "CREATE TABLE x AS SELECT 1"),
    ("a temporary table", "CREATE TEMP TABLE x AS SELECT 1"),
    ("a macro", "CREATE MACRO ad_performance() AS TABLE SELECT 1"),
    ("a variable", "SET VARIABLE a = 1"),
    ("a setting", "SET enable_external_access = true"),
    ("a pragma", "PRAGMA database_list"),
    ("a call", "CALL pragma_version()"),
    ("a prepared statement", "PREPARE p AS SELECT 1"),
    ("an explanation", "EXPLAIN SELECT market FROM source.ad_performance"),
    ("an insertion", "INSERT INTO source.ad_performance SELECT * FROM source.ad_performance"),
    ("a deletion", "DELETE FROM source.ad_performance"),
    ("a pivot", "PIVOT ad_performance ON market USING SUM(spend)"),
    ("an extension", "INSTALL httpfs"),
]

THREE = "ad_performance a, ad_performance b, ad_performance c"
Start = Callable[..., Pipe]


@pytest.fixture
def start(model: SemanticModel, demo_file: Path) -> Iterator[Start]:
    started: list[Pipe] = []

    def build(**changes: Any) -> Pipe:
        columns = changes.pop("columns", access_to(model).tables["ad_performance"].shown(is_free=False))
        table = {"table": "ad_performance", "names": columns, "columns": columns, "free_columns": ["date", "market"]}
        table |= {"times": [["date", "date"]], "where": changes.pop("where", "market = 'NL'")}
        setup = {"path": str(demo_file), "memory_bytes": 1_500_000_000, "threads": 2, "tables": [table]}
        started.append(pipe.start())
        assert started[-1].ask(setup | changes, seconds=20) == {"ready": True}
        return started[-1]

    yield build
    for each in started:
        each.close()


def ask(process: Pipe, sql: str, **changes: Any) -> dict[str, Any]:
    return process.ask(LIMITS | {"sql": sql} | changes, seconds=30)


@pytest.mark.parametrize("sql", [pytest.param(sql, id=name) for name, sql in READS_NOTHING_ELSE])
def test_without_the_guard_the_process_still_reads_only_its_view(start: Start, sql: str) -> None:
    process = start()
    assert ask(process, sql)["error"] in ("refused", "misread", "failed")
    assert ask(process, "SELECT DISTINCT market FROM ad_performance")["rows"] == [["NL"]]


def test_the_view_has_only_the_models_columns(start: Start) -> None:
    process = start(columns=["date", "market", "spend"])
    assert ask(process, "SELECT * FROM ad_performance LIMIT 1")["columns"] == ["date", "market", "spend"]
    assert "revenue" in ask(process, "SELECT revenue FROM ad_performance")["fact"]


def test_an_agents_own_sql_sees_views_of_its_own(start: Start) -> None:
    process = start()
    assert ask(process, "SELECT * FROM ad_performance LIMIT 1", is_free=True)["columns"] == ["date", "market"]
    assert "spend" in ask(process, "SELECT spend FROM ad_performance", is_free=True)["fact"]
    assert ask(process, "SELECT spend FROM for_the_compiler.ad_performance", is_free=True)["error"] == "refused"
    assert len(ask(process, "SELECT spend FROM ad_performance")["rows"]) == 100


def test_an_error_tells_an_agent_nothing_of_rows_that_the_filter_takes_away(start: Start) -> None:
    sql = "SELECT COUNT(*) AS n FROM ad_performance WHERE CASE WHEN market = 'BE' THEN error('seen') ELSE true END"
    assert ask(start(), sql, is_free=True)["columns"] == ["n"]


def test_a_tables_schema_stays_in_its_name(start: Start, a_file: Callable[..., Path]) -> None:
    table = "CREATE SCHEMA crm; CREATE TABLE crm.customers AS SELECT 1 AS id, 'NL' AS country"
    shown = {"names": ["id"], "columns": ["id"], "free_columns": ["id"], "where": "", "times": []}
    process = start(path=str(a_file("shop.duckdb", table, empty=True)), tables=[{"table": "crm.customers", **shown}])
    assert ask(process, "SELECT * FROM crm.customers")["rows"] == [[1]]
    assert ask(process, "SELECT id FROM customers")["error"] == "refused"
    assert ask(process, "SELECT id FROM source.crm.customers")["error"] == "refused"


def test_nothing_of_the_callers_environment_reaches_the_process(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SECRET", "hunter2")
    environment = Path(f"/proc/{start().pid}/environ").read_bytes()
    assert sorted(entry.split(b"=")[0] for entry in environment.split(b"\0") if entry) == [
        b"HOME",
        b"MALLOC_ARENA_MAX",
        b"PYTHONPATH",
        b"PYTHONUTF8",
    ]


def test_no_open_file_of_the_caller_reaches_the_process(start: Start, tmp_path: Path) -> None:
    with (tmp_path / "secret").open("w") as secret:
        os.set_inheritable(secret.fileno(), True)
        folder = Path(f"/proc/{start().pid}/fd")
        assert str(tmp_path / "secret") not in {str(entry.readlink()) for entry in folder.iterdir()}


def test_the_process_imports_neither_pydantic_nor_airflow(start: Start) -> None:
    maps = Path(f"/proc/{start().pid}/maps").read_text()
    assert "duckdb" in maps
    assert "pydantic_core" not in maps


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("DATE '2026-11-14'", "2026-11-14"),
        ("TIMESTAMP '2026-11-14 10:30:00'", "2026-11-14T10:30:00"),
        ("TIME '10:30:00'", "10:30:00"),
        ("1.50::DECIMAL(9, 2)", 1.5),
        ("170141183460469231731687303715884105727::HUGEINT", 170141183460469231731687303715884105727),
        ("'nan'::DOUBLE", None),
        ("'inf'::DOUBLE", None),
        ("NULL", None),
        ("true", True),
        ("[1, 2]", "[1, 2]"),
        ("INTERVAL '1 day'", "1 day, 0:00:00"),
        ("'é€😀'", "é€😀"),
    ],
)
def test_values_arrive_as_json_can_hold_them(start: Start, value: str, shown: object) -> None:
    assert ask(start(), f"SELECT {value} AS a")["rows"] == [[shown]]


def test_rows_over_the_limit_are_cut_and_marked(start: Start) -> None:
    process = start()
    assert len(ask(process, "SELECT * FROM ad_performance")["rows"]) == 100
    assert ask(process, "SELECT * FROM ad_performance")["truncated"] is True
    assert ask(process, "SELECT * FROM ad_performance LIMIT 100")["truncated"] is False


def test_bytes_over_the_limit_are_cut_and_marked(start: Start) -> None:
    answer = ask(start(), "SELECT campaign FROM ad_performance", result_bytes=100)
    assert 0 < len(answer["rows"]) < 10
    assert answer["truncated"] is True


def test_a_long_cell_is_cut_and_marked(start: Start) -> None:
    answer = ask(start(), "SELECT repeat('x', 51) AS a")
    assert answer["rows"] == [["x" * 50 + "…"]]
    assert answer["truncated"] is True


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT COUNT(*) FROM {THREE} WHERE hash(a.spend + b.spend + c.spend) = 7",
        f"SELECT a.date FROM {THREE} WHERE hash(a.spend + b.spend + c.spend) = 7",
    ],
)
def test_a_runaway_is_interrupted_at_its_time_and_the_next_query_works(start: Start, sql: str) -> None:
    process = start()
    assert ask(process, sql, seconds=0.5) == {"error": "stopped", "fact": "time"}
    assert ask(process, "SELECT 1 AS a")["rows"] == [[1]]


def test_what_ignores_the_interrupt_is_killed_by_the_kernel(start: Start) -> None:
    process = start(memory_bytes=20_000_000_000)
    with pytest.raises(EOFError, match="SIGALRM"):
        ask(process, "SELECT length(repeat('x', 3000000000)) AS a", seconds=0.1)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT repeat('x', 1000000000) AS a",
        "SELECT list(a.campaign) FROM ad_performance a, ad_performance b",
        "SELECT string_agg(repeat('x', 1000000), '') FROM ad_performance",
    ],
)
def test_what_eats_memory_is_stopped(start: Start, sql: str) -> None:
    assert ask(start(), sql, seconds=20) == {"error": "stopped", "fact": "memory"}


def test_a_failed_query_says_why_in_one_line(start: Start) -> None:
    answer = ask(start(), "SELECT salary FROM ad_performance")
    assert answer["error"] == "misread"
    assert "salary" in answer["fact"]
    assert "\n" not in answer["fact"]


def test_deep_nesting_ends_in_an_answer_or_in_the_end_of_the_process(start: Start) -> None:
    assert outcome(start(), "SELECT " + "(" * 9000 + "1" + ")" * 9000) in ("misread", "stopped", "SIGSEGV", "SIGABRT")


def outcome(process: Pipe, sql: str) -> str:
    try:
        return str(ask(process, sql)["error"])
    except EOFError as ended:
        return str(ended)


def test_a_path_and_a_value_with_quotes_are_quoted(start: Start, a_file: Callable[..., Path]) -> None:
    table = "CREATE TABLE ad_performance AS SELECT DATE '2026-11-14' AS date, 'O''Brien' AS market"
    path = a_file("o'clock.duckdb", table, empty=True)
    process = start(path=str(path), columns=["date", "market"], where="market = 'O''Brien'")
    assert ask(process, "SELECT market FROM ad_performance")["rows"] == [["O'Brien"]]
