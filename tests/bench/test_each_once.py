"""The judge of fifty triggers at once, on what is right and on what is wrong."""

from dataclasses import replace

import pytest

from bench.each_once import Answered, Chat, violations

ANSWERS = [Answered("run_1", "chat_1"), Answered("run_2", "chat_2")]
CHATS = [Chat("chat_1", "run_1", "completed", 1), Chat("chat_2", "run_2", "completed", 1)]
RUNS = [("run_1", "success"), ("run_2", "success")]
EARLIER = Chat("chat_0", "run_0", "completed", 1)


def test_each_trigger_with_its_own_run_and_chat_is_right_beside_earlier_ones_too():
    assert violations(ANSWERS, CHATS, RUNS) == []
    assert violations(ANSWERS, [EARLIER, *CHATS], [("run_0", "success"), *RUNS]) == []


@pytest.mark.parametrize(
    ("answers", "chats", "runs", "sentence"),
    [
        (ANSWERS, CHATS[:1], RUNS, "chat chat_2 is lost"),
        (ANSWERS, CHATS[:1], RUNS, "run run_2 has 0 chats"),
        (ANSWERS, [*CHATS, Chat("chat_3", "run_2", "completed", 1)], RUNS, "run run_2 has 2 chats"),
        (ANSWERS, [CHATS[0], replace(CHATS[1], run_id="run_1")], RUNS, "chat chat_2 is lost"),
        (ANSWERS, [CHATS[0], replace(CHATS[1], status="failed")], RUNS, "chat chat_2 is failed at attempt 1"),
        (ANSWERS, [CHATS[0], replace(CHATS[1], attempt=2)], RUNS, "chat chat_2 is completed at attempt 2"),
        (ANSWERS, CHATS, RUNS[:1], "run run_2 has not succeeded in Airflow"),
        (ANSWERS, CHATS, RUNS[:1], "run run_2 is in one database only"),
        (ANSWERS, CHATS, [RUNS[0], ("run_2", "failed")], "run run_2 has not succeeded in Airflow"),
        (ANSWERS, CHATS, [*RUNS, ("run_3", "success")], "run run_3 is in one database only"),
        ([*ANSWERS, ANSWERS[1]], CHATS, RUNS, "run run_2 was told to 2 triggers"),
    ],
)
def test_what_is_wrong_is_said(answers, chats, runs, sentence):
    assert sentence in violations(answers, chats, runs)
