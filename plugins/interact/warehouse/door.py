"""Doors to warehouses whose queries run in a process apart, and the one to a DuckDB file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from interact.errors import DefinitionRefused, WarehouseUnavailable
from interact.warehouse import pipe
from interact.warehouse.exposure import Exposed
from interact.warehouse.guarded import LIMITS, GuardedDoor
from interact.warehouse.pipe import Pipe
from interact.warehouse.process import LOAD
from interact.warehouse.queries import Limits
from interact.warehouse.semantic import SemanticModel

START_SECONDS = 20.0
KILL_SECONDS = 2.0
"""How long after its limit a query that does not stop is waited for."""
MOST_THREADS = 4


class ProcessDoor(GuardedDoor):
    """A door whose process starts with the first query, and again after one that broke it."""

    _pipe: Pipe | None = None

    def close(self) -> None:
        """End the process; a later query starts a new one."""
        with self._lock:
            self._drop()

    def _started(self) -> Pipe:
        """Return a fresh process."""
        raise NotImplementedError

    def _setup(self) -> dict[str, Any]:
        """Return what the process is told first."""
        raise NotImplementedError

    def _exchanged(self, question: dict[str, Any]) -> dict[str, Any]:
        """Return the process's answer; what leaves it in doubt ends it, lest an answer meet a later question."""
        with self._lock:
            is_sound = False
            try:
                answer = self._running().ask(question, seconds=self._limits.seconds + KILL_SECONDS)
                is_sound = answer.get("error") != "unavailable" and answer.get("fact") != "memory"
            except TimeoutError:
                answer = {"error": "stopped", "fact": "time"}
            except EOFError as ended:
                answer = {"error": "stopped", "fact": "time" if "SIGALRM" in str(ended) else str(ended)}
            finally:
                if not is_sound:
                    self._drop()
        return answer

    def _running(self) -> Pipe:
        """Return the process, started and set up."""
        if self._pipe is None:
            self._pipe = self._started()
            try:
                answer = self._pipe.ask(self._setup(), seconds=START_SECONDS)
            except (TimeoutError, EOFError) as fault:
                raise self._unavailable(f"was not opened: its process gave no sign ({fault}). Run this again") from None
            if "error" in answer:
                raise self._unavailable(answer["fact"])
        return self._pipe

    def _drop(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None


class DuckDbDoor(ProcessDoor):
    """A warehouse in a DuckDB file."""

    def __init__(
        self,
        path: Path,
        model: SemanticModel,
        filters: Mapping[str, str],
        *,
        limits: Limits = LIMITS,
        new_id: Callable[[], str],
    ) -> None:
        super().__init__(model, filters, dialect="duckdb", limits=limits, new_id=new_id)
        self._path = path.absolute()
        if deep := [each.table for each in self._access.tables.values() if each.table.count(".") > 1]:
            raise DefinitionRefused(
                f"The model {model.name!r} reads {deep[0]!r}, and a DuckDB file has no catalogues. Write schema.table."
            )

    def _started(self) -> Pipe:
        if not self._path.is_file():
            raise self._unavailable(f"is not there. {LOAD}")
        return pipe.start("process", "duckdb")

    def _setup(self) -> dict[str, Any]:
        return {
            "path": str(self._path),
            "memory_bytes": self._limits.memory_bytes,
            "threads": min(MOST_THREADS, len(os.sched_getaffinity(0))),
            "tables": [_shown(each) for each in self._access.tables.values()],
        }

    def _unavailable(self, fact: str) -> WarehouseUnavailable:
        return WarehouseUnavailable(f"The warehouse file {self._path.name!r} {fact}.")


def _shown(each: Exposed) -> dict[str, Any]:
    """Return one table as the process is told of it."""
    return {
        "table": each.table,
        "names": each.shown(is_free=False),
        "columns": [each.columns[name] for name in each.shown(is_free=False)],
        "free_columns": [each.columns[name] for name in each.shown(is_free=True)],
        "where": each.where(_in_file),
        "times": each.times,
    }


def _in_file(table: str) -> str:
    schema, _, name = table.rpartition(".")
    return f'source."{schema or "main"}"."{name}"'
