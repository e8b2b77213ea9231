"""From what a web server did to an answer: delivered, refused, not now, or unknown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from interact.notices.sending import Answer, Outcome
from interact.notifiers.cutting import cut, flat
from interact.notifiers.posting import Address, Reply, Unanswered

LONGEST_WAIT_SECONDS = 3_600
"""A server that asks for more is asked again after this."""
WORDS = 300
"""How much of a server's own words is kept."""
REFERENCE = 100
"""How much of its name for a message is kept."""

# Who lets nobody in may do so once the connection is put right, and no recipient is to blame for it.
_SHUT_OUT = frozenset({401, 403, 407})
# It did not take the message, and asks for it later.
_LATER = frozenset({408, 425, 429})
# A server in between says that the one behind it got the message and gave no answer, or none that can be read.
_LOST_BEHIND = frozenset({502, 504})
_ADVICE = {
    Outcome.REFUSED: "A further try does not help: look at the address in the connection.",
    Outcome.NOT_NOW: "It is tried again.",
    Outcome.UNKNOWN: "It may have arrived: look there before you send it again.",
}


def answer_of(got: Reply | Unanswered, address: Address, *, secrets: Iterable[str]) -> Answer:
    """Return what an answer means by HTTP itself; `told` holds none of the secrets, nor the address."""
    if isinstance(got, Unanswered):
        return unanswered(got, address)
    outcome = outcome_of(got.status)
    answered = f"{str(address)!r} answered {got.status}"
    said = words(got.text, secrets=(*secrets, *address.secrets))
    told = f"{answered}, {said!r}." if said else f"{answered}."
    if outcome is Outcome.DELIVERED:
        return Answer(outcome, told)
    shut_out = got.status in _SHUT_OUT
    advice = "It does not let us in: look at the secret in the connection." if shut_out else _ADVICE[outcome]
    return Answer(outcome, f"{told} {advice}", retry_after_seconds=wait_of(got), is_away=shut_out)


def unanswered(got: Unanswered, address: Address) -> Answer:
    """Return what the lack of an answer means."""
    if got.had_left:
        told = f"{str(address)!r} was sent the message, but its answer was lost: {got.why}."
        return Answer(Outcome.UNKNOWN, f"{told} {_ADVICE[Outcome.UNKNOWN]}")
    told = f"{str(address)!r} did not get the message: {got.why}."
    return Answer(Outcome.NOT_NOW, f"{told} {_ADVICE[Outcome.NOT_NOW]}", is_away=True)


def outcome_of(status: int) -> Outcome:
    """Return what a status alone says."""
    if 200 <= status < 300:
        return Outcome.DELIVERED
    if status in _LOST_BEHIND or status < 200:
        return Outcome.UNKNOWN
    if status >= 500 or status in _SHUT_OUT | _LATER:
        return Outcome.NOT_NOW
    return Outcome.REFUSED


def wait_of(reply: Reply, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> int | None:
    """Return for how many seconds a server asks to be left alone, an hour at most; None when it does not say."""
    asked = reply.headers.get("retry-after", "").strip()
    if asked.isdecimal():
        seconds = float(asked)
    else:
        try:
            until = parsedate_to_datetime(asked)
        except (ValueError, OverflowError):
            return None
        seconds = (until.replace(tzinfo=until.tzinfo or UTC) - clock()).total_seconds()
    return int(min(max(seconds, 0), LONGEST_WAIT_SECONDS))


def named(reference: str) -> str:
    """Return a server's own name for what it took, as short as names are."""
    return cut(flat(reference), REFERENCE)


def words(text: str, *, secrets: Iterable[str]) -> str:
    """Return what a server says to people, on one short line without the secrets; "" when that is nothing."""
    known = sorted((each.strip() for each in secrets if len(each.strip()) > 1), key=len, reverse=True)
    # Before it is cut, which would leave half of a secret, and after it is read, which may put one together.
    return cut(_without(flat(_spoken(_without(text, known))), known), WORDS)


def _without(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def _spoken(text: str) -> str:
    """Return the sentence in a document of JSON, and the text of a page of HTML."""
    try:
        return _sentence(json.loads(text))
    except (ValueError, RecursionError):
        return re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", text[:4_000], flags=re.DOTALL | re.IGNORECASE)


def _sentence(document: Any) -> str:
    if isinstance(document, dict):
        for name in ("message", "detail", "error_description", "error", "title"):
            if found := _sentence(document.get(name)):
                return found
        return ""
    return str(document) if isinstance(document, (str, int)) else ""
