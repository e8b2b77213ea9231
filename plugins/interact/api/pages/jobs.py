"""The Jobs tab of an agent: its jobs, when each runs and how it went last; the switch of a schedule; Airflow's tab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from interact.api import airflow_runs, job_edits
from interact.api.access import DeskDep
from interact.api.delivery_words import DeliveryWords, delivery_words
from interact.api.job_bodies import ShownJob
from interact.api.pages.forms import Fields, FieldsDep
from interact.api.pages.presses import token
from interact.api.pages.showing import base_of, go, is_part, show
from interact.api.pages.visitors import Visitor, VisitorDep, require_readable, seen_agent, seen_job, seen_organisation
from interact.api.routes.jobs import shown_jobs
from interact.api.schedule_bodies import data_in_words, schedule_of
from interact.chats.record import Run
from interact.errors import DefinitionRefused
from interact.jobs.naming import QUESTIONS_DAG
from interact.jobs.rights import Action, Person, owned
from interact.jobs.stored import Snapshot, StoredAgent, StoredJob
from interact.reports.freshness import moment
from interact.runs.desk import Desk
from interact.runs.settle import OPEN
from interact.schedules.preview import describe
from interact.store import agents, jobs, pauses, run_deliveries, shelf
from interact.store.run_deliveries import Standing
from interact.store.shelf import Missed

router = APIRouter()
LONGEST_SEARCH = 200
_OTHER_DAGS = {
    QUESTIONS_DAG: "This DAG answers the questions that people ask on an agent's page, and the previews of jobs that "
    "they write. Each answer stands with its agent.",
    airflow_runs.WATCH: "This DAG keeps watch over all jobs: it accounts for every time that should have run, and "
    "finishes what a crash left half done. It has no job of its own.",
}
_NOT_OURS = "This DAG is not one of Interact's jobs."
_DELETED = "The job of this DAG was deleted. What it answered stays with its agent, under Chats."


@dataclass(frozen=True)
class Last:
    """How a job went last: the word for it, when that was, and where it stands."""

    word: str
    at: datetime
    path: str
    delivery: DeliveryWords | None = None
    """What became of its notices; None for a time that no run was started for."""


@dataclass(frozen=True)
class Row:
    """A job as the list shows it."""

    shown: ShownJob
    words: str
    """Its schedule, also one that is switched off; "" without one."""
    data: str
    """The data that starts it; "" without any."""
    next_at: datetime | None
    last: Last | None
    may_switch: bool


@router.get("/agents/{agent_id}/jobs")
def job_list(
    request: Request, agent_id: str, desk: DeskDep, visitor: VisitorDep, q: str = "", cursor: str | None = None
) -> HTMLResponse:
    """Show the jobs of an agent that somebody sees, by name."""
    agent, person = seen_agent(desk, visitor, agent_id)
    search = q.strip()[:LONGEST_SEARCH]
    with desk.store.reading() as session:
        page = shelf.page(session, shelf.Wanted(agent_id, person.name, search, cursor))
        found = jobs.by_ids(session, page.job_ids)
    rows = _rows(desk, visitor, agent, [found[job_id] for job_id in page.job_ids if job_id in found])
    return show(
        request,
        "agent_jobs.html",
        section="agents",
        title=f"Jobs of {agent.definition.name}",
        agent=agent,
        person=person,
        page=page,
        rows=rows,
        search=search,
        token=token(),
    )


@router.post("/jobs/{job_id}/schedule")
def switch_schedule(request: Request, job_id: str, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep) -> Response:
    """Switch a job's schedule on or off, as a new version of it."""
    job, person = seen_job(desk, visitor, job_id, Action.EDIT)
    changes, version = _switched(job, fields), fields.version or job.version
    changed = job_edits.change(desk, person, job_id, changes, version=version)
    if not is_part(request):
        return go(request, f"/jobs/{job_id}")
    with desk.store.reading() as session:
        agent = agents.by_id(session, changed.agent_id)
    rows = _rows(desk, visitor, agent, [changed]) if agent else []
    return show(request, "parts/job_rows.html", rows=rows, token=fields.text("token"))


@router.post("/jobs/{job_id}/resume")
def resume(request: Request, job_id: str, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep) -> Response:
    """Let a job that was paused start by itself as it did before, as a new version of it."""
    job, person = seen_job(desk, visitor, job_id, Action.EDIT)
    with desk.store.reading() as session:
        pause = pauses.of(session, job)
    if pause is None:
        raise DefinitionRefused(
            f"Job {job.definition.key!r} is not paused any more: somebody has saved it since. Its settings say when it "
            "runs."
        )
    before = pause.before.model_dump(mode="json", include={"schedule", "triggers"}, exclude_defaults=True)
    job_edits.change(desk, person, job_id, before, version=fields.version or job.version)
    return go(request, f"/jobs/{job_id}")


@router.get("/dags/{dag_id}")
def dag_tab(request: Request, dag_id: str, desk: DeskDep, visitor: VisitorDep) -> Response:
    """Lead from a DAG in Airflow to its job; say of any other what it is."""
    require_readable(desk, visitor, dag_id, None)
    with desk.store.reading() as session:
        job_id = jobs.id_by_dag(session, dag_id)
        is_deleted = job_id is not None and jobs.is_deleted(session, job_id)
    if job_id and not is_deleted:
        return RedirectResponse(f"{base_of(request)}/jobs/{job_id}")
    sentence = _DELETED if is_deleted else _OTHER_DAGS.get(dag_id, _NOT_OURS)
    return show(request, "other_dag.html", section="agents", title=dag_id, sentence=sentence)


def _rows(desk: Desk, visitor: Visitor, agent: StoredAgent, chosen: Sequence[StoredJob]) -> list[Row]:
    """Return jobs of one agent as the list shows them; the number of queries is the same for all."""
    organisation = seen_organisation(visitor, agent.organisation_id)
    person = visitor.people[agent.organisation_id]
    ids = [job.job_id for job in chosen]
    with desk.store.reading() as session:
        newest, missed = shelf.newest_runs(session, ids), shelf.newest_missed(session, ids)
        standings = run_deliveries.of_runs(session, [run.run_id for run in newest.values()])
    shown = shown_jobs(desk, [Snapshot(job, agent, organisation) for job in chosen])
    return [
        _row(each, person, _delivered(each, _last(job_id, newest.get(job_id), missed.get(job_id)), newest, standings))
        for job_id, each in zip(ids, shown, strict=True)
    ]


def _row(shown: ShownJob, person: Person, last: Last | None) -> Row:
    job = shown.snapshot.job
    schedule, triggers = schedule_of(shown.snapshot), job.definition.triggers
    return Row(
        shown=shown,
        words=describe(schedule) if schedule else "",
        data=data_in_words(triggers, has_schedule=schedule is not None) if triggers else "",
        next_at=shown.next_due,
        last=last,
        may_switch=schedule is not None and job.kept_in is None and person.may(Action.EDIT, owned(job)),
    )


def _delivered(
    shown: ShownJob, last: Last | None, newest: Mapping[str, Run], standings: Mapping[str, Standing]
) -> Last | None:
    """Return how a job went last with what became of its notices, when that was a run."""
    run = newest.get(shown.snapshot.job.job_id)
    if last is None or run is None or not last.path.endswith(run.run_id):
        return last
    return replace(
        last, delivery=delivery_words(run, standings.get(run.run_id), shown.snapshot.timezone, now=shown.now)
    )


def _last(job_id: str, run: Run | None, missed: Missed | None) -> Last | None:
    """Return what became of the newer of the two; a run that goes on is what people want to see first."""
    if run and (missed is None or run.verdict in OPEN or run.accepted_at >= missed.due_at):
        return Last(run.verdict, run.due_at or run.started_at or run.accepted_at, f"/runs/{run.run_id}")
    if missed:
        return Last(missed.outcome, missed.due_at, f"/jobs/{job_id}#{anchor(missed.due_at)}")
    return None


def runs_next(shown: ShownJob) -> str:
    """Return in a sentence when a job runs by itself, or that it does not."""
    job, due_at = shown.snapshot.job.definition, shown.next_due
    if not shown.snapshot.agent.definition.active:
        return f"Its agent {shown.snapshot.agent.definition.name!r} is not active, so that nothing starts it."
    if shown.paused:
        return shown.paused
    told = [f"It runs next on {moment(due_at, shown.snapshot.timezone)}."] if due_at else []
    told += [data_in_words(job.triggers, has_schedule=due_at is not None)] if job.triggers else []
    by_hand = f"It runs by hand, or through the API{': its schedule is off' if job.schedule else ''}."
    return " ".join(told) or by_hand


def anchor(due_at: datetime) -> str:
    """Return the name of an expected time's line on its job's page."""
    return f"time-{due_at:%Y%m%dT%H%M%SZ}"


def _switched(job: StoredJob, fields: Fields) -> dict[str, Any]:
    schedule = job.definition.schedule
    if schedule is None:
        raise DefinitionRefused(
            f"Job {job.definition.key!r} has no schedule that could be switched. Give it one in its settings."
        )
    return {"schedule": schedule.model_dump(mode="json", exclude_defaults=True) | {"enabled": fields.is_on("on")}}
