"""Begin a run: take over the chats of an accepted trigger, or open one a combination for a run that Airflow made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from interact.chats.record import Chat, Run
from interact.chats.status import RunVerdict
from interact.errors import InteractError, NotFound, NotStartable, TooManyWaiting
from interact.jobs.combinations import combine, label
from interact.jobs.naming import new_id
from interact.jobs.stored import Snapshot
from interact.runs.accept import prompts, require_active
from interact.runs.desk import Desk
from interact.store import chats, jobs, runs


@dataclass(frozen=True)
class DagRun:
    """What Airflow says of a run, in our words."""

    job_id: str
    dag_id: str
    dag_run_id: str
    initiator: str
    conf: Mapping[str, object]
    run_after: datetime
    clear_number: int


@dataclass(frozen=True)
class Begun:
    """A run that is under way: its id, and each chat's id with the label of its values, in order."""

    run_id: str
    chats: tuple[tuple[str, str], ...]


def begin(desk: Desk, dag_run: DagRun) -> Begun:
    """Return the chats to answer, with everything they need fixed in the store.

    A run that cannot begin is stored as failed with the reason before that reason is raised: NotFound, NotStartable,
    ParameterRefused, TooManyCombinations, DefinitionRefused; a retry helps none of them.
    """
    with desk.store.writing() as session:
        run = runs.find(session, dag_id=dag_run.dag_id, dag_run_id=dag_run.dag_run_id)
        opened = chats.of_run(session, run.run_id) if run else ()
        if run and opened:
            runs.mark_started(session, run.run_id, at=desk.now(), clear_number=dag_run.clear_number)
            return _begun(run, opened)
        snapshot = jobs.snapshot(session, dag_run.job_id)
        if snapshot is None:
            raise NotFound("job", dag_run.job_id)
    return _open(desk, dag_run, snapshot)


def _open(desk: Desk, dag_run: DagRun, snapshot: Snapshot) -> Begun:
    refusal: InteractError | None = None
    intent = runs.Acceptance(
        run_id=new_id("run"),
        dag_run_id=dag_run.dag_run_id,
        initiator=dag_run.initiator,
        snapshot=snapshot,
        combinations=(),
        prompts=(),
        run_after=dag_run.run_after,
    )
    try:
        require_active(snapshot)
        _require_a_date(dag_run.run_after)
        combinations = combine(snapshot.job.definition.parameters, dag_run.conf)
        intent = intent.with_chats(combinations, prompts(snapshot, combinations))
    except InteractError as error:
        refusal = error
    with desk.store.writing() as session:
        waiting = runs.waiting_at(session, snapshot.job.job_id, dag_run.run_after)
        if waiting >= desk.settings.max_waiting_runs and refusal is None:
            refusal = TooManyWaiting(snapshot.job.definition.key, waiting)
            intent = intent.with_chats((), ())
        run, opened = runs.accept(session, intent, now=_came_at(dag_run.run_after, now=desk.now()))
        runs.mark_started(session, run.run_id, at=desk.now(), clear_number=dag_run.clear_number)
        if refusal:
            runs.mark_ended(session, run.run_id, verdict=RunVerdict.FAILED, reason=str(refusal), at=desk.now())
    if refusal:
        raise refusal
    return _begun(run, opened)


def _came_at(run_after: datetime, *, now: datetime) -> datetime:
    """Return when Airflow's run came: its date, which a task knows, unless somebody set it to another day."""
    return run_after if now - timedelta(days=1) <= run_after <= now else now


def _require_a_date(run_after: datetime) -> None:
    if not 2000 <= run_after.year <= 2100:
        raise NotStartable(
            f"The run's date is {run_after.date()}; relative dates are counted from it, so it has to lie between 2000 "
            "and 2100. Trigger the DAG again with another `run_after`, or with none."
        )


def _begun(run: Run, opened: tuple[Chat, ...]) -> Begun:
    return Begun(run.run_id, tuple((chat.chat_id, label(chat.parameters)) for chat in opened))
