"""Mail by SMTP: one message to one recipient, and at every step it is known whether the server may have taken it.

The provider's hook connects and signs in. It does not send: its `send_email_smtp` tries up to six times whatever went
wrong, and so sends twice when only the answer was lost.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from airflow.sdk.exceptions import AirflowException, AirflowRuntimeError

from interact.errors import StoreUnavailable
from interact.notices.sending import Answer, Envelope, Outcome, Sender
from interact.notifiers.cutting import cut, flat
from interact.notifiers.mail_message import Writing, addressable, compose
from interact.notifiers.smtp_line import Line, failure
from interact.notifiers.smtp_talk import hand_over, size_limit

if TYPE_CHECKING:
    from airflow.sdk import Connection

_WORDS = 400
# What opening a line may raise: the network, the server, the provider, and an extra that holds no number.
_FAILURES = (OSError, AirflowException, AirflowRuntimeError, RuntimeError, ValueError, TypeError)


class SmtpSender:
    """A way to any address, by the mail server of a connection; one line for all mails as long as it holds."""

    def __init__(self, connection: Connection, writing: Writing) -> None:
        self._line, self._writing = Line(connection), writing
        host = f"{connection.host or 'localhost'}{f':{connection.port}' if connection.port else ''}"
        self._name = f"Mail server {host!r} of connection {connection.conn_id!r}"
        extra = connection.extra_dejson
        secrets = (connection.password, extra.get("access_token"), extra.get("client_secret"))
        logins = (connection.login or "", str(extra.get("from_email") or ""))
        repeated = {each for secret in secrets if secret for each in _repeated(logins, str(secret))}
        self._secrets = sorted(repeated, key=len, reverse=True)

    def close(self) -> None:
        """Take leave of the server."""
        self._line.close()

    def send(self, envelope: Envelope) -> Answer:
        """Send the mail once."""
        if addressable(envelope.recipient) is None:
            return Answer(Outcome.REFUSED, f"{cut(repr(envelope.recipient), 100)} is no email address.")
        with self._line.limited():
            was_open = self._line.is_open
            answer = self._tried(envelope)
            if was_open and answer.is_away:
                # Servers close a line that was idle or has carried enough, and the mail has certainly not left.
                self._line.drop()
                answer = self._tried(envelope)
        return replace(answer, told=self._clean(answer.told))

    def _tried(self, envelope: Envelope) -> Answer:
        try:
            client = self._line.open()
        except _FAILURES as error:
            self._line.drop()
            return Answer(Outcome.NOT_NOW, f"{self._name} cannot be used: {failure(error)}.", is_away=True)
        room_bytes = min(self._writing.room_bytes, size_limit(client) or self._writing.room_bytes)
        try:
            letter = compose(envelope, replace(self._writing, room_bytes=room_bytes))
            answer = hand_over(client, letter, patience_seconds=self._line.patience_seconds)
        except StoreUnavailable as error:
            return Answer(Outcome.NOT_NOW, str(error))
        except OSError as error:
            self._line.drop()
            told = f"{self._name} broke off before it had the mail: {failure(error)}. It is tried again."
            return Answer(Outcome.NOT_NOW, told, is_away=True)
        if answer.outcome is not Outcome.DELIVERED:
            self._line.reset()
        return answer

    def _clean(self, told: str) -> str:
        for secret in self._secrets:
            told = told.replace(secret, "***")
        return cut(flat(told), _WORDS)


def _repeated(logins: Iterable[str], secret: str) -> Iterator[str]:
    """Give how a server may repeat a secret: as it is, quoted in our words for it, and as it was sent to sign in."""
    quoted = secret.replace("\\", "\\\\")
    yield from (secret, quoted, quoted.replace("'", "\\'"))
    by_login = [(f"\0{login}\0{secret}", f"user={login}\1auth=Bearer {secret}\1\1") for login in logins]
    for sent in (secret, *chain.from_iterable(by_login)):
        yield base64.b64encode(sent.encode()).decode()


@contextmanager
def open_smtp(connection: Connection, writing: Writing) -> Iterator[Sender]:
    """Give the way of a connection of type smtp; nothing is connected before the first mail."""
    sender = SmtpSender(connection, writing)
    try:
        yield sender
    finally:
        sender.close()
