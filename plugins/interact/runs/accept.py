"""Accept a trigger: the intent and its chats are stored before Airflow hears of it, so that a promise is never lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from interact.chats.record import EVERYONE, Chat, Run
from interact.errors import KeyReused, NotFound, NotStartable, TooManyWaiting
from interact.jobs.combinations import Combination, combine
from interact.jobs.naming import new_id
from interact.jobs.stored import Snapshot
from interact.runs.desk import Desk
from interact.runs.stand_in import require_missed
from interact.runs.values import ReadColumn, known_values
from interact.store import chats, jobs, requests, runs
from interact.store.requests import Once
from interact.store.sessions import Session
from interact.templates import render_prompt

Require = Callable[[Session, int], None]
"""Raises the reason why a run may not be accepted; it is told how many runs of the same job wait."""


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
    stands_in_for: datetime | None = None
    """An expected time that did not run: relative dates count from it, and what is not given is the schedule's."""
    audience: str = EVERYONE
    """Who is told of its end, as `Run.audience` has it."""


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
    by_itself = ask.stands_in_for is not None
    combinations = combine(snapshot.job.definition.parameters, ask.given, known=known, by_itself=by_itself)
    intent = runs.Acceptance(
        run_id=run_id,
        dag_run_id=run_id,
        initiator=ask.initiator,
        snapshot=snapshot,
        combinations=combinations,
        prompts=prompts(snapshot, combinations),
        run_after=ask.stands_in_for or now,
        rerun_of=ask.rerun_of,
        stands_in_for=ask.stands_in_for,
        audience=ask.audience,
    )
    key = snapshot.job.definition.key

    def require(session: Session, waiting: int) -> None:
        if jobs.is_deleted(session, ask.job_id):  # Meanwhile: whoever deletes it waits from here on.
            raise NotFound("job", ask.job_id)
        if waiting >= desk.settings.max_waiting_runs:
            raise TooManyWaiting(key, waiting)
        if ask.stands_in_for:
            require_missed(session, snapshot, ask.stands_in_for)

    return keep(desk, intent, require, once=ask.once)


def keep(desk: Desk, intent: runs.Acceptance, require: Require, *, once: Once | None = None) -> Accepted:
    """Store an intent unless `require` raises, and return it, or what an earlier request of its Idempotency-Key led to.

    Whoever asks for a run of the same job waits meanwhile: no two of them pass each other. Raises KeyReused.
    """
    now, snapshot = desk.now(), intent.snapshot
    with desk.store.writing() as session:
        waiting = runs.unstarted(session, snapshot.job.job_id)
        before = _earlier(session, once, now=now)
        if before:
            return before
        require(session, waiting)
        run, chats_of_run = runs.accept(session, intent, now=now)
        if once:
            requests.keep(session, once, run.run_id, now=now)
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
