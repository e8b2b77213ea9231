"""A job that two change at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from builders.stores import emptied
from builders.story import a_desk, a_job
from interact.errors import EditConflict, KeyTaken
from interact.jobs.stored import StoredJob
from interact.runs.desk import Desk
from interact.runs.editing import change_job, make_job
from interact.store import jobs, organisations
from interact.store.sessions import Store


def somebody_waits(store: Store) -> bool:
    """Return whether a transaction waits for the lock of another."""
    with store.reading() as session:
        return bool(session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


def test_a_change_that_waited_is_held_against_what_it_waited_for(postgres_store: Store, tmp_path: Path) -> None:
    desk = replace(a_desk(tmp_path), store=emptied(postgres_store))
    job = a_job(desk)

    def change() -> StoredJob:
        return change_job(desk, job.job_id, {"name": "Mine"}, version=1, permit=lambda _: None)

    with ThreadPoolExecutor(1) as threads:
        with desk.store.writing() as session:
            organisations.held(session, "norrland")
            mine = threads.submit(change)
            while not (mine.done() or somebody_waits(desk.store)):
                time.sleep(0.02)
            renamed = job.definition.model_copy(update={"name": "Theirs"})
            theirs, _ = jobs.save(session, renamed, now=desk.now())
        with pytest.raises(EditConflict, match="is at version 2 now"):
            mine.result()
    with desk.store.reading() as session:
        assert jobs.by_id(session, job.job_id) == theirs


def made(desk: Desk, name: str, **changes: str) -> str:
    """Make a job and return its key."""
    with desk.store.reading() as session:
        (organisation,) = organisations.all_of(session)
    plain = {"agent": "analyst", "name": name, "prompt": "Total spend.", **changes}
    return make_job(desk, organisation.organisation_id, "ada", plain).definition.key


def test_the_key_of_a_private_job_tells_nothing_to_who_tries_its_name(tmp_path: Path) -> None:
    desk = a_desk(tmp_path)
    a_job(desk)
    assert made(desk, "Takeover of Acme", visibility="private") == "private"
    assert made(desk, "Closing the Oslo office", visibility="private") == "private-2"
    assert made(desk, "Takeover of Acme") == "takeover-of-acme"
    assert made(desk, "Takeover of Acme") == "takeover-of-acme-2"


def test_who_makes_a_job_of_one_name_at_the_same_moment_gets_another_key(postgres_store: Store, tmp_path: Path) -> None:
    desk = replace(a_desk(tmp_path), store=emptied(postgres_store))
    job = a_job(desk)
    with ThreadPoolExecutor(1) as threads:
        with desk.store.writing() as session:
            organisations.held(session, "norrland")
            mine = threads.submit(made, desk, "Daily spend")
            while not (mine.done() or somebody_waits(desk.store)):
                time.sleep(0.02)
            jobs.save(session, job.definition.model_copy(update={"key": "daily-spend"}), now=desk.now())
        assert mine.result() == "daily-spend-2"
    with pytest.raises(KeyTaken, match="There is a job 'daily-spend' already"):
        made(desk, "Daily spend", key="daily-spend")
