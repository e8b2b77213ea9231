"""Organisations are created, changed, or left as they are."""

from builders.saved import NOW, an_organisation, later
from interact.store import organisations
from interact.store.sessions import Store


def test_saving_says_what_it_did_and_keeps_the_id(store: Store) -> None:
    with store.writing() as session:
        first, created = organisations.save(session, an_organisation(), now=NOW)
        _, unchanged = organisations.save(session, an_organisation(), now=later(hours=1))
        second, changed = organisations.save(session, an_organisation(name="South"), now=later(hours=2))
    assert (created, unchanged, changed) == ("created", "unchanged", "changed")
    assert (first.organisation_id, second.definition.name) == (second.organisation_id, "South")


def test_an_organisation_is_found_by_key_and_by_id(store: Store) -> None:
    with store.writing() as session:
        saved, _ = organisations.save(session, an_organisation(branding={"primary": "#0B6B57"}), now=NOW)
        organisations.save(session, an_organisation(key="east"), now=NOW)
    with store.reading() as session:
        assert organisations.by_key(session, "north") == saved
        assert organisations.by_id(session, saved.organisation_id) == saved
        assert [entry.definition.key for entry in organisations.all_of(session)] == ["east", "north"]


def test_what_is_not_there_is_none(store: Store) -> None:
    with store.reading() as session:
        assert organisations.by_key(session, "a\0b") is None
        assert organisations.by_id(session, "org_x") is None


def test_each_save_is_kept_with_who_and_when(store: Store) -> None:
    with store.writing() as session:
        saved, _ = organisations.save(session, an_organisation(), now=NOW, saved_by="file:north.yaml")
        organisations.save(session, an_organisation(), now=later(hours=1), saved_by="user:ivy")
        changed = an_organisation(context="We sell bikes.")
        again, _ = organisations.save(session, changed, now=later(hours=2), saved_by="user:ivy")
        kept = organisations.versions(session, saved.organisation_id)
    assert (saved.version, again.version) == (1, 2)
    assert [(each.number, each.saved_by, each.saved_at) for each in kept] == [
        (2, "user:ivy", later(hours=2)),
        (1, "file:north.yaml", NOW),
    ]
    assert [each.definition.context for each in kept] == ["We sell bikes.", ""]


def test_one_save_is_found_by_its_number(store: Store) -> None:
    with store.writing() as session:
        saved, _ = organisations.save(session, an_organisation(), now=NOW)
        found = [organisations.version(session, saved.organisation_id, number) for number in (1, 2, 0, 2**40)]
        older = organisations.versions(session, saved.organisation_id, before=1)
    assert [each and each.definition for each in found] == [saved.definition, None, None, None]
    assert older == []
