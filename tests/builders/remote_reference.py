"""The contract of remote agents as OpenAPI, made of the types that it is read with."""

import json
from typing import Any

from pydantic.json_schema import models_json_schema

from interact.agents.remote.exchange import Accepted, RunRequest, RunState

_RUN = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
_AFTER = {"name": "after", "in": "query", "required": True, "schema": {"type": "integer", "minimum": -1}}
_KEY = {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string", "format": "uuid"}}


def remote_openapi() -> str:
    """Return the contract as its file holds it."""
    _, defined = models_json_schema(
        [(RunRequest, "serialization"), (Accepted, "validation"), (RunState, "validation")],
        ref_template="#/components/schemas/{model}",
    )
    document = {
        "openapi": "3.1.0",
        "info": {"title": "What a remote agent's service answers", "version": "1"},
        "paths": {
            "/runs": {
                "post": {
                    "summary": "Begin a run, or return the one that was begun under this key.",
                    "parameters": [_KEY],
                    "requestBody": {"required": True, "content": _content("RunRequest")},
                    "responses": {"202": {"description": "It is taken.", "content": _content("Accepted")}},
                }
            },
            "/runs/{id}": {
                "get": {
                    "summary": "Say how a run stands, with the messages after a number.",
                    "parameters": [_RUN, _AFTER],
                    "responses": {"200": {"description": "So it stands.", "content": _content("RunState")}},
                }
            },
            "/runs/{id}/cancel": {
                "post": {
                    "summary": "Stop a run that nobody waits for any more.",
                    "parameters": [_RUN],
                    "responses": {"202": {"description": "Its answer is not read."}},
                }
            },
        },
        "components": {"schemas": defined["$defs"]},
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _content(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
