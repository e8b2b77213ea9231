"""Jobs over HTTP: list them, read one and its schedule, trigger one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from interact.api import airflow_runs, examples
from interact.api.access import DeskDep, calling, reachable_job, visible_jobs
from interact.api.handover import start, started_before
from interact.api.job_bodies import JobPage, JobsQuery, JobWhole, ShownJob, job_line, job_whole
from interact.api.repeats import IdempotencyKey, once
from interact.api.run_bodies import AcceptedRun, TriggerBody, accepted
from interact.api.schedule_bodies import COUNTED_DAYS, Accounts, ScheduleQuery, ScheduleShape, job_schedule
from interact.api.shapes import problems
from interact.errors import NotFound
from interact.jobs.rights import READ_PERMISSION, RUN_PERMISSION, Action, Caller
from interact.jobs.stored import Snapshot, StoredJob
from interact.runs.accept import Ask
from interact.runs.desk import Desk
from interact.store import agents, expected, jobs, organisations, values

router = APIRouter(prefix="/jobs", tags=["jobs"])
Reader = Annotated[Caller, Depends(calling(READ_PERMISSION))]


@router.get("", responses=problems() | examples.JOBS)
def list_jobs(desk: DeskDep, caller: Reader, query: Annotated[JobsQuery, Query()]) -> JobPage:
    """List the jobs that the caller sees, by key."""
    left = [(key, job_id) for key, job_id in visible_jobs(desk, caller) if key > query.cursor]
    page = left[: query.limit]
    lines = [job_line(shown) for shown in _listed(desk, caller.organisation_id, [job_id for _, job_id in page])]
    return JobPage(jobs=lines, next=page[-1][0] if len(left) > len(page) else None)


@router.get("/{job_id}", responses=problems(404) | examples.JOB)
def read_job(job_id: str, desk: DeskDep, caller: Reader) -> JobWhole:
    """Return a job with its parameters and its definition."""
    return whole(desk, reachable_job(desk, caller, job_id))


@router.get("/{job_id}/schedule", responses=problems(404) | examples.SCHEDULE)
def read_schedule(
    job_id: str, desk: DeskDep, caller: Reader, query: Annotated[ScheduleQuery, Query()]
) -> ScheduleShape:
    """Return when a job runs by itself, its next dates, and what became of the newest of its expected times."""
    shown = _one(desk, reachable_job(desk, caller, job_id))
    with desk.store.reading() as session:
        found = expected.of_job(session, job_id, before=query.before, limit=query.limit + 1)
        counts = expected.counts(session, job_id, since=shown.now - timedelta(days=COUNTED_DAYS))
    newest = found[: query.limit]
    before = newest[-1].due_at if len(found) > len(newest) else None
    return job_schedule(shown, Accounts(newest, counts, before))


@router.post("/{job_id}/trigger", status_code=202, responses=problems(404, 409) | examples.TRIGGERED)
def trigger(
    job_id: str,
    desk: DeskDep,
    caller: Annotated[Caller, Depends(calling(RUN_PERMISSION))],
    body: TriggerBody | None = None,
    idempotency_key: IdempotencyKey = None,
) -> AcceptedRun:
    """Accept a run of a job and start it; once this answers 202 the run will come."""
    body = body or TriggerBody()
    given, audience = body.parameters, body.send_to
    unique = once(caller, idempotency_key, "trigger", job_id, given, audience)
    if before := started_before(desk, unique):
        return accepted(*before)
    job = reachable_job(desk, caller, job_id, Action.RUN)
    return accepted(*start(desk, job, Ask(job.job_id, given, caller.initiator, once=unique, audience=audience)))


def whole(desk: Desk, job: StoredJob) -> JobWhole:
    """Return a job with its parameters and its definition."""
    with desk.store.reading() as session:
        kept = values.of_job(session, job.job_id)
    queries = {name: parameter.query for name, parameter in job.definition.parameters.items()}
    known = {name: each.values for name, each in kept.items() if each.query == queries.get(name)}
    return job_whole(_one(desk, job), known)


def _listed(desk: Desk, organisation_id: str, job_ids: Sequence[str]) -> list[ShownJob]:
    """Return jobs of one organisation as they stand, in this order, without those that were deleted a moment ago."""
    with desk.store.reading() as session:
        known = jobs.by_ids(session, job_ids)
        of_agents = {agent.agent_id: agent for agent in agents.all_of(session, organisation_id)}
        organisation = organisations.by_id(session, organisation_id)
    found = [known[job_id] for job_id in job_ids if job_id in known]
    return shown_jobs(desk, [Snapshot(job, of_agents[job.agent_id], organisation) for job in found if organisation])


def shown_jobs(desk: Desk, snapshots: Sequence[Snapshot]) -> list[ShownJob]:
    """Return jobs as somebody sees them now: with whether their DAGs are paused in Airflow, which is asked once."""
    paused = airflow_runs.paused([each.job.dag_id for each in snapshots])
    now, base_url = desk.now(), desk.settings.base_url
    return [ShownJob(each, each.job.dag_id in paused, now, base_url) for each in snapshots]


def _one(desk: Desk, job: StoredJob) -> ShownJob:
    with desk.store.reading() as session:
        snapshot = jobs.snapshot(session, job.job_id)
    if snapshot is None:
        raise NotFound("job", job.job_id)
    return shown_jobs(desk, [snapshot])[0]
