"""A channel hears what its level and its topics both let through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact.notices.hearing import LEVELS, TOPICS, Level, Topic, deaf_to

some_topics = st.sets(st.sampled_from(TOPICS), min_size=1)


@pytest.mark.parametrize(
    ("level", "notice_level", "is_heard"),
    [
        ("info", "info", True),
        ("info", "error", True),
        ("warning", "info", False),
        ("warning", "warning", True),
        ("warning", "error", True),
        ("error", "warning", False),
        ("error", "error", True),
    ],
)
def test_a_level_lets_its_own_and_worse_through(level: Level, notice_level: Level, is_heard: bool) -> None:
    deaf = deaf_to(level, TOPICS, notice_level=notice_level, notice_topics=["completed_run"])
    assert (deaf is None) is is_heard


def test_one_topic_in_common_is_enough() -> None:
    topics: list[Topic] = ["anomaly", "failed_run"]
    assert deaf_to("info", topics, notice_level="info", notice_topics=["completed_run", "anomaly"]) is None


def test_a_deaf_channel_says_why() -> None:
    topics: list[Topic] = ["failed_run", "anomaly"]
    assert deaf_to("info", topics, notice_level="info", notice_topics=["completed_run"]) == (
        "hears of 'failed_run', 'anomaly', and this is 'completed_run'"
    )
    assert deaf_to("warning", TOPICS, notice_level="info", notice_topics=["completed_run"]) == (
        "hears only warnings and failures (its level is 'warning'), and this is 'info'"
    )
    assert deaf_to("error", TOPICS, notice_level="warning", notice_topics=["skipped_run"]) == (
        "hears only failures (its level is 'error'), and this is 'warning'"
    )


@given(st.sampled_from(LEVELS), some_topics, st.sampled_from(LEVELS), some_topics)
def test_level_and_topics_both_have_to_match(
    level: Level, topics: set[Topic], notice_level: Level, notice_topics: set[Topic]
) -> None:
    fits = LEVELS.index(notice_level) >= LEVELS.index(level) and bool(topics & notice_topics)
    deaf = deaf_to(level, topics, notice_level=notice_level, notice_topics=notice_topics)
    assert (deaf is None) is fits
