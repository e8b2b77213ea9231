"""JSON over HTTP with the standard library: what the demo says to its own Airflow."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from interact.errors import InteractError


class CallFailed(InteractError):
    """A request that was answered with an error, or not at all."""

    def __init__(self, url: str, fact: str, *, code: int | None = None) -> None:
        self.code = code
        super().__init__(f"{url} answered {fact}")


@dataclass(frozen=True)
class Calls:
    """Requests to one server with the same headers."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Any:
        """Return the decoded answer to a GET."""
        return json.loads(self.fetch(path))

    def post(self, path: str, body: object, *, method: str = "POST") -> Any:
        """Return the decoded answer to a POST."""
        return json.loads(self.fetch(path, json.dumps(body).encode(), method=method) or b"null")

    def fetch(self, path: str, body: bytes | None = None, *, method: str | None = None) -> bytes:
        """Return the bytes of an answer; raises CallFailed for anything but success."""
        headers = {"Content-Type": "application/json", **self.headers}
        request = Request(self.url + path, data=body, headers=headers, method=method)
        try:
            with urlopen(request, timeout=60) as answer:
                content: bytes = answer.read()
                return content
        except HTTPError as error:
            detail = error.read().decode(errors="replace")[:600]
            raise CallFailed(self.url + path, f"{error.code}: {detail}", code=error.code) from None
        except (URLError, OSError) as error:
            raise CallFailed(self.url + path, f"nothing: {error}") from None
