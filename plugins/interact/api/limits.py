"""How large a request may be."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from interact.api.failures import problem

BODY_BYTES = 64 * 1024


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
                told = f"The body is larger than {self.limit:,} bytes. Send less; a trigger needs only its parameters."
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
