"""Mail by Microsoft Graph, from a mailbox of the organisation.

The provider's hook reads the connection, signs in and makes the request; our own POST sends it, once. The hook's
client would try again by itself when it is told 429, 503 or 504, and wait for minutes; with 504 the answer was lost on
its way, and the mail may have left already.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from airflow.exceptions import AirflowConfigException
from airflow.sdk.exceptions import AirflowException, AirflowRuntimeError

from interact.errors import StoreUnavailable
from interact.notices.sending import Answer, Envelope, Outcome, Sender
from interact.notifiers.answering import named, outcome_of, unanswered, wait_of, words
from interact.notifiers.cutting import cut
from interact.notifiers.mail_message import Letter, Writing, addressable, compose
from interact.notifiers.opening import shut
from interact.notifiers.posting import Post, Reply, Unanswered, address_of

if TYPE_CHECKING:
    from airflow.providers.microsoft.azure.hooks.msgraph import MSGraphMailHook
    from airflow.sdk import Connection
    from kiota_abstractions.request_information import RequestInformation

ROOM_BYTES = 4_000_000
"""Graph takes requests of 4 MB, which leaves room for less than 3 MB of files."""
SIGN_IN_SECONDS = 60
# It knows neither us nor our mailbox: nothing that a recipient could help.
_SHUT_OUT = frozenset({401, 403, 404})


@dataclass(frozen=True)
class GraphSender:
    """A way to any address, from one mailbox; it signs in within an event loop of its own."""

    hook: MSGraphMailHook
    runner: asyncio.Runner
    writing: Writing
    proxy: str | None = field(default=None, repr=False)
    post: Post = field(default_factory=Post)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What signs in, as it is and as a form sends it."""

    def send(self, envelope: Envelope) -> Answer:
        """Send the mail once."""
        from azure.core.exceptions import AzureError

        if addressable(envelope.recipient) is None:
            return Answer(Outcome.REFUSED, f"{cut(repr(envelope.recipient), 100)} is no email address.")
        try:
            letter = compose(envelope, self.writing)
            info = self.runner.run(asyncio.wait_for(self._signed(letter), SIGN_IN_SECONDS))
        except StoreUnavailable as error:
            return Answer(Outcome.NOT_NOW, str(error))
        except (AzureError, OSError, AirflowException, AirflowRuntimeError, ValueError, TypeError) as error:
            return Answer(Outcome.NOT_NOW, self._unsigned(error), is_away=True)
        address = address_of(info.url)
        if address is None:
            return Answer(Outcome.NOT_NOW, self._unsigned(ValueError("its host is no web address")), is_away=True)
        headers = {name: ", ".join(values) for name, values in info.headers.get_all().items()}
        got = self.post.send(address, info.content or b"", headers, proxy=self.proxy)
        if isinstance(got, Unanswered):
            return unanswered(got, address)
        return _answer(got, secrets=(headers.get("authorization", "").removeprefix("Bearer "),))

    async def _signed(self, letter: Letter) -> RequestInformation:
        """Return the request that sends a letter, with the token that lets it in."""
        info = self.hook.request_information(
            url="users/{user_id}/sendMail",
            path_parameters={"user_id": letter.sender.addr_spec},
            method="POST",
            data={"message": _message(self.hook, letter), "saveToSentItems": False},
        )
        adapter: Any = await self.hook.get_async_conn()
        adapter.set_base_url_for_request_information(info)
        await adapter.convert_to_native_async(info)
        return info

    def _unsigned(self, error: Exception) -> str:
        why = "Microsoft did not answer in time" if isinstance(error, TimeoutError) else str(error).split("\n")[0]
        advice = "Look at tenant, client and secret in the connection."
        return (
            f"Connection {self.hook.conn_id!r} cannot sign in: {cut(words(why, secrets=self.secrets), 250)}. {advice}"
        )


def open_graph(connection: Connection, writing: Writing) -> AbstractContextManager[Sender]:
    """Return the way of a connection of type msgraph; nobody signs in before the first mail."""
    from airflow.providers.microsoft.azure.hooks.msgraph import MSGraphMailHook

    extra, host = connection.extra_dejson, connection.host or ""
    # The form for connections proposes a host with its scheme, before which the hook would put another.
    hook = MSGraphMailHook(conn_id=connection.conn_id, host=host if "://" in host else None)
    try:
        base_url = hook.get_base_url(hook.get_host(connection), hook.get_api_version(extra), extra)
        proxy = (hook.get_proxies(extra) or {}).get("https")
    except AirflowConfigException as error:
        return shut(connection.conn_id, f"has an extra that cannot be used: {error}".rstrip("."), "Change it")
    if not base_url.startswith("https://"):
        return shut(connection.conn_id, f"leads to {base_url!r:.100}, without TLS", "Take the scheme https")
    room = replace(writing, room_bytes=min(writing.room_bytes, ROOM_BYTES))
    secret = connection.password or ""
    return _opened(hook, room, proxy, secrets=(secret, quote_plus(secret)))


@contextmanager
def _opened(
    hook: MSGraphMailHook, writing: Writing, proxy: str | None, *, secrets: tuple[str, ...]
) -> Iterator[Sender]:
    # The hooks of a process share one cache, in which another's event loop may have ended.
    hook.cached_request_adapters = {}
    with asyncio.Runner() as runner:
        try:
            yield GraphSender(hook, runner, writing, proxy, secrets=secrets)
        finally:
            runner.run(hook.close())


def _answer(got: Reply, *, secrets: tuple[str, ...]) -> Answer:
    said = words(got.text, secrets=secrets)
    told = f"Microsoft Graph answered {got.status}{f', {said!r}' if said else ''}."
    if got.status in _SHUT_OUT:
        advice = "It does not let us in: look at the mailbox and at the right Mail.Send of the app."
        return Answer(Outcome.NOT_NOW, f"{told} {advice}", is_away=True)
    outcome = outcome_of(got.status)
    reference = named(got.headers.get("request-id", "")) if outcome is Outcome.DELIVERED else ""
    return Answer(outcome, told, reference=reference, retry_after_seconds=wait_of(got))


def _message(hook: MSGraphMailHook, letter: Letter) -> dict[str, Any]:
    """Return the letter as Graph takes it: as HTML only, from which Exchange makes the plain text."""
    message: dict[str, Any] = hook.build_message(
        to=[letter.recipient],
        subject=letter.subject,
        html_content=letter.html,
        custom_headers={"X-Interact-Delivery": letter.delivery_id, "X-Auto-Response-Suppress": "All"},
    )
    enclosed = [_attachment(file.name, file.media_type, file.content) for file in letter.files]
    if letter.chart is not None:
        shown = {"isInline": True, "contentId": letter.content_id}
        enclosed.insert(0, _attachment("chart.png", "image/png", letter.chart) | shown)
    return message | ({"attachments": enclosed} if enclosed else {})


def _attachment(name: str, media_type: str, content: bytes) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": name,
        "contentType": media_type,
        "contentBytes": base64.b64encode(content).decode(),
    }
