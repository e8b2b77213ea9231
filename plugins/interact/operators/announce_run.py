"""The last task: the run's verdict, and who is told of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException, AirflowTaskTimeout

from interact.errors import StoreUnavailable
from interact.operators.failing import for_airflow

if TYPE_CHECKING:
    from interact.runs.announce import Announced
    from interact.runs.desk import Desk

log = logging.getLogger(__name__)
OUT_OF_TIME = "Its making was stopped at the time limit of the task announce. Clear that task in Airflow."
PATIENCE_SECONDS = 45
"""So long a server that asks for a pause is waited for; what it asks beyond that is the watch's."""


class AnnounceRunOperator(BaseOperator):
    """Judge the run and tell of it; fails when it is partial or failed, naming the chats, or when nobody could be told.

    What goes wrong while telling costs no verdict: the watch goes on with it.
    """

    template_fields = ()

    def execute(self, context: Context) -> str:
        """Judge the run, tell of it, and return its verdict."""
        from interact import settings
        from interact.runs.desk import open_desk

        desk = open_desk(settings.read())
        with for_airflow(f"Run {context['dag_run'].run_id}"):
            judged, is_late = self._announced(desk, context)
        unheard = None if is_late else self._told(desk, judged.run.run_id)
        lacks = []
        if not judged.is_whole:
            chats = ", ".join(judged.lacking) or "it opened no chat"
            lacks.append(f"Run {judged.run.run_id} is {judged.run.verdict}: {chats}.")
        if unheard:
            later = " The watch goes on trying what is pending." if "pending" in unheard else ""
            lacks.append(f"No channel accepted the notice of run {judged.run.run_id}: {unheard}.{later}")
        if lacks:
            raise AirflowFailException(f"{' '.join(lacks)} Its tab Report says why.")
        return str(judged.run.verdict)

    def _announced(self, desk: Desk, context: Context) -> tuple[Announced, bool]:
        """Judge the run, and say whether the task's time is up.

        Without a roll-up when its making takes too long, or lacks something at the last try too.
        """
        from interact.runs.announce import announce

        dag_run, task, is_late = context["dag_run"], context["ti"], False
        try:
            return announce(desk, dag_id=dag_run.dag_id, dag_run_id=dag_run.run_id), is_late
        except AirflowTaskTimeout:
            why, is_late = OUT_OF_TIME, True
        except StoreUnavailable as error:
            if task.try_number <= task.max_tries:
                raise
            why = str(error)
        return announce(desk, dag_id=dag_run.dag_id, dag_run_id=dag_run.run_id, without_rollup=why), is_late

    def _told(self, desk: Desk, run_id: str) -> str | None:
        """Tell of the run, and return how many deliveries wait or failed when nobody could be told."""
        from interact.connections.warehouse import read_column
        from interact.notifiers.senders import open_sender
        from interact.runs.announce import pass_on

        try:
            return pass_on(
                desk, run_id, read_column=read_column, open_sender=open_sender, patience_seconds=PATIENCE_SECONDS
            )
        except AirflowTaskTimeout:
            log.error("Telling of run %s was stopped at this task's time limit; the watch goes on", run_id)
            return None
