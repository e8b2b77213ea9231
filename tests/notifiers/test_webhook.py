"""The signed webhook: what it says, and that only who has the secret can have said it."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from builders.chat_servers import ChatServer, breaks_off, chat_server
from builders.noticed import a_notice, an_envelope
from builders.ways import SIGNING, WEBHOOK, opened
from interact.notices.sending import Outcome
from interact.notifiers.webhook import SignedWebhook, document_of, secret_of, signature_of

PAGE = (Path(__file__).parents[2] / "docs" / "notices.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
SECRET = base64.b64decode(SIGNING.removeprefix("whsec_"))


@pytest.fixture
def server() -> Iterator[ChatServer]:
    """A receiver."""
    with chat_server() as running:
        yield running


@pytest.fixture
def is_ours() -> Callable[..., bool]:
    """The function that the page gives to receivers."""
    names: dict[str, object] = {}
    exec(compile(next(each for each in SNIPPETS if "def is_ours" in each), "docs/notices.md", "exec"), names)
    return names["is_ours"]  # type: ignore[return-value]


def test_a_signature_is_that_of_the_standard() -> None:
    # The example of the specification's own libraries.
    signed = signature_of(
        b'{"test": 2432232314}', secret=SECRET, delivery_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at="1614265330"
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_verifies_what_came_by_the_code_of_the_page(
    server: ChatServer, is_ours: Callable[..., bool]
) -> None:
    with opened(WEBHOOK, server.url) as sender:
        sender.send(an_envelope(recipient=""))
    (posted,) = server.taken
    assert is_ours(posted.headers, posted.content, SIGNING)
    assert not is_ours(posted.headers, posted.content + b" ", SIGNING)
    assert not is_ours(posted.headers, posted.content, "whsec_" + base64.b64encode(b"x" * 24).decode())
    assert not is_ours({**posted.headers, "webhook-id": "delivery_bbbbbbbbbbbb"}, posted.content, SIGNING)
    assert not is_ours({**posted.headers, "webhook-signature": "v2,x"}, posted.content, SIGNING)


def test_what_was_sent_long_ago_is_not_taken_again(server: ChatServer, is_ours: Callable[..., bool]) -> None:
    with opened(WEBHOOK, server.url) as sender:
        assert isinstance(sender, SignedWebhook)
        old = replace(sender, clock=lambda: 1_600_000_000.9)
        assert old.send(an_envelope(recipient="")).outcome is Outcome.DELIVERED
    (posted,) = server.taken
    assert posted.headers["webhook-timestamp"] == "1600000000"
    assert not is_ours(posted.headers, posted.content, SIGNING)


def test_all_tries_at_a_delivery_have_one_id(server: ChatServer) -> None:
    with opened(WEBHOOK, server.url) as sender:
        for _ in range(2):
            sender.send(an_envelope(recipient="", delivery_id="delivery_aaaaaaaaaaaa"))
    assert [posted.headers["webhook-id"] for posted in server.taken] == ["delivery_aaaaaaaaaaaa"] * 2
    assert len({posted.content for posted in server.taken}) == 1


def test_the_document_is_that_of_the_page() -> None:
    shown = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[-1])
    notice = a_notice(files=[{"name": "NL, week 47.pdf", "sha256": "0" * 64, "bytes": 48_213}])
    assert document_of(an_envelope(notice)) == shown


def test_all_of_a_notice_goes_along_uncut() -> None:
    notice = a_notice(highlights=[{"title": "x" * 5_000, "text": "🙂" * 5_000}] * 400, lead='"</script>\u2028\n')
    document = json.loads(json.dumps(document_of(an_envelope(notice))))
    assert len(document["data"]["highlights"]) == 400
    assert document["data"]["highlights"][0]["text"] == "🙂" * 5_000
    assert document["data"]["lead"] == '"</script>\u2028\n'


def test_a_status_is_enough(server: ChatServer) -> None:
    server.acts = [breaks_off(200, "x" * 100, after=3)]
    with opened(WEBHOOK, server.url) as sender:
        assert sender.send(an_envelope(recipient="")).outcome is Outcome.DELIVERED


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (SIGNING, 24),
        (f" {SIGNING}\n", 24),
        ("whsec_" + base64.b64encode(b"x" * 64).decode(), 64),
        ("whsec_" + base64.b64encode(b"x" * 65).decode(), None),
        ("whsec_" + base64.b64encode(b"x" * 23).decode(), None),
        (SIGNING.removeprefix("whsec_"), None),
        ("whsec_not base64 at all!", None),
        ("whsec_é", None),
        ("hunter2", None),
        ("", None),
    ],
)
def test_a_secret_is_one_of_the_standard(text: str, size: int | None) -> None:
    secret = secret_of(text)
    assert (len(secret) if secret else None) == size
