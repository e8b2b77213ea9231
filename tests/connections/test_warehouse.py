"""From an agent's Airflow connection to its warehouse: whether it answers."""

import json
from datetime import date
from pathlib import Path
from runpy import run_path

import pytest

from builders.story import MODEL
from interact.connections.warehouse import probe
from interact.errors import WarehouseUnavailable
from interact.jobs.definition import Agent
from interact.jobs.stored import StoredAgent
from interact.warehouse.semantic import read_model


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StoredAgent:
    """An agent of the demo's model whose warehouse is to be a file in a folder."""
    path = str(tmp_path / "w.duckdb")
    monkeypatch.setenv("AIRFLOW_CONN_W", json.dumps({"conn_type": "duckdb", "extra": {"path": path}}))
    return an_agent()


def an_agent(**changes: str) -> StoredAgent:
    model = read_model(MODEL).model_dump(mode="json", exclude_none=True)
    plain = {"key": "analyst", "organisation": "north", "name": "Analyst", "warehouse": "w", "semantic_model": model}
    return StoredAgent("agent_aaaaaaaaaaaa", "org_aaaaaaaaaaaa", Agent.model_validate(plain | changes))


def test_a_warehouse_that_is_loaded_answers(agent: StoredAgent, tmp_path: Path) -> None:
    run_path(str(MODEL.parent / "performance.py"))["load"](tmp_path / "w.duckdb", date(2026, 11, 22))
    probe(agent)


def test_a_file_that_is_not_there_is_away(agent: StoredAgent) -> None:
    with pytest.raises(WarehouseUnavailable, match=r"'w\.duckdb' is not there"):
        probe(agent)


def test_a_file_without_the_agents_table_is_away(agent: StoredAgent, tmp_path: Path) -> None:
    import duckdb

    duckdb.connect(str(tmp_path / "w.duckdb")).close()
    with pytest.raises(WarehouseUnavailable, match="has no table 'ad_performance'"):
        probe(agent)


def test_a_connection_that_airflow_does_not_know_is_away() -> None:
    with pytest.raises(WarehouseUnavailable, match="Airflow has no connection 'nowhere'"):
        probe(an_agent(warehouse="nowhere"))
