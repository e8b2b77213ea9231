"""End a run: compare its chats, judge it by them and by what was drawn, and tell of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from interact.chats.record import Chat, Run
from interact.chats.status import ChatStatus, RunVerdict, judge
from interact.errors import InteractError, NotFound, StoreUnavailable
from interact.jobs.combinations import label
from interact.runs.compare import compare
from interact.runs.deliver import deliver
from interact.runs.desk import Desk, OpenSender
from interact.runs.faults import places
from interact.runs.tell import tell, unheard
from interact.runs.times import skip_overlapped
from interact.runs.values import ReadColumn
from interact.store import chats, runs
from interact.store.sessions import Session

log = logging.getLogger(__name__)
_NO_PDF, _MISSING = "has no PDF", "is missing"
_FAULT = "Its making stopped at a fault of its own ({}); the log of the task announce says where."
DIED = "Its task ended without a word. Clear the task in Airflow, or run it again."


@dataclass(frozen=True)
class Announced:
    """A judged run; `lacking` names each chat that lacks something, and the roll-up, without quoting what they say."""

    run: Run
    lacking: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """True when every chat completed, and every report is there, the one that compares them too."""
        return self.run.verdict is RunVerdict.COMPLETED


def announce(desk: Desk, *, dag_id: str, dag_run_id: str, without_rollup: str | None = None) -> Announced:
    """Store the verdict of a run, with a reason that names each chat that lacks something and why, and return it.

    A run whose chats all completed is partial when the report that compares them was promised and is missing. A run
    that was cancelled stays so. `without_rollup` says why no roll-up is to be made any more. Raises StoreUnavailable,
    also for a result that cannot be read: a retry may help, and the verdict waits for it.
    """
    with desk.store.writing() as session:
        run = runs.find(session, dag_id=dag_id, dag_run_id=dag_run_id)
        if run is None:
            raise NotFound("run", dag_run_id)
        runs.held(session, run.run_id)
        for chat in chats.of_run(session, run.run_id):
            if chat.status in (ChatStatus.QUEUED, ChatStatus.RUNNING):
                chats.fail(session, chat.chat_id, reason=DIED, now=desk.now())
    _compare(desk, run, without_rollup)
    with desk.store.writing() as session:
        run = runs.held(session, run.run_id)
        opened = chats.of_run(session, run.run_id)
        lacks = _lacks(session, run, opened)
        named = tuple(lack.named for lack in lacks)
        if not opened or run.verdict is RunVerdict.CANCELLED:
            return Announced(run, named)
        verdict = judge(
            [chat.status for chat in opened], missing_files=sum(lack.what in (_NO_PDF, _MISSING) for lack in lacks)
        )
        reason = " ".join(f"{lack.named}: {lack.why}" for lack in lacks) or None
        now = desk.now()
        skip_overlapped(session, run, until=now, now=now)
        runs.mark_ended(session, run.run_id, verdict=verdict, reason=reason, at=now)
        return Announced(runs.by_id(session, run.run_id), named)


def pass_on(
    desk: Desk, run_id: str, *, read_column: ReadColumn, open_sender: OpenSender, patience_seconds: float
) -> str | None:
    """Tell of a run that is judged, and return how many deliveries wait or failed when no server accepted any.

    What goes wrong here costs the run nothing: the watch goes on with it.
    """
    try:
        notice_ids = tell(desk, run_id, read_column)
        if not notice_ids:
            return None
        deliver(desk, open_sender, notice_ids=notice_ids, patience_seconds=patience_seconds)
        return unheard(desk, notice_ids)
    except Exception as error:  # noqa: BLE001  # the verdict is stored
        # What it says may hold an address, or text of a report.
        name = type(error).__name__
        log.error("Telling of run %s stopped, and the watch goes on: %s, raised at\n%s", run_id, name, places(error))
        return None


def _compare(desk: Desk, run: Run, without: str | None) -> None:
    """Make the roll-up; what goes wrong with it for good is kept with the run, and costs neither verdict nor chats."""
    if without:
        _lacks_rollup(desk, run, without)
        return
    try:
        compare(desk, run)
    except StoreUnavailable:
        raise
    except Exception as error:  # noqa: BLE001  # kept with the run
        told = str(error) if isinstance(error, InteractError) else _FAULT.format(type(error).__name__)
        log.error("The roll-up of run %s stopped: %s, raised at\n%s", run.run_id, type(error).__name__, places(error))
        _lacks_rollup(desk, run, told)


def _lacks_rollup(desk: Desk, run: Run, why: str) -> None:
    with desk.store.writing() as session:
        if len(chats.of_run(session, run.run_id)) > 1:
            runs.set_rollup(session, run.run_id, None, chats.Rendered(failure=why))


@dataclass(frozen=True)
class _Lack:
    name: str
    what: str
    why: str

    @property
    def named(self) -> str:
        return f"{self.name} {self.what}"


def _lacks(session: Session, run: Run, opened: tuple[Chat, ...]) -> list[_Lack]:
    attempts = chats.newest_outlines(session, run.run_id)
    lacks = [lack for chat in opened if (lack := _lack(chat, attempts.get(chat.chat_id)))]
    return [*lacks, _Lack("the roll-up", _MISSING, run.rollup_failure)] if run.rollup_failure else lacks


def _lack(chat: Chat, attempt: chats.Outline | None) -> _Lack | None:
    name = f"{chat.chat_id} ({label(chat.parameters)})"
    if chat.status is not ChatStatus.COMPLETED:
        return _Lack(name, str(chat.status), chat.reason or "no reason was recorded.")
    if attempt and attempt.has_report and not attempt.pdf_sha256:
        return _Lack(name, _NO_PDF, attempt.render_failure or "its report was not drawn.")
    return None
