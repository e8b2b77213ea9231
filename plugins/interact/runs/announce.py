"""End a run: judge it by its chats and their files, and say so."""

from __future__ import annotations

from interact.chats.record import Attempt, Chat, Run
from interact.chats.status import ChatStatus, judge
from interact.errors import NotFound
from interact.jobs.combinations import label
from interact.runs.desk import Desk
from interact.store import chats, runs

DIED = "Its task ended without a word. Clear the task in Airflow, or run the job again."


def announce(desk: Desk, *, dag_id: str, dag_run_id: str) -> Run:
    """Store the verdict of a run, with a reason that names each chat that lacks something, and return the run."""
    with desk.store.writing() as session:
        run = runs.find(session, dag_id=dag_id, dag_run_id=dag_run_id)
        if run is None:
            raise NotFound("run", dag_run_id)
        left_open = [
            c for c in chats.of_run(session, run.run_id) if c.status in (ChatStatus.QUEUED, ChatStatus.RUNNING)
        ]
        for chat in left_open:
            chats.fail(session, chat.chat_id, reason=DIED, now=desk.now())
        opened = chats.of_run(session, run.run_id)
        if not opened:
            return run
        newest = [(chat, chats.attempt(session, chat.chat_id)) for chat in opened]
        lacking = [line for chat, attempt in newest if (line := _lacks(chat, attempt))]
        missing = sum(_lacks_pdf(attempt) for _, attempt in newest)
        verdict = judge([chat.status for chat in opened], missing_files=missing)
        runs.mark_ended(session, run.run_id, verdict=verdict, reason=" ".join(lacking) or None, at=desk.now())
        return runs.by_id(session, run.run_id)


def _lacks(chat: Chat, attempt: Attempt | None) -> str | None:
    name = f"{chat.chat_id} ({label(chat.parameters)})"
    if chat.status is not ChatStatus.COMPLETED:
        return f"{name} {chat.status}: {chat.reason or 'no reason was recorded.'}"
    if _lacks_pdf(attempt):
        return f"{name} has no PDF: {(attempt and attempt.render_failure) or 'its report was not drawn.'}"
    return None


def _lacks_pdf(attempt: Attempt | None) -> bool:
    return bool(attempt and attempt.report_json and not attempt.pdf_sha256)
