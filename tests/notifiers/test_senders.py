"""From a channel to a way to it, and what is said when its connection does not lead there."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from airflow.sdk.execution_time import task_runner
from airflow.sdk.execution_time.comms import ConnectionResult, GetConnection

from builders.airflow_tables import airflow_tables
from builders.chat_servers import ChatServer, chat_server
from builders.noticed import an_envelope
from builders.ways import BY_HTTP, SIGNING, SLACK_BOT, TEAMS, WEBHOOK, a_channel, a_connection
from interact.jobs.channels import Channel
from interact.jobs.stored import StoredChannel
from interact.notices.sending import Answer, Outcome, Sender
from interact.notifiers.graph import GraphSender
from interact.notifiers.senders import open_sender
from interact.notifiers.slack import SlackBot, SlackWebhook
from interact.notifiers.smtp import SmtpSender
from interact.notifiers.teams import TeamsWebhook
from interact.notifiers.webhook import SignedWebhook

MAKE = "Make it under Admin, Connections, or name another one in the channel."
CHANGE = "Change it under Admin, Connections, or name another one in the channel."


def of_type(kind: str) -> StoredChannel:
    """A channel of this type by the connection `way`."""
    plain = {"key": "team", "organisation": "demo", "name": "Team", "type": kind, "connection": "way"}
    recipients = ["team@example.com"] if kind == "email" else []
    return StoredChannel("channel_a", "org_a", Channel.model_validate({**plain, "recipients": recipients}))


@pytest.fixture(scope="module")
def airflow_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give Airflow a database of its own in this process."""
    with airflow_tables(tmp_path_factory.mktemp("airflow")):
        yield


@pytest.fixture
def server() -> Iterator[ChatServer]:
    """A server that takes everything."""
    with chat_server() as running:
        yield running


@pytest.mark.parametrize(
    ("kind", "connection", "sender"),
    [
        ("slack", {"conn_type": "slackwebhook", "password": "T0/B0/xyz"}, SlackWebhook),
        ("slack", {"conn_type": "slack", "password": "xoxb-1"}, SlackBot),
        ("teams", {"conn_type": "http", "host": "https://example.com/workflows/1?sig=x"}, TeamsWebhook),
        ("teams", {"conn_type": "generic", "password": "https://example.com/workflows/1?sig=x"}, TeamsWebhook),
        ("webhook", {"conn_type": "http", "host": "example.com/hook", "password": SIGNING}, SignedWebhook),
        ("email", {"conn_type": "smtp", "host": "localhost", "extra": {"from_email": "a@example.com"}}, SmtpSender),
        (
            "email",
            {
                "conn_type": "msgraph",
                "login": "client",
                "password": "secret",
                "extra": {"tenant_id": "tenant", "from_email": "a@example.com"},
            },
            GraphSender,
        ),
    ],
)
def test_a_channel_and_its_connection_say_which_way(
    kind: str, connection: dict[str, Any], sender: type[Sender], monkeypatch: pytest.MonkeyPatch
) -> None:
    a_connection(monkeypatch, connection)
    with open_sender(of_type(kind)) as opened:
        assert type(opened) is sender


@pytest.mark.parametrize(
    ("kind", "connection", "told"),
    [
        (
            "slack",
            {"conn_type": "smtp"},
            "Connection 'way' is of type 'smtp'; this channel takes one of type 'slackwebhook', 'slack'. " + CHANGE,
        ),
        (
            "email",
            {"conn_type": "slack"},
            "Connection 'way' is of type 'slack'; this channel takes one of type 'smtp', 'msgraph'. " + CHANGE,
        ),
        (
            "slack",
            {"conn_type": "slackwebhook"},
            "Connection 'way' holds no webhook of Slack. Put its address into the password, "
            "or name another one in the channel.",
        ),
        (
            "slack",
            {"conn_type": "slack", "extra": {"timeout": "soon"}, "password": "xoxb-\u00e9"},
            "Connection 'way' holds no token of Slack. Put the bot's token, xoxb-…, into the password, "
            "or name another one in the channel.",
        ),
        (
            "slack",
            {"conn_type": "slack", "password": "xoxb-1\nX-Evil: 1"},
            "Connection 'way' holds no token of Slack. Put the bot's token, xoxb-…, into the password, "
            "or name another one in the channel.",
        ),
        (
            "slack",
            {"conn_type": "slackwebhook", "password": "ftp://example.com/x"},
            "Connection 'way' holds no address of a webhook. Put the whole of it into the password, "
            "or name another one in the channel.",
        ),
        (
            "teams",
            {"conn_type": "http", "password": "hunter2"},
            "Connection 'way' holds no web address. Put the webhook's address into the password, "
            "or name another one in the channel.",
        ),
        (
            "webhook",
            {"conn_type": "http", "password": SIGNING},
            "Connection 'way' holds no web address. Put it into the host, as 'https://example.com/hook', "
            "or name another one in the channel.",
        ),
        (
            "webhook",
            {"conn_type": "http", "host": "https://example.com", "password": "hunter2"},
            "Connection 'way' holds no secret that signs: it takes 'whsec_' and the base64 of 24 to 64 bytes. "
            "Put one into the password, or name another one in the channel.",
        ),
    ],
)
def test_a_connection_that_leads_nowhere_says_so_at_each_try(
    kind: str, connection: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_connection(monkeypatch, connection)
    with open_sender(of_type(kind)) as sender:
        answers = [sender.send(an_envelope()) for _ in range(2)]
    assert answers == [Answer(Outcome.NOT_NOW, told, is_away=True)] * 2


@pytest.mark.parametrize("kind", ["email", "slack", "teams", "webhook"])
def test_a_connection_that_is_missing_is_told(kind: str) -> None:
    with open_sender(of_type(kind)) as sender:
        answer = sender.send(an_envelope())
    told = f"Connection 'way' was not found in Airflow. {MAKE}"
    assert answer == Answer(Outcome.NOT_NOW, told, is_away=True)


@pytest.mark.parametrize(
    ("connection", "path"),
    [
        ({"host": "{url}/hooks/a"}, "/hooks/a"),
        ({"host": "{host}/hooks/a", "schema": "http", "port": "{port}"}, "/hooks/a"),
        ({"host": "{host}", "schema": "http", "port": "{port}"}, "/"),
        ({"host": "{url}?key=1"}, "/?key=1"),
    ],
)
def test_an_address_may_be_whole_or_in_parts(
    connection: dict[str, str], path: str, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    parts = {name: value.format(url=server.url, host=host, port=port) for name, value in connection.items()}
    a_connection(monkeypatch, {"conn_type": "http", "password": SIGNING, **parts})
    with open_sender(a_channel(WEBHOOK)) as sender:
        assert sender.send(an_envelope(recipient="")).outcome is Outcome.DELIVERED
    assert [posted.path for posted in server.taken] == [path]


@pytest.mark.parametrize(
    "host", ["https://user:key@example.com/x", "https://exa mple.com", "https://exämple.com", "https://", "http://[x"]
)
def test_an_address_that_cannot_be_asked_for_is_none(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    a_connection(monkeypatch, {"conn_type": "http", "host": host})
    with open_sender(a_channel(TEAMS)) as sender:
        assert "holds no web address" in sender.send(an_envelope()).told


def test_many_threads_open_ways_side_by_side(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for way in BY_HTTP:
        a_connection(monkeypatch, way.connection(server.url), way.name.replace(" ", "_"))
    answers: list[Answer] = []

    def send(number: int) -> None:
        way = BY_HTTP[number % len(BY_HTTP)]
        with open_sender(a_channel(way, connection=way.name.replace(" ", "_"))) as sender:
            answers.append(sender.send(an_envelope(recipient=way.recipient)))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.outcome for answer in answers] == [Outcome.DELIVERED] * 12
    assert len(server.taken) == 12


@pytest.mark.usefixtures("airflow_database")
def test_a_connection_that_airflow_keeps_is_found_in_the_api_server(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.models import Connection as Kept
    from airflow.utils.session import create_session

    with create_session() as session:
        kept = SLACK_BOT.connection(server.url)
        session.add(Kept(conn_id="kept", conn_type="slack", password=kept["password"], extra=kept["extra"]))
    # By this the API server lets itself be known, in `airflow.api_fastapi.main`.
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "server")
    with open_sender(a_channel(SLACK_BOT, connection="kept")) as sender:
        assert sender.send(an_envelope(recipient="#marketing")).outcome is Outcome.DELIVERED
    assert len(server.taken) == 1


class Supervisor:
    """What a task asks for connections."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.asked: list[str] = []

    def send(self, message: Any) -> Any:
        """Answer as the supervisor does."""
        if not isinstance(message, GetConnection) or message.conn_id != "kept":
            return None
        self.asked.append(message.conn_id)
        kept = SLACK_BOT.connection(self._url)
        empty = dict.fromkeys(("host", "schema", "login", "port"))
        return ConnectionResult.model_validate({"conn_id": "kept", **empty, **kept, "extra": json.dumps(kept["extra"])})


def test_a_connection_that_airflow_keeps_is_found_in_a_task(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = Supervisor(server.url)
    monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", supervisor, raising=False)
    with open_sender(a_channel(SLACK_BOT, connection="kept")) as sender:
        assert sender.send(an_envelope(recipient="#marketing")).outcome is Outcome.DELIVERED
    # Once for its type, and once by the provider's hook.
    assert (len(server.taken), supervisor.asked) == (1, ["kept", "kept"])
