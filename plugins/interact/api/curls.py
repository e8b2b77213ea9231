"""Commands that call the REST API, ready to be copied."""

from __future__ import annotations

import json
import shlex
from typing import Any

from interact.jobs.parameters import Parameter
from interact.jobs.stored import StoredJob

YOUR_KEY = "YOUR_API_KEY"
_SAMPLES: dict[str, Any] = {"choice": "…", "text": "…", "number": 1, "date": "2026-12-24"}


def trigger_command(base_url: str, job: StoredJob, *, secret: str = YOUR_KEY) -> str:
    """Return the command that starts a job, with values where it takes some."""
    url = f"{base_url}/api/agents/jobs/{job.job_id}/trigger"
    lines = ["curl -X POST", url, *_headers(secret, job.organisation_id)]
    values = {name: _sample(parameter) for name, parameter in job.definition.parameters.items()}
    if values:
        body = json.dumps({"parameters": values}, ensure_ascii=False)
        lines += ['-H "Content-Type: application/json"', f"-d {shlex.quote(body)}"]
    return _joined(lines)


def list_command(base_url: str, organisation_id: str, *, secret: str = YOUR_KEY) -> str:
    """Return the command that lists the chats that a key sees."""
    return _joined(["curl", f"{base_url}/api/agents/chats", *_headers(secret, organisation_id)])


def _headers(secret: str, organisation_id: str) -> list[str]:
    return [f'-H "X-API-Key: {secret}"', f'-H "X-Organization-Id: {organisation_id}"']


def _joined(lines: list[str]) -> str:
    return " \\\n  ".join(lines)


def _sample(parameter: Parameter) -> Any:
    """Return what a call may give a parameter: what it takes by default, else one of its values, else one made up."""
    known = parameter.taken(by_itself=False) or parameter.values[:1]
    if not known:
        return _SAMPLES[parameter.type]
    return known[0] if len(known) == 1 else list(known)
