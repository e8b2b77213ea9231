"""Interact's REST API as documented, on loopback and out of memory, with misbehaviour on demand."""

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from typing import Any

KEY = "int_" + "k3y0" * 12
ORGANISATION = "org_abcdefghijkl"
JOB = "job_abcdefghijkl"
PDF = b"%PDF-1.7 made for "

Act = Callable[["Handler"], None]
"""What the server does with a request instead of answering it."""


@dataclass(frozen=True)
class Asked:
    """One request, as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class FakeInteract:
    """A server that has one job; `acts` come first, one a request, then it answers as documented."""

    url: str = ""
    acts: list[Act] = field(default_factory=list)
    verdicts: list[str] = field(default_factory=lambda: ["completed"])
    """What a run's verdict is, look by look; the last one stays."""
    asked: list[Asked] = field(default_factory=list)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    """The run that each Idempotency-Key has led to."""
    lacking: set[int] = field(default_factory=set)
    """Which chats of a run, counted from 0, fail in the end."""
    closing: threading.Event = field(default_factory=threading.Event)

    def keys_sent(self) -> list[str | None]:
        """Return the Idempotency-Key of each POST."""
        return [asked.headers.get("Idempotency-Key") for asked in self.asked if asked.method == "POST"]

    def answer(self, asked: Asked) -> tuple[int, object]:
        """Return status and body: bytes for a file, else what becomes JSON."""
        if (asked.headers.get("X-API-Key"), asked.headers.get("X-Organization-Id")) != (KEY, ORGANISATION):
            return 401, problem(401, "Key refused", "The header X-API-Key names no key in use.")
        for pattern, answer in (
            (rf"POST /jobs/{JOB}/trigger", lambda _: self._trigger(asked)),
            (r"POST /(?:runs|chats)/(\w+)/rerun", lambda _: self._trigger(asked)),
            (r"POST /runs/(\w+)/cancel", self._cancel),
            (r"GET /runs/(\w+)", self._look),
            (r"GET /chats/(\w+)/report\.(?:pdf|html)", lambda found: (200, PDF + found[1].encode())),
        ):
            if found := re.fullmatch(pattern, f"{asked.method} {asked.path.removeprefix('/api/agents')}"):
                return answer(found)
        return 404, problem(404, "Not found", "There is no such thing that you can see.")

    def _trigger(self, asked: Asked) -> tuple[int, object]:
        given = {name: value if isinstance(value, list) else [value] for name, value in self._given(asked).items()}
        if wrong := [value for value in given.get("market", ()) if value not in ("NL", "BE", "DE")]:
            return 422, problem(422, "Parameter refused", f"Parameter 'market' is {wrong[0]!r}. Allowed: 'NL', 'BE'.")
        run_id = self.by_key.get(asked.headers.get("Idempotency-Key", ""), f"run_{len(self.runs) + 1:012}")
        if run_id not in self.runs:
            combinations = [dict(zip(given, values, strict=True)) for values in product(*given.values())]
            chats = [{"id": f"chat_{run_id[-8:]}{n:04}", "parameters": each} for n, each in enumerate(combinations)]
            self.runs[run_id] = {"verdicts": list(self.verdicts), "chats": chats}
            self.by_key[asked.headers.get("Idempotency-Key", "")] = run_id
        chats = self.runs[run_id]["chats"]
        return 202, {
            "success": True,
            "chat": {"id": chats[0]["id"]},
            "job": {"id": JOB},
            "chat_id": chats[0]["id"],
            "job_id": JOB,
            "chats": chats,
            "run": {"id": run_id, "url": None},
        }

    def _given(self, asked: Asked) -> dict[str, Any]:
        return asked.body.get("parameters", {}) if isinstance(asked.body, dict) else {}

    def _cancel(self, found: re.Match[str]) -> tuple[int, object]:
        self.runs[found[1]]["verdicts"] = ["cancelled"]
        return 202, {"success": True}

    def _look(self, found: re.Match[str]) -> tuple[int, object]:
        run = self.runs[found[1]]
        verdict = run["verdicts"].pop(0) if len(run["verdicts"]) > 1 else run["verdicts"][0]
        return 200, {
            "id": found[1],
            "verdict": verdict,
            "delivery": "none",
            "reason": None,
            "initiator": "key:ci",
            "acceptedAt": "2026-11-25T08:00:00+00:00",
            "startedAt": None,
            "endedAt": None,
            "job": {"id": JOB, "name": "Weekly briefing"},
            "rerunOf": None,
            "url": f"{self.url}/dags/interact_weekly/runs/{found[1]}",
            "chats": [self._chat(number, chat, verdict) for number, chat in enumerate(run["chats"])],
            "documents": [],
        }

    def _chat(self, number: int, chat: dict[str, Any], verdict: str) -> dict[str, Any]:
        status = "completed" if verdict == "partial" else verdict
        status = "failed" if status == "completed" and number in self.lacking else status
        url = f"/api/agents/chats/{chat['id']}/report.pdf"
        pdf = {"kind": "pdf", "url": url, "sha256": hashlib.sha256(PDF + chat["id"].encode()).hexdigest()}
        return {**chat, "status": status, "reason": None, "documents": [pdf] if status == "completed" else []}


class Handler(BaseHTTPRequestHandler):
    """One request: an act when one is left, else an answer."""

    interact: FakeInteract

    def do_GET(self) -> None:
        """Answer."""
        self._serve()

    def do_POST(self) -> None:
        """Answer."""
        self._serve()

    def say(self, status: int, content: bytes, **headers: str) -> None:
        """Send a whole answer; `Content_Type="…"` is a header."""
        self.send_response(status)
        for name, value in ({"Content_Length": str(len(content))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(self.command, self.path, dict(self.headers.items()), json.loads(sent) if sent else None)
        self.interact.asked.append(asked)
        if self.interact.acts:
            self.interact.acts.pop(0)(self)
            return
        self.reply(asked)

    def reply(self, asked: Asked | None = None) -> None:
        """Answer as documented."""
        status, body = self.interact.answer(asked or self.interact.asked[-1])
        if isinstance(body, bytes):
            self.say(status, body, Content_Type="application/pdf")
        else:
            kind = "application/problem+json" if status >= 400 else "application/json"
            self.say(status, json.dumps(body).encode(), Content_Type=kind)


def problem(status: int, title: str, detail: str) -> dict[str, object]:
    """Return a problem document."""
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


def refuses(status: int, detail: str = "Not now.", *, title: str = "Refused", **headers: str) -> Act:
    """Answer with a problem."""
    body = json.dumps(problem(status, title, detail)).encode()
    return lambda handler: handler.say(status, body, Content_Type="application/problem+json", **headers)


def says(status: int, content: bytes, **headers: str) -> Act:
    """Answer with any bytes."""
    return lambda handler: handler.say(status, content, **headers)


def writes(content: bytes) -> Act:
    """Send bytes as they are, HTTP or not."""

    def act(handler: Handler) -> None:
        handler.wfile.write(content)
        handler.close_connection = True

    return act


def hangs(handler: Handler) -> None:
    """Take the request and never answer it."""
    handler.interact.closing.wait(30)


def hangs_up(handler: Handler) -> None:
    """Close the connection without a word."""
    handler.close_connection = True


def dawdles(handler: Handler) -> None:
    """Answer as documented, a little at a time."""
    status, body = handler.interact.answer(handler.interact.asked[-1])
    whole = json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(whole)))
    handler.end_headers()
    for start in range(0, len(whole), 40):
        handler.wfile.write(whole[start : start + 40])
        handler.interact.closing.wait(0.04)


def breaks_off(handler: Handler) -> None:
    """Do what was asked, and close the connection in the middle of the answer."""
    whole = json.dumps(handler.interact.answer(handler.interact.asked[-1])[1]).encode()
    handler.send_response(202)
    handler.send_header("Content-Length", str(len(whole)))
    handler.end_headers()
    handler.wfile.write(whole[:20])


@contextmanager
def fake_interact() -> Iterator[FakeInteract]:
    """Serve until the end of the block."""
    interact = FakeInteract()
    running = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"interact": interact}))
    running.daemon_threads = True
    interact.url = f"http://127.0.0.1:{running.server_port}"
    serving = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    serving.start()
    try:
        yield interact
    finally:
        interact.closing.set()
        running.shutdown()
        running.server_close()
