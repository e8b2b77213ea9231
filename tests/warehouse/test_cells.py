"""Rows as a line of JSON: what a cell becomes, and where a result is cut."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from interact.warehouse.cells import cell, first_line, packed

LIMITS = {"rows": 3, "result_bytes": 1000, "cell_characters": 5}


def fetching(rows: list[tuple[Any, ...]]) -> Callable[[int], Sequence[tuple[Any, ...]]]:
    left = list(rows)

    def fetch(count: int) -> list[tuple[Any, ...]]:
        batch, left[:] = left[:count], left[count:]
        return batch

    return fetch


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("1.50"), 1.5),
        (Decimal("NaN"), None),
        (float("inf"), None),
        (datetime(2026, 11, 14, 10, 30, tzinfo=UTC), "2026-11-14T10:30:00+00:00"),
        (date(2026, 11, 14), "2026-11-14"),
        (time(10, 30), "10:30:00"),
        (timedelta(days=1), "1 day, 0:00:00"),
        (b"\x00\xff", "\\x00ff"),
        (memoryview(b"a"), "\\x61"),
        ([date(2026, 1, 1), None], '["2026-01-01", null]'),
        ({"é": 1}, '{"é": 1}'),
        (True, True),
    ],
)
def test_a_value_becomes_what_json_can_hold(value: object, shown: object) -> None:
    assert cell(value) == shown


def test_a_result_within_its_limits_is_whole() -> None:
    answer = json.loads(packed(["a", "b"], fetching([(1, "x"), (2, None)]), LIMITS))
    assert answer == {"columns": ["a", "b"], "rows": [[1, "x"], [2, None]], "truncated": False}


def test_no_more_rows_are_fetched_than_one_beyond_the_limit() -> None:
    asked: list[int] = []

    def fetch(count: int) -> list[tuple[int]]:
        asked.append(count)
        return [(1,)] * count

    answer = json.loads(packed(["a"], fetch, LIMITS))
    assert (len(answer["rows"]), answer["truncated"], asked) == (3, True, [4])


def test_bytes_and_characters_over_their_limit_are_cut_and_marked() -> None:
    assert json.loads(packed(["a"], fetching([("x" * 6,)]), LIMITS))["rows"] == [["xxxxx…"]]
    answer = json.loads(packed(["a"], fetching([(1,), (2,), (3,)]), LIMITS | {"result_bytes": 7}))
    assert (answer["rows"], answer["truncated"]) == ([[1], [2]], True)


def test_an_error_is_told_in_one_line_of_some_length() -> None:
    assert first_line(ValueError("first\nsecond")) == "first"
    assert first_line(ValueError("x" * 999)) == "x" * 300
    assert first_line(ValueError()) == "ValueError"
