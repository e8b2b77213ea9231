"""Channels."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from interact.errors import DefinitionRefused, NotFound, listed
from interact.jobs.channels import Channel
from interact.jobs.naming import new_id
from interact.jobs.stored import Change, StoredChannel
from interact.store import organisations
from interact.store.tables import ChannelRow, JobRow, JobVersionRow


def save(session: Session, definition: Channel, *, now: datetime) -> tuple[StoredChannel, Change]:
    """Create or change the channel of that key, and return it with what happened; raises NotFound."""
    organisation = organisations.by_key(session, definition.organisation)
    if organisation is None:
        raise NotFound("organisation", definition.organisation)
    kept = definition.model_dump(mode="json")
    row = _row(session, organisation.organisation_id, definition.key)
    if row is None:
        row = ChannelRow(
            id=new_id("channel"),
            organisation_id=organisation.organisation_id,
            key=definition.key,
            definition=kept,
            created_at=now,
            updated_at=now,
        )
        session.add(row)
        session.flush()
        return _stored(row), "created"
    if _stored(row).definition == definition:
        return _stored(row), "unchanged"
    row.definition, row.updated_at = kept, now
    session.flush()
    return _stored(row), "changed"


def by_key(session: Session, organisation_id: str, key: str) -> StoredChannel | None:
    """Return the organisation's channel of that key."""
    row = _row(session, organisation_id, key)
    return _stored(row) if row else None


def by_id(session: Session, channel_id: str) -> StoredChannel | None:
    """Return the channel of that id, as it stands now."""
    row = session.get(ChannelRow, channel_id, populate_existing=True)
    return _stored(row) if row else None


def by_ids(session: Session, channel_ids: Collection[str]) -> dict[str, StoredChannel]:
    """Return channels by their ids, without those that were deleted."""
    found = session.scalars(select(ChannelRow).where(ChannelRow.id.in_(channel_ids)))
    return {row.id: _stored(row) for row in found}


def all_of(session: Session, organisation_id: str) -> list[StoredChannel]:
    """Return an organisation's channels, by key."""
    ours = select(ChannelRow).where(ChannelRow.organisation_id == organisation_id).order_by(ChannelRow.key)
    return [_stored(row) for row in session.scalars(ours)]


def delete(session: Session, channel: StoredChannel) -> None:
    """Delete a channel; raises DefinitionRefused, naming the jobs, while it is attached to any."""
    # Whoever saves a job of this organisation waits here, or is waited for.
    organisations.held(session, channel.definition.organisation)
    users = _jobs_with(session, channel)
    if users:
        raise DefinitionRefused(
            f"Channel {channel.definition.key!r} is attached to {listed(users)}. "
            "Take it out of the `channels` and routes of these jobs first."
        )
    row = session.get(ChannelRow, channel.channel_id)
    if row:
        session.delete(row)
        session.flush()


def _jobs_with(session: Session, channel: StoredChannel) -> list[str]:
    newest = and_(JobVersionRow.job_id == JobRow.id, JobVersionRow.version == JobRow.version)
    kept = and_(JobRow.organisation_id == channel.organisation_id, JobRow.deleted_at.is_(None))
    found = select(JobRow.key, JobVersionRow.definition).join(JobVersionRow, newest).where(kept).order_by(JobRow.key)
    return [key for key, job in session.execute(found) if _hears(job, channel.definition.key)]


def _hears(job: dict[str, Any], key: str) -> bool:
    routes = (job.get("notices") or {}).get("routes", ())
    return key in job.get("channels", ()) or any(route["channel"] == key for route in routes)


def _row(session: Session, organisation_id: str, key: str) -> ChannelRow | None:
    wanted = select(ChannelRow).where(ChannelRow.organisation_id == organisation_id, ChannelRow.key == key)
    return session.scalars(wanted).one_or_none()


def _stored(row: ChannelRow) -> StoredChannel:
    return StoredChannel(row.id, row.organisation_id, Channel.model_validate(row.definition))
