"""Numbers are read as people write them: sign, digits, scale and unit."""

import pytest

from interact.reports.provenance.numerals import numerals_in, spelled_in


def read(text):
    (numeral,) = numerals_in(text)
    sizes = tuple(round(reading.size, 6) for reading in numeral.readings)
    return numeral.sign, sizes, numeral.unit


@pytest.mark.parametrize(
    ("text", "sign", "sizes", "unit"),
    [
        ("1,234", "", (1234,), "plain"),
        ("1.234", "", (1234, 1.234), "plain"),
        ("1,234.50", "", (1234.5,), "plain"),
        ("1.234,50", "", (1234.5,), "plain"),
        ("3.370.155,00 €", "", (3370155,), "money"),
        ("1 234 567", "", (1234567,), "plain"),
        ("1\u202f234", "", (1234,), "plain"),
        ("0.153", "", (0.153,), "plain"),
        ("−12.3%", "-", (12.3,), "percent"),
        ("-12,3 %", "-", (12.3,), "percent"),
        ("+5 per cent", "+", (5,), "percent"),
        ("0.4 percentage points", "", (0.4,), "points"),
        ("0.4 pp", "", (0.4,), "points"),
        ("€1.2M", "", (1200000,), "money"),
        ("−€500", "-", (500,), "money"),
        ("EUR 5.3k", "", (5300,), "money"),
        ("5 million dollars", "", (5000000,), "money"),
        ("3.4x", "", (3.4,), "times"),
    ],
)
def test_a_number_is_read_with_its_sign_and_its_unit(text, sign, sizes, unit):
    assert read(f"It is {text}.") == (sign, sizes, unit)


@pytest.mark.parametrize("text", ["GA4", "v2", "B2B", "24h", "2nd", "Search-24", "result_000000000001", "x1y"])
def test_a_number_in_a_word_is_none(text):
    assert list(numerals_in(f"It is {text} here")) == []


def test_a_range_shares_its_unit():
    assert [(each.unit, each.readings[0].size) for each in numerals_in("12–15 % and €3–4")] == [
        ("percent", 12),
        ("percent", 15),
        ("money", 3),
        ("money", 4),
    ]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("it is 1,200", 1199.5, 1200.5), ("about 1,200", 1150, 1250), ("over 1,200", 1200, 1300), ("almost 9.0", 8.9, 9)],
)
def test_how_a_number_is_hedged_says_how_far_off_it_may_be(text, low, high):
    (numeral,) = numerals_in(text)
    assert numeral.readings[0].low_high(numeral.hedge) == pytest.approx((low, high))


def test_numbers_in_words_are_read_too():
    found = spelled_in("The past seven days, more than a quarter, half of it, and the first quarter of 2026")
    assert [(each.text, each.readings[0].size, each.unit) for each in found] == [
        ("seven", 7, "plain"),
        ("a quarter", 25, "percent"),
        ("half", 50, "percent"),
    ]
