"""Rows of runs and chats to the records that others see."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from interact.chats.finding import Finding
from interact.chats.message import Message
from interact.chats.metric import KeptMetric
from interact.chats.record import AssetLoad, Attempt, Chat, QueryRecord, Run
from interact.chats.result import Cell
from interact.chats.status import ChatStatus, RunVerdict
from interact.store.tables import AttemptRow, ChatRow, MessageRow, QueryRow, RunRow


def run_of(row: RunRow) -> Run:
    """Return a run's record."""
    return Run(
        run_id=row.id,
        job_id=row.job_id,
        organisation_id=row.organisation_id,
        dag_id=row.dag_id,
        dag_run_id=row.dag_run_id,
        initiator=row.initiator,
        verdict=RunVerdict(row.verdict),
        reason=row.reason,
        accepted_at=row.accepted_at,
        queued_at=row.queued_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        run_after=row.run_after,
        clear_number=row.clear_number,
        due_at=row.due_at,
        begun_at=row.begun_at,
        data=tuple(load_of(load) for load in row.data or ()),
        rerun_of=row.rerun_of,
        cancelled_by=row.cancelled_by,
        rollup_html_sha256=row.rollup_html_sha256,
        rollup_pdf_sha256=row.rollup_pdf_sha256,
        rollup_failure=row.rollup_failure,
        stands_in_for=row.stands_in_for,
        audience=row.audience,
        told_at=row.told_at,
        incident_id=row.incident_id,
    )


def load_of(plain: dict[str, Any]) -> AssetLoad:
    """Return a load of an asset as it was kept."""
    loaded_at = plain["loaded_at"]
    return AssetLoad(**{**plain, "loaded_at": datetime.fromisoformat(loaded_at) if loaded_at else None})


def plain_loads(loads: Iterable[AssetLoad]) -> list[dict[str, Any]]:
    """Return loads of assets as they are kept."""
    return [
        {
            "asset": load.asset,
            "loaded_at": load.loaded_at.isoformat() if load.loaded_at else None,
            "dag_id": load.dag_id,
            "late": load.late,
        }
        for load in loads
    ]


def chat_of(row: ChatRow) -> Chat:
    """Return a chat's record."""
    return Chat(
        chat_id=row.id,
        run_id=row.run_id,
        job_id=row.job_id,
        agent_id=row.agent_id,
        organisation_id=row.organisation_id,
        position=row.position,
        parameters=row.parameters,
        status=ChatStatus(row.status),
        reason=row.reason,
        attempt=row.attempt,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        thread_id=row.thread_id,
    )


def attempt_of(row: AttemptRow, messages: tuple[Message, ...] = (), queries: tuple[QueryRecord, ...] = ()) -> Attempt:
    """Return an attempt's record with what was said and queried."""
    return Attempt(
        chat_id=row.chat_id,
        number=row.number,
        status=ChatStatus(row.status),
        reason=row.reason,
        prompt=row.prompt,
        started_at=row.started_at,
        ended_at=row.ended_at,
        messages=messages,
        queries=queries,
        report_json=row.report_json,
        html_sha256=row.html_sha256,
        pdf_sha256=row.pdf_sha256,
        render_failure=row.render_failure,
        headline=tuple(Cell.model_validate(cell) for cell in row.headline),
        outage=row.outage,
        usage=row.usage,
        model=row.model,
        cost_usd=row.cost_usd,
        clear_number=row.clear_number,
        continues=row.continues,
        findings=tuple(Finding.model_validate(each) for each in row.findings),
        metrics=tuple(KeptMetric.model_validate(each) for each in row.metrics),
        untraced=row.untraced,
    )


def message_of(row: MessageRow) -> Message:
    """Return a message."""
    ids = tuple(row.result_ids)
    return Message.model_validate({"role": row.role, "text": row.text, "result_ids": ids, "created_at": row.created_at})


def query_of(row: QueryRow) -> QueryRecord:
    """Return a query's record."""
    return QueryRecord(
        result_id=row.result_id,
        title=row.title,
        sql=row.sql,
        row_count=row.row_count,
        truncated=row.truncated,
        elapsed_seconds=row.elapsed_seconds,
        rows_sha256=row.rows_sha256,
        failure=row.failure,
        is_claimed=row.is_claimed,
    )
