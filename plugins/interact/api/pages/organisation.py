"""Settings, Organisation: name, zone, calendar, branding and members; for members to read, for admins to change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from interact.api import airflow_runs
from interact.api.access import DeskDep, person_in
from interact.api.edits import ORGANISATION_LABELS, organisation_edits
from interact.api.pages.admins import names_of_admins, still_admin
from interact.api.pages.forms import FieldsDep
from interact.api.pages.organisation_fields import (
    COLOURS,
    Typed,
    named_twice,
    plain_of,
    printed_colours,
    refused,
    typed,
    typed_of,
)
from interact.api.pages.organisation_versions import organisation_saves
from interact.api.pages.refusals import Problems
from interact.api.pages.saves import SAVES
from interact.api.pages.showing import go, show
from interact.api.pages.visitors import Visitor, VisitorDep, administered, require_member, seen_organisation
from interact.errors import DefinitionRefused, EditConflict
from interact.jobs.definition import Organisation, zones
from interact.jobs.plans import calendar_of
from interact.jobs.rights import Action, owned
from interact.jobs.stored import NEWEST, StoredOrganisation
from interact.jobs.timing import STORED, WEEKDAYS
from interact.runs.desk import Desk
from interact.runs.organisations import Move, change_organisation, fingerprint, moves, read_organisation
from interact.schedules.closed_days import ClosedDay, closed_days
from interact.schedules.countries import countries, regions
from interact.store import jobs

router = APIRouter()
_SHOWN = 10


@dataclass(frozen=True)
class Outlook:
    """What a definition means: the holidays that lie ahead, the colours, and which jobs it moves."""

    closed: tuple[ClosedDay, ...]
    colours: dict[str, str]
    country: str
    """The name of the country whose public holidays count; "" when none do."""
    moves: tuple[Move, ...] = ()
    moved: int = 0
    """How many of the jobs that run by another plan have another next time."""
    followed: int = 0
    """How many run by another plan, those of others that are private too."""
    hidden: int = 0
    """How many of those are private jobs of others, which are not shown."""
    staying: int = 0
    """How many schedules have a zone of their own."""
    is_changed: bool = False


@router.get("/settings")
def settings(request: Request, visitor: VisitorDep) -> Response:
    """Lead to the settings of the only organisation that somebody belongs to, or list them."""
    require_member(visitor)
    if len(visitor.organisations) == 1:
        return go(request, f"/organisations/{visitor.organisations[0].organisation_id}/settings")
    return show(request, "settings.html", section="settings", title="Settings")


@router.get("/organisations/{organisation_id}/settings")
def organisation_settings(
    request: Request,
    organisation_id: str,
    desk: DeskDep,
    visitor: VisitorDep,
    before: Annotated[int, Query(ge=1, le=NEWEST)] = NEWEST,
    saved: Annotated[int, Query()] = 0,
) -> HTMLResponse:
    """Show an organisation's settings; to an admin as a form."""
    return _page(request, desk, visitor, seen_organisation(visitor, organisation_id), saved=saved, before=before)


@router.post("/organisations/{organisation_id}/settings")
def save_organisation(
    request: Request, organisation_id: str, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep
) -> Response:
    """Save what an admin has written, or show it again with what is wrong."""
    organisation = administered(visitor, organisation_id)
    form, seen = typed(fields), fields.text("seen")
    plain = plain_of(form, organisation.definition.key)
    again: dict[str, Any] = {"form": form, "seen": seen, "status": 422}
    if problems := named_twice(form):
        return _page(request, desk, visitor, organisation, problems=problems, **again)
    try:
        if _leaves(visitor, organisation, read_organisation(plain)) and not fields.is_on("leave"):
            return _page(request, desk, visitor, organisation, leaving=True, **again)
        changed = change_organisation(
            desk, organisation_id, plain, seen=seen, by=visitor.name, permit=still_admin(visitor)
        )
    except EditConflict as error:
        there = Organisation.model_validate(error.definition, context=STORED)
        edits = organisation_edits(there, read_organisation(plain))
        current = StoredOrganisation(organisation_id, there)
        more = {"seen": fingerprint(there), "status": error.status, "conflict": edits, "clashes": True}
        return _page(request, desk, visitor, current, **again | more)
    except DefinitionRefused as error:
        return _page(request, desk, visitor, organisation, problems=refused(error), **again)
    airflow_runs.ask_for_a_parse()
    stays = person_in(visitor.user, changed).role is not None
    return go(request, f"/organisations/{organisation_id}/settings?saved=1" if stays else "/settings")


@router.post("/organisations/{organisation_id}/settings/preview")
def preview_organisation(
    request: Request, organisation_id: str, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep
) -> HTMLResponse:
    """Show what a form would do that nobody has saved yet."""
    organisation = administered(visitor, organisation_id)
    form = typed(fields)
    try:
        draft = read_organisation(plain_of(form, organisation.definition.key))
    except DefinitionRefused as error:
        told = " ".join(refused(error).values())
        return show(request, "parts/outlook.html", outlook=None, told=told, leaving=False)
    outlook = _outlook(desk, visitor, organisation, draft)
    leaving = _leaves(visitor, organisation, draft)
    return show(request, "parts/outlook.html", outlook=outlook, told="", leaving=leaving)


@router.get("/organisations/{organisation_id}/settings/regions")
def regions_of_country(
    request: Request, organisation_id: str, visitor: VisitorDep, country: Annotated[str, Query(max_length=80)] = ""
) -> HTMLResponse:
    """Show the field of the region for another country."""
    seen_organisation(visitor, organisation_id)
    return show(request, "parts/region.html", region="", regions=regions(country), problems=Problems())


@router.get("/organisations/{organisation_id}/settings/member")
def member_row(request: Request, organisation_id: str, visitor: VisitorDep) -> HTMLResponse:
    """Show an empty row for one more member."""
    administered(visitor, organisation_id)
    return show(request, "parts/member.html", name="", role="member")


def _page(
    request: Request, desk: Desk, visitor: Visitor, organisation: StoredOrganisation, *, status: int = 200, **more: Any
) -> HTMLResponse:
    """Show the settings; `more` may hold what a save that failed is shown again with."""
    definition = organisation.definition
    is_admin = visitor.people[organisation.organisation_id].is_admin
    with desk.store.reading() as session:
        before = more.pop("before", NEWEST)
        saves = organisation_saves(session, organisation.organisation_id, before=before, limit=SAVES)
    known: dict[str, Any] = {
        "form": typed_of(definition),
        "seen": fingerprint(definition),
        "problems": Problems(),
        "conflict": (),
        "clashes": False,
        "leaving": False,
        "saved": 0,
    }
    values = known | more
    form: Typed = values["form"]
    return show(
        request,
        "organisation.html",
        status=status,
        section="settings",
        title=f"{definition.name}, settings",
        organisation=organisation,
        labels=ORGANISATION_LABELS,
        is_admin=is_admin,
        admins=names_of_admins(definition),
        outlook=_outlook(desk, visitor, organisation, definition),
        told="",
        zones=sorted(zones()) if is_admin else (),
        countries=countries() if is_admin else (),
        regions=regions(form["country"]),
        weekdays=WEEKDAYS,
        colours=COLOURS,
        saves=saves[:SAVES],
        older=saves[SAVES - 1].version.number if len(saves) > SAVES else None,
        zone=definition.timezone,
        **values,
    )


def _leaves(visitor: Visitor, organisation: StoredOrganisation, draft: Organisation) -> bool:
    """Return whether somebody would be no admin any more once this is saved."""
    return not person_in(visitor.user, StoredOrganisation(organisation.organisation_id, draft)).is_admin


def _outlook(desk: Desk, visitor: Visitor, organisation: StoredOrganisation, draft: Organisation) -> Outlook:
    now = desk.now()
    today = now.astimezone(ZoneInfo(draft.timezone)).date()
    ahead: dict[str, Any] = {
        "closed": closed_days(calendar_of(draft.calendar), after=today),
        "colours": printed_colours(draft.branding),
        "country": next((each.name for each in countries() if each.code == draft.calendar.country), ""),
    }
    if draft == organisation.definition:
        return Outlook(**ahead)
    person = visitor.people[organisation.organisation_id]
    with desk.store.reading() as session:
        ours = [job for job in jobs.all_jobs(session) if job.organisation_id == organisation.organisation_id]
    found = moves(ours, organisation.definition, draft, now=now)
    seen = [move for move in found if person.may(Action.READ, owned(move.job))]
    scheduled = [job for job in ours if job.definition.schedule and job.definition.schedule.enabled]
    return Outlook(
        **ahead,
        moves=tuple(seen[:_SHOWN]),
        moved=sum(move.is_moved for move in found),
        followed=len(found),
        hidden=len(found) - len(seen),
        staying=sum(job.definition.timezone is not None for job in scheduled),
        is_changed=True,
    )
