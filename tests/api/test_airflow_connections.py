"""What Airflow's own database says of connections."""

from collections.abc import Iterator
from typing import Any

import pytest

from interact.api import airflow_connections
from interact.api.airflow_connections import channel_connections, warehouse_connections


@pytest.fixture
def connections(airflow_database: None) -> Iterator[None]:
    """Let Airflow know some."""
    from airflow.models.connection import Connection
    from airflow.utils.session import create_session

    with create_session() as session:
        found = [("b", "duckdb"), ("a", "duckdb"), ("mail", "smtp"), ("graph", "msgraph"), ("bot", "slack")]
        for name, kind in (
            *found,
            ("hook", "slackwebhook"),
            ("flow", "http"),
            ("plain", "generic"),
            ("db", "postgres"),
        ):
            session.add(Connection(conn_id=name, conn_type=kind, password="secret"))
    yield
    with create_session() as session:
        session.query(Connection).delete()


def test_the_ids_of_connections_to_warehouses_are_listed_by_name(connections: None) -> None:
    assert warehouse_connections() == ("a", "b", "db")


def test_for_each_type_of_channel_the_ids_of_connections_that_fit_are_listed_by_name(connections: None) -> None:
    assert channel_connections() == {
        "email": ("graph", "mail"),
        "slack": ("bot", "hook"),
        "teams": ("flow", "plain"),
        "webhook": ("flow", "plain"),
    }


def test_a_database_that_does_not_answer_offers_none(
    connections: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from sqlalchemy.exc import OperationalError

    def gone() -> Any:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(airflow_connections, "create_session", gone)
    assert warehouse_connections() == ()
    assert channel_connections() == {"email": (), "slack": (), "teams": (), "webhook": ()}
    assert "an id can be typed all the same" in caplog.text
