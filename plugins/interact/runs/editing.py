"""Make, change, hand over and delete one job, as somebody who is signed in does; files are applied elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from interact.errors import DefinitionRefused, EditConflict, KeptInFile, KeyTaken, NotFound, listed
from interact.jobs.definition import Job
from interact.jobs.files import Document, read_documents
from interact.jobs.naming import slug
from interact.jobs.stored import StoredJob, StoredOrganisation
from interact.jobs.writing import write_mapping
from interact.runs.definitions import require_fit
from interact.runs.desk import Desk
from interact.store import jobs, organisations
from interact.store.sessions import Session

Plain = Mapping[str, object]
"""A definition, or a part of one, with keys and values as in a file."""


def make_job(desk: Desk, organisation_id: str, maker: str, plain: Plain) -> StoredJob:
    """Create a job of an organisation and return it; it is the maker's, and its key is made of its name, unless named.

    Raises DefinitionRefused, KeyTaken.
    """
    with desk.store.writing() as session:
        organisation = _organisation(session, organisation_id)
        owned = {"organisation": organisation.definition.key, "owner": maker, **plain}
        if "key" not in owned:
            owned["key"] = _free_key(session, organisation_id, str(plain.get("name", "")))
        job = _checked(session, owned, organisation)
        if job.owner != maker:  # One of Airflow's admins need not be named as a member.
            _require_member(organisation, job.owner)
        if jobs.by_key(session, organisation_id, job.key):
            raise KeyTaken("job", job.key)
        return jobs.save(session, job, now=desk.now())[0]


def change_job(desk: Desk, job_id: str, changes: Plain, *, version: int | None) -> StoredJob:
    """Change the keys that are named and return the job; a key with None goes back to its default.

    `version` is the one that the changes were made to; another one now raises EditConflict. Raises DefinitionRefused,
    KeptInFile, NotFound.
    """
    with desk.store.writing() as session:
        job = _held(session, job_id)
        organisation = _organisation(session, job.organisation_id)
        if version not in (None, job.version):
            raise EditConflict(job.definition.key, job.version, job.definition.model_dump(mode="json"))
        before = job.definition.model_dump(mode="json", exclude_defaults=True)
        fixed = [name for name in ("key", "organisation", "owner") if changes.get(name, before[name]) != before[name]]
        if fixed:
            raise DefinitionRefused(
                f"Job {job.definition.key!r} keeps its {listed(fixed)}: a change cannot name another one. "
                "An owner is changed by handing the job over; for another key or organisation make another job."
            )
        after = {name: value for name, value in {**before, **changes}.items() if value is not None}
        return jobs.save(session, _checked(session, after, organisation), now=desk.now())[0]


def hand_over_job(desk: Desk, job_id: str, owner: str) -> StoredJob:
    """Give a job to another owner and return it; raises DefinitionRefused, KeptInFile, NotFound."""
    with desk.store.writing() as session:
        job = _held(session, job_id)
        before = job.definition.model_dump(mode="json", exclude_defaults=True)
        organisation = _organisation(session, job.organisation_id)
        _require_member(organisation, owner)
        return jobs.save(session, _checked(session, {**before, "owner": owner}, organisation), now=desk.now())[0]


def delete_job(desk: Desk, job_id: str) -> None:
    """Delete a job: nothing starts it any more; its runs, chats and reports stay. Raises KeptInFile, NotFound."""
    with desk.store.writing() as session:
        jobs.mark_deleted(session, _held(session, job_id).job_id, now=desk.now())


def _held(session: Session, job_id: str) -> StoredJob:
    """Return a job that no file keeps, once nobody else is changing it."""
    job = jobs.by_id(session, job_id)
    if job is not None:
        organisations.held(session, job.definition.organisation)
        job = jobs.by_id(session, job_id)
    if job is None:
        raise NotFound("job", job_id)
    if job.kept_in is not None:
        raise KeptInFile(job.definition.key, job.kept_in)
    return job


def _organisation(session: Session, organisation_id: str) -> StoredOrganisation:
    found = organisations.by_id(session, organisation_id)
    if found is None:
        raise NotFound("organisation", organisation_id)
    return found


def _checked(session: Session, plain: Plain, organisation: StoredOrganisation) -> Job:
    document = _document(plain)
    job = document.definition
    if not isinstance(job, Job):
        raise DefinitionRefused(f"This call takes a job, and the definition's kind is {document.kind!r}. Leave it out.")
    if job.organisation != organisation.definition.key:
        raise DefinitionRefused(
            f"The job names organisation {job.organisation!r}, and the request is for {organisation.definition.key!r}. "
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


def _document(plain: Plain) -> Document:
    """Return a definition that came in a call, read and refused as one that stands in a file."""
    (document,) = read_documents(write_mapping({"kind": "job", **plain}), "")
    return document


def _free_key(session: Session, organisation_id: str, name: str) -> str:
    plain = slug(name).replace("_", "-")
    names = (plain if number == 1 else f"{plain}-{number}" for number in count(1))
    return next(each for each in names if jobs.by_key(session, organisation_id, each) is None)
