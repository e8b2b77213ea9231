"""The list of chats: who sees what, newest first, page by page without gaps or doubles."""

import base64
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from builders.saved import NOW, a_job, accept, an_agent, an_organisation, later, save_job
from interact.chats.status import ChatStatus
from interact.errors import ParameterRefused
from interact.jobs.stored import StoredJob
from interact.store import agents, chats, jobs, listing, organisations
from interact.store.listing import Viewer, Wanted, newest, visible
from interact.store.sessions import Store


def markets(session: Session, viewer: Viewer, **wanted: object) -> list[str]:
    return [entry[0].parameters["market"] for entry in newest(session, viewer, Wanted(**wanted)).entries]


def viewer_of(job: StoredJob, **more: object) -> Viewer:
    return Viewer(job.organisation_id, **more)


def test_the_newest_come_first_and_a_runs_chats_in_their_order(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        accept(session, job, ("NL", "BE"), now=NOW)
        accept(session, job, ("DE", "FR"), now=later(minutes=1))
        assert markets(session, viewer_of(job)) == ["DE", "FR", "NL", "BE"]


def test_an_entry_names_job_and_agent_as_they_were(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        run, opened = accept(session, job)
        jobs.save(session, a_job(name="Renamed"), now=later(hours=1))
        agents.save(session, an_agent(name="Renamed too"), now=later(hours=1))
        page = newest(session, viewer_of(job), Wanted())
    assert page.entries == ((opened[0], run, "Weekly report", "Analyst"),)
    assert page.next_cursor is None


def test_pages_follow_each_other_while_new_chats_come_in(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        for minute in range(3):
            accept(session, job, tuple(f"{minute}{letter}" for letter in "abc"), now=later(minutes=minute))
        seen: list[str] = []
        cursor = None
        for page_number in range(9):
            page = newest(session, viewer_of(job), Wanted(limit=2, cursor=cursor))
            seen += [entry[0].parameters["market"] for entry in page.entries]
            accept(session, job, ("new",), now=later(hours=page_number + 1))
            cursor = page.next_cursor
            if cursor is None:
                break
    assert seen == ["2a", "2b", "2c", "1a", "1b", "1c", "0a", "0b", "0c"]


def test_runs_of_the_same_instant_are_not_mixed_up(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        for letter in "xyz":
            accept(session, job, (f"{letter}1", f"{letter}2"))
        first = newest(session, viewer_of(job), Wanted(limit=3))
        rest = newest(session, viewer_of(job), Wanted(limit=3, cursor=first.next_cursor))
    found = [entry[0].parameters["market"] for entry in (*first.entries, *rest.entries)]
    assert sorted(found) == ["x1", "x2", "y1", "y2", "z1", "z2"]
    assert [one[0] for one in found[::2]] == [two[0] for two in found[1::2]]


def test_the_list_can_be_narrowed(store: Store) -> None:
    with store.writing() as session:
        weekly, other = save_job(session), save_job(session, key="other")
        _, opened = accept(session, weekly, ("NL", "BE"))
        accept(session, other, ("DE",))
        chats.begin_attempt(session, opened[1].chat_id, now=NOW)
        viewer = viewer_of(weekly)
        assert markets(session, viewer, job_id=other.job_id) == ["DE"]
        assert markets(session, viewer, job_id=weekly.job_id, status=ChatStatus.RUNNING) == ["BE"]
        assert len(markets(session, viewer, agent_id=weekly.agent_id)) == 3
        assert markets(session, viewer, agent_id="a\0b") == []


def test_another_organisation_sees_nothing(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        _, opened = accept(session, job)
        other, _ = organisations.save(session, an_organisation(key="other"), now=NOW)
        theirs = Viewer(other.organisation_id, owner="ada", job_ids=frozenset({job.job_id}))
        assert markets(session, theirs) == []
        assert visible(session, theirs, opened[0].chat_id) is None


@pytest.mark.parametrize(
    ("owner", "named", "seen"),
    [
        (None, None, ["shared"]),
        ("ada", None, ["private", "shared"]),
        ("bob", None, ["shared"]),
        (None, ["private"], ["private"]),
        (None, ["shared"], ["shared"]),
        ("ada", ["shared"], ["shared"]),
        ("ada", [], []),
    ],
)
def test_private_answers_are_their_owners_or_of_whom_the_job_is_named_to(
    store: Store, owner: str | None, named: list[str] | None, seen: list[str]
) -> None:
    with store.writing() as session:
        ids = {}
        for key in ("private", "shared"):
            job = save_job(session, key=key, visibility="private" if key == "private" else "organisation")
            ids[key] = (job.job_id, accept(session, job, (key,))[1][0].chat_id)
        job_ids = None if named is None else frozenset(ids[key][0] for key in named)
        private_job_ids = frozenset(ids[key][0] for key in named or () if key == "private")
        viewer = viewer_of(job, owner=owner, job_ids=job_ids, private_job_ids=private_job_ids)
        assert sorted(markets(session, viewer)) == seen
        assert sorted(key for key, (_, chat_id) in ids.items() if visible(session, viewer, chat_id)) == seen


def test_making_a_job_private_hides_what_it_answered_before(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        accept(session, job)
        jobs.save(session, a_job(visibility="private"), now=NOW)
        assert markets(session, viewer_of(job)) == []
        assert markets(session, viewer_of(job, owner="ada")) == ["NL"]


@pytest.mark.parametrize(
    ("private_then", "private_now", "seen"),
    [
        (False, False, True),
        (False, True, False),
        (True, True, True),
        (True, False, True),
    ],
)
def test_a_named_job_that_becomes_private_is_seen_no_longer_unless_it_was_named_as_private(
    store: Store, private_then: bool, private_now: bool, seen: bool
) -> None:
    with store.writing() as session:
        job = save_job(session, visibility="private" if private_then else "organisation")
        accept(session, job)
        named = frozenset({job.job_id})
        viewer = viewer_of(job, job_ids=named, private_job_ids=named if private_then else frozenset())
        jobs.save(session, a_job(visibility="private" if private_now else "organisation"), now=NOW)
        assert markets(session, viewer) == (["NL"] if seen else [])


def test_the_chats_of_a_deleted_job_stay(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        accept(session, job)
        jobs.mark_deleted(session, job.job_id, now=NOW)
        assert markets(session, viewer_of(job)) == ["NL"]


def encoded(place: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


AT = NOW.isoformat()
RUN = "run_aaaaaaaaaaaa"


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "nonsense",
        "é",
        "[]",
        encoded(5),
        encoded([AT, RUN]),
        encoded([AT, RUN, 0, 0]),
        encoded(["yesterday", RUN, 0]),
        encoded(["2026-11-23T08:00:00", RUN, 0]),
        encoded([5, RUN, 0]),
        encoded([AT, 5, 0]),
        encoded([AT, "run_x' OR 1=1", 0]),
        encoded([AT, RUN, -1]),
        encoded([AT, RUN, "0"]),
        encoded([AT, RUN, 10**30]),
        encoded([AT, RUN, True]),
        encoded([AT, RUN, 0.0]),
        encoded([AT, f"{RUN}\n", 0]),
        encoded(["0001-01-01T00:00:00+14:00", RUN, 0]),
        encoded(["9999-12-31T23:59:59-14:00", RUN, 0]),
    ],
)
def test_a_cursor_that_is_none_of_ours_is_refused(store: Store, cursor: str) -> None:
    with store.reading() as session, pytest.raises(ParameterRefused, match="'cursor' was not made by this list"):
        newest(session, Viewer("org_x"), Wanted(cursor=cursor))


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00"])
def test_the_ends_of_the_calendar_are_places_too(store: Store, instant: str) -> None:
    with store.reading() as session:
        assert newest(session, Viewer("org_x"), Wanted(cursor=encoded([instant, RUN, 0]))).entries == ()


@given(st.text(max_size=80) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_no_cursor_breaks_the_reader(cursor: str) -> None:
    with suppress(ParameterRefused):
        listing._place(cursor)
