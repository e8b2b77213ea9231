"""One message of the ledger: what it says, how it stands with each recipient, and sending it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from interact.api.access import DeskDep
from interact.api.channel_words import TYPE_WORDS
from interact.api.headers import LETTER
from interact.api.pages.forms import Fields, FieldsDep
from interact.api.pages.notifications import STATE_WORDS, may_read, notice_line
from interact.api.pages.presses import seen_at_press
from interact.api.pages.showing import go, show
from interact.api.pages.visitors import Visitor, VisitorDep, seen_organisation
from interact.api.previews import letter_of
from interact.api.sending import send_now
from interact.errors import AccessRefused, DefinitionRefused, NotFound, listed
from interact.jobs.rights import Action, Person
from interact.jobs.stored import StoredChannel
from interact.notices.states import RESENDABLE, DeliveryState
from interact.runs.desk import Desk
from interact.runs.resend import resend as send_again
from interact.store import channels, ledger, postings
from interact.store.ledger import Delivery
from interact.store.postings import Posting

router = APIRouter()
_SHOWN = 50
_FIRST = (DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.PENDING, DeliveryState.SENDING)
"""What somebody looks for comes first; then what was delivered or held."""


@dataclass(frozen=True)
class Line:
    """One delivery; `is_there` is False when its channel was deleted, so that nothing can be sent by it."""

    delivery: Delivery
    channel: str
    is_there: bool
    may_be_asked_for: bool
    """Whether it was held, so that somebody can send it all the same."""


@router.get("/notices/{notice_id}")
def notice_page(
    request: Request, notice_id: str, desk: DeskDep, visitor: VisitorDep, *, whole: bool = False
) -> HTMLResponse:
    """Show a notice; of a private job's to others than its owner only that there was one, by which channels.

    Of many deliveries only the first are listed unless the `whole` list is asked for.
    """
    posting, person = _seen(desk, visitor, notice_id)
    organisation = seen_organisation(visitor, posting.organisation_id)
    with desk.store.reading() as session:
        there = {each.channel_id: each for each in channels.all_of(session, posting.organisation_id)}
        is_read = may_read(posting, person)
        kept = ledger.notices_by_id(session, [notice_id]).get(notice_id) if is_read else None
        found = ledger.deliveries(session, [notice_id]) if is_read else []
    line = notice_line(posting, person, there)
    may_resend = is_read and _may_resend(posting, person)
    return show(
        request,
        "notice.html",
        section="settings",
        title=line.subject or "A message about a private job",
        organisation=organisation,
        zone=organisation.definition.timezone,
        line=line,
        is_read=is_read,
        content=kept.content if kept else None,
        has_letter=kept is not None and any(each.channel_type == "email" for each in found),
        lines=_lines(found, there, may_resend=may_resend)[: None if whole else _SHOWN],
        count=len(found),
        again=_again(found if may_resend else [], there),
        seen_at=desk.now(),
        states=STATE_WORDS,
        types=TYPE_WORDS,
        base_url=desk.settings.base_url,
    )


@router.get("/notices/{notice_id}/mail.html")
def notice_as_mail(notice_id: str, desk: DeskDep, visitor: VisitorDep) -> Response:
    """Return the page that a mail of it holds, as it is made now."""
    posting, person = _seen(desk, visitor, notice_id)
    with desk.store.reading() as session:
        found = ledger.notices_by_id(session, [notice_id]).get(notice_id) if may_read(posting, person) else None
        mails = [each for each in ledger.deliveries(session, [notice_id]) if each.channel_type == "email"]
        channel = channels.by_id(session, mails[0].channel_id) if mails else None
    if found is None or not mails:
        raise NotFound("notice", notice_id)
    name = channel.definition.name if channel else mails[0].channel_key
    letter = letter_of(desk, found.content, recipient=mails[0].recipient, channel=name)
    return HTMLResponse(letter.page(), headers={"Content-Security-Policy": LETTER})


@router.post("/notices/{notice_id}/resend")
def resend(request: Request, notice_id: str, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep) -> Response:
    """Send it again: to all whose delivery failed or may have arrived, or one delivery, whatever became of that.

    Only what stood so when the page was seen: a second press finds nothing.
    """
    posting, person = _seen(desk, visitor, notice_id)
    if not may_read(posting, person):
        raise NotFound("notice", notice_id)
    if not _may_resend(posting, person):
        raise AccessRefused(
            "Only who may change a job sends its messages again: its owner, or an admin of the organisation."
            if posting.job
            else "Only an admin of the organisation sends this message again."
        )
    seen_at = seen_at_press(fields.text("seen"), now=desk.now())
    with desk.store.writing() as session:
        found = [each for each in ledger.deliveries(session, [notice_id]) if each.changed_at <= seen_at]
        there = {each.channel_id: each for each in channels.all_of(session, posting.organisation_id)}
        wanted = [each.delivery_id for each in _wanted(found, fields) if _is_there(each, there)]
        count = send_again(session, wanted, by=person.initiator, now=desk.now())
    if count:
        send_now(desk, [notice_id])
    return go(request, f"/notices/{notice_id}")


def _seen(desk: Desk, visitor: Visitor, notice_id: str) -> tuple[Posting, Person]:
    """Return a notice of an organisation that they belong to, and who they are there; raises NotFound."""
    with desk.store.reading() as session:
        posting = postings.by_id(session, notice_id)
    person = visitor.people.get(posting.organisation_id) if posting else None
    if posting is None or person is None:
        raise NotFound("notice", notice_id)
    return posting, person


def _may_resend(posting: Posting, person: Person) -> bool:
    return person.may(Action.EDIT, posting.job) if posting.job else person.is_admin


def _lines(found: Sequence[Delivery], there: Mapping[str, StoredChannel], *, may_resend: bool) -> list[Line]:
    ordered = sorted(found, key=lambda each: _FIRST.index(each.state) if each.state in _FIRST else len(_FIRST))
    return [
        Line(
            each,
            there[each.channel_id].definition.name if each.channel_id in there else each.channel_key or "no channel",
            is_there=_is_there(each, there),
            may_be_asked_for=may_resend and each.state is DeliveryState.HELD and _is_there(each, there),
        )
        for each in ordered
    ]


def _is_there(delivery: Delivery, there: Mapping[str, StoredChannel]) -> bool:
    """Return whether it can be sent: by its channel, or by any of its type for want of which it was held."""
    is_any = not delivery.channel_id and any(each.definition.type == delivery.channel_type for each in there.values())
    return is_any or delivery.channel_id in there


def _again(found: Sequence[Delivery], there: Mapping[str, StoredChannel]) -> dict[str, int]:
    """Return how many deliveries can be sent again of those that failed, and of those that may have arrived."""
    return {
        state.value: sum(1 for each in found if each.state is state and _is_there(each, there))
        for state in (DeliveryState.FAILED, DeliveryState.UNKNOWN)
    }


def _wanted(found: Sequence[Delivery], fields: Fields) -> list[Delivery]:
    if one := fields.text("delivery"):
        return [each for each in found if each.delivery_id == one]
    state = fields.text("state")
    if state not in (DeliveryState.FAILED, DeliveryState.UNKNOWN):
        allowed = listed(each.value for each in RESENDABLE[:2])
        raise DefinitionRefused(f"What is sent again is {allowed}, not {state!r:.60}. Use the buttons.")
    return [each for each in found if each.state == state]
