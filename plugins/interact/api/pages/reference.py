"""The reference of the REST API as a page, made of the same description that `GET /api/agents/openapi.json` returns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse

from interact import __version__
from interact.api.access import DeskDep
from interact.api.pages.showing import show
from interact.api.pages.visitors import VisitorDep, seen_organisation
from interact.api.reference import TAGS, described
from interact.api.routes import chats, editing, health, jobs, keys, reference, runs, schedules

router = APIRouter()
ROUTES = (jobs, editing, schedules, chats, runs, keys, reference, health)
"""Of the REST API, in the order in which they are described."""
_JSON = "application/json"
_OF_EVERY_CALL = ("401", "403", "413", "422", "429", "500", "503")
_TAG_ORDER = tuple(str(tag["name"]) for tag in TAGS)
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Parameter:
    """What a call takes in its path, its query or its headers."""

    name: str
    place: str
    is_required: bool
    takes: str
    about: str


@dataclass(frozen=True)
class Answer:
    """One status that a call may be answered with."""

    status: str
    about: str


@dataclass(frozen=True)
class Call:
    """One call: what it is for, what it takes, what it answers. Examples are JSON, "" where there is none."""

    id: str
    method: str
    path: str
    does: str
    more: str
    parameters: tuple[Parameter, ...]
    body: str
    answer: str
    answers: tuple[Answer, ...]


@router.get("/organisations/{organisation_id}/reference")
def api_reference(request: Request, organisation_id: str, desk: DeskDep, visitor: VisitorDep) -> HTMLResponse:
    """Show every call of the REST API."""
    organisation = seen_organisation(visitor, organisation_id)
    schema = api_schema()
    return show(
        request,
        "reference.html",
        section="settings",
        title="API reference",
        organisation=organisation,
        about=schema["info"]["description"],
        groups=_groups(),
        address=f"{desk.settings.base_url}{schema['servers'][0]['url']}",
    )


@router.get("/organisations/{organisation_id}/openapi.json")
def api_description(organisation_id: str, visitor: VisitorDep) -> JSONResponse:
    """Return the same as OpenAPI, for tools that make clients of it."""
    seen_organisation(visitor, organisation_id)
    return JSONResponse(api_schema(), headers={"Content-Disposition": 'attachment; filename="openapi.json"'})


@lru_cache(maxsize=1)
def api_schema() -> dict[str, Any]:
    """Return the description of the REST API, as its own app makes it."""
    app = FastAPI(version=__version__, openapi_url=None, docs_url=None, redoc_url=None)
    for routes in ROUTES:
        app.include_router(routes.router)
    return described(app)


@lru_cache(maxsize=1)
def _groups() -> tuple[tuple[str, str, tuple[Call, ...]], ...]:
    """Return the calls under each tag, with what the tag is about, in the order of the tags."""
    schema = api_schema()
    found: dict[str, list[Call]] = {name: [] for name in _TAG_ORDER}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            found[operation["tags"][0]].append(_call(path, method, operation, schema["components"]["schemas"]))
    about = {str(tag["name"]): str(tag["description"]) for tag in TAGS}
    return tuple((name, about[name], tuple(calls)) for name, calls in found.items() if calls)


def _call(path: str, method: str, operation: Schema, schemas: Schema) -> Call:
    does, _, more = operation["description"].partition("\n")
    answers = operation["responses"]
    good = next((code for code in answers if code.startswith("2")), "")
    body = operation.get("requestBody", {}).get("content", {}).get(_JSON, {})
    return Call(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        does=does,
        more=" ".join(more.split()),
        parameters=tuple(_parameter(each, schemas) for each in operation.get("parameters", ())),
        body=_shown(_example(body, schemas)),
        answer=_shown(answers[good].get("content", {}).get(_JSON, {}).get("example")) if good else "",
        answers=tuple(
            Answer(code, _about(code, told, schemas)) for code, told in answers.items() if code not in _OF_EVERY_CALL
        ),
    )


def _about(code: str, answer: Schema, schemas: Schema) -> str:
    """Return what an answer is: what its own shape says of itself, where FastAPI says only that it succeeded."""
    if not code.startswith("2") or answer["description"] != "Successful Response":
        return str(answer["description"])
    schema = answer.get("content", {}).get(_JSON, {}).get("schema", {})
    told = str(_resolved(schema, schemas).get("description", ""))
    return " ".join(told.split()) or {"204": "Done; there is no body."}.get(code, "Done.")


def _parameter(told: Schema, schemas: Schema) -> Parameter:
    schema = told.get("schema", {})
    about = told.get("description") or schema.get("description") or ""
    name = told["name"].title() if told["in"] == "header" else told["name"]
    return Parameter(name, told["in"], told.get("required", False), _takes(schema, schemas), about)


def _takes(schema: Schema, schemas: Schema) -> str:
    """Return what a value is, in a few words: "integer, 1 to 200"."""
    schema = _resolved(schema, schemas)
    kinds = [_resolved(each, schemas) for each in schema.get("anyOf", (schema,))]
    one = next((each for each in kinds if each.get("type") != "null"), {})
    if "enum" in one:
        return " or ".join(str(value) for value in one["enum"])
    word = str(one.get("format") or one.get("type") or "text")
    if "minimum" in one and "maximum" in one:
        return f"{word}, {one['minimum']} to {one['maximum']}"
    return {"string": "text"}.get(word, word)


def _example(body: Schema, schemas: Schema) -> Any:
    """Return an example of a body: the one that is written, else one made of its fields' own."""
    schema = body.get("schema", {})
    for known in (body, schema, _resolved(schema, schemas)):
        if known.get("examples"):
            examples = known["examples"]
            return next(iter(examples.values()))["value"] if isinstance(examples, dict) else examples[0]
        if "example" in known:
            return known["example"]
    return dict(_fields(schema, schemas)) or None


def _fields(schema: Schema, schemas: Schema) -> Iterator[tuple[str, Any]]:
    kinds = [_resolved(each, schemas) for each in schema.get("anyOf", (schema,))]
    one = next((each for each in kinds if each.get("properties")), {})
    for name, field in one.get("properties", {}).items():
        if field.get("examples"):
            yield name, field["examples"][0]
        elif name in one.get("required", ()):
            yield name, _made_up(_resolved(field, schemas), schemas)


def _made_up(field: Schema, schemas: Schema) -> Any:
    if field.get("enum"):
        return field["enum"][0]
    if field.get("type") == "array":
        return [_made_up(_resolved(field.get("items", {}), schemas), schemas)]
    return {"integer": 1, "boolean": True, "object": {}}.get(field.get("type", ""), "…")


def _resolved(schema: Schema, schemas: Schema) -> Schema:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return schemas[name] if name else schema


def _shown(example: Any) -> str:
    return "" if example is None else json.dumps(example, indent=2, ensure_ascii=False)
