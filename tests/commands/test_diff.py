"""`interact diff` says what apply would do, writes nothing, and can tell a script by its exit code."""

from collections.abc import Callable
from pathlib import Path

import pytest

from interact import settings
from interact.store import jobs
from interact.store.sessions import open_store

Command = Callable[..., tuple[int, str, str]]
DEMO = Path(__file__).resolve().parents[2] / "include" / "demo"


@pytest.fixture
def files(interact: Command, home: Path) -> Path:
    """A folder with the demo's definitions, which are applied, to be edited."""
    (home / "files").mkdir()
    for file in DEMO.glob("*.yaml"):
        (home / "files" / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    interact("migrate")
    interact("apply", str(home / "files"))
    return home / "files"


def edit(files: Path, before: str, after: str) -> None:
    text = (files / "definitions.yaml").read_text(encoding="utf-8")
    assert before in text
    (files / "definitions.yaml").write_text(text.replace(before, after), encoding="utf-8")


def test_what_is_as_it_was_is_unchanged(interact: Command, files: Path) -> None:
    code, out, err = interact("diff", str(files), "--exit-code")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == ["unchanged"] * 4


def test_what_would_change_is_shown_around_the_first_sign_that_differs(interact: Command, files: Path) -> None:
    edit(files, "ROAS dropped below 2", "ROAS dropped below 3")
    edit(files, 'schedule: "0 8 * * 1"', 'schedule: "0 9 * * 1"\nparallel_chats: 4')
    edit(files, "triggers:\n  assets: [warehouse.ad_performance]\n", "")
    code, out, _ = interact("diff", str(files))
    assert code == 0
    assert out.splitlines()[2:] == [
        "changed    job           weekly-campaign-performance-report",
        "           parallel_chats: nothing → 4",
        "           schedule.cron: '0 8 * * 1' → '0 9 * * 1'",
        "changed    job           campaign-check",
        "           prompt: … dropped below 2.' → … dropped below 3.'",
        '           triggers: {"assets": ["warehouse.ad_performance"], "enabled": true, "w… → nothing',
    ]
    assert interact("diff", str(files), "--exit-code")[0] == 1


def test_nothing_is_written_and_nobody_is_woken(interact: Command, home: Path, files: Path) -> None:
    edit(files, "name: Campaign check", "name: Another check")
    (home / "dags" / "interact_jobs.py").unlink()
    code, _, err = interact("diff", str(files))
    assert (code, err) == (0, "")
    with open_store(settings.read({"INTERACT_HOME": str(home / "home")}).database_url).reading() as session:
        assert {job.definition.name for job in jobs.all_jobs(session)} >= {"Campaign check"}
    assert interact("diff", str(files))[1] == interact("diff", str(files))[1]


def test_what_the_files_leave_out_is_named_as_kept_and_is_no_change(interact: Command, files: Path) -> None:
    text = (files / "definitions.yaml").read_text(encoding="utf-8")
    (files / "definitions.yaml").write_text(text.rpartition("---")[0], encoding="utf-8")
    code, out, _ = interact("diff", str(files), "--exit-code")
    assert code == 0
    assert out.splitlines()[-1].startswith("not in the files, kept: job campaign-check  job_")


def test_a_new_definition_is_a_change(interact: Command, files: Path) -> None:
    (files / "more.yaml").write_text(
        "kind: channel\nkey: team\norganisation: norrland\nname: Team\ntype: slack\nconnection: slack_team\n"
    )
    code, out, _ = interact("diff", str(files), "--exit-code")
    assert code == 1
    assert out.splitlines()[-1] == "created    channel       team"


def test_another_file_that_keeps_a_job_is_a_change(interact: Command, files: Path) -> None:
    (files / "definitions.yaml").rename(files / "norrland.yaml")
    code, out, _ = interact("diff", str(files), "--exit-code")
    assert code == 1
    assert out.count("           kept in: 'definitions.yaml' → 'norrland.yaml'\n") == 2


def test_what_apply_would_refuse_is_refused(interact: Command, files: Path) -> None:
    edit(files, "agent: analyst", "agent: analist")
    code, out, err = interact("diff", str(files))
    assert (code, out) == (1, "")
    assert "asks agent 'analist', which does not exist" in err


def test_without_a_store_it_says_to_migrate(interact: Command) -> None:
    code, out, err = interact("diff", str(DEMO))
    assert (code, out) == (1, "")
    assert "does not exist. Run `interact migrate`" in err
