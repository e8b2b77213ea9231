"""Agents belong to an organisation and hold their semantic model."""

import pytest

from builders.saved import NOW, an_agent, an_organisation, later
from interact.errors import NotFound
from interact.store import agents, organisations
from interact.store.sessions import Store


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
