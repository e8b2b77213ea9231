"""Who is told of a run that somebody starts by hand: what its form offers, and what was chosen."""

from __future__ import annotations

from dataclasses import dataclass

from interact.api.deliveries import counted, names_of
from interact.api.pages.forms import Fields
from interact.api.pages.visitors import Visitor, seen_organisation
from interact.chats.record import CORRECTED, EVERYONE, NOBODY
from interact.errors import DefinitionRefused, FileRefused, listed
from interact.jobs.channels import unaddressable
from interact.jobs.stored import StoredJob
from interact.runs.desk import Desk
from interact.store import channels

ME = "me"
ADDRESS = "send-address"
"""The field of one's own address: no parameter bears such a name."""
_NO_MAIL = "This organisation has no channel of type email, by which it could be sent."
_NO_CHANNEL = "This job tells no channel of its runs. Its settings name them, under Who is told."


@dataclass(frozen=True)
class SendTo:
    """Who can be told; a reason says why one of the choices cannot be made, "" when it can."""

    chosen: str
    address: str
    me_hint: str
    no_me: str
    everyone: str
    """The channels: `2 channels: Marketing mail, #ops`."""
    no_everyone: str


def offered(desk: Desk, visitor: Visitor, job: StoredJob, fields: Fields | None) -> SendTo:
    """Return whom the form of a run offers to tell, with what was chosen before; nobody unless somebody says so."""
    organisation = seen_organisation(visitor, job.organisation_id).definition
    with desk.store.reading() as session:
        there = channels.all_of(session, job.organisation_id)
    heard = names_of(job.definition, there)
    has_mail = any(channel.definition.type == "email" for channel in there)
    domains = organisation.notices.recipient_domains
    return SendTo(
        chosen=fields.text("send_to") or NOBODY if fields else NOBODY,
        address=fields.text(ADDRESS) if fields else visitor.address,
        me_hint=f"Mail goes to addresses of {', '.join(domains)} alone." if domains else "",
        no_me="" if has_mail else _NO_MAIL,
        everyone=counted(heard),
        no_everyone="" if heard else _NO_CHANNEL,
    )


def audience_of(desk: Desk, visitor: Visitor, job: StoredJob, fields: Fields) -> str:
    """Return who is told of a run as a form says; nobody by default.

    Raises FileRefused at the form's field for an address that mail cannot, or may not, go to.
    """
    chosen = fields.text("send_to") or NOBODY
    if chosen != ME:
        return _one_of(chosen, (NOBODY, ME, EVERYONE))
    address, limits = fields.text(ADDRESS), seen_organisation(visitor, job.organisation_id).definition.notices
    if unaddressable("email", (address,)):
        raise _refused(f"“Address” takes an address, as 'ada@example.com', not {address!r:.80}.")
    if limits.forbids(address):
        told = f"Mail of this organisation goes to addresses of {listed(limits.recipient_domains)} alone"
        raise _refused(f"{told}, and {address!r:.80} is none. Name one of those.")
    with desk.store.reading() as session:
        there = channels.all_of(session, job.organisation_id)
    if not any(channel.definition.type == "email" for channel in there):
        raise _refused(f"{_NO_MAIL} Send it to nobody.")
    return f"{ME}:{address}"


def audience_again(fields: Fields) -> str:
    """Return who is told of a run that repeats another; nobody by default. Raises DefinitionRefused."""
    return _one_of(fields.text("send_to") or NOBODY, (NOBODY, CORRECTED, EVERYONE))


def _one_of(chosen: str, allowed: tuple[str, ...]) -> str:
    if chosen not in allowed:
        raise DefinitionRefused(f"“Send to” takes {listed(allowed)}, not {chosen!r:.60}. Choose one of them.")
    return chosen


def _refused(fact: str) -> FileRefused:
    return FileRefused("", None, fact, path=(ADDRESS,))
