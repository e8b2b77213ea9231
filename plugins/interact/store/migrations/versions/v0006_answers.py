"""Answers of models and services: steps to go on from, what they used, what was found; versions of organisations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add what an attempt keeps of its agent; an organisation as it stands is its first version."""
    op.add_column("attempts", sa.Column("model", sa.Text(), nullable=False, server_default=""))
    op.add_column("attempts", sa.Column("cost_usd", sa.Float(), nullable=True))
    op.add_column("attempts", sa.Column("clear_number", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("attempts", sa.Column("continues", sa.Integer(), nullable=True))
    op.add_column("attempts", sa.Column("findings", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("attempts", sa.Column("metrics", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("attempts", sa.Column("untraced", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("queries", sa.Column("is_claimed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("organisations", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    _steps()
    _organisation_versions()


def _steps() -> None:
    op.create_table(
        "steps",
        sa.Column("chat_id", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "attempt", "position", name="pk_steps"),
        sa.ForeignKeyConstraint(
            ["chat_id", "attempt"],
            ["attempts.chat_id", "attempts.number"],
            name="fk_steps_chat_id_attempts",
            ondelete="CASCADE",
        ),
    )


def _organisation_versions() -> None:
    op.create_table(
        "organisation_versions",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "version", name="pk_organisation_versions"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_organisation_versions_organisation_id_organisations"
        ),
    )
    op.execute(
        "INSERT INTO organisation_versions (organisation_id, version, definition, saved_at) "
        "SELECT id, 1, definition, updated_at FROM organisations"
    )
