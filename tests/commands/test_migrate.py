"""`interact migrate` makes the store that the settings name."""

from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., tuple[int, str, str]]


def test_it_makes_the_store_and_may_be_repeated(interact: Command, home: Path) -> None:
    assert interact("migrate") == (0, "The store is at this version.\n", "")
    assert interact("migrate") == (0, "The store is at this version.\n", "")
    assert (home / "home" / "interact.db").exists()


def test_a_url_that_is_none_is_refused_in_one_sentence(interact: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERACT_DATABASE_URL", "mysql://u:topsecret@h/d")
    code, out, err = interact("migrate")
    assert (code, out) == (1, "")
    assert err.startswith("INTERACT_DATABASE_URL is no URL that the store takes")
    assert "topsecret" not in err
