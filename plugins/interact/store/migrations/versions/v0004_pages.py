"""Pages: jobs found by name, versions of agents, questions outside any job and those that follow one, fast history."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_JOBS = sa.table("jobs", sa.column("id", sa.Text()), sa.column("version", sa.Integer()), sa.column("name", sa.Text()))
_VERSIONS = sa.table(
    "job_versions",
    sa.column("job_id", sa.Text()),
    sa.column("version", sa.Integer()),
    sa.column("definition", sa.JSON()),
)


def upgrade() -> None:
    """Add to jobs, agents, chats and runs what pages ask of them, and keep the agents there are as version 1."""
    op.add_column("jobs", sa.Column("name", sa.Text(), nullable=False, server_default=""))
    op.add_column("jobs", sa.Column("purpose", sa.Text(), nullable=False, server_default="job"))
    op.add_column("agents", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("chats", sa.Column("thread_id", sa.Text(), nullable=True))
    op.add_column("runs", sa.Column("stands_in_for", sa.DateTime(timezone=True), nullable=True))
    _name_jobs()
    _agent_versions()
    op.create_index("ix_jobs_agent_id", "jobs", ["agent_id"])
    op.create_index("ix_chats_thread_id", "chats", ["thread_id"])
    op.create_index("ix_runs_job_id_verdict_accepted_at", "runs", ["job_id", "verdict", "accepted_at"])
    op.create_index("ix_runs_job_id_stands_in_for", "runs", ["job_id", "stands_in_for"])
    op.create_index("ix_expected_times_job_id_outcome_due_at", "expected_times", ["job_id", "outcome", "due_at"])


def _name_jobs() -> None:
    newest = sa.and_(_VERSIONS.c.job_id == _JOBS.c.id, _VERSIONS.c.version == _JOBS.c.version)
    connection = op.get_bind()
    for job_id, definition in connection.execute(sa.select(_JOBS.c.id, _VERSIONS.c.definition).join(_VERSIONS, newest)):
        connection.execute(sa.update(_JOBS).where(_JOBS.c.id == job_id).values(name=_name(definition)))


def _name(definition: Any) -> str:
    """Return the name of what an earlier version kept; what cannot be read has none."""
    plain = json.loads(definition) if isinstance(definition, str) else definition
    return str(plain.get("name", "")) if isinstance(plain, dict) else ""


def _agent_versions() -> None:
    op.create_table(
        "agent_versions",
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("agent_id", "version", name="pk_agent_versions"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_agent_versions_agent_id_agents"),
    )
    op.execute(
        "INSERT INTO agent_versions (agent_id, version, definition, saved_at) "
        "SELECT id, 1, definition, updated_at FROM agents"
    )
