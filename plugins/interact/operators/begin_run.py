"""The first task: what this run will ask, or why it asks nothing."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.definitions.mappedoperator import MappedOperator
from airflow.sdk.exceptions import DownstreamTasksSkipped

from interact.operators.failing import for_airflow

if TYPE_CHECKING:
    from airflow.sdk.types import DagRunProtocol

    from interact.runs.begin import DagRun

log = logging.getLogger(__name__)
SEND_TO = "_send_to"
"""In a run's conf: who is told of it. Keys that begin with `_` are ours, and no parameters."""
LABEL_LIMIT = 250
"""Airflow's column for the label of a mapped task."""


class BeginRunOperator(BaseOperator):
    """Fix a run's chats in the store; returns `[{"chat_id", "label"}]`.

    A run that the gate keeps out ends here: what follows is skipped, and the log says why. Without a `job_id` it takes
    only runs that were accepted before Airflow had them, as those of questions are.
    """

    template_fields = ()

    def __init__(self, *, job_id: str | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.job_id = job_id

    def execute(self, context: Context) -> list[dict[str, str]]:
        """Begin the run."""
        from interact import settings
        from interact.operators.supervisor import Supervisor
        from interact.runs.begin import Passed, begin
        from interact.runs.desk import open_desk

        dag_run = context["dag_run"]
        with for_airflow(f"Run {dag_run.run_id}"):
            begun = begin(open_desk(settings.read()), self._described(dag_run), Supervisor(), _read_column)
        if isinstance(begun, Passed):
            log.warning("This run does nothing (%s): %s", begun.outcome or "no time is decided by it", begun.reason)
            raise DownstreamTasksSkipped(  # type: ignore[no-untyped-call]
                tasks=instances(self.get_flat_relatives(upstream=False))
            )
        return [{"chat_id": chat_id, "label": label[:LABEL_LIMIT]} for chat_id, label in begun.chats]

    def _described(self, dag_run: DagRunProtocol) -> DagRun:
        from interact.runs.begin import DagRun

        run_type, conf = str(getattr(dag_run.run_type, "value", dag_run.run_type)), dag_run.conf or {}
        return DagRun(
            job_id=self.job_id or "",
            dag_id=dag_run.dag_id,
            dag_run_id=dag_run.run_id,
            initiator=initiator(run_type, dag_run),
            conf={key: value for key, value in conf.items() if not key.startswith("_")},
            run_after=dag_run.run_after,
            clear_number=dag_run.clear_number or 0,
            run_type=run_type,
            send_to=conf.get(SEND_TO),
        )


def _read_column(agent: Any, sql: str, limit: int) -> Any:
    """Ask the warehouse; what that takes is imported by the few runs that need it."""
    from interact.connections.warehouse import read_column

    return read_column(agent, sql, limit)


def initiator(run_type: str, dag_run: Any) -> str:
    """Return who started a run that Airflow made: `schedule`, `asset:URI` of the newest load, a user, or `airflow`."""
    if run_type == "scheduled":
        return "schedule"
    events = sorted(dag_run.consumed_asset_events, key=lambda event: event.timestamp)
    if run_type == "asset_triggered":
        return f"asset:{events[-1].asset.uri if events else ''}"
    return f"user:{dag_run.triggering_user_name}" if dag_run.triggering_user_name else "airflow"


def instances(tasks: Iterable[Any]) -> list[str | tuple[str, int]]:
    """Return the names under which Airflow skips tasks.

    One that is mapped over a list in the DAG file has its copies from the beginning, and each has to be named.
    """
    found: list[str | tuple[str, int]] = []
    for task in tasks:
        count = _copies(task)
        found += [task.task_id] if count is None else [(task.task_id, number) for number in range(count)]
    return found


def _copies(task: Any) -> int | None:
    if not isinstance(task, MappedOperator):
        return None
    expanded = [*dict(getattr(task.expand_input, "value", {})).values()]
    return math.prod(len(each) for each in expanded) if all(isinstance(each, list) for each in expanded) else None
