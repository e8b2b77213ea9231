"""The reference of the REST API as a page."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from builders.story import a_desk
from interact.api.pages.reference import api_schema


def path(site: Any) -> str:
    return f"/organisations/{site.found.organisation_id}/reference"


def test_the_page_is_made_of_what_the_api_says_of_itself(tmp_path: Path, airflow_database: None) -> None:
    from interact.api.app import rest_app

    assert api_schema() == rest_app(a_desk(tmp_path), serving=lambda desk: None).openapi()


def test_every_call_is_on_the_page(site: Any) -> None:
    page = site.get(path(site)).text
    calls = re.findall(r'<span class="method">(\w+)</span> <code>([^<]+)</code>', page)
    schema = api_schema()
    assert sorted(calls) == sorted(
        (method.upper(), each) for each in schema["paths"] for method in schema["paths"][each]
    )


def test_examples_are_json_and_show_a_body_and_an_answer(site: Any) -> None:
    page = site.get(path(site)).text
    shown = {
        name: html.unescape(text) for name, text in re.findall(r'<code id="([\w-]+)">(.*?)</code>', page, re.DOTALL)
    }
    assert len(shown) > 20
    parsed = {name: json.loads(text) for name, text in shown.items()}
    (body,) = [value for name, value in parsed.items() if name.startswith("body-trigger")]
    assert body == {"parameters": {"market": ["NL", "BE"]}}
    (answer,) = [value for name, value in parsed.items() if name.startswith("example-trigger")]
    assert answer["success"] is True and answer["chat"]["id"].startswith("chat_")


def test_a_parameter_says_where_it_stands_and_what_it_takes(site: Any) -> None:
    page = re.sub(r"<[^>]+>", "|", site.get(path(site)).text)
    assert re.search(r"status\|+query\|+queued or running or completed or failed or cancelled", page)
    assert re.search(r"Idempotency-Key\|+header\|+text\|+Any text of your own", page)
    assert "integer, 1 to 200" in page


def test_every_member_reads_it_and_nobody_else(site: Any) -> None:
    for each in (path(site), path(site).replace("reference", "openapi.json")):
        assert [site.get(each, who).status_code for who in ("ada", "ivy", "eve")] == [200, 200, 404]
        assert site.client.get(each).status_code == 401


def test_the_description_can_be_taken_away_as_a_file(site: Any) -> None:
    answer = site.get(path(site).replace("reference", "openapi.json"))
    assert answer.headers["content-disposition"] == 'attachment; filename="openapi.json"'
    assert answer.json() == json.loads(json.dumps(api_schema()))


@pytest.mark.parametrize("what", ["X-Organization-Id", "http://localhost:8080/api/agents"])
def test_it_says_where_the_api_is_and_for_whom(site: Any, what: str) -> None:
    page = site.get(path(site)).text
    assert what in page and site.found.organisation_id in page
