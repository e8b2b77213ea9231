"""Organisations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from interact.jobs.definition import Organisation
from interact.jobs.naming import new_id
from interact.jobs.stored import Change, StoredOrganisation
from interact.store.tables import OrganisationRow


def save(session: Session, definition: Organisation, *, now: datetime) -> tuple[StoredOrganisation, Change]:
    """Create or change the organisation of that key, and return it with what happened."""
    kept = definition.model_dump(mode="json")
    row = _row(session, definition.key)
    if row is None:
        row = OrganisationRow(id=new_id("org"), key=definition.key, definition=kept, created_at=now, updated_at=now)
        session.add(row)
        session.flush()
        return _stored(row), "created"
    if row.definition == kept:
        return _stored(row), "unchanged"
    row.definition, row.updated_at = kept, now
    session.flush()
    return _stored(row), "changed"


def by_key(session: Session, key: str) -> StoredOrganisation | None:
    """Return the organisation of that key."""
    row = _row(session, key)
    return _stored(row) if row else None


def by_id(session: Session, organisation_id: str) -> StoredOrganisation | None:
    """Return the organisation of that id."""
    row = session.get(OrganisationRow, organisation_id)
    return _stored(row) if row else None


def all_of(session: Session) -> list[StoredOrganisation]:
    """Return every organisation, by key."""
    return [_stored(row) for row in session.scalars(select(OrganisationRow).order_by(OrganisationRow.key))]


def _row(session: Session, key: str) -> OrganisationRow | None:
    return session.scalars(select(OrganisationRow).where(OrganisationRow.key == key)).one_or_none()


def _stored(row: OrganisationRow) -> StoredOrganisation:
    return StoredOrganisation(row.id, Organisation.model_validate(row.definition))
