"""What a step asks Airflow, answered from memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from interact.runs.airflow import Airflow, AirflowRun, AssetLoad


@dataclass
class FakeAirflow(Airflow):
    """An Airflow that has every DAG, and the runs and loads that a test gives it."""

    runs: dict[str, AirflowRun] = field(default_factory=dict)
    """By Airflow's name of the run."""
    paused: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    """DAGs that it does not have."""
    loads: dict[str, AssetLoad] = field(default_factory=dict)
    started: list[tuple[str, str, dict[str, object], datetime]] = field(default_factory=list)

    def run_of(self, dag_id: str, dag_run_id: str) -> AirflowRun | None:
        """Return what the test gave."""
        return self.runs.get(dag_run_id)

    def is_paused(self, dag_id: str) -> bool | None:
        """Return what the test gave."""
        return None if dag_id in self.missing else dag_id in self.paused

    def last_load(self, asset: str) -> AssetLoad:
        """Return what the test gave, else an asset that was never loaded."""
        return self.loads.get(asset) or AssetLoad(asset, None, None)

    def load(self, asset: str, at: datetime, *, dag_id: str = "load") -> None:
        """Let a DAG load an asset."""
        self.loads[asset] = AssetLoad(asset, at, dag_id)

    def start(self, dag_id: str, dag_run_id: str, *, conf: Mapping[str, object], run_after: datetime) -> bool:
        """Take a run, unless the DAG is missing."""
        if dag_id in self.missing:
            return False
        self.started.append((dag_id, dag_run_id, dict(conf), run_after))
        self.runs.setdefault(dag_run_id, AirflowRun("queued"))
        return True
