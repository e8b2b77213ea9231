"""The table of what became of the times that schedules expected."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from interact.store.tables import Base


class ExpectedTimeRow(Base):
    """What became of one time of a job's schedule; written once, and changed only to say that somebody was told."""

    __tablename__ = "expected_times"
    __table_args__ = (Index(None, "job_id", "dag_run_id"), Index(None, "job_id", "outcome", "due_at"))

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    reason: Mapped[str | None]
    # Deferred: a time is claimed before its run is stored, in one transaction.
    run_id: Mapped[str | None] = mapped_column(
        ForeignKey("runs.id", ondelete="SET NULL", deferrable=True, initially="DEFERRED")
    )
    dag_run_id: Mapped[str | None]
    started_at: Mapped[datetime | None]
    decided_at: Mapped[datetime]
    told_at: Mapped[datetime | None]


Index(
    "ix_expected_times_job_id_due_at_not_told",
    ExpectedTimeRow.job_id,
    ExpectedTimeRow.due_at,
    sqlite_where=ExpectedTimeRow.told_at.is_(None),
    postgresql_where=ExpectedTimeRow.told_at.is_(None),
)
