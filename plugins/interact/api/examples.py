"""What the reference shows as answers; `tests/api/test_reference.py` holds each to the shape of its call."""

from __future__ import annotations

from typing import Any

Answers = dict[int | str, dict[str, Any]]
_JOB, _RUN, _AGENT, _RESULT = "job_4k2m9x7q1zt8", "run_9d3v5h1c8rk2", "agent_7w2n4b6y0fj5", "result_3p8s6g2d9lm1"
_CHATS = ("chat_1a7c3e9g5k2m", "chat_6u4t2r0p8n6l")
_JOB_URL = "https://airflow.example.com/dags/interact_weekly_campaign_performance_report_1zt8"
_RUN_URL = f"{_JOB_URL}/runs/{_RUN}"
_NAMED_JOB = {"id": _JOB, "name": "Weekly Campaign Performance Report"}
_NAMED_AGENT = {"id": _AGENT, "name": "Marketing analyst"}


def _shown(code: int, example: dict[str, Any]) -> Answers:
    return {code: {"content": {"application/json": {"example": example}}}}


_LINE: dict[str, Any] = {
    "id": _CHATS[0],
    "status": "completed",
    "reason": None,
    "initiator": "key:pipeline",
    "createdAt": "2026-11-23T07:00:00Z",
    "startedAt": "2026-11-23T07:00:03Z",
    "endedAt": "2026-11-23T07:00:09Z",
    "dueAt": None,
    "late": False,
    "parameters": {"market": "NL"},
    "attempt": 1,
    "title": _NAMED_JOB["name"],
    "job": _NAMED_JOB,
    "threadId": None,
    "agent": _NAMED_AGENT,
    "run": {"id": _RUN, "verdict": "completed", "delivery": "delivered"},
    "data": [],
}
_PDF = {"kind": "pdf", "url": f"/api/agents/chats/{_CHATS[0]}/report.pdf", "sha256": "9f2c" * 16}
_JOB_LINE = {
    "id": _JOB,
    "key": "weekly-campaign-performance-report",
    "name": _NAMED_JOB["name"],
    "owner": "ada",
    "visibility": "organisation",
    "version": 3,
    "agent": _NAMED_AGENT,
    "timezone": "Europe/Amsterdam",
    "schedule": "0 8 * * 1",
    "enabled": True,
    "nextAt": "2026-11-30T07:00:00Z",
    "paused": None,
    "keptIn": None,
    "url": _JOB_URL,
}
_DATE = {"at": "2026-11-30T08:00:00+01:00", "offset": "+01:00", "note": None}
_PREVIEW = {"words": "At 08:00, only on Monday", "timezone": "Europe/Amsterdam", "notes": [], "next": [_DATE]}

JOBS = _shown(200, {"jobs": [_JOB_LINE], "next": None})
_WHOLE = {
    **_JOB_LINE,
    "parameters": [
        {
            "name": "market",
            "type": "choice",
            "description": "",
            "values": ["NL", "BE", "DE"],
            "default": ["NL", "BE", "DE"],
            "schedule": ["NL", "BE", "DE"],
        }
    ],
    "definition": {
        "key": "weekly-campaign-performance-report",
        "organisation": "norrland",
        "agent": "analyst",
        "name": _NAMED_JOB["name"],
        "prompt": "Analyse paid search performance for the past 7 days. Create a report.",
        "owner": "ada",
        "visibility": "organisation",
    },
}
JOB = _shown(200, _WHOLE)
MADE = _shown(201, _WHOLE)
SCHEDULE = _shown(
    200,
    {
        "job": _NAMED_JOB,
        "timezone": "Europe/Amsterdam",
        "expression": "0 8 * * 1",
        "enabled": True,
        "words": _PREVIEW["words"],
        "notes": [],
        "onHoliday": "run",
        "latenessMinutes": 720,
        "next": [_DATE],
        "data": None,
        "paused": None,
        "counts": {"days": 30, "ran": 4, "skipped": 0, "notRun": 0},
        "expected": [
            {
                "dueAt": "2026-11-23T07:00:00Z",
                "outcome": "ran",
                "reason": None,
                "startedAt": "2026-11-23T07:00:02Z",
                "late": False,
                "decidedAt": "2026-11-23T07:00:02Z",
                "run": {"id": _RUN, "url": _RUN_URL},
            }
        ],
        "before": None,
    },
)
PREVIEW = _shown(200, _PREVIEW)
TRIGGERED = _shown(
    202,
    {
        "success": True,
        "chat": {"id": _CHATS[0]},
        "job": {"id": _JOB},
        "chat_id": _CHATS[0],
        "job_id": _JOB,
        "chats": [
            {"id": chat, "parameters": {"market": market}} for chat, market in zip(_CHATS, ("NL", "BE"), strict=True)
        ],
        "run": {"id": _RUN, "url": _RUN_URL},
    },
)
CHATS = _shown(200, {"chats": [_LINE], "next": "WyIyMDI2LTExLTIzVDA3OjAwOjAwKzAwOjAwIl0"})
CHAT = _shown(
    200,
    {
        **_LINE,
        "shown": 1,
        "attempts": [
            {
                "number": 1,
                "status": "completed",
                "reason": None,
                "startedAt": "2026-11-23T07:00:03Z",
                "endedAt": "2026-11-23T07:00:09Z",
            }
        ],
        "messages": [
            {
                "role": "user",
                "text": "Show spend by campaign.",
                "resultIds": [],
                "createdAt": "2026-11-23T07:00:03Z",
            },
            {
                "role": "assistant",
                "text": "Spend was €12,345.",
                "resultIds": [_RESULT],
                "createdAt": "2026-11-23T07:00:09Z",
            },
        ],
        "queries": [
            {
                "id": _RESULT,
                "title": "Totals",
                "sql": "SELECT SUM(spend) AS spend FROM ad_performance",
                "failure": None,
                "claimed": False,
                "truncated": False,
                "elapsedSeconds": 0.04,
                "columns": [
                    {
                        "name": "spend",
                        "label": "Spend",
                        "format": "currency",
                        "unit": "EUR",
                        "good": None,
                        "isChange": False,
                    }
                ],
                "rows": [[12345.0]],
                "csv": f"/api/agents/chats/{_CHATS[0]}/results/{_RESULT}.csv",
                "xlsx": f"/api/agents/chats/{_CHATS[0]}/results/{_RESULT}.xlsx",
            }
        ],
        "documents": [_PDF],
        "report": None,
        "versions": {"job": 3, "agent": 7, "organisation": 2},
        "model": None,
        "untraced": 0,
        "usage": {"queries": 4},
        "costUsd": None,
    },
)
RUN = _shown(
    200,
    {
        "id": _RUN,
        "verdict": "completed",
        "delivery": "delivered",
        "reason": None,
        "initiator": "key:pipeline",
        "acceptedAt": "2026-11-23T07:00:00Z",
        "startedAt": "2026-11-23T07:00:02Z",
        "endedAt": "2026-11-23T07:00:12Z",
        "dueAt": None,
        "late": False,
        "date": "2026-11-23T07:00:00Z",
        "title": _NAMED_JOB["name"],
        "job": _NAMED_JOB,
        "jobVersion": 3,
        "rerunOf": None,
        "cancelledBy": None,
        "url": _RUN_URL,
        "chats": [
            {
                "id": _CHATS[0],
                "parameters": {"market": "NL"},
                "status": "completed",
                "reason": None,
                "documents": [_PDF],
            }
        ],
        "rollup": None,
        "documents": [],
    },
)
CANCELLED = _shown(202, {"success": True, "run": {"id": _RUN, "url": _RUN_URL}, "verdict": "cancelled"})
HEALTH = _shown(
    200,
    {"status": "ok", "version": "0.1.0", "watch": {"last_ran_at": "2026-11-23T07:05:00Z", "alive": True}},
)
_KEY = {
    "id": "key_5x1q7r3n9v2d",
    "name": "pipeline",
    "permissions": ["agent_jobs_read", "agent_jobs_trigger"],
    "createdAt": "2026-11-02T09:12:00Z",
    "lastUsedAt": "2026-11-23T07:00:00Z",
    "expiresAt": "2027-01-01T00:00:00Z",
    "jobIds": None,
}
KEYS = _shown(200, {"keys": [_KEY]})
KEY_MADE = _shown(
    201,
    {**_KEY, "lastUsedAt": None, "secret": "int_" + 48 * "x", "organisationId": "org_2b5c8d1f4g7h"},
)
