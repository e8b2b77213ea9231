"""Every page there is, by name, on a lived-in installation: who looks at it, and where it stands."""

import re

from builders.lived_in import LivedIn

PLACES: dict[str, tuple[str, str]] = {
    "agents": ("ada", "/agents"),
    "agent": ("ada", "/agents/{agent:analyst}"),
    "agent-inactive": ("ada", "/agents/{agent:retired}"),
    "agent-hostile": ("ada", "/agents/{agent:hostile}"),
    "jobs": ("ada", "/agents/{agent:analyst}/jobs"),
    "jobs-none": ("ada", "/agents/{agent:retired}/jobs"),
    "jobs-not-found": ("ada", "/agents/{agent:analyst}/jobs?q=nothing+of+that+name"),
    "agent-settings": ("ivy", "/agents/{agent:analyst}/settings"),
    "agent-settings-member": ("ada", "/agents/{agent:analyst}/settings"),
    "create-agent": ("ivy", "/agents/new"),
    "create-job": ("ada", "/agents/{agent:analyst}/jobs/new"),
    "job": ("ada", "/jobs/{job:weekly}"),
    "job-hourly": ("ada", "/jobs/{job:hourly}"),
    "job-hostile": ("ada", "/jobs/{job:hostile}"),
    "job-settings": ("ada", "/jobs/{job:weekly}/settings"),
    "job-settings-member": ("bob", "/jobs/{job:weekly}/settings"),
    "run-now": ("ada", "/jobs/{job:weekly}/run"),
    "run": ("ada", "/runs/{run:weekly}"),
    "run-queued": ("ada", "/runs/{run:queued}"),
    "run-cancelled": ("ada", "/runs/{run:cancelled}"),
    "chat": ("ada", "/chats/{chat:weekly}"),
    "chat-without-report": ("ada", "/chats/{chat:check}"),
    "chat-failed": ("ada", "/chats/{chat:failed}"),
    "organisation": ("ivy", "/organisations/{org}/settings"),
    "organisation-member": ("ada", "/organisations/{org}/settings"),
    "keys": ("ivy", "/organisations/{org}/keys"),
    "keys-member": ("ada", "/organisations/{org}/keys"),
    "reference": ("ivy", "/organisations/{org}/reference"),
    "refused": ("bob", "/jobs/{job:private}"),
}


def path_of(found: LivedIn, pattern: str) -> str:
    """Return a path with the ids of this installation."""
    known = {"agent": found.agents, "job": found.jobs, "run": found.runs, "chat": found.chats}

    def id_of(match: re.Match[str]) -> str:
        kind, _, name = match[1].partition(":")
        if kind == "org":
            return found.organisation_id
        entry = known[kind][name]
        return entry if isinstance(entry, str) else getattr(entry, f"{kind}_id")

    return re.sub(r"\{([a-z:]+)\}", id_of, pattern)
