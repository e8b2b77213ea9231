"""The talk with a mail server about one mail: MAIL, RCPT, DATA, and what its answer at each step means."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable
from datetime import UTC, datetime

from interact.notices.sending import Answer, Outcome
from interact.notifiers.mail_message import Letter

# Who lets nobody in, or not under this sender, does so whoever the recipient is.
_SHUT_OUT = frozenset({530, 534, 535, 538})
_TOO_LARGE = frozenset({523, 552})
_GONE = 421
_DIGITS = 19
"""A number of more digits than this is no size, and of thousands none that Python reads."""
_NAME = 100
"""How much of the server's own name for a mail is kept."""
_QUEUED = re.compile(r"queued as <?([\w.-]+)|\bid=([\w.-]+)", re.IGNORECASE)


def size_limit(client: smtplib.SMTP) -> int | None:
    """Return how many bytes the server takes; None when it does not say."""
    named = client.esmtp_features.get("size", "")
    return int(named) or None if named.isdecimal() and len(named) < _DIGITS else None


def hand_over(client: smtplib.SMTP, letter: Letter, *, patience_seconds: float) -> Answer:
    """Send a letter once; an OSError means that the server had not got the whole of it, and took nothing.

    `patience_seconds` is how long the body and the answer to it may take together.
    """
    options = []
    if not letter.is_ascii:
        if not client.has_extn("smtputf8"):
            told = (
                f"The server takes no address outside ASCII (SMTPUTF8), and {letter.recipient!r} or the sender is one."
            )
            return Answer(Outcome.REFUSED, told)
        options = ["SMTPUTF8"]
    content = letter.mime(now=datetime.now(UTC))
    if client.has_extn("size"):
        options.append(f"SIZE={len(content)}")
    steps: dict[str, Callable[[], tuple[int, bytes]]] = {
        "MAIL": lambda: client.mail(letter.sender.addr_spec, options),
        "RCPT": lambda: client.rcpt(letter.recipient),
        "DATA": lambda: client.docmd("DATA"),
    }
    for step, taken in steps.items():
        code, text = taken()
        if code // 100 != (3 if step == "DATA" else 2):
            return refusal(step, code, text)
    return _sent(client, content, patience_seconds)


def _sent(client: smtplib.SMTP, content: bytes, patience_seconds: float) -> Answer:
    wait_at_most(client, patience_seconds)
    client.send(content.replace(b"\r\n.", b"\r\n.."))
    try:
        # Only with this the server has all of it, and only its answer tells whether it took it.
        client.send(b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")
        code, text = client.getreply()
    except OSError:
        return Answer(
            Outcome.UNKNOWN,
            "The mail was sent, and the server's answer was lost. It may have arrived: ask the reader before you send "
            "it again.",
        )
    wait_at_most(client, client.timeout)
    if code // 100 == 2:
        return Answer(Outcome.DELIVERED, said(code, text), reference=_reference(text))
    if code // 100 in (4, 5):
        return refusal(".", code, text)
    return Answer(
        Outcome.UNKNOWN, f"The mail was sent, and the server answered {said(code, text)}, which says nothing."
    )


def refusal(step: str, code: int, text: bytes) -> Answer:
    """Return what it means that a server did not go on after a step."""
    told = f"The server answered {said(code, text)}"
    if code in _SHUT_OUT or (step == "MAIL" and code // 100 == 5 and code not in _TOO_LARGE):
        advice = "It does not let this sender in: look at login, password and `from_email` in the connection."
        return Answer(Outcome.NOT_NOW, f"{told}. {advice}", is_away=True)
    if code // 100 == 5:
        return Answer(Outcome.REFUSED, f"{told}. A further try does not help.")
    return Answer(Outcome.NOT_NOW, f"{told}. It is tried again.", is_away=code == _GONE)


def wait_at_most(client: smtplib.SMTP, seconds: float) -> None:
    """Set how long each further word of the server may take."""
    if client.sock is not None:
        client.sock.settimeout(seconds)


def said(code: int, text: bytes | str) -> str:
    """Return a server's own words on one line, as `'550 No such user'`."""
    words = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    return repr(" ".join(f"{code} {words}".split()))


def _reference(text: bytes) -> str:
    found = _QUEUED.search(text.decode(errors="replace"))
    return next((name for name in found.groups() if name), "")[:_NAME] if found else ""
