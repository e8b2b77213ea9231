"""The shared PostgreSQL and Chromium work where the tests run."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import create_engine, text

from conftest import postgres_programs


def test_the_database_is_a_real_postgresql_that_keeps_text_as_utf_8(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT current_setting('server_encoding')")).scalar() == "UTF8"
        assert connection.execute(text("SELECT '€' || current_user")).scalar() == "€interact"
    engine.dispose()


def test_the_browser_draws_a_page_and_is_not_root(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<h1>Ready</h1>")
    assert page.get_by_role("heading").inner_text() == "Ready"
    owners = {
        entry.stat().st_uid for entry in Path("/proc").glob("[0-9]*") if b"interact-chromium-" in command_of(entry)
    }
    assert owners
    assert 0 not in owners


def command_of(process: Path) -> bytes:
    """The command line of a process, nothing when it is gone."""
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def test_a_missing_postgresql_fails_with_a_sentence_and_does_not_skip(tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match="PostgreSQL is not installed, and these tests need the real one"):
        postgres_programs(tmp_path, path="")
