"""From the id of an Airflow connection to a way to send; what keeps the way shut is told at each try."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowException, AirflowRuntimeError, AirflowSecretsBackendAccessDenied

from interact.errors import listed
from interact.notices.sending import Answer, Envelope, Outcome, Sender
from interact.notifiers.posting import Address, address_of

OpenWay = Callable[[Connection], AbstractContextManager[Sender]]
"""From a connection to what sends by it, or to a Shut."""


@dataclass(frozen=True)
class Shut:
    """A way that a connection does not open; `told` says which connection, what fits, and what to do."""

    told: str

    def send(self, envelope: Envelope) -> Answer:
        """Answer that nothing was sent."""
        return Answer(Outcome.NOT_NOW, self.told, is_away=True)


@contextmanager
def opened(connection_id: str, ways: Mapping[str, OpenWay]) -> Iterator[Sender]:
    """Give the way that a connection is, by its type; "" in `ways` stands for any type.

    Works in a task as in the API server: `Connection.get` asks whom either has, and one thread at a time.
    """
    with _way(connection_id, ways) as sender:
        yield sender


def _way(connection_id: str, ways: Mapping[str, OpenWay]) -> AbstractContextManager[Sender]:
    try:
        connection = Connection.get(connection_id)
    except AirflowSecretsBackendAccessDenied:
        return shut(connection_id, "may not be read here: its secrets backend refuses it", "Let it be read")
    except (AirflowException, AirflowRuntimeError):
        return shut(connection_id, "was not found in Airflow", "Make it under Admin, Connections")
    conn_type = connection.conn_type or ""
    way = ways.get(conn_type) or ways.get("")
    if way is None:
        fitting = f"this channel takes one of type {listed(ways)}"
        return shut(connection_id, f"is of type {conn_type!r}; {fitting}", "Change it under Admin, Connections")
    return way(connection)


def shut(connection_id: str, fact: str, advice: str) -> AbstractContextManager[Sender]:
    """Return a way that stays shut until somebody does what the advice says."""
    return nullcontext(Shut(f"Connection {connection_id!r} {fact}. {advice}, or name another one in the channel."))


def web_address(connection: Connection) -> Address | None:
    """Return where a connection leads on the web: a whole address in its password, else its host; None for neither.

    A host without a scheme takes the one in `schema`, https when there is none, and the connection's port.
    """
    password, host = (connection.password or "").strip(), (connection.host or "").strip()
    if "://" in password:
        return address_of(password)
    if "://" in host:
        return address_of(host)
    name, slash, path = host.partition("/")
    port = f":{connection.port}" if connection.port else ""
    return address_of(f"{connection.schema or 'https'}://{name}{port}{slash}{path}")
