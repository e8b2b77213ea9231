"""Mail servers on loopback: a real one, with TLS, sign-in and faults on demand, and one that plays a part."""

import asyncio
import json
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

LOGIN, PASSWORD = "interact", "s3cret-of-the-mail-server"

Fault = str | Callable[[SMTP], Awaitable[str]]
"""What is answered at a step instead of going on: a line, or what the server does first."""


@dataclass
class MailServer:
    """What takes mail. `faults` are by step (RCPT, or DATA for all of a message), used once each."""

    port: int = 0
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    """By address, what is always answered to it."""
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    """Recipient and message of each mail that it has accepted."""
    seen: list[str] = field(default_factory=list)
    """The recipient of each mail of which it got all, whatever came of it."""
    connections: int = 0
    stop: Callable[[], object] = lambda: None

    async def handle_MAIL(self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        """Answer to the sender."""
        envelope.mail_from, envelope.mail_options = address, options
        return await self._fault("MAIL", server) or "250 OK"

    async def handle_RCPT(self, server: SMTP, _: Session, envelope: Envelope, address: str, __: list[str]) -> str:  # noqa: N802
        """Answer to a recipient."""
        if told := self.refused.get(address) or await self._fault("RCPT", server):
            return told
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer to a whole mail."""
        (recipient,), content = envelope.rcpt_tos, bytes(envelope.original_content or b"")
        self.seen.append(recipient)
        if told := await self._fault("DATA", server):
            return told
        message = message_from_bytes(content, policy=default)
        self.taken.append((recipient, message))  # type: ignore[arg-type]
        return f"250 2.0.0 Ok: queued as 4XQ{len(self.taken)}"

    async def _fault(self, step: str, server: SMTP) -> str:
        left = self.faults.get(step)
        if not left:
            return ""
        fault = left.pop(0)
        return fault if isinstance(fault, str) else await fault(server)


async def hangs(server: SMTP) -> str:
    """Never answer."""
    await asyncio.sleep(30)
    return ""


async def cuts(server: SMTP) -> str:
    """Cut the connection without an answer."""
    server.transport.abort()  # type: ignore[union-attr]
    return "250 Never heard"


async def dawdles(server: SMTP) -> str:
    """Answer as always, after a while."""
    await asyncio.sleep(0.3)
    return ""


class _Smtp(SMTP):
    """A connection; a fault at 354 comes before the content."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        left = self.event_handler.faults.get("354")
        if not left:
            await super().smtp_DATA(arg)
            return
        fault = left.pop(0)
        if not isinstance(fault, str):
            await fault(self)
        elif fault == "cut":
            await self.push("354 Go on")
            await asyncio.sleep(0.05)
            self.transport.abort()  # type: ignore[union-attr]
        else:
            await self.push(fault)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.event_handler.connections += 1
        super().connection_made(transport)


@contextmanager
def mail_server(
    authority: trustme.CA | None = None, *, tls: str = "", auth: bool = False, **how: Any
) -> Iterator[MailServer]:
    """Serve until the end of the block; `tls` is "starttls" or "implicit", and `auth` demands a sign-in."""
    server, context, ready = MailServer(), None, threading.Event()
    if authority:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
    if auth:
        how |= {"authenticator": _knows, "auth_required": True, "auth_require_tls": tls == "starttls"}
    if tls == "starttls":
        how |= {"tls_context": context, "require_starttls": True}

    async def serve() -> None:
        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        server.stop = lambda: loop.call_soon_threadsafe(stopping.set)
        made = await loop.create_server(
            lambda: _Smtp(server, **({"hostname": "localhost", "enable_SMTPUTF8": True, "loop": loop} | how)),
            "127.0.0.1",
            ssl=context if tls == "implicit" else None,
        )
        server.port = made.sockets[0].getsockname()[1]
        ready.set()
        await stopping.wait()
        made.close()

    running = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    running.start()
    ready.wait(10)
    try:
        yield server
    finally:
        server.stop()
        running.join(timeout=10)


def _knows(_: SMTP, __: Session, ___: Envelope, ____: str, data: Any) -> AuthResult:
    is_known = isinstance(data, LoginPassword) and (data.login, data.password) == (LOGIN.encode(), PASSWORD.encode())
    return AuthResult(success=is_known, handled=False)


@contextmanager
def playing(part: Callable[[socket.socket], None]) -> Iterator[MailServer]:
    """Serve connections one after the other as the part says."""
    server = MailServer()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server.port = listening.getsockname()[1]

        def serve() -> None:
            with suppress(OSError):
                while True:
                    talking, _ = listening.accept()
                    server.connections += 1
                    with talking, suppress(OSError):
                        part(talking)

        threading.Thread(target=serve, daemon=True).start()
        yield server


def tarpits(talking: socket.socket) -> None:
    """Greet with one character at a time, each well within any limit for a single one."""
    for _ in range(300):
        talking.sendall(b"2")
        time.sleep(0.05)


def takes_one_mail_then_tarpits() -> Callable[[socket.socket], None]:
    """Take a mail on the first connection and answer what comes next one character at a time; then tarpit."""
    met: list[socket.socket] = []

    def part(talking: socket.socket) -> None:
        met.append(talking)
        if len(met) > 1:
            tarpits(talking)
            return
        talking.sendall(b"220 hello\r\n")
        lines = talking.makefile("rb")
        for answer in (b"250 hello", b"250 sender", b"250 recipient", b"354 go on"):
            lines.readline()
            talking.sendall(answer + b"\r\n")
        while lines.readline() != b".\r\n":
            pass
        talking.sendall(b"250 taken\r\n")
        lines.readline()
        tarpits(talking)

    return part


def keeps_silent(talking: socket.socket) -> None:
    """Never greet."""
    talking.recv(1)


def greets(line: bytes) -> Callable[[socket.socket], None]:
    """Say one line, and wait for the end."""

    def part(talking: socket.socket) -> None:
        talking.sendall(line + b"\r\n")
        while talking.recv(1024):
            pass

    return part


def repeats_all(talking: socket.socket) -> None:
    """Let people sign in, and refuse each line with itself."""
    talking.sendall(b"220 hello\r\n")
    for line in talking.makefile("rb"):
        is_greeting = line.startswith(b"ehlo")
        talking.sendall(b"250-hello\r\n250 AUTH PLAIN\r\n" if is_greeting else b"535 what is " + line)


def a_mail_connection(patch: pytest.MonkeyPatch, port: int, *, name: str = "MAIL", **changes: Any) -> None:
    """Let Airflow have a connection to a server, without TLS unless `extra` says otherwise."""
    extra = {"disable_ssl": True, "disable_tls": True, "from_email": "reports@example.com", "timeout": 1}
    plain: dict[str, Any] = {"conn_type": "smtp", "host": "localhost", "port": port}
    content = plain | changes | {"extra": extra | changes.get("extra", {})}
    patch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(content))
