"""The door to a DuckDB file: guarded, read-only, narrowed to the rows of a run, and run in a process apart."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self

from interact.chats.result import Column, Result, Value
from interact.errors import InteractError, QueryFailed, QueryRefused, QueryStopped, WarehouseUnavailable
from interact.warehouse import clauses, pipe
from interact.warehouse.compile import compile_members
from interact.warehouse.guard import check, columns_of, sole_column
from interact.warehouse.pipe import Pipe
from interact.warehouse.queries import Compiled, Filter, Limits, Warehouse
from interact.warehouse.semantic import SemanticModel

LIMITS = Limits()
MEMBERS_LIMIT = 10_000
START_SECONDS = 20.0
KILL_SECONDS = 2.0
"""How long after its limit a query that does not stop is waited for."""


class DuckDbDoor(Warehouse):
    """A warehouse in a DuckDB file; `filters` (dimension to value) hold for whatever is asked.

    The process starts with the first query, and again after one that broke it. Threads may share a door; their queries
    run one after the other. Close it, or use it in a `with` block.
    """

    def __init__(
        self,
        path: Path,
        model: SemanticModel,
        filters: Mapping[str, str],
        *,
        limits: Limits = LIMITS,
        new_id: Callable[[], str],
    ) -> None:
        self.model = model
        self._path = path.absolute()
        self._where = clauses.filtered([Filter(name, (value,)) for name, value in filters.items()], model)
        self._limits = limits
        self._new_id = new_id
        self._pipe: Pipe | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process; a later query starts a new one."""
        with self._lock:
            self._drop()

    def run(self, compiled: Compiled, *, title: str) -> Result:
        """Return what one query gives; raises QueryRefused, QueryFailed, QueryStopped or WarehouseUnavailable."""
        began = monotonic()
        answer = self._asked(compiled, rows=self._limits.rows)
        return Result(
            result_id=self._new_id(),
            title=title,
            sql=compiled.sql,
            columns=compiled.columns,
            rows=tuple(tuple(row) for row in answer["rows"]),
            truncated=answer["truncated"],
            elapsed_seconds=monotonic() - began,
        )

    def members(self, dimension: str) -> tuple[str, ...]:
        """Return the values of a dimension in the rows that this door shows, sorted; the first 10,000 of them."""
        compiled = compile_members(dimension, self.model, limit=MEMBERS_LIMIT)
        return tuple(row[0] for row in self._asked(compiled, rows=MEMBERS_LIMIT)["rows"])

    def column(self, sql: str, *, limit: int) -> tuple[Value, ...]:
        """Return the values that a SELECT of one column gives, in its order, the first `limit`; raises as `run`."""
        name = sole_column(sql, self.model)
        answer = self._asked(Compiled(sql, (Column(name=name, label=name),)), rows=limit)
        return tuple(row[0] for row in answer["rows"])

    def _asked(self, compiled: Compiled, *, rows: int) -> dict[str, Any]:
        check(compiled.sql, self.model)
        question = {
            "sql": compiled.sql,
            "seconds": self._limits.seconds,
            "rows": rows,
            "result_bytes": self._limits.result_bytes,
            "cell_characters": self._limits.cell_characters,
        }
        with self._lock:
            answer = self._exchanged(question)
        if "error" in answer:
            raise self._raised(answer["error"], answer["fact"])
        expected = [column.name for column in compiled.columns]
        if answer["columns"] != expected:
            raise QueryFailed(f"The query returned the columns {answer['columns']!r}; {expected!r} were expected.")
        return answer

    def _exchanged(self, question: dict[str, Any]) -> dict[str, Any]:
        """Return the process's answer; what leaves it in doubt ends it, lest an answer meet a later question."""
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
            if not self._path.is_file():
                raise self._unavailable("is not there. Run the DAG that loads it, then run this again")
            self._pipe = pipe.start()
            try:
                answer = self._pipe.ask(self._setup(), seconds=START_SECONDS)
            except (TimeoutError, EOFError) as fault:
                raise self._unavailable(f"was not opened: its process gave no sign ({fault}). Run this again") from None
            if "error" in answer:
                raise self._unavailable(answer["fact"])
        return self._pipe

    def _setup(self) -> dict[str, Any]:
        return {
            "path": str(self._path),
            "table": self.model.tables[0].table,
            "columns": columns_of(self.model),
            "time": self.model.times[0].expr,
            "where": " AND ".join(self._where),
            "memory_bytes": self._limits.memory_bytes,
        }

    def _drop(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None

    def _raised(self, kind: str, fact: str) -> InteractError:
        """Return the error for what the process said."""
        if kind == "refused":
            return QueryRefused(fact)
        if kind == "unavailable":
            return self._unavailable(fact)
        if kind == "failed":
            return QueryFailed(f"The warehouse could not run the query: {fact.rstrip('.')}.")
        limits = self._limits
        reasons = {
            "time": f"it ran for more than {limits.seconds:g} seconds",
            "memory": f"it needed more than {limits.memory_bytes // 1_000_000:,} MB of memory",
        }
        reason = reasons.get(fact, f"its process ended ({fact})")
        return QueryStopped(f"The query was stopped: {reason}. Ask for fewer days, groups or columns.")

    def _unavailable(self, fact: str) -> WarehouseUnavailable:
        return WarehouseUnavailable(f"The warehouse file {self._path.name!r} {fact}.")
