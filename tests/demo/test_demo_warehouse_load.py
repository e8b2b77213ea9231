"""The DAG that loads the demo's warehouse."""

from __future__ import annotations

import importlib.util
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def dag_file() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo_warehouse_load_file", ROOT / "dags" / "demo_warehouse_load.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def dag(dag_file: ModuleType) -> Any:
    return dag_file.demo_warehouse_load()


def test_the_dag_has_no_schedule_and_one_task_that_updates_the_asset(dag: Any) -> None:
    assert dag.dag_id == "demo_warehouse_load"
    assert dag.schedule is None
    assert dag.task_ids == ["load"]
    assert [outlet.name for outlet in dag.get_task("load").outlets] == ["warehouse.ad_performance"]


def test_the_task_loads_up_to_the_day_before_its_run(
    dag: Any, dag_file: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import duckdb

    path = tmp_path / "warehouse.duckdb"
    monkeypatch.setenv("AIRFLOW_CONN_DEMO_WAREHOUSE", f'{{"conn_type": "duckdb", "extra": {{"path": "{path}"}}}}')
    monkeypatch.setenv("INTERACT_INCLUDE_DIR", str(ROOT / "include"))
    run = SimpleNamespace(run_after=datetime(2026, 11, 15, 0, 30, tzinfo=UTC))
    monkeypatch.setattr(dag_file, "get_current_context", lambda: {"dag_run": run})
    count = dag.get_task("load").python_callable()
    with duckdb.connect(path, read_only=True) as connection:
        assert connection.execute("SELECT MAX(date), COUNT(*) FROM ad_performance").fetchall() == [
            (date(2026, 11, 14), count)
        ]
