"""Email, by SMTP or Microsoft Graph: the type of the connection says which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from airflow.sdk import Connection
from airflow.sdk.configuration import conf

from interact.notices.sending import Sender
from interact.notifiers.graph import open_graph
from interact.notifiers.mail_message import ROOM_BYTES, Writing, from_address
from interact.notifiers.notifier import NoticeNotifier
from interact.notifiers.opening import OpenWay, opened, shut
from interact.notifiers.smtp import open_smtp
from interact.settings import read as read_settings

Open = Callable[[Connection, Writing], AbstractContextManager[Sender]]


def mail_ways(channel: str = "") -> Mapping[str, OpenWay]:
    """Return how each type of connection sends mail; `channel` is the name of the channel that mails speak of."""
    ways: dict[str, Open] = {"smtp": open_smtp, "msgraph": open_graph}
    return {kind: partial(_written, channel=channel, way=way) for kind, way in ways.items()}


def _written(connection: Connection, *, channel: str, way: Open) -> AbstractContextManager[Sender]:
    extra = connection.extra_dejson
    named = extra.get("from_email") or conf.get("email", "from_email", fallback="") or connection.login or ""
    sender = from_address(str(named))
    if sender is None:
        fact = f"names no sender ({named!r:.100} is no email address)"
        return shut(connection.conn_id, fact, "Write `from_email` into its extra")
    try:
        room_bytes = int(float(extra.get("max_message_mb", 0)) * 1_000_000) or ROOM_BYTES
    except (TypeError, ValueError, OverflowError):
        fact = f"has `max_message_mb` {extra['max_message_mb']!r:.40} in its extra, which is no number"
        return shut(connection.conn_id, fact, "Write one, as 10")
    folder = read_settings().include_dir / "templates" / "messages"
    return way(connection, Writing(sender, channel, folder, room_bytes))


class MailNotifier(NoticeNotifier):
    """Send an email to each of the `recipients`, by a connection of type smtp or msgraph."""

    def __init__(self, *, recipients: str | Iterable[str], **message: Any) -> None:
        super().__init__(**message)
        self.recipients = (recipients,) if isinstance(recipients, str) else tuple(recipients)

    def open(self) -> AbstractContextManager[Sender]:
        """Return the way that the connection is."""
        return opened(self.connection, mail_ways())
