"""What a step of a run may ask Airflow: handed in by the operator, so that the story runs and is tested without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from interact.chats.record import AssetLoad

__all__ = ["Airflow", "AirflowRun", "AssetLoad"]


@dataclass(frozen=True)
class AirflowRun:
    """A DAG run as Airflow has it."""

    state: str
    """"queued", "running", "success" or "failed"."""
    ended_at: datetime | None = None
    """None while it has not ended."""
    run_after: datetime | None = None
    """The instant that it stands for, where that was asked for."""

    @property
    def has_ended(self) -> bool:
        """Whether Airflow is done with it."""
        return self.state not in ("queued", "running")


class Airflow(Protocol):
    """Airflow, asked through its public means only."""

    def run_of(self, dag_id: str, dag_run_id: str) -> AirflowRun | None:
        """Return a DAG run; None when Airflow has no such run."""
        ...

    def is_paused(self, dag_id: str) -> bool | None:
        """Return whether somebody paused a DAG; None when Airflow has no such DAG."""
        ...

    def last_load(self, asset: str) -> AssetLoad:
        """Return when an asset, by its name or URI, was last loaded and by which DAG."""
        ...

    def start(self, dag_id: str, dag_run_id: str, *, conf: Mapping[str, object], run_after: datetime) -> bool:
        """Hand an accepted run over; True also when Airflow has it already, False when it does not take it now."""
        ...
