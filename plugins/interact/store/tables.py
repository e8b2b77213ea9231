"""The tables. Only this room sees their rows; what it hands out are the records of `jobs.stored` and `chats.record`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, configure_mappers, mapped_column

from interact.store.columns import Instant, Words

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables of the store."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar = {
        str: Words(),
        datetime: Instant(),
        dict[str, Any]: JSON(),
        dict[str, str]: JSON(),
        dict[str, int]: JSON(),
        list[str]: JSON(none_as_null=True),
        list[dict[str, Any]]: JSON(),
    }


class OrganisationRow(Base):
    """An organisation as it stands."""

    __tablename__ = "organisations"

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column(server_default="1")
    definition: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class OrganisationVersionRow(Base):
    """One save of an organisation; never changed. `saved_by` as of an agent."""

    __tablename__ = "organisation_versions"

    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
    saved_by: Mapped[str | None]


class AgentRow(Base):
    """An agent as it stands, with its semantic model inside the definition."""

    __tablename__ = "agents"
    __table_args__ = (UniqueConstraint("organisation_id", "key"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    key: Mapped[str]
    version: Mapped[int] = mapped_column(server_default="1")
    definition: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AgentVersionRow(Base):
    """One save of an agent; never changed. `saved_by` is `user:NAME` or `file:NAME`; NULL when nobody noted it."""

    __tablename__ = "agent_versions"

    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
    saved_by: Mapped[str | None]


class ChannelRow(Base):
    """A channel as it stands."""

    __tablename__ = "channels"
    __table_args__ = (UniqueConstraint("organisation_id", "key"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    key: Mapped[str]
    definition: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class JobRow(Base):
    """What never changes of a job, and what lists are filtered by; `version` is the newest.

    `kept_in` is the name of the file that keeps it; NULL for one that was made by a call or on a page. `purpose` is
    `job`, or says what somebody's questions outside any job hang on: `questions` and `asides`
    (`interact.store.questions`). Those have no versions, and no DAG of their own.
    """

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id"), index=True)
    key: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="")
    purpose: Mapped[str] = mapped_column(server_default="job")
    dag_id: Mapped[str] = mapped_column(unique=True)
    version: Mapped[int]
    owner: Mapped[str]
    visibility: Mapped[str]
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    kept_in: Mapped[str | None]


Index(
    "uq_jobs_organisation_id_key_not_deleted",
    JobRow.organisation_id,
    JobRow.key,
    unique=True,
    sqlite_where=JobRow.deleted_at.is_(None),
    postgresql_where=JobRow.deleted_at.is_(None),
)


class JobVersionRow(Base):
    """One save of a job; never changed. `note` says why it was made, when nobody made it."""

    __tablename__ = "job_versions"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
    note: Mapped[str | None]


class ParameterValuesRow(Base):
    """What a parameter's query returned last."""

    __tablename__ = "parameter_values"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    query: Mapped[str]
    kept_values: Mapped[list[str]] = mapped_column(JSON())
    read_at: Mapped[datetime]


class PeriodRow(Base):
    """How long a job ran by one plan; open while `held_until` is NULL, at most one of a job."""

    __tablename__ = "schedule_periods"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    held_from: Mapped[datetime]
    held_until: Mapped[datetime | None]
    plan: Mapped[dict[str, Any]]
    accounted_until: Mapped[datetime]


Index(
    "uq_schedule_periods_job_id_open",
    PeriodRow.job_id,
    unique=True,
    sqlite_where=PeriodRow.held_until.is_(None),
    postgresql_where=PeriodRow.held_until.is_(None),
)


class RunRow(Base):
    """One run; `snapshot` is the job, agent and organisation as they were when it was accepted.

    `stands_in_for` is an expected time that did not run, for which somebody started this one by hand.
    """

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("dag_id", "dag_run_id"),
        Index(None, "job_id", "accepted_at"),
        Index(None, "job_id", "ended_at"),
        Index(None, "job_id", "verdict", "accepted_at"),
        Index(None, "job_id", "stands_in_for"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    dag_id: Mapped[str]
    dag_run_id: Mapped[str]
    initiator: Mapped[str]
    verdict: Mapped[str]
    reason: Mapped[str | None]
    accepted_at: Mapped[datetime]
    queued_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    run_after: Mapped[datetime]
    clear_number: Mapped[int]
    snapshot: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    due_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    data: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    rerun_of: Mapped[str | None]
    cancelled_by: Mapped[str | None]
    rollup_json: Mapped[str | None] = mapped_column(deferred=True)
    rollup_html_sha256: Mapped[str | None]
    rollup_pdf_sha256: Mapped[str | None]
    rollup_failure: Mapped[str | None]
    stands_in_for: Mapped[datetime | None]
    audience: Mapped[str] = mapped_column(server_default="everyone")
    told_at: Mapped[datetime | None]
    incident_id: Mapped[str | None] = mapped_column(index=True)


Index(
    "ix_runs_ended_at_not_told",
    RunRow.ended_at,
    sqlite_where=RunRow.told_at.is_(None),
    postgresql_where=RunRow.told_at.is_(None),
)


class RequestRow(Base):
    """A request that carried an Idempotency-Key, and the run that it led to; `sha256` is that of what it asked."""

    __tablename__ = "requests"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    came_at: Mapped[datetime] = mapped_column(index=True)


class ChatRow(Base):
    """One combination of a run; `attempt` is the newest attempt's number, 0 before the first.

    `thread_id` is the chat that this one is a further question of; NULL for one that begins a thread, or stands alone.
    """

    __tablename__ = "chats"
    __table_args__ = (UniqueConstraint("run_id", "position"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    position: Mapped[int]
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"))
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    parameters: Mapped[dict[str, str]]
    prompt: Mapped[str] = mapped_column(deferred=True)
    status: Mapped[str]
    reason: Mapped[str | None]
    attempt: Mapped[int]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    thread_id: Mapped[str | None] = mapped_column(index=True)


# A job's chats as lists show them, read backwards: whole, and narrowed by agent, status or both.
_PLACE = (ChatRow.created_at, ChatRow.run_id, ChatRow.position.desc())
Index(None, ChatRow.job_id, *_PLACE)
Index(None, ChatRow.job_id, ChatRow.status, *_PLACE)
Index(None, ChatRow.job_id, ChatRow.agent_id, *_PLACE)
Index(None, ChatRow.job_id, ChatRow.agent_id, ChatRow.status, *_PLACE)


class AttemptRow(Base):
    """One try at a chat; `continues` is the first of the tries before it that it goes on from."""

    __tablename__ = "attempts"

    chat_id: Mapped[str] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    reason: Mapped[str | None]
    prompt: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    report_json: Mapped[str | None]
    html_sha256: Mapped[str | None]
    pdf_sha256: Mapped[str | None]
    render_failure: Mapped[str | None]
    usage: Mapped[dict[str, int]]
    headline: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    outage: Mapped[str | None]
    model: Mapped[str] = mapped_column(server_default="")
    cost_usd: Mapped[float | None] = mapped_column(Float())
    clear_number: Mapped[int] = mapped_column(server_default="0")
    continues: Mapped[int | None]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    metrics: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    untraced: Mapped[int] = mapped_column(server_default="0")


def _of_attempt() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["chat_id", "attempt"], ["attempts.chat_id", "attempts.number"], ondelete="CASCADE")


class MessageRow(Base):
    """Something said in an attempt, in order of `position`."""

    __tablename__ = "messages"
    __table_args__ = (_of_attempt(),)

    chat_id: Mapped[str] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str]
    text: Mapped[str]
    result_ids: Mapped[list[str]]
    created_at: Mapped[datetime]


class StepRow(Base):
    """What an agent did in an attempt, in its own form, in order of `position`: what a further try goes on from."""

    __tablename__ = "steps"
    __table_args__ = (_of_attempt(),)

    chat_id: Mapped[str] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str]
    created_at: Mapped[datetime]


class QueryRow(Base):
    """One query of an attempt, in order of `position`; its rows are a file, named by `rows_sha256`."""

    __tablename__ = "queries"
    __table_args__ = (_of_attempt(), UniqueConstraint("chat_id", "attempt", "position"))

    result_id: Mapped[str] = mapped_column(primary_key=True)
    chat_id: Mapped[str]
    attempt: Mapped[int]
    position: Mapped[int]
    title: Mapped[str]
    sql: Mapped[str]
    row_count: Mapped[int]
    truncated: Mapped[bool]
    elapsed_seconds: Mapped[float]
    rows_sha256: Mapped[str | None]
    failure: Mapped[str | None]
    is_claimed: Mapped[bool] = mapped_column(server_default=false())


class KeyRow(Base):
    """An API key: never the secret, only its SHA-256."""

    __tablename__ = "keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    permissions: Mapped[list[str]]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    job_ids: Mapped[list[str] | None]
    private_job_ids: Mapped[list[str]]


class WatchRow(Base):
    """When a task that keeps watch last came to its end."""

    __tablename__ = "watch"

    name: Mapped[str] = mapped_column(primary_key=True)
    ran_at: Mapped[datetime]


def map_tables() -> None:
    """Do now what SQLAlchemy else does at the first query of a process."""
    configure_mappers()
