"""The mapped task: one chat's answer."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Never

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException, AirflowTaskTimeout

from interact.errors import StoreUnavailable
from interact.operators.failing import for_airflow

if TYPE_CHECKING:
    from interact.runs.ask import OpenAttempt
    from interact.runs.desk import Desk

log = logging.getLogger(__name__)


class AskAgentOperator(BaseOperator):
    """Answer one chat, `{"chat_id", "label"}`; logs counts, never what was said, and returns nothing.

    What a mapped task returns costs Airflow a call and a row each time, and nobody reads it.
    """

    template_fields = ()

    def __init__(self, *, chat: dict[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.chat = chat
        self._attempt: OpenAttempt | None = None

    def execute(self, context: Context) -> None:
        """Ask the agent."""
        from interact.connections.agents import find_agent
        from interact.connections.warehouse import open_warehouse
        from interact.runs.ask import ask, open_attempt

        context["label"] = self.chat["label"]  # type: ignore[typeddict-unknown-key]
        dag_run = context["dag_run"]
        with for_airflow(f"Chat {self.chat['chat_id']}"):
            desk = self._desk()
            self._attempt = open_attempt(
                desk,
                self.chat["chat_id"],
                dag_id=dag_run.dag_id,
                dag_run_id=dag_run.run_id,
                clear_number=dag_run.clear_number or 0,
            )
            try:
                counts = ask(desk, self._attempt, open_warehouse=open_warehouse, find_agent=find_agent)
            except AirflowTaskTimeout:
                self._ran_out(dag_run.dag_id)
        log.info("Answered after %d queries, which returned %d rows", counts["queries"], counts["rows"])

    def on_kill(self) -> None:
        """Close the attempt when somebody ends the task from Airflow."""
        self._stop("Stopped in Airflow before it had answered.")

    def _ran_out(self, dag_id: str) -> Never:
        """Close the attempt and fail for good: a further try would take as long again, and hold up the next run."""
        from interact.runs.ask import out_of_time

        reason = out_of_time(self.execution_timeout, dag_id)
        with suppress(StoreUnavailable):  # The run's last task then closes the chat.
            self._stop(reason)
        raise AirflowFailException(f"Chat {self.chat['chat_id']}: {reason}") from None

    def _stop(self, reason: str) -> None:
        from interact.runs.ask import stop

        if self._attempt is not None:
            stop(self._desk(), self._attempt, reason=reason)

    def _desk(self) -> Desk:
        from interact import settings
        from interact.runs.desk import open_desk

        return open_desk(settings.read())
