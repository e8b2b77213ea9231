"""Interact over HTTP: start a job, wait until its run has ended, fetch its reports.

    client = Client("https://airflow.example.com", api_key="int_…", organization_id="org_…")
    run = client.wait(client.trigger("job_…", market=["NL", "BE"]))
    client.save_reports(run, "reports")

It needs `requests` and nothing else of this package, so that this one file may be copied to where it is used.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import requests

log = logging.getLogger(__name__)
API = "/api/agents"
PAUSES = (1, 2, 4, 8)
"""Seconds before each further try of a request."""
LONGEST_PAUSE = 60
"""Seconds; when the server asks for more, the caller decides whether to wait."""
PASSING = frozenset({None, 429, 502, 503, 504})
"""Where a further try may help: no answer, too many requests, a server or a proxy that is not up."""


@dataclass(eq=False)
class CallRefused(Exception):
    """A request that was refused, or not answered; `str()` of it is a whole sentence, with the server's own `detail`.

    `status` is that of HTTP, None without an answer; `retry_after_seconds` is what the server asked for, if it did.
    """

    call: str
    status: int | None
    title: str
    detail: str
    retry_after_seconds: int | None = None

    def __str__(self) -> str:
        told = "got no answer" if self.status is None else f"was answered {self.status}"
        return f"{self.call} {told}, {self.title}. {self.detail}"

    @property
    def retry_helps(self) -> bool:
        """Whether the same request may be taken later."""
        return self.status in PASSING or self.retry_after_seconds is not None


@dataclass(frozen=True)
class Document:
    """A file that a run made; `kind` is the ending of its name, `url` its path on the server."""

    kind: str
    url: str
    sha256: str


@dataclass(frozen=True)
class Chat:
    """The answer to one combination; `status` is queued, running, completed, failed or cancelled."""

    chat_id: str
    parameters: Mapping[str, Any]
    status: str
    reason: str | None
    documents: tuple[Document, ...]


@dataclass(frozen=True)
class Run:
    """One run of a job; `verdict` is queued, running, completed, partial, failed or cancelled.

    `url` is its page in Airflow, None until Airflow has taken it; `documents` are those of the run as a whole.
    """

    run_id: str
    job_id: str
    verdict: str
    reason: str | None
    url: str | None
    chats: tuple[Chat, ...]
    documents: tuple[Document, ...]

    @property
    def has_ended(self) -> bool:
        """Whether the verdict is the last one."""
        return self.verdict in {"completed", "partial", "failed", "cancelled"}


@dataclass(frozen=True)
class Client:
    """Calls with one key; each raises CallRefused when it is refused, or not answered after five tries.

    `url` is where Airflow is, with the path that it is served under, if any; `timeout_seconds` is the longest silence
    of the server. Raises ValueError for what no request can be made with. No redirect is followed: the key would go
    along.
    """

    url: str
    _: KW_ONLY
    api_key: str = field(repr=False)
    organization_id: str
    timeout_seconds: float = 60
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)

    def __post_init__(self) -> None:
        try:
            address = urlsplit(self.url)
            is_whole = address.scheme in {"http", "https"} and address.hostname and address.port != 0
        except ValueError:  # whose words may repeat a part of what was given
            is_whole = False
        if not is_whole or re.search(r"[\s@?#]", self.url):
            # What was given is not repeated: it may hold a password.
            raise ValueError(
                "The address of Airflow is http:// or https://, a host and perhaps a port and a path, such as "
                "'https://airflow.example.com'; a user, a password, spaces, ? and # have no place in it."
            )
        _require_header("API key", self.api_key)
        _require_header("organization id", self.organization_id)

    def trigger(
        self,
        job_id: str,
        /,
        parameters: Mapping[str, object] | None = None,
        *,
        idempotency_key: str | None = None,
        **values: object,
    ) -> Run:
        """Start a job and return its run, queued: `trigger("job_…", market=["NL", "BE"])`.

        Each parameter takes a value or a list of them; `parameters` takes the same as one mapping. All tries of a call
        carry one key, so that a lost answer never starts a second run. A key of your own makes that hold between calls:
        for 24 hours the server answers it with the run that it has started.
        """
        body = json.dumps({"parameters": {**(parameters or {}), **values}}, default=date.isoformat)
        return self._start(_path("jobs", job_id, "trigger"), body, idempotency_key)

    def rerun(self, run_or_chat_id: str) -> Run:
        """Ask everything in a run, or one chat's question, once more; return the new run, queued."""
        return self._start(_path("chats" if run_or_chat_id.startswith("chat_") else "runs", run_or_chat_id, "rerun"))

    def cancel(self, run_id: str) -> None:
        """Stop a run; its verdict follows."""
        self.call("POST", _path("runs", run_id, "cancel"))

    def run(self, run_id: str) -> Run:
        """Return a run as it stands."""
        return _run(self.call("GET", _path("runs", run_id)))

    def wait(
        self,
        run: Run,
        *,
        timeout_seconds: float = 3600,
        poll_seconds: float = 10,
        on_progress: Callable[[Run], object] = lambda run: None,
    ) -> Run:
        """Return the run once it has ended, whatever its verdict.

        Looks at once, a second later, and then ever more seldom, up to every `poll_seconds`; `on_progress` is called
        with the run whenever it has changed. A server that restarts meanwhile is waited for. Raises TimeoutError when
        the run is not over after `timeout_seconds`: it goes on, and can be waited for again.
        """
        end, pause, known = self.clock() + timeout_seconds, min(1.0, poll_seconds), None
        while True:
            asked_for = 0
            try:
                run = _run(self._try("GET", _path("runs", run.run_id)))
            except CallRefused as refusal:
                if not refusal.retry_helps or self.clock() >= end:
                    raise
                asked_for = refusal.retry_after_seconds or 0
            else:
                if run != known:
                    on_progress(run)
                known = run
                if run.has_ended:
                    return run
            if (left := end - self.clock()) <= 0:
                told = f"Run {run.run_id!r} is still {run.verdict} after {timeout_seconds:g} seconds, and goes on."
                raise TimeoutError(f"{told} Wait for it again, or with a longer limit.")
            self.sleep(min(max(pause, asked_for), left))
            pause = min(pause * 1.5, poll_seconds)

    def report(self, chat_id: str, kind: str = "pdf") -> bytes:
        """Return a chat's report as `pdf` or `html`; CallRefused has status 404 while there is none."""
        return self.call("GET", _path("chats", chat_id, f"report.{kind}")).content

    def save_reports(self, run: Run, folder: str | Path) -> list[Path]:
        """Write the documents of a run and its chats, as they are now, into a folder; return the files.

        Each is held to the SHA-256 that the run names, else CallRefused. A file of the same name is replaced.
        """
        run, into = self.run(run.run_id), Path(folder)
        named = [(f"rollup-{run.run_id}", document) for document in run.documents]
        for chat in run.chats:
            values = "-".join(["report", *map(str, chat.parameters.values())])[:80]
            named += [(f"{values}-{chat.chat_id}", document) for document in chat.documents]
        files = [into / f"{_plain(name)}.{_plain(document.kind)}" for name, document in named]
        into.mkdir(parents=True, exist_ok=True)
        for file, (_, document) in zip(files, named, strict=True):
            answer = self.call("GET", document.url.removeprefix(API))
            if hashlib.sha256(answer.content).hexdigest() != document.sha256:
                told = f"It has not the SHA-256 {document.sha256!r} that the run names. Save the reports once more."
                raise CallRefused(f"GET {answer.url}", answer.status_code, "Another document", told)
            file.write_bytes(answer.content)
        return files

    def call(
        self, method: str, path: str, *, body: str | None = None, idempotency_key: str | None = None
    ) -> requests.Response:
        """Return the answer to any call of the API, as `call("GET", "/jobs").json()`.

        What may pass by itself is tried again, each time with the very same request.
        """
        for pause in PAUSES:
            try:
                return self._try(method, path, body, idempotency_key)
            except CallRefused as refusal:
                asked_for = refusal.retry_after_seconds or 0
                if refusal.status not in PASSING or asked_for > LONGEST_PAUSE:
                    raise
                log.info("%s Trying it again.", refusal)
            self.sleep(max(pause, asked_for))
        return self._try(method, path, body, idempotency_key)

    def _start(self, path: str, body: str = "{}", idempotency_key: str | None = None) -> Run:
        key = uuid4().hex if idempotency_key is None else idempotency_key
        return _run(self.call("POST", path, body=body, idempotency_key=key))

    def _try(
        self, method: str, path: str, body: str | None = None, idempotency_key: str | None = None
    ) -> requests.Response:
        url = f"{self.url.rstrip('/')}{API}{path}"
        headers = {"X-API-Key": self.api_key, "X-Organization-Id": self.organization_id}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if idempotency_key is not None:
            _require_header("idempotency key", idempotency_key)
            headers["Idempotency-Key"] = idempotency_key
        try:
            answer = requests.request(
                method, url, headers=headers, data=body, timeout=self.timeout_seconds, allow_redirects=False
            )
        except requests.RequestException as error:
            # Its kind only: its text may hold a proxy's password, and the request in it the key.
            told = "See whether the address is right and Airflow up."
            raise CallRefused(f"{method} {url}", None, type(error).__name__, told) from None
        if not 200 <= answer.status_code < 300:
            raise _refused(f"{method} {url}", answer, self.api_key)
        return answer


def _refused(call: str, answer: requests.Response, secret: str) -> CallRefused:
    """Return what an answer that is no success says; a server that repeats the key does not get it through."""
    title, detail = (
        answer.reason or "nothing",
        "No word of Interact's came with it. See whether the address is Airflow's own.",
    )
    if 300 <= answer.status_code < 400:
        detail = "It points to another address, and the key must not go there by itself. Give the address of Airflow."
    with suppress(ValueError, TypeError, KeyError):
        title, detail = answer.json()["title"], answer.json()["detail"]
    asked_for = re.fullmatch(r"[0-9]{1,6}", answer.headers.get("Retry-After", ""))
    title, detail = (str(text).replace(secret, "…")[:2000] for text in (title, detail))
    return CallRefused(call, answer.status_code, title, detail, int(asked_for[0]) if asked_for else None)


def _run(answer: requests.Response) -> Run:
    """Return the run that an answer tells of: as it stands, or as it was started."""
    try:
        told = answer.json()
        run, verdict = (told["run"], "queued") if "run" in told else (told, told["verdict"])
        chats = tuple(
            Chat(chat["id"], chat["parameters"], chat.get("status", verdict), chat.get("reason"), _documents(chat))
            for chat in told["chats"]
        )
        job_id = told["job"]["id"]
        return Run(run["id"], job_id, verdict, run.get("reason"), run.get("url"), chats, _documents(run))
    except (ValueError, TypeError, KeyError, AttributeError):
        call, detail = f"{answer.request.method} {answer.url}", "It tells of no run. See whether Interact is there."
        raise CallRefused(call, answer.status_code, "but not as Interact does", detail) from None


def _documents(told: Any) -> tuple[Document, ...]:
    return tuple(Document(each["kind"], each["url"], each["sha256"]) for each in told.get("documents", ()))


def _path(*parts: str) -> str:
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text)


def _require_header(kind: str, value: str) -> None:
    if not (value and value.isascii() and value.isprintable() and value == value.strip()):
        raise ValueError(
            f"The {kind} is empty or has characters that no header can carry, such as a line break at its end. "
            "Give the plain value."
        )
