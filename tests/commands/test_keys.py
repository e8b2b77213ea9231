"""`interact keys` makes, lists and deletes keys, and shows a secret once."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from interact import settings
from interact.store import keys, organisations
from interact.store.keys import KeyRecord
from interact.store.sessions import open_store

Command = Callable[..., tuple[int, str, str]]
NORTH = ("--organisation", "norrland")


pytestmark = pytest.mark.usefixtures("defined")


def authenticated(home: Path, output: str) -> KeyRecord:
    found = re.search(r"X-API-Key: (int_[A-Za-z0-9]{48})\n", output)
    assert found
    with open_store(settings.read({"INTERACT_HOME": str(home / "home")}).database_url).writing() as session:
        key = keys.authenticate(session, found[1], now=datetime.now(UTC))
        north = organisations.by_key(session, "norrland")
    assert key
    assert north
    assert f"X-Organization-Id: {north.organisation_id}" in output
    return key


def test_a_new_key_is_shown_with_its_organisation_and_works(interact: Command, home: Path) -> None:
    code, out, err = interact("keys", "create", *NORTH, "--name", "ci")
    key = authenticated(home, out)
    assert (code, err, key.name, key.job_ids, key.expires_at) == (0, "", "ci", None, None)
    assert key.permissions == {"agent_jobs_read", "agent_jobs_trigger"}


def test_a_key_can_be_narrowed(interact: Command, home: Path) -> None:
    words = ("--permission", "agent_jobs_read", "--job", "campaign-check", "--expires", "2199-12-31")
    _, out, _ = interact("keys", "create", *NORTH, "--name", "narrow", *words)
    key = authenticated(home, out)
    assert (key.permissions, len(key.job_ids or ())) == ({"agent_jobs_read"}, 1)
    assert key.expires_at == datetime(2199, 12, 31, 23, 0, tzinfo=UTC)  # the end of the day in Amsterdam


def test_a_key_may_end_today_but_not_yesterday(interact: Command) -> None:
    today = date.today() + timedelta(days=1)  # noqa: DTZ011  # a day that is not over anywhere
    assert interact("keys", "create", *NORTH, "--name", "a", "--expires", today.isoformat())[0] == 0
    code, _, err = interact("keys", "create", *NORTH, "--name", "a", "--expires", "2020-02-29")
    assert (code, err) == (1, "The day '2020-02-29' is over. Name today or a later one.\n")


def test_a_list_shows_no_secret(interact: Command, home: Path) -> None:
    _, made, _ = interact("keys", "create", *NORTH, "--name", "ci")
    key = authenticated(home, made)
    code, out, _ = interact("keys", "list", *NORTH)
    assert code == 0
    assert out.startswith(f"{key.key_id}  ci  agent_jobs_read,agent_jobs_trigger  made 20")
    assert "int_" not in out


def test_a_deleted_key_is_gone(interact: Command, home: Path) -> None:
    _, made, _ = interact("keys", "create", *NORTH, "--name", "ci")
    key_id = authenticated(home, made).key_id
    assert interact("keys", "delete", key_id) == (0, f"Key {key_id} is deleted.\n", "")
    assert interact("keys", "list", *NORTH) == (0, "Organisation 'norrland' has no keys.\n", "")
    assert interact("keys", "delete", key_id)[0] == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--organisation", "south", "--name", "a"), "There is no organisation 'south' (there are 'norrland')."),
        ((*NORTH, "--name", "a", "--job", "none"), "There is no job 'none' (there are 'campaign-check', 'weekly-"),
    ],
)
def test_an_unknown_organisation_or_job_is_refused_with_the_known_ones(
    interact: Command, words: tuple[str, ...], told: str
) -> None:
    code, out, err = interact("keys", "create", *words)
    assert (code, out) == (1, "")
    assert err.startswith(told)
