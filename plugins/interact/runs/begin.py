"""Begin a run: take over the chats of an accepted trigger, or open one a combination for a run that Airflow made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from interact.chats.record import EVERYONE, NOBODY, AssetLoad, Chat, Run
from interact.chats.status import RunVerdict
from interact.errors import InteractError, NotFound, NothingAsked, NotStartable, ParameterRefused, TooManyWaiting
from interact.jobs.combinations import combine, label
from interact.jobs.naming import QUESTIONS_DAG, new_id
from interact.jobs.stored import Snapshot
from interact.runs import reasons
from interact.runs.accept import prompts, require_active
from interact.runs.admit import Admitted, DagRun, Passed, admit
from interact.runs.airflow import Airflow
from interact.runs.desk import Desk
from interact.runs.times import skip_overlapped
from interact.runs.values import ReadColumn, known_values
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store import chats, expected, jobs, runs

__all__ = ["Begun", "DagRun", "Passed", "begin"]


@dataclass(frozen=True)
class Begun:
    """A run that is under way: its id, and each chat's id with the label of its values, in order."""

    run_id: str
    chats: tuple[tuple[str, str], ...]


def begin(desk: Desk, dag_run: DagRun, airflow: Airflow, read_column: ReadColumn | None = None) -> Begun | Passed:
    """Return the chats to answer, with everything they need fixed in the store; Passed when the gate keeps it out.

    A run that cannot begin is stored as failed with the reason before that reason is raised: NotFound, NotStartable,
    ParameterRefused, TooManyCombinations, DefinitionRefused; a retry helps none of them. What a retry helps is raised
    and leaves nothing: StoreUnavailable, WarehouseUnavailable. A run of `interact_ask` that nobody's question was
    accepted for leaves nothing either, and raises NothingAsked.
    """
    with desk.store.reading() as session:
        run = runs.find(session, dag_id=dag_run.dag_id, dag_run_id=dag_run.dag_run_id)
        opened = chats.of_run(session, run.run_id) if run else ()
        if run and opened:
            snapshot: Snapshot | None = runs.snapshot_of(session, run.run_id)
        else:
            snapshot = jobs.snapshot(session, dag_run.job_id)
        is_deleted = jobs.is_deleted(session, dag_run.job_id)
    if snapshot is None:
        if dag_run.is_gated and is_deleted:
            return Passed(reasons.DELETED, None)
        raise NothingAsked if dag_run.dag_id == QUESTIONS_DAG else NotFound("job", dag_run.job_id)
    if run and opened:
        return _go_on(desk, dag_run, run, _loads(snapshot, airflow))
    admitted = admit(desk, dag_run, snapshot, airflow) if dag_run.is_gated and run is None else Admitted(desk.now())
    if isinstance(admitted, Passed):
        # This very run may have begun meanwhile: Airflow can execute a task twice at once when a scheduler dies.
        return begin(desk, dag_run, airflow, read_column) if _has_begun(desk, dag_run) else admitted
    if admitted.loads is None:
        admitted = Admitted(admitted.now, admitted.due_at, _loads(snapshot, airflow))
    begun = _open(desk, dag_run, snapshot, admitted, read_column)
    # Somebody decided the time in between: an earlier try of this very task, or the watch. The row says which.
    return begun or begin(desk, dag_run, airflow, read_column)


def _has_begun(desk: Desk, dag_run: DagRun) -> bool:
    with desk.store.reading() as session:
        run = runs.find(session, dag_id=dag_run.dag_id, dag_run_id=dag_run.dag_run_id)
        return run is not None and bool(chats.of_run(session, run.run_id))


def _go_on(desk: Desk, dag_run: DagRun, read: Run, loads: tuple[AssetLoad, ...]) -> Begun | Passed:
    with desk.store.writing() as session:
        run = runs.held(session, read.run_id)
        if dag_run.clear_number == run.clear_number and (over := _over(run)):
            return Passed(over, None)
        opened = chats.of_run(session, run.run_id)
        if dag_run.clear_number != run.clear_number and run.ended_at is None:
            skip_overlapped(session, run, until=desk.now(), now=desk.now())  # Cleared while it was in progress.
        runs.mark_started(session, run.run_id, at=desk.now(), clear_number=dag_run.clear_number)
        if loads:
            runs.set_data(session, run.run_id, loads)
    return _begun(run, opened)


def _over(run: Run) -> str | None:
    """Return why a run that nobody has cleared does not begin: it was cancelled, or given up before it had begun."""
    if run.verdict is RunVerdict.CANCELLED:
        return reasons.CANCELLED
    return run.reason if run.ended_at and run.started_at is None else None


def _loads(snapshot: Snapshot, airflow: Airflow) -> tuple[AssetLoad, ...]:
    """Return when the job's data was last loaded, as Airflow knows now: what started a run may be older."""
    triggers = snapshot.job.definition.triggers
    return tuple(airflow.last_load(asset) for asset in triggers.assets) if triggers else ()


def _open(
    desk: Desk, dag_run: DagRun, snapshot: Snapshot, admitted: Admitted, read_column: ReadColumn | None
) -> Begun | None:
    """Store the run, its chats and the row of its time together; None when that time has a row already."""
    refusal: InteractError | None = None
    run_after = admitted.due_at or dag_run.run_after
    intent = runs.Acceptance(
        run_id=new_id("run"),
        dag_run_id=dag_run.dag_run_id,
        initiator=_initiator(dag_run, admitted.loads or ()),
        snapshot=snapshot,
        combinations=(),
        prompts=(),
        run_after=run_after,
        due_at=admitted.due_at,
        data=admitted.loads or (),
        audience=_audience(dag_run),
    )
    try:
        require_active(snapshot)
        _require_an_audience(dag_run)
        _require_a_date(run_after)
        combinations = combine(
            snapshot.job.definition.parameters,
            dag_run.conf,
            known=known_values(desk, snapshot, read_column),
            by_itself=dag_run.starts_by_itself,
        )
        intent = intent.with_chats(combinations, prompts(snapshot, combinations))
    except InteractError as error:
        if error.retry_helps:
            raise
        refusal = error
    with desk.store.writing() as session:
        if admitted.due_at and not expected.record(session, _ran(intent, admitted.due_at, admitted.now)):
            return None
        waiting = runs.waiting_at(session, snapshot.job.job_id, dag_run.run_after) if dag_run.queues else 0
        if waiting >= desk.settings.max_waiting_runs and refusal is None:
            refusal = TooManyWaiting(snapshot.job.definition.key, waiting)
            intent = intent.with_chats((), ())
        run, opened = runs.accept(session, intent, now=_came_at(run_after, now=admitted.now))
        runs.mark_started(session, run.run_id, at=admitted.now, clear_number=dag_run.clear_number)
        if refusal:
            runs.mark_ended(session, run.run_id, verdict=RunVerdict.FAILED, reason=str(refusal), at=desk.now())
    if refusal:
        raise refusal
    return _begun(run, opened)


def _initiator(dag_run: DagRun, loads: tuple[AssetLoad, ...]) -> str:
    """Return who started the run; for data the newest load, since Airflow names none where assets are referred to."""
    if dag_run.run_type != "asset_triggered":
        return dag_run.initiator
    known = {load.loaded_at: load.asset for load in loads if load.loaded_at}
    return f"asset:{known[max(known)]}" if known else dag_run.initiator


def _ran(intent: runs.Acceptance, due_at: datetime, now: datetime) -> ExpectedTime:
    return ExpectedTime(
        job_id=intent.snapshot.job.job_id,
        due_at=due_at,
        outcome=TimeOutcome.RAN,
        reason=None,
        run_id=intent.run_id,
        dag_run_id=intent.dag_run_id,
        started_at=now,
        decided_at=now,
    )


def _came_at(run_after: datetime, *, now: datetime) -> datetime:
    """Return when Airflow's run came: its date, which a task knows, unless somebody set it to another day."""
    return run_after if now - timedelta(days=1) <= run_after <= now else now


def _require_a_date(run_after: datetime) -> None:
    if not 2000 <= run_after.year <= 2100:
        raise NotStartable(
            f"The run's date is {run_after.date()}; relative dates are counted from it, so it has to lie between 2000 "
            "and 2100. Trigger the DAG again with another `run_after`, or with none."
        )


def _audience(dag_run: DagRun) -> str:
    """Return who is told of a run that Airflow made: everyone, unless its conf says otherwise.

    A backfill fills in the past: unasked it sends nobody the briefings of a year.
    """
    by_default = NOBODY if dag_run.run_type == "backfill" else EVERYONE
    return by_default if dag_run.send_to is None else EVERYONE if dag_run.send_to == EVERYONE else NOBODY


def _require_an_audience(dag_run: DagRun) -> None:
    if dag_run.send_to not in (None, NOBODY, EVERYONE):
        raise ParameterRefused("_send_to", f"does not take {dag_run.send_to!r:.80}", allowed=(NOBODY, EVERYONE))


def _begun(run: Run, opened: tuple[Chat, ...]) -> Begun:
    return Begun(run.run_id, tuple((chat.chat_id, label(chat.parameters)) for chat in opened))
