"""One store for each test, on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.stores import emptied, empty_database, opened, sqlite_url
from interact.store.sessions import Store


@pytest.fixture(scope="session")
def postgres_store(postgres_url: str) -> Iterator[Store]:
    """A migrated store on PostgreSQL."""
    with empty_database(postgres_url) as url, opened(url) as store:
        yield store


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A migrated store without rows."""
    if request.param == "postgres":
        yield emptied(request.getfixturevalue("postgres_store"))
    else:
        with opened(sqlite_url(tmp_path)) as fresh:
            yield fresh


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a store that has not been migrated."""
    if request.param == "postgres":
        with empty_database(request.getfixturevalue("postgres_url")) as url:
            yield url
    else:
        yield sqlite_url(tmp_path / "folder")
