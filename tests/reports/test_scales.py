from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.drafts import a_column
from interact.reports.scales import day_ticks, milliseconds, value_scale

MONEY = a_column("spend", "currency")
amounts = st.floats(-1e9, 1e9).filter(lambda value: value == 0 or abs(value) > 1e-6)


@given(st.lists(amounts, min_size=1), st.booleans())
def test_an_axis_holds_all_its_values_with_few_round_ticks(values, from_zero):
    scale = value_scale(values, MONEY, from_zero=from_zero)
    slack = (scale.high - scale.low) * 1e-6
    assert scale.low - slack <= min(values)
    assert max(values) <= scale.high + slack
    assert 2 <= len(scale.ticks) <= 7
    assert not from_zero or scale.low <= 0 <= scale.high


def test_lines_that_hardly_move_are_not_flattened_by_a_zero():
    assert value_scale([980, 1000, 1020], MONEY, from_zero=False).low > 900
    assert value_scale([980, 1000, 1020], MONEY, from_zero=True).low == 0
    assert value_scale([100, 1000, 500], MONEY, from_zero=False).low == 0


def test_an_axis_without_values_is_still_an_axis():
    assert value_scale([], MONEY, from_zero=True).ticks[0] == 0
    assert value_scale([0.0, 0.0], MONEY, from_zero=False).high == 1


@pytest.mark.parametrize("count", [1, 2, 7, 8, 400])
def test_days_have_no_more_ticks_than_there_is_room_for(count):
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(count)]
    ticks, wording = day_ticks(days, count=7)
    assert 1 <= len(ticks) <= 7
    assert ticks[0] == milliseconds(days[0])
    assert ("%b %Y" in wording) == (count == 400)
