"""The JSON Schema of a definition document, for editors: what they complete, explain and underline."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pydantic import BaseModel

from interact.jobs.channels import Channel
from interact.jobs.definition import SHAPES, Agent, Branding, Job, Organisation
from interact.jobs.parameters import Parameter
from interact.jobs.timing import BusinessCalendar, DataTrigger, JobSchedule

_MODELS: tuple[type[BaseModel], ...] = (
    *(Organisation, Agent, Channel, Job),
    *(Branding, BusinessCalendar, Parameter, JobSchedule, DataTrigger),
)
_TEXTS = {"type": ["string", "array"], "items": {"type": "string"}}
_RULES_OF_A_PARAMETER = [
    {
        "if": {"properties": {"type": {"const": "choice"}}},
        "then": {"anyOf": [{"required": ["values"]}, {"required": ["query"]}]},
    },
    {
        "if": {"properties": {"type": {"const": "number"}}, "required": ["type"]},
        "else": {"properties": {"values": _TEXTS, "default": _TEXTS, "schedule": _TEXTS}},
    },
    {"not": {"required": ["values", "query"]}},
]
"""What needs quotes when it is no number, and what excludes what."""


def definition_schema() -> dict[str, Any]:
    """Return the schema of one document of any kind.

    It knows shapes, patterns and limits. What lies between keys and documents only `interact validate` knows.
    """
    parts: dict[str, Any] = {}
    for kind, shape in SHAPES.items():
        own = shape.model_json_schema()
        parts |= own.pop("$defs", {})
        fields = {name: field for name, field in own["properties"].items() if name != "kind"}
        parts[shape.__name__] = {
            **own,
            "properties": {"kind": {"const": kind}, **fields},
            "required": ["kind", *own["required"]],
        }
    for model in _MODELS:
        _explain(parts[model.__name__], model)
    parts["Job"]["properties"]["parameters"]["additionalProperties"] = False
    parts["Parameter"]["allOf"] = _RULES_OF_A_PARAMETER
    return {
        # Editors know this draft best.
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Definition",
        "description": "An organisation, an agent, a channel or a job, as `interact apply` reads it.",
        "oneOf": [{"$ref": f"#/$defs/{shape.__name__}"} for shape in SHAPES.values()],
        "$defs": parts,
    }


def _explain(part: dict[str, Any], model: type[BaseModel]) -> None:
    """Take out the titles that pydantic makes of names, and put in what the code says of each key."""
    words = dict(_words(model))
    for name, schema in part["properties"].items():
        schema.pop("title", None)
        if name in words:
            schema["description"] = words[name]


def _words(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Yield each field that has a docstring, with it."""
    (declared,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    body = declared.body if isinstance(declared, ast.ClassDef) else []
    for field, below in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            # Python's None is null in YAML and JSON.
            yield field.target.id, re.sub(r"\bNone\b", "null", " ".join(ast.literal_eval(below.value).split()))
