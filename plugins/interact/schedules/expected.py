"""What became of an expected time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TimeOutcome(StrEnum):
    """The three ends of an expected time."""

    RAN = "ran"
    """A run was started for it, on time or late."""
    SKIPPED = "skipped"
    """It was left out on purpose: a run was in progress, a holiday, an inactive agent, data that did not come."""
    NOT_RUN = "not_run"
    """Nothing ran, and nobody decided so: Airflow was down, the DAG was paused, or a later time overtook it."""


@dataclass(frozen=True)
class ExpectedTime:
    """One expected time of one job, decided; there is at most one for each (job_id, due_at)."""

    job_id: str
    due_at: datetime
    outcome: TimeOutcome
    reason: str | None
    run_id: str | None
    """The run that it became."""
    dag_run_id: str | None
    """Airflow's DAG run that was made for it, also when that one did nothing."""
    started_at: datetime | None
    """When the run that it became began."""
    decided_at: datetime
