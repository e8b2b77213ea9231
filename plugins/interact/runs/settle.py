"""Close a run that Airflow ended without our last task: marked by hand, deleted, or timed out as a whole."""

from __future__ import annotations

from interact.chats.record import Run
from interact.chats.status import ChatStatus, RunVerdict, judge
from interact.runs.airflow import AirflowRun
from interact.runs.desk import Desk
from interact.runs.times import skip_overlapped
from interact.store import chats, runs

OPEN = (RunVerdict.QUEUED, RunVerdict.RUNNING)


def may_have_ended(run: Run) -> bool:
    """Return whether it is worth asking Airflow: our record is open, and Airflow has taken the run."""
    return run.verdict in OPEN and (run.queued_at is not None or run.started_at is not None)


def settle(desk: Desk, run: Run, told: AirflowRun | None) -> Run:
    """Return the run as it stands; `told` is what Airflow says of it, None for a run that it deleted.

    A run that is open here and over there is closed with its open chats, so that it blocks no later one: as of the
    instant at which Airflow ended it, where that is known. When a run was deleted nobody knows: it is closed as of its
    beginning, so that it holds nothing up.
    """
    if not may_have_ended(run) or (told and not told.has_ended):
        return run
    how = f"was ended in Airflow as {told.state!r}" if told else "was deleted in Airflow"
    reason = f"The run {how} before it had announced its end. Run it again."
    with desk.store.writing() as session:
        now = runs.held(session, run.run_id)
        if now.verdict not in OPEN:
            return now
        for chat in chats.of_run(session, run.run_id):
            if chat.status in (ChatStatus.QUEUED, ChatStatus.RUNNING):
                chats.fail(session, chat.chat_id, reason=reason, now=desk.now())
        verdict = judge([chat.status for chat in chats.of_run(session, run.run_id)])
        verdict = RunVerdict.PARTIAL if verdict is RunVerdict.COMPLETED else verdict
        began = now.begun_at or now.accepted_at
        at = max(told.ended_at or desk.now(), began) if told else began
        if told and told.ended_at:
            skip_overlapped(session, now, until=at, now=desk.now())
        runs.mark_ended(session, run.run_id, verdict=verdict, reason=reason, at=at)
        return runs.by_id(session, run.run_id)
