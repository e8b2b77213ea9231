"""Notices: what is said and to whom it went, outages, and what has been told already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the ledger; whatever ended before this version is not told any more."""
    op.add_column("job_versions", sa.Column("note", sa.Text(), nullable=True))
    op.add_column("attempts", sa.Column("outage", sa.Text(), nullable=True))
    op.add_column("runs", sa.Column("audience", sa.Text(), nullable=False, server_default="everyone"))
    op.add_column("runs", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("runs", sa.Column("incident_id", sa.Text(), nullable=True))
    op.add_column("expected_times", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE runs SET told_at = ended_at WHERE ended_at IS NOT NULL")
    op.execute("UPDATE expected_times SET told_at = decided_at")
    _notices()
    _deliveries()
    _incidents()
    op.create_index("ix_runs_incident_id", "runs", ["incident_id"])
    _not_told("runs", "ended_at")
    _not_told("expected_times", "job_id", "due_at")


def _not_told(table: str, *columns: str) -> None:
    name, where = f"ix_{table}_{'_'.join(columns)}_not_told", sa.text("told_at IS NULL")
    op.create_index(name, table, list(columns), sqlite_where=where, postgresql_where=where)


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("occasion", name="uq_notices_occasion"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_notices_organisation_id_organisations"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_notices_job_id_jobs"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_notices_run_id_runs", ondelete="CASCADE"),
    )
    op.create_index("ix_notices_organisation_id_made_at", "notices", ["organisation_id", "made_at"])
    op.create_index("ix_notices_job_id_kind_made_at", "notices", ["job_id", "kind", "made_at"])
    op.create_index("ix_notices_run_id", "notices", ["run_id"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("channel_key", sa.Text(), nullable=False),
        sa.Column("channel_type", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False, server_default=""),
        sa.Column("reference", sa.Text(), nullable=False, server_default=""),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim", sa.Text(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resent_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint(
            "notice_id", "channel_id", "recipient", name="uq_deliveries_notice_id_channel_id_recipient"
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name="fk_deliveries_notice_id_notices", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_deliveries_state_next_at", "deliveries", ["state", "next_at"])
    op.create_index("ix_deliveries_channel_id_changed_at", "deliveries", ["channel_id", "changed_at"])


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_incidents_organisation_id_organisations"
        ),
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_incidents_organisation_id_subject_open",
        "incidents",
        ["organisation_id", "subject"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
