"""What became of a run's notices, in words."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from builders.saved import NOW, later
from interact.api.delivery_words import delivery_of, delivery_words
from interact.chats.record import Run
from interact.chats.status import RunVerdict
from interact.jobs.naming import QUESTIONS_DAG
from interact.notices.states import DeliveryState
from interact.store.run_deliveries import Standing

RUN = Run(
    run_id="run_aaaaaaaaaaaa",
    job_id="job_aaaaaaaaaaaa",
    organisation_id="org_aaaaaaaaaaaa",
    dag_id="interact_weekly_aaaa",
    dag_run_id="run_aaaaaaaaaaaa",
    initiator="schedule",
    verdict=RunVerdict.COMPLETED,
    reason=None,
    accepted_at=NOW,
    queued_at=NOW,
    started_at=NOW,
    ended_at=NOW,
    run_after=NOW,
    told_at=NOW,
)


def counts(**of: int) -> dict[DeliveryState, int]:
    return {DeliveryState(name): count for name, count in of.items()}


@pytest.mark.parametrize(
    ("of", "state", "told"),
    [
        ({}, "none", "nobody was to be told"),
        ({"held": 2}, "none", "not sent"),
        ({"delivered": 12}, "delivered", "delivered to 12"),
        ({"delivered": 1_200, "held": 3}, "delivered", "delivered to 1,200"),
        ({"delivered": 10, "failed": 2}, "partly", "partly: 10 of 12"),
        ({"delivered": 10, "unknown": 1, "failed": 1}, "partly", "partly: 10 of 12, 1 may have arrived"),
        ({"failed": 1}, "failed", "failed: it was not accepted"),
        ({"failed": 3, "held": 1}, "failed", "failed: none of 3 accepted it"),
        ({"unknown": 1}, "unknown", "unknown: 1 may have arrived"),
        ({"unknown": 1, "failed": 2}, "unknown", "unknown: 1 may have arrived"),
        ({"pending": 1, "delivered": 4}, "pending", "being sent"),
        ({"sending": 1}, "pending", "being sent"),
    ],
)
def test_deliveries_are_counted_in_words(of: dict[str, int], state: str, told: str) -> None:
    words = delivery_words(RUN, Standing(counts(**of)) if of else None, "Europe/Amsterdam", now=NOW)
    assert (words.state, words.told) == (state, told)


def test_what_waits_says_until_when_in_the_jobs_zone() -> None:
    waits = Standing(counts(pending=1), datetime(2026, 11, 23, 8, 20, tzinfo=UTC))
    told = delivery_words(RUN, waits, "Europe/Amsterdam", now=NOW).told
    assert told == "waiting: next try 23 Nov 2026, 09:20 CET"
    assert delivery_words(RUN, waits, "Europe/Amsterdam", now=later(hours=1)).told == "being sent"


@pytest.mark.parametrize(
    ("changes", "state", "told"),
    [
        ({"told_at": None}, "pending", "being sent"),
        ({"told_at": None, "audience": "nobody"}, "none", "nobody was to be told"),
        ({"told_at": None, "verdict": RunVerdict.CANCELLED}, "none", "nobody was to be told"),
        ({"told_at": None, "verdict": RunVerdict.RUNNING}, "none", ""),
        ({"told_at": None, "dag_id": QUESTIONS_DAG}, "none", ""),
        ({"verdict": RunVerdict.FAILED, "incident_id": "incident_aaaaaaaaaaaa"}, "none", "told as an outage"),
    ],
)
def test_a_run_without_deliveries_says_why(changes: dict[str, Any], state: str, told: str) -> None:
    run = replace(RUN, **changes)
    words = delivery_words(run, None, "UTC", now=NOW)
    assert (words.state, words.told, delivery_of(run, None)) == (state, told, state)
    assert words.is_nobody is (told == "nobody was to be told")
