"""From an agent's Airflow connection to the service that answers for it."""

from __future__ import annotations

import base64
from collections.abc import Collection
from urllib.parse import urlsplit

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from interact.agents.remote.service import Service
from interact.connections.kinds import SERVICES
from interact.errors import AgentRefused


def service_of(connection_id: str, *, hosts: Collection[str]) -> Service:
    """Return the service behind a connection of type http or https; `hosts` are those that may be called, () for all.

    Host, port, schema (https without one) and a path behind the host are its address; login and password, a password
    alone, or the extra's `token` let us in. Raises AgentRefused for one that is not there, or does not fit.
    """
    try:
        connection = Connection.get(connection_id)
    except AirflowNotFoundException:
        raise AgentRefused(
            f"Airflow has no connection {connection_id!r}, which the agent names as its service. "
            "Make it under Admin, Connections, or name another one in the agent's `connection`."
        ) from None
    if connection.conn_type not in SERVICES:
        raise AgentRefused(
            f"Connection {connection_id!r} is of type {connection.conn_type!r}; a remote agent takes one of type "
            "'http' or 'https'."
        )
    login, secrets = _login(connection)
    return Service(connection_id, _url(connection), login=login, secrets=secrets, hosts=hosts)


def _url(connection: Connection) -> str:
    host = (connection.host or "").strip()
    whole = host if "://" in host else f"{connection.schema or 'https'}://{host}"
    try:
        parts = urlsplit(whole)
        port = parts.port or connection.port
    except ValueError:
        parts, port = urlsplit(""), None
    is_plain = whole.isascii() and whole.isprintable() and not {" ", "\\"} & {*whole}
    if parts.scheme not in SERVICES or not parts.hostname or "@" in parts.netloc or parts.query or not is_plain:
        # What was given is not repeated: it may hold a password.
        raise AgentRefused(
            f"Connection {connection.conn_id!r} gives no web address. Its host takes one such as "
            "'agents.example.com' or 'https://agents.example.com/v1', without a user, a password and a query."
        )
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{name}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


def _login(connection: Connection) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the header that lets us in, and what in it is secret."""
    token = connection.extra_dejson.get("token")
    user, password = connection.login or "", connection.password or ""
    secret = token if isinstance(token, str) and token else password
    if not secret:
        return {}, ()
    if not secret.isascii() or not secret.isprintable():
        raise AgentRefused(
            f"Connection {connection.conn_id!r} has a password or token with a character that HTTP does not carry. "
            "Write it again: letters, digits and punctuation, without a line break."
        )
    if user and not token:
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}, (password, pair)
    return {"Authorization": f"Bearer {secret}"}, (secret,)
