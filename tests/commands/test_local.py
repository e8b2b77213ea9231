"""A DAG that the demo needs is waited for, and one that somebody paused is told at once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from interact.commands.local import Local, wait_for_dag
from interact.commands.stack import StackFailed

BEGAN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class Airflow:
    """An Airflow that shows a DAG as one thing after the other."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)

    def get(self, path: str) -> dict[str, Any]:
        """Answer."""
        assert path == "/api/v2/dags/demo_warehouse_load"
        return self.answers.pop(0)


def a_dag(minutes: int = 1, **changes: Any) -> dict[str, Any]:
    """A DAG that was parsed some minutes after Airflow was started."""
    parsed = (BEGAN + timedelta(minutes=minutes)).isoformat()
    return {"is_stale": False, "is_paused": False, "last_parsed_time": parsed} | changes


def waited(*answers: dict[str, Any]) -> list[dict[str, Any]]:
    """Wait for the DAG and return the answers that were not needed."""
    stack = SimpleNamespace(check=lambda: None, at=SimpleNamespace(home=Path("/srv/demo")))
    airflow = Airflow(*answers)
    wait_for_dag(Local(stack, airflow, None, BEGAN), "demo_warehouse_load")  # type: ignore[arg-type]
    return airflow.answers


def test_it_waits_until_airflow_has_read_the_dag_since_it_was_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interact.commands.local.time.sleep", lambda seconds: None)
    assert waited(a_dag(-1), a_dag(is_stale=True), a_dag(), a_dag()) == [a_dag()]


def test_a_dag_that_somebody_paused_is_refused_at_once_with_what_to_do() -> None:
    told = r"^Somebody paused the DAG 'demo_warehouse_load' in Airflow, .* Start Airflow with `make serve`, switch"
    with pytest.raises(StackFailed, match=told):
        waited(a_dag(-1, is_paused=True))
