"""Who started a run, in words."""

import pytest

from interact.chats.initiator import in_words


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("user:ada", "ada"),
        ("user:a:b", "a:b"),
        ("key:pipeline", "API key pipeline"),
        ("schedule", "its schedule"),
        ("asset:s3://bucket/key", "new data in s3://bucket/key"),
        ("asset:", "new data"),
        ("airflow", "Airflow"),
        ("something else", "something else"),
    ],
)
def test_an_initiator_is_told_as_people_say_it(kept: str, told: str) -> None:
    assert in_words(kept) == told
