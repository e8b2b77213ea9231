"""Make, change, hand over and delete one job, as somebody who is signed in does; files are applied elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count

from interact.errors import DefinitionRefused, EditConflict, KeptInFile, KeyTaken, NotFound, listed
from interact.jobs.definition import Job
from interact.jobs.files import Document, read_sent
from interact.jobs.naming import slug
from interact.jobs.stored import StoredJob, StoredOrganisation
from interact.runs.definitions import require_fit
from interact.runs.desk import Desk
from interact.store import jobs, organisations
from interact.store.sessions import Session

Plain = Mapping[str, object]
"""A definition, or a part of one, with keys and values as in a file."""
Permit = Callable[[StoredJob], None]
"""Raises AccessRefused or NotFound for a job that this may not be done with, as it stands when it is done."""
_TRIES = 5


def make_job(desk: Desk, organisation_id: str, maker: str, plain: Plain) -> StoredJob:
    """Create a job of an organisation and return it; it is the maker's.

    Unless it is named, its key is made of its name; a private job's says no more than that. Raises DefinitionRefused,
    KeyTaken.
    """
    document, organisation = _drafted(desk, organisation_id, maker, plain)
    with desk.store.writing() as session:
        organisations.held(session, organisation.definition.key)  # Who makes another job there waits.
        organisation = _organisation(session, organisation_id)
        job = _checked(session, document, organisation)
        if job.owner != maker:  # One of Airflow's admins need not be named as a member.
            _require_member(organisation, job.owner)
        if jobs.by_key(session, organisation_id, job.key):
            if "key" in plain:
                raise KeyTaken("job", job.key)
            # Somebody else was given the same one a moment ago.
            job = job.model_copy(update={"key": _free_key(session, organisation_id, plain)})
        return jobs.save(session, job, now=desk.now())[0]


def check_draft(desk: Desk, organisation_id: str, maker: str, plain: Plain) -> Job:
    """Return what a draft says, checked as it is when it is saved, and keep nothing of it; raises DefinitionRefused.

    It may be the draft of a change: its key may be that of a job.
    """
    document, organisation = _drafted(desk, organisation_id, maker, plain)
    with desk.store.reading() as session:
        return _checked(session, document, organisation)


def change_job(desk: Desk, job_id: str, changes: Plain, *, version: int | None, permit: Permit) -> StoredJob:
    """Change the keys that are named and return the job; a key with None goes back to its default.

    `version` is the one that the changes were made to; another one now raises EditConflict. Raises DefinitionRefused,
    KeptInFile, NotFound, and what `permit` does.
    """
    for _ in range(_TRIES):
        with desk.store.reading() as session:
            read = jobs.by_id(session, job_id)
        if read is None:
            raise NotFound("job", job_id)
        permit(read)
        document = _read(_changed(read, changes))  # Outside the transaction: what is large takes its time.
        with desk.store.writing() as session:
            job = _held(session, job_id, permit)
            if version in (None, job.version) and job.version == read.version:
                organisation = _organisation(session, job.organisation_id)
                return jobs.save(session, _checked(session, document, organisation), now=desk.now())[0]
        if version is not None and job.version != version:
            break
    raise EditConflict(job.definition.key, job.version, job.definition.model_dump(mode="json"))


def hand_over_job(desk: Desk, job_id: str, owner: str, *, permit: Permit) -> None:
    """Give a job to another owner; raises DefinitionRefused, KeptInFile, NotFound, and what `permit` does."""
    with desk.store.writing() as session:
        job = _held(session, job_id, permit)
        organisation = _organisation(session, job.organisation_id)
        _require_member(organisation, owner)
        document = _read({**_plain(job.definition), "owner": owner})
        jobs.save(session, _checked(session, document, organisation), now=desk.now())


def delete_job(desk: Desk, job_id: str, *, permit: Permit) -> None:
    """Delete a job: nothing starts it any more; its runs, chats and reports stay. Open runs are for the caller to end.

    Raises KeptInFile, NotFound, and what `permit` does.
    """
    with desk.store.writing() as session:
        jobs.mark_deleted(session, _held(session, job_id, permit).job_id, now=desk.now())


def _drafted(desk: Desk, organisation_id: str, maker: str, plain: Plain) -> tuple[Document, StoredOrganisation]:
    with desk.store.reading() as session:
        organisation = _organisation(session, organisation_id)
        owned = {"organisation": organisation.definition.key, "owner": maker, **plain}
        if "key" not in owned:
            owned["key"] = _free_key(session, organisation_id, plain)
    return _read(owned), organisation


def _held(session: Session, job_id: str, permit: Permit) -> StoredJob:
    """Return a job that no file keeps, once nobody else is changing it."""
    job = jobs.by_id(session, job_id)
    if job is not None:
        organisations.held(session, job.definition.organisation)
        job = jobs.by_id(session, job_id)
    if job is None:
        raise NotFound("job", job_id)
    permit(job)
    if job.kept_in is not None:
        raise KeptInFile(job.definition.key, job.kept_in)
    return job


def _organisation(session: Session, organisation_id: str) -> StoredOrganisation:
    found = organisations.by_id(session, organisation_id)
    if found is None:
        raise NotFound("organisation", organisation_id)
    return found


def _changed(job: StoredJob, changes: Plain) -> dict[str, object]:
    """Return a job's definition with changes to it; raises DefinitionRefused for what no change can name."""
    before = _plain(job.definition)
    unknown = sorted(name for name in changes if name not in Job.model_fields)
    if unknown:
        raise DefinitionRefused(
            f"{unknown[0]!r:.80} is no key of a job; it takes {listed(Job.model_fields, limit=20)}."
        )
    fixed = [name for name in ("key", "organisation", "owner") if changes.get(name, before[name]) != before[name]]
    if fixed:
        raise DefinitionRefused(
            f"Job {job.definition.key!r} keeps its {listed(fixed)}: a change cannot name another one. "
            "An owner is changed by handing the job over; for another key or organisation make another job."
        )
    return {name: value for name, value in {**before, **changes}.items() if value is not None}


def _plain(definition: Job) -> dict[str, object]:
    return definition.model_dump(mode="json", exclude_defaults=True)


def _read(plain: Plain) -> Document:
    """Return a definition that came in a call, read and refused as one that stands in a file."""
    document = read_sent({"kind": "job", **plain})
    if not isinstance(document.definition, Job):
        raise DefinitionRefused(f"This call takes a job, and the definition's kind is {document.kind!r}. Leave it out.")
    return document


def _checked(session: Session, document: Document, organisation: StoredOrganisation) -> Job:
    job = document.definition
    if not isinstance(job, Job) or job.organisation != organisation.definition.key:
        named = getattr(job, "organisation", "")
        raise DefinitionRefused(
            f"The job names organisation {named!r}, and the request is for {organisation.definition.key!r}. "
            "Leave `organisation` out, or send the other one's id in X-Organization-Id."
        )
    require_fit([document], {}, session)
    return job


def _require_member(organisation: StoredOrganisation, owner: str) -> None:
    members = organisation.definition.members
    if members and owner not in members:
        raise DefinitionRefused(
            f"The owner {owner!r} is no member of organisation {organisation.definition.key!r} "
            f"(there are {listed(sorted(members))}). Name one of them."
        )


def _free_key(session: Session, organisation_id: str, plain: Plain) -> str:
    """Return a key that no job has; a private job's tells nothing: who meets a taken one would know its name."""
    key = "private" if plain.get("visibility") == "private" else slug(str(plain.get("name", ""))).replace("_", "-")
    names = (key if number == 1 else f"{key}-{number}" for number in count(1))
    return next(each for each in names if jobs.by_key(session, organisation_id, each) is None)
