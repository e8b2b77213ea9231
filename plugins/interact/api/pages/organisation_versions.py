"""An organisation's versions: who saved what and when, and an admin's way back to one."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from interact.api import airflow_runs
from interact.api.access import DeskDep
from interact.api.edits import organisation_edits, organisation_in_a_line
from interact.api.pages.admins import still_admin
from interact.api.pages.forms import FieldsDep
from interact.api.pages.saves import Save, saves_of
from interact.api.pages.showing import go, show
from interact.api.pages.visitors import VisitorDep, administered, seen_organisation
from interact.errors import NotFound
from interact.jobs.definition import Organisation
from interact.jobs.stored import NEWEST
from interact.jobs.writing import write_documents
from interact.runs.organisations import fingerprint, restore_organisation_version, with_members
from interact.store import organisations
from interact.store.sessions import Session

router = APIRouter()


def organisation_saves(session: Session, organisation_id: str, *, before: int, limit: int) -> list[Save[Organisation]]:
    """Return saves, newest first, and one more than asked for where there are more."""
    found = organisations.versions(session, organisation_id, before=before, limit=limit + 1)
    return saves_of(found, organisation_in_a_line)


@router.get("/organisations/{organisation_id}/versions/{number}")
def organisation_version(
    request: Request, organisation_id: str, number: int, desk: DeskDep, visitor: VisitorDep
) -> HTMLResponse:
    """Show one save of an organisation: what it changed, how it differs from the newest, and all that it said."""
    organisation = seen_organisation(visitor, organisation_id)
    with desk.store.reading() as session:
        asked = 0 < number < NEWEST
        found = organisation_saves(session, organisation_id, before=number + 1, limit=1)[:1] if asked else []
    if not found or found[0].version.number != number:
        raise NotFound("version", f"{organisation_id}, {number}")
    definition = organisation.definition
    return show(
        request,
        "organisation_version.html",
        section="settings",
        title=f"{definition.name}, version {number}",
        there=organisation,
        noun="organisation",
        path=f"/organisations/{organisation_id}",
        seen=fingerprint(definition),
        save=found[0],
        edits=organisation_edits(definition, with_members(found[0].version.definition, definition)),
        text=write_documents([found[0].version.definition]),
        zone=definition.timezone,
        is_admin=visitor.people[organisation_id].is_admin,
    )


@router.post("/organisations/{organisation_id}/versions/{number}/restore")
def restore_organisation(
    request: Request, organisation_id: str, number: int, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep
) -> Response:
    """Let an organisation say again what it said in an earlier version, as a new one; its members stay."""
    administered(visitor, organisation_id)
    restore_organisation_version(
        desk, organisation_id, number, seen=fields.text("seen"), by=visitor.name, permit=still_admin(visitor)
    )
    airflow_runs.ask_for_a_parse()
    return go(request, f"/organisations/{organisation_id}/settings?saved=1")
