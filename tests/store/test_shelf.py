"""An agent's jobs by name: what somebody sees, finds and pages through, and what became of each last."""

import base64
import json
from dataclasses import replace
from datetime import datetime

import pytest

from builders.counting import counted
from builders.saved import NOW, accept, an_agent, later, save_job
from interact.errors import ParameterRefused
from interact.jobs.stored import StoredJob
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store import agents, expected, jobs, shelf
from interact.store.sessions import Session, Store
from interact.store.shelf import Missed, Page, Wanted


def agent_id_of(store: Store) -> str:
    with store.writing() as session:
        return save_job(session, key="first", name="Éclair sales").agent_id


def page_of(store: Store, agent_id: str, owner: str = "ada", **wanted: object) -> Page:
    with store.reading() as session:
        return shelf.page(session, replace(Wanted(agent_id, owner), **wanted))


def names_on(store: Store, page: Page) -> list[str]:
    with store.reading() as session:
        known = jobs.by_ids(session, page.job_ids)
    return [known[job_id].definition.name for job_id in page.job_ids]


def test_jobs_stand_by_name_whatever_its_letters(store: Store) -> None:
    agent_id = agent_id_of(store)
    with store.writing() as session:
        for key, name in (("a", "weekly b"), ("b", "Weekly A"), ("c", "WEEKLY C"), ("d", "Ärger")):
            save_job(session, key=key, name=name)
    assert names_on(store, page_of(store, agent_id)) == ["Ärger", "Éclair sales", "Weekly A", "weekly b", "WEEKLY C"]


def test_nobody_sees_or_counts_or_finds_the_private_job_of_another(store: Store) -> None:
    agent_id = agent_id_of(store)
    with store.writing() as session:
        save_job(session, key="secret", name="Takeover", visibility="private", owner="ada")
    for search in ("", "takeover", "secret"):
        mine, theirs = (page_of(store, agent_id, who, search=search) for who in ("ada", "bob"))
        assert "Takeover" in names_on(store, mine)
        assert "Takeover" not in names_on(store, theirs)
        assert (theirs.in_sight, theirs.found) == (mine.in_sight - 1, mine.found - 1)


@pytest.mark.parametrize("search", ["éclair", "ÉCLAIR", "E\u0301clair", "eclair", "sales", "first", "FIRST"])
def test_a_search_looks_into_name_and_key_and_not_at_the_case(store: Store, search: str) -> None:
    agent_id = agent_id_of(store)
    with store.writing() as session:
        save_job(session, key="second", name="Spend")
    page = page_of(store, agent_id, search=search)
    assert (names_on(store, page), page.found, page.in_sight) == (["Éclair sales"], 1, 2)


@pytest.mark.parametrize("search", ["%", "_", "100%", "\\"])
def test_signs_of_patterns_stand_for_themselves(store: Store, search: str) -> None:
    agent_id = agent_id_of(store)
    assert page_of(store, agent_id, search=search).found == 0


def test_deleted_jobs_and_those_of_other_agents_are_not_there(store: Store) -> None:
    agent_id = agent_id_of(store)
    with store.writing() as session:
        gone = save_job(session, key="gone", name="Gone")
        agents.save(session, an_agent(key="other"), now=NOW)
        save_job(session, key="elsewhere", name="Elsewhere", agent="other")
        jobs.mark_deleted(session, gone.job_id, now=NOW)
    page = page_of(store, agent_id)
    assert (names_on(store, page), page.in_sight) == (["Éclair sales"], 1)


def test_pages_hold_every_job_once_there_and_back(store: Store) -> None:
    agent_id = agent_id_of(store)
    with store.writing() as session:
        for number in range(9):
            save_job(session, key=f"same-{number}", name="The same name")
    first = page_of(store, agent_id, limit=4)
    second = page_of(store, agent_id, limit=4, cursor=first.next_cursor)
    third = page_of(store, agent_id, limit=4, cursor=second.next_cursor)
    assert [(page.first, len(page.job_ids), page.found) for page in (first, second, third)] == [
        (1, 4, 10),
        (5, 4, 10),
        (9, 2, 10),
    ]
    assert len({*first.job_ids, *second.job_ids, *third.job_ids}) == 10
    assert (first.previous_cursor, third.next_cursor) == (None, None)
    assert second.previous_cursor == ""
    assert page_of(store, agent_id, limit=4, cursor=third.previous_cursor) == second


def test_a_job_that_comes_in_or_goes_between_two_pages_moves_none_of_the_later_ones(store: Store) -> None:
    agent_id = agent_id_of(store)
    with store.writing() as session:
        made = {name: save_job(session, key=name.lower(), name=name) for name in ("B", "C", "D")}
    first = page_of(store, agent_id, limit=2)
    with store.writing() as session:
        save_job(session, key="a", name="A")
        jobs.mark_deleted(session, made["C"].job_id, now=NOW)
    assert first.job_ids == (made["B"].job_id, made["C"].job_id)
    assert names_on(store, page_of(store, agent_id, limit=2, cursor=first.next_cursor)) == ["D", "Éclair sales"]


@pytest.mark.parametrize("cursor", ["nonsense", "é", base64.urlsafe_b64encode(json.dumps(["a"]).encode()).decode()])
def test_a_cursor_of_something_else_is_refused(store: Store, cursor: str) -> None:
    agent_id = agent_id_of(store)
    with pytest.raises(ParameterRefused, match=r"'cursor' was not made by this list"):
        page_of(store, agent_id, cursor=cursor)


def a_missed_time(job: StoredJob, due_at: datetime, outcome: TimeOutcome) -> ExpectedTime:
    return ExpectedTime(job.job_id, due_at, outcome, "Why.", None, None, None, NOW)


def with_runs_and_times(session: Session, count: int) -> list[str]:
    ids = []
    for number in range(count):
        job = save_job(session, key=f"job-{number}")
        accept(session, job, now=later(hours=-2))
        accept(session, job, now=later(hours=-1))
        expected.record(session, a_missed_time(job, later(hours=-3), TimeOutcome.NOT_RUN))
        ids.append(job.job_id)
    return ids


def test_each_job_has_its_newest_run_and_its_newest_time_that_did_not_run(store: Store) -> None:
    with store.writing() as session:
        busy, idle = save_job(session, key="busy"), save_job(session, key="idle")
        accept(session, busy, now=later(hours=-2))
        newest, _ = accept(session, busy, ("NL", "BE"), now=later(hours=-1))
        for hours, outcome in ((3, TimeOutcome.SKIPPED), (5, TimeOutcome.NOT_RUN), (4, TimeOutcome.SKIPPED)):
            expected.record(session, a_missed_time(busy, later(hours=-hours), outcome))
    with store.reading() as session:
        assert shelf.newest_runs(session, [busy.job_id, idle.job_id]) == {busy.job_id: newest}
        missed = shelf.newest_missed(session, [busy.job_id, idle.job_id])
    assert missed == {busy.job_id: Missed(later(hours=-3), TimeOutcome.SKIPPED)}


def test_what_became_of_many_jobs_takes_as_many_queries_as_of_few(store: Store) -> None:
    with store.writing() as session:
        ids = with_runs_and_times(session, 30)
    counts = []
    for some in (ids[:3], ids):
        with counted(store) as asked, store.reading() as session:
            assert len(shelf.newest_runs(session, some)) == len(shelf.newest_missed(session, some)) == len(some)
            assert len(jobs.by_ids(session, some)) == len(some)
        counts.append(len([statement for statement in asked if statement.startswith("SELECT")]))
    assert counts == [3, 3]
