"""Make, change and restore one agent, as an admin who is signed in does; files are applied elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count

from interact.errors import DefinitionRefused, EditConflict, FileRefused, KeyTaken, NotFound
from interact.jobs.definition import Agent
from interact.jobs.files import Document, read_sent
from interact.jobs.naming import slug
from interact.jobs.stored import StoredAgent, StoredOrganisation, Version
from interact.runs.definitions import Models, name_of, read_models, require_fit
from interact.runs.desk import Desk
from interact.runs.model_text import model_text
from interact.store import agents, jobs, organisations
from interact.store.sessions import Session
from interact.warehouse.semantic import read_model

Plain = Mapping[str, object]
"""A definition, or a part of one, with keys and values as in a file; the semantic model itself stands in it."""
Permit = Callable[[StoredOrganisation], None]
"""Raises AccessRefused or NotFound for an organisation whose agents this person does not change, as it stands then."""
_FIXED = ("key", "organisation")
_LOOK_AT = 20


def make_agent(desk: Desk, organisation_id: str, plain: Plain, *, by: str, permit: Permit) -> StoredAgent:
    """Create an agent of an organisation and return it; its key is made of its name, unless named.

    Raises DefinitionRefused, KeyTaken, NotFound, and what `permit` does.
    """
    with desk.store.reading() as session:
        organisation = organisations.by_id(session, organisation_id)
        if organisation is None:
            raise NotFound("organisation", organisation_id)
        named = {"key": _free_key(session, organisation_id, str(plain.get("name", ""))), **plain}
    document, brought = _read({**named, "organisation": organisation.definition.key})
    with desk.store.writing() as session:
        permit(_held(session, organisation.definition.key))
        if agents.by_key(session, organisation_id, document.definition.key):
            raise KeyTaken("agent", document.definition.key)
        return _saved(session, desk, (document, brought), by=by)


def change_agent(desk: Desk, agent_id: str, changes: Plain, *, version: int, by: str, permit: Permit) -> StoredAgent:
    """Change the keys that are named, as a new version, and return the agent.

    `version` is the one that the changes were made to; another one now raises EditConflict. Raises DefinitionRefused,
    NotFound, and what `permit` does.
    """
    with desk.store.reading() as session:
        read = agents.by_id(session, agent_id)
    if read is None:
        raise NotFound("agent", agent_id)
    named = {**_plain(read.definition), **{key: value for key, value in changes.items() if key not in _FIXED}}
    checked = _read(named)  # Outside the transaction: what is large takes its time.
    with desk.store.writing() as session:
        permit(_held(session, read.definition.organisation))
        agent = agents.by_id(session, agent_id)
        if agent is None:
            raise NotFound("agent", agent_id)
        if not version == read.version == agent.version:
            now = agent.definition.model_dump(mode="json")
            raise EditConflict(agent.definition.key, agent.version, now, kind="agent")
        return _saved(session, desk, checked, by=by, before=agent)


def restore_agent_version(
    desk: Desk, agent_id: str, number: int, *, version: int, by: str, permit: Permit
) -> StoredAgent:
    """Let an agent say again what it said in an earlier version, as a new one; raises what `change_agent` does."""
    with desk.store.reading() as session:
        found = agents.version(session, agent_id, number)
    if found is None:
        raise NotFound("version", f"{agent_id}, {number}")
    return change_agent(desk, agent_id, _plain(found.definition), version=version, by=by, permit=permit)


def off_since(session: Session, agent: StoredAgent) -> Version[Agent] | None:
    """Return the save that switched an agent off; None for an active one, or when nobody knows."""
    if agent.definition.active:
        return None
    first: Version[Agent] | None = None
    while saves := agents.versions(session, agent.agent_id, before=first.number if first else None, limit=_LOOK_AT):
        for save in saves:
            if save.definition.active:
                return first
            first = save
    return first


def _plain(definition: Agent) -> dict[str, object]:
    return definition.model_dump(mode="json")


def _read(plain: Plain) -> tuple[Document, Models]:
    """Return a definition that came in a call, and its model, read and refused as those that stand in files."""
    document = read_sent({**plain, "kind": "agent"})
    return document, read_models([document], read_model)


def _held(session: Session, key: str) -> StoredOrganisation:
    """Return an organisation once nobody else is changing it or its agents."""
    organisation = organisations.held(session, key)
    if organisation is None:
        raise NotFound("organisation", key)
    return organisation


def _saved(
    session: Session, desk: Desk, read: tuple[Document, Models], *, by: str, before: StoredAgent | None = None
) -> StoredAgent:
    document, brought = read
    definition = document.definition
    if not isinstance(definition, Agent):
        raise DefinitionRefused(f"This takes an agent, and the definition's kind is {document.kind!r}.")
    try:
        require_fit([document], brought, session)
    except FileRefused as error:
        told = _discreet(session, error.fact, definition.organisation, by)
        raise FileRefused("", None, told, path=error.path) from None
    model = brought[name_of(document)].model_dump(mode="json")
    whole = definition.model_copy(update={"semantic_model": model})
    if before is not None and _text(before.definition) == _text(whole):
        return before
    return agents.save(session, whole, now=desk.now(), saved_by=f"user:{by}")[0]


def _text(definition: Agent) -> str:
    """Return a definition in one form, whichever version of this program kept it."""
    return definition.model_copy(update={"semantic_model": model_text(definition)}).model_dump_json()


def _discreet(session: Session, sentence: str, organisation: str, by: str) -> str:
    """Return a sentence that names no private job to anybody but its owner."""
    for job in jobs.all_jobs(session):
        definition = job.definition
        if definition.is_private and definition.owner != by and definition.organisation == organisation:
            sentence = sentence.replace(f"Job {definition.key!r} ", f"A private job of {definition.owner!r} ")
    return sentence


def _free_key(session: Session, organisation_id: str, name: str) -> str:
    plain = slug(name).replace("_", "-") if slug(name) != slug("") else "agent"
    names = (plain if number == 1 else f"{plain}-{number}" for number in count(1))
    return next(each for each in names if agents.by_key(session, organisation_id, each) is None)
