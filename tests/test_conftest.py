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


def test_the_browser_draws_a_page_and_saves_a_download(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<h1>Ready</h1><a download='x.csv' href='data:text/csv,a%2Cb'>Export</a>")
    assert page.get_by_role("heading").inner_text() == "Ready"
    with page.expect_download() as download:
        page.get_by_text("Export").click()
    assert download.value.path().read_text() == "a,b"


def test_a_missing_postgresql_fails_with_a_sentence_and_does_not_skip(tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match="PostgreSQL is not installed, and these tests need the real one"):
        postgres_programs(tmp_path, path="")
