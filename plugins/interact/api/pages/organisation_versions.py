"""An organisation's versions: who saved what and when, and an admin's way back to one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from interact.api import airflow_runs
from interact.api.access import DeskDep
from interact.api.edits import organisation_edits, organisation_in_a_line
from interact.api.pages.admins import still_admin
from interact.api.pages.forms import FieldsDep
from interact.api.pages.showing import go, show
from interact.api.pages.visitors import VisitorDep, administered, seen_organisation
from interact.errors import NotFound
from interact.jobs.definition import Organisation
from interact.jobs.writing import write_documents
from interact.runs.organisations import fingerprint, restore_organisation_version, with_members
from interact.store import organisations
from interact.store.organisations import OrganisationVersion
from interact.store.sessions import Session

router = APIRouter()
SAVES = 20
NEWEST = 2**31 - 1


@dataclass(frozen=True)
class OrganisationSave:
    """One save of an organisation as a list shows it; `by` is a person, or the file that `from_file` says."""

    version: OrganisationVersion
    change: str
    by: str
    from_file: bool


def saves_of(session: Session, organisation_id: str, *, before: int, limit: int) -> list[OrganisationSave]:
    """Return saves, newest first, and one more than asked for where there are more."""
    found = organisations.versions(session, organisation_id, before=before, limit=limit + 1)
    return [_save(each, past) for each, past in zip_longest(found, [each.definition for each in found[1:]])]


@router.get("/organisations/{organisation_id}/versions/{number}")
def organisation_version(
    request: Request, organisation_id: str, number: int, desk: DeskDep, visitor: VisitorDep
) -> HTMLResponse:
    """Show one save of an organisation: what it changed, how it differs from the newest, and all that it said."""
    organisation = seen_organisation(visitor, organisation_id)
    with desk.store.reading() as session:
        found = saves_of(session, organisation_id, before=number + 1, limit=1)[:1] if 0 < number < NEWEST else []
    if not found or found[0].version.number != number:
        raise NotFound("version", f"{organisation_id}, {number}")
    there = organisation.definition
    return show(
        request,
        "organisation_version.html",
        section="settings",
        title=f"{there.name}, version {number}",
        organisation=organisation,
        seen=fingerprint(there),
        save=found[0],
        edits=organisation_edits(there, with_members(found[0].version.definition, there)),
        text=write_documents([found[0].version.definition]),
        zone=there.timezone,
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


def _save(version: OrganisationVersion, earlier: Organisation | None) -> OrganisationSave:
    is_known = earlier is not None or version.number == 1
    change = organisation_in_a_line(earlier, version.definition) if is_known else ""
    who, _, name = (version.saved_by or "").partition(":")
    return OrganisationSave(version, change, name, from_file=who == "file")
