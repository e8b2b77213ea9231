"""Keys: shown once, kept as a hash, gone when they are deleted or over."""

import hashlib
import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from builders.saved import NOW, a_job, an_organisation, later, save_job
from interact.errors import DefinitionRefused, NotFound
from interact.store import jobs, keys, organisations
from interact.store.keys import NewKey
from interact.store.sessions import Store
from interact.store.tables import KeyRow

READ = frozenset({"agent_jobs_read"})


def made(session: Session, **more: object) -> tuple[str, str, str]:
    """Return an organisation's id, a new key's secret, and its id."""
    organisation, _ = organisations.save(session, an_organisation(), now=NOW)
    key = NewKey(**({"name": "ci", "permissions": READ} | more))
    return organisation.organisation_id, *keys.create(session, organisation.organisation_id, key, now=NOW)


def test_a_secret_is_long_random_and_nowhere_in_the_store(store: Store) -> None:
    with store.writing() as session:
        _, secret, key_id = made(session)
        _, other, _ = made(session)
        row = session.get_one(KeyRow, key_id)
        kept = " ".join(str(value) for value in vars(row).values())
    assert re.fullmatch(r"int_[A-Za-z0-9]{48}", secret)
    assert secret != other
    assert secret not in kept
    assert row.digest == hashlib.sha256(secret.encode()).hexdigest()


def test_a_secret_opens_its_key_and_nothing_else_does(store: Store) -> None:
    with store.writing() as session:
        organisation_id, secret, key_id = made(session, job_ids=frozenset({"job_b", "job_a"}))
        found = keys.authenticate(session, secret, now=NOW)
        assert found is not None
        assert (found.key_id, found.organisation_id, found.name) == (key_id, organisation_id, "ci")
        assert (found.permissions, found.job_ids) == (READ, {"job_a", "job_b"})
        for wrong in ("", secret[:-1], secret + "x", secret.upper(), f" {secret}", "\0", "\ud800", "int_" + "a" * 48):
            assert keys.authenticate(session, wrong, now=NOW) is None


def test_a_key_ends_at_its_instant(store: Store) -> None:
    with store.writing() as session:
        _, secret, _ = made(session, expires_at=later(hours=1))
        assert keys.authenticate(session, secret, now=later(minutes=59)) is not None
        assert keys.authenticate(session, secret, now=later(hours=1)) is None


def test_use_is_noted_once_a_minute_at_most(store: Store) -> None:
    noted = []
    with store.writing() as session:
        _, secret, _ = made(session)
        for seconds in (0, 59, 60, 61):
            now = later(seconds=seconds)
            key = keys.authenticate(session, secret, now=now)
            assert key is not None
            if keys.is_use_due(key, now=now):
                keys.note_use(session, key.key_id, now=now)
                session.expire_all()
            noted.append(keys.all_of(session, key.organisation_id)[0].last_used_at)
    assert noted == [NOW, NOW, later(seconds=60), later(seconds=60)]


def test_a_deleted_key_opens_nothing(store: Store) -> None:
    with store.writing() as session:
        organisation_id, secret, key_id = made(session)
        assert keys.delete(session, key_id) is True
        assert keys.authenticate(session, secret, now=NOW) is None
        assert keys.all_of(session, organisation_id) == []
        assert keys.delete(session, key_id) is False


def test_keys_are_listed_oldest_first_for_one_organisation(store: Store) -> None:
    with store.writing() as session:
        organisation_id, _, first = made(session)
        _, second = keys.create(session, organisation_id, NewKey("later", READ), now=later(minutes=1))
        other, _ = organisations.save(session, an_organisation(key="other"), now=NOW)
        keys.create(session, other.organisation_id, NewKey("theirs", READ), now=NOW)
        assert [key.key_id for key in keys.all_of(session, organisation_id)] == [first, second]


def test_a_key_without_limit_and_one_limited_to_nothing_differ(store: Store) -> None:
    with store.writing() as session:
        _, free, _ = made(session)
        _, shut, _ = made(session, job_ids=frozenset())
        found = [keys.authenticate(session, secret, now=NOW) for secret in (free, shut)]
    assert [key.job_ids for key in found if key] == [None, frozenset()]


def test_a_key_keeps_which_of_its_jobs_were_private_when_they_were_named(store: Store) -> None:
    with store.writing() as session:
        shared, private, unnamed = (
            save_job(session, key=key, visibility=visibility).job_id
            for key, visibility in (("shared", "organisation"), ("private", "private"), ("unnamed", "private"))
        )
        organisation_id, secret, _ = made(session, job_ids=frozenset({shared, private}))
        made(session)
        jobs.save(session, a_job(key="shared", visibility="private"), now=NOW)
        key = keys.authenticate(session, secret, now=NOW)
        found = keys.all_of(session, organisation_id)
    assert key is not None
    assert (key.job_ids, key.private_job_ids) == ({shared, private}, {private})
    assert sorted(len(key.private_job_ids) for key in found) == [0, 1]
    assert unnamed not in key.private_job_ids


def test_a_job_of_another_organisation_is_never_opened_by_naming_it(store: Store) -> None:
    with store.writing() as session:
        theirs = save_job(session, visibility="private").job_id
        other, _ = organisations.save(session, an_organisation(key="other"), now=NOW)
        wanted = NewKey("ci", READ, job_ids=frozenset({theirs}))
        _, key_id = keys.create(session, other.organisation_id, wanted, now=NOW)
        [key] = keys.all_of(session, other.organisation_id)
    assert (key.key_id, key.private_job_ids) == (key_id, frozenset())


def test_a_key_needs_a_permission_that_exists(store: Store) -> None:
    with store.writing() as session:
        with pytest.raises(DefinitionRefused, match=r"Key 'ci' needs a permission\. Name one or more of"):
            made(session, permissions=frozenset())
        with pytest.raises(DefinitionRefused, match="Key 'ci' does not know the permission 'root'"):
            made(session, permissions=READ | {"root"})
        with pytest.raises(NotFound, match="no organisation 'org_x'"):
            keys.create(session, "org_x", NewKey("ci", READ), now=NOW)
        assert session.scalars(select(KeyRow)).all() == []


def test_the_jobs_that_a_key_may_be_limited_to_are_listed_by_name(store: Store) -> None:
    with store.writing() as session:
        kept = save_job(session, name="zebra")
        jobs.save(session, a_job(key="other", name="Apple", visibility="private", owner="bob"), now=NOW)
        gone, _ = jobs.save(session, a_job(key="gone"), now=NOW)
        jobs.mark_deleted(session, gone.job_id, now=NOW)
        found = jobs.nameable(session, kept.organisation_id)
        assert [(each.name, each.job.owner, each.job.is_private) for each in found] == [
            ("Apple", "bob", True),
            ("zebra", "ada", False),
        ]
        assert jobs.nameable(session, "org_000000000000") == []
