"""Settings come from the environment, with defaults that work."""

from pathlib import Path

import pytest

from interact.errors import SettingRefused
from interact.settings import read


def test_an_empty_environment_gives_a_store_below_airflows_home() -> None:
    found = read({"AIRFLOW_HOME": "/srv/airflow"})
    assert found.home == Path("/srv/airflow/interact")
    assert found.database_url == "sqlite:////srv/airflow/interact/interact.db"
    assert found.files_url == "file:///srv/airflow/interact/files"
    assert (found.include_dir / "templates").is_dir()
    assert (found.base_url, found.pool, found.queue, found.max_waiting_runs) == (
        "http://localhost:8080",
        "interact",
        None,
        16,
    )


def test_what_is_set_is_taken() -> None:
    found = read(
        {
            "INTERACT_HOME": "/h",
            "INTERACT_DATABASE_URL": "postgresql://u@h/d",
            "AIRFLOW__API__BASE_URL": "https://a.example/",
        }
    )
    assert (found.home, found.database_url, found.base_url) == (Path("/h"), "postgresql://u@h/d", "https://a.example")


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "10001"])
def test_a_count_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingRefused, match=r"INTERACT_MAX_WAITING_RUNS is .* whole number from 1 to 10,000"):
        read({"INTERACT_MAX_WAITING_RUNS": text})


@pytest.mark.parametrize("text", ["0", "61", "five"])
def test_the_watch_looks_every_1_to_60_minutes(text: str) -> None:
    with pytest.raises(SettingRefused, match=r"INTERACT_WATCH_MINUTES is .* whole number from 1 to 60"):
        read({"INTERACT_WATCH_MINUTES": text})
    assert (read({}).watch_minutes, read({"INTERACT_WATCH_MINUTES": "60"}).watch_minutes) == (5, 60)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd?secret",
        "secret",
        "https://",
        "ftp://secret.example/",
        "https://secret.example:99999/x",
        "https://[secret/",
        "https://secret.example/a b",
        "https://secret.example/é",
    ],
)
def test_a_heartbeat_that_is_no_web_address_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(SettingRefused, match=r"INTERACT_HEARTBEAT_URL is no web address") as told:
        read({"INTERACT_HEARTBEAT_URL": address})
    assert "secret.example" not in str(told.value) and told.value.__cause__ is None


def test_the_heartbeat_is_none_unless_set_and_never_shown_with_the_settings() -> None:
    found = read({"INTERACT_HEARTBEAT_URL": "https://hc.example/ping/secret"})
    assert found.heartbeat_url == "https://hc.example/ping/secret" and "secret" not in repr(found)
    assert read({}).heartbeat_url is None


def test_the_hosts_of_remote_agents_are_a_list_with_commas() -> None:
    assert read({}).remote_hosts == frozenset()
    named = read({"INTERACT_REMOTE_HOSTS": "Agents.example.com, .internal.example.com,127.0.0.1,::1,"}).remote_hosts
    assert named == {"agents.example.com", ".internal.example.com", "127.0.0.1", "::1"}


@pytest.mark.parametrize("text", ["https://agents.example.com", "a.example.com/v1", "*.example.com", "a b", "a:80"])
def test_a_host_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingRefused, match=r"INTERACT_REMOTE_HOSTS names .*; it takes hosts with commas"):
        read({"INTERACT_REMOTE_HOSTS": text})
