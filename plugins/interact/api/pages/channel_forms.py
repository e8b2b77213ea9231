"""The forms that make and change a channel."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from interact.api.access import DeskDep
from interact.api.channel_words import LEVEL_WORDS, TOPIC_WORDS, TYPE_WORDS
from interact.api.edits import CHANNEL_LABELS, channel_edits
from interact.api.pages.admins import connections_for_channels, still_sending_by
from interact.api.pages.channel_fields import (
    TOPIC_HINTS,
    TYPE_HINTS,
    Typed,
    lacking,
    plain_of,
    refused,
    typed,
    typed_of,
)
from interact.api.pages.forms import FieldsDep
from interact.api.pages.refusals import Problems
from interact.api.pages.showing import go, show
from interact.api.pages.visitors import Visitor, VisitorDep, administered, seen_channel
from interact.errors import DefinitionRefused, EditConflict, KeyTaken
from interact.jobs.channels import Channel
from interact.jobs.stored import StoredChannel, StoredOrganisation
from interact.jobs.timing import STORED
from interact.runs.channels import change_channel, make_channel
from interact.runs.desk import Desk
from interact.runs.organisations import fingerprint

router = APIRouter()


@router.get("/organisations/{organisation_id}/notifications/channels/new")
def new_channel(request: Request, organisation_id: str, desk: DeskDep, visitor: VisitorDep) -> HTMLResponse:
    """Show the form of a channel that nobody has written yet."""
    return _page(request, desk, visitor, administered(visitor, organisation_id), Typed())


@router.post("/organisations/{organisation_id}/notifications/channels")
def create_channel(
    request: Request, organisation_id: str, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep
) -> Response:
    """Make the channel, or show what was written again with what is wrong."""
    organisation, form = administered(visitor, organisation_id), typed(fields)
    if problems := lacking(form):
        return _page(request, desk, visitor, organisation, form, problems=problems, status=422)
    permit = still_sending_by(desk, visitor, organisation_id, kind=form.type, connection=form.connection)
    try:
        made = make_channel(desk, organisation_id, plain_of(form), permit=permit)
    except (DefinitionRefused, KeyTaken) as error:
        return _page(request, desk, visitor, organisation, form, problems=refused(error), status=error.status)
    return go(request, f"/channels/{made.channel_id}?saved=1")


@router.get("/channels/{channel_id}/settings")
def channel_settings(request: Request, channel_id: str, desk: DeskDep, visitor: VisitorDep) -> HTMLResponse:
    """Show the form of a channel."""
    channel = seen_channel(desk, visitor, channel_id)
    organisation = administered(visitor, channel.organisation_id)
    return _page(request, desk, visitor, organisation, typed_of(channel.definition), channel=channel)


@router.post("/channels/{channel_id}/settings")
def save_channel(request: Request, channel_id: str, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep) -> Response:
    """Save what an admin has written, or show it again with what is wrong."""
    channel = seen_channel(desk, visitor, channel_id)
    organisation, seen = administered(visitor, channel.organisation_id), fields.text("seen")
    form = _with_fixed(typed(fields), channel)
    again: dict[str, Any] = {"channel": channel, "seen": seen, "status": 422}
    if problems := lacking(form):
        return _page(request, desk, visitor, organisation, form, problems=problems, **again)
    permit = still_sending_by(desk, visitor, channel.organisation_id, kind=form.type, connection=form.connection)
    try:
        change_channel(desk, channel_id, plain_of(form), seen=seen, permit=permit)
    except EditConflict as error:
        there = Channel.model_validate(error.definition, context=STORED)
        mine = Channel.model_validate({**error.definition, **plain_of(form)})
        more = {"seen": fingerprint(there), "clash": channel_edits(there, mine), "status": error.status}
        return _page(request, desk, visitor, organisation, form, **again | more)
    except DefinitionRefused as error:
        return _page(request, desk, visitor, organisation, form, problems=refused(error), **again)
    return go(request, f"/channels/{channel_id}?saved=1")


def _page(
    request: Request, desk: Desk, visitor: Visitor, organisation: StoredOrganisation, form: Typed, **more: Any
) -> HTMLResponse:
    """Show the form; `more` holds the channel that is changed, and what a save that failed is shown again with."""
    channel: StoredChannel | None = more.pop("channel", None)
    known: dict[str, Any] = {
        "seen": fingerprint(channel.definition) if channel else "",
        "problems": Problems(),
        "clash": None,
    }
    return show(
        request,
        "channel_form.html",
        section="settings",
        title=f"{channel.definition.name}, settings" if channel else "New channel",
        organisation=organisation,
        channel=channel,
        form=form,
        labels=CHANNEL_LABELS,
        types=TYPE_WORDS,
        hints=TYPE_HINTS,
        levels=LEVEL_WORDS,
        topics=TOPIC_WORDS,
        topic_hints=TOPIC_HINTS,
        domains=organisation.definition.notices.recipient_domains,
        connections=connections_for_channels(desk, visitor, organisation.organisation_id),
        **known | more,
    )


def _with_fixed(form: Typed, channel: StoredChannel) -> Typed:
    """Return the form with what does not change of a channel."""
    return Typed(**{**vars(form), "key": channel.definition.key, "type": channel.definition.type})
