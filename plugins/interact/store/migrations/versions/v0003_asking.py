"""Asking: channels, values of parameters, requests that come twice, re-runs, cancelling, the roll-up, fast lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create what is new, and add to jobs, runs and attempts what is known of them from now on."""
    op.add_column("jobs", sa.Column("kept_in", sa.Text(), nullable=True))
    for name in ("rerun_of", "cancelled_by", "rollup_json", "rollup_html_sha256", "rollup_pdf_sha256"):
        op.add_column("runs", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("runs", sa.Column("rollup_failure", sa.Text(), nullable=True))
    op.add_column("attempts", sa.Column("headline", sa.JSON(), nullable=False, server_default="[]"))
    _channels()
    _parameter_values()
    _requests()
    _lists()


def _channels() -> None:
    op.create_table(
        "channels",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        _instant("created_at"),
        _instant("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_channels"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_channels_organisation_id_organisations"
        ),
        sa.UniqueConstraint("organisation_id", "key", name="uq_channels_organisation_id_key"),
    )


def _parameter_values() -> None:
    op.create_table(
        "parameter_values",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("kept_values", sa.JSON(), nullable=False),
        _instant("read_at"),
        sa.PrimaryKeyConstraint("job_id", "name", name="pk_parameter_values"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_parameter_values_job_id_jobs"),
    )


def _requests() -> None:
    op.create_table(
        "requests",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        _instant("came_at"),
        sa.PrimaryKeyConstraint("caller", "key", name="pk_requests"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_requests_run_id_runs", ondelete="CASCADE"),
    )
    op.create_index("ix_requests_came_at", "requests", ["came_at"])


def _lists() -> None:
    op.create_index("ix_jobs_organisation_id", "jobs", ["organisation_id"])
    for first in ("organisation_id", "job_id"):
        op.drop_index(f"ix_chats_{first}_created_at_run_id", "chats")
    place: list[str | sa.TextClause] = ["created_at", "run_id", sa.text("position DESC")]
    for narrowed in (["job_id"], ["job_id", "status"], ["job_id", "agent_id"], ["job_id", "agent_id", "status"]):
        name = "_".join(["ix_chats", *narrowed, "created_at_run_id_position"])
        op.create_index(name, "chats", [*narrowed, *place])


def _instant(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)
