"""Slack: a message through an incoming webhook, or by a bot that takes files along as well.

The provider's hooks read the connection: its webhook or token, and its proxy. The message goes by our own POST, since
the client in the hooks has no limit for an answer that drips, follows redirects with the token, and writes addresses
and messages into its log; it cannot say whether a message had left, either.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowException

from interact.errors import StoreUnavailable
from interact.notices.notice import Attachment
from interact.notices.sending import Answer, Envelope, Outcome, Sender
from interact.notifiers.answering import answer_of, named, words
from interact.notifiers.notifier import NoticeNotifier
from interact.notifiers.opening import OpenWay, opened, shut
from interact.notifiers.posting import Address, Limits, Post, Reply, Unanswered, address_of
from interact.notifiers.slack_blocks import message_of
from interact.notifiers.slack_words import answer_to_code

_JSON = {"Content-Type": "application/json; charset=utf-8"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
UPLOAD_LIMITS = Limits(answer_seconds=20)
"""A file takes three calls after the message."""
MOST_FILES = 6
"""Message and files together stay below the ten minutes after which a delivery counts as lost."""


@dataclass(frozen=True)
class SlackWebhook:
    """A way into the one room that an incoming webhook leads to."""

    address: Address
    post: Post = field(default_factory=Post)
    proxy: str | None = field(default=None, repr=False)

    def send(self, envelope: Envelope) -> Answer:
        """Post the message once; Slack gives no name for it."""
        if envelope.recipient:
            told = f"A webhook leads to one room of its own, not to {envelope.recipient!r}: take the recipients out."
            return Answer(Outcome.REFUSED, told)
        got = self.post.send(self.address, json.dumps(message_of(envelope)).encode(), _JSON, proxy=self.proxy)
        if isinstance(got, Unanswered):
            return answer_of(got, self.address, secrets=())
        code = got.text.strip()
        if got.status == 200:
            return Answer(Outcome.DELIVERED, "Slack answered 'ok'.") if code == "ok" else _unlike(got, self.address)
        return answer_to_code(code, got) or answer_of(got, self.address, secrets=())


@dataclass(frozen=True)
class SlackBot:
    """A way into the rooms that a bot is in."""

    base_url: str
    token: str = field(repr=False)
    post: Post = field(default_factory=Post)
    uploading: Post = field(default_factory=lambda: Post(UPLOAD_LIMITS))
    proxy: str | None = field(default=None, repr=False)

    def send(self, envelope: Envelope) -> Answer:
        """Post the message once, then each file into its thread; one that fails is told, and changes nothing else."""
        if not envelope.recipient:
            return Answer(Outcome.REFUSED, "A bot needs a room: add one to the channel, as '#marketing'.")
        message = {**message_of(envelope), "channel": envelope.recipient, "link_names": False, "parse": "none"}
        got = self._call(self.post, "chat.postMessage", json.dumps(message).encode(), _JSON)
        if isinstance(got, Answer):
            return got
        room, thread = str(got.get("channel", "")), str(got.get("ts", ""))
        answer = Answer(Outcome.DELIVERED, "Slack answered 'ok'.", reference=named(thread))
        return replace(answer, told=f"{answer.told} {self._uploads(envelope, room, thread)}".strip())

    def _uploads(self, envelope: Envelope, room: str, thread: str) -> str:
        """Put the files into the message's thread; return why one is not there, and then none after it is."""
        files = envelope.notice.files
        for number, each in enumerate(files[:MOST_FILES]):
            if told := self._upload(envelope, each, room, thread):
                left = len(files) - number - 1
                return f"{told} {left} more were not tried." if left else told
        left = len(files) - MOST_FILES
        return f"{left} more files are behind the link." if left > 0 else ""

    def _upload(self, envelope: Envelope, attachment: Attachment, room: str, thread: str) -> str:
        """Put a file into the message's thread; return why it is not there, "" when it is."""
        try:
            content = envelope.read(attachment.sha256)
        except StoreUnavailable as error:
            return f"File {attachment.name!r} is not along: {error}"
        asked = urlencode({"filename": attachment.name, "length": len(content)}).encode()
        place = self._call(self.uploading, "files.getUploadURLExternal", asked, _FORM)
        if isinstance(place, Answer):
            return f"File {attachment.name!r} is not along: {place.told}"
        address = address_of(str(place.get("upload_url")))
        if address is None:
            return f"File {attachment.name!r} is not along: Slack named no place for it."
        put = self.uploading.send(address, content, {"Content-Type": attachment.media_type}, proxy=self.proxy)
        if isinstance(put, Unanswered) or put.status != 200:
            return f"File {attachment.name!r} is not along: {answer_of(put, address, secrets=(self.token,)).told}"
        shared = {
            "files": [{"id": place.get("file_id"), "title": attachment.name}],
            "channel_id": room,
            "thread_ts": thread,
        }
        done = self._call(self.uploading, "files.completeUploadExternal", json.dumps(shared).encode(), _JSON)
        return f"File {attachment.name!r} is not along: {done.told}" if isinstance(done, Answer) else ""

    def _call(self, post: Post, method: str, body: bytes, headers: dict[str, str]) -> dict[str, Any] | Answer:
        """Return what a method of Slack gave, or what it means that it gave nothing."""
        address = address_of(f"{self.base_url}{method}")
        if address is None:
            return Answer(Outcome.NOT_NOW, "The connection's `base_url` is no web address.", is_away=True)
        got = post.send(address, body, {**headers, "Authorization": f"Bearer {self.token}"}, proxy=self.proxy)
        if isinstance(got, Unanswered):
            return answer_of(got, address, secrets=())
        return self._given(got, address)

    def _given(self, got: Reply, address: Address) -> dict[str, Any] | Answer:
        try:
            given = json.loads(got.text)
        except (ValueError, RecursionError):
            given = None
        if isinstance(given, dict) and given.get("ok") is True:
            return given
        code = words(str(given.get("error", "")), secrets=(self.token,)) if isinstance(given, dict) else ""
        if known := answer_to_code(code, got):
            return known
        if got.status != 200:
            return answer_of(got, address, secrets=(self.token,))
        told = f"Slack answered {code!r}. A further try does not help."
        return Answer(Outcome.REFUSED, told) if code else _unlike(got, address)


def _unlike(got: Reply, address: Address) -> Answer:
    """Return what an answer means that says it is well, but not as Slack says it."""
    if not got.is_whole:
        return Answer(Outcome.UNKNOWN, "Slack's answer broke off. Look in the room before you send it again.")
    said = f"{str(address)!r} answered {got.status}, but not as Slack does."
    return Answer(Outcome.REFUSED, f"{said} Look at the address in the connection, and at the proxy.")


def open_webhook(connection: Connection) -> AbstractContextManager[Sender]:
    """Return the way of a connection of type `slackwebhook`."""
    from airflow.providers.slack.hooks.slack_webhook import SlackWebhookHook

    try:
        client = SlackWebhookHook(slack_webhook_conn_id=connection.conn_id, retry_handlers=[]).client
    except (AirflowException, ValueError):
        return shut(connection.conn_id, "holds no webhook of Slack", "Put its address into the password")
    address = address_of(client.url)
    if address is None:
        return shut(connection.conn_id, "holds no address of a webhook", "Put the whole of it into the password")
    return nullcontext(SlackWebhook(address, proxy=client.proxy))


def open_bot(connection: Connection) -> AbstractContextManager[Sender]:
    """Return the way of a connection of type `slack`."""
    from airflow.providers.slack.hooks.slack import SlackHook

    try:
        client = SlackHook(slack_conn_id=connection.conn_id, retry_handlers=[]).client
    except (AirflowException, ValueError):
        return shut(connection.conn_id, "holds no token of Slack", "Put the bot's token, xoxb-…, into the password")
    token = client.token or ""
    if not token.isascii() or not token.isprintable():
        return shut(connection.conn_id, "holds no token of Slack", "Put the bot's token, xoxb-…, into the password")
    return nullcontext(SlackBot(client.base_url, token, proxy=client.proxy))


WAYS: dict[str, OpenWay] = {"slackwebhook": open_webhook, "slack": open_bot}


class SlackNotifier(NoticeNotifier):
    """Send a message to Slack: by an incoming webhook, or by a bot to `recipients`, as `#marketing` or `C012AB3CD`."""

    def __init__(self, *, recipients: Sequence[str] = ("",), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.recipients = tuple(recipients)

    def open(self) -> AbstractContextManager[Sender]:
        """Return the webhook, or the bot."""
        return opened(self.connection, WAYS)
