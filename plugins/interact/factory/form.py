"""A job's parameter as Airflow's Trigger form shows it, and as Airflow holds a run's values against it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.sdk import Param

from interact.chats.record import EVERYONE, NOBODY
from interact.jobs.parameters import ALL, MOST_VALUES, VALUE_LIMIT, Parameter

Schema = dict[str, Any]
# The form picks a field by `type`, `format`, `items` and `examples` of the schema itself, and takes one kind of value
# where a run takes one or a list. In this draft, and in those before it, whatever stands beside `$ref` is no rule: so
# the form reads one half, and `jsonschema` the other.
_DRAFT = "http://json-schema.org/draft-07/schema#"
_ALL: Schema = {"enum": [ALL, [ALL]]}
_ONE_OR_MANY: Schema = {
    "if": {"type": "array"},
    "then": {"items": {"$ref": "#/definitions/value"}, "minItems": 1, "maxItems": MOST_VALUES},
    "else": {"$ref": "#/definitions/value"},
}


def param(name: str, parameter: Parameter, known: Sequence[str] = ()) -> Param:
    """Return the parameter; `known` is what its query returned last, of which newer values are no less allowed.

    The form has a list to pick from where values are known, a date picker, a field for a number or a line of text, and
    a line for each value where several are the default. A call may give one value, a list, or "*".
    """
    offered = parameter.values or tuple(known)
    chosen = parameter.taken(by_itself=False)
    field = _field(parameter, offered, len(chosen))
    given = {"if": _ALL, "else": _ONE_OR_MANY} if parameter.is_limited else _ONE_OR_MANY
    schema = {
        "$schema": _DRAFT,
        "$ref": "#/definitions/given",
        "title": name,
        **field,
        "definitions": {"value": _value(parameter), "given": given},
    }
    told = f"{parameter.description} {_hint(parameter, field)}".strip()
    if not chosen:
        return Param(description=told, schema=schema)
    return Param(list(chosen) if field["type"] == "array" else _plain(parameter, chosen[0]), told, schema=schema)


def send_to() -> Param:
    """Return the field that says who is told of a run which somebody starts in the form: nobody, unless they say so.

    A call without it tells everyone.
    """
    told = "Who is told of this run's end: nobody, or everyone whom the job's channels and routes name."
    labels = {NOBODY: "Nobody", EVERYONE: "Everyone"}
    return Param(NOBODY, told, type="string", title="Send to", enum=[NOBODY, EVERYONE], values_display=labels)


def _hint(parameter: Parameter, field: Schema) -> str:
    if field["type"] != "array":
        return ""
    if "examples" in field:
        return "Each value gets an answer of its own."
    return f"One value a line{f', or {ALL} for all' if parameter.is_limited else ''}; each gets an answer of its own."


def _field(parameter: Parameter, offered: Sequence[str], defaults: int) -> Schema:
    lines: Schema = {"type": "array", "items": {"type": "string"}}
    if offered:
        return {**lines, "examples": [ALL, *offered], "values_display": {ALL: f"All ({ALL})"}}
    if parameter.is_limited or defaults > 1:
        return lines
    match parameter.type:
        case "number":
            return {"type": "number"}
        case "date":
            return {"type": "string", "format": "date"}
        case _:
            return {"type": "string", "maxLength": VALUE_LIMIT}


def _value(parameter: Parameter) -> Schema:
    """Return what Airflow takes for one value; the run's first task looks closer."""
    numbers = parameter.type == "number"
    if parameter.values:
        return {"enum": [*parameter.values, *(_number(each) for each in parameter.values if numbers)]}
    plain: Schema = {"type": ["number", "string"] if numbers else "string", "minLength": 1, "not": {"enum": [ALL]}}
    return plain | {"format": "date"} if parameter.type == "date" else plain


def _plain(parameter: Parameter, value: str) -> str | float:
    return _number(value) if parameter.type == "number" else value


def _number(value: str) -> float:
    return float(value) if "." in value else int(value)
