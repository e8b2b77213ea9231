"""Our runs and Airflow's, kept in step: handed over once accepted, closed when Airflow ended them by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from urllib.parse import quote

from interact.api import airflow_runs
from interact.chats.record import Chat, Run
from interact.chats.status import RunVerdict
from interact.connections.warehouse import read_column
from interact.errors import (
    AirflowUnavailable,
    InteractError,
    NotFound,
    NotStartable,
    RunEnded,
    StillAnswering,
    TooManyWaiting,
)
from interact.jobs.naming import QUESTIONS_DAG
from interact.jobs.rights import Caller, Person
from interact.jobs.stored import StoredJob
from interact.runs.accept import Accepted, Ask, accept, accepted_before, values_asked_for
from interact.runs.cancel import cancel, cancel_all
from interact.runs.desk import Desk
from interact.runs.editing import Plain
from interact.runs.question import Inquiry, accept_again, accept_preview, accept_question
from interact.runs.settle import may_have_ended, settle
from interact.store import chats, jobs, runs
from interact.store.requests import Once
from interact.store.sessions import Session

log = logging.getLogger(__name__)
Accepting = Callable[[], Accepted]
_UNTAKEN = timedelta(minutes=1)
"""An accepted run that Airflow has not taken by then was left behind."""


def start(desk: Desk, job: StoredJob, wanted: Ask) -> tuple[Accepted, str | None]:
    """Accept a run and tell Airflow of it; returns it with its address, None while Airflow could not take it.

    Raises what `accept` does, and NotStartable for a job whose DAG Airflow would not run.
    """
    airflow_runs.require_startable(job.dag_id, job.definition.key)
    taken = _accept_settled(
        desk,
        lambda: accept(desk, wanted, read_column),
        left=lambda session: runs.not_ended(session, job_id=wanted.job_id),
    )
    return taken, _handed(desk, taken)


def start_question(desk: Desk, person: Person, agent_id: str, prompt: str, *, thread_id: str | None = None) -> Accepted:
    """Accept a question to an agent and tell Airflow of it; `thread_id` is a chat of theirs that it follows.

    Raises DefinitionRefused for a text that is none, NotFound, and NotStartable while nobody answers.
    """
    inquiry = Inquiry(agent_id, prompt, thread_id)
    return _start_asking(desk, person, lambda: accept_question(desk, person, inquiry))[0]


def start_preview(desk: Desk, person: Person, plain: Plain) -> Accepted:
    """Accept one run of a job that is not saved, and tell Airflow of it; `plain` is its definition as in a file.

    Raises what making that job does, ParameterRefused where a value lacks, NotStartable while nobody answers.
    """
    return _start_asking(desk, person, lambda: accept_preview(desk, person, plain, read_column))[0]


def ask_again(desk: Desk, caller: Caller, run: Run, *, once: Once | None) -> tuple[Accepted, str | None]:
    """Ask again what a run of `interact_ask` asked; returns the new run with its address, raises what asking does."""
    if not isinstance(caller, Person):
        raise NotFound("run", run.run_id)  # No key sees what people ask.
    return _start_asking(desk, caller, lambda: accept_again(desk, caller, run, read_column, once=once))


def started_before(desk: Desk, once: Once | None) -> tuple[Accepted, str | None] | None:
    """Return what an earlier request of the same Idempotency-Key started, whatever has become of its job since."""
    before = accepted_before(desk, once)
    return (before, url_of_run(desk, before.run)) if before else None


def hand_over(desk: Desk, run: Run, opened: Sequence[Chat]) -> bool:
    """Tell Airflow of an accepted run; False when it could not take it now: the intent stays stored."""
    conf = values_asked_for(opened)
    try:
        airflow_runs.start(run.dag_id, run.dag_run_id, conf=conf, initiator=run.initiator, run_after=run.run_after)
    except NotStartable:
        log.exception("Run %s is accepted but Airflow could not take it yet", run.run_id)
        return False
    with desk.store.writing() as session:
        runs.mark_queued(session, run.run_id, at=desk.now())
    return True


def end(desk: Desk, run: Run, *, by: str) -> Run:
    """Cancel a run, here first and then in Airflow, and return it; twice is harmless. Raises RunEnded."""
    cancelled = cancel(desk, settled(desk, run).run_id, by=by)
    with desk.store.reading() as session:
        now = runs.by_id(session, run.run_id)
    if not cancelled and now.verdict is not RunVerdict.CANCELLED:
        raise RunEnded(run.run_id, now.verdict)
    if cancelled:
        log.info("Run %s is cancelled by %s", run.run_id, by)
    airflow_runs.cancel(run.dag_id, run.dag_run_id)
    return now


def end_all(desk: Desk, job_id: str, *, by: str) -> None:
    """Cancel the open runs of a job that was deleted, here and in Airflow, which would look at them no more."""
    for run in cancel_all(desk, job_id, by=by):
        try:
            airflow_runs.cancel(run.dag_id, run.dag_run_id)
        except AirflowUnavailable as error:
            log.error("Run %s is cancelled here and may go on in Airflow: %s", run.run_id, error)


def url_of_run(desk: Desk, run: Run) -> str | None:
    """Return where people see a run in Airflow; None while Airflow has not taken it."""
    return _page_of(desk, run) if run.queued_at or run.started_at else None


def _page_of(desk: Desk, run: Run) -> str:
    return f"{desk.settings.base_url}/dags/{run.dag_id}/runs/{quote(run.dag_run_id)}"


def settled(desk: Desk, run: Run) -> Run:
    """Return a run as it stands: closed first when Airflow ended it without our last task, or handed over again.

    What Airflow could not take when it was accepted it may take now, whoever looks; the watch tries too.
    """
    if run.verdict is RunVerdict.QUEUED and run.queued_at is None and desk.now() - run.accepted_at > _UNTAKEN:
        return _handed_over(desk, run)
    if not may_have_ended(run):
        return run
    return settle(desk, run, airflow_runs.run_of(run.dag_id, run.dag_run_id))


def _handed_over(desk: Desk, run: Run) -> Run:
    with desk.store.reading() as session:
        opened, is_deleted = chats.of_run(session, run.run_id), jobs.is_deleted(session, run.job_id)
    if is_deleted or not hand_over(desk, run, opened):
        return run
    with desk.store.reading() as session:
        return runs.by_id(session, run.run_id)


def _start_asking(desk: Desk, person: Person, accepting: Accepting) -> tuple[Accepted, str | None]:
    airflow_runs.require_askable()
    taken = _accept_settled(desk, accepting, left=lambda session: _asked_by(session, person))
    return taken, _handed(desk, taken)


def _asked_by(session: Session, person: Person) -> list[Run]:
    """Return somebody's questions whose end is not recorded."""
    return [run for run in runs.not_ended(session) if run.dag_id == QUESTIONS_DAG and run.initiator == person.initiator]


def _handed(desk: Desk, taken: Accepted) -> str | None:
    """Tell Airflow of a run that was accepted, and return its address; None while Airflow has not taken it."""
    if taken.again:
        return url_of_run(desk, taken.run)
    return _page_of(desk, taken.run) if hand_over(desk, taken.run, taken.chats) else None


def _accept_settled(desk: Desk, accepting: Accepting, *, left: Callable[[Session], list[Run]]) -> Accepted:
    """Accept a run; when those that are `left` open stand in its way, Airflow is first asked which of them ended."""
    try:
        return accepting()
    except (TooManyWaiting, StillAnswering):
        with desk.store.reading() as session:
            still_open = left(session)
        for run in still_open:
            settled(desk, run)
        return accepting()


def begin_serving(desk: Desk) -> None:
    """Make what our runs need in Airflow, start what was accepted last, and close what Airflow ended meanwhile."""
    airflow_runs.ensure_pool(desk.settings.pool)
    try:
        with desk.store.reading() as session:
            waiting = [run for run in runs.not_handed_over(session) if not jobs.is_deleted(session, run.job_id)]
            left = [(run, chats.of_run(session, run.run_id)) for run in waiting]
            still_open = runs.not_ended(session)
        for run, opened in left:
            hand_over(desk, run, opened)
        for run in still_open:
            settled(desk, run)
    except InteractError as error:
        log.error("Accepted runs could not be looked through: %s", error)
