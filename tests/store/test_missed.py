"""Times of which nobody has been told: taken once, and those that are no news left out."""

from datetime import datetime

import pytest

from builders.noticed import a_notice
from builders.saved import NOW, later, save_job
from interact.jobs.stored import StoredJob
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store import expected, jobs, ledger, missed
from interact.store.ledger import NewNotice
from interact.store.missed import Missed
from interact.store.sessions import Session, Store

RAN, SKIPPED, NOT_RUN = TimeOutcome.RAN, TimeOutcome.SKIPPED, TimeOutcome.NOT_RUN


@pytest.fixture
def job(store: Store) -> StoredJob:
    with store.writing() as session:
        return save_job(session)


def keep(session: Session, job: StoredJob, due_at: datetime, outcome: TimeOutcome, reason: str | None = "Why.") -> None:
    expected.record(session, ExpectedTime(job.job_id, due_at, outcome, reason, None, None, None, NOW))


def waiting(session: Session, *, since: datetime = NOW) -> list[str]:
    return missed.jobs_to_tell(session, not_told_since=since)


def test_missed_times_are_taken_once_newest_first(store: Store, job: StoredJob) -> None:
    with store.writing() as session:
        keep(session, job, later(hours=1), SKIPPED)
        keep(session, job, later(hours=2), NOT_RUN, None)
        keep(session, job, later(hours=3), RAN)
        assert waiting(session) == [job.job_id]
        assert missed.take(session, job.job_id, at=NOW) == [
            Missed(later(hours=2), NOT_RUN, ""),
            Missed(later(hours=1), SKIPPED, "Why."),
        ]
        assert (missed.take(session, job.job_id, at=NOW), waiting(session)) == ([], [])


def test_a_time_that_ran_waits_for_nobody(store: Store, job: StoredJob) -> None:
    with store.writing() as session:
        keep(session, job, NOW, RAN)
        assert waiting(session) == []


def test_a_job_that_was_told_of_since_an_instant_waits(store: Store, job: StoredJob) -> None:
    with store.writing() as session:
        keep(session, job, NOW, NOT_RUN)
        for number, kind in enumerate(("skipped", "failed")):
            content = a_notice(kind=kind)
            new = NewNotice(f"a:{number}", job.organisation_id, content, job_id=job.job_id)
            ledger.keep(session, new, (), now=later(hours=number))
        assert (waiting(session, since=later(seconds=-1)), waiting(session)) == ([], [job.job_id])


def test_what_is_no_news_and_what_is_of_a_deleted_job_is_left_untold(store: Store, job: StoredJob) -> None:
    with store.writing() as session:
        gone = save_job(session, key="gone")
        keep(session, gone, NOW, NOT_RUN)
        keep(session, job, NOW, SKIPPED, "Christmas Day: it rests.")
        keep(session, job, later(hours=1), SKIPPED, "It rests on Christmas Day.")
        jobs.mark_deleted(session, gone.job_id, now=NOW)
        missed.leave_untold(session, reasons=("%: it rests.",), at=NOW)
        assert waiting(session) == [job.job_id]
        assert [time.reason for time in missed.take(session, job.job_id, at=NOW)] == ["It rests on Christmas Day."]


def test_all_times_of_some_jobs_may_be_taken_for_told(store: Store, job: StoredJob) -> None:
    with store.writing() as session:
        other = save_job(session, key="other")
        for each in (job, other):
            keep(session, each, NOW, NOT_RUN)
        missed.mark_told(session, [other.job_id], at=NOW)
        assert waiting(session) == [job.job_id]
