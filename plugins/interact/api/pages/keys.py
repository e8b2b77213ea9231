"""Settings, API: an organisation's keys, for its admins; a new one's secret is shown once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from interact.api.access import DeskDep
from interact.api.curls import list_command, trigger_command
from interact.api.key_bodies import KeyBody, KeyMade
from interact.api.key_making import delete_key, make_key
from interact.api.pages.admins import names_of_admins
from interact.api.pages.forms import Fields, FieldsDep
from interact.api.pages.refusals import Problems
from interact.api.pages.showing import go, show
from interact.api.pages.visitors import Visitor, VisitorDep, administered, seen_organisation
from interact.errors import InteractError
from interact.jobs.rights import PERMISSIONS, READ_PERMISSION, RUN_PERMISSION, Action
from interact.jobs.stored import StoredOrganisation
from interact.runs.desk import Desk
from interact.store import jobs, keys
from interact.store.jobs import Nameable
from interact.store.keys import KeyRecord

router = APIRouter()
_OFFERED = 20
_MEANINGS = {
    RUN_PERMISSION: "Start jobs, run them again, cancel runs",
    READ_PERMISSION: "Read jobs, chats, reports and files",
}


@dataclass(frozen=True)
class Typed:
    """What stands in the form of a new key."""

    name: str = ""
    permissions: tuple[str, ...] = PERMISSIONS
    expires: str = ""
    is_limited: bool = False
    job_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Offer:
    """Jobs to choose from: those that are chosen, then those that were looked for, at most some."""

    chosen: tuple[Nameable, ...]
    others: tuple[Nameable, ...]
    more: int
    """How many more there are of what was looked for."""


@dataclass(frozen=True)
class Line:
    """A key as the list shows it."""

    key: KeyRecord
    limits: tuple[str, ...] | None
    """Names of the only jobs that it reaches; None for all that are shared."""
    is_over: bool


@dataclass(frozen=True)
class Made:
    """A key that was just made, and a command with its secret in it that works; "" where there is none."""

    key: KeyMade = field(repr=False)
    command: str = field(repr=False)
    does: str
    """What the command does: "starts Weekly report"."""


@router.get("/organisations/{organisation_id}/keys")
def key_page(request: Request, organisation_id: str, desk: DeskDep, visitor: VisitorDep) -> HTMLResponse:
    """Show the keys to an admin; to others who can make one for them."""
    organisation = seen_organisation(visitor, organisation_id)
    if not visitor.people[organisation_id].is_admin:
        admins = names_of_admins(organisation.definition)
        about: dict[str, Any] = {"section": "settings", "title": "Settings, API", "organisation": organisation}
        return show(request, "keys_of_admins.html", admins=admins, **about)
    return _page(request, desk, visitor, organisation, Typed())


@router.post("/organisations/{organisation_id}/keys")
def create_key(
    request: Request, organisation_id: str, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep
) -> HTMLResponse:
    """Make a key and show its secret, in this answer alone."""
    organisation = administered(visitor, organisation_id)
    form = _typed(fields)
    body, problems = _body(form, organisation, desk.now())
    if body is None:
        return _page(request, desk, visitor, organisation, form, problems=problems, status=422)
    try:
        made = make_key(desk, visitor.people[organisation_id], body)
    except InteractError as error:
        if error.status >= 500:
            raise
        problems = Problems({"job": str(error)})
        return _page(request, desk, visitor, organisation, form, problems=problems, status=error.status)
    return _page(request, desk, visitor, organisation, Typed(), made=_made(desk, visitor, made))


@router.post("/organisations/{organisation_id}/keys/{key_id}/delete")
def remove_key(
    request: Request, organisation_id: str, key_id: str, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep
) -> Response:
    """Take a key out of use, at once."""
    administered(visitor, organisation_id)
    delete_key(desk, organisation_id, key_id)
    return go(request, f"/organisations/{organisation_id}/keys")


@router.get("/organisations/{organisation_id}/keys/jobs")
def jobs_to_name(
    request: Request,
    organisation_id: str,
    desk: DeskDep,
    visitor: VisitorDep,
    q: Annotated[str, Query(max_length=200)] = "",
    job: Annotated[list[str] | None, Query(max_length=1000)] = None,
) -> HTMLResponse:
    """Show the jobs that a key may be limited to: those that are ticked, and those with a word in their name."""
    administered(visitor, organisation_id)
    with desk.store.reading() as session:
        found = jobs.nameable(session, organisation_id)
    offer = _offer(visitor, organisation_id, found, chosen=job or (), word=q)
    return show(request, "parts/key_jobs.html", offer=offer)


def _page(
    request: Request,
    desk: Desk,
    visitor: Visitor,
    organisation: StoredOrganisation,
    form: Typed,
    **more: Any,
) -> HTMLResponse:
    organisation_id, now = organisation.organisation_id, desk.now()
    with desk.store.reading() as session:
        found = jobs.nameable(session, organisation_id)
        kept = keys.all_of(session, organisation_id)
    names = _names(visitor, organisation_id, found)
    lines = [
        Line(
            key,
            None if key.job_ids is None else tuple(sorted(names.get(each, "a deleted job") for each in key.job_ids)),
            is_over=key.expires_at is not None and key.expires_at <= now,
        )
        for key in reversed(kept)
    ]
    known: dict[str, Any] = {"made": None, "problems": Problems(), "status": 200}
    return show(
        request,
        "keys.html",
        section="settings",
        title="Settings, API",
        organisation=organisation,
        zone=organisation.definition.timezone,
        form=form,
        lines=lines,
        offer=_offer(visitor, organisation_id, found, chosen=form.job_ids, word=""),
        meanings=_MEANINGS,
        today=now.astimezone(ZoneInfo(organisation.definition.timezone)).date(),
        a_minute=desk.settings.requests_per_minute,
        **known | more,
    )


def _names(visitor: Visitor, organisation_id: str, found: Iterable[Nameable]) -> Mapping[str, str]:
    person = visitor.people[organisation_id]
    return {
        each.job.job_id: each.name if person.may(Action.READ, each.job) else f"a private job of {each.job.owner}"
        for each in found
    }


def _offer(
    visitor: Visitor, organisation_id: str, found: Iterable[Nameable], *, chosen: Iterable[str], word: str
) -> Offer:
    person = visitor.people[organisation_id]
    seen = [each for each in found if person.may(Action.READ, each.job)]
    ticked = set(chosen)
    fitting = [
        each for each in seen if each.job.job_id not in ticked and word.strip().casefold() in each.name.casefold()
    ]
    mine = tuple(each for each in seen if each.job.job_id in ticked)
    return Offer(mine, tuple(fitting[:_OFFERED]), max(0, len(fitting) - _OFFERED))


def _typed(fields: Fields) -> Typed:
    return Typed(
        name=fields.text("name"),
        permissions=fields.all("permission"),
        expires=fields.text("expires"),
        is_limited=fields.text("limit") == "named",
        job_ids=fields.all("job"),
    )


def _body(form: Typed, organisation: StoredOrganisation, now: datetime) -> tuple[KeyBody | None, Problems]:
    """Return the key that is asked for, and what is wrong with it where it is none."""
    ends_at, told = _end(form.expires, organisation.definition.timezone, now)
    problems = Problems({"expires": told} if told else {})
    if not form.name:
        problems["name"] = "A key needs a name: say what it is for. The runs that it starts show it."
    if not form.permissions:
        problems["permission"] = "A key needs a permission. Choose one or both."
    if form.is_limited and not form.job_ids:
        problems["job"] = "Choose the jobs that the key may reach, or let it reach all that are shared."
    whole = {
        "name": form.name,
        "permissions": list(form.permissions),
        "expires_at": ends_at.isoformat() if ends_at else None,
        "job_ids": list(form.job_ids) if form.is_limited else None,
    }
    try:
        body = KeyBody.model_validate(whole)
    except ValidationError as error:
        return None, Problems({**_refused(error), **problems})
    return (None, problems) if problems else (body, problems)


_SENTENCES = {
    "name": ("name", "A name is one line of text that can be printed, of at most 120 characters."),
    "permissions": ("permission", "There is no such permission. Choose one or both of these."),
    "expires_at": ("expires", "This day cannot be told in UTC. Name an earlier one, or leave it empty."),
    "job_ids": ("job", "These are no ids of jobs, or more than 1,000. Choose jobs of the list."),
}
"""Of each part of a key, the field that it comes from and what may be wrong with it."""


def _refused(error: ValidationError) -> Problems:
    return Problems(dict(_SENTENCES[str(detail["loc"][0])] for detail in error.errors()))


def _end(text: str, timezone: str, now: datetime) -> tuple[datetime | None, str]:
    """Return the end of a key's last day where its organisation is, and what is wrong with that day."""
    if not text:
        return None, ""
    try:
        day = date.fromisoformat(text)
        ends_at = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(timezone))
    except (ValueError, OverflowError):
        return None, f"{text!r:.40} is no day. Write it as 2027-03-31, or leave it empty."
    if ends_at <= now:
        return None, f"The day {day.isoformat()} is over. Name today or a later one, or leave it empty."
    return ends_at, ""


def _made(desk: Desk, visitor: Visitor, made: KeyMade) -> Made:
    """Return a new key with a command that works with it: it starts one of the jobs that it reaches, or lists chats."""
    base_url, person = desk.settings.base_url, visitor.people[made.organisation_id]
    with desk.store.reading() as session:
        seen = [each for each in jobs.nameable(session, made.organisation_id) if person.may(Action.READ, each.job)]
        reached = [each for each in seen if _reaches(made, each)]
        job = jobs.by_id(session, reached[0].job.job_id) if reached else None
    if job is not None and RUN_PERMISSION in made.permissions:
        command = trigger_command(base_url, job, secret=made.secret)
        return Made(made, command, f"starts {job.definition.name}")
    if READ_PERMISSION in made.permissions:
        return Made(made, list_command(base_url, made.organisation_id, secret=made.secret), "lists chats")
    return Made(made, "", "")


def _reaches(made: KeyMade, job: Nameable) -> bool:
    return not job.job.is_private if made.job_ids is None else job.job.job_id in made.job_ids
