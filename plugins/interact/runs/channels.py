"""Make, change and delete one channel, as an admin who is signed in does; files are applied elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from interact.errors import DefinitionRefused, EditConflict, FileRefused, KeyTaken, NotFound, listed
from interact.jobs.channels import Channel
from interact.jobs.definition import Organisation
from interact.jobs.files import read_sent
from interact.jobs.naming import slug
from interact.jobs.stored import StoredChannel, StoredOrganisation
from interact.runs.agents import Permit
from interact.runs.desk import Desk
from interact.runs.organisations import fingerprint
from interact.store import channels, organisations
from interact.store.sessions import Session

Plain = Mapping[str, object]
"""A definition, or a part of one, with keys and values as in a file."""
_FIXED = ("key", "organisation", "type")
_NAMED = 12


def make_channel(desk: Desk, organisation_id: str, plain: Plain, *, permit: Permit) -> StoredChannel:
    """Create a channel of an organisation and return it; its key is made of its name, unless named.

    Raises DefinitionRefused, KeyTaken, NotFound, and what `permit` does.
    """
    with desk.store.reading() as session:
        organisation = organisations.by_id(session, organisation_id)
        if organisation is None:
            raise NotFound("organisation", organisation_id)
        named = {"key": _free_key(session, organisation_id, str(plain.get("name", ""))), **plain}
    definition = _read({**named, "organisation": organisation.definition.key})
    with desk.store.writing() as session:
        there = _held(session, organisation.definition.key)
        permit(there)
        require_within(there.definition, definition)
        if channels.by_key(session, organisation_id, definition.key):
            if "key" in plain:
                raise KeyTaken("channel", definition.key)
            # Somebody else was given the same one a moment ago.
            definition = definition.model_copy(
                update={"key": _free_key(session, organisation_id, definition.name)},
            )
        return channels.save(session, definition, now=desk.now())[0]


def change_channel(desk: Desk, channel_id: str, changes: Plain, *, seen: str, permit: Permit) -> StoredChannel:
    """Change the keys that are named and return the channel; its key and its type stay.

    `seen` is the fingerprint of the definition that was changed; another one now raises EditConflict. Raises
    DefinitionRefused, NotFound, and what `permit` does.
    """
    with desk.store.reading() as session:
        read = channels.by_id(session, channel_id)
    if read is None:
        raise NotFound("channel", channel_id)
    named = {key: value for key, value in changes.items() if key not in _FIXED}
    definition = _read({**read.definition.model_dump(mode="json"), **named})
    with desk.store.writing() as session:
        organisation = _held(session, read.definition.organisation)
        permit(organisation)
        require_within(organisation.definition, definition)
        there = channels.by_id(session, channel_id)
        if there is None:
            raise NotFound("channel", channel_id)
        if not seen == fingerprint(read.definition) == fingerprint(there.definition):
            now = there.definition.model_dump(mode="json")
            raise EditConflict(there.definition.key, None, now, kind="channel")
        return channels.save(session, definition, now=desk.now())[0]


def delete_channel(desk: Desk, channel_id: str, *, permit: Permit) -> None:
    """Delete a channel that no job tells of its runs; what it delivered stays in the ledger.

    Raises DefinitionRefused, naming the jobs, NotFound, and what `permit` does.
    """
    with desk.store.writing() as session:
        channel = channels.by_id(session, channel_id)
        if channel is None:
            raise NotFound("channel", channel_id)
        permit(_held(session, channel.definition.organisation))
        channels.delete(session, channel)


def require_within(organisation: Organisation, channel: Channel) -> None:
    """Raise FileRefused for a channel by email that leads to an address of a domain that is not allowed."""
    outside = outsiders(organisation, channel)
    if outside:
        told = (
            f"`recipients` names {listed(outside, limit=_NAMED)}; mail of this organisation goes to addresses of "
            f"{listed(organisation.notices.recipient_domains)} alone. Take them out, or let an admin add the domain "
            "under Settings, Organisation."
        )
        raise FileRefused("", None, told, path=("recipients",))


def outsiders(organisation: Organisation, channel: Channel) -> tuple[str, ...]:
    """Return the recipients of a channel by email that mail of the organisation may not go to."""
    if channel.type != "email":
        return ()
    return tuple(each for each in channel.recipients if organisation.notices.forbids(each))


def _read(plain: Plain) -> Channel:
    """Return a definition that came in a call, read and refused as those that stand in files."""
    document = read_sent({**plain, "kind": "channel"})
    if not isinstance(document.definition, Channel):
        raise DefinitionRefused(f"This takes a channel, and the definition's kind is {document.kind!r}.")
    return document.definition


def _held(session: Session, key: str) -> StoredOrganisation:
    """Return an organisation once nobody else is changing it, its channels or its jobs."""
    organisation = organisations.held(session, key)
    if organisation is None:
        raise NotFound("organisation", key)
    return organisation


def _free_key(session: Session, organisation_id: str, name: str) -> str:
    plain = slug(name).replace("_", "-") if slug(name) != slug("") else "channel"
    names = (plain if number == 1 else f"{plain}-{number}" for number in count(1))
    return next(each for each in names if channels.by_key(session, organisation_id, each) is None)
