"""Stores to test on: a fresh SQLite file, or a fresh database on a PostgreSQL server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text

from interact.store.migrate import migrate
from interact.store.sessions import Store, parse_url


@contextmanager
def opened(database_url: str) -> Iterator[Store]:
    """Give a migrated store that leaves no connection open."""
    migrate(database_url)
    store = Store(parse_url(database_url))
    yield store
    store._current().dispose()


def check(database_url: str) -> None:
    """Check a store and leave no connection open."""
    store = Store(parse_url(database_url))
    try:
        store.check()
    finally:
        store._current().dispose()


def sqlite_url(folder: Path) -> str:
    """Return the URL of a file that does not exist yet."""
    return f"sqlite:///{folder / 'interact.db'}"


@contextmanager
def empty_database(server_url: str) -> Iterator[str]:
    """Give the URL of a new, empty database on a server, and drop it afterwards."""
    name = f"interact_{uuid4().hex[:12]}"
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def emptied(store: Store) -> Store:
    """Return a PostgreSQL store without its rows."""
    with store.writing() as session:
        tables = "organisations, agents, jobs, job_versions, runs, chats, attempts, messages, queries, keys"
        session.execute(text(f"TRUNCATE {tables}"))
    return store
