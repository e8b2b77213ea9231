"""A job's settings: its form again, what belongs beside it, and how it changes hands or goes."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from interact.api import job_edits
from interact.api.access import DeskDep, permit
from interact.api.curls import trigger_command
from interact.api.pages.forms import FieldsDep
from interact.api.pages.job_conflicts import clashes
from interact.api.pages.job_fields import fields_of, plain_of
from interact.api.pages.job_forms import filled_in, in_place, place_of
from interact.api.pages.job_refusals import LABELS, Refusal, refusal_of
from interact.api.pages.jobs import runs_next
from interact.api.pages.showing import go, show
from interact.api.pages.visitors import Visitor, VisitorDep, seen_job
from interact.api.routes.jobs import shown_jobs
from interact.errors import AccessRefused, DefinitionRefused, EditConflict, KeptInFile, NotFound
from interact.jobs.rights import Action, Person, owned
from interact.jobs.stored import Snapshot, StoredJob
from interact.runs.desk import Desk

router = APIRouter()


@router.get("/jobs/{job_id}/settings")
def job_settings(
    request: Request, job_id: str, desk: DeskDep, visitor: VisitorDep, saved: Annotated[str, Query()] = ""
) -> HTMLResponse:
    """Show a job's settings; `saved` is the version that was saved just now."""
    job, _ = _reached(desk, visitor, job_id)
    return _settings(request, desk, visitor, job, is_saved=saved == str(job.version))


@router.post("/jobs/{job_id}/settings")
def save_job(request: Request, job_id: str, desk: DeskDep, visitor: VisitorDep, form: FieldsDep) -> Response:
    """Save a job as its form says, unless somebody else saved it meanwhile: then show both."""
    job, person = seen_job(desk, visitor, job_id, Action.EDIT)
    changes: dict[str, Any] = {}
    try:
        changes = plain_of(form, job.definition.model_dump(mode="json", exclude_defaults=True))
        job = job_edits.change(desk, person, job_id, changes, version=form.version)
    except DefinitionRefused as error:
        refusal = refusal_of(error, form)
        return in_place(_settings(request, desk, visitor, job, form=form, refusal=refusal, status=error.status))
    except EditConflict as conflict:
        found = clashes(conflict, changes)
        if found:
            told: dict[str, Any] = {"conflict": conflict, "clashes": found, "version": conflict.version}
            return in_place(_settings(request, desk, visitor, job, form=form, status=conflict.status, **told))
        job = seen_job(desk, visitor, job_id)[0]  # Both saved the same.
    return go(request, f"/jobs/{job_id}/settings?saved={job.version}")


@router.post("/jobs/{job_id}/owner")
def hand_job_over(request: Request, job_id: str, desk: DeskDep, visitor: VisitorDep, form: FieldsDep) -> Response:
    """Give a job to another owner."""
    job, person = seen_job(desk, visitor, job_id, Action.HAND_OVER)
    owner = form.text("owner")
    try:
        job_edits.hand_over(desk, person, job_id, owner)
    except (DefinitionRefused, AccessRefused) as error:
        refusal = replace(refusal_of(error, form), field="owner", label=LABELS["owner"])
        return _settings(request, desk, visitor, job, refusal=refusal, new_owner=owner, status=error.status)
    if not person.may(Action.READ, replace(owned(job), owner=owner)):
        return go(request, f"/agents/{job.agent_id}/jobs")
    return go(request, f"/jobs/{job_id}/settings?saved={seen_job(desk, visitor, job_id)[0].version}")


@router.post("/jobs/{job_id}/delete")
def delete_job(request: Request, job_id: str, desk: DeskDep, visitor: VisitorDep, form: FieldsDep) -> Response:
    """Delete a job whose name was typed, and lead to those that are left."""
    job, person = seen_job(desk, visitor, job_id, Action.DELETE)
    wanted, typed = _confirmation(job, person), form.text("confirmation")
    if typed != wanted:
        refusal = Refusal(
            "confirmation",
            "Confirmation",
            f"This takes {wanted!r:.140}, not {typed!r:.140}. Type it to delete the job.",
        )
        return _settings(request, desk, visitor, job, refusal=refusal, status=DefinitionRefused.status)
    job_edits.remove(desk, person, job_id)
    return go(request, f"/agents/{job.agent_id}/jobs")


def _reached(desk: Desk, visitor: Visitor, job_id: str) -> tuple[StoredJob, Person]:
    """Return a job that they see, or one that is hidden from them and theirs to hand over; raises NotFound."""
    try:
        return seen_job(desk, visitor, job_id)
    except NotFound:
        return seen_job(desk, visitor, job_id, Action.HAND_OVER)


def _settings(
    request: Request, desk: Desk, visitor: Visitor, job: StoredJob, *, status: int = 200, **told: Any
) -> HTMLResponse:
    """Return the page of a job's settings, of which an admin sees the end alone when the job is private."""
    place = place_of(desk, visitor, job.agent_id)
    form, refusal = told.pop("form", None) or fields_of(job.definition), told.pop("refusal", None)
    may = {action.value: place.person.may(action, owned(job)) and job.kept_in is None for action in Action}
    about = {"section": "agents", "job": job, "may": may, "confirmation": _confirmation(job, place.person)}
    about |= {"is_saved": False, "conflict": None, "clashes": (), "version": job.version, "new_owner": "", **told}
    about |= {"owner": job.definition.owner, "dag_id": job.dag_id}
    values = filled_in(place, form, refusal) | about
    if not place.person.may(Action.READ, owned(job)):
        title = f"Private job of {job.definition.owner}"
        return show(request, "job_sealed.html", status=status, title=title, **values)
    shown = shown_jobs(desk, [Snapshot(job, place.agent, place.organisation)])[0]
    values |= {"locked": _locked(job, place.person), "runs_next": runs_next(shown)}
    values |= {"curl": trigger_command(desk.settings.base_url, job)}
    return show(request, "job_settings.html", status=status, title=job.definition.name, **values)


def _confirmation(job: StoredJob, person: Person) -> str:
    """Return what has to be typed to delete a job: its name, or its id where its name is not to be seen."""
    return job.definition.name if person.may(Action.READ, owned(job)) else job.job_id


def _locked(job: StoredJob, person: Person) -> str:
    """Return why somebody may not change a job; "" when they may."""
    if job.kept_in is not None:
        return str(KeptInFile(job.definition.key, job.kept_in))
    try:
        permit(person, Action.EDIT)(job)
    except AccessRefused as error:
        return str(error)
    return ""
