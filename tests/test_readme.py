"""README is true: its commands, calls, examples and links are those of the code."""

import re
import textwrap
from pathlib import Path

import pytest

from interact.api.app import rest_app
from interact.commands.main import VERBS, main
from interact.jobs.definition import KINDS, SHAPES, Job
from interact.jobs.files import read_documents
from interact.jobs.parameters import Parameter

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_first_two_commands_are_the_demo_and_the_tests() -> None:
    assert re.findall(r"^    make (\w+)", README, re.MULTILINE) == ["demo", "test"]


def test_every_make_target_that_it_names_exists() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make (\w+)", README)) <= targets


def test_it_names_every_verb_of_the_command_and_no_other() -> None:
    assert set(re.findall(r"`interact (\w+)", README)) == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([verb, "--help"])
    assert f"interact {verb}" in capsys.readouterr().out


def test_its_calls_are_the_routes_of_the_api() -> None:
    rows = "\n".join(re.findall(r"^\| `(?:GET|POST|PUT|PATCH|DELETE) /[^|]*", README, re.MULTILINE))
    named = set(re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`?]+)", rows))
    routes = {(method, route.path) for route in rest_app(None).routes for method in getattr(route, "methods", ())}
    assert named == {(method, path) for method, path in routes if method != "HEAD"}


def test_its_example_of_a_job_is_one() -> None:
    example = re.search(r"^    kind: job\n(?:    .*\n)+", README, re.MULTILINE)
    assert example is not None
    (document,) = read_documents(textwrap.dedent(example[0]), "README.md")
    assert isinstance(document.definition, Job)
    assert document.definition.parameters["market"].values == ("NL", "BE", "DE")


def test_its_example_of_parameters_has_one_of_each_type() -> None:
    example = re.findall(r"^    parameters:\n(?:      .*\n)+", README, re.MULTILINE)[-1]
    prompt = "prompt: '{{ market }} {{ goal }} {{ floor }} {{ since }}'"
    head = f"kind: job\nkey: a\norganisation: b\nagent: c\nname: d\nowner: e\n{prompt}\n"
    (document,) = read_documents(head + textwrap.dedent(example), "README.md")
    assert isinstance(document.definition, Job)
    types = {name: parameter.type for name, parameter in document.definition.parameters.items()}
    assert types == {"market": "choice", "goal": "text", "floor": "number", "since": "date"}


def test_its_table_of_the_keys_of_a_parameter_is_complete() -> None:
    (row,) = re.findall(r"^\| one of a job's `parameters` \| (.*) \|$", README, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", row))) == set(Parameter.model_fields)


def test_the_schema_that_it_points_editors_to_is_there() -> None:
    (named,) = re.findall(r"^    # yaml-language-server: \$schema=(\S+)$", README, re.MULTILINE)
    assert (ROOT / named).is_file()


@pytest.mark.parametrize("kind", KINDS)
def test_its_table_of_keys_is_complete(kind: str) -> None:
    row = re.search(rf"^\| {kind} \| (.*) \|$", README, re.MULTILINE)
    assert row is not None
    named = set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", row[1])))
    assert named == set(SHAPES[kind].model_fields)


def test_its_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / link).exists(), link
