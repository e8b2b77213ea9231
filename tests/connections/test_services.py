"""From an agent's Airflow connection to the service that answers for it: its address, and what lets us in."""

import base64
import json
from typing import Any

import pytest

from interact.agents.remote.service import Service
from interact.connections.services import service_of
from interact.errors import AgentRefused

SECRET = "s3cret-0123456789"


def found(monkeypatch: pytest.MonkeyPatch, **connection: Any) -> Service:
    plain = {"conn_type": "http", "host": "agents.example.com", **connection}
    monkeypatch.setenv("AIRFLOW_CONN_THEIRS", json.dumps(plain))
    return service_of("theirs", hosts=())


@pytest.mark.parametrize(
    ("connection", "url"),
    [
        ({}, "https://agents.example.com"),
        ({"schema": "http", "port": 8080}, "http://agents.example.com:8080"),
        ({"conn_type": "https", "host": "agents.example.com/v1/"}, "https://agents.example.com/v1"),
        ({"host": "http://Agents.example.com:81/a/b"}, "http://agents.example.com:81/a/b"),
        ({"host": "https://[fd12::1]:9000"}, "https://[fd12::1]:9000"),
    ],
)
def test_host_port_and_schema_are_the_address(
    monkeypatch: pytest.MonkeyPatch, connection: dict[str, Any], url: str
) -> None:
    assert found(monkeypatch, **connection).url == url


def test_a_password_alone_and_a_token_are_bearers_and_a_login_is_basic(monkeypatch: pytest.MonkeyPatch) -> None:
    bearer = {"Authorization": f"Bearer {SECRET}"}
    assert found(monkeypatch, password=SECRET).login == bearer
    assert found(monkeypatch, login="ada", password="x", extra={"token": SECRET}).login == bearer
    pair = base64.b64encode(f"ada:{SECRET}".encode()).decode()
    assert found(monkeypatch, login="ada", password=SECRET).login == {"Authorization": f"Basic {pair}"}
    assert found(monkeypatch).login == {}


def test_a_service_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = repr(found(monkeypatch, host="agents.example.com/secret-path", password=SECRET))
    assert SECRET not in shown
    assert "secret-path" not in shown


@pytest.mark.parametrize(
    ("connection", "told"),
    [
        ({"conn_type": "postgres"}, r"'theirs' is of type 'postgres'; a remote agent takes one of type 'http'"),
        ({"host": None}, "'theirs' gives no web address"),
        ({"host": f"https://ada:{SECRET}@agents.example.com"}, "'theirs' gives no web address"),
        ({"host": f"agents.example.com/?key={SECRET}"}, "'theirs' gives no web address"),
        ({"host": "ftp://agents.example.com"}, "'theirs' gives no web address"),
        ({"host": "https://evil.example\\.agents.example.com"}, "'theirs' gives no web address"),
        ({"host": "agents.example.com:99999"}, "'theirs' gives no web address"),
        ({"password": f"{SECRET}\nX-Other: 1"}, "with a character that HTTP does not carry"),
    ],
)
def test_a_connection_that_does_not_fit_is_refused_without_its_secrets(
    monkeypatch: pytest.MonkeyPatch, connection: dict[str, Any], told: str
) -> None:
    with pytest.raises(AgentRefused, match=told) as refused:
        found(monkeypatch, **connection)
    assert SECRET not in str(refused.value)


def test_a_connection_that_airflow_does_not_know_is_refused() -> None:
    with pytest.raises(AgentRefused, match="Airflow has no connection 'nowhere', which the agent names as its service"):
        service_of("nowhere", hosts=())
