"""Jobs made, changed, handed over and deleted over HTTP, by people who are signed in."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query
from fastapi.responses import Response

from interact.api import examples, job_edits
from interact.api.access import DeskDep, calling
from interact.api.job_bodies import ChangeQuery, JobWhole, OwnerBody
from interact.api.routes.jobs import whole
from interact.api.shapes import problems
from interact.jobs.rights import Caller

router = APIRouter(prefix="/jobs", tags=["jobs"])
Editor = Annotated[Caller, Depends(calling(None))]
_WRITTEN = "Keys and values as in a file (docs/definitions.schema.json)"
Definition = Annotated[
    dict[str, Any],
    Body(
        description=f"{_WRITTEN}; `organisation` is the request's, `owner` who sends it, "
        "`key` is made of the name, or `private` and a number.",
        examples=[{"agent": "analyst", "name": "Daily spend", "prompt": "Show spend by campaign for yesterday."}],
    ),
]
Changes = Annotated[
    dict[str, Any],
    Body(
        description=f"{_WRITTEN}: those that change. Null takes a key back to its default.",
        examples=[{"schedule": {"cron": "0 8 * * 1", "enabled": False}}],
    ),
]


@router.post("", status_code=201, responses=problems(404, 409) | examples.MADE)
def create_job(desk: DeskDep, caller: Editor, definition: Definition) -> JobWhole:
    """Make a job; it can be triggered some seconds later."""
    return whole(desk, job_edits.create(desk, caller, definition))


@router.patch("/{job_id}", responses=problems(404, 409) | examples.JOB)
def edit_job(
    job_id: str, desk: DeskDep, caller: Editor, changes: Changes, query: Annotated[ChangeQuery, Query()]
) -> JobWhole:
    """Change some keys of a job's definition, as a new version of it."""
    return whole(desk, job_edits.change(desk, caller, job_id, changes, version=query.version))


@router.put("/{job_id}/owner", status_code=204, response_class=Response, responses=problems(404, 409))
def hand_job_over(job_id: str, desk: DeskDep, caller: Editor, body: OwnerBody) -> Response:
    """Give a job to another owner, so that it outlives the one that it has."""
    job_edits.hand_over(desk, caller, job_id, body.owner)
    return Response(status_code=204)


@router.delete("/{job_id}", status_code=204, response_class=Response, responses=problems(404, 409))
def remove_job(job_id: str, desk: DeskDep, caller: Editor) -> Response:
    """Delete a job: nothing starts it any more, and runs under way are cancelled; its chats and reports stay."""
    job_edits.remove(desk, caller, job_id)
    return Response(status_code=204)
