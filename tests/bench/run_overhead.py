"""Trigger to finished for one market, beside a bare DAG of four tasks and a plain process that makes the same PDF."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from pairs import Row, alternate

from interact.commands.calls import Calls
from interact.commands.local import Local, load_warehouse, running, wait_for_dag
from interact.commands.stack import REPOSITORY, Place

HERE = Path(__file__).resolve().parent
PORT = 8931
PAIRS = 7


def measure() -> list[Row]:
    """Return the row; all three parts are printed."""
    with tempfile.TemporaryDirectory() as folder:
        at = Place(Path(folder), PORT)
        with running(at, dict(os.environ), print, dags=(HERE / "dags",)) as local:
            load_warehouse(local)
            wait_for_dag(local, "bench_empty")
            ours = _our_dag(local)
            parts: dict[str, list[float]] = {"bare": [], "plain": []}

            def baseline() -> float:
                parts["bare"].append(_run(local.airflow, "bench_empty", {}))
                parts["plain"].append(_plain(at.warehouse, at.home / "plain.pdf"))
                return parts["bare"][-1] + parts["plain"][-1]

            pairs = alternate(lambda: _run(local.airflow, ours, {"market": ["NL"]}), baseline, pairs=PAIRS)
    bare, plain = (statistics.median(parts[name][1:]) for name in ("bare", "plain"))
    print(
        f"run_overhead: ours {statistics.median(pairs.ours):.2f} s, bare DAG {bare:.2f} s, plain process {plain:.2f} s,"
    )
    print(f"              spread of the baseline {pairs.spread:.0%}, {PAIRS} pairs")
    return [pairs.row("run_overhead", aim=1.25)]


def _our_dag(local: Local) -> str:
    dags = local.airflow.get("/api/v2/dags?tags=interact&limit=100")["dags"]
    dag_id: str = next(dag["dag_id"] for dag in dags if "weekly" in dag["dag_id"])
    wait_for_dag(local, dag_id)
    return dag_id


def _run(airflow: Calls, dag_id: str, conf: dict[str, list[str]]) -> float:
    """Return the seconds from the request to the end that Airflow recorded."""
    began = datetime.now(UTC)
    path = f"/api/v2/dags/{dag_id}/dagRuns"
    run = airflow.post(path, {"logical_date": None, "conf": conf})["dag_run_id"]
    while (found := airflow.get(f"{path}/{run}"))["state"] not in ("success", "failed"):
        time.sleep(0.25)
    if found["state"] != "success":
        raise SystemExit(f"{dag_id} {run} ended as {found['state']}")
    return (datetime.fromisoformat(found["end_date"]) - began).total_seconds()


def _plain(warehouse: Path, pdf: Path) -> float:
    began = time.monotonic()
    environ = {**os.environ, "PYTHONPATH": str(REPOSITORY / "plugins")}
    subprocess.run([sys.executable, str(HERE / "plain_answer.py"), str(warehouse), str(pdf)], env=environ, check=True)
    return time.monotonic() - began
