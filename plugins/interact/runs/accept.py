"""Accept a trigger: the intent and its chats are stored before Airflow hears of it, so that a promise is never lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from interact.chats.record import Chat, Run
from interact.errors import NotFound, NotStartable, TooManyWaiting
from interact.jobs.combinations import Combination, combine
from interact.jobs.naming import new_id
from interact.jobs.stored import Snapshot
from interact.runs.desk import Desk
from interact.store import jobs, runs
from interact.templates import render_prompt


@dataclass(frozen=True)
class Accepted:
    """A run that will come."""

    run: Run
    chats: tuple[Chat, ...]
    snapshot: Snapshot


@dataclass(frozen=True)
class Ask:
    """Who wants which job with which values; `given` maps a parameter to one value or a list."""

    job_id: str
    given: Mapping[str, object]
    initiator: str


def accept(desk: Desk, ask: Ask) -> Accepted:
    """Store the intent and its chats, and return them; Airflow has not been told yet.

    Raises NotFound, NotStartable, TooManyWaiting, ParameterRefused, TooManyCombinations.
    """
    run_id, now = new_id("run"), desk.now()
    with desk.store.reading() as session:
        snapshot = jobs.snapshot(session, ask.job_id)
    if snapshot is None:
        raise NotFound("job", ask.job_id)
    require_active(snapshot)
    combinations = combine(snapshot.job.definition.parameters, ask.given)
    intent = runs.Acceptance(
        run_id=run_id,
        dag_run_id=run_id,
        initiator=ask.initiator,
        snapshot=snapshot,
        combinations=combinations,
        prompts=prompts(snapshot, combinations),
        run_after=now,
    )
    with desk.store.writing() as session:
        waiting = runs.unstarted(session, ask.job_id)
        if waiting >= desk.settings.max_waiting_runs:
            raise TooManyWaiting(snapshot.job.definition.key, waiting)
        run, chats = runs.accept(session, intent, now=now)
    return Accepted(run, chats, snapshot)


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
