"""The analyst's own time for the seed's second prompt on a million rows, beside the same SQL run bare in DuckDB."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pairs import Row, alternate

from interact.agents.analyst.analyst import EmbeddedAnalyst
from interact.agents.contract import Journal, Question
from interact.jobs.naming import new_id
from interact.runs.abilities import CHECK
from interact.warehouse.door import MOST_THREADS, DuckDbDoor
from interact.warehouse.semantic import SemanticModel, read_model

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

REPOSITORY = Path(__file__).resolve().parents[2]
END = date(2026, 11, 15)
ROWS, PAIRS = 1_000_000, 7
FILL = f"""
CREATE TABLE ad_performance AS
WITH keys AS (
  SELECT
    i, i // 2500 AS day, i % 50 AS campaign, (i // 50) % 50 AS market, 1 + (i * 7919) % 997 AS chance
  FROM range({ROWS}) AS numbers (i)
)
SELECT
  DATE '{END}' - CAST(399 - day AS INTEGER) AS date,
  'Campaign ' || campaign AS campaign,
  ['Paid search', 'Shopping', 'Display', 'Social', 'Video'][1 + campaign % 5] AS channel,
  'M' || market AS market,
  CAST(1000 + chance AS BIGINT) AS impressions,
  CAST(20 + chance % 90 AS BIGINT) AS clicks,
  CAST(10 + chance % 40 AS DECIMAL(12, 2)) AS spend,
  CAST(chance % 5 AS BIGINT) AS conversions,
  CAST((chance % 5) * (10 + campaign) AS DECIMAL(12, 2)) AS revenue,
  CAST(20 AS DECIMAL(8, 2)) AS target_cpa,
  CAST(2 AS DECIMAL(6, 2)) AS target_roas
FROM keys
"""


PLAIN = """
import json, sys
import duckdb
connection = duckdb.connect(sys.argv[1], read_only=True, config={"threads": sys.argv[2]})
for sql in json.load(sys.stdin):
    connection.execute(sql).fetchall()
"""


class Watched(DuckDbDoor):
    """A door that keeps each SQL text that its process runs, and how long it was asked for it."""

    def __init__(self, path: Path, model: SemanticModel) -> None:
        super().__init__(path, model, {}, new_id=lambda: new_id("result"))
        self.asked: list[tuple[str, float]] = []

    def _exchanged(self, question: dict[str, Any]) -> dict[str, Any]:
        began = time.perf_counter()
        answer = super()._exchanged(question)
        self.asked.append((question["sql"], time.perf_counter() - began))
        return answer


def measure() -> list[Row]:
    """Return the rows: an answer beside a plain process that runs its SQL, and on an open door beside a connection."""
    import duckdb

    model = read_model(REPOSITORY / "include" / "demo" / "semantic_model.yaml")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.duckdb"
        with closing(duckdb.connect(str(path))) as connection:
            connection.execute(FILL)
        with Watched(path, model) as door:
            answer(door)
            texts = [sql for sql, _ in door.asked]
        cold = alternate(lambda: opened(path, model), lambda: plain(path, texts), pairs=PAIRS)
        threads = min(MOST_THREADS, len(os.sched_getaffinity(0)))  # As the door does.
        beside = duckdb.connect(str(path), read_only=True, config={"threads": threads})
        with closing(beside), Watched(path, model) as door:
            door.members("campaign")
            warm = alternate(lambda: answer(door), lambda: bare(beside, texts), pairs=PAIRS)
    mixed = statistics.median(cold.ours) / statistics.median(warm.baseline)
    for name, pairs in (("analyst_1m_rows", cold), ("analyst_1m_rows_open", warm)):
        print(f"{name}: spread of the baseline {pairs.spread:.0%}, {PAIRS} pairs, {len(texts)} queries")
    print(f"analyst_1m_rows: {mixed:.1f} times its SQL on an open connection, most of it the start of the process")
    return [cold.row("analyst_1m_rows", aim=1.5), warm.row("analyst_1m_rows_open", aim=1.5)]


def opened(path: Path, model: SemanticModel) -> float:
    """Return the seconds of one answer with all that is around it: process, guard, queries, reading and writing."""
    began = time.perf_counter()
    with Watched(path, model) as door:
        answer(door)
    return time.perf_counter() - began


def plain(path: Path, texts: list[str]) -> float:
    """Return the seconds of a process that does nothing but run the same SQL."""
    began = time.perf_counter()
    command = [sys.executable, "-c", PLAIN, str(path), str(min(MOST_THREADS, len(os.sched_getaffinity(0))))]
    subprocess.run(command, input=json.dumps(texts), text=True, check=True)
    return time.perf_counter() - began


def answer(door: Watched) -> float:
    """Answer the prompt and return the seconds."""
    began = time.perf_counter()
    told = EmbeddedAnalyst().answer(Question(CHECK, date(2026, 11, 16)), door, Journal())
    assert told.findings
    return time.perf_counter() - began


def bare(connection: "DuckDBPyConnection", texts: list[str]) -> float:
    """Return the seconds of the same SQL, run and fetched."""
    began = time.perf_counter()
    for sql in texts:
        connection.execute(sql).fetchall()
    return time.perf_counter() - began
