"""Slack, Teams and a receiver of webhooks on loopback, with TLS when asked, and with misbehaviour on demand."""

import json
import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

import trustme

from interact.notifiers.posting import Limits

SHORT = Limits(connect_seconds=2, answer_seconds=0.8)
"""What a test can wait for."""
TOKEN = "xoxb-1234567890-abcdefghijklmnop"
HOOK = "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
"""The path of a webhook, which is a secret."""

Act = Callable[["Handler"], None]
"""What the server does with a request that it has read, instead of taking it."""


@dataclass(frozen=True)
class Posted:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    """By name in lower case."""
    content: bytes

    @property
    def document(self) -> Any:
        """The JSON in it."""
        return json.loads(self.content)


@dataclass
class ChatServer:
    """What takes messages; `acts` come first, one a request."""

    url: str = ""
    acts: list[Act] = field(default_factory=list)
    blind: list[Act] = field(default_factory=list)
    """What it does before it has read a request's body."""
    posted: list[Posted] = field(default_factory=list)
    """Each request that it has read, whatever came of it."""
    taken: list[Posted] = field(default_factory=list)
    """Each message that it has accepted."""
    connections: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    """What was uploaded, by the path that it went to."""
    closing: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    """One request: an act when one is left, else it is taken as documented."""

    chat: ChatServer

    def setup(self) -> None:
        """Count the connection."""
        self.chat.connections += 1
        super().setup()

    def do_POST(self) -> None:
        """Read it and answer."""
        if self.chat.blind:
            self.chat.blind.pop(0)(self)
            return
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        named = {name.lower(): value for name, value in self.headers.items()}
        self.posted = Posted(self.path, named, content)
        self.chat.posted.append(self.posted)
        if self.chat.acts:
            self.chat.acts.pop(0)(self)
        else:
            self.take()

    def take(self) -> None:
        """Answer as documented: a method of Slack, a file, a hook of Slack, a workflow of Teams, anybody's webhook."""
        if self.path.startswith("/api/"):
            self.say(200, json.dumps(self._method(self.path.removeprefix("/api/"))))
        elif self.path.startswith("/upload/"):
            self.chat.files[self.path] = self.posted.content
            self.say(200, f"OK - {len(self.posted.content)}")
        else:
            self.chat.taken.append(self.posted)
            self.say(*{"services": (200, "ok"), "workflows": (202, "")}.get(self.path.split("/")[1], (204, "")))

    def _method(self, name: str) -> dict[str, Any]:
        if self.posted.headers.get("authorization") != f"Bearer {TOKEN}":
            return {"ok": False, "error": "invalid_auth"}
        if name == "chat.postMessage":
            self.chat.taken.append(self.posted)
            return {"ok": True, "channel": "C012AB3CD", "ts": "1503435956.000247", "message": {"text": "as it came"}}
        if name == "files.getUploadURLExternal":
            asked = parse_qs(self.posted.content.decode())
            where = f"/upload/v1/{quote(asked['filename'][0])}"
            return {"ok": True, "upload_url": f"{self.chat.url}{where}", "file_id": "F0123ABC456"}
        return {"ok": True, "files": [{"id": "F0123ABC456", "title": "as it came"}]}

    def say(self, status: int, content: str, **headers: str) -> None:
        """Send a whole answer; `Retry_After="…"` is a header."""
        self.send_response(status)
        for name, value in ({"Content_Length": str(len(content.encode()))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def says(status: int, content: str = "", **headers: str) -> Act:
    """Answer with this, and take nothing."""
    return lambda handler: handler.say(status, content, **headers)


def slow(handler: Handler) -> None:
    """Take it, after a while."""
    handler.chat.closing.wait(0.3)
    handler.take()


def hangs(handler: Handler) -> None:
    """Never answer."""
    handler.chat.closing.wait(30)


def drips(handler: Handler) -> None:
    """Answer one byte at a time, each within any limit for a single one."""
    handler.chat.taken.append(handler.posted)
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok":
        if handler.chat.closing.wait(0.1):
            return
        try:
            handler.wfile.write(bytes([byte]))
        except OSError:
            return


def breaks_off(status: int, content: str, *, after: int) -> Act:
    """Take it, and close the connection after so many characters of the answer's body."""

    def act(handler: Handler) -> None:
        handler.chat.taken.append(handler.posted)
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[:after].encode())
        handler.wfile.flush()

    return act


def takes_and_hangs_up(handler: Handler) -> None:
    """Take it, and close the connection without a word."""
    handler.chat.taken.append(handler.posted)
    resets(handler)


def resets(handler: Handler) -> None:
    """Cut the connection, so that the other side sees a reset."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()


def resets_soon(handler: Handler) -> None:
    """Cut the connection when all has arrived that was sent."""
    handler.chat.closing.wait(0.1)
    resets(handler)


def babbles(handler: Handler) -> None:
    """Take it, and answer with what is no HTTP."""
    handler.chat.taken.append(handler.posted)
    handler.wfile.write(b"220 mail.example.com ESMTP\r\n")


@contextmanager
def chat_server(
    authority: trustme.CA | None = None, *, named: str = "127.0.0.1", handler: type[Handler] = Handler
) -> Iterator[ChatServer]:
    """Serve until the end of the block; with an authority, by TLS with a certificate for that name."""
    chat = ChatServer()
    running = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (handler,), {"chat": chat}))
    running.daemon_threads = True
    # A test that breaks a connection is not to be told of it.
    running.handle_error = lambda *_: None  # type: ignore[method-assign]
    if authority:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(named).configure_cert(context)
        running.socket = context.wrap_socket(running.socket, server_side=True, do_handshake_on_connect=False)
    chat.url = f"{'https' if authority else 'http'}://127.0.0.1:{running.server_port}"
    serving = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    serving.start()
    try:
        yield chat
    finally:
        chat.closing.set()
        running.shutdown()
        running.server_close()


def trusted(authority: trustme.CA, folder: Path) -> str:
    """Return the file that SSL_CERT_FILE names, for who trusts this authority."""
    file = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    return os.fspath(file)
