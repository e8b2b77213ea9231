"""Airflow DAGs of the demo: the upstream pipeline that loads its warehouse.

Each run writes 400 days that end the day before the run, and updates the asset that jobs can wait for. The file's place
is in the connection `demo_warehouse` (type `duckdb`, extra `{"path": "/…/warehouse.duckdb"}`).
"""

from __future__ import annotations

import logging
from datetime import timedelta

from airflow.sdk import Asset, dag, get_current_context, task

log = logging.getLogger(__name__)


@dag(schedule=None, catchup=False, max_active_runs=1, is_paused_upon_creation=False, tags=["interact", "demo"])
def demo_warehouse_load() -> None:
    """Load the demo's warehouse."""

    @task(outlets=[Asset("warehouse.ad_performance")])
    def load() -> int:
        """Write the warehouse and return the number of its rows."""
        import runpy

        from interact import settings
        from interact.connections.warehouse import database_path

        path = database_path("demo_warehouse")
        end = get_current_context()["dag_run"].run_after.date() - timedelta(days=1)
        generator = runpy.run_path(str(settings.read().include_dir / "demo" / "performance.py"))
        count: int = generator["load"](path, end)
        log.info("Loaded %d rows, the last of %s, into %s.", count, end, path.name)
        return count

    load()


demo_warehouse_load()
