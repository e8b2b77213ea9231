"""A task for anybody's DAG: and now the briefing."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, BaseOperatorLink, Connection, Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowNotFoundException

from interact.errors import listed

if TYPE_CHECKING:
    from airflow.sdk.types import RuntimeTaskInstanceProtocol, TaskInstanceKey

    from interact.client import Client, Run

log = logging.getLogger(__name__)
DAY = 24 * 60 * 60


class RunLink(BaseOperatorLink):
    """The button that leads to the run in Interact's Airflow."""

    name = "Interact run"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the run's page; empty while it has none."""
        started: Run | None = getattr(operator, "started", None)
        url = (started and started.url) or ""
        return url if url.startswith(("https://", "http://")) else ""


class _WaitingOperator(BaseOperator):
    """A task that waits for a run which it has started."""

    def __init__(
        self,
        *,
        wait_for_completion: bool = True,
        poke_interval: float = 10,
        timeout: float = DAY,
        fail_on_partial: bool = True,
        cancel_on_kill: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.wait_for_completion = wait_for_completion
        self.poke_interval = poke_interval
        self.timeout = timeout
        self.fail_on_partial = fail_on_partial
        self.cancel_on_kill = cancel_on_kill
        self.client: Client | None = None
        self.started: Run | None = None

    def on_kill(self) -> None:
        """Stop the run as well, if that was asked for."""
        from interact.client import CallRefused

        if not (self.cancel_on_kill and self.client and self.started):
            return
        try:
            self.client.cancel(self.started.run_id)
        except CallRefused as refusal:
            log.warning("Run %s goes on. %s", self.started.run_id, refusal)

    def _await(self, client: Client, run: Run) -> Run:
        run = client.wait(
            run, timeout_seconds=self.timeout, poll_seconds=self.poke_interval, on_progress=self._note_progress
        )
        if run.verdict == "completed" or (run.verdict == "partial" and not self.fail_on_partial):
            return run
        lacking = listed(chat.chat_id for chat in run.chats if chat.status != "completed")
        raise AirflowFailException(
            f"Run {run.run_id} is {run.verdict}; chats without an answer: {lacking}. Its tab Report says why: {run.url}"
        )

    def _note_progress(self, run: Run) -> None:
        self.started = run
        ended = sum(chat.status not in {"queued", "running"} for chat in run.chats)
        log.info("Run %s is %s, %d of %d chats have ended: %s", run.run_id, run.verdict, ended, len(run.chats), run.url)


class TriggerJobOperator(_WaitingOperator):
    """Start a job of Interact's, in this Airflow or another, and wait for its verdict.

    Returns `{"run_id", "verdict", "chats"}`: ids, never what was answered. A run that is failed or cancelled fails the
    task for good, as does a partial one unless `fail_on_partial=False`.

    A try that Airflow repeats, as when its worker was lost, goes on with the run that the try before has started, for
    24 hours. Clear the task, and it starts a new one.

    `parameters` takes a value or a list of them for each (templated, as is `job_id`). `conn_id` names an Airflow
    connection: where Interact's Airflow is as host, schema (`https` unless it says `http`) and port, the organization's
    id as login, an API key with both permissions as password.

    The argument names are Airflow's: without `wait_for_completion` it only starts the run; `poke_interval` is the
    longest pause between two looks and `timeout` the longest wait, in seconds. When the task is stopped, the run goes
    on, since others may wait for it as well; `cancel_on_kill=True` stops it too, and the next try then fails on a
    cancelled run.
    """

    template_fields = ("job_id", "parameters")
    template_fields_renderers = {"parameters": "json"}  # noqa: RUF012  # Airflow reads it from the class
    operator_extra_links = (RunLink(),)

    def __init__(
        self,
        *,
        job_id: str,
        parameters: Mapping[str, Any] | None = None,
        conn_id: str = "interact_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.job_id = job_id
        self.parameters = parameters
        self.conn_id = conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Start the job, or find the run that an earlier try has started."""
        self.client = open_client(self.conn_id)
        with _refusals():
            run = self.client.trigger(self.job_id, self.parameters, idempotency_key=idempotency_key(context["ti"]))
            self.started = run
            log.info("Run %s of job %s, which opened %d chats", run.run_id, run.job_id, len(run.chats))
            if self.wait_for_completion:
                run = self._await(self.client, run)
        return {"run_id": run.run_id, "verdict": run.verdict, "chats": [chat.chat_id for chat in run.chats]}


def idempotency_key(ti: RuntimeTaskInstanceProtocol) -> str:
    """Return what all tries of a task share until somebody clears it.

    When a task is cleared, and at no other time, Airflow makes its `max_tries` the tries so far and its `retries`.
    `try_number` changes with each try, and the run's `clear_number` when any other task is cleared.
    """
    task = [ti.dag_id, ti.run_id, ti.task_id, ti.map_index, ti.max_tries]
    return hashlib.sha256(json.dumps(task).encode()).hexdigest()


def open_client(conn_id: str) -> Client:
    """Return the client that a connection describes; raises AirflowFailException when it does not."""
    from interact.client import Client

    try:
        connection = Connection.get(conn_id)
    except AirflowNotFoundException:
        raise AirflowFailException(
            f"Airflow has no connection {conn_id!r}. Make it under Admin, Connections: the address as host, schema and "
            "port, the organization's id as login, an API key as password."
        ) from None
    host = connection.host or ""
    url = host if "://" in host else f"{connection.schema or 'https'}://{host}"
    try:
        return Client(
            f"{url}:{connection.port}" if connection.port else url,
            api_key=connection.password or "",
            organization_id=connection.login or "",
        )
    except ValueError as error:
        raise AirflowFailException(
            f"Connection {conn_id!r} cannot be used. {error} It takes the address as host, schema and port, the "
            "organization's id as login, an API key as password."
        ) from None


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what the client raises into what Airflow takes as final, or tries again."""
    from interact.client import CallRefused

    try:
        yield
    except CallRefused as refusal:
        raise (AirflowException if refusal.retry_helps else AirflowFailException)(str(refusal)) from None
    except TimeoutError as late:
        raise AirflowFailException(f"{late} The task's `timeout` is that limit.") from None
