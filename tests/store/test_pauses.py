"""Jobs that were paused, because they failed again and again."""

from typing import Any

from sqlalchemy.orm import Session

from builders.saved import NOW, a_job, accept, later, save_job
from interact.chats.status import RunVerdict
from interact.jobs.definition import Job
from interact.jobs.stored import StoredJob
from interact.store import jobs, pauses
from interact.store.sessions import Store
from interact.store.tables import RunRow

DAILY: dict[str, Any] = {"schedule": {"cron": "@daily"}}
OFF: dict[str, Any] = {"schedule": {"cron": "@daily", "enabled": False}}
NOTE = "Paused after 5 failed runs in a row."


def paused(session: Session, job: StoredJob) -> StoredJob:
    """Pause a job as the watch does."""
    whole = job.definition.model_dump(mode="json") | OFF
    return jobs.save(session, Job.model_validate(whole), now=later(hours=2), note=NOTE)[0]


def test_a_paused_job_says_why_and_how_it_was(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session, **DAILY)
        for number, (verdict, reason) in enumerate([("failed", "Old."), ("failed", "No table."), ("completed", None)]):
            run, _ = accept(session, job, now=later(minutes=number))
            row = session.get_one(RunRow, run.run_id)
            row.verdict, row.reason = RunVerdict(verdict), reason
        found = pauses.of(session, paused(session, job))
    assert found is not None
    assert (found.note, found.cause, found.before) == (NOTE, "No table.", job.definition)


def test_a_job_that_somebody_saved_since_is_not_paused(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session, **DAILY)
        assert pauses.of(session, job) is None
        paused(session, job)
        again, _ = jobs.save(session, a_job(**DAILY, name="Another"), now=NOW)
        assert pauses.of(session, again) is None


def test_a_pause_without_a_failure_that_says_why_has_no_cause(store: Store) -> None:
    with store.writing() as session:
        found = pauses.of(session, paused(session, save_job(session, **DAILY)))
    assert found is not None and found.cause == ""
