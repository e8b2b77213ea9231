"""API keys: shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, select, update
from sqlalchemy import delete as delete_rows
from sqlalchemy.orm import Session

from interact.errors import DefinitionRefused, NotFound, listed
from interact.jobs.naming import new_id
from interact.jobs.rights import PERMISSIONS, KeyHolder
from interact.store.tables import JobRow, KeyRow, OrganisationRow

_LETTERS = string.ascii_letters + string.digits
_USE_IS_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class NewKey:
    """A key to be made."""

    name: str
    permissions: frozenset[str]
    expires_at: datetime | None = None
    job_ids: frozenset[str] | None = None
    """Only these jobs, those of them that are private now included; None for all that the organisation shares."""


@dataclass(frozen=True, kw_only=True)
class KeyRecord(KeyHolder):
    """A key as it is kept: without its secret."""

    key_id: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


def create(session: Session, organisation_id: str, wanted: NewKey, *, now: datetime) -> tuple[str, str]:
    """Make a key and return its secret, which nobody can read again, and its id.

    Raises DefinitionRefused for permissions that do not exist or none at all, NotFound for the organisation.
    """
    if session.get(OrganisationRow, organisation_id) is None:
        raise NotFound("organisation", organisation_id)
    unknown = sorted(wanted.permissions - set(PERMISSIONS))
    if unknown or not wanted.permissions:
        fact = f"does not know the permission {listed(unknown)}" if unknown else "needs a permission"
        raise DefinitionRefused(f"Key {wanted.name!r} {fact}. Name one or more of {listed(PERMISSIONS)}.")
    secret = "int_" + "".join(secrets.choice(_LETTERS) for _ in range(48))
    row = KeyRow(
        id=new_id("key"),
        organisation_id=organisation_id,
        name=wanted.name,
        digest=_digest(secret),
        permissions=sorted(wanted.permissions),
        created_at=now,
        expires_at=wanted.expires_at,
        job_ids=None if wanted.job_ids is None else sorted(wanted.job_ids),
        private_job_ids=_private_among(session, organisation_id, wanted.job_ids or frozenset()),
    )
    session.add(row)
    session.flush()
    return secret, row.id


def authenticate(session: Session, secret: str, *, now: datetime) -> KeyRecord | None:
    """Return the key with this secret; None for an unknown or expired one."""
    digest = _digest(secret)
    row = session.scalars(select(KeyRow).where(KeyRow.digest == digest)).one_or_none()
    if row is None or not hmac.compare_digest(row.digest, digest):
        return None
    if row.expires_at is not None and row.expires_at <= now:
        return None
    return _record(row)


def is_use_due(key: KeyRecord, *, now: datetime) -> bool:
    """Return whether a key's last use was noted so long ago that this one should be: a minute."""
    return key.last_used_at is None or now - key.last_used_at >= _USE_IS_NOTED_EVERY


def note_use(session: Session, key_id: str, *, now: datetime) -> None:
    """Note that a key was used now."""
    session.execute(update(KeyRow).where(KeyRow.id == key_id).values(last_used_at=now))


def all_of(session: Session, organisation_id: str) -> list[KeyRecord]:
    """Return an organisation's keys, oldest first."""
    rows = session.scalars(
        select(KeyRow).where(KeyRow.organisation_id == organisation_id).order_by(KeyRow.created_at, KeyRow.id)
    )
    return [_record(row) for row in rows]


def delete(session: Session, key_id: str) -> bool:
    """Take a key out of use at once; returns whether there was one."""
    gone = session.execute(delete_rows(KeyRow).where(KeyRow.id == key_id).returning(KeyRow.id))
    return gone.first() is not None


def forget_private(session: Session, organisation_id: str, job_id: str) -> None:
    """Take a private job out of every key: another owner has not named it there."""
    for row in session.scalars(select(KeyRow).where(KeyRow.organisation_id == organisation_id)):
        if job_id in row.private_job_ids:
            row.private_job_ids = [each for each in row.private_job_ids if each != job_id]
    session.flush()


def _private_among(session: Session, organisation_id: str, job_ids: frozenset[str]) -> list[str]:
    # A person's questions outside any job are opened to no key.
    private = and_(JobRow.visibility == "private", JobRow.purpose == "job")
    ours = and_(JobRow.organisation_id == organisation_id, private, JobRow.id.in_(job_ids))
    return list(session.scalars(select(JobRow.id).where(ours).order_by(JobRow.id)))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _record(row: KeyRow) -> KeyRecord:
    return KeyRecord(
        key_id=row.id,
        organisation_id=row.organisation_id,
        name=row.name,
        permissions=frozenset(row.permissions),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
        job_ids=None if row.job_ids is None else frozenset(row.job_ids),
        private_job_ids=frozenset(row.private_job_ids),
    )
