"""Channels belong to an organisation, and stay while a job uses them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from builders.saved import NOW, a_channel, a_job, an_organisation, later, save_job
from interact.errors import DefinitionRefused, NotFound
from interact.jobs.stored import StoredChannel
from interact.store import channels, jobs, organisations
from interact.store.sessions import Session, Store


def save_channel(session: Session) -> StoredChannel:
    organisations.save(session, an_organisation(), now=NOW)
    return channels.save(session, a_channel(), now=NOW)[0]


def test_saving_says_what_it_did_and_keeps_the_id(store: Store) -> None:
    with store.writing() as session:
        organisations.save(session, an_organisation(), now=NOW)
        first, created = channels.save(session, a_channel(), now=NOW)
        _, unchanged = channels.save(session, a_channel(), now=NOW)
        second, changed = channels.save(session, a_channel(level="error"), now=later(hours=1))
    assert (created, unchanged, changed) == ("created", "unchanged", "changed")
    assert first.channel_id.startswith("channel_")
    assert (first.channel_id, second.definition.level) == (second.channel_id, "error")


def test_two_organisations_may_use_one_key(store: Store) -> None:
    with store.writing() as session:
        north, _ = organisations.save(session, an_organisation(), now=NOW)
        south, _ = organisations.save(session, an_organisation(key="south"), now=NOW)
        ours, _ = channels.save(session, a_channel(), now=NOW)
        theirs, _ = channels.save(session, a_channel(organisation="south"), now=NOW)
        other, _ = channels.save(session, a_channel(key="a-first"), now=NOW)
        assert channels.by_key(session, north.organisation_id, "mail") == ours
        assert channels.by_key(session, south.organisation_id, "a-first") is None
        assert channels.by_key(session, south.organisation_id, "mail") == theirs
        assert channels.all_of(session, north.organisation_id) == [other, ours]


def test_a_channel_of_nobody_is_refused(store: Store) -> None:
    with pytest.raises(NotFound, match="no organisation 'north'"), store.writing() as session:
        channels.save(session, a_channel(), now=NOW)


def test_a_channel_that_a_job_uses_stays_and_the_jobs_are_named(store: Store) -> None:
    with store.writing() as session:
        mail = save_channel(session)
        job = save_job(session, channels=["mail"])
        save_job(session, key="other")
    told = r"Channel 'mail' is attached to 'weekly'\. Take it out of the `channels` and routes of these jobs first\."
    with pytest.raises(DefinitionRefused, match=told), store.writing() as session:
        channels.delete(session, mail)
    with store.writing() as session:
        jobs.mark_deleted(session, job.job_id, now=NOW)
        channels.delete(session, mail)
        assert channels.by_key(session, mail.organisation_id, "mail") is None


def test_only_what_a_job_uses_now_counts(store: Store) -> None:
    with store.writing() as session:
        mail = save_channel(session)
        save_job(session, channels=["mail"])
        jobs.save(session, a_job(channels=[]), now=NOW)
        channels.delete(session, mail)
        channels.delete(session, mail)
        assert channels.all_of(session, mail.organisation_id) == []


def test_a_channel_is_never_deleted_from_under_a_job_that_is_being_saved(store: Store) -> None:
    with store.writing() as session:
        mail = save_channel(session)
        save_job(session)
    both = Barrier(2)

    def attach() -> bool:
        both.wait()
        try:
            with store.writing() as session:
                jobs.save(session, a_job(channels=["mail"]), now=NOW)
        except NotFound:
            return False
        return True

    def delete() -> bool:
        both.wait()
        try:
            with store.writing() as session:
                channels.delete(session, mail)
        except DefinitionRefused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        attached, deleted = pool.submit(attach), pool.submit(delete)
        assert attached.result() != deleted.result()
    with store.reading() as session:
        [job] = jobs.all_jobs(session)
        there = {channel.definition.key for channel in channels.all_of(session, mail.organisation_id)}
    assert set(job.definition.channels) <= there
