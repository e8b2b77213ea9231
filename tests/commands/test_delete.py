"""`interact delete` takes out a job or a channel at once, says what stays, and asks back for an unknown name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from interact import settings
from interact.runs.accept import Ask, accept
from interact.runs.desk import open_desk
from interact.store import jobs, runs
from interact.store.sessions import open_store

Command = Callable[..., tuple[int, str, str]]
DEMO = Path(__file__).resolve().parents[2] / "include" / "demo"
NORTH = ("--organisation", "norrland")


pytestmark = pytest.mark.usefixtures("defined")


def keys_of(home: Path) -> set[str]:
    with open_store(settings.read({"INTERACT_HOME": str(home / "home")}).database_url).reading() as session:
        return {job.definition.key for job in jobs.all_jobs(session)}


def test_a_deleted_job_is_gone_and_airflow_is_woken(interact: Command, home: Path) -> None:
    (home / "dags" / "interact_jobs.py").unlink()
    (home / "dags" / "interact_jobs.py").touch()
    before = (home / "dags" / "interact_jobs.py").stat().st_mtime
    code, out, err = interact("delete", "job", "campaign-check", *NORTH)
    assert (code, err) == (0, "")
    assert keys_of(home) == {"weekly-campaign-performance-report"}
    assert (home / "dags" / "interact_jobs.py").stat().st_mtime > before
    assert out.startswith("Job 'campaign-check' is deleted (job_")
    assert "Its runs, chats and reports stay. Its DAG interact_campaign_check_" in out
    assert "Take it out of definitions.yaml as well: `interact apply` would make a new job of that key." in out


def test_the_open_runs_of_a_deleted_job_are_cancelled(interact: Command, home: Path) -> None:
    desk = open_desk(settings.read({"INTERACT_HOME": str(home / "home")}))
    with desk.store.reading() as session:
        job = next(job for job in jobs.all_jobs(session) if job.definition.key == "campaign-check")
    run = accept(desk, Ask(job.job_id, {}, "key:ci")).run
    _, out, _ = interact("delete", "job", "campaign-check", *NORTH)
    assert "Its runs that had not ended are cancelled (1)." in out
    with desk.store.reading() as session:
        now = runs.by_id(session, run.run_id)
    assert (now.verdict, now.cancelled_by) == ("cancelled", "interact delete")


def test_a_deleted_job_can_be_made_anew_from_its_file(interact: Command, home: Path) -> None:
    interact("delete", "job", "campaign-check", *NORTH)
    _, out, _ = interact("apply", str(DEMO))
    assert [line.split()[0] for line in out.splitlines()] == ["unchanged", "unchanged", "unchanged", "created"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("campain-check", *NORTH), "no job 'campain-check'; did you mean 'campaign-check'? Nothing was deleted."),
        (("x", *NORTH), "(there are 'campaign-check', 'weekly-campaign-performance-report'). Nothing was deleted."),
        (
            ("campaign-check", "--organisation", "noorland"),
            "There is no organisation 'noorland'; did you mean 'norrland'?",
        ),
        (("campaign-check", "--organisation", "x"), "There is no organisation 'x' (there are 'norrland')."),
    ],
)
def test_an_unknown_name_deletes_nothing_and_near_ones_are_named(
    interact: Command, home: Path, words: tuple[str, ...], told: str
) -> None:
    code, out, err = interact("delete", "job", *words)
    assert (code, out) == (1, "")
    assert told in err
    assert len(keys_of(home)) == 2


def test_a_job_is_deleted_once(interact: Command) -> None:
    assert interact("delete", "job", "campaign-check", *NORTH)[0] == 0
    assert interact("delete", "job", "campaign-check", *NORTH)[0] == 1


CHANNEL = """\
kind: channel
key: team-mail
organisation: norrland
name: Mail
type: email
connection: smtp_default
recipients: [team@example.com]
---
"""


@pytest.fixture
def with_channel(interact: Command, home: Path) -> Path:
    """A file with a channel and a job that uses it, applied."""
    job = (DEMO / "definitions.yaml").read_text(encoding="utf-8").rpartition("---\n")[2]
    (home / "more.yaml").write_text(f"{CHANNEL}{job}channels: [team-mail]\n", encoding="utf-8")
    assert interact("apply", str(home / "more.yaml"))[0] == 0
    return home / "more.yaml"


def test_a_channel_stays_while_a_job_uses_it(interact: Command, with_channel: Path) -> None:
    code, out, err = interact("delete", "channel", "team-mail", *NORTH)
    assert (code, out) == (1, "")
    assert err == (
        "Channel 'team-mail' is attached to 'campaign-check'. "
        "Take it out of the `channels` and routes of these jobs first.\n"
    )
    interact("delete", "job", "campaign-check", *NORTH)
    code, out, err = interact("delete", "channel", "team-mail", *NORTH)
    assert (code, err) == (0, "")
    assert out.startswith("Channel 'team-mail' is deleted (channel_")
    assert interact("delete", "channel", "team-mail", *NORTH)[0] == 1


def test_an_unknown_channel_deletes_nothing_and_near_ones_are_named(interact: Command, with_channel: Path) -> None:
    code, out, err = interact("delete", "channel", "team-mali", *NORTH)
    assert (code, out) == (1, "")
    assert err == (
        "Organisation 'norrland' has no channel 'team-mali'; did you mean 'team-mail'? Nothing was deleted.\n"
    )
