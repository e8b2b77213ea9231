"""The line to a mail server: made by the provider's hook, with limits of time that hold whatever the server does."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, BinaryIO

from airflow.providers.smtp.hooks.smtp import SmtpHook

from interact.notifiers.smtp_talk import said, wait_at_most

if TYPE_CHECKING:
    from airflow.sdk import Connection

LONGEST_SECONDS = 60
"""What a connection may name at most as the limit of one step."""
REPLY_BYTES = 100_000
"""How much a server may say at one step."""
STEPS = 4
"""A whole message takes at most so many times the limit of one step, its body and the answer to it included."""


class Line:
    """A line to the server of a connection, made when it is first needed, and anew after it broke."""

    def __init__(self, connection: Connection) -> None:
        self.connection_id = connection.conn_id
        self.step_seconds = _step_seconds(connection)
        self.patience_seconds = self.step_seconds * STEPS
        self.client: smtplib.SMTP | None = None

    @property
    def is_open(self) -> bool:
        """Return whether somebody seems to be at the other end."""
        return self.client is not None and self.client.sock is not None

    @contextmanager
    def limited(self) -> Iterator[None]:
        """Cut the line when the block takes longer than a message may, so that whatever waits in it ends."""
        done = threading.Event()
        threading.Thread(target=self._watch, args=(done,), daemon=True).start()
        try:
            yield
        finally:
            done.set()

    def open(self) -> smtplib.SMTP:
        """Return the client, signed in; raises what the hook raises: OSError, AirflowException, ValueError and others.

        Nothing that it raises has to do with a message.
        """
        if self.client is None or not self.is_open:
            _OneTry(self).get_conn()
            if self.client is None:
                raise smtplib.SMTPServerDisconnected("The hook made no connection")
            self.client.ehlo_or_helo_if_needed()
            # The end of a message is a packet of its own, which would wait for an acknowledgement.
            if self.client.sock is not None:
                self.client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.client

    def close(self) -> None:
        """Take leave of the server; a line that is broken is dropped."""
        if self.is_open and self.client is not None:
            with self.limited(), suppress(OSError):
                wait_at_most(self.client, 2)
                self.client.quit()
        self.drop()

    def reset(self) -> None:
        """Make ready for the next mail after one that was not taken."""
        try:
            if self.is_open and self.client is not None and self.client.rset()[0] == 250:
                return
        except OSError:
            pass
        self.drop()

    def drop(self) -> None:
        """Forget the line, whatever state it is in."""
        if self.client is not None:
            with suppress(OSError):
                self.client.close()
        self.client = None

    def _watch(self, done: threading.Event) -> None:
        """Cut the line when time is up, and again each second: it may be made anew meanwhile."""
        seconds = self.patience_seconds
        while not done.wait(seconds):
            self._cut()
            seconds = 1

    def _cut(self) -> None:
        sock = self.client.sock if self.client is not None else None
        if sock is not None:
            # Not the method of a TLS socket, which would take itself apart under the thread that reads from it.
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


def failure(error: BaseException) -> str:
    """Return why there is no line, as a clause with what helps."""
    if not isinstance(error, OSError) and isinstance(error.__context__, OSError):
        error = error.__context__  # which the hook has put into words of its own
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"it refuses the sign-in, {said(error.smtp_code, error.smtp_error)}. Check login and password"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it said {said(error.smtp_code, error.smtp_error)}"
    for kind, told in (
        (ssl.SSLCertVerificationError, "its certificate is not trusted. Trust its authority, or check the host"),
        (ssl.SSLError, f"TLS failed. {_TLS}"),
        (smtplib.SMTPNotSupportedError, f"it lacks what the connection asks for: {error} {_TLS}"),
        (smtplib.SMTPServerDisconnected, "it closed the connection, or did not answer in time"),
        (socket.gaierror, "its name is unknown. Check the host"),
        (TimeoutError, "it did not answer in time"),
        (ConnectionRefusedError, "nothing listens there. Check host and port"),
    ):
        if isinstance(error, kind):
            return told
    return str(error).rstrip(".") or type(error).__name__


def _step_seconds(connection: Connection) -> float:
    """Return how long one step may take: `timeout` in the extra, 30 seconds without one, 60 at most."""
    try:
        named = float(connection.extra_dejson.get("timeout") or 30)
    except (TypeError, ValueError):
        named = 30
    return min(max(named, 0.1), LONGEST_SECONDS)


class _OneTry(SmtpHook):
    """The provider's hook: TLS, sign-in, OAuth. It tries once, since the ledger decides on another try."""

    def __init__(self, line: Line) -> None:
        super().__init__(line.connection_id)
        self._line = line

    @property
    def smtp_retry_limit(self) -> int:
        return 0

    @property
    def timeout(self) -> Any:
        return self._line.step_seconds

    @property
    def smtp_starttls(self) -> bool:
        # What is encrypted from its first byte has nothing to start.
        return bool(super().smtp_starttls) and not self.use_ssl

    def _build_client(self) -> smtplib.SMTP:
        kind = _TlsClient if self.use_ssl else _Client
        return kind(self._line, **self._build_client_kwargs(is_async=False))


class _Client(smtplib.SMTP):
    """A client that its line knows before it connects, so that the line can be cut while it does."""

    def __init__(self, line: Line, **how: Any) -> None:
        line.client, self.sock = self, None
        super().__init__(**how)

    def getreply(self) -> tuple[int, bytes]:
        """Return what the server says, which the library would gather without an end."""
        if self.file is None and self.sock is not None:
            self.file = _Ear(self.sock.makefile("rb"))
        if self.file is not None:
            self.file.left = REPLY_BYTES
        return super().getreply()


class _Ear:
    """Lines from a server, so many bytes of them at most."""

    def __init__(self, lines: BinaryIO) -> None:
        self._lines, self.left = lines, 0

    def readline(self, size: int) -> bytes:
        line = self._lines.readline(size)
        self.left -= len(line)
        if self.left < 0:
            raise OSError("Its answer has no end")
        return line

    def close(self) -> None:
        self._lines.close()


class _TlsClient(_Client, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


_TLS = (
    "Port 465 takes TLS from the first byte; for port 587 write `disable_ssl: true` into the extra, "
    "and for a server without TLS `disable_tls: true` as well"
)
