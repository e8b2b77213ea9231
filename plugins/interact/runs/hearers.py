"""Who hears a notice, and who does not and why: the channels of a job, those of a value, one person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from interact.chats.record import Chat
from interact.errors import listed
from interact.jobs.definition import Job
from interact.jobs.stored import StoredChannel, StoredOrganisation
from interact.notices.hearing import deaf_to
from interact.notices.notice import Notice
from interact.store import channels
from interact.store.ledger import Addressee
from interact.store.sessions import Session

NO_MAIL = "Your organisation has no channel of type email. Add one in Settings, then send it again."


@dataclass(frozen=True)
class Group:
    """The chats of one value of a parameter, which some channels hear by themselves."""

    parameter: str
    value: str
    chat_ids: tuple[str, ...]

    @property
    def name(self) -> str:
        """Which value of which parameter, as `market=NL`."""
        return f"{self.parameter}={self.value}"


def hearers(
    session: Session,
    organisation: StoredOrganisation,
    job: Job,
    notice: Notice,
    *,
    whatever: Collection[str] = (),
) -> list[Addressee]:
    """Return who of a job's channels hears a notice, in the job's order, and which of them do not and why.

    Of a job that has routes alone all whom they name hear it: what is about no value concerns each of them. Channels
    whose ids are in `whatever` hear it whatever their level and topics. A place that two channels lead to hears it
    once. A channel that was deleted since is left out: before that somebody took it out of the job.
    """
    return list(_addressed(organisation, _places(session, organisation, job), notice, whatever=whatever))


def routed(
    session: Session,
    organisation: StoredOrganisation,
    job: Job,
    notice: Notice,
    *,
    group: Group,
    whatever: Collection[str] = (),
) -> list[Addressee]:
    """Return who hears what is said of one value's chats, and who does not and why."""
    named = _named(job, group)
    heard = channels_of(session, organisation.organisation_id, tuple(named))
    places = [(channel, named[channel.definition.key] or channel.definition.recipients) for channel in heard]
    return list(_addressed(organisation, places, notice, whatever=whatever))


def spread(job: Job, group: Group, to: Iterable[Addressee]) -> list[Addressee]:
    """Return addressees, those that are a channel as a whole as each of whom the route names in its place.

    So what is held, and sent later all the same, goes to the value's own people.
    """
    named = _named(job, group)
    return [
        replace(each, recipient=recipient)
        for each in to
        for recipient in ((each.recipient,) if each.recipient else named.get(each.channel_key) or ("",))
    ]


def _named(job: Job, group: Group) -> dict[str, tuple[str, ...]]:
    """Return the channels that hear of one value, by key, and whom their routes name in the place of their own."""
    return {
        route.channel: route.recipients
        for route in job.notices.routes
        if (route.parameter, route.value) == (group.parameter, group.value)
    }


def groups(job: Job, chats: Iterable[Chat]) -> list[Group]:
    """Return the chats of each value that the job has routes for, in the order of the routes; no group is empty."""
    opened = tuple(chats)
    values = dict.fromkeys((route.parameter, route.value) for route in job.notices.routes)
    found = (
        Group(name, value, tuple(chat.chat_id for chat in opened if chat.parameters.get(name) == value))
        for name, value in values
    )
    return [group for group in found if group.chat_ids]


def person(session: Session, organisation: StoredOrganisation, job: Job, address: str) -> Addressee:
    """Return somebody who asked for a notice to an address of theirs; level, topics and conditions are not theirs.

    It goes by the job's first email channel, else by the organisation's.
    """
    of_job = channels_of(session, organisation.organisation_id, job.heard_by)
    candidates = [*of_job, *channels.all_of(session, organisation.organisation_id)]
    channel = next((each for each in candidates if each.definition.type == "email"), None)
    if channel is None:
        return Addressee("", "", "email", address, held=NO_MAIL)
    return addressee(channel, address, held=forbidden(organisation, channel.definition.type, address))


def elsewhere(
    session: Session, organisation: StoredOrganisation, notice: Notice, *, connection: str
) -> list[Addressee]:
    """Return who hears a notice by an organisation's channels of other connections; those that do not are left out."""
    others = [
        each
        for each in channels.all_of(session, organisation.organisation_id)
        if each.definition.connection != connection and _deaf(each, notice) is None
    ]
    return list(_addressed(organisation, [(each, each.definition.recipients) for each in others], notice, whatever=()))


def channels_of(session: Session, organisation_id: str, keys: Sequence[str]) -> list[StoredChannel]:
    """Return channels by their keys, in that order; those that were deleted since are left out."""
    found = (channels.by_key(session, organisation_id, key) for key in keys)
    return [channel for channel in found if channel]


def _places(
    session: Session, organisation: StoredOrganisation, job: Job
) -> Iterator[tuple[StoredChannel, tuple[str, ...]]]:
    """Yield the channels of a job, else of its routes, each with whom it leads to."""
    for channel in channels_of(session, organisation.organisation_id, job.channels or job.heard_by):
        key, own = channel.definition.key, channel.definition.recipients
        routes = [] if job.channels else [route for route in job.notices.routes if route.channel == key]
        named = [recipient for route in routes for recipient in route.recipients or own]
        yield channel, tuple(dict.fromkeys(named)) if routes else own


def _addressed(
    organisation: StoredOrganisation,
    places: Iterable[tuple[StoredChannel, Sequence[str]]],
    notice: Notice,
    *,
    whatever: Collection[str],
) -> Iterator[Addressee]:
    reached: dict[tuple[str, str, str], str] = {}
    for channel, recipients in places:
        if channel.channel_id not in whatever and (deaf := _deaf(channel, notice)):
            yield addressee(channel, held=deaf)
            continue
        for recipient in recipients or ("",):
            there = _place(channel, recipient)
            held = forbidden(organisation, channel.definition.type, recipient)
            if held is None and there in reached:
                held = f"Channel {reached[there]!r} tells this place already."
            elif held is None:
                reached[there] = channel.definition.key
            yield addressee(channel, recipient, held=held)


def _place(channel: StoredChannel, recipient: str) -> tuple[str, str, str]:
    """Return what two deliveries to the same place have in common."""
    kind = channel.definition.type
    return kind, "" if kind == "email" else channel.definition.connection, recipient.lower()


def _deaf(channel: StoredChannel, notice: Notice) -> str | None:
    definition = channel.definition
    deaf = deaf_to(definition.level, definition.topics, notice_level=notice.level, notice_topics=notice.topics)
    return f"This channel {deaf}." if deaf else None


def forbidden(organisation: StoredOrganisation, channel_type: str, recipient: str) -> str | None:
    """Return why mail of an organisation does not go to an address; None when it does, and for what is no mail."""
    limits = organisation.definition.notices
    if channel_type != "email" or not limits.forbids(recipient):
        return None
    return (
        f"{recipient!r} is of no domain that mail of this organisation may go to "
        f"(it may go to {listed(limits.recipient_domains)})."
    )


def addressee(channel: StoredChannel, recipient: str = "", *, held: str | None = None) -> Addressee:
    """Return somebody whom a channel leads to, or all of it."""
    definition = channel.definition
    return Addressee(channel.channel_id, definition.key, definition.type, recipient, held)
