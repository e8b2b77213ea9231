"""The seam between the ledger and those who send: an envelope goes out, an answer comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from interact.notices.notice import Notice


class Outcome(StrEnum):
    """What became of one try."""

    DELIVERED = "delivered"
    """The server accepted it."""
    REFUSED = "refused"
    """The server will never accept it like this; a further try does not help."""
    NOT_NOW = "not_now"
    """It was certainly not accepted, and a later try may help: not reachable, busy, over a rate."""
    UNKNOWN = "unknown"
    """It was sent, or may have been, and the answer was lost."""


@dataclass(frozen=True)
class Answer:
    """How a server answered; `told` is its own words with the secrets taken out, for people."""

    outcome: Outcome
    told: str
    reference: str = ""
    """The server's own name for what it took; "" when it gave none."""
    retry_after_seconds: int | None = None
    """How long it asks to wait; None when it does not say."""
    is_away: bool = False
    """True when the server itself could not be reached, or would not let us in: no recipient is to blame."""


@dataclass(frozen=True)
class Envelope:
    """One notice to one recipient."""

    notice: Notice
    recipient: str
    """An email address, or a room of Slack; "" where the connection names the room."""
    delivery_id: str
    """The same for each try at the same delivery, so that a server that looks for it takes it once."""
    base_url: str
    """The public address that links begin with, without a slash at its end."""
    read: Callable[[str], bytes]
    """From the SHA-256 of a picture or an attachment to its bytes; raises StoreUnavailable."""


class Sender(Protocol):
    """An open way to one channel; closed by the `with` that opened it."""

    def send(self, envelope: Envelope) -> Answer:
        """Try once, within the connection's own time limit; never raises for what a server or the network does.

        That limit is well below ten minutes: whoever claimed a delivery so long ago counts as dead.
        """
        ...
