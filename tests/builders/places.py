"""Every page there is, by name, on a lived-in installation: who looks at it, and where it stands."""

import re
from collections.abc import Mapping
from typing import Any

from builders import underway
from builders.asking import answer
from builders.lived_in import LivedIn
from interact.jobs.rights import Person
from interact.runs.accept import Ask, accept
from interact.runs.question import Inquiry, accept_question

PLACES: dict[str, tuple[str, str]] = {
    "agents": ("ada", "/agents"),
    "agent": ("ada", "/agents/{agent:analyst}"),
    "agent-not-found": ("ada", "/agents/{agent:analyst}?state=failed&kind=questions"),
    "agent-inactive": ("ada", "/agents/{agent:retired}"),
    "agent-hostile": ("ada", "/agents/{agent:hostile}"),
    "jobs": ("ada", "/agents/{agent:analyst}/jobs"),
    "jobs-none": ("ada", "/agents/{agent:retired}/jobs"),
    "jobs-not-found": ("ada", "/agents/{agent:analyst}/jobs?q=nothing+of+that+name"),
    "agent-settings": ("ivy", "/agents/{agent:analyst}/settings"),
    "agent-settings-member": ("ada", "/agents/{agent:analyst}/settings"),
    "agent-version": ("ivy", "/agents/{agent:analyst}/versions/1"),
    "create-agent": ("ivy", "/agents/new"),
    "create-job": ("ada", "/agents/{agent:analyst}/jobs/new"),
    "save-as-job": ("ada", "/agents/{agent:analyst}/jobs/new?chat={chat:weekly}"),
    "job": ("ada", "/jobs/{job:weekly}"),
    "job-saved": ("ada", "/jobs/{job:weekly}?saved=1"),
    "job-not-run-yet": ("ada", "/jobs/{job:long}"),
    "job-not-found": ("ada", "/jobs/{job:hourly}?outcome=failed"),
    "job-hourly": ("ada", "/jobs/{job:hourly}"),
    "job-hostile": ("ada", "/jobs/{job:hostile}"),
    "job-settings": ("ada", "/jobs/{job:weekly}/settings"),
    "job-settings-member": ("bob", "/jobs/{job:weekly}/settings"),
    "job-sealed": ("ivy", "/jobs/{job:private}/settings"),
    "run-now": ("ada", "/jobs/{job:weekly}/run"),
    "run": ("ada", "/runs/{run:weekly}"),
    "run-live": ("ada", "/runs/{run:live}"),
    "run-queued": ("ada", "/runs/{run:queued}"),
    "run-cancelled": ("ada", "/runs/{run:cancelled}"),
    "chat": ("ada", "/chats/{chat:weekly}"),
    "chat-live": ("ada", "/chats/{chat:live}"),
    "chat-thread": ("ada", "/chats/{chat:question}"),
    "chat-without-report": ("ada", "/chats/{chat:check}"),
    "chat-failed": ("ada", "/chats/{chat:failed}"),
    "organisation": ("ivy", "/organisations/{org}/settings"),
    "organisation-member": ("ada", "/organisations/{org}/settings"),
    "organisation-version": ("ivy", "/organisations/{org}/versions/1"),
    "notifications": ("ivy", "/organisations/{org}/notifications"),
    "notifications-member": ("ada", "/organisations/{org}/notifications"),
    "notifications-not-found": ("ivy", "/organisations/{org}/notifications?state=held&channel={channel:slack}"),
    "channel": ("ivy", "/channels/{channel:mail}"),
    "channel-member": ("ada", "/channels/{channel:slack}"),
    "channel-away": ("ivy", "/channels/{channel:teams}"),
    "channel-hostile": ("ivy", "/channels/{channel:hook}"),
    "channel-settings": ("ivy", "/channels/{channel:mail}/settings"),
    "create-channel": ("ivy", "/organisations/{org}/notifications/channels/new"),
    "preview-mail": ("ada", "/channels/{channel:mail}/preview?kind=partial"),
    "preview-slack": ("ada", "/channels/{channel:slack}/preview?kind=outage"),
    "preview-teams": ("ada", "/channels/{channel:teams}/preview?job={job:check}"),
    "preview-webhook": ("ada", "/channels/{channel:hook}/preview?kind=test"),
    "notice": ("ada", "/notices/{notice:weekly}"),
    "notice-hostile": ("ada", "/notices/{notice:failed}"),
    "notice-sealed": ("ivy", "/notices/{notice:private}"),
    "keys": ("ivy", "/organisations/{org}/keys"),
    "keys-member": ("ada", "/organisations/{org}/keys"),
    "reference": ("ivy", "/organisations/{org}/reference"),
    "refused": ("bob", "/jobs/{job:private}"),
}


def add_talk(found: LivedIn) -> None:
    """Add a question with a further one, and a run of three chats that is under way."""
    ada, agent_id = Person("ada", found.organisation_id, "member"), found.agents["analyst"].agent_id
    first = accept_question(found.desk, ada, Inquiry(agent_id, "Spend and ROAS by channel for the past 7 days"))
    answer(found.desk, first)
    found.chats["question"] = first.chats[0].chat_id
    inquiry = Inquiry(agent_id, "And by market?", thread_id=found.chats["question"])
    answer(found.desk, accept_question(found.desk, ada, inquiry))
    values: dict[str, str | list[str]] = {"market": ["NL", "BE", "DE"]}
    accepted = accept(found.desk, Ask(found.jobs["weekly"].job_id, values, "user:ada"))
    chats = [underway.of(found.desk, accepted, number) for number in range(3)]
    chats[0].taken()
    for chat in chats[:2]:
        chat.begun()
        chat.queried("Totals")
    chats[0].answered("Spend was 12.")
    found.runs["live"], found.chats["live"] = accepted.run.run_id, chats[1].chat_id


def path_of(found: LivedIn, pattern: str) -> str:
    """Return a path with the ids of this installation."""
    known: dict[str, Mapping[str, Any]] = {
        "agent": found.agents,
        "job": found.jobs,
        "run": found.runs,
        "chat": found.chats,
        "channel": found.channels,
        "notice": found.notices,
    }

    def id_of(match: re.Match[str]) -> str:
        kind, _, name = match[1].partition(":")
        if kind == "org":
            return found.organisation_id
        entry = known[kind][name]
        return entry if isinstance(entry, str) else getattr(entry, f"{kind}_id")

    return re.sub(r"\{([a-z:]+)\}", id_of, pattern)
