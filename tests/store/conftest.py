"""Stores that have not been made yet, on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.stores import empty_database, sqlite_url


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a store that has not been migrated."""
    if request.param == "postgres":
        with empty_database(request.getfixturevalue("postgres_url")) as url:
            yield url
    else:
        yield sqlite_url(tmp_path / "folder")
