"""What became of a run's notices, in words: a field of its own beside the run's verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from interact.chats.record import NOBODY, Run
from interact.chats.status import RunVerdict
from interact.jobs.naming import QUESTIONS_DAG
from interact.notices.states import Delivery, DeliveryState, together
from interact.reports.freshness import moment
from interact.runs.settle import OPEN
from interact.store.run_deliveries import Standing

NOBODY_TOLD = "nobody was to be told"


@dataclass(frozen=True)
class DeliveryWords:
    """How all that was to be sent of a run stands, and that in words."""

    state: Delivery
    told: str
    """`delivered to 12`; "" while there is nothing to say yet."""

    @property
    def is_nobody(self) -> bool:
        """Whether there was nobody to tell."""
        return self.told == NOBODY_TOLD


def delivery_of(run: Run, standing: Standing | None) -> Delivery:
    """Return how all that was to be sent of a run stands: pending, too, while that is not decided of an ended run."""
    found = together(standing.counts) if standing else "none"
    return "pending" if found == "none" and _is_undecided(run) else found


def delivery_words(run: Run, standing: Standing | None, timezone: str, *, now: datetime) -> DeliveryWords:
    """Return how a run's notices stand in words."""
    standing = standing or Standing()
    state = delivery_of(run, standing)
    return DeliveryWords(state, _told(state, run, standing, timezone, now=now))


def _told(state: Delivery, run: Run, standing: Standing, timezone: str, *, now: datetime) -> str:
    counts = standing.counts
    sent = sum(count for each, count in counts.items() if each is not DeliveryState.HELD)
    delivered, unknown = counts.get(DeliveryState.DELIVERED, 0), counts.get(DeliveryState.UNKNOWN, 0)
    next_at = standing.next_at
    words: dict[Delivery, str] = {
        "none": _none(run, held=counts.get(DeliveryState.HELD, 0)),
        "pending": f"waiting: next try {moment(next_at, timezone)}" if next_at and next_at > now else "being sent",
        "delivered": f"delivered to {delivered:,}",
        "partly": f"partly: {delivered:,} of {sent:,}" + (f", {unknown:,} may have arrived" if unknown else ""),
        "unknown": f"unknown: {unknown:,} may have arrived",
        "failed": f"failed: none of {sent:,} accepted it" if sent > 1 else "failed: it was not accepted",
    }
    return words[state]


def _none(run: Run, *, held: int) -> str:
    if run.dag_id == QUESTIONS_DAG or run.verdict in OPEN:
        return ""
    if run.incident_id:
        return "told as an outage"
    return "not sent" if held else NOBODY_TOLD


def _is_undecided(run: Run) -> bool:
    is_told_of = run.dag_id != QUESTIONS_DAG and run.verdict is not RunVerdict.CANCELLED and run.audience != NOBODY
    return is_told_of and run.verdict not in OPEN and run.told_at is None
