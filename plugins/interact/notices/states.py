"""How a delivery stands, and how all deliveries of a run together do."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from interact.notices.sending import Outcome


class DeliveryState(StrEnum):
    """How one notice to one recipient stands."""

    PENDING = "pending"
    """To be sent, now or when its next try is due."""
    SENDING = "sending"
    """Somebody is sending it, or died while doing so."""
    DELIVERED = "delivered"
    """The mail or chat server accepted it."""
    FAILED = "failed"
    """It was not accepted, and no further try is made unless a person asks for one."""
    UNKNOWN = "unknown"
    """It may have been accepted: the answer was lost. It is never repeated by itself."""
    HELD = "held"
    """It was not to be sent, and the reason is kept."""


Delivery = Literal["none", "pending", "delivered", "partly", "failed", "unknown"]
"""How all that was to be sent of a run stands."""
RESENDABLE = (DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.HELD)
"""What a person may send again."""


def state_after(outcome: Outcome, *, is_tried_again: bool) -> DeliveryState:
    """Return how a delivery stands after one try; `is_tried_again` says whether there is to be a further one."""
    match outcome:
        case Outcome.DELIVERED:
            return DeliveryState.DELIVERED
        case Outcome.UNKNOWN:
            return DeliveryState.UNKNOWN
        case Outcome.NOT_NOW if is_tried_again:
            return DeliveryState.PENDING
        case _:
            return DeliveryState.FAILED


def together(counts: Mapping[DeliveryState, int]) -> Delivery:
    """Return how deliveries stand together, from how many are in each state; what was held was not to be sent."""
    there = {state for state, count in counts.items() if count and state is not DeliveryState.HELD}
    if not there:
        return "none"
    if there & {DeliveryState.PENDING, DeliveryState.SENDING}:
        return "pending"
    if len(there) == 1:
        return _ALONE[there.pop()]
    return "partly" if DeliveryState.DELIVERED in there else "unknown"


_ALONE: dict[DeliveryState, Delivery] = {
    DeliveryState.DELIVERED: "delivered",
    DeliveryState.FAILED: "failed",
    DeliveryState.UNKNOWN: "unknown",
}
