"""`interact delete` takes a job out of use at once, says what stays, and asks back for a name that it does not know."""

from collections.abc import Callable
from pathlib import Path

import pytest

from interact import settings
from interact.store import jobs
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
