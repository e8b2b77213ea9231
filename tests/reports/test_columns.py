import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.drafts import a_column
from interact.reports.columns import cell, decimals, number, widths

MONEY = a_column("spend", "currency")


@pytest.mark.parametrize(
    ("kind", "values", "places"),
    [
        ("currency", (1234.5, 98.2), 0),
        ("currency", (1234.5, 7.31), 2),
        ("currency", (45_000.5, 7.31), 0),
        ("currency", (45_000.5, 0.31), 2),
        ("currency", (99.5, None), 2),
        ("currency", (1234.5, 0.0), 0),
        ("currency", (None, None), 0),
        ("ratio", (1.0, 2.0), 2),
        ("percent", (0.5,), 1),
        ("integer", (5, 6), 0),
        ("number", (5.0, 6.0), 0),
        ("number", (5.5, 6.0), 2),
    ],
)
def test_a_column_has_one_number_of_decimals(kind, values, places):
    assert decimals(a_column("x", kind), values) == places


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12), min_size=1))
def test_no_amount_of_half_a_cent_or_more_is_shown_as_zero(values):
    places = decimals(MONEY, values)
    for value in values:
        if abs(value) >= 0.01:
            assert any(digit in cell(value, MONEY, places=places) for digit in "123456789")


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf")])
def test_what_is_no_finite_number_is_not_available(value):
    assert cell(value, MONEY, places=2) == "n/a"
    assert number(value) is None


def test_truth_and_words_are_no_numbers():
    assert number(True) is None
    assert number("12") is None


@given(st.lists(st.tuples(st.text(max_size=40), st.booleans(), st.text(max_size=200)), min_size=1, max_size=12))
def test_the_widths_of_a_table_fill_it(table):
    labels, numeric, cells = zip(*table, strict=True)
    found = widths(labels, [cells], rigid=numeric, room=104)
    assert sum(found) == pytest.approx(100, abs=0.2)
    assert min(found) > 0


def test_a_crowded_table_keeps_its_figures_whole():
    cells = [["Campaign with a long name", "2026-11-15", *["12,345,678"] * 8]]
    found = widths(["Campaign", "Day", *["Conversion rate"] * 8], cells, rigid=[False, *[True] * 9], room=116)
    letters = [width * 1.16 for width in found]
    assert min(letters[1:]) >= 10
    assert letters[0] >= 8


def test_long_words_do_not_squeeze_the_figures():
    words, figure = widths(["Campaign", "Spend"], [["x" * 500, "€1,234,567"]], rigid=[False, True], room=104)
    assert figure > 25
    assert words > figure
