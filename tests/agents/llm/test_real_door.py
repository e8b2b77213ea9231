"""A model's SQL through the real guard and a real warehouse: refused with a sentence, mended, answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from runpy import run_path

import pytest

from builders.llm import WEEK, a_question, an_llm, answered, tells_spend
from builders.model_servers import a_model_server, calls
from builders.story import MODEL
from interact.jobs.naming import new_id
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.semantic import read_model

SPEND = "SELECT SUM(spend) AS spend FROM ad_performance WHERE date = DATE '2026-11-21'"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A loaded warehouse."""
    path = tmp_path_factory.mktemp("w") / "w.duckdb"
    run_path(str(MODEL.parent / "performance.py"))["load"](path, date(2026, 11, 22))
    return path


@contextmanager
def opened(path: Path, **filters: str) -> Iterator[DuckDbDoor]:
    with DuckDbDoor(path, read_model(MODEL), filters, new_id=lambda: new_id("result")) as door:
        yield door


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE ad_performance",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT 1; SELECT 2",
        "SELECT * FROM secrets",
    ],
)
def test_sql_that_the_guard_refuses_comes_back_and_the_next_runs(sql: str, warehouse: Path) -> None:
    wrong, right = (calls("query_sql", sql=each, title="Spend") for each in (sql, SPEND))
    with a_model_server(wrong, right, tells_spend) as server, opened(warehouse) as door:
        answer = answered(an_llm(server), a_question(may_write_sql=True), door=door)
    refused = server.asked[1].returns[0]
    assert refused.startswith('{"error":') and "rows" not in refused
    assert server.asked[2].result["row_count"] == 1
    assert answer.text.startswith("Spend was [[result_")


def test_a_run_of_one_market_sees_that_market_alone(warehouse: Path) -> None:
    by_market = calls("query_metrics", **(WEEK | {"dimensions": ["market"]}))
    with a_model_server(by_market, tells_spend) as server, opened(warehouse, market="NL") as door:
        answered(an_llm(server), a_question(parameters={"market": "NL"}, filters={"market": "NL"}), door=door)
    assert [row[0] for row in server.asked[1].result["rows"]] == ["NL"]
    assert '{"market": "NL"}' in server.asked[0].instructions


def test_values_come_from_the_warehouse(warehouse: Path) -> None:
    turns = (calls("describe", dimension="market", like="tiktok"), calls("describe", dimension="market"))
    with a_model_server(*turns, calls("query_metrics", **WEEK), tells_spend) as server, opened(warehouse) as door:
        answered(an_llm(server), door=door)
    assert "There is no value 'tiktok'" in server.asked[1].returns[0]
    assert '"values":["BE","DE","NL"]' in server.asked[2].returns[1]
