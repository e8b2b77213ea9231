"""Cancel a run: what it has said stays, what is open is closed, and nothing of it starts any more."""

from __future__ import annotations

from interact.runs import reasons
from interact.runs.desk import Desk
from interact.runs.times import skip_overlapped
from interact.store import chats, runs


def cancel(desk: Desk, run_id: str, *, by: str) -> bool:
    """Close a run and its open chats as cancelled; False for one that had ended. Airflow is told afterwards.

    A crash in between is harmless: the tasks of a cancelled run do nothing. Raises NotFound.
    """
    reason, now = reasons.cancelled(by), desk.now()
    with desk.store.writing() as session:
        run = runs.by_id(session, run_id)
        if run.ended_at is not None:
            return False
        for chat in chats.of_run(session, run_id):
            chats.cancel(session, chat.chat_id, reason=reason, now=now)
        skip_overlapped(session, run, until=now, now=now)
        return runs.mark_cancelled(session, run_id, by=by, reason=reason, at=now)
