"""A task's supervisor with Airflow's real execution API behind it, over Airflow's own database, in this process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psutil
import pytest
import structlog
from airflow.sdk.exceptions import AirflowRuntimeError
from airflow.sdk.execution_time import task_runner
from airflow.sdk.execution_time.comms import ToTask, _RequestFrame
from airflow.sdk.execution_time.supervisor import InProcessTestSupervisor
from pydantic import TypeAdapter


class Comms:
    """What a task sends its messages to; answers and faults come back as in a task's own process."""

    def __init__(self) -> None:
        told: list[tuple[Any, Any]] = []

        class Supervisor(InProcessTestSupervisor):
            def send_msg(self, msg: Any, request_id: int, error: Any = None, **dump: Any) -> None:
                told.append((self._serialize_response(msg, **dump) if msg else None, error))

        log = structlog.get_logger(logger_name="task").bind()
        self._told = told
        self._supervisor = Supervisor(
            id=uuid4(),
            pid=os.getpid(),
            process=psutil.Process(),
            process_log=log,
            client=InProcessTestSupervisor._api_client(),
        )
        self._requests = self._supervisor.handle_requests(log)
        next(self._requests)

    def send(self, message: Any) -> Any:
        """Return the answer."""
        self._requests.send(_RequestFrame(id=1, body=message.model_dump()))
        answer, error = self._told.pop()
        if error is not None:
            raise AirflowRuntimeError(error)
        return TypeAdapter(ToTask).validate_python(answer) if answer else None


@contextmanager
def a_task() -> Iterator[None]:
    """Let what runs in here ask Airflow as a task does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(task_runner, "SUPERVISOR_COMMS", Comms(), raising=False)
        yield
