"""How the messages of a channel look: examples, and what the last run of a job would say."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from interact.api.access import DeskDep
from interact.api.channel_words import TYPE_WORDS
from interact.api.example_notices import KIND_WORDS
from interact.api.headers import LETTER
from interact.api.pages.notifications import seen_users
from interact.api.pages.showing import show
from interact.api.pages.visitors import Visitor, VisitorDep, seen_channel, seen_job, seen_organisation
from interact.api.previews import example_of, json_of, letter_of
from interact.errors import NotFound
from interact.jobs.stored import StoredChannel
from interact.notices.notice import Notice
from interact.runs.desk import Desk
from interact.runs.saying.say import say
from interact.store import postings

router = APIRouter()
KindQuery = Annotated[str, Query(max_length=20)]
JobQuery = Annotated[str, Query(max_length=40)]


@router.get("/channels/{channel_id}/preview")
def preview(
    request: Request, channel_id: str, desk: DeskDep, visitor: VisitorDep, *, kind: KindQuery = "", job: JobQuery = ""
) -> HTMLResponse:
    """Show a message as a channel would send it: an example of a kind, or what is said of a job's last run."""
    channel = seen_channel(desk, visitor, channel_id)
    organisation = seen_organisation(visitor, channel.organisation_id)
    with desk.store.reading() as session:
        users = postings.users(session, channel.organisation_id).get(channel.definition.key, ())
    shown, notice, told = _content(desk, visitor, channel, kind, job)
    is_mail = channel.definition.type == "email"
    letter = (
        letter_of(desk, notice, recipient=_recipient(channel), channel=channel.definition.name) if is_mail else None
    )
    return show(
        request,
        "message_preview.html",
        section="settings",
        title=f"{channel.definition.name}, messages",
        organisation=organisation,
        channel=channel,
        type_words=TYPE_WORDS[channel.definition.type],
        kinds=KIND_WORDS,
        kind="" if job else shown,
        jobs=seen_users(users, visitor.people[channel.organisation_id])[0],
        job_id=job,
        told=told,
        content=notice,
        base_url=desk.settings.base_url,
        letter=letter,
        recipient=_recipient(channel),
        json="" if is_mail else json_of(desk, notice, channel.definition),
    )


@router.get("/channels/{channel_id}/preview/mail.html")
def preview_as_mail(
    channel_id: str, desk: DeskDep, visitor: VisitorDep, *, kind: KindQuery = "", job: JobQuery = ""
) -> HTMLResponse:
    """Return the page that such a mail holds; raises NotFound for a channel that sends no mail."""
    channel = seen_channel(desk, visitor, channel_id)
    if channel.definition.type != "email":
        raise NotFound("channel", channel_id)
    _, notice, _ = _content(desk, visitor, channel, kind, job)
    letter = letter_of(desk, notice, recipient=_recipient(channel), channel=channel.definition.name)
    return HTMLResponse(letter.page(), headers={"Content-Security-Policy": LETTER})


def _content(desk: Desk, visitor: Visitor, channel: StoredChannel, kind: str, job_id: str) -> tuple[str, Notice, str]:
    """Return the kind and the message to show, and what there is to say about where it comes from."""
    organisation = seen_organisation(visitor, channel.organisation_id).definition
    if job_id:
        job, _ = seen_job(desk, visitor, job_id)
        with desk.store.reading() as session:
            run_id = postings.last_told_run(session, job.job_id)
        if run_id:
            notice = say(desk, run_id)
            return notice.kind, notice, "What its last run would say now, as if it were told for the first time."
        shown, notice = example_of("completed", organisation)
        return shown, notice, "No run of this job has ended yet: this is an example."
    shown, notice = example_of(kind, organisation)
    return shown, notice, "An example: its figures and names are made up."


def _recipient(channel: StoredChannel) -> str:
    return channel.definition.recipients[0] if channel.definition.recipients else ""
