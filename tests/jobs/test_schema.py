"""The schema that editors use accepts what the product accepts, and knows what it can know of the rest."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from builders.definition_files import AGENT, CHANNEL, JOB, ORGANISATION, market, outcome
from interact.jobs.definition import KINDS, SHAPES
from interact.jobs.schema import definition_schema
from interact.nodes import Plain, read_nodes

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = definition_schema()


def faults(text: str) -> list[str]:
    """Return what the schema has against the documents of a text; the values are those that the product reads."""
    validator = jsonschema.Draft7Validator(SCHEMA)
    contents = [Plain("jobs.yaml").value(root) for root in read_nodes(text, "jobs.yaml")]
    return [error.message for content in contents for error in validator.iter_errors(content)]


def part(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = SCHEMA["$defs"][SHAPES[kind].__name__]
    return found


def test_it_is_a_schema_of_the_draft_that_it_names() -> None:
    assert jsonschema.validators.validator_for(SCHEMA) is jsonschema.Draft7Validator
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("kind", KINDS)
def test_it_knows_every_key_of_every_kind_and_no_other(kind: str) -> None:
    assert part(kind)["properties"]["kind"] == {"const": kind}
    assert set(part(kind)["properties"]) == {"kind", *SHAPES[kind].model_fields}
    assert part(kind)["additionalProperties"] is False
    assert part(kind)["required"][0] == "kind"


def test_it_explains_keys_in_the_words_of_the_code() -> None:
    job = part("job")["properties"]
    assert job["owner"]["description"] == "Whose it is."
    assert part("channel")["properties"]["level"]["description"].startswith("`info` is everything")
    lateness = SCHEMA["$defs"]["JobSchedule"]["properties"]["lateness_minutes"]["description"]
    assert lateness == "How late a time may still run; null means half the interval to the next, at most 12 hours."
    assert job["visibility"]["enum"] == ["private", "organisation"]
    assert job["key"]["pattern"].startswith("^[a-z0-9]")


def test_the_demo_is_in_order() -> None:
    assert faults((ROOT / "include" / "demo" / "definitions.yaml").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        ORGANISATION,
        ORGANISATION + "members: {ada: admin}\ncalendar: {country: NL, add: [2026-12-24]}\nstart_of_business: 12:30\n",
        AGENT,
        AGENT.replace("model.yaml", "{name: m}"),
        CHANNEL,
        CHANNEL + "level: error\ntopics: [failed_run]\n",
        JOB,
        JOB + "schedule: 0 8 * * 1\n",
        JOB + "schedule:\n",
        JOB + "schedule: {cron: '@daily', on_holiday: next}\n",
        JOB + "triggers: {assets: warehouse.costs}\n",
        JOB + "triggers: {assets: [a, b], when: any}\n",
        JOB + "channels: [mail]\nparallel_chats: 4\ntimezone: UTC\n",
        market("values: [NL, 'NO']\n    default: NL\n    schedule: '*'"),
        market("query: SELECT 1\n    default: [NL, BE]"),
        market("type: number\n    values: [1, 2.5, '3']\n    default: 1"),
        market("type: date\n    default: 2026-12-24"),
        market("type: text\n    description: What for"),
    ],
)
def test_what_the_product_reads_is_in_order(text: str) -> None:
    assert outcome(text) is None
    assert faults(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "kind: jobb\n",
        "key: x\n",
        JOB + "colour: red\n",
        JOB.replace("name: Weekly\n", ""),
        JOB.replace("weekly", "Weekly Job"),
        JOB + "time_limit_minutes: 0\n",
        JOB + "visibility: public\n",
        JOB + "parallel_chats: 101\n",
        JOB + "channels: mail\n",
        JOB + "schedule: {corn: '@daily'}\n",
        JOB + "triggers: {assets: []}\n",
        JOB + "parameters: {Market: {type: text}}\n",
        market("default: NL"),
        market("values: [NL]\n    query: SELECT 1"),
        market("values: [12]"),
        market("type: text\n    default: 12"),
        market("type: coice\n    values: [NL]"),
        market("values: [NL, NO]"),
        ORGANISATION + "members: {ada: owner}\n",
        ORGANISATION + "branding: {primary: red}\n",
        ORGANISATION + "start_of_business: noon\n",
        AGENT.replace("semantic_model: model.yaml\n", ""),
        CHANNEL.replace("email", "sms"),
        CHANNEL + "topics: [all]\n",
    ],
)
def test_what_the_product_refuses_for_its_shape_is_underlined(text: str) -> None:
    assert outcome(text) is not None
    assert faults(text) != []


def test_what_is_published_is_what_the_code_says() -> None:
    published = (ROOT / "docs" / "definitions.schema.json").read_text(encoding="utf-8")
    assert json.loads(published) == SCHEMA, "docs/definitions.schema.json is out of date; run `make reference`."


def test_an_editor_that_reads_the_newer_yaml_finds_the_demo_in_order() -> None:
    documents = yaml.load_all(
        (ROOT / "include" / "demo" / "definitions.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader
    )
    assert [len(list(jsonschema.Draft7Validator(SCHEMA).iter_errors(each))) for each in documents] == [0, 0, 0, 0]
