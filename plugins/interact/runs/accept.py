"""Accept a trigger: the intent and its chats are stored before Airflow hears of it, so that a promise is never lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from interact.chats.record import Chat, Run
from interact.errors import KeyReused, NotFound, NotStartable, TooManyWaiting
from interact.jobs.combinations import Combination, combine
from interact.jobs.naming import new_id
from interact.jobs.stored import Snapshot
from interact.runs.desk import Desk
from interact.runs.values import ReadColumn, known_values
from interact.store import chats, jobs, requests, runs
from interact.store.requests import Once
from interact.store.sessions import Session
from interact.templates import render_prompt


@dataclass(frozen=True)
class Accepted:
    """A run that will come; `again` is True for one that an earlier request of the same Idempotency-Key started."""

    run: Run
    chats: tuple[Chat, ...]
    snapshot: Snapshot
    again: bool = False


@dataclass(frozen=True)
class Ask:
    """Who wants which job with which values; `given` maps a parameter to one value or a list."""

    job_id: str
    given: Mapping[str, object]
    initiator: str
    rerun_of: str | None = None
    """The id of the run that this one repeats."""
    once: Once | None = None


def accept(desk: Desk, ask: Ask, read_column: ReadColumn | None = None) -> Accepted:
    """Store the intent and its chats, and return them; Airflow has not been told yet.

    Raises NotFound, NotStartable, TooManyWaiting, ParameterRefused, TooManyCombinations, KeyReused,
    WarehouseUnavailable.
    """
    run_id, now = new_id("run"), desk.now()
    with desk.store.reading() as session:
        snapshot = jobs.snapshot(session, ask.job_id)
    if snapshot is None:
        raise NotFound("job", ask.job_id)
    require_active(snapshot)
    known = known_values(desk, snapshot, read_column)
    combinations = combine(snapshot.job.definition.parameters, ask.given, known=known)
    intent = runs.Acceptance(
        run_id=run_id,
        dag_run_id=run_id,
        initiator=ask.initiator,
        snapshot=snapshot,
        combinations=combinations,
        prompts=prompts(snapshot, combinations),
        run_after=now,
        rerun_of=ask.rerun_of,
    )
    with desk.store.writing() as session:
        # From here on whoever triggers the same job waits: two requests of one Idempotency-Key cannot pass each other.
        waiting = runs.unstarted(session, ask.job_id)
        before = _earlier(session, ask.once, now=now)
        if before:
            return before
        if jobs.is_deleted(session, ask.job_id):  # Meanwhile: whoever deletes it waits from here on.
            raise NotFound("job", ask.job_id)
        if waiting >= desk.settings.max_waiting_runs:
            raise TooManyWaiting(snapshot.job.definition.key, waiting)
        run, chats_of_run = runs.accept(session, intent, now=now)
        if ask.once:
            requests.keep(session, ask.once, run_id, now=now)
    return Accepted(run, chats_of_run, snapshot)


def accepted_before(desk: Desk, once: Once | None) -> Accepted | None:
    """Return what an earlier request of the same Idempotency-Key led to; raises KeyReused when it asked another."""
    if once is None:
        return None
    with desk.store.reading() as session:
        return _earlier(session, once, now=desk.now())


def _earlier(session: Session, once: Once | None, *, now: datetime) -> Accepted | None:
    found = requests.earlier(session, once, now=now) if once else None
    if found is None or once is None:
        return None
    if found.sha256 != once.sha256:
        raise KeyReused(once.key)
    run_id = found.run_id
    return Accepted(
        runs.by_id(session, run_id), chats.of_run(session, run_id), runs.snapshot_of(session, run_id), again=True
    )


def require_active(snapshot: Snapshot) -> None:
    """Raise NotStartable when the job's agent is switched off."""
    if not snapshot.agent.definition.active:
        raise NotStartable(
            f"Job {snapshot.job.definition.key!r} cannot start: its agent {snapshot.agent.definition.key!r} is not "
            "active. Set `active: true` on the agent, or give the job another one."
        )


def prompts(snapshot: Snapshot, combinations: tuple[Combination, ...]) -> tuple[str, ...]:
    """Return the prompt of each combination, filled in; raises DefinitionRefused."""
    return tuple(render_prompt(snapshot.job.definition.prompt, combination) for combination in combinations)


def values_asked_for(opened: Iterable[Chat]) -> dict[str, list[str]]:
    """Return each parameter's values over a run's chats: what Airflow shows as the run's `conf`."""
    conf: dict[str, list[str]] = {}
    for chat in opened:
        for name, value in chat.parameters.items():
            if value not in conf.setdefault(name, []):
                conf[name].append(value)
    return conf
