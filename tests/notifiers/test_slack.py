"""Slack: what its own answers mean, and files that go along with a bot's message."""

import hashlib
import json
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from slack_sdk import WebClient

from builders.chat_servers import TOKEN, ChatServer, breaks_off, chat_server, resets, says
from builders.noticed import a_notice, an_envelope
from builders.ways import SLACK_BOT, SLACK_WEBHOOK, opened, slack_answer
from interact.errors import StoreUnavailable
from interact.notices.sending import Answer, Outcome

PDF = b"%PDF-1.7 " + bytes(range(256)) * 40
SHA256 = hashlib.sha256(PDF).hexdigest()
WITH_PDF = a_notice(files=[{"name": "Wöchentlich NL.pdf", "sha256": SHA256, "bytes": len(PDF)}])


@pytest.fixture
def server() -> Iterator[ChatServer]:
    """Slack."""
    with chat_server() as running:
        yield running


def by_bot(server: ChatServer, recipient: str = "#marketing", **changes: object) -> Answer:
    """Send one notice by the bot."""
    with opened(SLACK_BOT, server.url) as sender:
        return sender.send(an_envelope(recipient=recipient, **changes))


def by_webhook(server: ChatServer, recipient: str = "") -> Answer:
    """Send one notice by the webhook."""
    with opened(SLACK_WEBHOOK, server.url) as sender:
        return sender.send(an_envelope(recipient=recipient))


def test_a_bot_writes_to_the_room_and_keeps_what_slack_calls_the_message(server: ChatServer) -> None:
    answer = by_bot(server, "C012AB3CD")
    assert answer == Answer(Outcome.DELIVERED, "Slack answered 'ok'.", reference="1503435956.000247")
    (posted,) = server.taken
    assert posted.path == "/api/chat.postMessage"
    assert posted.headers["authorization"] == f"Bearer {TOKEN}"
    message = posted.document
    assert (message["channel"], message["parse"], message["link_names"]) == ("C012AB3CD", "none", False)
    assert message["blocks"][0]["text"]["text"] == "3 campaigns below ROAS 2: NL, week 47"


def test_slacks_own_client_is_answered_alike(server: ChatServer) -> None:
    # The server that these tests trust is one that Slack's own library understands.
    client = WebClient(TOKEN, base_url=f"{server.url}/api/", retry_handlers=[])
    assert client.chat_postMessage(channel="C1", text="x")["ts"] == "1503435956.000247"
    assert client.files_upload_v2(channel="C1", content=PDF, filename="a.pdf")["files"][0]["id"] == "F0123ABC456"
    assert list(server.files.values()) == [PDF]


def test_six_files_go_along_and_the_others_are_behind_the_link(server: ChatServer) -> None:
    many = a_notice(files=[{"name": f"{n}.pdf", "sha256": SHA256, "bytes": len(PDF)} for n in range(8)])
    answer = by_bot(server, notice=many, files={SHA256: PDF})
    assert answer.told == "Slack answered 'ok'. 2 more files are behind the link."
    assert len([each for each in server.posted if each.path == "/api/files.completeUploadExternal"]) == 6


def test_after_a_file_that_fails_no_other_is_tried(server: ChatServer) -> None:
    two = a_notice(files=[{"name": f"{n}.pdf", "sha256": SHA256, "bytes": len(PDF)} for n in range(3)])
    server.acts = [lambda handler: handler.take(), says(500)]
    answer = by_bot(server, notice=two, files={SHA256: PDF})
    assert answer.outcome is Outcome.DELIVERED and answer.told.endswith(" 2 more were not tried.")
    assert len(server.posted) == 2


def test_a_file_goes_into_the_messages_thread(server: ChatServer) -> None:
    answer = by_bot(server, notice=WITH_PDF, files={SHA256: PDF})
    assert answer == Answer(Outcome.DELIVERED, "Slack answered 'ok'.", reference="1503435956.000247")
    message, asked, put, shared = server.posted
    assert message.path == "/api/chat.postMessage"
    assert parse_qs(asked.content.decode()) == {"filename": ["Wöchentlich NL.pdf"], "length": [str(len(PDF))]}
    assert (list(server.files.values()), put.headers["content-type"]) == ([PDF], "application/pdf")
    assert shared.document == {
        "files": [{"id": "F0123ABC456", "title": "Wöchentlich NL.pdf"}],
        "channel_id": "C012AB3CD",
        "thread_ts": "1503435956.000247",
    }


@pytest.mark.parametrize("step", [1, 2, 3])
@pytest.mark.parametrize(
    ("act", "told"),
    [
        (says(500, "no"), "answered 500, 'no'."),
        (slack_answer("missing_scope"), ""),
        (resets, "its answer was lost: the connection was cut."),
    ],
    ids=["failing", "refused", "cut"],
)
def test_a_file_that_fails_changes_nothing_for_the_message(
    server: ChatServer, step: int, act: object, told: str
) -> None:
    def takes(handler):
        handler.take()

    server.acts = [takes] * step + [act]
    answer = by_bot(server, notice=WITH_PDF, files={SHA256: PDF})
    assert (answer.outcome, answer.reference, len(server.taken)) == (Outcome.DELIVERED, "1503435956.000247", 1)
    is_put_that_says_it_is_well = step == 2 and not told
    assert ("File 'Wöchentlich NL.pdf' is not along: " in answer.told) is not is_put_that_says_it_is_well
    assert told in answer.told
    assert len(server.posted) == step + 1 + is_put_that_says_it_is_well


def test_a_file_that_is_gone_is_told(server: ChatServer) -> None:
    def gone(sha256: str) -> bytes:
        raise StoreUnavailable("File is not in the store.")

    answer = by_bot(server, notice=WITH_PDF, read=gone)
    assert (answer.outcome, len(server.posted)) == (Outcome.DELIVERED, 1)
    assert answer.told == "Slack answered 'ok'. File 'Wöchentlich NL.pdf' is not along: File is not in the store."


def test_a_place_for_the_file_that_is_no_address_is_told(server: ChatServer) -> None:
    server.acts = [lambda handler: handler.take(), says(200, '{"ok": true, "upload_url": "file:///etc/passwd"}')]
    answer = by_bot(server, notice=WITH_PDF, files={SHA256: PDF})
    assert (answer.outcome, len(server.posted)) == (Outcome.DELIVERED, 2)
    assert answer.told.endswith("is not along: Slack named no place for it.")


@pytest.mark.parametrize(
    ("code", "outcome", "is_away", "advice"),
    [
        ("channel_not_found", Outcome.REFUSED, False, "There is no such room, or it is private"),
        ("not_in_channel", Outcome.REFUSED, False, "Invite the app to the room with /invite"),
        ("is_archived", Outcome.REFUSED, False, "The room is archived"),
        ("something_new", Outcome.REFUSED, False, "A further try does not help."),
        ("token_revoked", Outcome.NOT_NOW, True, "the token of a bot"),
        ("missing_scope", Outcome.NOT_NOW, True, "`chat:write`"),
        ("service_unavailable", Outcome.NOT_NOW, False, "It is tried again."),
        ("internal_error", Outcome.UNKNOWN, False, "It may have arrived"),
    ],
)
def test_what_slack_says_no_with_tells_what_to_do(
    server: ChatServer, code: str, outcome: Outcome, is_away: bool, advice: str
) -> None:
    server.acts = [slack_answer(code)]
    answer = by_bot(server)
    assert (answer.outcome, answer.is_away) == (outcome, is_away)
    assert answer.told.startswith(f"Slack answered '{code}'. ")
    assert advice in answer.told


@pytest.mark.parametrize(
    ("status", "outcome"), [(502, Outcome.UNKNOWN), (503, Outcome.NOT_NOW), (407, Outcome.NOT_NOW)]
)
def test_what_somebody_on_the_way_says_is_no_word_of_slacks(server: ChatServer, status: int, outcome: Outcome) -> None:
    server.acts = [slack_answer("upstream connect error", status)]
    assert by_bot(server).outcome is outcome


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (400, "invalid_payload", Outcome.REFUSED),
        (403, "action_prohibited", Outcome.REFUSED),
        (404, "no_service", Outcome.REFUSED),
        (404, "channel_not_found", Outcome.REFUSED),
        (410, "channel_is_archived", Outcome.REFUSED),
        (429, "rate_limited", Outcome.NOT_NOW),
        (500, "rollup_error", Outcome.NOT_NOW),
    ],
)
def test_a_webhook_that_says_no_is_understood(server: ChatServer, status: int, code: str, outcome: Outcome) -> None:
    server.acts = [says(status, code)]
    answer = by_webhook(server)
    assert (answer.outcome, answer.is_away, len(server.posted)) == (outcome, False, 1)
    assert code in answer.told


@pytest.mark.parametrize("send", [by_bot, by_webhook])
def test_a_page_that_says_all_is_well_is_not_slack(server: ChatServer, send) -> None:
    server.acts = [says(200, "<html>Sign in to the network</html>")]
    answer = send(server)
    assert (answer.outcome, len(server.taken)) == (Outcome.REFUSED, 0)
    assert "but not as Slack does" in answer.told


@pytest.mark.parametrize("send", [by_bot, by_webhook])
def test_an_answer_that_breaks_off_leaves_it_unknown(server: ChatServer, send) -> None:
    server.acts = [breaks_off(200, json.dumps({"ok": True, "ts": "1.2"}), after=6)]
    assert send(server).outcome is Outcome.UNKNOWN
    assert len(server.posted) == server.connections == 1


def test_a_bot_without_a_room_and_a_webhook_with_one_send_nothing(server: ChatServer) -> None:
    bot, webhook = by_bot(server, ""), by_webhook(server, "#marketing")
    assert (bot.outcome, webhook.outcome, server.posted) == (Outcome.REFUSED, Outcome.REFUSED, [])
    assert bot.told == "A bot needs a room: add one to the channel, as '#marketing'."
    assert webhook.told == "A webhook leads to one room of its own, not to '#marketing': take the recipients out."
