"""What requests and answers look like."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from interact.api.planned import is_late
from interact.chats.figures import resolve
from interact.chats.record import AssetLoad, Attempt, Chat, QueryRecord, Run
from interact.chats.result import Result
from interact.chats.status import ChatStatus
from interact.runs.accept import Accepted


class TriggerBody(BaseModel):
    """The body of a trigger; each parameter takes one value or a list."""

    model_config = ConfigDict(extra="forbid")

    parameters: dict[str, object] = {}


class ListQuery(BaseModel):
    """The query of a list of chats; names as in the answers."""

    model_config = ConfigDict(extra="forbid")

    agent_id: str | None = Field(default=None, alias="agentId")
    job_id: str | None = Field(default=None, alias="jobId")
    status: ChatStatus | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = None


def accepted(run: Accepted, *, url: str | None) -> dict[str, Any]:
    """Return the answer to a trigger."""
    first, job_id = run.chats[0].chat_id, run.snapshot.job.job_id
    return {
        "success": True,
        "chat": {"id": first},
        "job": {"id": job_id},
        "chat_id": first,
        "job_id": job_id,
        "chats": [{"id": chat.chat_id, "parameters": dict(chat.parameters)} for chat in run.chats],
        "run": {"id": run.run.run_id, "url": url},
    }


def chat_line(chat: Chat, run: Run, job_name: str, agent_name: str) -> dict[str, Any]:
    """Return a chat as a list shows it."""
    return {
        "id": chat.chat_id,
        "status": chat.status,
        "reason": chat.reason,
        "initiator": run.initiator,
        "createdAt": chat.created_at.isoformat(),
        "startedAt": chat.started_at.isoformat() if chat.started_at else None,
        "endedAt": chat.ended_at.isoformat() if chat.ended_at else None,
        "dueAt": run.due_at.isoformat() if run.due_at else None,
        "late": is_late(run),
        "parameters": dict(chat.parameters),
        "attempt": chat.attempt,
        "job": {"id": chat.job_id, "name": job_name},
        "agent": {"id": chat.agent_id, "name": agent_name},
        "run": {"id": run.run_id, "verdict": run.verdict},
        "data": [_load(load) for load in run.data],
    }


def chat_whole(line: dict[str, Any], attempt: Attempt | None, results: dict[str, Result]) -> dict[str, Any]:
    """Return a chat with everything its newest attempt said, asked and found."""
    if attempt is None:
        return {**line, "messages": [], "queries": [], "documents": [], "report": None, "usage": {}}
    report = json.loads(attempt.report_json) if attempt.report_json else None
    return {
        **line,
        "messages": [
            {
                "role": m.role,
                "text": resolve(m.text, results),
                "resultIds": list(m.result_ids),
                "createdAt": m.created_at.isoformat(),
            }
            for m in attempt.messages
        ],
        "queries": [_query(query, results.get(query.result_id)) for query in attempt.queries],
        "documents": _documents(attempt),
        "report": _shown(report, results),
        "usage": dict(attempt.usage),
    }


def _load(load: AssetLoad) -> dict[str, Any]:
    return {
        "asset": load.asset,
        "loadedAt": load.loaded_at.isoformat() if load.loaded_at else None,
        "dagId": load.dag_id,
        "late": load.late,
    }


def _query(query: QueryRecord, result: Result | None) -> dict[str, Any]:
    return {
        "id": query.result_id,
        "title": query.title,
        "sql": query.sql,
        "failure": query.failure,
        "truncated": query.truncated,
        "elapsedSeconds": query.elapsed_seconds,
        "columns": [column.model_dump(exclude_defaults=True) for column in result.columns] if result else [],
        "rows": [list(row) for row in result.rows] if result else [],
    }


def _documents(attempt: Attempt) -> list[dict[str, Any]]:
    url = f"/api/agents/chats/{attempt.chat_id}/report.pdf"
    return [{"kind": "pdf", "url": url, "sha256": attempt.pdf_sha256}] if attempt.pdf_sha256 else []


def _shown(part: Any, results: dict[str, Result]) -> Any:
    """Return a report with every reference in its prose shown as the figure."""
    if isinstance(part, dict):
        return {name: _shown(value, results) for name, value in part.items()}
    if isinstance(part, list):
        return [_shown(value, results) for value in part]
    return resolve(part, results) if isinstance(part, str) else part
