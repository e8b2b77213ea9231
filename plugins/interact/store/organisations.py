"""Organisations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from interact.jobs.definition import Organisation
from interact.jobs.naming import new_id
from interact.jobs.stored import NEWEST, Change, StoredOrganisation, Version
from interact.jobs.timing import STORED
from interact.store import periods
from interact.store.tables import OrganisationRow, OrganisationVersionRow


def save(
    session: Session, definition: Organisation, *, now: datetime, saved_by: str | None = None
) -> tuple[StoredOrganisation, Change]:
    """Create or change the organisation of that key, as a new version, and return it with what happened.

    A new zone or calendar holds for its jobs' schedules from now on. `saved_by` is `user:NAME` or `file:NAME`.
    """
    kept = definition.model_dump(mode="json")
    row = session.scalars(_locked(definition.key)).one_or_none()
    if row is None:
        row = OrganisationRow(
            id=new_id("org"), key=definition.key, version=1, definition=kept, created_at=now, updated_at=now
        )
        session.add(row)
        session.flush()
        _keep_version(session, row, saved_by)
        return _stored(row), "created"
    if _same(row.definition, definition):
        return _stored(row), "unchanged"
    row.version, row.definition, row.updated_at = row.version + 1, kept, now
    session.flush()
    _keep_version(session, row, saved_by)
    periods.follow_organisation(session, row.id, definition, now=now)
    return _stored(row), "changed"


def versions(
    session: Session, organisation_id: str, *, before: int | None = None, limit: int = 20
) -> list[Version[Organisation]]:
    """Return an organisation's saves, newest first; `before` is the number of the last one that was shown."""
    wanted = select(OrganisationVersionRow).where(OrganisationVersionRow.organisation_id == organisation_id)
    if before is not None:
        wanted = wanted.where(OrganisationVersionRow.version < before)
    rows = session.scalars(wanted.order_by(OrganisationVersionRow.version.desc()).limit(limit))
    return [_version(row) for row in rows]


def version(session: Session, organisation_id: str, number: int) -> Version[Organisation] | None:
    """Return one save of an organisation."""
    row = session.get(OrganisationVersionRow, (organisation_id, number)) if 0 < number <= NEWEST else None
    return _version(row) if row else None


def by_key(session: Session, key: str) -> StoredOrganisation | None:
    """Return the organisation of that key."""
    row = session.scalars(_wanted(key)).one_or_none()
    return _stored(row) if row else None


def held(session: Session, key: str) -> StoredOrganisation | None:
    """Return the organisation of that key; who else saves it or its jobs waits until this transaction ends."""
    row = session.scalars(_locked(key)).one_or_none()
    return _stored(row) if row else None


def by_id(session: Session, organisation_id: str) -> StoredOrganisation | None:
    """Return the organisation of that id."""
    row = session.get(OrganisationRow, organisation_id)
    return _stored(row) if row else None


def all_of(session: Session) -> list[StoredOrganisation]:
    """Return every organisation, by key."""
    return [_stored(row) for row in session.scalars(select(OrganisationRow).order_by(OrganisationRow.key))]


def _wanted(key: str) -> Select[OrganisationRow]:
    return select(OrganisationRow).where(OrganisationRow.key == key).execution_options(populate_existing=True)


def _locked(key: str) -> Select[OrganisationRow]:
    return _wanted(key).with_for_update(key_share=True)


def _same(kept: dict[str, Any], definition: Organisation) -> bool:
    try:
        # What an earlier version kept lacks the keys that came later.
        return Organisation.model_validate(kept, context=STORED) == definition
    except ValidationError:
        return False


def _stored(row: OrganisationRow) -> StoredOrganisation:
    return StoredOrganisation(row.id, Organisation.model_validate(row.definition, context=STORED), row.version)


def _version(row: OrganisationVersionRow) -> Version[Organisation]:
    definition = Organisation.model_validate(row.definition, context=STORED)
    return Version(row.version, definition, row.saved_at, row.saved_by)


def _keep_version(session: Session, row: OrganisationRow, saved_by: str | None) -> None:
    kept = {"definition": row.definition, "saved_at": row.updated_at, "saved_by": saved_by}
    session.add(OrganisationVersionRow(organisation_id=row.id, version=row.version, **kept))
    session.flush()
