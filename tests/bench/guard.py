"""What the door costs a query: the same SQL through the guard and the process apart, and bare in DuckDB."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from pairs import Row, alternate

from interact.warehouse import guard
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.exposure import access_to
from interact.warehouse.semantic import SemanticModel

ROWS = 1_000_000
END = date(2026, 11, 14)
ROUNDS = 20
MODEL = SemanticModel.model_validate(
    {
        "name": "performance",
        "base_table": "ad_performance",
        "time_dimension": {"name": "date", "expr": "date", "type": "date"},
        "dimensions": [{"name": "campaign"}, {"name": "market"}],
        "metrics": [
            {"name": "spend", "agg": "sum", "expr": "spend"},
            {"name": "revenue", "agg": "sum", "expr": "revenue"},
        ],
    }
)
QUERIES = (
    "SELECT campaign, SUM(revenue) / NULLIF(SUM(spend), 0) AS roas FROM ad_performance "
    "WHERE date BETWEEN DATE '2026-11-08' AND DATE '2026-11-14' GROUP BY campaign ORDER BY roas DESC LIMIT 10",
    "SELECT CAST(date_trunc('week', date) AS DATE) AS week, market, SUM(spend) AS spend FROM ad_performance "
    "GROUP BY 1, 2 ORDER BY 1, 2",
    "WITH days AS (SELECT date, SUM(spend) AS spend FROM ad_performance GROUP BY date) "
    "SELECT date, spend, spend - LAG(spend) OVER (ORDER BY date) AS change FROM days ORDER BY date DESC LIMIT 30",
)
SMALL = "SELECT market FROM ad_performance LIMIT 1"


def measure() -> list[Row]:
    """Return the row: seconds of three queries on a million rows; what one check and one round trip take is printed."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        path = _loaded(Path(folder) / "million.duckdb")
        with _timed_door(path) as (door, opening), duckdb.connect(path, read_only=True) as bare:
            pairs = alternate(
                _each(lambda sql: door.query(sql, title="t")), _each(lambda sql: bare.execute(sql).fetchall())
            )
            access = access_to(MODEL)
            check = _median(lambda: guard.read(QUERIES[0], access, dialect="duckdb", is_free=True))
            trip = _median(lambda: door.query(SMALL, title="t")) - _median(
                lambda: guard.read(SMALL, access, dialect="duckdb", is_free=True)
            )
    print(
        f"guard_per_query: spread of the baseline {pairs.spread:.0%}; the process opens in {opening * 1000:.0f} ms, "
        f"a check takes {check * 1000:.1f} ms, a round trip of the smallest query {trip * 1000:.1f} ms"
    )
    return [pairs.row("guard_per_query", aim=1.5)]


def _loaded(path: Path) -> Path:
    import duckdb

    with duckdb.connect(path) as connection:
        connection.execute(
            f"CREATE TABLE ad_performance AS SELECT DATE '{END}' - CAST(i % 730 AS INTEGER) AS date, "
            "'Campaign ' || (i % 97) AS campaign, ['NL', 'BE', 'DE'][1 + i % 3] AS market, "
            f"(i * 7919 % 10000) / 100 AS spend, (i * 104729 % 30000) / 100 AS revenue FROM range({ROWS}) AS r(i)"
        )
    return path


@contextmanager
def _timed_door(path: Path) -> Iterator[tuple[DuckDbDoor, float]]:
    """Give an open door, and how long it took to open."""
    began = time.perf_counter()
    with DuckDbDoor(path, MODEL, {}, new_id=lambda: "result_aaaaaaaaaaaa") as door:
        door.query(SMALL, title="t")
        yield door, time.perf_counter() - began


def _each(run: Callable[[str], Any]) -> Callable[[], float]:
    def seconds() -> float:
        began = time.perf_counter()
        for sql in QUERIES:
            run(sql)
        return time.perf_counter() - began

    return seconds


def _median(run: Callable[[], Any]) -> float:
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        run()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
