"""Mail by SMTP, on real servers: each mail once, and an answer that is true whatever the server does."""

import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from builders.letters import a_file, an_enclosed
from builders.mail_servers import (
    LOGIN,
    PASSWORD,
    MailServer,
    a_mail_connection,
    cuts,
    dawdles,
    greets,
    hangs,
    keeps_silent,
    mail_server,
    playing,
    repeats_all,
    takes_one_mail_then_tarpits,
    tarpits,
)
from builders.noticed import a_notice, an_envelope
from interact.errors import StoreUnavailable
from interact.notices.sending import Answer, Outcome, Sender
from interact.notifiers.mail import mail_ways
from interact.notifiers.opening import opened

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
SIGNED_IN = {"login": LOGIN, "password": PASSWORD}


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A server without TLS or sign-in."""
    with mail_server() as running:
        yield running


@contextmanager
def way_to(port: int, **changes: Any) -> Iterator[Sender]:
    """Open the way to a server."""
    with pytest.MonkeyPatch.context() as patch:
        a_mail_connection(patch, port, **changes)
        with opened("mail", mail_ways("Marketing team")) as sender:
            yield sender


def sent(port: int, *, recipient: str = "team@example.com", **changes: Any) -> Answer:
    """Send one mail."""
    with way_to(port, **changes) as sender:
        return sender.send(an_envelope(recipient=recipient))


def test_a_mail_is_taken_once_and_the_server_names_it(server: MailServer) -> None:
    answer = sent(server.port)
    assert answer == Answer(Outcome.DELIVERED, "'250 2.0.0 Ok: queued as 4XQ1'", reference="4XQ1")
    [(recipient, message)] = server.taken
    assert (recipient, message["To"], message["Subject"]) == (
        "team@example.com",
        "team@example.com",
        "3 campaigns below ROAS 2: NL, week 47",
    )
    assert message["From"] == "Norrland & Kaye <reports@example.com>"
    assert "Marketing team" in message.get_body(("plain",)).get_content()


def test_all_mails_go_by_one_line(server: MailServer) -> None:
    with way_to(server.port) as sender:
        answers = [sender.send(an_envelope(recipient=f"reader{n}@example.com")) for n in range(20)]
    assert {answer.outcome for answer in answers} == {Outcome.DELIVERED}
    assert [recipient for recipient, _ in server.taken] == [f"reader{n}@example.com" for n in range(20)]
    assert server.connections == 1


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_mail_goes_by_tls_to_who_signs_in(tls: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    extra = {"disable_ssl": tls == "starttls", "disable_tls": False}
    with mail_server(authority, tls=tls, auth=True) as server:
        assert sent(server.port, **SIGNED_IN, extra=extra).outcome is Outcome.DELIVERED
        assert len(server.taken) == 1


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_nothing_is_sent_to_who_cannot_prove_who_it_is(tls: str) -> None:
    extra = {"disable_ssl": tls == "starttls", "disable_tls": False}
    with mail_server(trustme.CA(), tls=tls, auth=True) as server:
        answer = sent(server.port, **SIGNED_IN, extra=extra)
        assert (answer.outcome, answer.is_away, server.seen) == (Outcome.NOT_NOW, True, [])
    assert "its certificate is not trusted" in answer.told


def test_a_server_that_speaks_no_tls_gets_nothing_and_the_answer_says_what_to_write(server: MailServer) -> None:
    for extra, hint in (
        ({"disable_ssl": False}, "for port 587 write `disable_ssl: true`"),
        ({"disable_tls": False}, "it lacks what the connection asks for"),
    ):
        answer = sent(server.port, extra=extra)
        assert (answer.outcome, answer.is_away, server.seen) == (Outcome.NOT_NOW, True, [])
        assert hint in answer.told


def test_a_wrong_password_is_nobodys_fault_and_never_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with mail_server(auth=True) as server:
        answer = sent(server.port, login=LOGIN, password="wr0ng-but-still-secret")
    assert (answer.outcome, answer.is_away) == (Outcome.NOT_NOW, True)
    assert "it refuses the sign-in, '535 5.7.8" in answer.told
    assert "Check login and password" in answer.told
    assert "wr0ng" not in answer.told + caplog.text


def test_a_server_that_wants_a_sign_in_shuts_out_who_has_none() -> None:
    with mail_server(auth=True) as server:
        answer = sent(server.port)
    assert (answer.outcome, answer.is_away, server.seen) == (Outcome.NOT_NOW, True, [])
    assert "530" in answer.told


def test_greylisting_asks_for_a_later_try(server: MailServer) -> None:
    server.faults = {"RCPT": ["451 4.7.1 Greylisted, come back"]}
    with way_to(server.port) as sender:
        first, second = (sender.send(an_envelope()) for _ in range(2))
    assert (first.outcome, first.is_away) == (Outcome.NOT_NOW, False)
    assert first.told == "The server answered '451 4.7.1 Greylisted, come back'. It is tried again."
    assert (second.outcome, len(server.taken), server.connections) == (Outcome.DELIVERED, 1, 1)


def test_one_unknown_reader_does_not_stop_the_others(server: MailServer) -> None:
    server.refused = {"gone@example.com": "550 5.1.1 <gone@example.com>: no such user"}
    with way_to(server.port) as sender:
        answers = [sender.send(an_envelope(recipient=f"{who}@example.com")) for who in ("ann", "gone", "bo")]
    assert [answer.outcome for answer in answers] == [Outcome.DELIVERED, Outcome.REFUSED, Outcome.DELIVERED]
    assert "'550 5.1.1 <gone@example.com>: no such user'" in answers[1].told
    assert ([recipient for recipient, _ in server.taken], server.connections) == (
        ["ann@example.com", "bo@example.com"],
        1,
    )


@pytest.mark.parametrize(
    ("step", "told", "outcome", "is_away"),
    [
        ("MAIL", "550 5.7.60 not your sender", Outcome.NOT_NOW, True),
        ("MAIL", "552 5.3.4 too large", Outcome.REFUSED, False),
        ("MAIL", "451 busy", Outcome.NOT_NOW, False),
        ("RCPT", "421 4.3.2 shutting down", Outcome.NOT_NOW, True),
        ("354", "451 busy", Outcome.NOT_NOW, False),
        ("354", "554 no", Outcome.REFUSED, False),
        ("DATA", "452 disk full", Outcome.NOT_NOW, False),
        ("DATA", "552 5.3.4 message too big", Outcome.REFUSED, False),
        ("DATA", "554 5.7.1 spam", Outcome.REFUSED, False),
        ("DATA", "353 what", Outcome.UNKNOWN, False),
    ],
)
def test_the_answer_at_each_step_says_what_it_means(
    server: MailServer, step: str, told: str, outcome: Outcome, *, is_away: bool
) -> None:
    server.faults = {step: [told]}
    answer = sent(server.port)
    assert (answer.outcome, answer.is_away, server.taken) == (outcome, is_away, [])
    assert told in answer.told


@pytest.mark.parametrize("fault", [hangs, cuts], ids=lambda fault: fault.__name__)
def test_a_server_lost_before_it_had_the_mail_took_nothing(server: MailServer, fault: Any) -> None:
    for step in ("MAIL", "RCPT", "354"):
        server.faults = {step: [fault]}
        answer = sent(server.port)
        assert (answer.outcome, server.seen) == (Outcome.NOT_NOW, []), step


@pytest.mark.parametrize("fault", [hangs, cuts], ids=lambda fault: fault.__name__)
def test_an_answer_lost_after_the_mail_leaves_it_unknown_and_it_is_not_sent_again(
    server: MailServer, fault: Any
) -> None:
    server.faults = {"DATA": [fault]}
    with way_to(server.port, extra={"timeout": 0.3}) as sender:
        lost, next_one = sender.send(an_envelope()), sender.send(an_envelope(recipient="bo@example.com"))
    assert (lost.outcome, lost.is_away) == (Outcome.UNKNOWN, False)
    assert next_one.outcome is Outcome.DELIVERED
    assert server.seen == ["team@example.com", "bo@example.com"]
    assert server.connections == 2


def test_a_cut_while_the_mail_was_under_way_is_never_called_delivered(server: MailServer) -> None:
    server.faults = {"354": ["cut"]}
    assert sent(server.port).outcome in (Outcome.UNKNOWN, Outcome.NOT_NOW)
    assert server.seen == []


def test_a_line_that_the_server_closed_meanwhile_is_made_anew(server: MailServer) -> None:
    with way_to(server.port) as sender:
        first = sender.send(an_envelope())
        server.faults = {"MAIL": [cuts]}
        second = sender.send(an_envelope())
        server.faults = {"MAIL": ["421 4.7.0 too many mails on this line"]}
        third = sender.send(an_envelope())
    assert [answer.outcome for answer in (first, second, third)] == [Outcome.DELIVERED] * 3
    assert (len(server.taken), server.connections) == (3, 3)


def test_a_slow_server_has_time(server: MailServer) -> None:
    server.faults = {"RCPT": [dawdles], "DATA": [dawdles]}
    assert sent(server.port).outcome is Outcome.DELIVERED


def test_a_server_that_is_down_may_come_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    answer = sent(port)
    assert (answer.outcome, answer.is_away) == (Outcome.NOT_NOW, True)
    assert answer.told == (
        f"Mail server 'localhost:{port}' of connection 'mail' cannot be used: nothing listens there. "
        "Check host and port."
    )


def test_a_server_that_has_no_name_may_get_one() -> None:
    answer = sent(25, host="nowhere.invalid")
    assert (answer.outcome, answer.is_away) == (Outcome.NOT_NOW, True)
    assert "its name is unknown" in answer.told


@pytest.mark.parametrize("part", [keeps_silent, tarpits], ids=lambda part: part.__name__)
def test_a_server_that_never_greets_is_left_in_time(part: Any) -> None:
    began = time.monotonic()
    with playing(part) as server:
        answer = sent(server.port, extra={"timeout": 0.3})
    assert (answer.outcome, answer.is_away) == (Outcome.NOT_NOW, True)
    assert time.monotonic() - began < 5


def test_a_line_that_was_made_anew_is_left_in_time_too() -> None:
    began = time.monotonic()
    with playing(takes_one_mail_then_tarpits()) as server, way_to(server.port, extra={"timeout": 0.3}) as sender:
        first, second = sender.send(an_envelope()), sender.send(an_envelope())
    assert (first.outcome, second.outcome, second.is_away) == (Outcome.DELIVERED, Outcome.NOT_NOW, True)
    assert server.connections == 2
    assert time.monotonic() - began < 6


def test_a_server_that_greets_with_a_refusal_is_away() -> None:
    with playing(greets(b"554 5.7.1 your network is listed")) as server:
        answer = sent(server.port)
    assert (answer.outcome, answer.is_away) == (Outcome.NOT_NOW, True)
    assert "'554 5.7.1 your network is listed'" in answer.told


def test_an_address_outside_ascii_goes_where_the_server_takes_it(server: MailServer) -> None:
    assert sent(server.port, recipient="jürgen@example.com").outcome is Outcome.DELIVERED
    assert sent(server.port, recipient="info@bücher.example").outcome is Outcome.DELIVERED
    assert [recipient for recipient, _ in server.taken] == ["jürgen@example.com", "info@xn--bcher-kva.example"]


def test_an_address_outside_ascii_is_refused_where_the_server_does_not_take_it() -> None:
    with mail_server(enable_SMTPUTF8=False) as server:
        answer = sent(server.port, recipient="jürgen@example.com")
        assert (answer.outcome, server.seen) == (Outcome.REFUSED, [])
        assert sent(server.port, recipient="info@bücher.example").outcome is Outcome.DELIVERED
    assert "SMTPUTF8" in answer.told


def test_what_a_server_says_of_its_room_decides_what_goes_along() -> None:
    notice = a_notice(files=[a_file()])
    with mail_server(data_size_limit=200_000) as server, way_to(server.port) as sender:
        assert sender.send(an_enclosed(notice)).outcome is Outcome.DELIVERED
        assert [*server.taken[0][1].iter_attachments()] == []
    with mail_server() as server:
        with way_to(server.port) as sender:
            assert sender.send(an_enclosed(notice)).outcome is Outcome.DELIVERED
        with way_to(server.port, extra={"max_message_mb": 0.2}) as sender:
            assert sender.send(an_enclosed(notice)).outcome is Outcome.DELIVERED
        assert [len([*message.iter_attachments()]) for _, message in server.taken] == [1, 0]


@pytest.mark.parametrize("recipient", ["", "team", "a b@example.com", "x@y>\r\nRCPT TO:<z@example.com", "a@b,c@d"])
def test_what_is_no_address_goes_nowhere(server: MailServer, recipient: str) -> None:
    answer = sent(server.port, recipient=recipient)
    assert (answer.outcome, server.seen, server.connections) == (Outcome.REFUSED, [], 0)
    assert "is no email address" in answer.told


def test_files_that_cannot_be_read_now_are_waited_for(server: MailServer) -> None:
    def missing(_: str) -> bytes:
        raise StoreUnavailable("The kept file is missing. Restore it.")

    notice = a_notice(chart={"sha256": "0" * 64, "width": 800, "height": 400, "alt": "Spend by day"})
    with way_to(server.port) as sender:
        answer = sender.send(an_envelope(notice, read=missing))
    assert (answer.outcome, answer.told, server.seen) == (Outcome.NOT_NOW, "The kept file is missing. Restore it.", [])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"extra": {"from_email": ""}}, "names no sender ('' is no email address). Write `from_email` into its extra"),
        ({"extra": {"from_email": "reports"}}, "names no sender ('reports' is no email address)"),
        ({"extra": {"max_message_mb": "lots"}}, "has `max_message_mb` 'lots' in its extra, which is no number"),
        ({"extra": {"ssl_context": "odd", "disable_ssl": False}}, "must be set to 'default' or 'none'"),
        ({"conn_type": "http"}, "is of type 'http'; this channel takes one of type 'smtp', 'msgraph'"),
    ],
)
def test_a_connection_that_does_not_fit_says_what_to_do(server: MailServer, changes: dict[str, Any], told: str) -> None:
    answer = sent(server.port, **changes)
    assert (answer.outcome, answer.is_away, server.seen) == (Outcome.NOT_NOW, True, [])
    assert told in answer.told


def test_a_connection_that_does_not_exist_is_named() -> None:
    with opened("nowhere", mail_ways()) as sender:
        answer = sender.send(an_envelope())
    assert (answer.outcome, answer.is_away) == (Outcome.NOT_NOW, True)
    assert "Connection 'nowhere' was not found in Airflow." in answer.told


def test_a_server_that_repeats_the_password_does_not_get_it_told() -> None:
    with mail_server(auth=True) as server:
        server.faults = {"RCPT": [f"550 you said {PASSWORD}"]}
        answer = sent(server.port, **SIGNED_IN)
    assert answer.told == "The server answered '550 you said ***'. A further try does not help."


def test_a_server_that_repeats_the_sign_in_as_it_was_sent_does_not_get_it_told() -> None:
    with playing(repeats_all) as server:
        answer = sent(server.port, login=LOGIN, password="it's a back\\slash")
    assert "it refuses the sign-in, '535 what is AUTH PLAIN ***'" in answer.told


def test_a_server_that_talks_without_an_end_is_left_before_it_fills_the_memory() -> None:
    def floods(talking: socket.socket) -> None:
        while True:
            talking.sendall(b"220-" + b"x" * 4_000 + b"\r\n")
            talked.append(4_000)

    talked: list[int] = []
    with playing(floods) as server:
        answer = sent(server.port, extra={"timeout": 1})
    assert (answer.outcome, answer.is_away) == (Outcome.NOT_NOW, True)
    assert sum(talked) < 20_000_000  # What the system keeps of a line that nobody reads.


def test_a_size_of_thousands_of_digits_is_none() -> None:
    with mail_server(data_size_limit=10**5_000) as server:
        assert sent(server.port).outcome is Outcome.DELIVERED
