"""What an error says beside its sentence: whether, and when, it is worth asking again."""

import pytest

from interact.errors import (
    AccessRefused,
    InteractError,
    NotStartable,
    StillAnswering,
    StoreUnavailable,
    TooManyAsked,
    TooManyWaiting,
    WarehouseUnavailable,
)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (StoreUnavailable("gone"), 5),
        (WarehouseUnavailable("gone"), 5),
        (TooManyWaiting("weekly", 16), 30),
        (TooManyAsked("Analyst", 16), 30),
        (StillAnswering("chat_1"), 5),
        (NotStartable("Airflow has not read it yet.", retry_after_seconds=5), 5),
        (NotStartable("Somebody paused it."), None),
        (AccessRefused("Not yours."), None),
    ],
)
def test_an_error_that_passes_by_itself_says_when_to_ask_again(error: InteractError, seconds: int | None) -> None:
    assert error.retry_after_seconds == seconds


def test_a_full_queue_says_how_many_wait() -> None:
    assert str(TooManyWaiting("weekly", 16)) == (
        "Job 'weekly' has 16 runs waiting, which is as many as may wait. "
        "Wait until one has ended, then trigger it again."
    )
