"""Put definitions from files into the store: all of them, or none when one does not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from interact.errors import DefinitionRefused, QueryRefused, listed
from interact.jobs.channels import Channel, unaddressable
from interact.jobs.definition import KINDS, Agent, Job, Kind, Organisation
from interact.jobs.files import Document
from interact.jobs.stored import Change
from interact.store import agents, channels, jobs, organisations
from interact.store.sessions import Session, Store
from interact.templates import check_prompt
from interact.warehouse.guard import check_sole_column
from interact.warehouse.semantic import SemanticModel

Name = tuple[str, str]
"""The keys of an organisation and of an agent, channel or job in it."""
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
class _Stored:
    """What is in the store before anything is written; nothing unless it is given."""

    organisations: dict[str, Organisation] = field(default_factory=dict)
    channels: dict[Name, Channel] = field(default_factory=dict)
    models: Models = field(default_factory=dict)
    jobs: dict[Name, Job] = field(default_factory=dict)


@dataclass(frozen=True)
class _Known:
    """What a definition may refer to: what is stored, and what the files bring."""

    organisations: dict[str, Organisation]
    channels: dict[Name, Channel]
    models: Models
    earlier: Models
    """The stored models, as they are before anything is written."""
    jobs: dict[Name, Job]
    """The stored jobs, as they are before anything is written."""


def apply(store: Store, documents: Sequence[Document], *, now: datetime, read_model: ReadModel) -> list[Applied]:
    """Create or change what the documents define, in one transaction, and return what became of each, in their order.

    Raises FileRefused, naming file and line, before anything is written; StoreUnavailable.
    """
    brought = read_models(documents, read_model)
    with store.writing() as session:
        require_fit(documents, brought, session)
        # What others refer to is saved before them; the answer keeps the order of the files.
        ordered = sorted(documents, key=lambda document: KINDS.index(document.kind))
        applied = {id(document): _save(session, document, brought, now=now) for document in ordered}
    return [applied[id(document)] for document in documents]


def read_models(documents: Iterable[Document], read_model: ReadModel) -> Models:
    """Return the semantic model of each agent that the documents define; raises FileRefused."""
    return {name_of(d): _model(d, d.definition, read_model) for d in documents if isinstance(d.definition, Agent)}


def require_fit(documents: Sequence[Document], brought: Models, session: Session | None) -> None:
    """Raise FileRefused unless the documents fit together and to what is stored; without a session nothing is."""
    _require_unique(documents)
    known = _known(documents, brought, _stored(session) if session else _Stored())
    for document in documents:
        _check(document, known)
    _require_filters(documents, known)
    for document in documents:
        if isinstance(document.definition, Job):
            _require_use(document, document.definition, known)


def name_of(document: Document) -> Name:
    """Return the keys that a document's definition goes by."""
    definition = document.definition
    return (definition.key if isinstance(definition, Organisation) else definition.organisation), definition.key


def kept_in(document: Document) -> str | None:
    """Return the name of the file that a document stands in; None for what came in a call."""
    return Path(document.file).name or None


def _require_unique(documents: Iterable[Document]) -> None:
    first: dict[tuple[Kind, Name], Document] = {}
    for document in documents:
        earlier = first.setdefault((document.kind, name_of(document)), document)
        if earlier is not document:
            raise document.refused(
                f"The {document.kind} {document.definition.key!r} is defined twice, first in {earlier.file}, "
                f"line {earlier.line}. Take one of the two out, or give it another key."
            )


def _model(document: Document, agent: Agent, read_model: ReadModel) -> SemanticModel:
    if isinstance(agent.semantic_model, str) and not document.file:
        raise document.refused(
            "`semantic_model` names a file, and beside a definition that comes in a call there is none. "
            "Write the model itself there.",
            key="semantic_model",
        )
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


def _stored(session: Session) -> _Stored:
    all_of_them = organisations.all_of(session)
    there = {entry.definition.key: entry.organisation_id for entry in all_of_them}
    models = {
        (organisation, agent.definition.key): SemanticModel.model_validate(agent.definition.semantic_model)
        for organisation, organisation_id in there.items()
        for agent in agents.all_of(session, organisation_id)
    }
    named = {
        (organisation, channel.definition.key): channel.definition
        for organisation, organisation_id in there.items()
        for channel in channels.all_of(session, organisation_id)
    }
    kept = {(job.definition.organisation, job.definition.key): job.definition for job in jobs.all_jobs(session)}
    return _Stored({entry.definition.key: entry.definition for entry in all_of_them}, named, models, kept)


def _known(documents: Iterable[Document], brought: Models, stored: _Stored) -> _Known:
    ours = {d.definition.key: d.definition for d in documents if isinstance(d.definition, Organisation)}
    named = {name_of(d): d.definition for d in documents if isinstance(d.definition, Channel)}
    return _Known(
        organisations=stored.organisations | ours,
        channels=stored.channels | named,
        models=stored.models | brought,
        earlier=stored.models,
        jobs=stored.jobs,
    )


def _check(document: Document, known: _Known) -> None:
    definition = document.definition
    if isinstance(definition, Organisation):
        _check_members(document, definition)
        return
    if definition.organisation not in known.organisations:
        raise document.refused(
            f"The {document.kind} {definition.key!r} belongs to organisation {definition.organisation!r}, which does "
            f"not exist (there are {listed(sorted(known.organisations))}). Name one of them, or define it too.",
            key="organisation",
        )
    if isinstance(definition, Job):
        _check_job(document, definition, known)
        _check_channels(document, definition, known)
        _check_routes(document, definition, known)
    if isinstance(definition, Channel):
        organisation = known.organisations[definition.organisation]
        told = _misled(organisation, definition, definition.recipients)
        if told:
            raise document.refused(f"`recipients` {told}.", key="recipients")


def _check_members(document: Document, organisation: Organisation) -> None:
    if organisation.members and "admin" not in organisation.members.values():
        raise document.refused(
            f"Organisation {organisation.key!r} names members and none of them as admin, so that nobody in it could "
            "change its agents, channels and keys. Give one of them the role admin, or name nobody.",
            key="members",
        )


def _check_channels(document: Document, job: Job, known: _Known) -> None:
    missing = [key for key in job.heard_by if (job.organisation, key) not in known.channels]
    if missing:
        there = sorted(channel for organisation, channel in known.channels if organisation == job.organisation)
        raise document.refused(
            f"Job {job.key!r} names channel {listed(missing)}, which does not exist in organisation "
            f"{job.organisation!r} (there are {listed(there)}). Name one of them, or define it too.",
            **_where_named(job, missing[0]),
        )


def _where_named(job: Job, channel: str) -> dict[str, Any]:
    if channel in job.channels:
        return {"key": "channels"}
    number = next(number for number, route in enumerate(job.notices.routes) if route.channel == channel)
    return {"key": "notices", "inside": ("routes", str(number), "channel")}


def _check_routes(document: Document, job: Job, known: _Known) -> None:
    for number, route in enumerate(job.notices.routes):
        channel = known.channels[job.organisation, route.channel]
        told = _misled(known.organisations[job.organisation], channel, route.recipients)
        if told:
            fact = f"`recipients` of the route of {route.value!r:.60} {told}."
            raise document.refused(fact, key="notices", inside=("routes", str(number), "recipients"))


def _misled(organisation: Organisation, channel: Channel, recipients: tuple[str, ...]) -> str | None:
    """Return why a channel of an organisation may not, or cannot, lead to these recipients, as a predicate."""
    unusable = unaddressable(channel.type, recipients)
    if unusable:
        return unusable
    limits = organisation.notices
    forbidden = [each for each in recipients if channel.type == "email" and limits.forbids(each)]
    if not forbidden:
        return None
    return (
        f"names {listed(forbidden)}; mail of organisation {organisation.key!r} goes to addresses of "
        f"{listed(limits.recipient_domains)} alone. Name one of those, or let an admin add the domain"
    )


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
    _check_queries(document, job, model)
    dimensions = {dimension.name for dimension in model.dimensions}
    clashing = sorted(job.parameters.keys() & {metric.name for metric in model.metrics})
    if clashing:
        raise document.refused(
            f"The parameter {listed(clashing)} bears the name of a metric, which cannot be filtered by. "
            f"Give it another name; a dimension's name makes it a filter ({listed(sorted(dimensions))}).",
            key="parameters",
            inside=(clashing[0], "[key]"),
        )


def _check_queries(document: Document, job: Job, model: SemanticModel) -> None:
    """Refuse a query that the guard would not let through; nothing is run: the warehouse may not be there yet."""
    for name, parameter in job.parameters.items():
        try:
            if parameter.query:
                check_sole_column(parameter.query, model)
        except (QueryRefused, DefinitionRefused) as error:
            told = f"The query of parameter {name!r} is none that returns its values: {error}"
            raise document.refused(told, key="parameters", inside=(name, "query")) from None
    try:
        if job.notices.check:
            check_sole_column(job.notices.check, model)
    except (QueryRefused, DefinitionRefused) as error:
        told = f"The check is none that says whether to send: {error}"
        raise document.refused(told, key="notices", inside=("check",)) from None


def _require_filters(documents: Iterable[Document], known: _Known) -> None:
    """Refuse what would make a parameter a mere word in the prompt that has been a filter until now."""
    sources = {(document.kind, name_of(document)): document for document in documents}
    brought = {name_of(d): d.definition for d in sources.values() if isinstance(d.definition, Job)}
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
            inside=(idle[0], "[key]"),
        )


def _dimensions(models: Models, agent: Name) -> set[str]:
    return {dimension.name for dimension in models[agent].dimensions} if agent in models else set()


def _save(session: Session, document: Document, models: Models, *, now: datetime) -> Applied:
    definition, file = document.definition, kept_in(document)
    saved_by = f"file:{file}" if file else None
    if isinstance(definition, Organisation):
        organisation, outcome = organisations.save(session, definition, now=now, saved_by=saved_by)
        return Applied("organisation", definition.key, organisation.organisation_id, outcome)
    if isinstance(definition, Agent):
        model = models[name_of(document)].model_dump(mode="json")
        whole = definition.model_copy(update={"semantic_model": model})
        agent, outcome = agents.save(session, whole, now=now, saved_by=saved_by)
        return Applied("agent", definition.key, agent.agent_id, outcome)
    if isinstance(definition, Channel):
        channel, outcome = channels.save(session, definition, now=now)
        return Applied("channel", definition.key, channel.channel_id, outcome)
    job, outcome = jobs.save(session, definition, now=now, kept_in=file)
    return Applied("job", definition.key, job.job_id, outcome)
