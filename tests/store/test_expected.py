"""Each expected time is decided once, whoever comes first, and what was decided stays."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete

from builders.saved import NOW, accept, later, save_job
from interact.errors import StoreUnavailable
from interact.jobs.stored import StoredJob
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store import expected
from interact.store.sessions import Store
from interact.store.tables import ChatRow, RunRow


def a_time(job: StoredJob, *, hours: float = 0) -> ExpectedTime:
    return ExpectedTime(
        job_id=job.job_id,
        due_at=later(hours=hours),
        outcome=TimeOutcome.SKIPPED,
        reason="Its run of 08:00 was in progress.",
        run_id=None,
        dag_run_id=f"scheduled__{hours}",
        started_at=None,
        decided_at=later(hours=hours, seconds=2),
    )


def test_a_time_comes_back_as_it_was_decided(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        run, _ = accept(session, job)
        ran = replace(a_time(job), outcome=TimeOutcome.RAN, reason=None, run_id=run.run_id, started_at=later(seconds=1))
        assert expected.record(session, ran)
    with store.reading() as session:
        assert expected.at(session, job.job_id, NOW) == ran
        assert expected.at(session, job.job_id, later(seconds=1)) is None
        assert expected.at(session, "job_x", NOW) is None


def test_what_was_decided_first_stays(store: Store) -> None:
    with store.writing() as session:
        job, other = save_job(session), save_job(session, key="other")
        first = a_time(job)
        assert expected.record(session, first)
        assert not expected.record(session, replace(first, outcome=TimeOutcome.NOT_RUN, reason="Another."))
        assert expected.record(session, a_time(other))
    with store.writing() as session:
        assert not expected.record(session, replace(first, outcome=TimeOutcome.NOT_RUN, reason="Another."))
        assert expected.at(session, job.job_id, NOW) == first


def test_of_many_who_decide_at_once_one_does(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)

    def decide(number: int) -> int:
        decided = 0
        for hours in range(5):
            with store.writing() as session:
                decided += expected.record(session, replace(a_time(job, hours=hours), reason=f"By {number}."))
        return decided

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(decide, range(8))) == 5
    with store.reading() as session:
        assert len(expected.of_job(session, job.job_id)) == 5


def test_what_was_dropped_with_its_transaction_is_open_again(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)

    def decide_and_fail() -> None:
        with store.writing() as session:
            assert expected.record(session, a_time(job))
            raise LookupError("the run could not be stored")

    with pytest.raises(LookupError, match=r"could not be stored"):
        decide_and_fail()
    with store.writing() as session:
        assert expected.record(session, a_time(job))


def test_a_time_may_be_claimed_before_its_run_is_stored_in_one_transaction_only(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        assert expected.record(session, replace(a_time(job), run_id="run_aaaaaaaaaaaa"))
        accept(session, job, run_id="run_aaaaaaaaaaaa")
    with pytest.raises(StoreUnavailable, match=r"met another writer"), store.writing() as session:
        expected.record(session, replace(a_time(job, hours=1), run_id="run_bbbbbbbbbbbb"))


def test_the_account_outlives_the_run(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        run, _ = accept(session, job)
        expected.record(session, replace(a_time(job), run_id=run.run_id))
        session.execute(delete(ChatRow).where(ChatRow.run_id == run.run_id))
        session.execute(delete(RunRow).where(RunRow.id == run.run_id))
    with store.reading() as session:
        assert expected.at(session, job.job_id, NOW) == a_time(job)


def test_a_time_is_found_by_the_dag_run_that_was_made_for_it(store: Store) -> None:
    with store.writing() as session:
        job, other = save_job(session), save_job(session, key="other")
        expected.record(session, a_time(job, hours=1))
        assert expected.by_dag_run(session, job.job_id, "scheduled__1") == a_time(job, hours=1)
        assert expected.by_dag_run(session, other.job_id, "scheduled__1") is None
        assert expected.by_dag_run(session, job.job_id, "scheduled__2") is None


def test_a_jobs_times_come_newest_first_page_by_page(store: Store) -> None:
    with store.writing() as session:
        job, other = save_job(session), save_job(session, key="other")
        for hours in (2, 0, 3, 1):
            expected.record(session, a_time(job, hours=hours))
        expected.record(session, a_time(other, hours=9))
        first = expected.of_job(session, job.job_id, limit=3)
        second = expected.of_job(session, job.job_id, before=first[-1].due_at, limit=3)
    assert [time.due_at for time in first] == [later(hours=3), later(hours=2), later(hours=1)]
    assert [time.due_at for time in second] == [NOW]


def test_what_is_decided_in_a_span_is_without_its_first_instant_and_with_its_last(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        for hours in range(4):
            expected.record(session, a_time(job, hours=hours))
        found = expected.decided_between(session, job.job_id, NOW, later(hours=2))
    assert found == {later(hours=1), later(hours=2)}
    assert {time.utcoffset() for time in found} == {timedelta(0)}


def test_times_are_counted_by_what_became_of_them_since_an_instant(store: Store) -> None:
    with store.writing() as session:
        job, other = save_job(session), save_job(session, key="other")
        ends = (TimeOutcome.RAN, TimeOutcome.RAN, TimeOutcome.RAN, TimeOutcome.SKIPPED)
        for hours, outcome in enumerate(ends):
            expected.record(session, replace(a_time(job, hours=hours), outcome=outcome))
        expected.record(session, a_time(other, hours=9))
        assert expected.counts(session, job.job_id, since=NOW) == {TimeOutcome.RAN: 2, TimeOutcome.SKIPPED: 1}
        assert expected.counts(session, job.job_id, since=later(hours=3)) == {}
