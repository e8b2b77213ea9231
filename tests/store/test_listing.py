"""The list of chats: who sees what, newest first, page by page without gaps or doubles."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from bench.many_chats import Crowd, a_crowd
from builders.saved import NOW, a_job, accept, an_agent, an_organisation, ask, later, save_agent, save_job
from interact.chats.status import ChatStatus
from interact.errors import ParameterRefused
from interact.jobs.stored import StoredJob
from interact.store import agents, chats, jobs, listing, organisations
from interact.store.listing import Entry, Viewer, Wanted, newest, visible
from interact.store.questions import Purpose
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


def listed(session: Session, viewer: Viewer, **wanted: object) -> list[str]:
    return [entry[0].chat_id for entry in newest(session, viewer, Wanted(**wanted)).entries]


def test_what_somebody_asked_stands_among_their_chats_and_in_nobody_elses_list(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        agent = save_agent(session)
        _, (first,) = accept(session, job)
        mine, theirs = ask(session, agent, "ada", run_after=later(minutes=1)), ask(session, agent, "bob")
        viewers = {name: viewer_of(job, owner=name) for name in ("ada", "bob", "ivy")}
        assert listed(session, viewers["ada"]) == [mine.chat_id, first.chat_id]
        assert set(listed(session, viewers["bob"])) == {theirs.chat_id, first.chat_id}
        assert listed(session, viewers["ivy"]) == [first.chat_id]
        assert listed(session, viewers["ada"], agent_id="agent_x") == []
        assert [visible(session, viewers[name], mine.chat_id) for name in ("bob", "ivy")] == [None, None]
        (entry, *_) = newest(session, viewers["ada"], Wanted(agent_id=agent.agent_id, limit=1)).entries
        assert (entry[0], entry[1].dag_id, *entry[2:]) == (mine, "interact_ask", "Spend so far", "Analyst")


def test_previews_and_further_questions_stand_in_no_list_and_are_found_by_their_id(store: Store) -> None:
    with store.writing() as session:
        agent = save_agent(session)
        head = ask(session, agent)
        preview = ask(session, agent, purpose="asides")
        further = ask(session, agent, purpose="asides", thread_id=head.chat_id)
        ada, bob = (Viewer(agent.organisation_id, owner=name) for name in ("ada", "bob"))
        assert listed(session, ada) == [head.chat_id]
        assert listed(session, ada, job_id=preview.job_id) == []
        assert [visible(session, ada, chat.chat_id) for chat in (preview, further)] == [preview, further]
        assert [visible(session, bob, chat.chat_id) for chat in (preview, further)] == [None, None]


@pytest.mark.parametrize("purpose", ["questions", "asides"])
def test_no_key_sees_what_somebody_asked_even_when_it_names_where_that_hangs(store: Store, purpose: Purpose) -> None:
    with store.writing() as session:
        chat = ask(session, save_agent(session), purpose=purpose)
        named = frozenset({chat.job_id})
        for viewer in (
            Viewer(chat.organisation_id),
            Viewer(chat.organisation_id, job_ids=named),
            Viewer(chat.organisation_id, job_ids=named, private_job_ids=named),
        ):
            assert listed(session, viewer) == []
            assert visible(session, viewer, chat.chat_id) is None


def test_a_page_of_questions_and_jobs_is_what_sorting_everything_would_give(store: Store) -> None:
    with store.writing() as session:
        jobs_of_all = [save_job(session, key=f"job-{number}") for number in range(3)]
        agent = save_agent(session)
        expected = []
        for step in range(20):
            now = later(minutes=step // 3)
            chat = (
                ask(session, agent, run_after=now)
                if step % 2
                else accept(session, jobs_of_all[step % 3], now=now)[1][0]
            )
            ask(session, agent, purpose="asides", run_after=now)
            ask(session, agent, "bob", run_after=now)
            expected.append((chat.created_at, chat.run_id, chat.chat_id))
        whole = [chat_id for *_, chat_id in sorted(expected, reverse=True)]
        ada = Viewer(agent.organisation_id, owner="ada")
        for limit in (1, 3, 7, 50):
            assert [entry[0].chat_id for entry in all_entries(session, ada, limit=limit)] == whole


def test_a_page_of_many_jobs_is_what_sorting_everything_would_give(store: Store) -> None:
    with store.writing() as session:
        shared = [save_job(session, key=f"job-{number}") for number in range(7)]
        hidden = save_job(session, key="hidden", visibility="private", owner="bob")
        expected: list[str] = []
        # Several runs at the same instant, long ones and short ones, and one job that has most of the newest.
        for step in range(30):
            job = shared[0] if step % 3 else shared[step % 7]
            markets_of_run = tuple(f"{step}-{letter}" for letter in "abcdef"[: 1 + step % 6])
            run, _ = accept(session, job, markets_of_run, now=later(minutes=step // 4))
            accept(session, hidden, ("hidden",), now=later(minutes=step // 4))
            expected += [
                f"{run.accepted_at.isoformat()} {run.run_id} {99 - n} {m}" for n, m in enumerate(markets_of_run)
            ]
        whole = [line.split()[-1] for line in sorted(expected, reverse=True)]
        for limit in (1, 2, 3, 5, 8, 50):
            assert all_pages(session, viewer_of(hidden, owner="ada"), limit=limit) == whole


def all_pages(session: Session, viewer: Viewer, **wanted: object) -> list[str]:
    return [entry[0].parameters["market"] for entry in all_entries(session, viewer, **wanted)]


def all_entries(session: Session, viewer: Viewer, **wanted: object) -> list[Entry]:
    seen: list[Entry] = []
    page = newest(session, viewer, Wanted(**wanted))
    while True:
        seen += page.entries
        if page.next_cursor is None:
            return seen
        page = newest(session, viewer, Wanted(**(wanted | {"cursor": page.next_cursor})))


PAGE = 10


def views(crowd: Crowd) -> dict[str, tuple[Viewer, Wanted]]:
    """Return who looks at what; of the crowd's ten jobs the fifth and the last are Ada's private ones."""
    first, private, last = crowd.jobs[0], crowd.jobs[4], crowd.jobs[-1]
    everybody, ada = viewer_of(first), viewer_of(first, owner="ada")
    one_job = viewer_of(first, job_ids=frozenset({first.job_id}))
    return {
        "everything": (everybody, Wanted(limit=PAGE)),
        "with her private jobs": (ada, Wanted(limit=PAGE)),
        "a key limited to one job": (one_job, Wanted(limit=PAGE)),
        "a key limited to a private job": (
            viewer_of(first, job_ids=frozenset(), private_job_ids=frozenset({private.job_id})),
            Wanted(limit=PAGE),
        ),
        "one job": (everybody, Wanted(job_id=first.job_id, limit=PAGE)),
        "one agent": (everybody, Wanted(agent_id=last.agent_id, limit=PAGE)),
        "one agent in one job": (ada, Wanted(agent_id=last.agent_id, job_id=last.job_id, limit=PAGE)),
        "an agent that never answered this job": (everybody, Wanted(agent_id="agent_x", job_id=first.job_id)),
        "a common status": (everybody, Wanted(status="completed", limit=PAGE)),
        "a rare status": (everybody, Wanted(status="failed", limit=PAGE)),
        "a status that none has": (everybody, Wanted(status="cancelled", limit=PAGE)),
        "a rare status of one job": (ada, Wanted(job_id=private.job_id, status="failed", limit=PAGE)),
        "a rare status of one agent": (everybody, Wanted(agent_id=first.agent_id, status="failed", limit=PAGE)),
    }


ONE_LIST = ("one job", "one agent in one job", "a key limited to one job", "a rare status of one job")


@pytest.fixture
def crowd(store: Store) -> Crowd:
    """2,000 chats of ten jobs and two agents; the newest half is one private job's."""
    crowd = a_crowd(store, job_count=10, agent_count=2)
    crowd.add(range(100))
    crowd.add(range(100, 200), job_of=lambda number: 4 if number % 2 else number % 10)
    analyse(store)
    return crowd


def analyse(store: Store) -> None:
    """Let PostgreSQL know what there is, as it does by itself some time after it has grown."""
    if store.url.get_backend_name() == "postgresql":
        with store.writing() as session:
            session.execute(text("ANALYZE"))


def test_no_list_looks_through_the_chats_and_that_of_one_job_sorts_none(crowd: Crowd) -> None:
    for name, (viewer, wanted) in views(crowd).items():
        plan = "\n".join(plan_of(crowd.store, viewer, wanted))
        assert "chats" in plan, name
        assert not set(plan.splitlines()) & {"SCAN chats", "SCAN chats_1", "SCAN runs"}, (name, plan)
        assert "Seq Scan" not in plan and "Bitmap" not in plan, (name, plan)
        if name in ONE_LIST:
            lines = plan.split("the page:")[1]
            assert "TEMP B-TREE" not in lines and "Sort" not in lines, (name, plan)


def test_what_a_list_reads_does_not_grow_with_the_chats(crowd: Crowd) -> None:
    before = {name: work_of(crowd.store, *view) for name, view in views(crowd).items()}
    crowd.add(range(200, 600))
    crowd.add(range(600, 1000), job_of=lambda number: 4 if number % 10 else number // 10 % 10)
    analyse(crowd.store)
    after = {name: work_of(crowd.store, *view) for name, view in views(crowd).items()}
    # Five times the chats; a rare status is found in eight jobs then, not in three.
    grown = {name: (before[name], after[name]) for name in before if after[name] > 2 * before[name] + 50}
    assert grown == {}


@contextmanager
def statements(session: Session) -> Iterator[list[tuple[str, object]]]:
    """Give a list that gets each statement which is executed."""
    seen: list[tuple[str, object]] = []

    def note(connection: object, cursor: object, statement: str, parameters: object, *more: object) -> None:
        seen.append((statement, parameters))

    engine = session.connection().engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def plan_of(store: Store, viewer: Viewer, wanted: Wanted) -> list[str]:
    with store.reading() as session:
        with statements(session) as seen:
            newest(session, viewer, wanted)
        connection = session.connection()
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        jobs, lines = (
            [str(row[-1]).strip() for row in connection.exec_driver_sql(f"{explain} {query}", parameters)]
            for query, parameters in seen
            if "set_config" not in query
        )
    return [*jobs, "the page:", *lines]


def work_of(store: Store, viewer: Viewer, wanted: Wanted) -> int:
    """Return how much one page takes: SQLite's instructions, or the rows that PostgreSQL reads."""
    with store.reading() as session:
        connection = session.connection()
        if connection.dialect.name == "sqlite":
            steps: list[None] = []
            raw = connection.connection.driver_connection
            raw.set_progress_handler(lambda: steps.append(None), 1)  # type: ignore[union-attr]
            newest(session, viewer, wanted)
            raw.set_progress_handler(None, 1)  # type: ignore[union-attr]
            return len(steps)
        before = rows_read(session)
        newest(session, viewer, wanted)
        return rows_read(session) - before


def rows_read(session: Session) -> int:
    """Return how many rows of chats and runs PostgreSQL has fetched on this connection since it last told others."""
    counted = (
        "SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_user_tables WHERE relname IN ('chats', 'runs')"
    )
    return int(session.scalars(text(counted)).one())


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


def test_a_list_is_narrowed_to_questions_or_to_what_jobs_asked(store: Store) -> None:
    with store.writing() as session:
        job, agent = save_job(session), save_agent(session)
        _, (asked_by_job,) = accept(session, job)
        question = ask(session, agent)
        ask(session, agent, purpose="asides")
        ada = viewer_of(job, owner="ada")
        assert listed(session, ada, purpose="job") == [asked_by_job.chat_id]
        assert listed(session, ada, purpose="questions") == [question.chat_id]
