"""A signed webhook: the notice as JSON, signed as standardwebhooks.com says, so that any of its libraries verifies it.

A delivery has one `webhook-id` for all its tries; whoever takes the same id once is never told twice.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from airflow.sdk import Connection

from interact.notices.sending import Answer, Envelope, Sender
from interact.notifiers.answering import answer_of
from interact.notifiers.linking import links_of
from interact.notifiers.notifier import NoticeNotifier
from interact.notifiers.opening import OpenWay, opened, shut, web_address
from interact.notifiers.posting import Address, Post

VERSION = 1
"""Of the document; it grows when a field is taken out or changes its meaning, not when one is added."""
_SECRET = "whsec_"
_SECRET_BYTES = range(24, 65)


@dataclass(frozen=True)
class SignedWebhook:
    """A way to one address that knows our secret."""

    address: Address
    secret: bytes = field(repr=False)
    post: Post = field(default_factory=Post)
    clock: Callable[[], float] = time.time

    def send(self, envelope: Envelope) -> Answer:
        """Post the document once."""
        body = json.dumps(document_of(envelope), ensure_ascii=False).encode()
        at = str(int(self.clock()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": envelope.delivery_id,
            "webhook-timestamp": at,
            "webhook-signature": signature_of(body, secret=self.secret, delivery_id=envelope.delivery_id, at=at),
        }
        kept = base64.b64encode(self.secret).decode()
        return answer_of(self.post.send(self.address, body, headers), self.address, secrets=(kept,))


def document_of(envelope: Envelope) -> dict[str, Any]:
    """Return what is posted: all of the notice, uncut, with whole addresses."""
    notice = envelope.notice
    data = notice.model_dump(mode="json", exclude={"links", "chart", "files", "look"})
    links = [{"label": label, "url": url} for label, url in links_of(envelope)]
    files = [each.model_dump(mode="json") for each in notice.files]
    return {
        "type": f"notice.{notice.kind}",
        "version": VERSION,
        "id": envelope.delivery_id,
        "data": {**data, "links": links, "files": files},
    }


def signature_of(body: bytes, *, secret: bytes, delivery_id: str, at: str) -> str:
    """Return the header that proves who sent a body, and when."""
    signed = hmac.digest(secret, f"{delivery_id}.{at}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed).decode()}"


def secret_of(text: str) -> bytes | None:
    """Return the secret that `whsec_` and its base64 stand for; None for what is none."""
    try:
        secret = base64.b64decode(text.strip().removeprefix(_SECRET), validate=True)
    except ValueError:
        return None
    return secret if text.strip().startswith(_SECRET) and len(secret) in _SECRET_BYTES else None


def open_signed(connection: Connection) -> AbstractContextManager[Sender]:
    """Return the way of a connection with an address in its host and a secret in its password."""
    secret = secret_of(connection.password or "")
    address = web_address(connection)
    if address is None:
        return shut(connection.conn_id, "holds no web address", "Put it into the host, as 'https://example.com/hook'")
    if secret is None:
        fact = "holds no secret that signs: it takes 'whsec_' and the base64 of 24 to 64 bytes"
        return shut(connection.conn_id, fact, "Put one into the password")
    return nullcontext(SignedWebhook(address, secret))


WAYS: dict[str, OpenWay] = {"": open_signed}


class WebhookNotifier(NoticeNotifier):
    """Send a message as a signed webhook."""

    def open(self) -> AbstractContextManager[Sender]:
        """Return the webhook."""
        return opened(self.connection, WAYS)
