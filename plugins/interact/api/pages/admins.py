"""Who may change an organisation at the moment when it is changed, and who can be asked to."""

from __future__ import annotations

from collections.abc import Iterable

from interact.api.access import changes_connections, person_in
from interact.api.airflow_connections import channel_connections, model_connections, warehouse_connections
from interact.api.pages.visitors import Visitor
from interact.errors import AccessRefused, FileRefused, listed
from interact.jobs.channels import CHANNEL_TYPES, ChannelType
from interact.jobs.definition import Organisation
from interact.jobs.stored import StoredOrganisation
from interact.runs.agents import Permit
from interact.runs.desk import Desk
from interact.store import agents, channels


def still_admin(visitor: Visitor) -> Permit:
    """Return what raises AccessRefused where somebody is no admin of an organisation, as it stands by then."""

    def require(organisation: StoredOrganisation) -> None:
        if not person_in(visitor.user, organisation).is_admin:
            raise AccessRefused(
                f"{visitor.name!r} is no admin of {organisation.definition.name!r} any more, so nothing was saved. "
                "Ask one of its admins."
            )

    return require


def names_of_admins(organisation: Organisation) -> tuple[str, ...]:
    """Return who is named as an admin; nobody where only Airflow's own admins are."""
    return tuple(name for name, role in organisation.members.items() if role == "admin")


def nameable_connections(desk: Desk, visitor: Visitor, organisation_id: str) -> tuple[str, ...]:
    """Return the ids of the connections to offer for an agent's warehouse.

    Who may change Airflow's connections is offered those that it lists; another admin those that the organisation's
    agents read already: a connection of Airflow's may lead to what is another organisation's.
    """
    if changes_connections(visitor.user):
        return warehouse_connections()
    with desk.store.reading() as session:
        used = {agent.definition.warehouse for agent in agents.all_of(session, organisation_id)}
    return tuple(sorted(used))


def nameable_models(desk: Desk, visitor: Visitor, organisation_id: str) -> tuple[str, ...]:
    """Return the ids of the connections to offer for an agent's model or service, as `nameable_connections` does."""
    if changes_connections(visitor.user):
        return model_connections()
    with desk.store.reading() as session:
        found = [agent.definition for agent in agents.all_of(session, organisation_id)]
    return tuple(sorted({id_ for each in found for id_ in (each.connection, *each.fallbacks) if id_}))


def still_naming(
    desk: Desk, visitor: Visitor, organisation_id: str, *, warehouse: object, models: Iterable[object]
) -> Permit:
    """Return what raises as `still_admin` does, and FileRefused where an admin may not let an agent use one of these.

    `models` are its connection to a model or service, and its fallbacks.
    """
    free, used = changes_connections(visitor.user), nameable_connections(desk, visitor, organisation_id)
    known = nameable_models(desk, visitor, organisation_id)
    strange = next((each for each in models if each and each not in known), None)

    def require(organisation: StoredOrganisation) -> None:
        still_admin(visitor)(organisation)
        if not free and warehouse not in used:
            told = (
                f"Connection {warehouse!r:.80} is read by no agent of this organisation (there are {listed(used)}). "
                "Name one of those, or ask somebody who may change Airflow's connections to name another."
            )
            raise FileRefused("", None, told, path=("warehouse",))
        if not free and strange is not None:
            told = (
                f"Connection {strange!r:.80} is asked by no agent of this organisation (there are {listed(known)}). "
                "Name one of those, or ask somebody who may change Airflow's connections to name another."
            )
            raise FileRefused("", None, told, path=("connection",))

    return require


def connections_for_channels(desk: Desk, visitor: Visitor, organisation_id: str) -> dict[ChannelType, tuple[str, ...]]:
    """Return the ids of the connections to offer for each type of channel, as `nameable_connections` does for agents.

    A connection that channels of one type use is not offered for another: there it would mean something else.
    """
    if changes_connections(visitor.user):
        return channel_connections()
    with desk.store.reading() as session:
        found = [channel.definition for channel in channels.all_of(session, organisation_id)]
    return {kind: tuple(sorted({each.connection for each in found if each.type == kind})) for kind in CHANNEL_TYPES}


def still_sending_by(desk: Desk, visitor: Visitor, organisation_id: str, *, kind: str, connection: str) -> Permit:
    """Return what raises as `still_admin` does, and FileRefused where an admin may not let a channel use that."""
    free = changes_connections(visitor.user)
    used = {str(kind): ids for kind, ids in connections_for_channels(desk, visitor, organisation_id).items()}

    def require(organisation: StoredOrganisation) -> None:
        still_admin(visitor)(organisation)
        if not free and connection not in used.get(kind, ()):
            told = (
                f"Connection {connection!r:.80} is used by no channel of type {kind} in this organisation (there are "
                f"{listed(used.get(kind, ()))}). Name one of those, or ask somebody who may change Airflow's "
                "connections to name another."
            )
            raise FileRefused("", None, told, path=("connection",))

    return require
