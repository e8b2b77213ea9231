"""Agents belong to an organisation and hold their semantic model."""

import pytest

from builders.saved import NOW, a_job, an_agent, an_organisation, later
from interact.errors import NotFound
from interact.store import agents, jobs, organisations
from interact.store.sessions import Store
from interact.store.tables import AgentRow


def test_saving_says_what_it_did_and_keeps_the_id(store: Store) -> None:
    with store.writing() as session:
        organisations.save(session, an_organisation(), now=NOW)
        first, created = agents.save(session, an_agent(), now=NOW)
        _, unchanged = agents.save(session, an_agent(), now=NOW)
        second, changed = agents.save(session, an_agent(active=False), now=later(hours=1))
    assert (created, unchanged, changed) == ("created", "unchanged", "changed")
    assert (first.agent_id, second.definition.active) == (second.agent_id, False)


def test_the_order_inside_a_semantic_model_is_part_of_it(store: Store) -> None:
    with store.writing() as session:
        organisations.save(session, an_organisation(), now=NOW)
        agents.save(session, an_agent(semantic_model={"a": 1, "b": 2}), now=NOW)
        saved, outcome = agents.save(session, an_agent(semantic_model={"b": 2, "a": 1}), now=NOW)
    assert outcome == "changed"
    assert list(saved.definition.semantic_model) == ["b", "a"]


def test_each_change_is_a_version_that_says_who_saved_it_and_when(store: Store) -> None:
    with store.writing() as session:
        organisations.save(session, an_organisation(), now=NOW)
        first, _ = agents.save(session, an_agent(), now=NOW, saved_by="file:agents.yaml")
        same, _ = agents.save(session, an_agent(), now=later(hours=1), saved_by="user:ada")
        third, _ = agents.save(session, an_agent(instructions="Be brief."), now=later(hours=2), saved_by="user:ivy")
        found = agents.versions(session, first.agent_id)
        assert [first.version, same.version, third.version] == [1, 1, 2]
        assert [(each.number, each.saved_by, each.saved_at) for each in found] == [
            (2, "user:ivy", later(hours=2)),
            (1, "file:agents.yaml", NOW),
        ]
        assert [each.definition.instructions for each in found] == ["Be brief.", ""]
        assert agents.version(session, first.agent_id, 1) == found[1]
        assert agents.version(session, first.agent_id, 3) is None
        assert [agents.version(session, first.agent_id, number) for number in (0, -1, 2**31, 10**30)] == [None] * 4


def test_going_back_to_what_an_agent_said_before_is_a_new_version(store: Store) -> None:
    with store.writing() as session:
        organisations.save(session, an_organisation(), now=NOW)
        for number, text in enumerate(("one", "two", "one")):
            agent, _ = agents.save(session, an_agent(instructions=text), now=later(hours=number))
        found = agents.versions(session, agent.agent_id)
    assert [(each.number, each.definition.instructions) for each in found] == [(3, "one"), (2, "two"), (1, "one")]


def test_versions_come_in_pages(store: Store) -> None:
    with store.writing() as session:
        organisations.save(session, an_organisation(), now=NOW)
        for number in range(5):
            agent, _ = agents.save(session, an_agent(description=f"No. {number}"), now=NOW)
        pages = [agents.versions(session, agent.agent_id, before=last, limit=2) for last in (None, 4, 2)]
    assert [[each.number for each in page] for page in pages] == [[5, 4], [3, 2], [1]]


def test_an_agent_that_lacks_what_came_later_is_unchanged_when_it_is_saved_as_it_was(store: Store) -> None:
    with store.writing() as session:
        organisations.save(session, an_organisation(), now=NOW)
        agent, _ = agents.save(session, an_agent(), now=NOW)
        row = session.get_one(AgentRow, agent.agent_id)
        row.definition = {key: value for key, value in row.definition.items() if key != "instructions"}
        session.flush()
        _, outcome = agents.save(session, an_agent(), now=later(hours=1))
    assert outcome == "unchanged"


def test_two_organisations_may_use_one_key(store: Store) -> None:
    with store.writing() as session:
        north, _ = organisations.save(session, an_organisation(), now=NOW)
        south, _ = organisations.save(session, an_organisation(key="south"), now=NOW)
        ours, _ = agents.save(session, an_agent(), now=NOW)
        theirs, _ = agents.save(session, an_agent(organisation="south"), now=NOW)
        assert agents.by_key(session, north.organisation_id, "analyst") == ours
        assert agents.by_id(session, theirs.agent_id) == theirs
        assert agents.all_of(session, south.organisation_id) == [theirs]


def test_an_agent_of_nobody_is_refused(store: Store) -> None:
    with pytest.raises(NotFound, match="no organisation 'north'"), store.writing() as session:
        agents.save(session, an_agent(), now=NOW)


def test_an_agents_jobs_are_counted_everybodys_private_ones_too_and_no_deleted_ones(store: Store) -> None:
    with store.writing() as session:
        organisations.save(session, an_organisation(), now=NOW)
        agent, _ = agents.save(session, an_agent(), now=NOW)
        agents.save(session, an_agent(key="other"), now=NOW)
        assert agents.job_count(session, agent.agent_id) == 0
        made = [
            jobs.save(session, a_job(**changes), now=NOW)[0]
            for changes in (
                {},
                {"key": "private", "visibility": "private"},
                {"key": "gone"},
                {"agent": "other", "key": "o"},
            )
        ]
        jobs.mark_deleted(session, made[2].job_id, now=NOW)
        assert agents.job_count(session, agent.agent_id) == 2
