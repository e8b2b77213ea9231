"""One POST, once: what came back, or what is known about a message whose answer never came.

Made of `http.client`, because a ledger must know whether the message had left when something broke, and for how long at
most this takes. The libraries above it fold both into one exception, try again by themselves, follow redirects with
the secret in hand, and write addresses into their logs.
"""

from __future__ import annotations

import base64
import io
import re
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from certifi import where

from interact import __version__

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BODY_BYTES = 1_000_000
"""How much of an answer is read."""


@dataclass(frozen=True)
class Limits:
    """How long one POST may take: to connect, to each address of a host, and then until its answer is here."""

    connect_seconds: float = 5
    answer_seconds: float = 30


@dataclass(frozen=True)
class Address:
    """Where to post; all but the host is a secret, and so `str()` of it is the host."""

    host: str
    port: int
    is_secure: bool
    target: str = field(repr=False)
    """Path and query."""

    def __str__(self) -> str:
        return self.host

    @property
    def secrets(self) -> tuple[str, ...]:
        """Path and query, whole and in their longer parts, as a server may repeat them: as they are, or decoded."""
        parts = (each for part in re.split(r"[/?&=]", self.target) for each in (part, unquote(part)))
        return self.target, *dict.fromkeys(part for part in parts if len(part) >= 12)


def address_of(url: str) -> Address | None:
    """Return where a URL leads; None for what is no web address, or holds a user's name or a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    if not url.isascii() or not url.isprintable() or " " in url:
        return None
    is_secure = parts.scheme == "https"
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    return Address(parts.hostname, port or (443 if is_secure else 80), is_secure, target)


@dataclass(frozen=True)
class Reply:
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    """By name in lower case."""
    text: str
    is_whole: bool
    """False when its body broke off, or is longer than what is read."""


@dataclass(frozen=True)
class Unanswered:
    """A message without an answer."""

    why: str
    """A clause, as `nothing listens there`; without a word of what was sent or of the address."""
    had_left: bool
    """True when all of the message was handed over, so that the server may have taken it."""


@dataclass(frozen=True)
class Post:
    """A way to post, with limits; each message has a connection of its own, since a kept one may be dead already."""

    limits: Limits = field(default_factory=Limits)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        paths = ssl.get_default_verify_paths()
        return ssl.create_default_context(cafile=None if paths.cafile or paths.capath else where())

    def send(
        self, address: Address, body: bytes, headers: Mapping[str, str], *, proxy: str | None = None
    ) -> Reply | Unanswered:
        """Post a body; never raises for what a server, a proxy or the network does.

        `proxy` is for this host, unless NO_PROXY names it; None takes the one that the environment names.
        """
        try:
            via = _proxy(address, proxy)
        except ValueError:
            return Unanswered("its proxy is no address as 'http://proxy.example.com:3128'", had_left=False)
        named = {"User-Agent": f"interact/{__version__}", "Connection": "close", **headers}
        with closing(self._connection(address, via)) as connection:
            try:
                connection.connect()
                connection.sock = _Deadline(connection.sock, self.limits.answer_seconds)
                # A server acts on a whole message only: what breaks in here was not accepted.
                connection.request("POST", _target(address, via), body, _with_proxy(named, address, via))
            except (OSError, HTTPException, UnicodeError) as error:
                return Unanswered(_why(error), had_left=False)
            try:
                return _unsigned(_reply(connection.getresponse()), via)
            except (OSError, HTTPException) as error:
                return Unanswered(_why(error), had_left=True)

    def _connection(self, address: Address, via: _Proxy | None) -> HTTPConnection:
        host, port = (via.host, via.port) if via else (address.host, address.port)
        if not address.is_secure:
            return HTTPConnection(host, port, timeout=self.limits.connect_seconds)
        connection = HTTPSConnection(host, port, timeout=self.limits.connect_seconds, context=self._tls)
        if via:
            connection.set_tunnel(address.host, address.port, headers=_proxy_login(via))
        return connection


class _Deadline:
    """A socket whose reads and writes all together end in time, however slowly the bytes drip."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self._sock, self._until = sock, time.monotonic() + seconds

    def sendall(self, data: bytes) -> None:
        self.hurry()
        self._sock.sendall(data)

    def makefile(self, _: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self, self._sock.makefile("rb", buffering=0)))

    def close(self) -> None:
        self._sock.close()

    def hurry(self) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)


class _Reader(io.RawIOBase):
    """What comes from a socket with a deadline."""

    def __init__(self, deadline: _Deadline, raw: socket.SocketIO) -> None:
        self._deadline, self._raw = deadline, raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        self._deadline.hurry()
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _reply(response: HTTPResponse) -> Reply:
    headers = {name.lower(): value for name, value in response.headers.items()}
    read, is_whole = bytearray(), False
    try:
        while len(read) <= BODY_BYTES and (piece := response.read1(65_536)):
            read += piece
        is_whole = len(read) <= BODY_BYTES and not response.length
    except (OSError, HTTPException):
        pass  # Its status is known, which is what matters; who needs the body looks whether it is whole.
    finally:
        response.close()
    return Reply(response.status, headers, read[:BODY_BYTES].decode(errors="replace"), is_whole)


@dataclass(frozen=True)
class _Proxy:
    host: str
    port: int
    login: str = field(repr=False)
    """Name and password, "" when it asks for none."""


def _proxy(address: Address, named: str | None) -> _Proxy | None:
    """Return the proxy on the way to an address; raises ValueError for one that cannot be used."""
    url = named or getproxies().get("https" if address.is_secure else "http")
    if not url or proxy_bypass(address.host):
        return None
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(parts.scheme)
    login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return _Proxy(parts.hostname, parts.port or 3128, login if login != ":" else "")


def _proxy_login(via: _Proxy) -> dict[str, str]:
    return {"Proxy-Authorization": f"Basic {base64.b64encode(via.login.encode()).decode()}"} if via.login else {}


def _unsigned(reply: Reply, via: _Proxy | None) -> Reply:
    """Return an answer in which no proxy repeats what it was signed in with."""
    text = reply.text
    for secret in _proxy_login(via).values() if via else ():
        text = text.replace(secret.removeprefix("Basic "), "***")
    return replace(reply, text=text)


def _target(address: Address, via: _Proxy | None) -> str:
    """Return what the request line names: the whole address for a proxy that reads it."""
    return f"http://{address.host}:{address.port}{address.target}" if via and not address.is_secure else address.target


def _with_proxy(headers: Mapping[str, str], address: Address, via: _Proxy | None) -> dict[str, str]:
    return {**headers, **(_proxy_login(via) if via and not address.is_secure else {})}


def _why(error: OSError | HTTPException | UnicodeError) -> str:
    """Return what happened as a clause, of our own words: an exception's may hold the address."""
    for kind, told in (
        ((socket.gaierror, UnicodeError), "its name is unknown"),
        (TimeoutError, "it did not answer in time"),
        (ssl.SSLCertVerificationError, "its certificate is not trusted"),
        (ssl.SSLError, "TLS failed"),
        (ConnectionRefusedError, "nothing listens there"),
        (ConnectionError, "the connection was cut"),
        (HTTPException, "its answer is no HTTP"),
    ):
        if isinstance(error, kind):
            return told
    return f"the network or a proxy failed ({type(error).__name__})"
