"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all tables."""
    _definitions()
    _jobs()
    _runs()
    _chats()
    _answers()
    _keys()


def _definitions() -> None:
    op.create_table(
        "organisations",
        _words("id"),
        _words("key"),
        _json("definition"),
        _instant("created_at"),
        _instant("updated_at"),
        _primary("organisations", "id"),
        _unique("organisations", "key"),
    )
    op.create_table(
        "agents",
        _words("id"),
        _words("organisation_id"),
        _words("key"),
        _json("definition"),
        _instant("created_at"),
        _instant("updated_at"),
        _primary("agents", "id"),
        _unique("agents", "organisation_id", "key"),
        _foreign("agents", "organisation_id", "organisations"),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        _words("id"),
        _words("organisation_id"),
        _words("agent_id"),
        _words("key"),
        _words("dag_id"),
        _number("version"),
        _words("owner"),
        _words("visibility"),
        _instant("created_at"),
        _instant("deleted_at", optional=True),
        _primary("jobs", "id"),
        _unique("jobs", "dag_id"),
        _foreign("jobs", "organisation_id", "organisations"),
        _foreign("jobs", "agent_id", "agents"),
    )
    kept = sa.text("deleted_at IS NULL")
    op.create_index(
        "uq_jobs_organisation_id_key_not_deleted",
        "jobs",
        ["organisation_id", "key"],
        unique=True,
        sqlite_where=kept,
        postgresql_where=kept,
    )
    op.create_table(
        "job_versions",
        _words("job_id"),
        _number("version"),
        _json("definition"),
        _instant("saved_at"),
        _primary("job_versions", "job_id", "version"),
        _foreign("job_versions", "job_id", "jobs"),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        _words("id"),
        _words("job_id"),
        _words("organisation_id"),
        _words("dag_id"),
        _words("dag_run_id"),
        _words("initiator"),
        _words("verdict"),
        _words("reason", optional=True),
        _instant("accepted_at"),
        _instant("queued_at", optional=True),
        _instant("started_at", optional=True),
        _instant("ended_at", optional=True),
        _instant("run_after"),
        _number("clear_number"),
        _json("snapshot"),
        _primary("runs", "id"),
        _unique("runs", "dag_id", "dag_run_id"),
        _foreign("runs", "job_id", "jobs"),
        _foreign("runs", "organisation_id", "organisations"),
    )
    _index("runs", "job_id", "accepted_at")


def _chats() -> None:
    op.create_table(
        "chats",
        _words("id"),
        _words("run_id"),
        _number("position"),
        _words("job_id"),
        _words("agent_id"),
        _words("organisation_id"),
        _json("parameters"),
        _words("prompt"),
        _words("status"),
        _words("reason", optional=True),
        _number("attempt"),
        _instant("created_at"),
        _instant("started_at", optional=True),
        _instant("ended_at", optional=True),
        _primary("chats", "id"),
        _unique("chats", "run_id", "position"),
        _foreign("chats", "run_id", "runs", cascades=True),
        _foreign("chats", "job_id", "jobs"),
        _foreign("chats", "agent_id", "agents"),
        _foreign("chats", "organisation_id", "organisations"),
    )
    _index("chats", "organisation_id", "created_at", "run_id")
    _index("chats", "job_id", "created_at", "run_id")
    op.create_table(
        "attempts",
        _words("chat_id"),
        _number("number"),
        _words("status"),
        _words("reason", optional=True),
        _words("prompt"),
        _instant("started_at"),
        _instant("ended_at", optional=True),
        _words("report_json", optional=True),
        _words("html_sha256", optional=True),
        _words("pdf_sha256", optional=True),
        _words("render_failure", optional=True),
        _json("usage"),
        _primary("attempts", "chat_id", "number"),
        _foreign("attempts", "chat_id", "chats", cascades=True),
    )


def _answers() -> None:
    op.create_table(
        "messages",
        _words("chat_id"),
        _number("attempt"),
        _number("position"),
        _words("role"),
        _words("text"),
        _json("result_ids"),
        _instant("created_at"),
        _primary("messages", "chat_id", "attempt", "position"),
        _of_attempt("messages"),
    )
    op.create_table(
        "queries",
        _words("result_id"),
        _words("chat_id"),
        _number("attempt"),
        _number("position"),
        _words("title"),
        _words("sql"),
        _number("row_count"),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("elapsed_seconds", sa.Double(), nullable=False),
        _words("rows_sha256", optional=True),
        _words("failure", optional=True),
        _primary("queries", "result_id"),
        _unique("queries", "chat_id", "attempt", "position"),
        _of_attempt("queries"),
    )


def _keys() -> None:
    op.create_table(
        "keys",
        _words("id"),
        _words("organisation_id"),
        _words("name"),
        _words("digest"),
        _json("permissions"),
        _instant("created_at"),
        _instant("last_used_at", optional=True),
        _instant("expires_at", optional=True),
        _json("job_ids", optional=True),
        _json("private_job_ids"),
        _primary("keys", "id"),
        _unique("keys", "digest"),
        _foreign("keys", "organisation_id", "organisations"),
    )


def _words(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=optional)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _json(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=optional)


def _instant(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _foreign(table: str, column: str, other: str, *, cascades: bool = False) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{other}"
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="CASCADE" if cascades else None)


def _of_attempt(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["chat_id", "attempt"],
        ["attempts.chat_id", "attempts.number"],
        name=f"fk_{table}_chat_id_attempt_attempts",
        ondelete="CASCADE",
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
