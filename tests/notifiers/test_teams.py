"""Teams: a workflow answers 202; the older connectors answer 200 to what they did not pass on, too."""

from collections.abc import Iterator

import pytest

from builders.chat_servers import ChatServer, breaks_off, chat_server, says
from builders.noticed import an_envelope
from builders.ways import TEAMS, opened
from interact.notices.sending import Answer, Outcome

FAILED = "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error {} with ContextId x"


@pytest.fixture
def server() -> Iterator[ChatServer]:
    """Teams."""
    with chat_server() as running:
        yield running


def sent(server: ChatServer) -> Answer:
    """Send one notice."""
    with opened(TEAMS, server.url) as sender:
        return sender.send(an_envelope(recipient=""))


def test_a_card_goes_to_the_workflow(server: ChatServer) -> None:
    assert sent(server) == Answer(Outcome.DELIVERED, "'127.0.0.1' answered 202.")
    (posted,) = server.taken
    assert posted.path == "/workflows/0a1b2c3d/triggers/manual?sig=T3amsS1gnatureX"
    assert posted.document["attachments"][0]["content"]["type"] == "AdaptiveCard"
    assert posted.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("status", "text", "outcome", "told"),
    [
        (200, "1", Outcome.DELIVERED, "'127.0.0.1' answered 200."),
        (200, "", Outcome.DELIVERED, "'127.0.0.1' answered 200."),
        (202, "", Outcome.DELIVERED, "'127.0.0.1' answered 202."),
        (
            200,
            FAILED.format(403),
            Outcome.REFUSED,
            "Teams did not pass it on: 'Webhook message delivery failed",
        ),
        (
            200,
            FAILED.format(429),
            Outcome.NOT_NOW,
            "Teams did not pass it on yet: 'Webhook",
        ),
        (200, "<html>Sign in</html>", Outcome.REFUSED, "Teams did not pass it on: 'Sign in'."),
        (400, "Summary or Text is required.", Outcome.REFUSED, "answered 400, 'Summary or Text is required.'."),
        (
            404,
            '{"error": {"code": "WorkflowNotFound", "message": "The workflow could not be found."}}',
            Outcome.REFUSED,
            "answered 404, 'The workflow could not be found.'.",
        ),
        (413, "", Outcome.REFUSED, "answered 413."),
    ],
)
def test_what_teams_answers_is_understood(
    server: ChatServer, status: int, text: str, outcome: Outcome, told: str
) -> None:
    server.acts = [says(status, text)]
    answer = sent(server)
    assert (answer.outcome, len(server.posted)) == (outcome, 1)
    assert told in answer.told


def test_an_answer_that_breaks_off_leaves_it_unknown(server: ChatServer) -> None:
    server.acts = [breaks_off(200, "1" * 20, after=1)]
    assert sent(server).outcome is Outcome.UNKNOWN
