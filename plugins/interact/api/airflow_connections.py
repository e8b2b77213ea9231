"""Which connections Airflow knows that an agent could read from, as its API server's own database has them.

None of it is Airflow's public interface; `tests/api/test_airflow_connections.py` holds it to what we rely on.
"""

from __future__ import annotations

import logging

from airflow.models.connection import Connection
from airflow.utils.session import create_session
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger(__name__)
WAREHOUSE = "duckdb"
_MOST = 200


def warehouse_connections() -> tuple[str, ...]:
    """Return the ids of Airflow's DuckDB connections, by name; none while its database does not answer.

    Nothing else of them is read. Those that environment variables or a secrets backend hold are not among them.
    """
    wanted = select(Connection.conn_id).where(Connection.conn_type == WAREHOUSE).order_by(Connection.conn_id)
    try:
        with create_session() as session:
            return tuple(session.scalars(wanted.limit(_MOST)))
    except SQLAlchemyError:
        log.exception("Airflow's connections could not be listed; an id can be typed all the same")
        return ()
