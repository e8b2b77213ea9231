"""A job's history: runs and missed times as one list, newest first, that stays where it is while others come in."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from builders.saved import NOW, accept, later, save_job
from interact.chats.record import Run
from interact.chats.status import RunVerdict
from interact.errors import ParameterRefused
from interact.jobs.stored import StoredJob
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store import chats, expected, history, runs
from interact.store.history import OUTCOMES, Line, Tally
from interact.store.sessions import Session, Store


def a_job(store: Store, **changes: object) -> StoredJob:
    with store.writing() as session:
        return save_job(session, **changes)


def missed(session: Session, job: StoredJob, due_at: datetime, outcome: TimeOutcome = TimeOutcome.NOT_RUN) -> None:
    assert expected.record(session, ExpectedTime(job.job_id, due_at, outcome, "Why.", None, None, None, NOW))


def ended(session: Session, job: StoredJob, verdict: RunVerdict, *, hours: float) -> str:
    run, _ = accept(session, job, now=later(hours=hours))
    runs.mark_started(session, run.run_id, at=later(hours=hours), clear_number=0)
    runs.mark_ended(session, run.run_id, verdict=verdict, reason=None, at=later(hours=hours + 0.1))
    return run.run_id


def lines(store: Store, job: StoredJob, **wanted: object) -> tuple[Line, ...]:
    with store.reading() as session:
        return history.page(session, job.job_id, **wanted).lines


def told(found: tuple[Line, ...]) -> list[str]:
    """Return each line as its instant's hour and what it is."""
    kept = [(line.at, line.run.verdict if line.run else line.time and line.time.outcome) for line in found]
    return [f"{at:%H} {what}" for at, what in kept]


def test_runs_and_missed_times_stand_together_newest_first(store: Store) -> None:
    job = a_job(store)
    with store.writing() as session:
        ended(session, job, RunVerdict.COMPLETED, hours=-4)
        missed(session, job, later(hours=-3))
        accept(session, job, now=later(hours=-2))
        missed(session, job, later(hours=-1), TimeOutcome.SKIPPED)
    assert told(lines(store, job)) == ["07 skipped", "06 queued", "05 not_run", "04 completed"]


def test_a_run_that_stands_for_an_expected_time_is_one_line(store: Store) -> None:
    job = a_job(store)
    with store.writing() as session:
        run, _ = accept(session, job, initiator="schedule", due_at=NOW)
        ran = ExpectedTime(job.job_id, NOW, TimeOutcome.RAN, None, run.run_id, run.dag_run_id, NOW, NOW)
        assert expected.record(session, ran)
    [line] = lines(store, job)
    assert (line.run, line.time) == (run, None)


def test_another_jobs_history_is_its_own(store: Store) -> None:
    job, other = a_job(store), a_job(store, key="other")
    with store.writing() as session:
        accept(session, other)
        missed(session, other, NOW)
    assert lines(store, job) == ()


def test_a_run_says_how_many_chats_it_has_and_how_many_are_answered(store: Store) -> None:
    job = a_job(store)
    with store.writing() as session:
        _, opened = accept(session, job, ("NL", "BE", "DE"), now=later(hours=-1))
        for chat in opened[:2]:
            chats.cancel(session, chat.chat_id, reason="Why.", now=NOW)
        accept(session, job, (), now=NOW)
    refused, fan_out = lines(store, job)
    assert refused.chats is None
    assert fan_out.chats == Tally(3, 0, min(chat.chat_id for chat in opened), "Why.")


def test_a_missed_time_names_the_newest_run_that_stands_in_for_it(store: Store) -> None:
    job, other = a_job(store), a_job(store, key="other")
    with store.writing() as session:
        missed(session, job, NOW)
        missed(session, job, later(hours=-1))
        accept(session, job, now=later(hours=1), stands_in_for=NOW)
        newest, _ = accept(session, job, now=later(hours=2), stands_in_for=NOW)
        accept(session, other, now=later(hours=3), stands_in_for=NOW)
    times = {line.at: line.stand_in for line in lines(store, job) if line.time}
    assert times == {NOW: newest, later(hours=-1): None}
    with store.reading() as session:
        assert history.standing_in(session, job.job_id, NOW) == newest
        assert history.standing_in(session, job.job_id, later(hours=-1)) is None


def test_a_history_narrowed_to_one_outcome_holds_it_alone(store: Store) -> None:
    job = a_job(store)
    with store.writing() as session:
        for hours, verdict in enumerate(("completed", "partial", "failed", "cancelled"), start=-8):
            run_id = ended(session, job, RunVerdict(verdict), hours=hours)
            if verdict == "cancelled":
                runs.mark_started(session, run_id, at=NOW, clear_number=1)
                runs.mark_cancelled(session, run_id, by="user:ada", reason="Why.", at=NOW)
        accept(session, job, now=later(hours=-2))
        running, _ = accept(session, job, now=later(hours=-1))
        runs.mark_started(session, running.run_id, at=NOW, clear_number=0)
        missed(session, job, later(hours=-3), TimeOutcome.SKIPPED)
        missed(session, job, later(hours=-4), TimeOutcome.NOT_RUN)
    narrowed = {outcome: [line.split()[1] for line in told(lines(store, job, outcome=outcome))] for outcome in OUTCOMES}
    assert narrowed.pop("running") == ["running", "queued"]
    assert narrowed == {outcome: [outcome] for outcome in OUTCOMES if outcome != "running"}


def pages(store: Store, job: StoredJob, limit: int) -> Iterator[tuple[Line, ...]]:
    cursor: str | None = None
    while True:
        with store.reading() as session:
            page = history.page(session, job.job_id, cursor=cursor, limit=limit)
        yield page.lines
        cursor = page.next_cursor
        if cursor is None:
            return


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 50])
def test_pages_hold_each_line_once_also_where_many_stand_at_one_instant(store: Store, limit: int) -> None:
    job = a_job(store)
    with store.writing() as session:
        for hours in (-1, -2):
            for _ in range(3):
                accept(session, job, now=later(hours=hours))
            missed(session, job, later(hours=hours))
        missed(session, job, later(hours=-1, microseconds=1), TimeOutcome.SKIPPED)
    whole = lines(store, job)
    found = [line for page in pages(store, job, limit) for line in page]
    assert found == list(whole)
    assert [bool(line.run) for line in whole] == [False, True, True, True, False, True, True, True, False]


def test_what_comes_in_between_two_pages_moves_none_of_the_later_ones(store: Store) -> None:
    job = a_job(store)
    with store.writing() as session:
        for hours in range(-6, 0):
            accept(session, job, now=later(hours=hours))
    with store.reading() as session:
        first = history.page(session, job.job_id, limit=3)
        wanted = history.page(session, job.job_id, cursor=first.next_cursor, limit=3)
    with store.writing() as session:
        accept(session, job)
        missed(session, job, later(minutes=1))
        missed(session, job, later(minutes=-1), TimeOutcome.SKIPPED)
    with store.reading() as session:
        assert history.page(session, job.job_id, cursor=first.next_cursor, limit=3) == wanted
    assert told(wanted.lines) == ["04 queued", "03 queued", "02 queued"]
    assert wanted.next_cursor is None


def test_an_hour_that_comes_twice_has_two_lines_that_are_two_instants(store: Store) -> None:
    job = a_job(store, schedule="30 * * * *")
    first = datetime.fromisoformat("2026-10-25T02:30:00+02:00")
    with store.writing() as session:
        missed(session, job, first)
        missed(session, job, first + timedelta(hours=1))
    assert [line.at for line in lines(store, job)] == [first + timedelta(hours=1), first]


def _cursor(place: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "é",
        _cursor(["2026-11-23T08:00:00", ""]),
        _cursor(["2026-11-23T08:00:00+00:00", "' OR 1"]),
        _cursor(["2026-11-23T08:00:00+00:00", 3]),
        _cursor(["0001-01-01T00:00:00+14:00", ""]),
        _cursor(["9999-12-31T23:59:59.999999+00:00", "run_000000000001"]),
        _cursor({}),
    ],
)
def test_a_cursor_of_something_else_is_refused(store: Store, cursor: str) -> None:
    job = a_job(store)
    with pytest.raises(ParameterRefused, match=r"'cursor' was not made by this list"):
        lines(store, job, cursor=cursor)


def test_a_run_comes_back_with_what_it_stands_in_for(store: Store) -> None:
    job = a_job(store)
    with store.writing() as session:
        accept(session, job, stands_in_for=later(hours=-1))
    [line] = lines(store, job)
    assert isinstance(line.run, Run)
    assert line.run.stands_in_for == later(hours=-1)
