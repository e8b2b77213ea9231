"""From a channel to a way to it, by its type and the type of its Airflow connection."""

from __future__ import annotations

from contextlib import AbstractContextManager

from interact.jobs.stored import StoredChannel
from interact.notices.sending import Sender
from interact.notifiers import slack, teams, webhook
from interact.notifiers.mail import mail_ways
from interact.notifiers.opening import opened


def open_sender(channel: StoredChannel) -> AbstractContextManager[Sender]:
    """Return a way to a channel, open while the `with` lasts; what keeps it shut is each answer."""
    definition = channel.definition
    ways = {
        "email": mail_ways(definition.name),
        "slack": slack.WAYS,
        "teams": teams.WAYS,
        "webhook": webhook.WAYS,
    }
    return opened(definition.connection, ways[definition.type])
