"""`interact apply` puts files into the store, says what it did, and wakes Airflow when jobs changed."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from interact import settings
from interact.commands.apply import apply_files
from interact.jobs.files import Document, read_documents
from interact.runs.definitions import apply
from interact.store.sessions import open_store
from interact.warehouse.semantic import read_model

Command = Callable[..., tuple[int, str, str]]
DEMO = Path(__file__).resolve().parents[2] / "include" / "demo"


def woken(home: Path) -> bool:
    return (home / "dags" / "interact_jobs.py").stat().st_mtime > 0


def words(output: str) -> list[list[str]]:
    return [line.split() for line in output.splitlines()]


def test_it_says_what_became_of_each_definition_and_wakes_airflow(interact: Command, home: Path) -> None:
    interact("migrate")
    code, out, err = interact("apply", str(DEMO / "definitions.yaml"))
    assert (code, err, woken(home)) == (0, "", True)
    assert [line[:3] for line in words(out)] == [
        ["created", "organisation", "norrland"],
        ["created", "agent", "analyst"],
        ["created", "job", "weekly-campaign-performance-report"],
        ["created", "job", "campaign-check"],
    ]


def test_what_changes_nothing_wakes_nobody(interact: Command, home: Path) -> None:
    interact("migrate")
    interact("apply", str(DEMO / "definitions.yaml"))
    (home / "dags" / "interact_jobs.py").unlink()
    code, out, err = interact("apply", str(DEMO / "definitions.yaml"))
    assert (code, err) == (0, "")
    assert {line[0] for line in words(out)} == {"unchanged"}


def test_a_folder_stands_for_its_definitions_without_their_semantic_models(interact: Command, home: Path) -> None:
    interact("migrate")
    code, out, _ = interact("apply", str(DEMO))
    assert (code, len(words(out))) == (0, 4)


def test_a_folder_with_a_file_that_is_no_definition_is_refused(interact: Command, home: Path) -> None:
    interact("migrate")
    (home / "files").mkdir()
    for file in DEMO.glob("*.yaml"):
        (home / "files" / file.name).write_text(file.read_text())
    (home / "files" / "stray.yml").write_text("name: something else\n")
    code, out, err = interact("apply", str(home / "files"))
    assert (code, out) == (1, "")
    assert "stray.yml, line 1: A document lacks `kind`" in err


def test_jobs_that_the_files_leave_out_are_named_and_kept(interact: Command, home: Path) -> None:
    interact("migrate")
    interact("apply", str(DEMO))
    (home / "fewer.yaml").write_text((DEMO / "definitions.yaml").read_text().rpartition("---")[0])
    (home / "semantic_model.yaml").write_text((DEMO / "semantic_model.yaml").read_text())
    code, out, _ = interact("apply", str(home / "fewer.yaml"))
    assert code == 0
    assert out.splitlines()[-1].startswith("not in the files, kept: job campaign-check  job_")


def test_a_dag_file_that_is_not_there_is_said_and_no_failure(interact: Command, home: Path) -> None:
    interact("migrate")
    (home / "dags" / "interact_jobs.py").unlink()
    code, _, err = interact("apply", str(DEMO))
    assert code == 0
    assert err.startswith("Airflow sees this at its next parse")


def test_without_a_store_it_says_to_migrate(interact: Command) -> None:
    code, out, err = interact("apply", str(DEMO))
    assert (code, out) == (1, "")
    assert "does not exist. Run `interact migrate`" in err


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "This file cannot be read (No such file or directory). Check its name and rights."),
        (b"kind: job\nname: \xff\n", "This file is not written in UTF-8. Save it so."),
        (b"", "This file defines nothing."),
    ],
)
def test_a_file_that_cannot_be_read_is_named(interact: Command, home: Path, content: bytes | None, told: str) -> None:
    file = home / "jobs.yaml"
    if content is not None:
        file.write_bytes(content)
    code, out, err = interact("apply", str(file))
    assert (code, out) == (1, "")
    assert err.startswith(f"{file}: {told}")


def test_an_empty_folder_is_refused(interact: Command, home: Path) -> None:
    (home / "empty").mkdir()
    assert interact("apply", str(home / "empty"))[2].endswith("This folder holds no YAML file. Name one that does.\n")


def test_other_commands_apply_files_without_printing(interact: Command, home: Path) -> None:
    interact("migrate")
    applied = apply_files(settings.read({"INTERACT_HOME": str(home / "home")}), [DEMO])
    assert [entry.outcome for entry in applied] == ["created"] * 4


def test_a_channel_is_applied_like_any_other_definition(interact: Command, home: Path) -> None:
    interact("migrate")
    interact("apply", str(DEMO))
    (home / "channel.yaml").write_text(
        "kind: channel\nkey: team\norganisation: norrland\nname: Team\ntype: slack\nconnection: slack_team\n"
    )
    code, out, err = interact("apply", str(home / "channel.yaml"))
    assert (code, err) == (0, "")
    assert words(out)[0][:3] == ["created", "channel", "team"]
    assert "later version" not in out


def test_taking_a_job_over_from_a_call_wakes_airflow(interact: Command, home: Path) -> None:
    interact("migrate")
    documents = read_documents((DEMO / "definitions.yaml").read_text(encoding="utf-8"), str(DEMO / "definitions.yaml"))
    by_call = [Document(d.kind, d.definition, "" if d.kind == "job" else d.file, d.line) for d in documents]
    store = open_store(settings.read({"INTERACT_HOME": str(home / "home")}).database_url)
    apply(store, by_call, now=datetime.now(UTC), read_model=read_model)
    assert not woken(home)
    _, out, _ = interact("apply", str(DEMO))
    assert [line[0] for line in words(out)] == ["unchanged", "unchanged", "changed", "changed"]
    assert woken(home)
