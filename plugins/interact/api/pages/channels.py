"""One channel: where it leads, who uses it, and a test message with what the server answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from interact.api.access import DeskDep
from interact.api.channel_words import TYPE_WORDS, what_it_hears
from interact.api.example_notices import KIND_WORDS, a_test
from interact.api.pages.admins import names_of_admins, still_admin
from interact.api.pages.forms import Fields, FieldsDep
from interact.api.pages.notifications import STATE_WORDS, away_by_connection, seen_users
from interact.api.pages.presses import token
from interact.api.pages.refusals import Problems
from interact.api.pages.showing import go, show
from interact.api.pages.visitors import Visitor, VisitorDep, administered, seen_channel, seen_organisation
from interact.api.sending import send_now
from interact.errors import DefinitionRefused, listed
from interact.jobs.channels import unaddressable
from interact.jobs.definition import Organisation
from interact.jobs.stored import StoredChannel
from interact.runs.channels import delete_channel, outsiders
from interact.runs.desk import Desk
from interact.store import ledger, postings
from interact.store.ledger import Addressee, Delivery, NewNotice

router = APIRouter()
_LONGEST_TOKEN = 64
_SHOWN = 20


@dataclass(frozen=True)
class Tested:
    """What came of a test message; `ended` is False when some server has not answered yet."""

    notice_id: str
    deliveries: tuple[Delivery, ...]
    count: int
    ended: bool


@router.get("/channels/{channel_id}")
def channel_page(request: Request, channel_id: str, desk: DeskDep, visitor: VisitorDep, saved: int = 0) -> HTMLResponse:
    """Show a channel."""
    return _page(request, desk, visitor, seen_channel(desk, visitor, channel_id), saved=saved)


@router.post("/channels/{channel_id}/test")
def test_channel(
    request: Request, channel_id: str, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep
) -> HTMLResponse:
    """Send a test message, once for each showing of its form, and show what the server says."""
    channel = seen_channel(desk, visitor, channel_id)
    organisation = administered(visitor, channel.organisation_id).definition
    recipients, problem = _recipients(organisation, channel, fields)
    typed = {"to": fields.text("to") or "all", "address": fields.text("address")}
    if problem:
        problems = Problems({"address": problem})
        return _page(request, desk, visitor, channel, typed=typed, problems=problems, status=422)
    mark = fields.text("token")[:_LONGEST_TOKEN] or token()
    new = NewNotice(
        f"test:{channel_id}:{mark}",
        channel.organisation_id,
        a_test(organisation, channel=channel.definition.name, by=visitor.name),
    )
    with desk.store.writing() as session:
        notice_id = ledger.keep(session, new, [_to(channel, each) for each in recipients], now=desk.now())
    ended = send_now(desk, [notice_id])
    with desk.store.reading() as session:
        found = ledger.deliveries(session, [notice_id])
    tested = Tested(notice_id, tuple(found[:_SHOWN]), len(found), ended)
    return _page(request, desk, visitor, channel, typed=typed, tested=tested)


@router.post("/channels/{channel_id}/delete")
def remove_channel(
    request: Request, channel_id: str, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep
) -> Response:
    """Delete a channel whose name was typed, unless a job is attached to it."""
    channel = seen_channel(desk, visitor, channel_id)
    administered(visitor, channel.organisation_id)
    if fields.text("confirmation") != channel.definition.name:
        told = f"Type the channel's name, {channel.definition.name!r}, to delete it."
        return _page(request, desk, visitor, channel, undeleted=told, status=422)
    try:
        delete_channel(desk, channel_id, permit=still_admin(visitor))
    except DefinitionRefused as error:
        # Its sentence would name private jobs of others; the page names those that may be seen.
        told = "It is not deleted: jobs are attached to it. Take it out of their settings first."
        return _page(request, desk, visitor, channel, undeleted=told, status=error.status)
    return go(request, f"/organisations/{channel.organisation_id}/notifications")


def _page(
    request: Request, desk: Desk, visitor: Visitor, channel: StoredChannel, *, status: int = 200, **more: Any
) -> HTMLResponse:
    organisation = seen_organisation(visitor, channel.organisation_id)
    person = visitor.people[channel.organisation_id]
    with desk.store.reading() as session:
        users = postings.users(session, channel.organisation_id).get(channel.definition.key, ())
        last = postings.lasts(session, channel.organisation_id, channel_id=channel.channel_id).get(channel.channel_id)
        away = away_by_connection(session, channel.organisation_id).get(channel.definition.connection)
    jobs, hidden = seen_users(users, person)
    known: dict[str, Any] = {
        "saved": 0,
        "tested": None,
        "undeleted": "",
        "problems": Problems(),
        "typed": {"to": "me" if channel.definition.type == "email" else "all", "address": visitor.address},
    }
    return show(
        request,
        "channel.html",
        status=status,
        section="settings",
        title=channel.definition.name,
        organisation=organisation,
        zone=organisation.definition.timezone,
        channel=channel,
        kind=TYPE_WORDS[channel.definition.type],
        hears=what_it_hears(channel),
        outside=outsiders(organisation.definition, channel.definition),
        jobs=jobs,
        hidden=hidden,
        last=last,
        away=away,
        states=STATE_WORDS,
        kinds=KIND_WORDS,
        is_admin=person.is_admin,
        admins=names_of_admins(organisation.definition),
        token=token(),
        **known | more,
    )


def _recipients(organisation: Organisation, channel: StoredChannel, fields: Fields) -> tuple[tuple[str, ...], str]:
    """Return to whom a test goes, and what is wrong with the address that it is to go to alone."""
    definition = channel.definition
    if definition.type != "email" or fields.text("to") != "me":
        outside = outsiders(organisation, definition)
        allowed = tuple(each for each in definition.recipients if each not in outside)
        if outside and not allowed:
            return (), "Mail may go to none of its recipients: their domains are not allowed."
        return allowed or ("",), ""
    address, limits = fields.text("address"), organisation.notices
    if unaddressable("email", (address,)):
        return (), f"Name an address, as 'ada@example.com', not {address!r:.80}."
    if limits.forbids(address):
        return (), f"Mail of this organisation goes to addresses of {listed(limits.recipient_domains)} alone."
    return (address,), ""


def _to(channel: StoredChannel, recipient: str) -> Addressee:
    return Addressee(channel.channel_id, channel.definition.key, channel.definition.type, recipient)
