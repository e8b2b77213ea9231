"""Bring the store's tables to this version."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine

from interact.errors import StoreUnavailable
from interact.store.faults import told
from interact.store.sessions import make_engine, parse_url

_LOCK = 0x1A7E_2AC7
"""Any fixed number: PostgreSQL's name for "somebody is migrating this store"."""


def migrate(database_url: str) -> None:
    """Create or upgrade the tables, and on SQLite the file and its folder; two at once are safe, one waits.

    Raises SettingRefused, StoreUnavailable. All of it happens in one transaction: it is done, or nothing is.
    """
    url = parse_url(database_url)
    on_sqlite = url.get_backend_name() == "sqlite"
    if on_sqlite:
        _make_folder(Path(url.database or "").absolute().parent)
    # Migrations rebuild SQLite's tables, which foreign keys would forbid; new connections check them again.
    engine = make_engine(url, mode="rwc", foreign_keys=False)
    with told(url):
        try:
            if on_sqlite:
                _use_wal(engine)
            with engine.begin() as connection:
                if not on_sqlite:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                _upgrade(connection)
        finally:
            engine.dispose()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(
            f"The store's folder {str(folder)!r} cannot be made ({error.strerror}). "
            "Make it, or name another place in INTERACT_DATABASE_URL or INTERACT_HOME."
        ) from None


def _use_wal(engine: Engine) -> None:
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
