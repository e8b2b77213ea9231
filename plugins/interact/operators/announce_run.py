"""The last task: the run's verdict."""

from __future__ import annotations

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException

from interact.operators.failing import for_airflow


class AnnounceRunOperator(BaseOperator):
    """Judge the run; fails, naming the chats, when it is partial or failed."""

    template_fields = ()

    def execute(self, context: Context) -> str:
        """Judge the run and return its verdict."""
        from interact import settings
        from interact.runs.announce import announce
        from interact.runs.desk import open_desk

        dag_run = context["dag_run"]
        with for_airflow(f"Run {dag_run.run_id}"):
            told = announce(open_desk(settings.read()), dag_id=dag_run.dag_id, dag_run_id=dag_run.run_id)
        if not told.is_whole:
            chats = ", ".join(told.lacking) or "it opened no chat"
            raise AirflowFailException(
                f"Run {told.run.run_id} is {told.run.verdict}: {chats}. Its tab Report says why."
            )
        return str(told.run.verdict)
