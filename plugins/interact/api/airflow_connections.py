"""Which connections Airflow knows that an agent or a channel could use, as its API server's own database has them.

None of it is Airflow's public interface; `tests/api/test_airflow_connections.py` holds it to what we rely on.
"""

from __future__ import annotations

import logging
from collections.abc import Collection

from airflow.models.connection import Connection
from airflow.utils.session import create_session
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from interact.connections.kinds import MODELS, SERVICES
from interact.jobs.channels import ChannelType

log = logging.getLogger(__name__)
WAREHOUSES = ("duckdb", "postgres")
"""The types to offer for a warehouse; any other with a SQL hook can be typed."""
FITTING: dict[ChannelType, tuple[str, ...]] = {
    "email": ("smtp", "msgraph"),
    "slack": ("slackwebhook", "slack"),
    "teams": ("http", "generic"),
    "webhook": ("http", "generic"),
}
"""The types of connection to offer for each type of channel. Teams and webhooks take any that holds an address."""
_MOST = 200


def warehouse_connections() -> tuple[str, ...]:
    """Return the ids of Airflow's DuckDB and PostgreSQL connections, by name; none while its database does not answer.

    Nothing else of them is read. Those that environment variables or a secrets backend hold are not among them.
    """
    return tuple(sorted(id_ for ids in _ids_by_type(WAREHOUSES).values() for id_ in ids))


def model_connections() -> tuple[str, ...]:
    """Return the ids of the connections that an agent's model or service may have, as `warehouse_connections` does."""
    return tuple(sorted(id_ for ids in _ids_by_type((*MODELS, *SERVICES)).values() for id_ in ids))


def channel_connections() -> dict[ChannelType, tuple[str, ...]]:
    """Return for each type of channel the ids of the connections that fit, as `warehouse_connections` does."""
    kinds = {kind for fitting in FITTING.values() for kind in fitting}
    found = _ids_by_type(kinds)
    return {
        channel_type: tuple(sorted(id_ for kind in fitting for id_ in found.get(kind, ())))
        for channel_type, fitting in FITTING.items()
    }


def _ids_by_type(kinds: Collection[str]) -> dict[str, list[str]]:
    wanted = select(Connection.conn_type, Connection.conn_id).where(Connection.conn_type.in_(kinds))
    found: dict[str, list[str]] = {}
    try:
        with create_session() as session:
            for kind, id_ in session.execute(wanted.order_by(Connection.conn_id).limit(_MOST)):
                found.setdefault(str(kind), []).append(str(id_))
    except SQLAlchemyError:
        log.exception("Airflow's connections could not be listed; an id can be typed all the same")
        return {}
    return found
