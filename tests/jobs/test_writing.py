"""What is written is read back as it was, whatever it holds, and reads well."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.saved import a_job, an_agent, an_organisation
from interact.jobs.channels import TOPICS, Channel
from interact.jobs.definition import Agent, Definition, Job
from interact.jobs.files import read_documents
from interact.jobs.parameters import canonical
from interact.jobs.writing import write_documents

DEMO = Path(__file__).resolve().parents[2] / "include" / "demo" / "definitions.yaml"
TRAPS = (
    "NO",
    "yes",
    "on",
    "null",
    "~",
    "12",
    "012",
    "1e3",
    "0x1F",
    "1_000",
    ".5",
    "12:30",
    "2026-12-24",
    "=",
    "<<",
    "",
)
TRAPS += (
    "- a",
    "? b",
    "a: b",
    "#c",
    "a #b",
    "'",
    '"',
    "it's",
    "&x",
    "*",
    "!t",
    "%",
    "@daily",
    "`",
    "{{ x }}",
    "[a]",
    "|",
    ">",
)
TRAPS += (
    "---",
    "...",
    "é",
    "日本",
    "🙂",
    "a\u00a0b",
    "a\u2028b",
    "a\ufeffb",
    "a\ufffeb",
    "  ",
    "a  b",
    ":",
    "a:",
    "\\n",
    "x" * 200,
)
LINE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=120) | st.sampled_from(TRAPS)
WORDS = st.lists(st.sampled_from([*TRAPS, "word", "another word"]), min_size=1, max_size=40).map(" ".join)
PROSE = st.lists(LINE | WORDS, min_size=1, max_size=6).flatmap(
    lambda lines: st.sampled_from(["\n", "\n\n", "\n  ", "\n\t", " \n"]).map(lambda between: between.join(lines)[:4000])
)
FILLED = LINE.map(str.strip).filter(bool)


def again(*definitions: Definition) -> list[Definition]:
    """Return definitions as they are read from what they are written as."""
    return [document.definition for document in read_documents(write_documents(definitions), "jobs.yaml")]


def written(definition: Definition) -> list[str]:
    """Return the lines that a definition is written as."""
    return write_documents([definition]).splitlines()


@settings(deadline=None)
@given(PROSE.filter(lambda prompt: prompt.strip()), FILLED.map(lambda name: name[:120].strip()), FILLED)
def test_any_prompt_name_and_owner_comes_back(prompt: str, name: str, owner: str) -> None:
    job = a_job(prompt=prompt, name=name, owner=owner, visibility="private")
    assert again(job) == [job]


@settings(deadline=None)
@given(
    st.dictionaries(FILLED, st.sampled_from(["member", "admin"]), max_size=4),
    FILLED.map(lambda name: name[:120].strip()),
)
def test_any_members_come_back(members: dict[str, str], name: str) -> None:
    organisation = an_organisation(members=members, name=name, calendar={"country": "NO", "add": ["2026-12-24"]})
    assert again(organisation) == [organisation]


NUMBER = st.integers(-(10**39), 10**39) | st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(
    st.recursive(
        PROSE | st.booleans() | st.none() | NUMBER,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LINE, inner, max_size=3),
        max_leaves=8,
    )
)
def test_any_semantic_model_comes_back(inside: Any) -> None:
    agent = an_agent(semantic_model={"inside": inside})
    assert again(agent) == [agent]


ONE_LINE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=200)
TEXTS = (ONE_LINE | st.sampled_from(TRAPS)).map(str.strip).filter(lambda text: text not in ("", "*", "a\u2028b"))
NUMBERS = (st.integers(-(10**14), 10**14) | st.decimals(-1000, 1000, places=6)).map(
    lambda number: canonical("number", str(number))
)
DATES = st.dates().filter(lambda day: 1900 <= day.year <= 2100).map(str)


@settings(deadline=None)
@given(
    st.sampled_from([("choice", TEXTS), ("text", TEXTS), ("number", NUMBERS), ("date", DATES)]).flatmap(
        lambda kind: st.tuples(st.just(kind[0]), st.lists(kind[1], min_size=1, max_size=4, unique=True))
    ),
    st.booleans(),
    st.booleans(),
)
def test_parameters_of_every_type_come_back(drawn: tuple[str, list[object]], limited: bool, every: bool) -> None:
    kind, values = drawn
    given_values = {"values": values} if limited or kind == "choice" else {}
    job = a_job(
        parameters={
            "x": {
                "type": kind,
                **given_values,
                "default": "*" if every and given_values else values[0],
                "schedule": values,
            }
        },
        prompt="{{ x }}",
    )
    assert again(job) == [job]


@settings(deadline=None)
@given(PROSE.filter(lambda query: query.strip()))
def test_any_query_comes_back(query: str) -> None:
    job = a_job(parameters={"market": {"query": query, "default": "*"}})
    assert again(job) == [job]


def test_what_goes_without_saying_is_left_out() -> None:
    job = a_job(parameters={}, prompt="What happened?", schedule={"cron": "0 8 * * 1"})
    assert written(job) == [
        "kind: job",
        "key: weekly",
        "organisation: north",
        "agent: analyst",
        "name: Weekly report",
        "prompt: What happened?",
        "owner: ada",
        "schedule: 0 8 * * 1",
    ]


def test_values_stand_as_people_write_them() -> None:
    job = a_job(
        parameters={
            "market": {"values": ["NL", "NO"], "default": "*"},
            "roas": {"type": "number", "values": [1, "2.50"], "default": 2.5},
            "since": {"type": "date", "default": "2026-01-01"},
        }
    )
    assert written(job)[8:] == [
        "  market:",
        "    values: [NL, 'NO']",
        "    default: '*'",
        "  roas:",
        "    type: number",
        "    values: [1, 2.5]",
        "    default: 2.5",
        "  since:",
        "    type: date",
        "    default: 2026-01-01",
    ]


def test_prompts_are_blocks() -> None:
    several = a_job(prompt="First: this.\n\n{% raw %}{{ a }}{% endraw %}\n  - and {{ market }}")
    assert written(several)[5:10] == [
        "prompt: |-",
        "  First: this.",
        "",
        "  {% raw %}{{ a }}{% endraw %}",
        "    - and {{ market }}",
    ]
    one = a_job(prompt=" ".join(["word"] * 30))
    assert written(one)[5] == "prompt: >-"
    assert max(map(len, written(one))) <= 112


def test_a_channel_of_each_type_comes_back() -> None:
    plain = {"organisation": "north", "name": "Mail: the team", "connection": "smtp_default"}
    mail = Channel(key="mail", type="email", recipients=("a@b.example",), topics=TOPICS[:2], level="error", **plain)
    slack = Channel(key="slack", type="slack", **plain)
    assert again(mail, slack) == [mail, slack]
    assert written(slack)[-1] == "connection: smtp_default"


def test_the_demo_comes_back() -> None:
    demo = [document.definition for document in read_documents(DEMO.read_text(encoding="utf-8"), "demo.yaml")]
    assert again(*demo) == demo


@pytest.mark.parametrize("text", TRAPS)
def test_what_yaml_reads_otherwise_is_quoted(text: str) -> None:
    agent = an_agent(semantic_model={"label": text, text: "x", "list": [text, text]})
    found = again(agent)[0]
    assert isinstance(found, Agent)
    assert found.semantic_model == agent.semantic_model


def test_every_key_of_a_job_comes_back() -> None:
    job = Job.model_validate(
        a_job().model_dump(mode="json")
        | {
            "channels": ["mail", "team-slack"],
            "parallel_chats": 4,
            "time_limit_minutes": 5,
            "timezone": "Europe/Amsterdam",
            "schedule": {"cron": "@first-weekday 09:30", "enabled": False, "on_holiday": "next", "lateness_minutes": 9},
            "triggers": {"assets": ["a", "s3://b/c"], "when": "any", "schedule": "and", "cutoff_minutes": 60},
        }
    )
    assert again(job) == [job]
    assert "channels: [mail, team-slack]" in written(job)
