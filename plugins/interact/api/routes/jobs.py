"""Jobs over HTTP: trigger one."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header

from interact.api import airflow_runs
from interact.api.access import DeskDep, permitted, visible_job
from interact.api.bodies import TriggerBody, accepted
from interact.api.handover import accept_settled, hand_over
from interact.errors import DefinitionRefused
from interact.runs.accept import Ask
from interact.store.keys import KeyRecord

router = APIRouter(prefix="/jobs")


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
