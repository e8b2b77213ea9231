"""How large a request may be, and how many a key may send."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from interact.errors import BodyTooLarge, TooManyRequests

BODY_BYTES = 512 * 1024
"""What a job with a thousand long values needs."""


class KeyRates:
    """Counts the requests of each key within the last minute; each process of the API server counts its own."""

    def __init__(self, a_minute: int) -> None:
        self._item = RateLimitItemPerMinute(a_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, key_id: str) -> None:
        """Count one request; raises TooManyRequests, which counts for nothing, when the key has sent its share."""
        if self._limiter.hit(self._item, key_id):
            return
        resets_at = self._limiter.get_window_stats(self._item, key_id).reset_time
        raise TooManyRequests(self._item.amount, max(1, math.ceil(resets_at - time.time())))


class BodyLimit:
    """ASGI middleware that refuses a body over the limit, whether or not it announced its length.

    `refused` makes the answer.
    """

    def __init__(self, app: ASGIApp, refused: Callable[[Request, Exception], Response]) -> None:
        self.app, self.refused = app, refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body up to the limit, then hand it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > BODY_BYTES:
                told = f"The body is larger than {BODY_BYTES:,} bytes. Send less: name fewer values."
                await self.refused(Request(scope), BodyTooLarge(told))(scope, receive, send)
                return
            if message["type"] != "http.request" or not message.get("more_body"):
                break
        await self.app(scope, _replay({**message, "body": bytes(body)}, receive), send)


def _replay(first: Message, receive: Receive) -> Receive:
    waiting = [first]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed
