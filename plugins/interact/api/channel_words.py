"""What pages call the types, levels and topics of channels."""

from __future__ import annotations

from interact.jobs.channels import ChannelType
from interact.jobs.stored import StoredChannel
from interact.notices.hearing import TOPICS, Level, Topic

TYPE_WORDS: dict[ChannelType, str] = {
    "email": "Email",
    "slack": "Slack",
    "teams": "Microsoft Teams",
    "webhook": "Webhook",
}
LEVEL_WORDS: dict[Level, str] = {"info": "everything", "warning": "warnings and failures", "error": "failures only"}
TOPIC_WORDS: dict[Topic, str] = {
    "completed_run": "completed runs",
    "failed_run": "failed runs",
    "anomaly": "anomalies",
    "skipped_run": "missed times",
}
_FEW = 3


def where_to(channel: StoredChannel) -> str:
    """Return where a channel leads: `Email to a@example.com, b@example.com and 3 more`."""
    definition = channel.definition
    kind, shown = TYPE_WORDS[definition.type], ", ".join(definition.recipients[:_FEW])
    more = len(definition.recipients) - _FEW
    return f"{kind} to {shown}{f' and {more:,} more' if more > 0 else ''}" if shown else kind


def what_it_hears(channel: StoredChannel) -> str:
    """Return which notices a channel hears: `failures only, of failed runs`."""
    definition = channel.definition
    topics = [TOPIC_WORDS[topic] for topic in TOPICS if topic in definition.topics]
    return LEVEL_WORDS[definition.level] + (f", of {' and '.join(topics)}" if len(topics) < len(TOPICS) else "")
