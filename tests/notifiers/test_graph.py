"""Mail by Microsoft Graph: each mail once, and an answer that is true whatever Microsoft does."""

import base64
import logging
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from builders.chat_servers import ChatServer, babbles, hangs, resets, says, slow
from builders.graph_servers import LARGEST_REQUEST, SECRET, TOKEN, graph_error, graph_server, graph_way
from builders.letters import CHART, NOTICES, PDF, a_file, an_enclosed, sha256
from builders.noticed import a_notice, an_envelope
from interact.errors import StoreUnavailable
from interact.notices.sending import Answer, Envelope, Outcome

Send = Callable[..., Answer]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ChatServer]:
    """Microsoft."""
    with graph_server(monkeypatch, tmp_path / "authority.pem") as running:
        yield running


@pytest.fixture
def send(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> Send:
    """Sends one envelope by a way of its own."""

    def sent(envelope: Envelope | None = None, **changes: Any) -> Answer:
        with graph_way(monkeypatch, changes.pop("url", server.url), **changes) as sender:
            return sender.send(envelope or an_envelope())

    return sent


def test_a_mail_is_taken_once_and_microsoft_names_it(server: ChatServer, send: Send) -> None:
    assert send() == Answer(
        Outcome.DELIVERED, "Microsoft Graph answered 202.", reference="6f1c9b1e-0000-4000-8000-000000000001"
    )
    [posted] = server.taken
    message = posted.document["message"]
    assert posted.document["saveToSentItems"] is False
    assert (message["subject"], message["toRecipients"], message["body"]["contentType"]) == (
        "3 campaigns below ROAS 2: NL, week 47",
        [{"emailAddress": {"address": "team@example.com"}}],
        "HTML",
    )
    assert {each["name"]: each["value"] for each in message["internetMessageHeaders"]} == {
        "X-Interact-Delivery": "delivery_aaaaaaaaaaaa",
        "X-Auto-Response-Suppress": "All",
    }
    assert "attachments" not in message


def test_the_chart_is_shown_in_the_mail_and_the_file_goes_along(server: ChatServer, send: Send) -> None:
    assert send(an_enclosed(a_notice(**NOTICES["completed"]))).outcome is Outcome.DELIVERED
    message = server.taken[0].document["message"]
    chart, pdf = message["attachments"]
    assert (chart["isInline"], base64.b64decode(chart["contentBytes"])) == (True, CHART)
    assert f'src="cid:{chart["contentId"]}"' in message["body"]["content"]
    assert (pdf["name"], pdf["contentType"], base64.b64decode(pdf["contentBytes"])) == (
        "Weekly report NL.pdf",
        "application/pdf",
        PDF,
    )


@pytest.mark.parametrize(("size", "goes"), [(2_800_000, True), (2_900_000, False), (9_000_000, False)])
def test_a_file_goes_along_when_the_request_stays_as_small_as_microsoft_wants_it(
    server: ChatServer, send: Send, size: int, *, goes: bool
) -> None:
    content = b"%" * size
    envelope = an_envelope(a_notice(files=[a_file(content)]), files={sha256(content): content})
    assert send(envelope).outcome is Outcome.DELIVERED
    assert ("attachments" in server.taken[0].document["message"]) is goes
    assert len(server.taken[0].content) < LARGEST_REQUEST


def test_who_sends_many_signs_in_once(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with graph_way(monkeypatch, server.url) as sender:
        answers = [sender.send(an_envelope(recipient=f"reader{n}@example.com")) for n in range(5)]
    assert {answer.outcome for answer in answers} == {Outcome.DELIVERED}
    assert (len(server.taken), server.signed_in) == (5, 1)  # type: ignore[attr-defined]


def test_two_ways_in_one_process_do_not_share_what_one_of_them_closes(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with graph_way(monkeypatch, server.url) as first:
        assert first.send(an_envelope()).outcome is Outcome.DELIVERED
        with graph_way(monkeypatch, server.url) as second:
            assert second.send(an_envelope()).outcome is Outcome.DELIVERED
        assert first.send(an_envelope()).outcome is Outcome.DELIVERED
    assert len(server.taken) == 3


@pytest.mark.parametrize("status", [429, 503, 504])
def test_nothing_is_sent_again_by_itself(server: ChatServer, send: Send, status: int) -> None:
    server.acts = [says(status, graph_error("TooManyRequests", "Wait."), Retry_After="7")]
    answer = send()
    # Behind 504 somebody may have taken the mail; the two others say that nobody has.
    assert answer.outcome is (Outcome.UNKNOWN if status == 504 else Outcome.NOT_NOW)
    assert (answer.retry_after_seconds, answer.is_away) == (7, False)
    assert (len(server.posted), server.taken) == (1, [])


@pytest.mark.parametrize(
    ("status", "code", "said", "outcome", "is_away"),
    [
        (400, "ErrorInvalidRecipients", "At least one recipient is not valid.", Outcome.REFUSED, False),
        (413, "RequestEntityTooLarge", "Too large.", Outcome.REFUSED, False),
        (401, "InvalidAuthenticationToken", "The token has expired.", Outcome.NOT_NOW, True),
        (403, "ErrorAccessDenied", "Access is denied.", Outcome.NOT_NOW, True),
        (404, "ErrorInvalidUser", "The requested user is invalid.", Outcome.NOT_NOW, True),
        (500, "InternalServerError", "Try later.", Outcome.NOT_NOW, False),
    ],
)
def test_each_answer_is_read_as_documented(
    server: ChatServer, send: Send, status: int, code: str, said: str, outcome: Outcome, *, is_away: bool
) -> None:
    server.acts = [says(status, graph_error(code, said))]
    answer = send()
    assert (answer.outcome, answer.is_away, len(server.posted)) == (outcome, is_away, 1)
    assert f"Microsoft Graph answered {status}, {said!r}." in answer.told


@pytest.mark.parametrize("act", [hangs, resets, babbles], ids=lambda act: act.__name__)
def test_an_answer_that_never_comes_leaves_it_unknown(server: ChatServer, send: Send, act: Any) -> None:
    server.acts = [act]
    answer = send()
    assert (answer.outcome, answer.is_away) == (Outcome.UNKNOWN, False)
    assert len(server.posted) == 1


def test_a_slow_microsoft_has_time(server: ChatServer, send: Send) -> None:
    server.acts = [slow]
    assert send().outcome is Outcome.DELIVERED


def test_a_wrong_secret_is_nobodys_fault_and_never_told(send: Send, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answer = send(password="wr0ng-but-still-secret")
    assert (answer.outcome, answer.is_away) == (Outcome.NOT_NOW, True)
    assert "Connection 'graph' cannot sign in: " in answer.told
    assert "AADSTS7000215" in answer.told
    assert "wr0ng" not in answer.told + caplog.text


@pytest.mark.parametrize("repeated", ["wr0ng&but+secret", "wr0ng%26but%2Bsecret"])
def test_a_secret_that_microsoft_repeats_is_not_told(server: ChatServer, send: Send, repeated: str) -> None:
    server.says_first = f"Got {repeated}. "  # type: ignore[attr-defined]
    answer = send(password="wr0ng&but+secret")
    assert "Got ***. AADSTS7000215" in answer.told


def test_a_microsoft_that_is_down_may_come_back(send: Send) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"https://127.0.0.1:{free.getsockname()[1]}"
    answer = send(url=url)
    assert (answer.outcome, answer.is_away) == (Outcome.NOT_NOW, True)


def test_a_connection_without_a_tenant_says_what_to_do(send: Send) -> None:
    answer = send(extra={"tenant_id": ""})
    assert (answer.outcome, answer.is_away) == (Outcome.NOT_NOW, True)
    assert "Look at tenant, client and secret in the connection." in answer.told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"extra": {"base_url": "http://127.0.0.1/v1.0"}}, "leads to 'http://127.0.0.1/v1.0/', without TLS"),
        ({"extra": {"proxies": "none"}}, "has an extra that cannot be used: Proxies must be of type dict"),
        ({"extra": {"from_email": "reports"}}, "names no sender ('reports' is no email address)"),
    ],
)
def test_a_connection_that_does_not_fit_says_why(
    server: ChatServer, send: Send, changes: dict[str, Any], told: str
) -> None:
    answer = send(**changes)
    assert (answer.outcome, answer.is_away, server.posted) == (Outcome.NOT_NOW, True, [])
    assert told in answer.told


def test_a_host_may_bear_its_scheme_as_the_form_for_connections_proposes(server: ChatServer, send: Send) -> None:
    assert send(host=server.url).outcome is Outcome.DELIVERED
    assert len(server.taken) == 1


def test_files_that_cannot_be_read_now_are_waited_for(server: ChatServer, send: Send) -> None:
    def missing(_: str) -> bytes:
        raise StoreUnavailable("The kept file is missing. Restore it.")

    answer = send(an_envelope(a_notice(files=[a_file()]), read=missing))
    assert (answer.outcome, answer.told, server.posted) == (
        Outcome.NOT_NOW,
        "The kept file is missing. Restore it.",
        [],
    )


def test_what_is_no_address_goes_nowhere(server: ChatServer, send: Send) -> None:
    answer = send(an_envelope(recipient="ann@example.com, bo@example.com"))
    assert (answer.outcome, server.posted) == (Outcome.REFUSED, [])


def test_neither_token_nor_secret_is_told_or_logged(
    server: ChatServer, send: Send, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    server.acts = [says(400, graph_error("Echo", f"You sent {TOKEN}")), says(500, TOKEN), hangs]
    told = " ".join(send().told for _ in range(4))
    written = "".join(record.getMessage() for record in caplog.records) + "".join(capfd.readouterr())
    for secret in (TOKEN, SECRET):
        assert secret not in told + written
