"""Our runs and Airflow's, kept in step: handed over once accepted, closed when Airflow ended them by itself."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from urllib.parse import quote

from interact.api import airflow_runs
from interact.chats.record import Chat, Run
from interact.chats.status import RunVerdict
from interact.connections.warehouse import read_column
from interact.errors import InteractError, NotStartable, RunEnded, TooManyWaiting
from interact.jobs.stored import StoredJob
from interact.runs.accept import Accepted, Ask, accept, accepted_before, values_asked_for
from interact.runs.cancel import cancel
from interact.runs.desk import Desk
from interact.runs.settle import may_have_ended, settle
from interact.store import chats, runs

log = logging.getLogger(__name__)


def start(desk: Desk, job: StoredJob, wanted: Ask) -> tuple[Accepted, str | None]:
    """Accept a run and tell Airflow of it; returns it with its address, None while Airflow could not take it.

    A request that came before gets what it got then. Raises what `accept` does, and NotStartable for a job whose DAG
    Airflow would not run.
    """
    taken = accepted_before(desk, wanted.once)
    if taken is None:
        airflow_runs.require_startable(job.dag_id, job.definition.key)
        taken = _accept_settled(desk, wanted)
    is_there = taken.run.queued_at is not None if taken.again else hand_over(desk, taken.run, taken.chats)
    return taken, url_of_run(desk, taken.run) if is_there else None


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
    if now.verdict is not RunVerdict.CANCELLED:
        raise RunEnded(run.run_id, now.verdict)
    if cancelled:
        log.info("Run %s is cancelled by %s", run.run_id, by)
    airflow_runs.cancel(run.dag_id, run.dag_run_id)
    return now


def url_of_run(desk: Desk, run: Run) -> str:
    """Return where people see a run in Airflow."""
    return f"{desk.settings.base_url}/dags/{run.dag_id}/runs/{quote(run.dag_run_id)}"


def settled(desk: Desk, run: Run) -> Run:
    """Return a run as it stands, closed first when Airflow ended it without our last task."""
    if not may_have_ended(run):
        return run
    return settle(desk, run, airflow_runs.run_of(run.dag_id, run.dag_run_id))


def _accept_settled(desk: Desk, wanted: Ask) -> Accepted:
    """Accept a trigger; a full queue is first cleared of runs that Airflow has ended."""
    try:
        return accept(desk, wanted, read_column)
    except TooManyWaiting:
        with desk.store.reading() as session:
            left = runs.not_ended(session, job_id=wanted.job_id)
        for run in left:
            settled(desk, run)
        return accept(desk, wanted, read_column)


def begin_serving(desk: Desk) -> None:
    """Make what our runs need in Airflow, start what was accepted last, and close what Airflow ended meanwhile."""
    airflow_runs.ensure_pool(desk.settings.pool)
    try:
        with desk.store.reading() as session:
            left = [(run, chats.of_run(session, run.run_id)) for run in runs.not_handed_over(session)]
            still_open = runs.not_ended(session)
        for run, opened in left:
            hand_over(desk, run, opened)
        for run in still_open:
            settled(desk, run)
    except InteractError as error:
        log.error("Accepted runs could not be looked through: %s", error)
