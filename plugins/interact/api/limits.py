"""How large a request may be, and how many a key may send."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from interact.api.failures import problem
from interact.errors import TooManyRequests

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
    """ASGI middleware that answers 413 to a body over the limit, whether or not it announced its length."""

    def __init__(self, app: ASGIApp, limit: int = BODY_BYTES) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body up to the limit, then hand it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > self.limit:
                told = f"The body is larger than {self.limit:,} bytes. Send less: name fewer values."
                await problem(413, "Body too large", told)(scope, receive, send)
                return
            if message["type"] != "http.request" or not message.get("more_body"):
                break
        await self.app(scope, _replay({**message, "body": bytes(body)}, receive), send)


def _replay(first: Message, receive: Receive) -> Receive:
    waiting = [first]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed
