"""Runs that people and programs start from what has been: the same again, or what a time that did not run left out."""

from __future__ import annotations

from datetime import datetime

from interact.api.handover import start
from interact.chats.record import NOBODY, Chat, Run
from interact.errors import NotStartable
from interact.jobs.stored import StoredJob
from interact.runs.accept import Accepted, Ask, values_asked_for
from interact.runs.desk import Desk
from interact.store import chats
from interact.store.requests import Once


def start_again(
    desk: Desk, job: StoredJob, run: Run, initiator: str, *, once: Once | None, audience: str = NOBODY
) -> tuple[Accepted, str | None]:
    """Start a new run with the values of one that has been, of the job as it is now; raises what `start` does.

    Unasked it tells nobody: what was sent once is not sent twice.
    """
    with desk.store.reading() as session:
        opened = chats.of_run(session, run.run_id)
    if not opened:
        raise NotStartable(
            f"Run {run.run_id!r} opened no chat, so there is nothing to ask again. Trigger its job instead."
        )
    asked = Ask(job.job_id, values_asked_for(opened), initiator, rerun_of=run.run_id, once=once, audience=audience)
    return start(desk, job, asked)


def start_chat_again(
    desk: Desk, job: StoredJob, chat: Chat, initiator: str, *, once: Once | None, audience: str = NOBODY
) -> tuple[Accepted, str | None]:
    """Start a new run with the values of one chat alone, of the job as it is now; raises what `start` does."""
    asked = Ask(job.job_id, dict(chat.parameters), initiator, rerun_of=chat.run_id, once=once, audience=audience)
    return start(desk, job, asked)


def start_for(
    desk: Desk, job: StoredJob, due_at: datetime, initiator: str, *, once: Once | None, audience: str = NOBODY
) -> tuple[Accepted, str | None]:
    """Start a run for an expected time that did not run: with the schedule's values, dates counted from that time.

    Unasked it tells nobody. Raises what `start` does, and NotStartable for a time that ran, or that such a run has
    been started for already.
    """
    return start(desk, job, Ask(job.job_id, {}, initiator, once=once, stands_in_for=due_at, audience=audience))
