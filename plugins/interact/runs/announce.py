"""End a run: judge it by its chats and their files, and say so."""

from __future__ import annotations

from dataclasses import dataclass

from interact.chats.record import Attempt, Chat, Run
from interact.chats.status import ChatStatus, RunVerdict, judge
from interact.errors import NotFound
from interact.jobs.combinations import label
from interact.runs.desk import Desk
from interact.runs.times import skip_overlapped
from interact.store import chats, runs

_NO_PDF = "has no PDF"
DIED = "Its task ended without a word. Clear the task in Airflow, or run the job again."


@dataclass(frozen=True)
class Announced:
    """A judged run; `lacking` names each chat that lacks something, without quoting what it says."""

    run: Run
    lacking: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """True when every chat completed and every report became a PDF."""
        return self.run.verdict is RunVerdict.COMPLETED


def announce(desk: Desk, *, dag_id: str, dag_run_id: str) -> Announced:
    """Store the verdict of a run, with a reason that names each chat that lacks something and why, and return it."""
    with desk.store.writing() as session:
        run = runs.find(session, dag_id=dag_id, dag_run_id=dag_run_id)
        if run is None:
            raise NotFound("run", dag_run_id)
        for chat in chats.of_run(session, run.run_id):
            if chat.status in (ChatStatus.QUEUED, ChatStatus.RUNNING):
                chats.fail(session, chat.chat_id, reason=DIED, now=desk.now())
        opened = chats.of_run(session, run.run_id)
        if not opened:
            return Announced(run, ())
        lacks = [lack for chat in opened if (lack := _lack(chat, chats.attempt(session, chat.chat_id)))]
        missing = sum(lack.what == _NO_PDF for lack in lacks)
        verdict = judge([chat.status for chat in opened], missing_files=missing)
        reason = " ".join(f"{lack.named}: {lack.why}" for lack in lacks) or None
        now = desk.now()
        skip_overlapped(session, run, until=now, now=now)
        runs.mark_ended(session, run.run_id, verdict=verdict, reason=reason, at=now)
        return Announced(runs.by_id(session, run.run_id), tuple(lack.named for lack in lacks))


@dataclass(frozen=True)
class _Lack:
    name: str
    what: str
    why: str

    @property
    def named(self) -> str:
        return f"{self.name} {self.what}"


def _lack(chat: Chat, attempt: Attempt | None) -> _Lack | None:
    name = f"{chat.chat_id} ({label(chat.parameters)})"
    if chat.status is not ChatStatus.COMPLETED:
        return _Lack(name, str(chat.status), chat.reason or "no reason was recorded.")
    if attempt and attempt.report_json and not attempt.pdf_sha256:
        return _Lack(name, _NO_PDF, attempt.render_failure or "its report was not drawn.")
    return None
