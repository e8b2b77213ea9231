"""What every answer tells a browser: guess no types, keep no copy, run nothing but what is named."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TO_NOBODY = "base-uri 'none'; form-action 'none'"
DATA = f"default-src 'none'; frame-ancestors 'none'; {_TO_NOBODY}"
"""Policy of the REST API: nothing in its answers is a page."""
PAGE = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
)
"""Policy of our own pages: no script and no style but those that we serve."""
REPORT = f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; {_TO_NOBODY}"
"""Policy of a report, which holds what an agent wrote: no script at all."""

LETTER = f"{REPORT}; sandbox"
"""Policy of a mail that somebody looks at: its links lead nowhere, either."""


class SafeHeaders:
    """ASGI middleware that adds these headers to every answer, errors too, unless a route set its own."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self.app = app
        self.defaults = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
            "Referrer-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the headers added."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.defaults.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)
