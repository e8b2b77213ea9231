"""Change an organisation, as an admin who is signed in does, and see before what that does to its jobs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from interact.errors import DefinitionRefused, EditConflict, NotFound
from interact.jobs.channels import Channel
from interact.jobs.definition import Organisation
from interact.jobs.files import read_sent
from interact.jobs.plans import plan_of
from interact.jobs.stored import StoredJob, StoredOrganisation
from interact.runs.definitions import require_fit
from interact.runs.desk import Desk
from interact.store import organisations

Plain = Mapping[str, object]
"""A definition with keys and values as in a file."""
Permit = Callable[[StoredOrganisation], None]
"""Raises AccessRefused or NotFound for an organisation that this person does not change, as it stands then."""


@dataclass(frozen=True)
class Move:
    """A job whose plan is another one: its next time before and after, None where there is none, in their zones."""

    job: StoredJob
    zones: tuple[str, str]
    next_at: tuple[datetime | None, datetime | None]

    @property
    def is_moved(self) -> bool:
        """Whether its next time is another instant; else only later ones may be."""
        return self.next_at[0] != self.next_at[1]


def read_organisation(plain: Plain) -> Organisation:
    """Return a definition that came in a call, read and refused as one that stands in a file: FileRefused."""
    document = read_sent({**plain, "kind": "organisation"})
    require_fit([document], {}, None)
    if not isinstance(document.definition, Organisation):
        raise DefinitionRefused(f"This takes an organisation, not {document.kind!r}.")
    return document.definition


def fingerprint(definition: Organisation | Channel) -> str:
    """Return what tells one state of a definition from another."""
    return hashlib.sha256(definition.model_dump_json().encode()).hexdigest()[:24]


def change_organisation(
    desk: Desk, organisation_id: str, plain: Plain, *, seen: str, by: str, permit: Permit
) -> StoredOrganisation:
    """Put a definition in the place of an organisation's, as a new version, and return it; its key stays.

    `seen` is the fingerprint of the definition that was changed; another one now raises EditConflict. Raises
    DefinitionRefused, NotFound, and what `permit` does.
    """
    with desk.store.reading() as session:
        read = organisations.by_id(session, organisation_id)
    if read is None:
        raise NotFound("organisation", organisation_id)
    key = read.definition.key
    definition = read_organisation({**plain, "key": key})
    with desk.store.writing() as session:
        there = organisations.held(session, key)
        if there is None:
            raise NotFound("organisation", organisation_id)
        permit(there)
        if fingerprint(there.definition) != seen:
            raise EditConflict(key, None, there.definition.model_dump(mode="json"), kind="organisation")
        return organisations.save(session, definition, now=desk.now(), saved_by=f"user:{by}")[0]


def restore_organisation_version(
    desk: Desk, organisation_id: str, number: int, *, seen: str, by: str, permit: Permit
) -> StoredOrganisation:
    """Let an organisation say again what it said in an earlier version, as a new one; who belongs to it stays.

    Raises what `change_organisation` does.
    """
    with desk.store.reading() as session:
        found = organisations.version(session, organisation_id, number)
        there = organisations.by_id(session, organisation_id)
    if found is None or there is None:
        raise NotFound("version", f"{organisation_id}, {number}")
    again = with_members(found.definition, there.definition).model_dump(mode="json")
    return change_organisation(desk, organisation_id, again, seen=seen, by=by, permit=permit)


def with_members(definition: Organisation, there: Organisation) -> Organisation:
    """Return an earlier definition with the members of now: to restore a text lets nobody in, and nobody out."""
    return definition.model_copy(update={"members": there.members})


def moves(jobs: Iterable[StoredJob], before: Organisation, after: Organisation, *, now: datetime) -> tuple[Move, ...]:
    """Return the jobs that would run by another plan, those first whose next time moves, then by name."""
    found = [move for job in jobs if (move := _move(job, before, after, now=now))]
    return tuple(sorted(found, key=lambda move: (not move.is_moved, move.job.definition.name.casefold())))


def _move(job: StoredJob, before: Organisation, after: Organisation, *, now: datetime) -> Move | None:
    plans = (plan_of(job.definition, before), plan_of(job.definition, after))
    if plans[0] == plans[1]:
        return None
    own = job.definition.timezone
    first, second = (plan.next_tick(now) if plan else None for plan in plans)
    return Move(job, (own or before.timezone, own or after.timezone), (first, second))
