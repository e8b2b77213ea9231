"""`interact export` writes what apply reads back as unchanged, and the schema that editors use."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from interact import settings
from interact.jobs.definition import Agent, Job
from interact.jobs.files import read_documents
from interact.jobs.writing import write_mapping
from interact.runs.definitions import apply
from interact.store.sessions import Store, open_store
from interact.warehouse.semantic import SemanticModel, read_model

Command = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "include" / "demo"
NORTH = ("--organisation", "norrland")
MORE = """\
kind: channel
key: mail
organisation: norrland
name: "NO: team's \\"mail\\""
type: email
connection: smtp_default
recipients: [team@example.com, "on@example.com"]
level: error
topics: [failed_run]
---
kind: job
key: rich
organisation: norrland
agent: analyst
name: "on"
owner: "12:30"
visibility: private
channels: [mail]
parallel_chats: 4
time_limit_minutes: 5
timezone: UTC
schedule: {cron: "@first-weekday 09:30", on_holiday: next, enabled: false}
triggers: {assets: [a, "s3://b/c"], schedule: and, cutoff_minutes: 60}
prompt: |
  Wat gebeurde er in {{ market | upper }} sinds {{ since }}? 日本 🙂

    - "quoted", 'quoted' # no comment
  \\t{% raw %}{{ not a parameter }}{% endraw %} {{ goal }}: {{ floor }}
parameters:
  market: {values: [NL, "NO", "on", "12:30"], default: "NO", schedule: "*"}
  since: {type: date, values: [2026-01-01, 2026-06-30], default: 2026-01-01}
  goal: {type: text, default: "null", description: "What for: 'growth' or \\"profit\\""}
  floor: {type: number, values: [1, 2.50], default: 2.5}
  campaign:
    query: |
      SELECT DISTINCT campaign
      FROM ad_performance
    default: "*"
"""


def store_at(home: Path) -> Store:
    return open_store(settings.read({"INTERACT_HOME": str(home / "home")}).database_url)


@pytest.fixture
def rich(interact: Command, home: Path) -> Path:
    """A store with the demo's definitions, a channel and a job with everything; returns the folder of their files."""
    (home / "files").mkdir()
    for file in DEMO.glob("*.yaml"):
        (home / "files" / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    (home / "files" / "more.yaml").write_text(MORE, encoding="utf-8")
    interact("migrate")
    code, _, err = interact("apply", str(home / "files"))
    assert (code, err) == (0, "")
    return home / "files"


def test_an_exported_folder_is_read_back_as_unchanged(interact: Command, home: Path, rich: Path) -> None:
    out = home / "out"
    code, told, err = interact("export", *NORTH, "--output", str(out))
    assert (code, err) == (0, "")
    names = ["norrland.yaml", "definitions.yaml", "more.yaml", "analyst.semantic_model.yaml"]
    assert sorted(told.splitlines()) == sorted(str(out / name) for name in names)
    code, told, err = interact("diff", str(out), "--exit-code")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in told.splitlines()] == ["unchanged"] * 6
    assert {line.split()[0] for line in interact("apply", str(out))[1].splitlines()[:-1]} == {"unchanged"}


def test_what_is_printed_holds_the_models_and_is_read_back(interact: Command, home: Path, rich: Path) -> None:
    code, out, err = interact("export", *NORTH)
    assert (code, err) == (0, "")
    found = read_documents(out, "all.yaml")
    assert [(document.kind, document.definition.key) for document in found] == [
        ("organisation", "norrland"),
        ("agent", "analyst"),
        ("channel", "mail"),
        ("job", "campaign-check"),
        ("job", "rich"),
        ("job", "weekly-campaign-performance-report"),
    ]
    agent = found[1].definition
    assert isinstance(agent, Agent)
    assert SemanticModel.model_validate(agent.semantic_model) == read_model(DEMO / "semantic_model.yaml")
    assert found[4].definition == next(d.definition for d in read_documents(MORE, "x") if d.kind == "job")
    (home / "more.yaml").write_text(out, encoding="utf-8")
    assert "kept in: 'definitions.yaml' → 'more.yaml'" in interact("diff", str(home / "more.yaml"))[1]


def test_prompts_are_blocks_and_what_goes_without_saying_is_left_out(interact: Command, rich: Path) -> None:
    out = interact("export", *NORTH)[1]
    assert "prompt: >-\n  Analyse campaign performance for the past 7 days. Include impressions" in out
    assert "visibility: organisation" not in out
    assert "\nschedule: 0 8 * * 1\n" in out
    assert "    query: |-\n      SELECT DISTINCT campaign\n      FROM ad_performance\n" in out


def test_a_job_that_a_call_made_goes_to_the_organisations_file(interact: Command, home: Path, rich: Path) -> None:
    called = (
        (DEMO / "definitions.yaml").read_text(encoding="utf-8").rpartition("---\n")[2].replace("campaign-check", "c")
    )
    apply(store_at(home), read_documents(called, ""), now=datetime.now(UTC), read_model=read_model)
    interact("export", *NORTH, "--output", str(home / "out"))
    kinds = [document.kind for document in read_documents((home / "out" / "norrland.yaml").read_text(), "x")]
    assert kinds == ["organisation", "agent", "channel", "job"]


def test_a_file_whose_name_would_be_read_otherwise_keeps_no_job(interact: Command, home: Path, rich: Path) -> None:
    for name in ("jobs.txt", "analyst.semantic_model.yaml"):
        (home / name).write_text((rich / "more.yaml").read_text(encoding="utf-8"), encoding="utf-8")
        interact("apply", str(home / name))
        interact("export", *NORTH, "--output", str(home / f"out-{name}"))
        code, out, _ = interact("diff", str(home / f"out-{name}"))
        assert code == 0
        assert f"kept in: '{name}' → 'norrland.yaml'" in out


def test_files_that_are_there_are_not_replaced(interact: Command, home: Path, rich: Path) -> None:
    (home / "out").mkdir()
    (home / "out" / "more.yaml").write_text("mine\n")
    code, out, err = interact("export", *NORTH, "--output", str(home / "out"))
    assert (code, out) == (1, "")
    assert err == f"{home}/out/more.yaml: This file is there already, and nothing was written. Name another folder.\n"
    assert sorted(path.name for path in (home / "out").iterdir()) == ["more.yaml"]


def test_a_folder_that_cannot_be_made_is_named(interact: Command, home: Path, rich: Path) -> None:
    (home / "out").write_text("a file\n")
    code, out, err = interact("export", *NORTH, "--output", str(home / "out"))
    assert (code, out) == (1, "")
    assert err.startswith(f"{home}/out: This folder cannot be written (")


def test_an_unknown_organisation_is_refused(interact: Command, rich: Path) -> None:
    code, out, err = interact("export", "--organisation", "norland")
    assert (code, out) == (1, "")
    assert err == "There is no organisation 'norland'; did you mean 'norrland'? Name another one.\n"


@pytest.mark.parametrize("words", [[], ["--organisation", "x", "--schema"], ["--output", "x"]])
def test_it_takes_an_organisation_or_asks_for_the_schema(interact: Command, words: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        interact("export", *words)


def test_the_schema_is_that_of_the_documentation_and_needs_no_store(interact: Command) -> None:
    code, out, err = interact("export", "--schema")
    assert (code, err) == (0, "")
    assert out == (ROOT / "docs" / "definitions.schema.json").read_text(encoding="utf-8")
    assert json.loads(out)["title"] == "Definition"


LINE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=40) | st.sampled_from(
    [
        "NO",
        "on",
        "12:30",
        "2026-01-01",
        "{% raw %}{{ x }}{% endraw %}",
        "# no",
        "- a",
        "'",
        '"',
        "  indented",
        "é",
        "a: b",
    ]
)


@given(
    st.lists(LINE.filter(lambda line: "{" not in line or "raw" in line), min_size=1, max_size=5)
    .map("\n".join)
    .filter(lambda prompt: prompt.strip()),
    LINE.filter(lambda name: name.strip()),
)
@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_prompt_and_name_are_exported_and_read_back(
    interact: Command, rich: Path, home: Path, prompt: str, name: str
) -> None:
    plain = {"key": "drawn", "organisation": "norrland", "agent": "analyst", "owner": "ada"}
    job = Job.model_validate(plain | {"name": name, "prompt": prompt})
    text = write_mapping({"kind": "job", **job.model_dump(mode="json")})
    apply(store_at(home), read_documents(text, "drawn.yaml"), now=datetime.now(UTC), read_model=read_model)
    found = [document.definition for document in read_documents(interact("export", *NORTH)[1], "all.yaml")]
    assert job in found
