"""A service on loopback that answers as docs/remote-agents.md describes, or misbehaves on demand; and a journal."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import trustme

from builders.story import MODEL
from interact.agents.contract import Answer, Journal, Question
from interact.agents.remote.asking import RemoteAgent
from interact.agents.remote.service import Patience, Service
from interact.chats.result import Result
from interact.errors import NotStartable
from interact.warehouse.queries import Warehouse
from interact.warehouse.semantic import read_model

SHORT = Patience(connect_seconds=2, read_seconds=0.5, answer_seconds=1)
"""What a test can wait for."""
TOKEN = "tok-1234567890-abcdef"
SPEND = {
    "result_id": "spend.1",
    "title": "Spend by market",
    "sql": "SELECT market, spend FROM theirs",
    "columns": [{"name": "market"}, {"name": "spend", "format": "currency", "unit": "EUR", "good": "down"}],
    "rows": [["NL", 1234.0], ["BE", 500]],
}
REPORT = {
    "title": "Weekly",
    "period": {"start": "2026-11-15", "end": "2026-11-21"},
    "summary": "NL spent [[spend.1/0/spend]].",
    "sections": [
        {
            "title": "Spend",
            "blocks": [
                {
                    "type": "metrics",
                    "items": [{"label": "Spend", "figure": {"result_id": "spend.1", "row": 0, "column": "spend"}}],
                },
                {"type": "table", "title": "Markets", "result_id": "spend.1", "columns": ["market", "spend"]},
            ],
        }
    ],
}
RUNNING = {"status": "running"}
ANSWERED = {
    "status": "completed",
    "results": [SPEND],
    "answer": "NL spent [[spend.1/0/spend]].",
    "usage": {"requests": 2, "input_tokens": 900, "output_tokens": 100},
    "cost_usd": 0.02,
    "model": "their-model-1",
}
REPORTED = {**ANSWERED, "report": REPORT}
Act = Callable[["Handler"], None]
"""What the server does with a request that it has read, instead of answering."""


@dataclass(frozen=True)
class Called:
    """One request, as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    """By name in lower case."""
    body: Any


@dataclass
class FakeService:
    """What takes questions; `acts` come first, one a request, then the `states` in turn, the last one for ever."""

    states: list[dict[str, Any]]
    url: str = ""
    acts: list[Act] = field(default_factory=list)
    calls: list[Called] = field(default_factory=list)
    runs: dict[str, str] = field(default_factory=dict)
    """The id of each run, by the key that it came under."""
    cancelled: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    looked: threading.Event = field(default_factory=threading.Event)
    """Set once somebody asked how a run stands."""

    def begin(self, key: str) -> str:
        """Return the id of the run of that key, a new one when it is new."""
        return self.runs.setdefault(key, f"run-{len(self.runs) + 1}")

    @property
    def asked(self) -> Any:
        """The body of the first question."""
        return next(each.body for each in self.calls if each.path == "/v1/runs")


class Handler(BaseHTTPRequestHandler):
    """One request: an act when one is left, else the answer that is described."""

    service: FakeService

    def do_POST(self) -> None:
        """Begin a run, or cancel one."""
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._noted(json.loads(content) if content else None)
        if self.path.endswith("/cancel"):
            self.service.cancelled.append(self.path.split("/")[-2])
            self.say(202, "{}")
        elif self.service.acts:
            self.service.acts.pop(0)(self)
        else:
            self.take()

    def do_GET(self) -> None:
        """Say how a run stands."""
        self._noted(None)
        self.service.looked.set()
        self.service.acts.pop(0)(self) if self.service.acts else self.tell()

    def take(self) -> None:
        """Answer a question as described."""
        self.say(202, json.dumps({"id": self.service.begin(self.headers["Idempotency-Key"]), "status": "queued"}))

    def tell(self) -> None:
        """Say how a run stands as described."""
        states = self.service.states
        state = states.pop(0) if len(states) > 1 else states[0]
        after = int(parse_qs(urlsplit(self.path).query)["after"][0])
        said = [each for each in state.get("messages", ()) if each["seq"] > after]
        self.say(200, json.dumps({**state, "messages": said}))

    def say(self, status: int, content: str, **headers: str) -> None:
        """Send a whole answer; `Retry_After="…"` is a header."""
        self.send_response(status)
        for name, value in ({"Content_Length": str(len(content.encode()))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _noted(self, body: Any) -> None:
        named = {name.lower(): value for name, value in self.headers.items()}
        self.service.calls.append(Called(self.command, self.path, named, body))


def says(status: int, content: str = "{}", **headers: str) -> Act:
    """Answer with this."""
    return lambda handler: handler.say(status, content, **headers)


def hangs(handler: Handler) -> None:
    """Never answer."""
    handler.service.closing.wait(30)


def takes_and_hangs(handler: Handler) -> None:
    """Begin the run, and never answer."""
    handler.service.begin(handler.headers["Idempotency-Key"])
    hangs(handler)


def cuts(handler: Handler) -> None:
    """Break off in the answer's body."""
    handler.send_response(200)
    handler.send_header("Content-Length", "500")
    handler.end_headers()
    handler.wfile.write(b'{"status": "comp')
    handler.close_connection = True


def drips(handler: Handler) -> None:
    """Answer a byte at a time, each within any limit for a single one."""
    handler.send_response(200)
    handler.send_header("Content-Length", "500")
    handler.end_headers()
    while not handler.service.closing.wait(0.05):
        try:
            handler.wfile.write(b" ")
        except OSError:
            return


def floods(handler: Handler) -> None:
    """Send without an end."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while not handler.service.closing.is_set():
            handler.wfile.write(b" " * 65_536)
    except OSError:
        handler.close_connection = True


@contextmanager
def remote_service(*states: dict[str, Any], authority: trustme.CA | None = None) -> Iterator[FakeService]:
    """Serve until the end of the block, its runs in those states one after the other; with an authority by TLS."""
    service = FakeService(list(states) or [ANSWERED])
    running = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"service": service}))
    running.daemon_threads = True
    # A test that breaks a connection is not to be told of it.
    running.handle_error = lambda *_: None  # type: ignore[method-assign]
    if authority:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        running.socket = context.wrap_socket(running.socket, server_side=True, do_handshake_on_connect=False)
    service.url = f"{'https' if authority else 'http'}://127.0.0.1:{running.server_port}/v1"
    serving = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    serving.start()
    try:
        yield service
    finally:
        service.closing.set()
        running.shutdown()
        running.server_close()


class Notebook(Journal):
    """A journal that keeps all of it in memory, through several tries."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.said: list[str] = []
        self.claimed: list[Result] = []
        self.is_wanted = True

    def steps(self) -> tuple[str, ...]:
        """Return what was kept."""
        return tuple(self.kept)

    def keep(self, step: str, *, usage: Mapping[str, int] | None = None, cost_usd: float | None = None) -> None:
        """Keep a step."""
        self.kept.append(step)

    def say(self, text: str) -> None:
        """Keep a message."""
        self.said.append(text)

    def claim(self, result: Result) -> None:
        """Keep a result."""
        self.claimed.append(result)

    def require_wanted(self) -> None:
        """Raise once the test has given up."""
        if not self.is_wanted:
            raise NotStartable("The run was cancelled. Run it again.")


class NoDoor(Warehouse):
    """A door that a service has no use for: its model is all that counts."""

    model = read_model(MODEL)


QUESTION = Question("What did NL spend?", date(2026, 11, 22), filters={"market": "NL"}, title="Weekly", key="chat_1:0")


def service_at(url: str, **changes: Any) -> Service:
    """Return a service at a URL, on this machine, which is allowed."""
    plain: dict[str, Any] = {"hosts": frozenset({"127.0.0.1"}), "patience": SHORT, "secrets": (TOKEN,)}
    return Service("their_service", url, **(plain | {"login": {"Authorization": f"Bearer {TOKEN}"}} | changes))


def asked(
    service: FakeService, journal: Journal | None = None, question: Question = QUESTION, **changes: Any
) -> Answer:
    """Ask a service, and do not wait between two looks."""
    agent = RemoteAgent(service_at(service.url, **changes), sleep=lambda _: None)
    return agent.answer(question, NoDoor(), journal or Notebook())
