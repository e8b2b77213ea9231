"""Schedules: since when a plan holds, what became of each expected time, when the watch last ran."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables of schedules, and add to runs what is due, newly begun and loaded."""
    _runs()
    _periods()
    _expected_times()
    op.create_table(
        "watch",
        sa.Column("name", sa.Text(), nullable=False),
        _instant("ran_at"),
        sa.PrimaryKeyConstraint("name", name="pk_watch"),
    )


def _runs() -> None:
    op.add_column("runs", _instant("due_at", optional=True))
    op.add_column("runs", _instant("begun_at", optional=True))
    op.add_column("runs", sa.Column("data", sa.JSON(), nullable=False, server_default="[]"))
    # Of runs that were cleared only the first start is known.
    op.execute("UPDATE runs SET begun_at = started_at")
    op.create_index("ix_runs_job_id_ended_at", "runs", ["job_id", "ended_at"])


def _periods() -> None:
    op.create_table(
        "schedule_periods",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _instant("held_from"),
        _instant("held_until", optional=True),
        sa.Column("plan", sa.JSON(), nullable=False),
        _instant("accounted_until"),
        sa.PrimaryKeyConstraint("job_id", "number", name="pk_schedule_periods"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_schedule_periods_job_id_jobs"),
    )
    still = sa.text("held_until IS NULL")
    op.create_index(
        "uq_schedule_periods_job_id_open",
        "schedule_periods",
        ["job_id"],
        unique=True,
        sqlite_where=still,
        postgresql_where=still,
    )


def _expected_times() -> None:
    op.create_table(
        "expected_times",
        sa.Column("job_id", sa.Text(), nullable=False),
        _instant("due_at"),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("dag_run_id", sa.Text(), nullable=True),
        _instant("started_at", optional=True),
        _instant("decided_at"),
        sa.PrimaryKeyConstraint("job_id", "due_at", name="pk_expected_times"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_expected_times_job_id_jobs"),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["runs.id"],
            name="fk_expected_times_run_id_runs",
            ondelete="SET NULL",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_expected_times_job_id_dag_run_id", "expected_times", ["job_id", "dag_run_id"])


def _instant(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)
