"""Airflow DAGs of the stored jobs, whose agents take their time; what really ran is written into a file."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from interact.factory.publish import publish
from interact.operators.ask_agent import AskAgentOperator

SECONDS = {"slow": 145.0, "quick": 0.0}
"""How long an answer takes, by a word in the name of its job; with what Airflow adds, the slow ones make 150 s."""


def take_time(self: AskAgentOperator, context: Any) -> None:
    """Wait before the answer, and witness both ends of the wait."""
    run = context["dag_run"]
    _write(run.dag_id, run.run_id, "began")
    time.sleep(SECONDS["quick" if "quick" in run.dag_id else "slow"])
    _write(run.dag_id, run.run_id, "ended")


def _write(*words: str) -> None:
    descriptor = os.open(Path(os.environ["BENCH_WITNESS"]), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{' '.join(words)} {datetime.now(UTC).isoformat()}\n".encode())
    os.close(descriptor)


AskAgentOperator.pre_execute = take_time
publish(globals())
