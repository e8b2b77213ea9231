"""What a web server's answer means for a delivery."""

from datetime import UTC, datetime

import pytest

from interact.notices.sending import Answer, Outcome
from interact.notifiers.answering import LONGEST_WAIT_SECONDS, WORDS, answer_of, named, outcome_of, wait_of, words
from interact.notifiers.posting import Address, Reply, Unanswered

ADDRESS = Address("hooks.example.com", 443, is_secure=True, target="/services/T0/abcdefghijkl?sig=mnopqrstuvwx")


def a_reply(status: int, text: str = "", **headers: str) -> Reply:
    """An answer; `retry_after="…"` is a header."""
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, text, is_whole=True)


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ((200, 201, 202, 204, 299), Outcome.DELIVERED),
        ((301, 302, 307, 308), Outcome.REFUSED),
        ((400, 404, 405, 406, 409, 410, 411, 413, 415, 422, 451), Outcome.REFUSED),
        ((401, 403, 407, 408, 425, 429, 500, 501, 503, 507, 529), Outcome.NOT_NOW),
        ((101, 502, 504), Outcome.UNKNOWN),
    ],
)
def test_a_status_says_what_became_of_it(statuses: tuple[int, ...], outcome: Outcome) -> None:
    assert {status: outcome_of(status) for status in statuses} == dict.fromkeys(statuses, outcome)


@pytest.mark.parametrize(
    ("got", "answer"),
    [
        (a_reply(204), Answer(Outcome.DELIVERED, "'hooks.example.com' answered 204.")),
        (
            a_reply(410, "gone\n"),
            Answer(
                Outcome.REFUSED,
                "'hooks.example.com' answered 410, 'gone'. "
                "A further try does not help: look at the address in the connection.",
            ),
        ),
        (
            a_reply(503, "later", retry_after="120"),
            Answer(
                Outcome.NOT_NOW,
                "'hooks.example.com' answered 503, 'later'. It is tried again.",
                retry_after_seconds=120,
            ),
        ),
        (
            a_reply(401),
            Answer(
                Outcome.NOT_NOW,
                "'hooks.example.com' answered 401. It does not let us in: look at the secret in the connection.",
                is_away=True,
            ),
        ),
        (
            Unanswered("nothing listens there", had_left=False),
            Answer(
                Outcome.NOT_NOW,
                "'hooks.example.com' did not get the message: nothing listens there. It is tried again.",
                is_away=True,
            ),
        ),
        (
            Unanswered("it did not answer in time", had_left=True),
            Answer(
                Outcome.UNKNOWN,
                "'hooks.example.com' was sent the message, but its answer was lost: it did not answer in time. "
                "It may have arrived: look there before you send it again.",
            ),
        ),
    ],
)
def test_an_answer_is_told_to_people(got: Reply | Unanswered, answer: Answer) -> None:
    assert answer_of(got, ADDRESS, secrets=()) == answer


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("7", 7),
        (" 0 ", 0),
        ("999999999", LONGEST_WAIT_SECONDS),
        ("Thu, 26 Nov 2026 08:00:30 GMT", 30),
        ("Thu, 26 Nov 2026 07:00:00 GMT", 0),
        ("Fri, 27 Nov 2026 08:00:00 GMT", LONGEST_WAIT_SECONDS),
        ("Thu, 26 Nov 2026 10:00:30 +0200", 30),
        ("Thu, 26 Nov 2026 08:00:30 -0000", 30),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
    ],
)
def test_how_long_to_wait_is_a_number_or_a_date(asked: str, seconds: int | None) -> None:
    at = datetime(2026, 11, 26, 8, tzinfo=UTC)
    assert wait_of(a_reply(429, retry_after=asked), clock=lambda: at) == seconds


def test_who_does_not_say_how_long_is_asked_by_our_own_patience() -> None:
    assert wait_of(a_reply(429)) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no_service", "no_service"),
        ('{"error": {"code": "WorkflowNotFound", "message": "The workflow is gone."}}', "The workflow is gone."),
        ('{"detail": "Slow down", "title": "Too many"}', "Slow down"),
        ('{"ok": false, "error": "is_archived"}', "is_archived"),
        ('{"ok": false}', ""),
        ("[1, 2]", ""),
        ("1", "1"),
        ("<html><style>p {}</style><body><h1>Bad&nbsp;Gateway</h1>\n</body></html>", "Bad&nbsp;Gateway"),
        ("[" * 100_000, "[" * (WORDS - 1) + "…"),
        ("a\u202eb\x1b[31mc", "a b [31mc"),
        ("", ""),
    ],
)
def test_a_servers_own_words_are_kept_short_and_plain(text: str, said: str) -> None:
    assert words(text, secrets=()) == said


@pytest.mark.parametrize(
    "text",
    [
        "no hook at /services/T0/abcdefghijkl?sig=mnopqrstuvwx",
        "mnopqrstuvwx is not right",
        '{"message": "Unknown token abcdefghijkl"}',
        "key s3cr3t",
    ],
)
def test_a_secret_that_the_server_repeats_is_taken_out(text: str) -> None:
    told = answer_of(a_reply(404, text), ADDRESS, secrets=("s3cr3t",)).told
    assert "***" in told
    assert not any(secret in told for secret in ("abcdefghijkl", "mnopqrstuvwx", "s3cr3t"))


@pytest.mark.parametrize(
    "text",
    [
        "no hook at sig=mn%2Fopqrstuvwx",
        "no hook at mn/opqrstuvwx",
        "/hook?sig=mn%2Fopqrstuvwx&amp;v=1 is not right",
        "<i>" * 1_330 + "/hook?sig=mn%2Fopqrstuvwx",
    ],
)
def test_a_secret_is_taken_out_however_the_server_writes_it(text: str) -> None:
    address = Address("hooks.example.com", 443, is_secure=True, target="/hook?sig=mn%2Fopqrstuvwx&v=1")
    assert "opqrstuv" not in answer_of(a_reply(404, text), address, secrets=()).told


@pytest.mark.parametrize(
    "asked", ["Mon, 23 Nov 99999999999999999999 08:00:00 GMT", "Mon, 23 Nov 2026 08:00:00 +99999999999999"]
)
def test_a_pause_until_no_date_there_is_asks_for_none(asked: str) -> None:
    assert wait_of(a_reply(503, retry_after=asked)) is None


def test_a_name_for_a_message_is_as_short_as_names_are() -> None:
    assert named("1503435956.000247") == "1503435956.000247"
    assert named("a\nb\x00" + "c" * 1_000_000) == "a b " + "c" * 95 + "…"
