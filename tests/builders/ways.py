"""Every way to send, opened as the product opens it: by a channel and its Airflow connection, to a real server."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import trustme

from builders import chat_servers, mail_servers
from builders.chat_servers import HOOK, SHORT, TOKEN, Act, ChatServer, chat_server, says
from builders.graph_servers import SECRET, GraphHandler, a_graph_connection
from builders.mail_servers import LOGIN, PASSWORD, MailServer, mail_server
from interact.jobs.channels import Channel, ChannelType
from interact.jobs.stored import StoredChannel
from interact.notices.sending import Sender
from interact.notifiers.posting import Limits, Post
from interact.notifiers.senders import open_sender

SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass(frozen=True)
class Way:
    """One kind of channel with one type of connection."""

    name: str
    type: ChannelType
    connection: Callable[[str], dict[str, Any]]
    """From a server's address to what Airflow keeps."""
    secret: str
    """What nobody may read anywhere."""
    recipient: str = ""
    serve: Callable[..., AbstractContextManager[Any]] = chat_server
    """A server with `url`, `taken` (what it accepted), `posted` (what it got all of) and `connections`."""
    does: Mapping[str, Callable[[Any], None]] = field(default_factory=dict)
    """By its name, what makes a server do it with the next message."""
    waits: int | None = 7
    """For how many seconds a busy server asks to be left alone."""
    tries: Callable[[Any], int] = lambda server: server.connections
    """How often a server was asked to take something."""


def acts(changes: Mapping[str, Act] = {}) -> Mapping[str, Callable[[ChatServer], None]]:
    """Return what a server on HTTP may do."""
    plain: dict[str, Act] = {
        "is slow": chat_servers.slow,
        "refuses": says(404, "no such hook"),
        "is busy": says(429, "slow down", Retry_After="7"),
        "shuts out": says(401, "who are you"),
        "fails": says(503, "<html><body>Sorry</body></html>"),
        "hangs": chat_servers.hangs,
        "hangs up": chat_servers.resets,
        "takes it and hangs up": chat_servers.takes_and_hangs_up,
    }
    return {name: lambda server, act=act: server.acts.append(act) for name, act in {**plain, **changes}.items()}


def slack_answer(error: str, status: int = 200, **headers: str) -> Act:
    """Answer as a method of Slack that failed."""
    return says(status, json.dumps({"ok": False, "error": error}), **headers)


SLACK_WEBHOOK = Way(
    "slack webhook",
    "slack",
    lambda url: {"conn_type": "slackwebhook", "password": f"{url}{HOOK}"},
    HOOK,
    does=acts({"refuses": says(404, "no_service"), "shuts out": says(403, "invalid_token")}),
)
SLACK_BOT = Way(
    "slack bot",
    "slack",
    lambda url: {"conn_type": "slack", "password": TOKEN, "extra": {"base_url": f"{url}/api/"}},
    TOKEN,
    "#marketing",
    does=acts(
        {
            "is busy": slack_answer("ratelimited", 429, Retry_After="7"),
            "refuses": slack_answer("is_archived"),
            "shuts out": slack_answer("invalid_auth"),
        }
    ),
)
TEAMS = Way(
    "teams",
    "teams",
    lambda url: {"conn_type": "http", "password": f"{url}/workflows/0a1b2c3d/triggers/manual?sig=T3amsS1gnatureX"},
    "T3amsS1gnatureX",
    does=acts(),
)
WEBHOOK = Way(
    "webhook",
    "webhook",
    lambda url: {"conn_type": "http", "host": f"{url}/hooks/interact", "password": SIGNING},
    SIGNING.removeprefix("whsec_"),
    does=acts(),
)
BY_HTTP = (SLACK_WEBHOOK, SLACK_BOT, TEAMS, WEBHOOK)


def _mail_connection(url: str) -> dict[str, Any]:
    scheme, _, place = url.partition("://")
    host, _, port = place.partition(":")
    tls = {"disable_ssl": scheme != "https", "disable_tls": True}
    extra = {**tls, "from_email": "reports@example.com", "timeout": 1}
    login = {"login": LOGIN, "password": PASSWORD}
    return {"conn_type": "smtp", "host": host, "port": int(port or 25), **login, "extra": extra}


@contextmanager
def _mail(authority: Any = None) -> Iterator[MailServer]:
    with mail_server(authority, tls="implicit" if authority else "", auth=True) as server:
        server.url = f"{'https' if authority else 'http'}://localhost:{server.port}"  # type: ignore[attr-defined]
        server.posted = server.seen  # type: ignore[attr-defined]
        yield server


async def _takes_it_and_hangs_up(server: Any) -> str:
    server.event_handler.taken.append(server.envelope.rcpt_tos)
    return await mail_servers.cuts(server)


def _faults(steps: Mapping[str, tuple[str, mail_servers.Fault]]) -> Mapping[str, Callable[[MailServer], None]]:
    return {
        name: lambda server, step=step, fault=fault: server.faults.setdefault(step, []).append(fault)
        for name, (step, fault) in steps.items()
    }


SMTP = Way(
    "smtp",
    "email",
    _mail_connection,
    PASSWORD,
    "team@example.com",
    _mail,
    _faults(
        {
            "is slow": ("DATA", mail_servers.dawdles),
            "refuses": ("RCPT", "550 5.1.1 No such user"),
            "is busy": ("RCPT", "451 4.7.1 Greylisted"),
            "shuts out": ("MAIL", "530 5.7.0 Authentication required"),
            "fails": ("DATA", "451 4.3.0 Sorry"),
            "hangs": ("DATA", mail_servers.hangs),
            "hangs up": ("DATA", mail_servers.cuts),
            "takes it and hangs up": ("DATA", _takes_it_and_hangs_up),
        }
    ),
    waits=None,
)


@contextmanager
def _microsoft(authority: Any = None) -> Iterator[ChatServer]:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        if authority is None:
            authority = trustme.CA()
            patch.setenv("SSL_CERT_FILE", chat_servers.trusted(authority, Path(folder)))
        with chat_server(authority, handler=GraphHandler) as server:
            yield server


GRAPH = Way(
    "graph",
    "email",
    a_graph_connection,
    SECRET,
    "team@example.com",
    _microsoft,
    acts({"refuses": says(400, "no such recipient")}),
    tries=lambda server: len(server.posted),
)
WAYS = (*BY_HTTP, SMTP, GRAPH)


def a_channel(way: Way, **changes: Any) -> StoredChannel:
    """A channel by the connection `way`."""
    recipients = [way.recipient] if way.recipient else []
    plain = {"key": "team", "organisation": "demo", "name": "Team", "type": way.type, "connection": "way"}
    definition = Channel.model_validate({**plain, "recipients": recipients, **changes})
    return StoredChannel("channel_aaaaaaaaaaaa", "org_aaaaaaaaaaaa", definition)


def a_connection(patch: pytest.MonkeyPatch, content: Mapping[str, Any], name: str = "way") -> None:
    """Let Airflow have a connection."""
    patch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(content))


@contextmanager
def opened(way: Way, url: str, *, limits: Limits = SHORT) -> Iterator[Sender]:
    """Open a way to a server, with limits that a test can wait for."""
    with pytest.MonkeyPatch.context() as patch:
        a_connection(patch, way.connection(url))
        with open_sender(a_channel(way)) as sender:
            # Ways on the web are frozen values; that of SMTP takes its limit from the connection.
            yield replace(sender, post=Post(limits)) if hasattr(sender, "post") else sender  # type: ignore[type-var]
