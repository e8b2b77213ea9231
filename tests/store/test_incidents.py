"""Incidents: one open one for each thing that is away, and what is known of its runs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from builders.saved import NOW, a_query, accept, later, save_job
from interact.chats.status import ChatStatus, RunVerdict
from interact.jobs.stored import StoredJob
from interact.store import chats, incidents, runs
from interact.store.incidents import Incident
from interact.store.sessions import Session, Store

AWAY = "warehouse:w"


def opened(store: Store, job: StoredJob, subject: str = AWAY, **how: float) -> Incident:
    with store.writing() as session:
        return incidents.open_or_join(session, job.organisation_id, subject, told="It is away.", at=later(**how))


@pytest.fixture
def job(store: Store) -> StoredJob:
    with store.writing() as session:
        return save_job(session)


def test_what_is_found_away_again_is_the_same_incident_seen_later(store: Store, job: StoredJob) -> None:
    first = opened(store, job)
    assert (first.told, first.began_at, first.seen_at, first.ended_at) == ("It is away.", NOW, NOW, None)
    again = opened(store, job, hours=1)
    assert (again.incident_id, again.began_at, again.seen_at) == (first.incident_id, NOW, later(hours=1))
    assert opened(store, job, minutes=5).seen_at == later(hours=1)


def test_each_thing_of_each_organisation_has_an_incident_of_its_own(store: Store, job: StoredJob) -> None:
    assert opened(store, job).incident_id != opened(store, job, "channel:smtp").incident_id
    with store.reading() as session:
        assert [each.subject for each in incidents.still_open(session)] in (
            [AWAY, "channel:smtp"],
            ["channel:smtp", AWAY],
        )
        assert incidents.open_among(session, job.organisation_id, "model:m") is None
        assert incidents.open_among(session, "org_aaaaaaaaaaaa", AWAY) is None


def test_an_incident_ends_once_and_the_next_is_another(store: Store, job: StoredJob) -> None:
    first = opened(store, job)
    with store.writing() as session:
        assert incidents.end(session, first.incident_id, at=later(hours=1))
        assert not incidents.end(session, first.incident_id, at=later(hours=2))
        assert incidents.still_open(session) == []
    second = opened(store, job, hours=3)
    assert second.incident_id != first.incident_id
    with store.reading() as session:
        found = incidents.by_ids(session, [first.incident_id, second.incident_id])
    assert [found[each.incident_id].ended_at for each in (first, second)] == [later(hours=1), None]


def test_many_that_find_it_at_once_open_one(store: Store, job: StoredJob) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: opened(store, job, seconds=number).incident_id, range(16)))
    assert len(set(found)) == 1


def test_runs_and_their_agents_are_found_by_the_incident_that_failed_them(store: Store, job: StoredJob) -> None:
    incident = opened(store, job)
    with store.writing() as session:
        found = [accept(session, job, now=later(hours=hours))[0].run_id for hours in (2, 1)]
        for run_id in found:
            incidents.join_run(session, run_id, incident.incident_id)
        accept(session, job)
        assert [run.run_id for run in incidents.runs_of(session, incident.incident_id)] == found[::-1]
        assert incidents.agents_of(session, incident.incident_id) == [job.agent_id]


def test_a_run_that_is_cleared_leaves_its_incident(store: Store, job: StoredJob) -> None:
    incident = opened(store, job)
    with store.writing() as session:
        run, _ = accept(session, job)
        incidents.join_run(session, run.run_id, incident.incident_id)
        runs.mark_started(session, run.run_id, at=later(hours=1), clear_number=1)
        assert incidents.runs_of(session, incident.incident_id) == []


def answered(session: Session, job: StoredJob, *, failure: str | None = None, status: ChatStatus, **how: float) -> None:
    """An attempt that began at a time, asked once, and ended."""
    _, (chat,) = accept(session, job, now=later(**how))
    number = chats.begin_attempt(session, chat.chat_id, now=later(**how))
    chats.add_query(session, chat.chat_id, number, a_query(failure=failure))
    chats.finish_attempt(session, chat.chat_id, number, chats.Outcome(status, None), now=later(**how))


@pytest.mark.parametrize(
    ("minutes", "status", "failure", "is_used"),
    [
        (1, ChatStatus.COMPLETED, None, True),
        (0, ChatStatus.COMPLETED, None, False),
        (1, ChatStatus.FAILED, None, False),
        (1, ChatStatus.COMPLETED, "It is away.", False),
    ],
)
def test_an_agent_has_used_its_warehouse_when_a_later_attempt_had_an_answer(
    store: Store, job: StoredJob, minutes: float, status: ChatStatus, failure: str | None, is_used: bool
) -> None:
    with store.writing() as session:
        answered(session, job, minutes=minutes, status=status, failure=failure)
        assert incidents.was_used(session, job.agent_id, since=NOW) is is_used
        assert not incidents.was_used(session, "agent_aaaaaaaaaaaa", since=NOW)


def ended(verdict: RunVerdict) -> Callable[[Session, str], object]:
    return lambda session, run_id: runs.mark_ended(session, run_id, verdict=verdict, reason=None, at=later(hours=2))


@pytest.mark.parametrize(
    ("end", "is_superseded"),
    [
        (lambda *_: None, True),
        (ended(RunVerdict.COMPLETED), True),
        (ended(RunVerdict.FAILED), False),
        (ended(RunVerdict.PARTIAL), False),
        (ended(RunVerdict.CANCELLED), False),
    ],
)
def test_a_run_is_superseded_by_a_newer_one_that_stands(
    store: Store, job: StoredJob, end: Callable[[Session, str], object], is_superseded: bool
) -> None:
    with store.writing() as session:
        accept(session, job, now=later(hours=-1))
        run, _ = accept(session, job)
        assert not incidents.is_superseded(session, run)
        newer, _ = accept(session, job, now=later(hours=1))
        end(session, newer.run_id)
        assert incidents.is_superseded(session, run) is is_superseded


def test_only_the_schedule_repeats_a_run_by_itself(store: Store, job: StoredJob) -> None:
    with store.writing() as session:
        run, _ = accept(session, job)
        accept(session, job, rerun_of=run.run_id, initiator="user:ada")
        assert incidents.rerun_by_itself(session, run) is None
        again, _ = accept(session, job, rerun_of=run.run_id, initiator="schedule")
        assert incidents.rerun_by_itself(session, run) == again
