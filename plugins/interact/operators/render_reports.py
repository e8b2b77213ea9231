"""The task that draws: reports to HTML and PDF."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseOperator, Context

from interact.operators.failing import for_airflow


class RenderReportsOperator(BaseOperator):
    """Draw the reports of one share of a run's chats, of so many; returns counts."""

    template_fields = ()

    def __init__(self, *, share: int, of: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.share, self.of = share, of

    def execute(self, context: Context) -> dict[str, int]:
        """Draw what is answered and not drawn yet."""
        from interact import settings
        from interact.runs.desk import open_desk
        from interact.runs.render import render

        dag_run = context["dag_run"]
        with for_airflow(f"Run {dag_run.run_id}"):
            desk = open_desk(settings.read())
            return render(desk, dag_id=dag_run.dag_id, dag_run_id=dag_run.run_id, share=(self.share, self.of))
