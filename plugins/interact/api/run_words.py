"""What pages say of a run: who started it, when it was planned and began, how long it took, on which data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from interact.api.planned import late_by
from interact.chats.initiator import in_words
from interact.chats.record import Run
from interact.reports.freshness import Freshness, freshness, moment
from interact.runs.reasons import length


@dataclass(frozen=True)
class RunWords:
    """A run in words; "" where there is nothing to say."""

    run_id: str
    date: str
    """`planned for DATE`; of a run without a planned time its date alone."""
    by: str
    late: str
    waited: str
    took: str
    reason: str
    fresh: Freshness | None
    in_airflow: str
    """Where Airflow shows its tasks and logs, below Airflow's own address."""


def run_words(run: Run, timezone: str) -> RunWords:
    """Return what pages say of a run."""
    late, waited = _beginning(run, timezone)
    at = moment(run.due_at or run.run_after, timezone)
    began, taken = run.begun_at or run.started_at, run.queued_at or run.started_at
    return RunWords(
        run_id=run.run_id,
        date=f"planned for {at}" if run.due_at else at,
        by=in_words(run.initiator),
        late=late,
        waited=waited,
        took=f"took {short(run.ended_at - began)}" if run.ended_at and began else "",
        reason=why(run, run.reason),
        fresh=freshness(run.data, timezone),
        in_airflow=f"/dags/{quote(run.dag_id)}/runs/{quote(run.dag_run_id)}" if taken else "",
    )


def short(duration: timedelta) -> str:
    """Return how long something took, or how much later it came."""
    return length(duration) if duration >= timedelta(seconds=1) else "less than 1 s"


def why(run: Run, reason: str | None) -> str:
    """Return a reason with the name of who cancelled the run as people say it."""
    told = reason or ""
    return told.replace(run.cancelled_by, in_words(run.cancelled_by)) if run.cancelled_by else told


def _beginning(run: Run, timezone: str) -> tuple[str, str]:
    """Return what to say of a late start: that it was late, or that it waited for its data."""
    late = late_by(run.due_at, run.started_at)
    if late is None or run.due_at is None or run.started_at is None:
        return "", ""
    began = moment(run.started_at, timezone)
    if any(load.late or (load.loaded_at is not None and load.loaded_at > run.due_at) for load in run.data):
        return "", f"waited {length(late)} for its data, until {began}"
    return f"began {length(late)} late, {began}", ""
