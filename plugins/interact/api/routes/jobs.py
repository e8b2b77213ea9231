"""Jobs over HTTP: list them, read one and its schedule, trigger one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Query

from interact.api import airflow_runs
from interact.api.access import DeskDep, permitted, visible_job, visible_jobs
from interact.api.bodies import TriggerBody, accepted
from interact.api.handover import accept_settled, hand_over
from interact.api.job_bodies import JobsQuery, ShownJob, job_line, job_whole
from interact.api.schedule_bodies import COUNTED_DAYS, Accounts, ScheduleQuery, job_schedule
from interact.errors import DefinitionRefused, NotFound
from interact.jobs.stored import StoredJob
from interact.runs.accept import Ask
from interact.runs.desk import Desk
from interact.store import expected, jobs
from interact.store.keys import KeyRecord

router = APIRouter(prefix="/jobs")
Reader = Annotated[KeyRecord, Depends(permitted("agent_jobs_read"))]


@router.get("")
def list_jobs(desk: DeskDep, caller: Reader, query: Annotated[JobsQuery, Query()]) -> dict[str, Any]:
    """List the jobs that the key sees, by key; `next` is the cursor of the page after this one."""
    left = [job for job in visible_jobs(desk, caller) if job.definition.key > query.cursor]
    page = left[: query.limit]
    lines = [job_line(shown) for shown in _shown(desk, page)]
    return {"jobs": lines, "next": page[-1].definition.key if len(left) > len(page) else None}


@router.get("/{job_id}")
def read_job(job_id: str, desk: DeskDep, caller: Reader) -> dict[str, Any]:
    """Return a job with its definition."""
    return job_whole(_one(desk, visible_job(desk, caller, job_id)))


@router.get("/{job_id}/schedule")
def read_schedule(
    job_id: str, desk: DeskDep, caller: Reader, query: Annotated[ScheduleQuery, Query()]
) -> dict[str, Any]:
    """Return when a job runs by itself, its next dates, and what became of the newest of its expected times."""
    shown = _one(desk, visible_job(desk, caller, job_id))
    with desk.store.reading() as session:
        found = expected.of_job(session, job_id, before=query.before, limit=query.limit + 1)
        counts = expected.counts(session, job_id, since=shown.now - timedelta(days=COUNTED_DAYS))
    newest = found[: query.limit]
    before = newest[-1].due_at if len(found) > len(newest) else None
    return job_schedule(shown, Accounts(newest, counts, before))


@router.post("/{job_id}/trigger", status_code=202)
def trigger(
    job_id: str,
    desk: DeskDep,
    caller: Annotated[KeyRecord, Depends(permitted("agent_jobs_trigger"))],
    body: TriggerBody | None = None,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> dict[str, Any]:
    """Accept a run of a job and start it; once this answers 202 the run will come."""
    if idempotency_key is not None:
        raise DefinitionRefused("The header Idempotency-Key comes with a later version; send the request without it.")
    job = visible_job(desk, caller, job_id)
    airflow_runs.require_startable(job.dag_id, job.definition.key)
    given = body.parameters if body else {}
    taken = accept_settled(desk, Ask(job_id=job.job_id, given=given, initiator=f"key:{caller.name}"))
    url = (
        f"{desk.settings.base_url}/dags/{job.dag_id}/runs/{quote(taken.run.dag_run_id)}"
        if hand_over(desk, taken.run, taken.chats)
        else None
    )
    return accepted(taken, url=url)


def _one(desk: Desk, job: StoredJob) -> ShownJob:
    shown = _shown(desk, [job])
    if not shown:
        raise NotFound("job", job.job_id)
    return shown[0]


def _shown(desk: Desk, chosen: Sequence[StoredJob]) -> list[ShownJob]:
    """Return jobs as they stand, without those that were deleted a moment ago."""
    with desk.store.reading() as session:
        snapshots = [jobs.snapshot(session, job.job_id) for job in chosen]
    paused = airflow_runs.paused([job.dag_id for job in chosen])
    now, base_url = desk.now(), desk.settings.base_url
    return [ShownJob(one, one.job.dag_id in paused, now, base_url) for one in snapshots if one]
