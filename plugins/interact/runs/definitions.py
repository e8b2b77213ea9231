"""Put definitions from files into the store: all of them, or none when one does not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from interact.errors import DefinitionRefused, listed
from interact.jobs.definition import KINDS, Agent, Job, Kind, Organisation
from interact.jobs.files import Document
from interact.jobs.stored import Change, StoredJob
from interact.store import agents, jobs, organisations
from interact.store.sessions import Session, Store
from interact.templates import check_prompt
from interact.warehouse.semantic import SemanticModel

Name = tuple[str, str]
"""The keys of an organisation and of an agent or job in it."""
Models = dict[Name, SemanticModel]
ReadModel = Callable[[Path], SemanticModel]


@dataclass(frozen=True)
class Applied:
    """What became of one definition."""

    kind: Kind
    key: str
    id: str
    outcome: Change


@dataclass(frozen=True)
class _Known:
    """What a definition may refer to: what is stored, and what the files bring."""

    organisations: frozenset[str]
    models: Models
    earlier: Models
    """The stored models, as they are before anything is written."""
    jobs: dict[Name, Job]
    """The stored jobs, as they are before anything is written."""


def apply(store: Store, documents: Sequence[Document], *, now: datetime, read_model: ReadModel) -> list[Applied]:
    """Create or change what the documents define, in one transaction, and return what became of each, in their order.

    Raises FileRefused, naming file and line, before anything is written; StoreUnavailable.
    """
    _require_unique(documents)
    brought = {_name(d): _model(d, d.definition, read_model) for d in documents if isinstance(d.definition, Agent)}
    with store.writing() as session:
        known = _known(session, documents, brought)
        for document in documents:
            _check(document, known)
        _require_filters(documents, known)
        for document in documents:
            if isinstance(document.definition, Job):
                _require_use(document, document.definition, known)
        # What others refer to is saved before them; the answer keeps the order of the files.
        ordered = sorted(documents, key=lambda document: KINDS.index(document.kind))
        applied = {id(document): _save(session, document, brought, now=now) for document in ordered}
    return [applied[id(document)] for document in documents]


def would_delete(store: Store, documents: Iterable[Document]) -> list[StoredJob]:
    """Return the stored jobs of the documents' organisations that no document names; they stay as they are."""
    named = {(document.kind, _name(document)) for document in documents}
    touched = {organisation for _, (organisation, _) in named}
    with store.reading() as session:
        stored = [job for job in jobs.all_jobs(session) if job.definition.organisation in touched]
    return [job for job in stored if ("job", (job.definition.organisation, job.definition.key)) not in named]


def _name(document: Document) -> Name:
    definition = document.definition
    return (definition.key if isinstance(definition, Organisation) else definition.organisation), definition.key


def _require_unique(documents: Iterable[Document]) -> None:
    first: dict[tuple[Kind, Name], Document] = {}
    for document in documents:
        earlier = first.setdefault((document.kind, _name(document)), document)
        if earlier is not document:
            raise document.refused(
                f"The {document.kind} {document.definition.key!r} is defined twice, first in {earlier.file}, "
                f"line {earlier.line}. Take one of the two out, or give it another key."
            )


def _model(document: Document, agent: Agent, read_model: ReadModel) -> SemanticModel:
    try:
        if isinstance(agent.semantic_model, str):
            return read_model(Path(document.file).parent / agent.semantic_model)
        return SemanticModel.model_validate(agent.semantic_model)
    except DefinitionRefused as error:
        raise document.refused(str(error), key="semantic_model") from None
    except ValidationError as error:
        detail = error.errors()[0]
        where = ".".join(str(part) for part in detail["loc"]) or "the model"
        raise document.refused(
            f"`semantic_model` is wrong at {where}: {detail['msg']}.", key="semantic_model"
        ) from None


def _known(session: Session, documents: Iterable[Document], brought: Models) -> _Known:
    stored = {entry.definition.key: entry.organisation_id for entry in organisations.all_of(session)}
    models = {
        (organisation, agent.definition.key): SemanticModel.model_validate(agent.definition.semantic_model)
        for organisation, organisation_id in stored.items()
        for agent in agents.all_of(session, organisation_id)
    }
    ours = {document.definition.key for document in documents if document.kind == "organisation"}
    kept = {(job.definition.organisation, job.definition.key): job.definition for job in jobs.all_jobs(session)}
    return _Known(frozenset(stored) | ours, models | brought, models, kept)


def _check(document: Document, known: _Known) -> None:
    definition = document.definition
    if isinstance(definition, Organisation):
        return
    if definition.organisation not in known.organisations:
        raise document.refused(
            f"The {document.kind} {definition.key!r} belongs to organisation {definition.organisation!r}, which does "
            f"not exist (there are {listed(sorted(known.organisations))}). Name one of them, or define it too.",
            key="organisation",
        )
    if isinstance(definition, Job):
        _check_job(document, definition, known)


def _check_job(document: Document, job: Job, known: _Known) -> None:
    model = known.models.get((job.organisation, job.agent))
    if model is None:
        there = sorted(agent for organisation, agent in known.models if organisation == job.organisation)
        raise document.refused(
            f"Job {job.key!r} asks agent {job.agent!r}, which does not exist in organisation {job.organisation!r} "
            f"(there are {listed(there)}). Name one of them, or define it too.",
            key="agent",
        )
    try:
        check_prompt(job.prompt, frozenset(job.parameters))
    except DefinitionRefused as error:
        raise document.refused(str(error), key="prompt") from None
    dimensions = {dimension.name for dimension in model.dimensions}
    clashing = sorted(job.parameters.keys() & {metric.name for metric in model.metrics})
    if clashing:
        raise document.refused(
            f"The parameter {listed(clashing)} bears the name of a metric, which cannot be filtered by. "
            f"Give it another name; a dimension's name makes it a filter ({listed(sorted(dimensions))}).",
            key="parameters",
        )


def _require_filters(documents: Iterable[Document], known: _Known) -> None:
    """Refuse what would make a parameter a mere word in the prompt that has been a filter until now."""
    sources = {(document.kind, _name(document)): document for document in documents}
    brought = {_name(d): d.definition for d in sources.values() if isinstance(d.definition, Job)}
    for name, job in (known.jobs | brought).items():
        stored = known.jobs.get(name, job)
        before, now = (job.organisation, stored.agent), (job.organisation, job.agent)
        filters = _dimensions(known.earlier, before) | _dimensions(known.earlier, now)
        lost = sorted(job.parameters.keys() & filters - _dimensions(known.models, now))
        source = sources.get(("agent", now)) or sources.get(("job", name))
        if lost and source:
            raise source.refused(
                f"Job {job.key!r} filters by {listed(lost)}, which agent {job.agent!r} would not know as a dimension "
                f"any more (it has {listed(sorted(_dimensions(known.models, now)))}): its runs would read everything. "
                "Keep the dimension, or give the job's parameter another name in the same files.",
                key="semantic_model" if source.kind == "agent" else "agent",
            )


def _require_use(document: Document, job: Job, known: _Known) -> None:
    """Refuse a parameter that changes nothing: its chats would bear a value that their figures know nothing of."""
    dimensions = _dimensions(known.models, (job.organisation, job.agent))
    idle = sorted(job.parameters.keys() - dimensions - check_prompt(job.prompt, frozenset(job.parameters)))
    if idle:
        raise document.refused(
            f"The parameter {listed(idle)} changes nothing: it is neither a dimension of agent {job.agent!r} "
            f"({listed(sorted(dimensions))}) nor a placeholder of the prompt, as '{{{{ {idle[0]} }}}}'. "
            "Correct its name, or take it out.",
            key="parameters",
        )


def _dimensions(models: Models, agent: Name) -> set[str]:
    return {dimension.name for dimension in models[agent].dimensions} if agent in models else set()


def _save(session: Session, document: Document, models: Models, *, now: datetime) -> Applied:
    definition = document.definition
    if isinstance(definition, Organisation):
        organisation, outcome = organisations.save(session, definition, now=now)
        return Applied("organisation", definition.key, organisation.organisation_id, outcome)
    if isinstance(definition, Agent):
        model = models[_name(document)].model_dump(mode="json")
        agent, outcome = agents.save(session, definition.model_copy(update={"semantic_model": model}), now=now)
        return Applied("agent", definition.key, agent.agent_id, outcome)
    job, outcome = jobs.save(session, definition, now=now)
    return Applied("job", definition.key, job.job_id, outcome)
