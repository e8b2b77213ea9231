"""The end of an outage: what was away answers again, and the latest time of each job that it hit runs once more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from interact.agents.unanswered import ModelRefused, ModelUnavailable
from interact.chats.record import Run
from interact.errors import InteractError, NotStartable, WarehouseUnavailable
from interact.jobs.combinations import combine
from interact.jobs.naming import new_id
from interact.jobs.stored import Snapshot, StoredAgent
from interact.reports.freshness import moment
from interact.runs import reasons
from interact.runs.accept import keep, prompts, require_active
from interact.runs.airflow import Airflow
from interact.runs.desk import Desk
from interact.runs.gate import Facts, lateness_of, waited_behind
from interact.runs.incidents import end
from interact.runs.outage_words import Fate, called
from interact.runs.times import latest_due
from interact.runs.values import ReadColumn, known_values
from interact.store import agents, channels, incidents, jobs, periods, runs
from interact.store.incidents import Incident
from interact.store.periods import Period
from interact.store.sessions import Session

Probe = Callable[[StoredAgent], None]
"""Raises WarehouseUnavailable while an agent's warehouse does not answer."""

ProbeModel = Callable[[str], None]
"""Raises ModelUnavailable or ModelRefused while the model, or the service, of a connection is away."""


def recover(
    desk: Desk, incident: Incident, airflow: Airflow, *, probe: Probe, probe_model: ProbeModel, read_column: ReadColumn
) -> tuple[Run, ...] | None:
    """End an outage that is over, and return the runs that are to be handed to Airflow; None while it goes on.

    Twice, or two at once, starts no run twice and says it once. A server of a channel is known to be back when it takes
    something (`incidents.after_sending`); here it ends when no channel sends by it any more. Raises StoreUnavailable.
    """
    kind, _, connection = incident.subject.partition(":")
    with desk.store.reading() as session:
        if kind == "channel":
            by = channels.all_of(session, incident.organisation_id)
            is_wanted = any(each.definition.connection == connection for each in by)
            asked: list[StoredAgent] = []
        else:
            asked = _asking(session, incident, kind, connection)
            is_wanted = bool(asked)
        hit = _latest(incidents.runs_of(session, incident.incident_id))
    try:
        if is_wanted and kind == "channel":
            return None
        if is_wanted and kind == "model":
            probe_model(connection)
        elif not all(_answers(desk, incident, agent, probe) for agent in asked):
            return None
        found = [_fate(desk, run, airflow, read_column, is_first=is_first) for run, is_first in hit]
    except (ModelRefused, ModelUnavailable, WarehouseUnavailable):
        return None
    fates = [fate for fate in found if fate]
    with desk.store.writing() as session:
        end(session, incident, fates, is_wanted=is_wanted, now=desk.now())
    return tuple(fate.again for fate in fates if fate.again and fate.again.queued_at is None)


def _asking(session: Session, incident: Incident, kind: str, connection: str) -> list[StoredAgent]:
    """Return the agents that failed by what was away and still ask it; where none is known to have, all that ask it."""
    ours = [each for each in agents.all_of(session, incident.organisation_id) if _asks(each, kind, connection)]
    failed = incidents.agents_of(session, incident.incident_id)
    return [agent for agent in ours if agent.agent_id in failed] if failed else ours


def _asks(agent: StoredAgent, kind: str, connection: str) -> bool:
    definition = agent.definition
    if kind == "model":
        return connection in (definition.connection, *definition.fallbacks)
    return definition.warehouse == connection


def _answers(desk: Desk, incident: Incident, agent: StoredAgent, probe: Probe) -> bool:
    """Return whether an agent's warehouse is back: it has answered since, or answers now."""
    with desk.store.reading() as session:
        if incidents.was_used(session, agent.agent_id, since=incident.seen_at):
            return True
    try:
        probe(agent)
    except WarehouseUnavailable:
        return False
    return True


def _latest(hit: list[Run]) -> list[tuple[Run, bool]]:
    """Return one run of each job that was hit, that of its latest time, and False where an outage's end began it."""
    ids, latest = {run.run_id for run in hit}, dict[str, Run]()
    for run in hit:
        before = latest.get(run.job_id)
        if before is None or _place(run) > _place(before):
            latest[run.job_id] = run
    return [(run, run.rerun_of not in ids) for run in latest.values()]


def _place(run: Run) -> tuple[bool, datetime, datetime]:
    return run.due_at is not None, run.due_at or run.accepted_at, run.accepted_at


def _fate(desk: Desk, run: Run, airflow: Airflow, read_column: ReadColumn, *, is_first: bool) -> Fate | None:
    """Run a job's latest time again unless something speaks against it; None for a job that is deleted."""
    with desk.store.reading() as session:
        snapshot = jobs.snapshot(session, run.job_id)
        again = incidents.rerun_by_itself(session, run)
    if snapshot is None:
        return None
    name, why = called(snapshot.job.definition), ""
    if again is None:
        try:
            if not is_first:
                raise NotStartable("It ran again once already, and failed again.")
            if airflow.is_paused(snapshot.job.dag_id):
                raise NotStartable(reasons.paused(snapshot.job.dag_id))
            again = _run_again(desk, run, snapshot, read_column)
        except InteractError as error:
            if error.retry_helps:
                raise
            # What else is wrong with a private job may quote its parameters or its query: that is its owner's alone.
            is_told = isinstance(error, NotStartable) or not snapshot.job.definition.is_private
            why = str(error) if is_told else f"{error.title}: its owner sees why on its page."
    return Fate(name, again, why)


def _run_again(desk: Desk, run: Run, snapshot: Snapshot, read_column: ReadColumn) -> Run:
    """Accept a run for a time that an outage cost; raises NotStartable with what speaks against it."""
    due_at = run.due_at
    if due_at is None:
        raise NotStartable("The run that failed was none of its schedule.")

    def require(session: Session, waiting: int) -> None:
        why = _against(session, run, due_at, snapshot, desk.now())
        if why:
            raise NotStartable(why)
        if waiting >= desk.settings.max_waiting_runs:
            raise NotStartable(f"{waiting} runs of it wait already.")

    with desk.store.reading() as session:
        require(session, 0)
    require_active(snapshot)
    parameters = snapshot.job.definition.parameters
    combinations = combine(parameters, {}, known=known_values(desk, snapshot, read_column), by_itself=True)
    run_id = new_id("run")
    intent = runs.Acceptance(
        run_id=run_id,
        dag_run_id=run_id,
        initiator="schedule",
        snapshot=snapshot,
        combinations=combinations,
        prompts=prompts(snapshot, combinations),
        run_after=run.run_after,
        due_at=due_at,
        data=run.data,
        rerun_of=run.run_id,
    )
    return keep(desk, intent, require).run


def _against(session: Session, run: Run, due_at: datetime, snapshot: Snapshot, now: datetime) -> str | None:
    """Return why a time whose run failed by an outage is not run again, as a sentence."""
    period = periods.holding_at(session, run.job_id, due_at)
    if jobs.is_deleted(session, run.job_id):
        return reasons.DELETED
    if period is None or period.held_until is not None:
        return "Its schedule was changed or switched off since."
    if incidents.rerun_by_itself(session, run) or incidents.is_superseded(session, run):
        return "A newer run of it is under way or has completed."
    if latest_due(session, run.job_id, after=due_at, until=now):
        return "A later time of its schedule has come since."
    since = _ready_at(run, due_at, period)
    behind = waited_behind(runs.under_way(session, run.job_id, since=since, until=now), since=since, until=now)
    limit = lateness_of(Facts(due_at=due_at, plan=period.plan, now=now))
    if now - since - behind <= limit:
        return None
    return f"Its time, {moment(due_at, snapshot.timezone)}, is over its lateness limit of {reasons.length(limit)}."


def _ready_at(run: Run, due_at: datetime, period: Period) -> datetime:
    """Return the instant from which lateness counts: that of the time, or when its data was there."""
    if period.plan.wait is None or run.started_at is None:
        return due_at
    return max(due_at, min(run.started_at, due_at + period.plan.wait.cutoff))
