"""Open the store: one engine a process and URL, made when first used, so that a fork never shares a connection."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from interact.errors import SettingRefused
from interact.store.faults import BUSY_SECONDS, told, unavailable

__all__ = ["VERSION", "VERSION_TABLE", "Session", "Store", "make_engine", "open_store", "parse_url"]

VERSION = "0006"
"""The newest migration: what a store has to be at for this code."""

VERSION_TABLE = "interact_version"


class Store:
    """The store behind one URL. `reading` and `writing` raise StoreUnavailable; a retry helps."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self._engine: Engine | None = None
        self._process = 0
        self._lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one state of the store and cannot change it."""
        with self._session("read") as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session whose changes are kept together when the `with` ends, and dropped when it raises.

        On SQLite there is one writer at a time, and others wait for it: hold nothing slow inside.
        """
        with self._session("write") as session:
            yield session

    def check(self) -> None:
        """Raise StoreUnavailable unless the store answers and its tables are those of this version."""
        with self.reading() as session:
            found = session.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))
        if found == VERSION:
            return
        later = found is not None and found > VERSION
        todo = "Upgrade this program" if later else "Run `interact migrate`"
        raise unavailable(self.url, f"has tables of version {found}, not {VERSION}. {todo}")

    @contextmanager
    def _session(self, purpose: str) -> Iterator[Session]:
        with told(self.url):
            bound = self._current().execution_options(purpose=purpose)
            with Session(bound, expire_on_commit=False) as session, session.begin():
                yield session

    def _current(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = make_engine(self.url)
            elif self._process != os.getpid():
                # A fork: the connections are its parent's, what was learned of database and statements is its own too.
                self._engine.dispose(close=False)
            self._process = os.getpid()
            return self._engine

    def rest(self) -> None:
        """Close this process's connections; the next one to use the store opens its own."""
        with self._lock:
            if self._engine is not None and self._process == os.getpid():
                self._engine.dispose()


@lru_cache(maxsize=8)
def open_store(database_url: str) -> Store:
    """Return this process's store behind a URL; nothing is opened before it is used. Raises SettingRefused."""
    return Store(parse_url(database_url))


def parse_url(database_url: str) -> URL:
    """Return the URL with the driver that we ship; raises SettingRefused, which never shows the URL."""
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):
        raise SettingRefused(_WRONG_URL) from None
    backend = url.get_backend_name()
    if backend == "sqlite" and url.database and url.database != ":memory:":
        return url.set(drivername="sqlite")
    if backend in ("postgresql", "postgres") and url.database:
        return url.set(drivername="postgresql+psycopg2")
    raise SettingRefused(_WRONG_URL)


_WRONG_URL = (
    "INTERACT_DATABASE_URL is no URL that the store takes; "
    "write 'sqlite:////srv/interact/interact.db' or 'postgresql://user:password@host/database'."
)


def make_engine(url: URL, *, mode: str = "rw", foreign_keys: bool = True) -> Engine:
    """Return an engine; `mode` "rwc" lets SQLite create the file."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, mode=mode, foreign_keys=foreign_keys)
    engine = create_engine(
        url, pool_pre_ping=True, pool_size=2, max_overflow=8, connect_args={"connect_timeout": 10}, hide_parameters=True
    )
    event.listen(engine, "begin", _begin_postgres)
    return engine


def _sqlite(url: URL, *, mode: str, foreign_keys: bool) -> Engine:
    path = f"file:{quote(str(Path(url.database or '').absolute()))}"
    engine = create_engine(
        url.set(database=path).update_query_dict({"mode": mode, "uri": "true"}),
        # The driver would begin transactions by itself, and too late: we say when.
        connect_args={"timeout": BUSY_SECONDS, "isolation_level": None, "check_same_thread": False},
        hide_parameters=True,
    )

    def connected(connection: Any, _: object) -> None:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA foreign_keys = {int(foreign_keys)}")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later would fail as "locked" when another wrote in between.
    reads = connection.get_execution_options().get("purpose") == "read"
    connection.exec_driver_sql(f"PRAGMA query_only = {int(reads)}")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _begin_postgres(connection: Connection) -> None:
    if connection.get_execution_options().get("purpose") == "read":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
