"""The reference of the REST API, as OpenAPI 3.1."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from interact.api.shapes import Problem

TAGS = [
    {"name": "jobs", "description": "Saved questions: read, trigger, make, change, delete."},
    {"name": "schedules", "description": "What an expression means."},
    {"name": "chats", "description": "What a run leaves: one chat a combination of parameter values."},
    {"name": "runs", "description": "One execution of a job: its verdict, its roll-up; run it again, cancel it."},
    {"name": "keys", "description": "API keys, for an organisation's admins."},
    {"name": "service", "description": "This reference, and whether all is well."},
]
_ABOUT = """Saved questions to data agents, run by Airflow.

Send an API key and its organisation with each request, in the headers `X-API-Key` and `X-Organization-Id`; or, as
somebody who is signed in, a token of Airflow's `POST /auth/token` as `Authorization: Bearer …`. Errors are
`application/problem+json` with a sentence that says what to do. Once a trigger is answered with 202 its run will come.
Send an `Idempotency-Key` with it, and repeat the request with the same one when no answer came."""


def described(app: FastAPI) -> dict[str, Any]:
    """Return the reference, made once."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title="Interact jobs", version=app.version, description=_ABOUT, routes=app.routes, tags=TAGS
        )
        _show_examples(schema, app)
        schema["servers"] = [{"url": "/api/agents"}]
        schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        app.openapi_schema = schema
    return app.openapi_schema


def _show_examples(schema: dict[str, Any], app: FastAPI) -> None:
    """Put the answers' examples in whole: FastAPI leaves out what is null in them."""
    for route in app.routes:
        if not isinstance(route, APIRoute) or not route.include_in_schema:
            continue
        for method in route.methods:
            answers = schema["paths"][route.path_format][method.lower()]["responses"]
            for code, told in route.responses.items():
                for kind, content in told.get("content", {}).items():
                    if "example" in content:
                        answers[str(code)]["content"][kind]["example"] = content["example"]
