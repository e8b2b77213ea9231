"""The baseline of `start_lateness`: Airflow DAGs of one task, twenty a file, as somebody would write them by hand.

The benchmark copies this file under the names `by_hand_0.py`, `by_hand_1.py` and so on.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.sdk import DAG, BaseOperator

PLACE = Path(__file__).parent
"""A folder: `due` says when the DAGs are due, `started` gets a line from each."""
A_FILE = 20


class TellStart(BaseOperator):
    """Write when this task began, and nothing else."""

    def execute(self, context: dict) -> None:
        """Write one line."""
        now = datetime.now(UTC)
        line = f"{context['dag_run'].dag_id} {context['dag_run'].run_after.isoformat()} {now.isoformat()}\n"
        descriptor = os.open(PLACE / "started", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, line.encode())
        os.close(descriptor)


if (PLACE / "due").exists():
    due = datetime.fromisoformat((PLACE / "due").read_text(encoding="utf-8").strip())
    first = int(Path(__file__).stem.rpartition("_")[2]) * A_FILE
    for number in range(first, first + A_FILE):
        with DAG(
            dag_id=f"by_hand_{number:03d}",
            schedule=f"{due.minute} {due.hour} * * *",
            start_date=due - timedelta(minutes=1),
            catchup=False,
            max_active_runs=1,
            is_paused_upon_creation=False,
        ):
            TellStart(task_id="tell_start")
