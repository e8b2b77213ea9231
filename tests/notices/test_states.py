"""How one delivery stands after a try, and how those of a run stand together."""

import pytest

from interact.notices.sending import Outcome
from interact.notices.states import Delivery, DeliveryState, state_after, together

DELIVERED, FAILED, UNKNOWN = DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.UNKNOWN
PENDING, SENDING, HELD = DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.HELD


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ((), "none"),
        ((HELD,), "none"),
        ((DELIVERED, HELD), "delivered"),
        ((DELIVERED, PENDING), "pending"),
        ((SENDING,), "pending"),
        ((FAILED, SENDING, UNKNOWN), "pending"),
        ((DELIVERED, FAILED), "partly"),
        ((DELIVERED, UNKNOWN), "partly"),
        ((FAILED,), "failed"),
        ((FAILED, HELD), "failed"),
        ((UNKNOWN,), "unknown"),
        ((FAILED, UNKNOWN), "unknown"),
    ],
)
def test_deliveries_stand_together_as_the_worst_that_is_known_of_them(
    there: tuple[DeliveryState, ...], expected: Delivery
) -> None:
    assert together(dict.fromkeys(there, 2)) == expected


def test_a_state_that_no_delivery_is_in_does_not_count() -> None:
    assert together({DELIVERED: 3, FAILED: 0, PENDING: 0}) == "delivered"
    assert together(dict.fromkeys(DeliveryState, 0)) == "none"


@pytest.mark.parametrize("is_tried_again", [True, False])
@pytest.mark.parametrize(
    ("outcome", "expected"), [(Outcome.DELIVERED, DELIVERED), (Outcome.REFUSED, FAILED), (Outcome.UNKNOWN, UNKNOWN)]
)
def test_an_answer_that_is_final_is_never_tried_again(
    outcome: Outcome, expected: DeliveryState, is_tried_again: bool
) -> None:
    assert state_after(outcome, is_tried_again=is_tried_again) is expected


def test_what_was_not_accepted_now_waits_while_there_is_a_further_try() -> None:
    assert state_after(Outcome.NOT_NOW, is_tried_again=True) is PENDING
    assert state_after(Outcome.NOT_NOW, is_tried_again=False) is FAILED
