"""Every combination of the values that are asked for, and clear refusals of all other."""

from itertools import product
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact.errors import ParameterRefused, TooManyCombinations
from interact.jobs.combinations import combine, label
from interact.jobs.parameters import Parameter

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
        ({"market": True}, "does not take true, which is no text"),
        ({"market": ["NL", None]}, "does not take null, which is no text"),
        ({"market": None}, "does not take null, which is no text"),
        ({"market": 10**5000}, "does not take a number of more than 40 digits, which is no text"),
        ({"market": ["NL", "*"]}, r"does not take '\*' among other values: alone it stands for all of them"),
        ({"market": ["NL"] * 1001}, "was given 1,001 values; a run takes at most 1,000"),
        ({"market": [["NL"]]}, r"does not take \['NL'\]"),
        ({"market": {"NL": 1}}, "does not take {'NL': 1}"),
    ],
)
def test_what_is_not_allowed_is_refused_with_what_is(given_values: dict[str, object], told: str) -> None:
    with pytest.raises(ParameterRefused, match=told):
        combine(NO_DEFAULT, given_values)


def test_a_long_value_is_not_repeated_in_full() -> None:
    for value, told in (("x" * 10_000, "takes 1 to 200 characters, not 10,000"), (["x" * 10_000], "does not take")):
        with pytest.raises(ParameterRefused, match=told) as refused:
            combine(NO_DEFAULT, {"market": [value]})
        assert len(str(refused.value)) < 400


def test_one_star_stands_for_every_allowed_value() -> None:
    for asked in ("*", ["*"], " * "):
        assert [found["market"] for found in combine(MARKETS, {"market": asked})] == ["NL", "BE", "DE"]
    by_default = {"market": Parameter(values=("NL", "BE"), default=("*",))}
    assert [found["market"] for found in combine(by_default, {})] == ["NL", "BE"]


QUERIED = {"market": Parameter(query="SELECT code FROM markets", default=("NL",))}


def test_what_a_query_returned_is_what_is_allowed() -> None:
    known = {"market": ("NL", "FR")}
    assert [found["market"] for found in combine(QUERIED, {"market": "*"}, known=known)] == ["NL", "FR"]
    assert combine(QUERIED, {}, known=known) == ({"market": "NL"},)
    with pytest.raises(ParameterRefused, match=r"does not take 'BE'\. Allowed: 'NL', 'FR'"):
        combine(QUERIED, {"market": "BE"}, known=known)
    with pytest.raises(ParameterRefused, match=r"does not take 'NL'\. Allowed: 'FR'"):
        combine(QUERIED, {}, known={"market": ("FR",)})


def test_a_star_needs_to_know_what_it_stands_for() -> None:
    with pytest.raises(ParameterRefused, match="has no allowed value at the moment: its query returns none"):
        combine(QUERIED, {"market": "*"}, known={"market": ()})
    with pytest.raises(ParameterRefused, match="takes what its query returns, which is not known yet, so that"):
        combine(QUERIED, {"market": "*"})
    with pytest.raises(ParameterRefused, match=r"takes any date, so that '\*' stands for nothing; name values"):
        combine({"since": Parameter(type="date")}, {"since": "*"})


def test_a_run_by_itself_takes_the_schedules_values_first_and_any_other_the_default_first() -> None:
    both = {"market": Parameter(values=("NL", "BE"), default=("NL",), schedule=("*",))}
    assert combine(both, {}) == ({"market": "NL"},)
    assert combine(both, {}, by_itself=True) == ({"market": "NL"}, {"market": "BE"})
    assert combine(both, {"market": "BE"}, by_itself=True) == ({"market": "BE"},)
    for one in (Parameter(type="text", default=("a",)), Parameter(type="text", schedule=("a",))):
        assert combine({"x": one}, {}) == combine({"x": one}, {}, by_itself=True) == ({"x": "a"},)


def test_values_that_are_equal_are_asked_for_once() -> None:
    amounts = {"roas": Parameter(type="number", values=("1", "2.5"))}
    assert combine(amounts, {"roas": [1, "1.0", 2.50, "2.5"]}) == ({"roas": "1"}, {"roas": "2.5"})
    free = {"since": Parameter(type="date")}
    assert combine(free, {"since": ["2026-12-24", " 2026-12-24 "]}) == ({"since": "2026-12-24"},)


@given(st.data())
def test_every_way_of_asking_gives_each_combination_of_what_was_asked_once(data: st.DataObject) -> None:
    parameters = data.draw(PARAMETERS)
    asked = {
        name: data.draw(st.lists(st.sampled_from(parameter.values), min_size=1, max_size=6))
        for name, parameter in parameters.items()
    }
    found = combine(parameters, asked)
    wanted = {name: list(dict.fromkeys(values)) for name, values in asked.items()}
    assert found == tuple(dict(zip(wanted, values, strict=True)) for values in product(*wanted.values()))
    stars = dict.fromkeys(parameters, "*")
    assert combine(parameters, stars) == combine(parameters, {name: each.values for name, each in parameters.items()})


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.sampled_from(["NL", "BE", "*"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["market", "goal", "roas", "since", "x"]), ANYTHING, max_size=4), st.booleans())
def test_whatever_is_given_is_combined_or_refused_with_the_parameters_name(
    given_values: dict[str, object], by_itself: bool
) -> None:
    parameters = MARKETS | {
        "goal": Parameter(type="text", default=("growth",)),
        "roas": Parameter(type="number", schedule=("2",)),
        "since": Parameter(type="date", default=("2026-01-01",)),
    }
    found = outcome(parameters, given_values, by_itself=by_itself)
    if isinstance(found, ParameterRefused):
        assert found.parameter in {*parameters, "x"}
        assert len(str(found)) < 1000
    else:
        assert len({tuple(each.values()) for each in found}) == len(found) >= 1
        assert all(each["market"] in parameters["market"].values for each in found)


def outcome(
    parameters: dict[str, Parameter], given_values: dict[str, object], *, by_itself: bool
) -> tuple[dict[str, str], ...] | ParameterRefused:
    """Return the combinations, or the refusal."""
    try:
        return combine(parameters, given_values, by_itself=by_itself)
    except ParameterRefused as refused:
        return refused


def test_too_many_combinations_are_refused_before_they_are_made() -> None:
    many = Parameter(values=tuple(f"v{number}" for number in range(1000)), default=("v0",))
    wanted = {"a": list(many.values), "b": list(many.values)}
    with pytest.raises(TooManyCombinations, match="make 1,000,000 combinations; a run takes at most 1,000"):
        combine({"a": many, "b": many}, wanted)
    assert len(combine({"a": many, "b": many}, {"a": list(many.values)})) == 1000


def test_a_combination_is_named_by_its_values() -> None:
    assert label({"market": "NL", "channel": "Paid search"}) == "NL · Paid search"
    assert label({}) == "answer"
