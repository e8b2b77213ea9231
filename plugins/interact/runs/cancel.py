"""Cancel a run: what it has said stays, what is open is closed, and nothing of it starts any more."""

from __future__ import annotations

from interact.chats.record import Run
from interact.runs import reasons
from interact.runs.desk import Desk
from interact.runs.times import skip_overlapped
from interact.store import chats, runs


def cancel(desk: Desk, run_id: str, *, by: str, reason: str | None = None) -> bool:
    """Close a run and its open chats as cancelled; False for one that had ended. Airflow is told afterwards.

    A crash in between is harmless: the tasks of a cancelled run do nothing, and an agent at work stops at its next
    query. Raises NotFound.
    """
    told, now = reason or reasons.cancelled(by), desk.now()
    with desk.store.writing() as session:
        run = runs.held(session, run_id)
        if run.ended_at is not None:
            return False
        for chat in chats.of_run(session, run_id):
            chats.cancel(session, chat.chat_id, reason=told, now=now)
        skip_overlapped(session, run, until=now, now=now)
        return runs.mark_cancelled(session, run_id, by=by, reason=told, at=now)


def cancel_all(desk: Desk, job_id: str, *, by: str) -> tuple[Run, ...]:
    """Cancel the open runs of a job that was deleted, and return them; call it once the deletion is stored.

    Airflow schedules no task of a DAG that is gone: they would stay as they are for ever. What a crash leaves open the
    watch closes.
    """
    with desk.store.reading() as session:
        left = runs.not_ended(session, job_id=job_id)
    return tuple(run for run in left if cancel(desk, run.run_id, by=by, reason=reasons.deleted(by)))
