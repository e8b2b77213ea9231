"""From an agent's Airflow connection to its warehouse: whether it answers."""

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from runpy import run_path

import pytest
from airflow.providers.common.sql.hooks.sql import DbApiHook
from airflow.sdk import Connection
from sqlalchemy import make_url

from builders.story import MODEL
from builders.warehoused import MODEL as SHOP
from builders.warehoused import postgres_place
from interact.connections.warehouse import LIBPQ, libpq, open_warehouse, probe, read_column
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


def an_agent(**changes: object) -> StoredAgent:
    model = read_model(MODEL).model_dump(mode="json", exclude_none=True)
    plain = {"key": "analyst", "organisation": "north", "name": "Analyst", "warehouse": "w", "semantic_model": model}
    return StoredAgent("agent_aaaaaaaaaaaa", "org_aaaaaaaaaaaa", Agent.model_validate(plain | changes))


def a_shop_agent() -> StoredAgent:
    return an_agent(semantic_model=SHOP.model_dump(mode="json", exclude_none=True))


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


def test_a_postgresql_connection_opens_the_door_of_its_own(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with postgres_place(postgres_url) as connect:
        plain = {
            "conn_type": "postgres",
            "host": connect["host"],
            "login": connect["user"],
            "schema": connect["dbname"],
        }
        monkeypatch.setenv("AIRFLOW_CONN_W", json.dumps(plain))
        agent = a_shop_agent()
        probe(agent)
        assert read_column(agent, "SELECT DISTINCT country FROM crm.customers ORDER BY country", 2) == ("BE", "DE")
        with open_warehouse(agent, {"country": "DE"}) as door:
            assert (door.dialect, door.members("channel")) == ("postgres", ("Phone",))


def test_a_postgresql_connection_is_told_to_libpq_with_its_password_and_tls_only() -> None:
    connection = Connection(
        conn_id="w",
        conn_type="postgres",
        host="db.example.com",
        login="reader",
        password="hunter2",
        schema="shop",
        port=5433,
        extra='{"sslmode": "verify-full", "sslrootcert": "/ca.pem", "cursor": "dictcursor"}',
    )
    assert libpq(connection) == {
        "host": "db.example.com",
        "port": 5433,
        "user": "reader",
        "password": "hunter2",
        "dbname": "shop",
        "sslmode": "verify-full",
        "sslrootcert": "/ca.pem",
    }


@pytest.mark.parametrize(
    ("host", "schema", "told"),
    [("127.0.0.1", "shop", "'w' does not answer"), ("SERVER", "nowhere", "'w' has no such user or database")],
)
def test_a_postgresql_that_does_not_answer_is_away_and_no_secret_is_told(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, host: str, schema: str, told: str
) -> None:
    host = str(make_url(postgres_url).query["host"]) if host == "SERVER" else host
    plain = {"conn_type": "postgres", "host": host, "port": 1 if host == "127.0.0.1" else None, "schema": schema}
    plain |= {"login": "interact", "password": "hunter2"}
    monkeypatch.setenv("AIRFLOW_CONN_W", json.dumps(plain))
    with pytest.raises(WarehouseUnavailable, match=told) as raised:
        probe(a_shop_agent())
    assert not any(word in str(raised.value) for word in ("hunter2", host, "interact ", schema))


def test_any_database_with_a_hook_is_read_through_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(tmp_path / "w.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE budgets (month DATE, planned DOUBLE PRECISION)")
        connection.execute("INSERT INTO budgets VALUES ('2026-11-01', 500.0)")
    monkeypatch.setenv("AIRFLOW_CONN_W", json.dumps({"conn_type": "sqlite", "host": str(tmp_path / "w.sqlite")}))
    monkeypatch.setattr(Connection, "get_hook", lambda self: SqliteHook(self.conn_id))
    agent = a_shop_agent()
    assert read_column(agent, "SELECT planned FROM budgets", 5) == (500.0,)


def test_a_type_without_a_provider_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_W", json.dumps({"conn_type": "teradata", "host": "db"}))
    with pytest.raises(WarehouseUnavailable, match=r"'w' is of type 'teradata', for which no provider is installed"):
        probe(an_agent())


def test_a_type_that_is_no_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_W", json.dumps({"conn_type": "smtp", "host": "mail"}))
    with pytest.raises(WarehouseUnavailable, match=r"'w' is of type 'smtp', which is no database of SQL"):
        probe(an_agent())


def test_a_duckdb_connection_without_a_path_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_W", json.dumps({"conn_type": "duckdb"}))
    with pytest.raises(WarehouseUnavailable, match=r"of type 'duckdb' with path None"):
        probe(an_agent())


class SqliteHook(DbApiHook):
    """What Airflow's provider for SQLite has, which is not installed here."""

    conn_name_attr = "sqlite_conn_id"
    dialect_name = "sqlite"

    def get_conn(self) -> sqlite3.Connection:
        """Open the file."""
        return sqlite3.connect(self.get_connection(self.get_conn_id()).host, check_same_thread=False)


def test_what_of_an_extra_is_passed_on_stands_in_the_documentation() -> None:
    text = (Path(__file__).parents[2] / "docs" / "warehouses.md").read_text(encoding="utf-8")
    assert [name for name in LIBPQ if f"`{name}`" not in text] == []
