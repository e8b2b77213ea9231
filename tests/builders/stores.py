"""Stores to test on: a fresh SQLite file, or a fresh database on a PostgreSQL server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, make_url, text

from interact.store import migrate as migrating
from interact.store.migrate import migrate
from interact.store.notice_tables import NoticeRow
from interact.store.sessions import Store, make_engine, parse_url


@contextmanager
def opened(database_url: str) -> Iterator[Store]:
    """Give a migrated store that leaves no connection open."""
    migrate(database_url)
    store = Store(parse_url(database_url))
    yield store
    store._current().dispose()


def migrated_to(version: str, database_url: str) -> None:
    """Make an empty database what a version of this program left behind."""
    if database_url.startswith("sqlite"):
        migrating._make_place(Path(str(make_url(database_url).database)))
    engine = make_engine(parse_url(database_url), mode="rwc", foreign_keys=False)
    config = Config()
    config.set_main_option("script_location", str(Path(migrating.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    engine.dispose()


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
        tables = ", ".join(table.name for table in NoticeRow.metadata.sorted_tables)
        session.execute(text(f"TRUNCATE {tables} CASCADE"))
    return store
