"""What every way to send holds to: one message at most, an answer that is true, and no secret anywhere."""

import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from builders.chat_servers import (
    Act,
    ChatServer,
    babbles,
    breaks_off,
    chat_server,
    drips,
    resets_soon,
    says,
    trusted,
)
from builders.noticed import a_notice, an_envelope
from builders.ways import BY_HTTP, SMTP, WAYS, Way, opened
from interact.notices.notice import Notice, Remark
from interact.notices.sending import Answer, Outcome

# What the mail server of these tests says of itself: it lets people sign in without TLS.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
HOSTILE = (
    "<!channel> <@U012AB3CD> @here <https://evil.example|click> *b* _i_ ~s~ `c` [x](https://evil.example) {{DATE(1)}} "
    "</p><script>alert(1)</script> & \u202egnp.exe \x00\x07\r\nSubject: other\r\n\r\n 🙂"
)


# Microsoft's library lets nobody sign in without TLS, and has words of its own.
but_microsoft = pytest.mark.parametrize("way", [*BY_HTTP, SMTP], ids=lambda way: way.name)
by_http = pytest.mark.parametrize("way", BY_HTTP, ids=lambda way: way.name)


@pytest.fixture(params=WAYS, ids=lambda way: way.name)
def way(request: pytest.FixtureRequest) -> Way:
    """Each way."""
    found: Way = request.param
    return found


@pytest.fixture
def server(way: Way) -> Iterator[Any]:
    """A server that takes everything."""
    with way.serve() as running:
        yield running


def sent(way: Way, url: str, notice: Notice | None = None) -> Answer:
    """Send one notice by this way."""
    with opened(way, url) as sender:
        return sender.send(an_envelope(notice, recipient=way.recipient))


def test_what_the_server_takes_is_delivered_once(way: Way, server: Any) -> None:
    answer = sent(way, server.url)
    assert (answer.outcome, answer.retry_after_seconds, answer.is_away) == (Outcome.DELIVERED, None, False)
    assert (len(server.taken), len(server.posted), way.tries(server)) == (1, 1, 1)


def test_a_slow_server_has_time(way: Way, server: Any) -> None:
    way.does["is slow"](server)
    assert sent(way, server.url).outcome is Outcome.DELIVERED
    assert len(server.taken) == len(server.posted) == 1


def test_a_second_message_goes_by_the_same_way(way: Way, server: Any) -> None:
    with opened(way, server.url) as sender:
        answers = [sender.send(an_envelope(recipient=way.recipient)) for _ in range(3)]
    assert [answer.outcome for answer in answers] == [Outcome.DELIVERED] * 3
    assert len(server.taken) == 3


def test_what_the_server_refuses_is_not_tried_again(way: Way, server: Any) -> None:
    way.does["refuses"](server)
    answer = sent(way, server.url)
    assert (answer.outcome, answer.is_away, answer.retry_after_seconds) == (Outcome.REFUSED, False, None)
    assert (len(server.taken), way.tries(server)) == (0, 1)


def test_a_busy_server_says_when_to_come_back(way: Way, server: Any) -> None:
    way.does["is busy"](server)
    answer = sent(way, server.url)
    assert (answer.outcome, answer.is_away, answer.retry_after_seconds) == (Outcome.NOT_NOW, False, way.waits)
    assert (len(server.taken), way.tries(server)) == (0, 1)


def test_a_server_that_failed_may_be_asked_again(way: Way, server: Any) -> None:
    way.does["fails"](server)
    answer = sent(way, server.url)
    assert (answer.outcome, len(server.taken), len(server.posted)) == (Outcome.NOT_NOW, 0, 1)
    assert "Sorry" in answer.told


def test_who_is_not_let_in_is_not_the_recipients_fault(way: Way, server: Any) -> None:
    way.does["shuts out"](server)
    answer = sent(way, server.url)
    assert (answer.outcome, answer.is_away, way.tries(server)) == (Outcome.NOT_NOW, True, 1)
    assert server.taken == []


@pytest.mark.parametrize("trouble", ["hangs", "hangs up", "takes it and hangs up"])
def test_an_answer_that_never_comes_leaves_it_unknown(way: Way, server: Any, trouble: str) -> None:
    way.does[trouble](server)
    answer = sent(way, server.url)
    assert (answer.outcome, answer.is_away) == (Outcome.UNKNOWN, False)
    assert len(server.posted) == way.tries(server) == 1, "it was sent again"


def test_a_server_that_is_down_may_come_back(way: Way) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    answer = sent(way, f"http://127.0.0.1:{port}")
    assert (answer.outcome, answer.is_away) == (Outcome.NOT_NOW, True)
    assert answer.told


@but_microsoft
def test_a_server_that_has_no_name_may_get_one(way: Way) -> None:
    answer = sent(way, "http://nowhere.invalid")
    assert (answer.outcome, answer.is_away) == (Outcome.NOT_NOW, True)
    assert "its name is unknown" in answer.told


def test_a_certificate_of_a_known_authority_is_trusted(
    way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    monkeypatch.setenv("SSL_CERT_FILE", trusted(authority, tmp_path))
    with way.serve(authority) as server:
        assert sent(way, server.url).outcome is Outcome.DELIVERED
        assert len(server.taken) == 1


def test_nothing_is_sent_to_who_cannot_prove_who_it_is(
    way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", trusted(trustme.CA(), tmp_path))
    with way.serve(trustme.CA()) as server:
        answer = sent(way, server.url)
        assert (answer.outcome, answer.is_away, server.posted) == (Outcome.NOT_NOW, True, [])
    assert "its certificate is not trusted" in answer.told


@but_microsoft
def test_a_server_that_speaks_no_tls_gets_nothing(way: Way, server: Any) -> None:
    answer = sent(way, server.url.replace("http:", "https:"))
    assert (answer.outcome, answer.is_away, server.posted) == (Outcome.NOT_NOW, True, [])


@by_http
@pytest.mark.parametrize("act", [babbles, drips, says(502), says(504)], ids=["babbles", "drips", "502", "504"])
def test_an_answer_that_says_nothing_leaves_it_unknown(way: Way, server: ChatServer, act: Act) -> None:
    server.acts = [act]
    assert sent(way, server.url).outcome is Outcome.UNKNOWN
    assert len(server.posted) == server.connections == 1


@by_http
def test_a_connection_that_is_cut_before_the_message_was_read_leaves_it_unknown(way: Way, server: ChatServer) -> None:
    server.blind = [resets_soon]
    # A message that fits into the network's own buffers has left, and nobody can tell what became of it.
    assert sent(way, server.url).outcome is Outcome.UNKNOWN
    assert (server.posted, server.connections) == ([], 1)


@by_http
def test_a_status_that_says_enough_needs_no_body(way: Way, server: ChatServer) -> None:
    server.acts = [breaks_off(400, "x" * 200, after=100)]
    assert sent(way, server.url).outcome is Outcome.REFUSED


@by_http
def test_a_redirect_is_not_followed(way: Way, server: ChatServer) -> None:
    server.acts = [says(307, "", Location=f"{server.url}/elsewhere")]
    assert sent(way, server.url).outcome is Outcome.REFUSED
    assert len(server.posted) == 1


@by_http
def test_a_certificate_for_another_name_is_not_trusted(
    way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    monkeypatch.setenv("SSL_CERT_FILE", trusted(authority, tmp_path))
    with chat_server(authority, named="elsewhere.example.com") as server:
        assert "its certificate is not trusted" in sent(way, server.url).told
        assert server.posted == []


@by_http
def test_what_a_server_repeats_of_a_secret_is_not_told(way: Way, server: ChatServer) -> None:
    told = ""
    for status in (200, 400, 403, 500):
        server.acts = [says(status, f"no {way.secret} here, nor {way.connection(server.url)}")]
        told += sent(way, server.url).told
    assert way.secret not in told


def test_hostile_and_endless_text_is_taken(way: Way, server: Any) -> None:
    remarks = (Remark(title=HOSTILE, text=HOSTILE * 100),) * 500
    texts = dict.fromkeys(("subject", "lead", "about", "then", "corrects", "job", "organisation"), HOSTILE)
    answer = sent(way, server.url, a_notice(**texts, highlights=remarks, failures=remarks))
    assert (answer.outcome, len(server.taken)) == (Outcome.DELIVERED, 1)


def test_no_secret_is_told_or_logged_whatever_happens(
    way: Way, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    told = [sent(way, "http://nowhere.invalid").told]
    for trouble in way.does:
        with way.serve() as server:
            way.does[trouble](server)
            told += [sent(way, server.url).told, sent(way, server.url.replace("http:", "https:")).told]
    written = [record.getMessage() for record in caplog.records] + list(capfd.readouterr())
    assert [text for text in [*told, *written] if way.secret in text] == []
    assert len(set(told)) >= 7
