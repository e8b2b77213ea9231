"""The calls to a service, one HTTP request each: what comes back is read, bounded and checked here."""

from __future__ import annotations

import json
import logging
import re
import ssl
import time
from collections.abc import Collection, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urlsplit

import requests
from pydantic import BaseModel, ValidationError
from urllib3.exceptions import HTTPError, ReadTimeoutError

from interact import __version__
from interact.agents.remote.exchange import Accepted, RunRequest, RunState
from interact.agents.remote.hosts import guarded_adapter, require_host
from interact.agents.unanswered import ModelUnavailable
from interact.errors import AgentRefused, InteractError

log = logging.getLogger(__name__)
ANSWER_BYTES = 8_000_000
"""How much of one answer is read."""
WORDS = 300
"""How much of a service's own sentence is shown."""
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LATER = frozenset({408, 425, 429})
_Shape = TypeVar("_Shape", bound=BaseModel)


@dataclass(frozen=True)
class Patience:
    """How long one call may take: to connect, each silence, and until all of its answer is here."""

    connect_seconds: float = 5
    read_seconds: float = 30
    answer_seconds: float = 60


class RunUnknown(AgentRefused):
    """The service does not know the run that it was asked about."""


class ServiceFailed(AgentRefused):
    """A run that ended at the service without an answer; its own words are quoted."""

    def __init__(self, service: Service, state: RunState) -> None:
        said = f", {plainly(state.error, service.secrets)!r}" if state.error else ""
        super().__init__(
            service.told(f"ended its run as {state.status}{said}. Look there, then run the question again")
        )


class Away(ModelUnavailable):
    """A call that a further try may mend; `wait_seconds` is what the service asked for, 0 when it did not."""

    def __init__(self, service: Service, fact: str, wait_seconds: float = 0) -> None:
        self.connection, self.fact, self.wait_seconds = service.connection_id, fact, wait_seconds
        self.retry_after_seconds = int(wait_seconds) or None
        InteractError.__init__(self, f"{service.told(fact)} Run this again later.")


@dataclass(frozen=True)
class Service:
    """A service at its address. Nothing but its host and the connection's id ever stands in an error or a log."""

    connection_id: str
    url: str = field(repr=False)
    """Where `/runs` is, without a slash at the end."""
    login: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The headers that let us in."""
    secrets: Collection[str] = field(default=(), repr=False)
    """What a service may repeat and nobody may read."""
    hosts: Collection[str] = ()
    """INTERACT_REMOTE_HOSTS."""
    patience: Patience = Patience()

    def start(self, request: RunRequest, *, key: str) -> Accepted:
        """Hand a question over, once however often it is called with one key; raises AgentRefused, Away."""
        body = request.model_dump_json().encode()
        return self._call("POST", "/runs", Accepted, body=body, key=key)[0]

    def state(self, run_id: str, *, after: int) -> tuple[RunState, float]:
        """Return how a run stands, and how many seconds the service asks to wait; raises AgentRefused, Away."""
        return self._call("GET", f"/runs/{run_id}?after={after}", RunState)

    def cancel(self, run_id: str) -> None:
        """Ask for a run to be stopped; whether it was is not known."""
        with closing(self._session()) as session:
            try:
                # Short, since Airflow kills a task some seconds after it has asked it to end.
                session.post(
                    f"{self.url}/runs/{run_id}/cancel", timeout=(2, 2), allow_redirects=False, stream=True
                ).close()
            except (requests.RequestException, AgentRefused) as error:
                name = type(error).__name__
                log.warning("The service could not be told that its run is not wanted any more (%s)", name)

    def _call(
        self, method: str, path: str, shape: type[_Shape], *, body: bytes | None = None, key: str = ""
    ) -> tuple[_Shape, float]:
        headers = {"Content-Type": "application/json", "Idempotency-Key": key} if body is not None else {}
        limits = (self.patience.connect_seconds, self.patience.read_seconds)
        until = time.monotonic() + self.patience.answer_seconds
        with ExitStack() as opened:
            session = opened.enter_context(closing(self._session()))
            try:
                got = session.request(
                    method,
                    self.url + path,
                    data=body,
                    headers=headers,
                    timeout=limits,
                    allow_redirects=False,
                    stream=True,
                )
                opened.enter_context(closing(got))
                content = self._read(got, until)
            except (requests.RequestException, HTTPError) as error:
                raise Away(self, _why(error)) from None
        wait = _wait_of(got.headers.get("Retry-After", ""))
        self._require_success(got.status_code, content, wait)
        return self._shaped(content, shape), wait

    def _read(self, got: requests.Response, until: float) -> bytes:
        read = bytearray()
        while piece := got.raw.read1(65_536, decode_content=False):
            read += piece
            if len(read) > ANSWER_BYTES:
                raise AgentRefused(
                    self.told(f"sends an answer of more than {ANSWER_BYTES // 1_000_000} MB. Let it send less at once")
                )
            if time.monotonic() > until:
                raise Away(self, "did not end its answer in time")
        if got.raw.length_remaining:
            raise Away(self, "broke off in its answer")
        return bytes(read)

    def _require_success(self, status: int, content: bytes, wait: float) -> None:
        if 200 <= status < 300:
            return
        if status >= 500 or status in _LATER:
            raise Away(self, f"answered {status}{self._words(content)}", wait)
        if status in (401, 403):
            advice = "It does not let us in: look at the login, the password or the token of the connection"
        elif status < 400:
            advice = "Redirects are not followed: name the address that it leads to in the connection"
        else:
            advice = "A further try does not help"
        kind = RunUnknown if status in (404, 410) else AgentRefused
        raise kind(self.told(f"answered {status}{self._words(content)}. {advice}"))

    def _words(self, content: bytes) -> str:
        """Return the sentence in an answer, quoted, on one short line and without our secrets; "" without one."""
        try:
            document = json.loads(content)
        except (ValueError, RecursionError):
            return ""
        named = document if isinstance(document, dict) else {}
        said = next((each for name in ("detail", "message", "error", "title") if (each := named.get(name))), "")
        return f", {plainly(said, self.secrets)!r}" if isinstance(said, str) and said else ""

    def _shaped(self, content: bytes, shape: type[_Shape]) -> _Shape:
        try:
            return shape.model_validate_json(content)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = plainly(".".join(str(part) for part in first["loc"]) or "the whole")
            told = f"answers what docs/remote-agents.md does not describe, at {where!r}: {plainly(first['msg'])}"
            raise AgentRefused(self.told(told)) from None

    def told(self, fact: str) -> str:
        """Return a sentence on it; `fact` is a predicate without its full stop."""
        return f"The service of connection {self.connection_id!r} at {urlsplit(self.url).hostname!r} {fact}."

    def _session(self) -> requests.Session:
        """Return a session of one call, which takes no proxy, no login and no authority from its surroundings."""
        require_host(urlsplit(self.url).hostname or "", self.hosts)
        session = requests.Session()
        session.trust_env = False
        session.verify = ssl.get_default_verify_paths().cafile or True
        session.headers.update(
            {"User-Agent": f"interact/{__version__}", "Accept-Encoding": "identity", "Accept": "application/json"}
        )
        session.headers.update(self.login)
        adapter = guarded_adapter(self.hosts)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        return session


def plainly(text: str, secrets: Collection[str] = ()) -> str:
    """Return somebody else's words on one short line, without control characters and secrets."""
    for secret in secrets:
        text = text.replace(secret, "***")
    said = " ".join(_UNSEEN.sub(" ", text).split())
    return said if len(said) <= WORDS else f"{said[:WORDS]}…"


def _wait_of(header: str) -> float:
    """Return the seconds that a Retry-After asks for; 0 for none, or for what cannot be read."""
    if header.isdecimal():
        return float(header[:9])
    try:
        return max((parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds(), 0)
    except (ValueError, TypeError):
        return 0


def _why(error: requests.RequestException | HTTPError) -> str:
    """Return what happened in our own words: an exception's may hold the address."""
    kinds: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
        (requests.exceptions.SSLError, "has no certificate that is trusted here"),
        ((requests.Timeout, ReadTimeoutError), "did not answer in time"),
        (requests.ConnectionError, "cannot be reached"),
    )
    for kind, told in kinds:
        if isinstance(error, kind):
            return told
    return "broke off in its answer"
