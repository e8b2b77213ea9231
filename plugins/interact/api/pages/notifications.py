"""Settings, Notifications: an organisation's channels, and the ledger of what was told to whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from interact.api.access import DeskDep
from interact.api.channel_words import TYPE_WORDS, what_it_hears, where_to
from interact.api.example_notices import KIND_WORDS
from interact.api.pages.admins import names_of_admins
from interact.api.pages.showing import show
from interact.api.pages.visitors import VisitorDep, seen_organisation
from interact.errors import ParameterRefused
from interact.jobs.definition import Organisation
from interact.jobs.rights import Action, Person
from interact.jobs.stored import StoredChannel
from interact.notices.states import DeliveryState
from interact.runs.channels import outsiders
from interact.runs.desk import Desk
from interact.store import channels, incidents, jobs, postings
from interact.store.incidents import Incident
from interact.store.postings import Last, Page, Posting, Tally, User, Wanted
from interact.store.sessions import Session

router = APIRouter()
STATE_WORDS: Mapping[DeliveryState, str] = {
    DeliveryState.DELIVERED: "delivered",
    DeliveryState.FAILED: "failed",
    DeliveryState.UNKNOWN: "may have arrived",
    DeliveryState.PENDING: "waiting",
    DeliveryState.SENDING: "being sent",
    DeliveryState.HELD: "not sent",
}
"""In the order in which they are shown."""
_LINES, _MOST_JOBS, _FEW = 25, 300, 3
_HERE_ALONE = ("localhost", "127.0.0.1", "::1", "0.0.0.0")


@dataclass(frozen=True)
class Asked:
    """Which notices an address asks for."""

    state: Annotated[str, Query(max_length=20)] = ""
    channel: Annotated[str, Query(max_length=40)] = ""
    job: Annotated[str, Query(max_length=40)] = ""
    cursor: Annotated[str, Query(max_length=200)] = ""

    def wanted(self, organisation_id: str) -> Wanted:
        """Return what to look for; raises ParameterRefused for what is no state."""
        return Wanted(
            organisation_id,
            _state(self.state),
            self.channel or None,
            self.job or None,
            _LINES,
            self.cursor or None,
        )

    def query(self, *, cursor: str = "") -> str:
        """Return the same for an address, from the newest or from a place on."""
        asked = {"state": self.state, "channel": self.channel, "job": self.job, "cursor": cursor}
        return urlencode({name: value for name, value in asked.items() if value})

    @property
    def is_narrowed(self) -> bool:
        """Whether not all are asked for."""
        return bool(self.state or self.channel or self.job)


@dataclass(frozen=True)
class ChannelLine:
    """A channel as the list shows it."""

    channel: StoredChannel
    where: str
    hears: str
    jobs: tuple[User, ...]
    """Those of its jobs that may be seen, at most a few."""
    more_jobs: int
    """How many jobs there are beside those, private ones of others too."""
    last: Last | None
    away: Incident | None
    """What keeps its server from being reached."""
    outside: int
    """How many of its recipients mail may not go to any more."""


@dataclass(frozen=True)
class Told:
    """How a notice stands by one channel; `name` is the channel's, its key where it was deleted."""

    name: str
    channel_id: str
    is_there: bool
    recipient: str
    counts: tuple[tuple[str, int], ...]
    """Each state with how many deliveries are in it."""


@dataclass(frozen=True)
class NoticeLine:
    """A notice as the ledger shows it; `subject` is "" where what it says is somebody else's alone."""

    posting: Posting
    kind: str
    subject: str
    job_name: str
    told: tuple[Told, ...]


@router.get("/organisations/{organisation_id}/notifications")
def notifications(
    request: Request,
    organisation_id: str,
    desk: DeskDep,
    visitor: VisitorDep,
    asked: Annotated[Asked, Depends()],
) -> HTMLResponse:
    """Show the channels, and below them the newest notices."""
    organisation, person = seen_organisation(visitor, organisation_id), visitor.people[organisation_id]
    wanted = asked.wanted(organisation_id)
    with desk.store.reading() as session:
        there = channels.all_of(session, organisation_id)
        users = postings.users(session, organisation_id)
        lines = _channel_lines(session, organisation.definition, person, there, users)
        is_hidden = asked.job and not _is_readable(session, person, asked.job)
        page = Page((), None) if is_hidden else postings.page(session, wanted)
    return show(
        request,
        "notifications.html",
        section="settings",
        title=f"{organisation.definition.name}, notifications",
        organisation=organisation,
        zone=organisation.definition.timezone,
        is_admin=person.is_admin,
        admins=names_of_admins(organisation.definition),
        channels=lines,
        lines=[notice_line(posting, person, {each.channel_id: each for each in there}) for posting in page.postings],
        states=STATE_WORDS,
        types=TYPE_WORDS,
        jobs=_offered(users, person),
        chosen=asked,
        newest=asked.query(),
        older=asked.query(cursor=page.next) if page.next else "",
        here_alone=leads_here_alone(desk),
    )


def notice_line(posting: Posting, person: Person, there: Mapping[str, StoredChannel]) -> NoticeLine:
    """Return a notice as somebody may see it."""
    is_seen = may_read(posting, person)
    return NoticeLine(
        posting,
        next((words for kind, words in KIND_WORDS.items() if kind == posting.kind), posting.kind),
        posting.subject if is_seen else "",
        posting.job_name if is_seen else "",
        tuple(_told(tally, there.get(tally.channel_id), is_seen=is_seen) for tally in posting.tallies),
    )


def may_read(posting: Posting, person: Person) -> bool:
    """Return whether somebody may read what a notice says: that of a private job is its owner's alone."""
    return posting.job is None or person.may(Action.READ, posting.job)


def leads_here_alone(desk: Desk) -> str:
    """Return the address that links in messages begin with, when it leads readers to their own machines; else ""."""
    url = desk.settings.base_url
    return url if urlsplit(url).hostname in _HERE_ALONE else ""


def seen_users(users: Iterable[User], person: Person) -> tuple[tuple[User, ...], int]:
    """Return the jobs that somebody may see, and how many private ones of others there are beside them."""
    found = tuple(users)
    seen = tuple(user for user in found if person.may(Action.READ, user.job))
    return seen, len(found) - len(seen)


def away_by_connection(session: Session, organisation_id: str) -> dict[str, Incident]:
    """Return the open outages of mail and chat servers, by the connection that leads there."""
    open_ones = [each for each in incidents.still_open(session) if each.organisation_id == organisation_id]
    return {each.subject.removeprefix("channel:"): each for each in open_ones if each.subject.startswith("channel:")}


def _channel_lines(
    session: Session,
    organisation: Organisation,
    person: Person,
    there: Iterable[StoredChannel],
    users: Mapping[str, list[User]],
) -> list[ChannelLine]:
    lasts = postings.lasts(session, person.organisation_id)
    away = away_by_connection(session, person.organisation_id)
    lines = []
    for channel in sorted(there, key=lambda each: each.definition.name.casefold()):
        seen, hidden = seen_users(users.get(channel.definition.key, ()), person)
        lines.append(
            ChannelLine(
                channel,
                where_to(channel),
                what_it_hears(channel),
                seen[:_FEW],
                hidden + max(0, len(seen) - _FEW),
                lasts.get(channel.channel_id),
                away.get(channel.definition.connection),
                len(outsiders(organisation, channel.definition)),
            )
        )
    return lines


def _told(tally: Tally, channel: StoredChannel | None, *, is_seen: bool) -> Told:
    return Told(
        channel.definition.name if channel else tally.channel_key or "no channel",
        tally.channel_id,
        is_there=channel is not None,
        recipient=tally.recipient if is_seen else "",
        counts=tuple((state, tally.counts[state]) for state in STATE_WORDS if state in tally.counts),
    )


def _is_readable(session: Session, person: Person, job_id: str) -> bool:
    """Return whether somebody may read a job, so that they may know which messages are about it."""
    job = jobs.standing(session, job_id)
    return job is not None and person.may(Action.READ, job)


def _offered(users: Mapping[str, list[User]], person: Person) -> list[User]:
    """Return the jobs to narrow the ledger by, by name: those in sight that tell any channel."""
    found = {user.job.job_id: user for jobs in users.values() for user in seen_users(jobs, person)[0]}
    return sorted(found.values(), key=lambda user: user.name.casefold())[:_MOST_JOBS]


def _state(text: str) -> DeliveryState | None:
    if not text:
        return None
    if text not in STATE_WORDS:
        raise ParameterRefused(
            "state", f"takes a state of a delivery, not {text!r:.40}", allowed=[each.value for each in STATE_WORDS]
        )
    return DeliveryState(text)
