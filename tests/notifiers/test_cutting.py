"""Text that fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact.notifiers.cutting import cut, flat, gathered, length, more


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("as it is", "as it is"),
        (" two\r\n\r\nlines\t", "two lines"),
        ("a\x00b\x07c\x85d", "a b c d"),
        ("exe.\u202efdp", "exe. fdp"),
        ("café 🙂", "café 🙂"),
    ],
)
def test_a_text_is_put_on_one_line(text: str, shown: str) -> None:
    assert flat(text) == shown


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("four", 4, "four"),
        ("fiver", 4, "fiv…"),
        ("a b c", 3, "a…"),
        ("", 4, ""),
        ("🙂🙂🙂", 5, "🙂🙂…"),
        ("🙂🙂🙂", 6, "🙂🙂🙂"),
        ("abc", 1, "…"),
    ],
)
def test_a_long_text_is_cut(text: str, limit: int, shown: str) -> None:
    assert cut(text, limit) == shown


def test_an_escape_is_never_cut_in_two() -> None:
    assert cut("a<b<c", 8, escape=lambda text: text.replace("<", "&lt;")) == "a&lt;b…"


@given(st.text(max_size=60), st.integers(1, 40))
def test_what_is_cut_fits_and_what_fits_stays(text: str, limit: int) -> None:
    shown = cut(text, limit)
    assert length(shown) <= limit
    assert (shown == text) == (length(text) <= limit)


def test_lines_are_gathered_as_far_as_there_is_room() -> None:
    lines = ["first", "second", "third", "fourth"]
    assert gathered(lines, most=9, limit=99) == "first\nsecond\nthird\nfourth"
    assert gathered(lines, most=3, limit=99) == "first\nsecond\nthird\n… and 1 more"
    assert gathered(lines, most=9, limit=24) == "first\n… and 3 more"
    assert gathered(lines, most=9, limit=15) == "… and 4 more"


@pytest.mark.parametrize(("count", "told"), [(-2, []), (0, []), (1, ["… and 1 more"]), (12, ["… and 12 more"])])
def test_the_rest_is_counted(count: int, told: list[str]) -> None:
    assert more(count) == told
