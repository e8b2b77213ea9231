"""What Airflow's Trigger form shows of a parameter, and which values Airflow takes for it."""

import re
from typing import Any

import pytest
from airflow.sdk import DAG, Param
from airflow.sdk.exceptions import ParamValidationError
from airflow.serialization.serialized_objects import DagSerialization

from interact.factory.form import param, send_to
from interact.jobs.parameters import Parameter

MARKET: dict[str, Any] = {"values": ["NL", "BE", "DE"]}
CAMPAIGN: dict[str, Any] = {"query": "SELECT DISTINCT campaign FROM loads"}
NUMBER, DAY, TEXT = {"type": "number"}, {"type": "date"}, {"type": "text"}
LINES = {"type": "array", "items": {"type": "string"}}


def made(definition: dict[str, Any], *known: str) -> Param:
    """Return the form's parameter `market` of a definition, and what its query returned last."""
    return param("market", Parameter.model_validate(definition), known)


def field(found: Param) -> dict[str, Any]:
    """Return what the form picks its field by."""
    return {name: found.schema[name] for name in ("type", "format", "items", "examples") if name in found.schema}


def given(definition: dict[str, Any], value: object) -> None:
    """Give a run this value as Airflow's API server does, on the DAG that it reads from its database."""
    written = DagSerialization.to_dict(DAG("d", schedule=None, params={"market": made(definition)}))
    DagSerialization.from_dict(written).params.deep_merge({"market": value}).validate()


def test_listed_values_are_picked_from_a_list_several_at_a_time() -> None:
    assert field(made(MARKET)) == {**LINES, "examples": ["*", "NL", "BE", "DE"]}
    assert made(MARKET).schema["values_display"] == {"*": "All (*)"}


def test_the_values_of_a_query_are_picked_from_a_list_once_they_were_read() -> None:
    assert field(made(CAMPAIGN, "Brand", "Generic")) == {**LINES, "examples": ["*", "Brand", "Generic"]}
    assert field(made(CAMPAIGN)) == LINES


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (NUMBER, {"type": "number"}),
        (DAY, {"type": "string", "format": "date"}),
        (TEXT, {"type": "string"}),
        ({**DAY, "values": ["2026-12-24"]}, {**LINES, "examples": ["*", "2026-12-24"]}),
        ({**TEXT, "default": ["brand", "generic"]}, LINES),
        ({**NUMBER, "schedule": [7, 28]}, LINES),
    ],
)
def test_what_is_typed_has_a_field_of_its_type_and_a_line_a_value_where_several_are_the_default(
    definition: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert field(made(definition)) == expected


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({**MARKET, "default": "NL"}, ["NL"]),
        ({**MARKET, "default": "*"}, ["*"]),
        ({**MARKET, "default": "NL", "schedule": ["NL", "BE"]}, ["NL"]),
        ({**MARKET, "schedule": ["NL", "BE"]}, ["NL", "BE"]),
        ({**CAMPAIGN, "default": "*"}, ["*"]),
        ({**NUMBER, "default": 7}, 7),
        ({**NUMBER, "default": 0.25}, 0.25),
        ({**NUMBER, "default": [7, 28]}, ["7", "28"]),
        ({**DAY, "default": "2026-12-24"}, "2026-12-24"),
        ({**TEXT, "default": "brand"}, "brand"),
    ],
)
def test_the_form_begins_with_the_default_else_with_what_the_schedule_takes(
    definition: dict[str, Any], expected: object
) -> None:
    assert made(definition).value == expected
    assert made(definition).resolve() == expected


@pytest.mark.parametrize("definition", [MARKET, CAMPAIGN, NUMBER, DAY, TEXT])
def test_a_parameter_without_a_default_has_to_be_filled_in(definition: dict[str, Any]) -> None:
    assert not made(definition).has_value
    assert "null" not in made(definition).schema["type"]
    with pytest.raises(ParamValidationError, match="None is not"):
        given(definition, None)


def test_a_schedule_builds_with_the_values_that_it_takes() -> None:
    market = made({**MARKET, "schedule": "*"})
    assert DAG("d", schedule="@daily", params={"market": market}).params["market"] == ["*"]


@pytest.mark.parametrize(
    ("definition", "value"),
    [
        (MARKET, "NL"),
        (MARKET, ["NL", "BE"]),
        (MARKET, "*"),
        (MARKET, ["*"]),
        (CAMPAIGN, "Generic"),
        (CAMPAIGN, ["Generic", "New since then"]),
        (CAMPAIGN, "*"),
        (NUMBER, 7),
        (NUMBER, "0.5"),
        (NUMBER, [7, "28", 0.5]),
        ({**NUMBER, "values": [7, 0.5]}, 7),
        ({**NUMBER, "values": [7, 0.5]}, ["7", 0.5]),
        (DAY, "2026-12-24"),
        (DAY, ["2026-12-24", "2026-12-31"]),
        ({**DAY, "query": "SELECT day FROM days"}, ["*"]),
        (TEXT, "anything"),
        (TEXT, ["one", "two"]),
    ],
)
def test_one_value_or_a_list_is_taken_and_a_star_where_it_stands_for_something(
    definition: dict[str, Any], value: object
) -> None:
    given(definition, value)


@pytest.mark.parametrize(
    ("definition", "value", "told"),
    [
        (MARKET, "SE", "'SE' is not one of ['NL', 'BE', 'DE']"),
        (MARKET, ["NL", "SE"], "'SE' is not one of ['NL', 'BE', 'DE']"),
        (MARKET, ["NL", "*"], "'*' is not one of ['NL', 'BE', 'DE']"),
        (MARKET, [], "[] should be non-empty"),
        (MARKET, 3, "3 is not one of ['NL', 'BE', 'DE']"),
        (CAMPAIGN, 3, "3 is not of type 'string'"),
        (CAMPAIGN, ["*", "Generic"], "'*' should not be valid under"),
        ({**NUMBER, "values": [7]}, 8, "8 is not one of ['7', 7]"),
        (NUMBER, True, "True is not of type 'number', 'string'"),
        (DAY, "24-12-2026", "'24-12-2026' is not a 'date'"),
        (TEXT, "", "'' should be non-empty"),
        (TEXT, "*", "'*' should not be valid under"),
        (TEXT, {"a": 1}, "{'a': 1} is not of type 'string'"),
        (TEXT, ["many"] * 1001, "is too long"),
    ],
)
def test_what_no_run_could_begin_with_airflow_refuses_before_it_starts(
    definition: dict[str, Any], value: object, told: str
) -> None:
    with pytest.raises(ParamValidationError, match=re.escape(told)):
        given(definition, value)


def test_the_form_says_what_a_parameter_is_and_what_several_values_do() -> None:
    several = "Each value gets an answer of its own."
    assert made({**MARKET, "description": "Which market."}).description == f"Which market. {several}"
    assert made(MARKET).description == several
    assert made(CAMPAIGN).description == "One value a line, or * for all; each gets an answer of its own."
    assert made({**TEXT, "default": ["a", "b"]}).description == "One value a line; each gets an answer of its own."
    assert made({**DAY, "description": "The first day."}).description == "The first day."


def test_airflows_own_check_of_a_default_uses_the_same_rules() -> None:
    with pytest.raises(ParamValidationError, match="'SE' is not one of"):
        made(MARKET).resolve(["SE"])


@pytest.mark.parametrize("value", ["nobody", "everyone"])
def test_whoever_starts_a_run_in_the_form_says_who_is_told_of_it_and_by_default_nobody_is(value: str) -> None:
    written = DagSerialization.to_dict(DAG("d", schedule=None, params={"_send_to": send_to()}))
    params = DagSerialization.from_dict(written).params
    assert params["_send_to"] == "nobody"
    params.deep_merge({"_send_to": value}).validate()


@pytest.mark.parametrize("value", ["me:ada@example.com", "corrected", "", None, ["everyone"]])
def test_nobody_else_can_be_named_in_the_form(value: object) -> None:
    written = DagSerialization.to_dict(DAG("d", schedule=None, params={"_send_to": send_to()}))
    with pytest.raises(ParamValidationError, match="is not"):
        DagSerialization.from_dict(written).params.deep_merge({"_send_to": value}).validate()
