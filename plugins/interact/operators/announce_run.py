"""The last task: the run's verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException, AirflowTaskTimeout

from interact.errors import StoreUnavailable
from interact.operators.failing import for_airflow

if TYPE_CHECKING:
    from interact.runs.announce import Announced

OUT_OF_TIME = "Its making was stopped at the time limit of the task announce. Clear that task in Airflow."


class AnnounceRunOperator(BaseOperator):
    """Judge the run; fails, naming the chats, when it is partial or failed."""

    template_fields = ()

    def execute(self, context: Context) -> str:
        """Judge the run and return its verdict."""
        with for_airflow(f"Run {context['dag_run'].run_id}"):
            told = self._announced(context)
        if not told.is_whole:
            chats = ", ".join(told.lacking) or "it opened no chat"
            raise AirflowFailException(
                f"Run {told.run.run_id} is {told.run.verdict}: {chats}. Its tab Report says why."
            )
        return str(told.run.verdict)

    def _announced(self, context: Context) -> Announced:
        """Judge the run; without a roll-up when its making takes too long, or lacks something at the last try too."""
        from interact import settings
        from interact.runs.announce import announce
        from interact.runs.desk import open_desk

        dag_run, task, desk = context["dag_run"], context["ti"], open_desk(settings.read())
        try:
            return announce(desk, dag_id=dag_run.dag_id, dag_run_id=dag_run.run_id)
        except AirflowTaskTimeout:
            why = OUT_OF_TIME
        except StoreUnavailable as error:
            if task.try_number <= task.max_tries:
                raise
            why = str(error)
        return announce(desk, dag_id=dag_run.dag_id, dag_run_id=dag_run.run_id, without_rollup=why)
