"""Values are kept as one text each, and a parameter that contradicts itself is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from interact.jobs.parameters import ALL, Parameter, ParameterType, canonical
from interact.jobs.timing import STORED, Misfit

ANYTHING = (
    st.text(max_size=60)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.none()
    | st.dates().map(str)
    | st.decimals(allow_nan=True).map(str)
    | st.from_regex(r"[ +-]?[0-9]{0,12}[.,]?[0-9]{0,12}([eE][+-]?[0-9]{1,4})?", fullmatch=True)
)
TYPES: tuple[ParameterType, ...] = ("choice", "text", "number", "date")


@given(st.sampled_from(TYPES), ANYTHING)
def test_a_value_that_is_taken_is_taken_again_as_it_is_kept(kind: ParameterType, value: object) -> None:
    kept = outcome(kind, value)
    if isinstance(kept, Misfit):
        assert str(kept).startswith(("takes ", "does not take "))
        assert len(str(kept)) < 300
    else:
        assert canonical(kind, kept) == kept == kept.strip()
        assert kept != ALL


def outcome(kind: ParameterType, value: object) -> str | Misfit:
    """Return a value as it is kept, or why it is not taken."""
    try:
        return canonical(kind, value)
    except Misfit as told:
        return told


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(-15, 0))
def test_numbers_that_are_equal_are_kept_as_equal_texts(digits: int, exponent: int) -> None:
    number = Decimal(digits).scaleb(exponent)
    plain = format(number, "f")
    ways = [plain, f" {plain} ", f"{digits}e{exponent}", f"{digits}E{exponent}", float(number)]
    ways += [f"{plain}0" if "." in plain else f"{plain}.0", plain if digits < 0 else f"+{plain}"]
    if number == int(number):
        ways.append(int(number))
    assert {canonical("number", way) for way in ways if len(str(way).strip()) <= 40} == {canonical("number", plain)}
    assert Decimal(canonical("number", plain)) == number


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_numbers_that_differ_are_kept_as_texts_that_differ(one: float, other: float) -> None:
    first, second = Decimal(f"{one:.6f}"), Decimal(f"{other:.6f}")
    assert (canonical("number", str(first)) == canonical("number", str(second))) == (first == second)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (0, "0"),
        (-0.0, "0"),
        ("-0", "0"),
        ("0e9", "0"),
        (5, "5"),
        ("005", "5"),
        (2.50, "2.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-1e2", "-100"),
        (1e-05, "0.00001"),
        (999999999999999, "999999999999999"),
        (0.1, "0.1"),
    ],
)
def test_a_number_has_no_superfluous_digits(value: object, kept: str) -> None:
    assert canonical("number", value) == kept


NO_NUMBERS = ["", "x", "1_000", "1,5", "١٢", "nan", "inf", float("nan"), True, None, [1], 10**15, "1" * 41, "1 2"]
NO_NUMBERS += ["1.0000000000000000000000000000001", "1e999999999", "1e16", "1e-16", "0x1F", "12:30"]
NO_DATES = [
    "",
    "20261224",
    "2026-1-2",
    "24-12-2026",
    "2026-02-30",
    "1899-12-31",
    "2101-01-01",
    "２０２６-12-24",
    20261224,
]
NO_DATES += [None, True, "2026-12-24T00:00", ["2026-12-24"]]


@pytest.mark.parametrize("value", NO_NUMBERS)
def test_what_is_no_number_of_fifteen_digits_is_refused(value: object) -> None:
    with pytest.raises(Misfit, match=r"^takes a number of at most 15 digits, as 12 or 0\.5, not "):
        canonical("number", value)


@pytest.mark.parametrize("value", NO_DATES)
def test_what_is_no_date_is_refused(value: object) -> None:
    with pytest.raises(Misfit, match=r"^takes a date from 1900 to 2100, as 2026-12-24, not "):
        canonical("date", value)


@pytest.mark.parametrize("kind", TYPES)
def test_a_number_that_python_would_not_write_down_is_refused_like_any_other(kind: ParameterType) -> None:
    with pytest.raises(Misfit, match="a number of more than 40 digits"):
        canonical(kind, 10**5000)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("", "takes 1 to 200 characters, not 0"),
        ("  ", "takes 1 to 200 characters, not 0"),
        ("x" * 201, "takes 1 to 200 characters, not 201"),
        ("a\nb", r"takes one line of text, without the character U\+000A"),
        ("a\u2028b", r"takes one line of text, without the character U\+2028"),
        ("a\0b", r"U\+0000"),
        ("a\ud800b", r"U\+D800"),
        (" * ", r"does not take '\*' among other values: alone it stands for all of them"),
        (12, "does not take 12, which is no text"),
        ({"a": [1]}, r"does not take {'a': \[1\]}, which is no text"),
    ],
)
def test_what_is_no_line_of_text_is_refused(value: object, told: str) -> None:
    for kind in ("text", "choice"):
        with pytest.raises(Misfit, match=told):
            canonical(kind, value)


def test_one_value_is_a_list_of_one() -> None:
    assert Parameter.model_validate({"values": ["NL"], "default": "NL"}).default == ("NL",)
    assert Parameter.model_validate({"values": ["NL", "BE"], "schedule": ["BE"]}).schedule == ("BE",)
    assert Parameter.model_validate({"type": "number", "default": 5}).default == ("5",)
    assert Parameter.model_validate({"values": ["NL"], "default": ALL}).default == (ALL,)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"values": ["NL", "BE", "NL"]}, "has 'NL' twice in `values`. Take one of them out"),
        ({"values": ["NL"], "default": ["NL", "NL"]}, "has 'NL' twice in `default`"),
        ({"type": "number", "schedule": [1, 1.0]}, "has '1' twice in `schedule`"),
        ({"values": ["NL"], "default": "BE"}, "has the default 'BE', which is not among its values 'NL'"),
        ({"values": ["NL"], "schedule": ["NL", "BE"]}, "has the schedule 'BE', which is not among its values 'NL'"),
        ({}, "is a choice and lacks what can be chosen. Add `values` or a `query`, or make its `type` text, number or"),
        ({"values": []}, "is a choice and lacks what can be chosen"),
        ({"values": [""]}, "takes 1 to 200 characters, not 0"),
        ({"values": ["NL"], "query": "SELECT 1"}, "has both `values` and a `query`. Keep one of the two"),
        ({"type": "text", "default": ALL}, "takes any text, so that '\\*' in `default` stands for nothing"),
        ({"values": ["NL", ALL]}, "does not take '\\*' among other values"),
        ({"values": [ALL]}, "does not take '\\*' among other values"),
        ({"values": [5]}, "Input should be a valid string"),
        ({"values": "NL"}, "Input should be a valid tuple"),
        ({"type": "date", "default": 20261224}, "takes a date from 1900 to 2100"),
        ({"values": ["NL"], "colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_a_parameter_that_contradicts_itself_is_refused(content: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Parameter.model_validate(content)


def test_a_default_may_be_what_a_query_will_return() -> None:
    parameter = Parameter(query="SELECT code FROM markets", default=("NL", "BE"))
    assert (parameter.default, parameter.is_limited) == (("NL", "BE"), True)
    assert not Parameter(type="text").is_limited


def test_what_a_run_takes_that_names_no_value() -> None:
    both = Parameter(type="text", default=("a",), schedule=("b",))
    assert (both.taken(by_itself=True), both.taken(by_itself=False)) == (("b",), ("a",))
    for one in (Parameter(type="text", default=("a",)), Parameter(type="text", schedule=("a",))):
        assert one.taken(by_itself=True) == one.taken(by_itself=False) == ("a",)
    assert Parameter(type="text").taken(by_itself=True) == ()


def test_what_the_store_kept_is_read_as_it_stands() -> None:
    kept = {"type": "text", "default": ["a  line\nor two"]}
    assert Parameter.model_validate(kept, context=STORED).default == ("a  line\nor two",)


def test_what_an_earlier_version_kept_is_read_although_it_names_a_value_twice() -> None:
    kept = {"values": ["NL"], "default": ["NL", "NL"]}
    assert Parameter.model_validate(kept, context=STORED).default == ("NL", "NL")
    with pytest.raises(ValidationError, match="has 'NL' twice in `default`"):
        Parameter.model_validate(kept)
