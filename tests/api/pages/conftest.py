"""The pages on a lived-in store, for TestClient and for Chromium."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from builders.lived_in import LivedIn, lived_in
from builders.served import served
from builders.signed_in import bearer
from builders.story import a_desk

ORIGIN = "http://testserver"


@dataclass
class Site:
    """A client of the pages, and what is behind it."""

    client: Any
    found: LivedIn

    def get(self, path: str, who: str = "ada", **how: Any) -> Any:
        """Ask for a page as somebody; redirects are not followed."""
        headers = bearer(who, how.pop("role", "viewer")) | how.pop("headers", {})
        return self.client.get(path, headers=headers, follow_redirects=False, **how)

    def post(self, path: str, who: str = "ada", *, data: Any = None, **how: Any) -> Any:
        """Send a form as somebody; redirects are not followed."""
        headers = bearer(who, how.pop("role", "viewer")) | how.pop("headers", {})
        return self.client.post(path, headers=headers, data=data or {}, follow_redirects=False, **how)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, airflow_database: None) -> LivedIn:
    """Fill a store once; each test gets a copy. Nothing is drawn of the reports."""
    home = tmp_path_factory.mktemp("filled") / "home"
    home.mkdir()
    return lived_in(a_desk(home), home / "warehouse.duckdb", reports=False)


@pytest.fixture
def site(tmp_path: Path, filled: LivedIn) -> Iterator[Site]:
    """Give the client."""
    from fastapi.testclient import TestClient

    from interact.api.app import pages_app

    filled.desk.store.rest()
    shutil.copytree(filled.desk.settings.home, tmp_path / "home")
    desk = a_desk(tmp_path / "home")
    found = replace(filled, desk=desk)
    with TestClient(pages_app(desk), raise_server_exceptions=False) as client:
        yield Site(client, found)


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    """Give the address at which Chromium finds the same pages, below /interact."""
    with served(site.found.desk) as url:
        yield url
