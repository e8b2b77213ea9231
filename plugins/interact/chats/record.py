"""Runs and chats as the store keeps them. Times are aware and in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from interact.chats.finding import Finding
from interact.chats.message import Message
from interact.chats.metric import KeptMetric
from interact.chats.result import Cell
from interact.chats.status import ChatStatus, RunVerdict

EVERYONE, NOBODY, CORRECTED = "everyone", "nobody", "corrected"
ME = "me:"
"""Before the address of the one person who is told."""


@dataclass(frozen=True)
class AssetLoad:
    """When data that a run asks about was last loaded."""

    asset: str
    """Its name, or its URI."""
    loaded_at: datetime | None
    """None when Airflow knows of no load."""
    dag_id: str | None
    """The DAG that loaded it; None when none is known."""
    late: bool = False
    """True when the run's time came before it was loaded, and the run went on without it."""


@dataclass(frozen=True)
class Run:
    """One execution of a job: one Airflow DAG run."""

    run_id: str
    job_id: str
    organisation_id: str
    dag_id: str
    dag_run_id: str
    """Airflow's name of it: ours for runs that we accepted, Airflow's own for the others."""
    initiator: str
    """`schedule`, `user:NAME`, `key:NAME`, `asset:URI` or `airflow`."""
    verdict: RunVerdict
    reason: str | None
    accepted_at: datetime
    queued_at: datetime | None
    """When Airflow took it; None while it has not."""
    started_at: datetime | None
    ended_at: datetime | None
    run_after: datetime
    """The instant that relative dates count from."""
    clear_number: int = 0
    """How often Airflow's Clear has been used on it."""
    due_at: datetime | None = None
    """The time of its schedule that it stands for."""
    begun_at: datetime | None = None
    """Its newest start; `started_at` is the first."""
    data: tuple[AssetLoad, ...] = ()
    """The job's assets as they were when it began."""
    rerun_of: str | None = None
    """The run that it repeats."""
    cancelled_by: str | None = None
    """Who cancelled it, as an initiator is written."""
    rollup_html_sha256: str | None = None
    rollup_pdf_sha256: str | None = None
    rollup_failure: str | None = None
    """Why the report that compares its chats could not be made."""
    stands_in_for: datetime | None = None
    """An expected time that did not run, for which somebody started this one by hand."""
    audience: str = EVERYONE
    """Who is told: `everyone` whom the job names, `nobody`, `me:ADDRESS`, or `corrected`: those who had `rerun_of`."""
    told_at: datetime | None = None
    """When it was decided who is told of its end; None while that is to do."""
    incident_id: str | None = None
    """The outage that it failed by."""


@dataclass(frozen=True)
class Chat:
    """One combination of one run, or one question asked on an agent's page."""

    chat_id: str
    run_id: str
    job_id: str
    agent_id: str
    organisation_id: str
    position: int
    parameters: Mapping[str, str]
    status: ChatStatus
    reason: str | None
    attempt: int
    """The number of the newest attempt; 0 before the first."""
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    thread_id: str | None = None
    """The chat that this one is a further question of; None for one that begins a thread, or stands alone."""


@dataclass(frozen=True)
class QueryRecord:
    """One query of an attempt: a result, or why there is none. `rows_sha256` names the file with the whole result."""

    result_id: str
    title: str
    sql: str
    row_count: int
    truncated: bool
    elapsed_seconds: float
    rows_sha256: str | None
    failure: str | None
    is_claimed: bool = False
    """True when a service said that it ran this, and our guard never saw it."""


@dataclass(frozen=True)
class Attempt:
    """One try at a chat, from the question to the PDF. Clear and Airflow's retries make a further one."""

    chat_id: str
    number: int
    status: ChatStatus
    reason: str | None
    prompt: str
    started_at: datetime
    ended_at: datetime | None
    messages: tuple[Message, ...] = ()
    queries: tuple[QueryRecord, ...] = ()
    report_json: str | None = None
    """`interact.reports.document.Report`, as emitted."""
    html_sha256: str | None = None
    pdf_sha256: str | None = None
    render_failure: str | None = None
    headline: tuple[Cell, ...] = ()
    """The figures that sum it up."""
    outage: str | None = None
    """What was away when it failed, as `warehouse:CONNECTION`; None for a failure of its own."""
    usage: Mapping[str, int] = field(default_factory=dict)
    model: str = ""
    """Which model answered, as its provider names it; "" where none did."""
    cost_usd: float | None = None
    clear_number: int = 0
    """How often its run had been cleared in Airflow when it began."""
    continues: int | None = None
    """The first of the tries before it that it goes on from: their queries are among its own."""
    findings: tuple[Finding, ...] = ()
    metrics: tuple[KeptMetric, ...] = ()
    """Its named metrics, to be compared with the next time."""
    untraced: int = 0
    """How many numbers of its text no result shows."""
