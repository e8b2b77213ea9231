"""Windows of whole days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact.warehouse.queries import Warehouse, Window


def test_a_window_includes_its_first_and_its_last_day() -> None:
    assert Window(date(2026, 11, 8), date(2026, 11, 14)).days == 7


def test_the_window_before_ends_the_day_before_and_is_as_long() -> None:
    assert Window(date(2026, 11, 8), date(2026, 11, 14)).before() == Window(date(2026, 11, 1), date(2026, 11, 7))


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 3000))
def test_windows_before_tile_the_calendar(start: date, length: int) -> None:
    window = Window(start, start + timedelta(days=length))
    assert window.before().days == window.days
    assert window.before().end + timedelta(days=1) == window.start


def test_a_window_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match=r"cannot end \(2026-11-07\) before it starts \(2026-11-08\)"):
        Window(date(2026, 11, 8), date(2026, 11, 7))


@pytest.mark.parametrize("method", ["run", "members"])
def test_a_warehouse_without_a_door_does_nothing(method: str) -> None:
    with pytest.raises(NotImplementedError, match=r"^$"):
        Warehouse().members("market") if method == "members" else Warehouse().run(None, title="")  # type: ignore[arg-type]
