"""A run is judged by its chats and their files."""

import pytest

from interact.chats.status import ChatStatus, RunVerdict, judge

DONE, LOST, STOPPED = ChatStatus.COMPLETED, ChatStatus.FAILED, ChatStatus.CANCELLED


@pytest.mark.parametrize(
    ("statuses", "missing", "verdict"),
    [
        ([DONE, DONE], 0, RunVerdict.COMPLETED),
        ([DONE, LOST], 0, RunVerdict.PARTIAL),
        ([DONE], 1, RunVerdict.PARTIAL),
        ([LOST, LOST], 0, RunVerdict.FAILED),
        ([LOST, STOPPED], 0, RunVerdict.FAILED),
        ([STOPPED], 0, RunVerdict.CANCELLED),
        ([], 0, RunVerdict.FAILED),
    ],
)
def test_a_run_is_completed_only_when_all_of_it_is_there(
    statuses: list[ChatStatus], missing: int, verdict: RunVerdict
) -> None:
    assert judge(statuses, missing_files=missing) is verdict
