"""The door to any other database, through a connection of its own driver: guard, cut views, limits as far as it obeys.

Nothing but the role's rights keeps the database itself: grant it SELECT on the model's tables, and nothing else.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from interact.errors import WarehouseUnavailable
from interact.warehouse.cells import first_line, packed
from interact.warehouse.cutting import cut
from interact.warehouse.guarded import LIMITS, GuardedDoor
from interact.warehouse.queries import Limits
from interact.warehouse.scopes import Reading
from interact.warehouse.semantic import SemanticModel

OPEN_SECONDS = 60.0


@dataclass(frozen=True)
class Driver:
    """How a database is reached."""

    name: str
    """How people call it."""
    dialect: str
    """sqlglot's name of its SQL."""
    connect: Callable[[], Any]
    """Opens a connection as Python's database interface describes it (PEP 249)."""


class HookedDoor(GuardedDoor):
    """A warehouse behind a driver.

    One thread of the door's own talks to the driver. When a query runs over its time, the connection is cancelled and
    closed and the thread left behind; the next query opens a new one.
    """

    def __init__(
        self,
        driver: Driver,
        model: SemanticModel,
        filters: Mapping[str, str],
        *,
        limits: Limits = LIMITS,
        new_id: Callable[[], str],
    ) -> None:
        super().__init__(model, filters, dialect=driver.dialect, limits=limits, new_id=new_id)
        self._driver = driver
        self._worker: Worker | None = None

    def close(self) -> None:
        """Close the connection; a later query opens a new one."""
        with self._lock:
            self._drop()

    def _text(self, sql: str, reading: Reading, *, is_free: bool) -> str:
        return cut(sql, reading, self._access, dialect=self.dialect, is_free=is_free)

    def _exchanged(self, question: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            is_sound = False
            try:
                if self._worker is None:
                    self._worker = Worker(self._driver.connect)
                answer = self._worker.ask(question)
                is_sound = answer.get("error") != "unavailable"
            except TimeoutError:
                answer = {"error": "stopped", "fact": "time"}
            finally:
                if not is_sound:
                    self._drop()
        return answer

    def _drop(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def _unavailable(self, fact: str) -> WarehouseUnavailable:
        return WarehouseUnavailable(f"The warehouse {self._driver.name!r} {fact}.")


class Worker:
    """A thread with a connection; a daemon, since a driver may never come back."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._connection: Any = None
        self._questions: queue.SimpleQueue[tuple[dict[str, Any], Future[dict[str, Any]]] | None] = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True).start()

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to one question; raises TimeoutError, after which this worker is only to be closed."""
        answer: Future[dict[str, Any]] = Future()
        seconds = question["seconds"] + (OPEN_SECONDS if self._connection is None else 0)
        self._questions.put((question, answer))
        return answer.result(timeout=seconds)

    def close(self) -> None:
        """Let the thread end, and stop what it is at as far as the driver obeys."""
        self._questions.put(None)
        for name in ("cancel", "interrupt"):
            with suppress(Exception):
                getattr(self._connection, name)()

    def _work(self) -> None:
        while (asked := self._questions.get()) is not None:
            question, answer = asked
            answer.set_result(self._answered(question))
        with suppress(Exception):
            self._connection.close()

    def _answered(self, question: dict[str, Any]) -> dict[str, Any]:
        try:
            if self._connection is None:
                self._connection = self._connect()
        except Exception as error:  # noqa: BLE001  # each driver has errors of its own
            return {"error": "unavailable", "fact": f"cannot be opened ({type(error).__name__}). Mend the connection"}
        try:
            return _ran(self._connection, question)
        except Exception as error:  # noqa: BLE001  # each driver has errors of its own
            return {"error": "failed", "fact": first_line(error)}


def _ran(connection: Any, question: dict[str, Any]) -> dict[str, Any]:
    cursor = connection.cursor()
    try:
        cursor.execute(question["sql"])
        names = [column[0] for column in cursor.description or ()]
        answer: dict[str, Any] = json.loads(packed(names, cursor.fetchmany, question))
    finally:
        with suppress(Exception):
            cursor.close()
            connection.rollback()
    return answer
