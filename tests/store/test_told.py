"""What was told of runs, whom it reached, and which failures came before."""

from typing import Any

import pytest

from builders.noticed import a_notice
from builders.saved import NOW, accept, later, save_job
from interact.chats.record import NOBODY, Run
from interact.chats.status import RunVerdict
from interact.jobs.stored import StoredJob
from interact.notices.sending import Answer, Outcome
from interact.store import ledger, runs, told
from interact.store.ledger import Addressee, NewNotice
from interact.store.sessions import Session, Store

MAIL, OPS = Addressee("channel_1", "mail", "email", "a@example.com"), Addressee("channel_2", "ops", "slack", held="No.")


def ended(session: Session, job: StoredJob, verdict: RunVerdict, *, minutes: int = 0, **changes: Any) -> Run:
    run, _ = accept(session, job, **changes)
    runs.mark_ended(session, run.run_id, verdict=verdict, reason=None, at=later(minutes=minutes))
    return runs.by_id(session, run.run_id)


def test_that_it_is_decided_who_hears_of_a_run_is_kept_until_it_ends_otherwise(store: Store) -> None:
    with store.writing() as session:
        run = ended(session, save_job(session), RunVerdict.FAILED)
        told.mark(session, run.run_id, at=NOW)
        runs.mark_ended(session, run.run_id, verdict=RunVerdict.FAILED, reason="Again.", at=later(minutes=1))
        assert runs.by_id(session, run.run_id).told_at == NOW
        runs.mark_ended(session, run.run_id, verdict=RunVerdict.PARTIAL, reason=None, at=later(minutes=2))
        assert runs.by_id(session, run.run_id).told_at is None


def test_failures_count_back_to_the_last_completed_run_newest_first(store: Store) -> None:
    failed, partial, completed = RunVerdict.FAILED, RunVerdict.PARTIAL, RunVerdict.COMPLETED
    with store.writing() as session:
        job = save_job(session)
        ended(session, job, failed, minutes=0)
        ended(session, job, completed, minutes=1)
        first, second = ended(session, job, failed, minutes=2), ended(session, job, partial, minutes=3)
        ended(session, job, RunVerdict.CANCELLED, minutes=4)
        ended(session, job, failed, minutes=5, audience=NOBODY)
        ended(session, job, completed, minutes=6, audience=NOBODY)
        ended(session, job, failed, minutes=7, combinations=(), prompts=())
        newest, later_one = ended(session, job, completed, minutes=8), ended(session, job, failed, minutes=9)
        assert told.failed_before(session, newest) == [second.run_id, first.run_id]
        assert told.failed_before(session, later_one) == []


@pytest.mark.parametrize(
    ("outcome", "reached"),
    [
        (None, {"channel_1"}),
        (Outcome.DELIVERED, {"channel_1"}),
        (Outcome.UNKNOWN, {"channel_1"}),
        (Outcome.REFUSED, set()),
    ],
)
def test_whom_a_notice_reached_or_may_reach(store: Store, outcome: Outcome | None, reached: set[str]) -> None:
    with store.writing() as session:
        run = ended(session, save_job(session), RunVerdict.FAILED)
        content = a_notice(kind="failed", level="error", topics=["failed_run"])
        new = NewNotice(f"{run.run_id}:failed", run.organisation_id, content, run.job_id, run.run_id)
        notice_id = ledger.keep(session, new, [MAIL, OPS], now=NOW)
        sent = next(each for each in ledger.deliveries(session, [notice_id]) if each.channel_id == "channel_1")
        if outcome:
            ledger.claim(session, [sent.delivery_id], claim="c", now=NOW)
            ledger.settle(session, sent.delivery_id, Answer(outcome, "Ok"), claim="c", again_at=None, now=NOW)
        assert told.channels_reached(session, [notice_id]) == reached
        (said,) = told.said_of(session, [run.run_id])
        assert (said.notice_id, said.occasion, said.kind) == (notice_id, f"{run.run_id}:failed", "failed")


def test_what_was_held_from_all_is_so_until_a_person_asks_for_it(store: Store) -> None:
    with store.writing() as session:
        run = ended(session, save_job(session), RunVerdict.COMPLETED)
        new = NewNotice(f"{run.run_id}:completed", run.organisation_id, a_notice(), run.job_id, run.run_id)
        notice_id = ledger.keep(session, new, [OPS], now=NOW)
        assert told.is_held_from_all(session, notice_id)
        (held,) = ledger.deliveries(session, [notice_id])
        ledger.resend(session, [held.delivery_id], by="user:ada", now=NOW)
        assert not told.is_held_from_all(session, notice_id)
