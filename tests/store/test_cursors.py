"""Cursors: a place goes into an address and comes back, and what somebody made up is no place."""

import base64

import pytest

from interact.store.cursors import read_cursor, write_cursor


@pytest.mark.parametrize("place", [["été & co", "job_000000000001"], ["2026-11-23T08:00:00+00:00", "", 3], []])
def test_a_place_comes_back(place: list[object]) -> None:
    cursor = write_cursor(place)
    assert read_cursor(cursor) == place
    assert all(sign.isalnum() or sign in "-_" for sign in cursor)


DEEP = base64.b64encode(b"[" * 100_000).decode()


@pytest.mark.parametrize(
    ("cursor", "told"),
    [("nonsense", "can't decode"), ("é", "only ASCII"), ("", "Expecting value"), (DEEP, "nests too deep")],
)
def test_what_is_no_cursor_is_refused(cursor: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_cursor(cursor)
