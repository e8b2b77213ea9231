"""The door to a PostgreSQL database: a process apart with a connection of its own, and read-only transactions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from interact.errors import WarehouseUnavailable
from interact.warehouse import pipe
from interact.warehouse.cutting import cut
from interact.warehouse.door import ProcessDoor
from interact.warehouse.guarded import LIMITS
from interact.warehouse.pipe import Pipe
from interact.warehouse.queries import Limits
from interact.warehouse.scopes import Reading
from interact.warehouse.semantic import SemanticModel


class PostgresDoor(ProcessDoor):
    """A warehouse in PostgreSQL; `connect` is what libpq is told, the password among it, and `name` how people call it.

    Its role may only SELECT (docs/warehouses.md): one that may do more is refused when the door opens.
    """

    def __init__(
        self,
        connect: Mapping[str, Any],
        model: SemanticModel,
        filters: Mapping[str, str],
        *,
        name: str = "postgres",
        limits: Limits = LIMITS,
        new_id: Callable[[], str],
    ) -> None:
        super().__init__(model, filters, dialect="postgres", limits=limits, new_id=new_id)
        self._connect = dict(connect)
        self._name = name

    def _started(self) -> Pipe:
        return pipe.start("postgres_process", "psycopg2")

    def _setup(self) -> dict[str, Any]:
        tables = [
            {"table": each.table, "names": each.shown(is_free=True), "times": each.times}
            for each in self._access.tables.values()
        ]
        limits = self._limits
        return {
            "connect": self._connect,
            "memory_bytes": limits.memory_bytes,
            "seconds": limits.seconds,
            "tables": tables,
        }

    def _text(self, sql: str, reading: Reading, *, is_free: bool) -> str:
        return cut(sql, reading, self._access, dialect=self.dialect, is_free=is_free)

    def _unavailable(self, fact: str) -> WarehouseUnavailable:
        return WarehouseUnavailable(f"The warehouse {self._name!r} {fact}.")
