"""Commands that call the REST API."""

import json
import shlex
from typing import Any

import pytest

from builders.saved import NOW, a_job, an_agent, an_organisation
from interact.api.curls import list_command, trigger_command
from interact.jobs.stored import StoredJob
from interact.store import agents, jobs, organisations
from interact.store.sessions import Store

BASE = "https://airflow.example.com"


@pytest.fixture
def stored(store: Store) -> Any:
    """Store a job."""

    def build(**changes: Any) -> StoredJob:
        with store.writing() as session:
            organisations.save(session, an_organisation(), now=NOW)
            agents.save(session, an_agent(), now=NOW)
            return jobs.save(session, a_job(**changes), now=NOW)[0]

    return build


def words(command: str) -> list[str]:
    """Return a command as a shell takes it apart."""
    return shlex.split(command.replace("\\\n", " "))


def test_a_job_without_parameters_needs_no_body(stored: Any) -> None:
    job = stored(prompt="What happened?", parameters={})
    assert words(trigger_command(BASE, job, secret="int_x")) == [
        *("curl", "-X", "POST", f"{BASE}/api/agents/jobs/{job.job_id}/trigger"),
        *("-H", "X-API-Key: int_x", "-H", f"X-Organization-Id: {job.organisation_id}"),
    ]


def test_values_that_a_shell_would_take_apart_arrive_as_they_are(stored: Any) -> None:
    values = ["it's", 'a "b" $(c)', "`d`"]
    job = stored(parameters={"market": {"values": values, "default": values}, "day": {"type": "date"}})
    body = json.loads(words(trigger_command(BASE, job))[-1])
    assert body == {"parameters": {"market": values, "day": "2026-12-24"}}


def test_one_default_is_one_value_and_without_one_the_first_that_is_allowed(stored: Any) -> None:
    job = stored(parameters={"market": {"values": ["NL", "BE"], "default": "BE"}, "other": {"values": ["a", "b"]}})
    assert json.loads(words(trigger_command(BASE, job))[-1]) == {"parameters": {"market": "BE", "other": "a"}}


def test_without_a_secret_the_command_says_where_it_belongs(stored: Any) -> None:
    assert "X-API-Key: YOUR_API_KEY" in words(trigger_command(BASE, stored()))


def test_chats_are_listed() -> None:
    assert words(list_command(BASE, "org_0", secret="int_x")) == [
        *("curl", f"{BASE}/api/agents/chats", "-H", "X-API-Key: int_x", "-H", "X-Organization-Id: org_0")
    ]
