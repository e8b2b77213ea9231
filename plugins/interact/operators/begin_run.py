"""The first task: what this run will ask."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseOperator, Context

from interact.operators.failing import for_airflow

LABEL_LIMIT = 250
"""Airflow's column for the label of a mapped task."""


class BeginRunOperator(BaseOperator):
    """Fix a run's chats in the store; returns `[{"chat_id", "label"}]`."""

    template_fields = ()

    def __init__(self, *, job_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.job_id = job_id

    def execute(self, context: Context) -> list[dict[str, str]]:
        """Begin the run."""
        from interact import settings
        from interact.runs.begin import DagRun, begin
        from interact.runs.desk import open_desk

        dag_run = context["dag_run"]
        with for_airflow(f"Run {dag_run.run_id}"):
            begun = begin(
                open_desk(settings.read()),
                DagRun(
                    job_id=self.job_id,
                    dag_id=dag_run.dag_id,
                    dag_run_id=dag_run.run_id,
                    initiator=f"user:{dag_run.triggering_user_name}" if dag_run.triggering_user_name else "airflow",
                    conf={key: value for key, value in (dag_run.conf or {}).items() if not key.startswith("_")},
                    run_after=dag_run.run_after,
                    clear_number=dag_run.clear_number or 0,
                ),
            )
        return [{"chat_id": chat_id, "label": label[:LABEL_LIMIT]} for chat_id, label in begun.chats]
