"""Every combination of the values that are asked for, and clear refusals of all other."""

from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact.errors import ParameterRefused, TooManyCombinations
from interact.jobs.combinations import combine, label
from interact.jobs.definition import Parameter

MARKETS = {"market": Parameter(values=("NL", "BE", "DE"), default=("NL", "BE"))}
NO_DEFAULT = {"market": Parameter(values=("NL", "BE"))}
VALUES = st.lists(
    st.text('abcÄ 日"{%', min_size=1, max_size=5).filter(lambda text: text == text.strip()),
    min_size=1,
    max_size=4,
    unique=True,
)
PARAMETERS = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True),
    VALUES.map(lambda values: Parameter(values=tuple(values), default=tuple(values))),
    max_size=3,
)


@pytest.mark.parametrize(
    ("given_values", "expected"),
    [
        ({}, ["NL", "BE"]),
        ({"market": "DE"}, ["DE"]),
        ({"market": ["DE", "NL"]}, ["DE", "NL"]),
        ({"market": ("BE",)}, ["BE"]),
        ({"market": ["NL", "NL", "BE", "NL"]}, ["NL", "BE"]),
    ],
)
def test_one_value_or_a_list_or_the_default(given_values: dict[str, object], expected: list[str]) -> None:
    assert [combination["market"] for combination in combine(MARKETS, given_values)] == expected


def test_a_job_without_parameters_has_one_combination() -> None:
    assert combine({}, {}) == ({},)


def test_several_parameters_multiply_in_the_order_of_their_values() -> None:
    both = MARKETS | {"channel": Parameter(values=("Paid search", "Social"))}
    found = combine(both, {"channel": ["Social", "Paid search"]})
    assert [label(combination) for combination in found] == [
        "NL · Social",
        "NL · Paid search",
        "BE · Social",
        "BE · Paid search",
    ]


@given(PARAMETERS)
def test_each_combination_is_there_once(parameters: dict[str, Parameter]) -> None:
    found = combine(parameters, {})
    assert len(found) == prod(len(parameter.values) for parameter in parameters.values())
    assert len({tuple(combination.items()) for combination in found}) == len(found)
    for combination in found:
        assert list(combination) == list(parameters)
        assert all(value in parameters[name].values for name, value in combination.items())


@pytest.mark.parametrize(
    ("given_values", "told"),
    [
        ({"country": "NL"}, r"'country' is not known to this job; it has these parameters\. Allowed: 'market'"),
        ({}, r"'market' has no default and no value was given\. Allowed: 'NL', 'BE'"),
        ({"market": "FR"}, r"does not take 'FR'\. Allowed: 'NL', 'BE'"),
        ({"market": "nl"}, "does not take 'nl'"),
        ({"market": ["NL", "FR"]}, "does not take 'FR'"),
        ({"market": []}, "was given an empty list"),
        ({"market": 5}, "does not take 5"),
        ({"market": True}, "does not take True"),
        ({"market": ["NL", None]}, "does not take None"),
        ({"market": None}, "does not take None"),
        ({"market": [["NL"]]}, r"does not take \['NL'\]"),
        ({"market": {"NL": 1}}, "does not take {'NL': 1}"),
    ],
)
def test_what_is_not_allowed_is_refused_with_what_is(given_values: dict[str, object], told: str) -> None:
    with pytest.raises(ParameterRefused, match=told):
        combine(NO_DEFAULT, given_values)


def test_a_long_value_is_not_repeated_in_full() -> None:
    with pytest.raises(ParameterRefused, match=r"does not take 'x+") as refused:
        combine(NO_DEFAULT, {"market": "x" * 10_000})
    assert len(str(refused.value)) < 400


def test_too_many_combinations_are_refused_before_they_are_made() -> None:
    many = Parameter(values=tuple(f"v{number}" for number in range(1000)), default=("v0",))
    wanted = {"a": list(many.values), "b": list(many.values)}
    with pytest.raises(TooManyCombinations, match="make 1,000,000 combinations; a run takes at most 1,000"):
        combine({"a": many, "b": many}, wanted)
    assert len(combine({"a": many, "b": many}, {"a": list(many.values)})) == 1000


def test_a_combination_is_named_by_its_values() -> None:
    assert label({"market": "NL", "channel": "Paid search"}) == "NL · Paid search"
    assert label({}) == "answer"
