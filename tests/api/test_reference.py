"""The reference is true: valid, with an example of each answer, and the API answers nothing that it leaves out."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.applications import Starlette
from starlette.routing import Mount

from builders.airflow_tables import save_dag
from builders.signed_in import bearer
from interact.api.app import rest_app
from reference import openapi

ROOT = Path(__file__).resolve().parents[2]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def reference() -> dict[str, Any]:
    found: dict[str, Any] = rest_app(None).openapi()
    return found


def operations() -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in reference()["paths"].items()
        for method, operation in methods.items()
    ]


def test_it_is_openapi_3_1() -> None:
    assert reference()["openapi"].startswith("3.1")
    assert reference()["servers"] == [{"url": "/api/agents"}]


def test_the_copy_in_the_docs_is_this_one() -> None:
    file = ROOT / "docs" / "openapi.json"
    assert file.read_text(encoding="utf-8") == openapi(), "docs/openapi.json is out of date; run `make reference`."


def test_every_call_says_who_may_call_it_and_what_it_answers() -> None:
    for name, operation in operations():
        if name == "GET /health":
            continue
        assert operation["security"], name
        assert {"401", "403", "422", "429", "503"} <= operation["responses"].keys(), name
        assert operation["summary"] and operation["description"], name
        assert len(operation["tags"]) == 1, name


def test_every_answer_has_an_example_of_its_shape() -> None:
    whole = reference()
    for name, operation in operations():
        for status, answer in operation["responses"].items():
            for kind, content in answer.get("content", {}).items():
                if content["schema"].get("format") == "binary" or (name == "GET /openapi.json" and status == "200"):
                    continue
                assert "example" in content, (name, status, kind)
                schema = {**content["schema"], "components": whole["components"]}
                errors = list(Draft202012Validator(schema).iter_errors(content["example"]))
                assert not errors, (name, status, errors[0].message)


@pytest.fixture
def seeded(rest: Any) -> Any:
    """The client with a job that can start, a chat and a run."""
    save_dag(rest.job.dag_id)
    chat_id = rest.answered()
    headers = rest.key()
    chat = rest.client.get(f"/chats/{chat_id}", headers=headers).json()
    (key,) = rest.client.get("/keys", headers=bearer("ivy", "admin")).json()["keys"]
    rest.own = {
        "job_id": rest.job.job_id,
        "chat_id": chat_id,
        "run_id": chat["run"]["id"],
        "result_id": chat["queries"][0]["id"],
        "key_id": key["id"],
    }
    return rest


def calls_of(rest: Any) -> Any:
    """Return the reference as schemathesis reads it, of the app that is tested."""
    server = Starlette(routes=[Mount("/api/agents", rest.client.app)])
    return schemathesis.openapi.from_asgi("/api/agents/openapi.json", server, headers=bearer("ivy", "admin"))


@pytest.mark.parametrize("who", ["key", "admin", "nobody"])
@pytest.mark.parametrize("name", [name for name, _ in operations()])
def test_no_call_fails_or_answers_what_the_reference_leaves_out(seeded: Any, name: str, who: str) -> None:
    method, path = name.split(" ")
    operation = calls_of(seeded)[path][method]
    headers = {"key": seeded.key(), "admin": bearer("ivy", "admin"), "nobody": {}}[who]
    count = 0

    @settings(
        max_examples=3 if who == "nobody" else 12,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(case=operation.as_strategy())
    def attempt(case: Any) -> None:
        nonlocal count
        count += 1
        # A path with a line break fits no mount: it never reaches this app.
        drawn = case.path_parameters.items()
        case.path_parameters = {name: str(value).replace("\n", " ") for name, value in drawn}
        if count % 2:  # every other one asks for what there is
            case.path_parameters = {
                **case.path_parameters,
                **{name: seeded.own[name] for name in case.path_parameters},
            }
        case.headers = {**{k: v for k, v in case.headers.items() if k.lower() not in _CREDENTIALS}, **headers}
        case.cookies = {}
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKS)

    attempt()
    assert count


_CREDENTIALS = {"authorization", "x-api-key", "x-organization-id"}
