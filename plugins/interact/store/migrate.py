"""Bring the store's tables to this version."""

from __future__ import annotations

import logging
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Engine

from interact.errors import StoreUnavailable
from interact.store.faults import BUSY_SECONDS, told
from interact.store.rights import close_to_others, make_file, make_folder
from interact.store.sessions import make_engine, parse_url

log = logging.getLogger(__name__)
_LOCK = 0x1A7E_2AC7
"""Any fixed number: PostgreSQL's name for "somebody is migrating this store"."""


def migrate(database_url: str) -> None:
    """Create or upgrade the tables, and on SQLite the file and its folder; two at once are safe, one waits.

    Raises SettingRefused, StoreUnavailable. All of it happens in one transaction: it is done, or nothing is.
    """
    url = parse_url(database_url)
    on_sqlite = url.get_backend_name() == "sqlite"
    if on_sqlite:
        _make_place(Path(url.database or "").absolute())
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


def _make_place(file: Path) -> None:
    """Make the store's folder and an empty file in it, which SQLite would make for everybody to read."""
    try:
        make_folder(file.parent)
    except OSError as error:
        log.error("The folder %s cannot be made: %s", file.parent, error.strerror)
        raise StoreUnavailable(
            f"The folder {file.parent.name!r} of the store {file.name!r} cannot be made ({error.strerror}). "
            "Make it, or name another place in INTERACT_DATABASE_URL or INTERACT_HOME."
        ) from None
    # What cannot be made here SQLite cannot open either, and says so in its own words.
    with suppress(OSError):
        make_file(file)
    for beside in ("-wal", "-shm"):
        close_to_others(file.with_name(file.name + beside))


def _use_wal(engine: Engine) -> None:
    """Switch the file to a write-ahead log; for this SQLite does not wait by itself while another has the file."""
    connection, until = engine.raw_connection(), time.monotonic() + BUSY_SECONDS
    try:
        while True:
            try:
                connection.cursor().execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > until:
                    raise
            time.sleep(0.05)
    finally:
        connection.close()


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
