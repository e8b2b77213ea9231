"""Nested queries whose columns a planner would write out again and again."""

from __future__ import annotations

import pytest

from builders.warehoused import MODEL
from interact.errors import QueryRefused
from interact.warehouse import guard
from interact.warehouse.exposure import access_to


def read(sql: str) -> None:
    guard.read(sql, access_to(MODEL), dialect="postgres", is_free=True)


def nested(levels: int, expression: str, *, more: str = "") -> str:
    return f"SELECT {expression} AS t FROM (" * levels + "SELECT channel AS t FROM orders" + f") AS q{more}" * levels


def test_doubling_is_allowed_for_some_levels_and_refused_for_many() -> None:
    read(nested(10, "t || t"))
    with pytest.raises(QueryRefused, match=r"repeat one another's columns too often to be planned"):
        read(nested(20, "t || t"))


def test_a_wide_repetition_needs_fewer_levels() -> None:
    with pytest.raises(QueryRefused, match=r"too often"):
        read(nested(4, " || ".join("t" * 30)))


def test_levels_that_repeat_nothing_are_allowed() -> None:
    read(nested(25, "t"))


def test_a_level_that_groups_begins_anew() -> None:
    read(nested(20, "MAX(t || t)"))
    read(nested(20, "t || t", more=" GROUP BY t"))


def test_repetition_through_ctes_and_unions_is_counted() -> None:
    chain = ", ".join(f"a{n} AS (SELECT t || t AS t FROM a{n - 1} UNION ALL SELECT t FROM a0)" for n in range(1, 25))
    with pytest.raises(QueryRefused, match=r"too often"):
        read(f"WITH a0 AS (SELECT channel AS t FROM orders), {chain} SELECT t FROM a24")
