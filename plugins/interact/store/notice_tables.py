"""The tables of notices: what is said, to whom it went, and what was away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from interact.store.tables import Base


class NoticeRow(Base):
    """What is said about one event, as it was made; `occasion` names the event, so that it is told once."""

    __tablename__ = "notices"
    __table_args__ = (Index(None, "organisation_id", "made_at"), Index(None, "job_id", "kind", "made_at"))

    id: Mapped[str] = mapped_column(primary_key=True)
    occasion: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id"))
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    subject: Mapped[str]
    made_at: Mapped[datetime]


class DeliveryRow(Base):
    """One notice to one recipient of one channel: the ledger.

    `claim` names who sends it, or sent it last. A channel that is deleted leaves its key and type here.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("notice_id", "channel_id", "recipient"),
        Index(None, "state", "next_at"),
        Index(None, "channel_id", "changed_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"))
    channel_id: Mapped[str]
    channel_key: Mapped[str]
    channel_type: Mapped[str]
    recipient: Mapped[str]
    state: Mapped[str]
    told: Mapped[str] = mapped_column(server_default="")
    reference: Mapped[str] = mapped_column(server_default="")
    tries: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[datetime | None]
    claim: Mapped[str | None]
    claimed_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    resent_by: Mapped[str | None]


class IncidentRow(Base):
    """Something that many jobs need and that is away, as `warehouse:CONNECTION`; open while `ended_at` is NULL."""

    __tablename__ = "incidents"

    id: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    subject: Mapped[str]
    told: Mapped[str]
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


Index(
    "uq_incidents_organisation_id_subject_open",
    IncidentRow.organisation_id,
    IncidentRow.subject,
    unique=True,
    sqlite_where=IncidentRow.ended_at.is_(None),
    postgresql_where=IncidentRow.ended_at.is_(None),
)
