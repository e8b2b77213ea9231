"""Agents made, changed and restored by people who are signed in."""

from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from builders.saved import an_organisation
from builders.stores import empty_database
from builders.story import MODEL, a_desk, a_job
from interact.errors import AccessRefused, DefinitionRefused, EditConflict, FileRefused, KeyTaken, NotFound
from interact.jobs.definition import Agent
from interact.jobs.stored import StoredAgent, StoredOrganisation, Version
from interact.runs.agents import change_agent, make_agent, off_since, restore_agent_version
from interact.runs.desk import Desk
from interact.store import agents, organisations
from interact.warehouse.semantic import read_model


def anybody(organisation: StoredOrganisation) -> None:
    """Let everybody do it."""


def nobody(organisation: StoredOrganisation) -> None:
    raise AccessRefused(f"Not in {organisation.definition.key}.")


def a_model(**changes: Any) -> dict[str, Any]:
    """The demo's model as plain content."""
    return read_model(MODEL).model_dump(mode="json") | changes


def without(dimension: str) -> dict[str, Any]:
    """The demo's model without one of its dimensions."""
    model = a_model()
    return model | {"dimensions": [each for each in model["dimensions"] if each["name"] != dimension]}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return a_desk(tmp_path)


@pytest.fixture
def agent(desk: Desk) -> StoredAgent:
    """The agent of a job that filters by market."""
    job = a_job(desk)
    with desk.store.reading() as session:
        found = agents.by_id(session, job.agent_id)
    assert found is not None
    return found


def changed(desk: Desk, agent: StoredAgent, version: int | None = None, by: str = "ivy", **changes: Any) -> StoredAgent:
    return change_agent(desk, agent.agent_id, changes, version=version or agent.version, by=by, permit=anybody)


def saves(desk: Desk, agent: StoredAgent) -> list[Version[Agent]]:
    with desk.store.reading() as session:
        return agents.versions(session, agent.agent_id)


def made(desk: Desk, organisation_id: str, **plain: Any) -> StoredAgent:
    whole = {"name": "Finance", "warehouse": "w", "semantic_model": a_model(), **plain}
    return make_agent(desk, organisation_id, whole, by="ivy", permit=anybody)


def test_a_new_agents_key_is_made_of_its_name(desk: Desk, agent: StoredAgent) -> None:
    there = agent.organisation_id
    keys = [made(desk, there, name=name).definition.key for name in ("Ad spend & more", "Ad spend, more!", "分析")]
    assert keys == ["ad-spend-more", "ad-spend-more-2", "agent"]
    assert made(desk, there, key="own").definition.key == "own"


def test_a_new_agent_is_saved_by_who_made_it_with_its_model_inside(desk: Desk, agent: StoredAgent) -> None:
    new = made(desk, agent.organisation_id, instructions="Be brief.\nSay what is uncertain.")
    (save,) = saves(desk, new)
    assert (save.number, save.saved_by, new.definition.active) == (1, "user:ivy", True)
    assert new.definition.instructions == "Be brief.\nSay what is uncertain."
    assert new.definition.semantic_model == a_model()


def test_a_key_that_is_taken_is_refused(desk: Desk, agent: StoredAgent) -> None:
    with pytest.raises(KeyTaken, match="There is an agent 'analyst' already"):
        made(desk, agent.organisation_id, key="analyst")


@pytest.mark.parametrize(
    ("plain", "path", "told"),
    [
        ({"name": ""}, ("name",), "`name` is empty"),
        ({"warehouse": "two words"}, ("warehouse",), "`warehouse` takes the id of an Airflow connection"),
        ({"semantic_model": {}}, ("semantic_model",), "`semantic_model` is wrong at name"),
        ({"semantic_model": "model.yaml"}, ("semantic_model",), "names a file, and beside a definition that comes in"),
        ({"description": "x" * 501}, ("description",), "longer than the 500 characters"),
        ({"promt": "x"}, ("promt",), "'promt' is no key of an agent"),
        ({"key": "No!"}, ("key",), "`key` takes a-z"),
        ({"name": "a\nb"}, ("name",), "holds the character U\\+000A"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_key(
    desk: Desk, agent: StoredAgent, plain: dict[str, Any], path: tuple[str, ...], told: str
) -> None:
    with pytest.raises(FileRefused, match=told) as refused:
        made(desk, agent.organisation_id, **plain)
    assert refused.value.path == path


def test_nobody_makes_an_agent_of_an_organisation_that_is_not_there(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no organisation 'org_000000000000'"):
        made(desk, "org_000000000000")


def test_a_change_makes_a_version_and_leaves_the_rest(desk: Desk, agent: StoredAgent) -> None:
    now = changed(desk, agent, name="Other", active=False)
    assert (now.version, now.definition.name, now.definition.active) == (2, "Other", False)
    assert now.definition.warehouse == agent.definition.warehouse
    assert [(save.number, save.saved_by) for save in saves(desk, agent)] == [(2, "user:ivy"), (1, None)]


def test_a_save_without_a_change_makes_no_version(desk: Desk, agent: StoredAgent) -> None:
    # The kept model lacks what goes without saying, as one of an earlier version of the program would.
    assert changed(desk, agent, semantic_model=a_model()).version == 1
    assert [save.number for save in saves(desk, agent)] == [1]


def test_key_and_organisation_cannot_be_changed(desk: Desk, agent: StoredAgent) -> None:
    now = changed(desk, agent, key="other", organisation="south", name="Other")
    assert (now.definition.key, now.definition.organisation) == ("analyst", "norrland")


def test_a_change_to_an_older_version_shows_what_is_there_now(desk: Desk, agent: StoredAgent) -> None:
    changed(desk, agent, name="First")
    with pytest.raises(EditConflict, match="Agent 'analyst' was changed by somebody else") as conflict:
        changed(desk, agent, version=1, name="Second")
    assert (conflict.value.version, conflict.value.definition["name"]) == (2, "First")
    assert [save.definition.name for save in saves(desk, agent)] == ["First", "Analyst"]


@pytest.fixture(params=["sqlite", "postgres"])
def either_desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A desk on either database."""
    if request.param == "sqlite":
        yield a_desk(tmp_path)
        return
    with empty_database(request.getfixturevalue("postgres_url")) as url:
        desk = a_desk(tmp_path, INTERACT_DATABASE_URL=url)
        yield desk
        desk.store.rest()


def test_of_two_admins_at_once_one_saves_and_one_is_told(either_desk: Desk) -> None:
    desk, at_once, told = either_desk, Barrier(2), []
    job = a_job(desk)
    with desk.store.reading() as session:
        agent = agents.by_id(session, job.agent_id)
    assert agent is not None

    def save(name: str) -> None:
        at_once.wait()
        try:
            changed(desk, agent, version=1, name=name, by=name)
        except EditConflict as error:
            told.append((name, error.version))

    threads = [Thread(target=save, args=(name,)) for name in ("ivy", "eva")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (loser, version) = told[0]
    winner = "eva" if loser == "ivy" else "ivy"
    assert (len(told), version) == (1, 2)
    assert [(save.number, save.saved_by) for save in saves(desk, agent)] == [(2, f"user:{winner}"), (1, None)]


def test_who_may_not_by_then_changes_nothing(desk: Desk, agent: StoredAgent) -> None:
    with pytest.raises(AccessRefused, match="Not in norrland"):
        change_agent(desk, agent.agent_id, {"name": "Other"}, version=1, by="bob", permit=nobody)
    with pytest.raises(AccessRefused, match="Not in norrland"):
        make_agent(
            desk,
            agent.organisation_id,
            {"name": "Other", "warehouse": "w", "semantic_model": a_model()},
            by="bob",
            permit=nobody,
        )
    with desk.store.reading() as session:
        assert [each.definition.name for each in agents.all_of(session, agent.organisation_id)] == ["Analyst"]


def test_a_dimension_that_a_job_filters_by_cannot_be_taken_out(desk: Desk, agent: StoredAgent) -> None:
    told = r"Job 'weekly' filters by 'market', which agent 'analyst' would not know as a dimension any more"
    with pytest.raises(FileRefused, match=told) as refused:
        changed(desk, agent, semantic_model=without("market"))
    assert refused.value.path == ("semantic_model",)
    assert changed(desk, agent, semantic_model=without("channel")).version == 2


def test_a_refusal_names_no_private_job_to_anybody_but_its_owner(desk: Desk, agent: StoredAgent) -> None:
    a_job(desk, visibility="private", owner="ada")
    with pytest.raises(DefinitionRefused, match="A private job of 'ada' filters by 'market'") as refused:
        changed(desk, agent, semantic_model=without("market"))
    assert "weekly" not in str(refused.value)
    with pytest.raises(DefinitionRefused, match="Job 'weekly' filters by 'market'"):
        changed(desk, agent, by="ada", semantic_model=without("market"))


def test_restoring_makes_a_new_version_that_says_what_the_old_one_said(desk: Desk, agent: StoredAgent) -> None:
    changed(desk, agent, name="Other", description="New", instructions="Be brief.")
    restored = restore_agent_version(desk, agent.agent_id, 1, version=2, by="eva", permit=anybody)
    assert restored.version == 3
    assert restored.definition.model_copy(update={"semantic_model": {}}) == agent.definition.model_copy(
        update={"semantic_model": {}}
    )
    newest = saves(desk, agent)[0]
    assert (newest.number, newest.saved_by) == (3, "user:eva")


def test_restoring_is_refused_when_somebody_saved_meanwhile_or_there_is_no_such_version(
    desk: Desk, agent: StoredAgent
) -> None:
    changed(desk, agent, name="Other")
    with pytest.raises(EditConflict, match="is at version 2 now"):
        restore_agent_version(desk, agent.agent_id, 1, version=1, by="ivy", permit=anybody)
    with pytest.raises(NotFound, match="no version"):
        restore_agent_version(desk, agent.agent_id, 9, version=2, by="ivy", permit=anybody)


def test_restoring_is_refused_when_jobs_need_what_came_later(desk: Desk, agent: StoredAgent) -> None:
    new = made(desk, agent.organisation_id, key="new", semantic_model=without("channel"))
    changed(desk, new, semantic_model=a_model())
    parameters = {"channel": {"values": ["Display"], "default": ["Display"]}}
    a_job(desk, key="by-channel", agent="new", prompt="What did {{ channel }} spend?", parameters=parameters)
    with pytest.raises(DefinitionRefused, match="Job 'by-channel' filters by 'channel'"):
        restore_agent_version(desk, new.agent_id, 1, version=2, by="ivy", permit=anybody)


def test_an_inactive_agent_knows_since_when_it_is_off(desk: Desk, agent: StoredAgent) -> None:
    for number, active in enumerate((False, True, False), start=1):
        changed(desk, agent, version=number, active=active)
    for number in range(4, 30):
        changed(desk, agent, version=number, description=f"Save {number}")
    with desk.store.reading() as session:
        now = agents.by_id(session, agent.agent_id)
        assert now is not None and now.version == 30
        since = off_since(session, now)
        assert since is not None and since.number == 4
        assert off_since(session, agent) is None


def test_an_agent_that_was_never_on_is_off_since_it_was_made(desk: Desk) -> None:
    with desk.store.writing() as session:
        north, _ = organisations.save(session, an_organisation(), now=desk.now())
    new = made(desk, north.organisation_id, active=False)
    with desk.store.reading() as session:
        since = off_since(session, new)
    assert since is not None and since.number == 1
