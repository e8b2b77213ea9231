"""Microsoft on loopback, by TLS: it signs an app in, takes its mail as Graph documents it, and misbehaves on demand."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest
import trustme

from builders.chat_servers import SHORT, ChatServer, Handler, chat_server
from interact.notices.sending import Sender
from interact.notifiers.mail import mail_ways
from interact.notifiers.opening import opened
from interact.notifiers.posting import Limits, Post

TENANT = "0a1b2c3d-0000-4000-8000-00000000000a"
CLIENT = "0a1b2c3d-0000-4000-8000-00000000000b"
SECRET = "gr4ph~secret~of~the~app"
TOKEN = "eyJ0eXAiOiJKV1QifQ.bm90LWEtcmVhbC10b2tlbg.c2lnbmF0dXJl"
MAILBOX = "reports@example.com"
LARGEST_REQUEST = 4 * 1024 * 1024


class GraphHandler(Handler):
    """One request: to sign in, or to send a mail; acts are for the second kind."""

    def do_GET(self) -> None:  # noqa: N802
        """Answer where to sign in."""
        here = f"{self.chat.url}/{TENANT}"
        places = {"issuer": f"{here}/v2.0", "authorization_endpoint": f"{here}/oauth2/v2.0/authorize"}
        self.say(200, json.dumps(places | {"token_endpoint": f"{here}/oauth2/v2.0/token"}))

    def do_POST(self) -> None:  # noqa: N802
        """Sign in, or take a mail."""
        if not self.path.endswith("/oauth2/v2.0/token"):
            super().do_POST()
            return
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.chat.signed_in = getattr(self.chat, "signed_in", 0) + 1
        if asked.get("client_secret") == [SECRET] and asked.get("grant_type") == ["client_credentials"]:
            self.say(200, json.dumps({"token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN}))
        else:
            told = "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 0a1b"
            told = f"{getattr(self.chat, 'says_first', '')}{told}"
            self.say(401, json.dumps({"error": "invalid_client", "error_description": told}))

    def take(self) -> None:
        """Take a mail, or answer as documented why not."""
        document = self.posted.document if len(self.posted.content) <= LARGEST_REQUEST else None
        if self.posted.headers.get("authorization") != f"Bearer {TOKEN}":
            self.say(401, graph_error("InvalidAuthenticationToken", "Access token is empty."))
        elif unquote(self.path) != f"/v1.0/users/{MAILBOX}/sendMail":
            self.say(404, graph_error("ErrorInvalidUser", "The requested user is invalid."))
        elif document is None:
            self.say(413, graph_error("RequestEntityTooLarge", "The request is larger than 4 MB."))
        elif fault := fault_of(document):
            self.say(400, graph_error("ErrorInvalidRequest", fault))
        else:
            self.chat.taken.append(self.posted)
            self.say(202, "", request_id="6f1c9b1e-0000-4000-8000-000000000001")


def fault_of(document: dict[str, Any]) -> str:
    """Return what Graph would not take in a request; "" for what is in order."""
    message = document["message"]
    odd = {*message} - {"subject", "body", "toRecipients", "attachments", "internetMessageHeaders"}
    if odd or {*document} - {"message", "saveToSentItems"}:
        return f"The property {sorted(odd)} does not exist."
    if not all(re.fullmatch(r"[^@\s]+@[^@\s]+", each["emailAddress"]["address"]) for each in message["toRecipients"]):
        return "At least one recipient is not valid."
    if not all(each["name"].lower().startswith("x-") for each in message.get("internetMessageHeaders", ())):
        return "The header name should start with 'x-'."
    lacking = [
        each for each in message.get("attachments", ()) if not {"@odata.type", "name", "contentBytes"} <= {*each}
    ]
    return "An attachment lacks its content." if lacking else ""


def graph_error(code: str, message: str) -> str:
    """Return an error as Graph writes it."""
    return json.dumps({"error": {"code": code, "message": message, "innerError": {"request-id": "6f1c"}}})


@contextmanager
def graph_server(patch: pytest.MonkeyPatch, file: Any) -> Iterator[ChatServer]:
    """Serve until the end of the block, trusted by this process; `file` is where the authority is written to."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(file))
    patch.setenv("SSL_CERT_FILE", str(file))
    with chat_server(authority, handler=GraphHandler) as server:
        yield server


def a_graph_connection(url: str, **changes: Any) -> dict[str, Any]:
    """What Airflow keeps of a server that is Microsoft."""
    extra = {
        "tenant_id": TENANT,
        "authority": url,
        "allowed_hosts": "127.0.0.1",
        # Who signs in keeps the authorities that it knew when it was imported.
        "verify": False,
        "disable_instance_discovery": True,
        "from_email": MAILBOX,
    }
    plain: dict[str, Any] = {
        "conn_type": "msgraph",
        "login": CLIENT,
        "password": SECRET,
        "schema": "https",
        "host": url.removeprefix("https://"),
    }
    return plain | changes | {"extra": extra | changes.get("extra", {})}


@contextmanager
def graph_way(patch: pytest.MonkeyPatch, url: str, *, limits: Limits = SHORT, **changes: Any) -> Iterator[Sender]:
    """Open the way to a server that is Microsoft."""
    patch.setenv("AIRFLOW_CONN_GRAPH", json.dumps(a_graph_connection(url, **changes)))
    with opened("graph", mail_ways("Marketing team")) as sender:
        # A way is a frozen value: the same one with other limits.
        yield replace(sender, post=Post(limits)) if hasattr(sender, "post") else sender  # type: ignore[type-var]
