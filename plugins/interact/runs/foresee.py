"""What applying definitions would do, without doing it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from interact.jobs.definition import Agent, Definition, Kind
from interact.jobs.differences import Difference, differences
from interact.jobs.files import Document
from interact.jobs.stored import Change
from interact.runs.definitions import Models, ReadModel, kept_in, name_of, read_models, require_fit
from interact.store import agents, channels, jobs, organisations
from interact.store.sessions import Session, Store


@dataclass(frozen=True)
class Foreseen:
    """What would become of one definition; `differences` are those of one that would change."""

    kind: Kind
    key: str
    outcome: Change
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """What is stored of an organisation that the files speak of, and stands in none of them."""

    kind: Kind
    key: str
    id: str


def foresee(store: Store, documents: Sequence[Document], *, read_model: ReadModel) -> list[Foreseen]:
    """Return what `apply` would make of each document, in their order, and write nothing.

    Raises what `apply` raises: FileRefused, StoreUnavailable.
    """
    brought = read_models(documents, read_model)
    with store.reading() as session:
        require_fit(documents, brought, session)
        return [_foreseen(session, document, brought) for document in documents]


def left_out(store: Store, documents: Iterable[Document]) -> list[LeftOut]:
    """Return what is stored of the documents' organisations and stands in no document; it stays as it is."""
    named = {(document.kind, name_of(document)) for document in documents}
    touched = {organisation for _, (organisation, _) in named}
    with store.reading() as session:
        return [
            entry
            for organisation in organisations.all_of(session)
            if organisation.definition.key in touched
            for entry in _all_of(session, organisation.organisation_id)
            if (entry.kind, (organisation.definition.key, entry.key)) not in named
        ]


def _all_of(session: Session, organisation_id: str) -> Iterator[LeftOut]:
    for agent in agents.all_of(session, organisation_id):
        yield LeftOut("agent", agent.definition.key, agent.agent_id)
    for channel in channels.all_of(session, organisation_id):
        yield LeftOut("channel", channel.definition.key, channel.channel_id)
    for job in jobs.all_jobs(session):
        if job.organisation_id == organisation_id:
            yield LeftOut("job", job.definition.key, job.job_id)


def _foreseen(session: Session, document: Document, brought: Models) -> Foreseen:
    definition = document.definition
    if isinstance(definition, Agent):
        model = brought[name_of(document)].model_dump(mode="json")
        definition = definition.model_copy(update={"semantic_model": model})
    stored, file = _stored(session, document)
    if stored is None:
        return Foreseen(document.kind, definition.key, "created")
    found = differences(stored, definition)
    if document.kind == "job" and kept_in(document) not in (None, file):
        found += (Difference("kept in", file, kept_in(document)),)
    return Foreseen(document.kind, definition.key, "changed" if found else "unchanged", found)


def _stored(session: Session, document: Document) -> tuple[Definition | None, str | None]:
    """Return what is stored under a document's name, and the file that keeps it when it is a job."""
    organisation_key, key = name_of(document)
    organisation = organisations.by_key(session, organisation_key)
    if organisation is None:
        return None, None
    match document.kind:
        case "organisation":
            return organisation.definition, None
        case "agent":
            agent = agents.by_key(session, organisation.organisation_id, key)
            return agent.definition if agent else None, None
        case "channel":
            channel = channels.by_key(session, organisation.organisation_id, key)
            return channel.definition if channel else None, None
        case "job":
            job = jobs.by_key(session, organisation.organisation_id, key)
            return (job.definition, job.kept_in) if job else (None, None)
