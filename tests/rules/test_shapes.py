"""Files and functions stay small, typed and well named."""

from __future__ import annotations

import pytest

from rules.house import listed, shipped, written
from rules.shapes import badly_named, oversized, unannotated


def test_no_file_or_function_is_too_long_or_takes_too_much() -> None:
    found = [sentence for module in shipped() for sentence in oversized(module)]
    assert not found, listed(found)


def test_every_function_says_what_it_takes_and_returns() -> None:
    found = [sentence for module in shipped() for sentence in unannotated(module)]
    assert not found, listed(found)


def test_every_name_says_what_is_in_it() -> None:
    found = [sentence for module in shipped() for sentence in badly_named(module)]
    assert not found, listed(found)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = 1\n" * 401, "x: 401 lines, at most 400 allowed"),
        ("def f():\n" + "    x = 1\n" * 50, "x:1: f() has 51 lines, at most 50 allowed"),
        ("async def f(a, b, c, *, d, e, f, g): ...", "x:1: f() takes 7 parameters, at most 6 allowed"),
    ],
)
def test_what_is_too_large_is_noticed(text: str, sentence: str) -> None:
    found = list(oversized(written("x", text)))
    assert len(found) == 1
    assert sentence in found[0]


def test_self_is_no_parameter() -> None:
    assert list(oversized(written("x", "class A:\n    def f(self, a, b, c, d, e, f): ..."))) == []


def test_a_missing_type_is_noticed() -> None:
    text = "class A:\n    def f(self, a, *rest: int): ..."
    assert list(unannotated(written("x", text))) == [
        "x:2: f() does not say what it returns.",
        "x:2: f() does not say what 'a' is.",
    ]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("interact.runs.utils", "'utils' says that its room is unknown"),
        ("interact.helpers.page", "'helpers' says that its room is unknown"),
        ("interact.notices.email", "'email' is a standard module"),
        ("interact.charts.charts", "the module repeats its room's name 'charts'"),
    ],
)
def test_a_bad_name_is_noticed(name: str, sentence: str) -> None:
    assert sentence in " ".join(badly_named(written(name, "")))
