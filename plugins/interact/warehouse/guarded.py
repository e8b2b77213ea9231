"""What all doors share: the guard before a query, and the result made of what comes back."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from types import TracebackType
from typing import Any, Self

from interact.chats.result import Column, Format, Result, Value
from interact.errors import InteractError, QueryFailed, QueryRefused, QueryStopped, WarehouseUnavailable
from interact.warehouse import guard
from interact.warehouse.compile import compile_members
from interact.warehouse.exposure import access_to
from interact.warehouse.joins import compile_repeats, repeats_in_words
from interact.warehouse.queries import Compiled, Limits, Warehouse
from interact.warehouse.scopes import Reading
from interact.warehouse.semantic import Relationship, SemanticModel

LIMITS = Limits()
MEMBERS_LIMIT = 10_000
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_QUOTED = re.compile(r"""(['"]).*\1|['"].*|(?<![\w.])-?\d[\d.,:-]*(?!\w)""", re.DOTALL)
"""What an engine quotes of the data in its sentence: texts, which may hold quotes themselves, and numbers."""


class GuardedDoor(Warehouse):
    """A door to the data that a model names; `filters` (dimension to value) hold for whatever is asked.

    Threads may share a door; their queries run one after the other. Close it, or use it in a `with` block.
    """

    def __init__(
        self,
        model: SemanticModel,
        filters: Mapping[str, str],
        *,
        dialect: str,
        limits: Limits,
        new_id: Callable[[], str],
    ) -> None:
        self.model = model
        self.dialect = dialect
        self._access = access_to(model, filters, dialect=dialect)
        self._limits = limits
        self._new_id = new_id
        self._lock = threading.Lock()
        self._single: set[Relationship] = set()
        """Those that were looked at, and lead to one row."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the warehouse; a later query opens it again."""
        raise NotImplementedError

    def run(self, compiled: Compiled, *, title: str) -> Result:
        """Return what one query gives; raises QueryRefused, QueryFailed, QueryStopped or WarehouseUnavailable."""
        began = monotonic()
        self._require_single(compiled.joins)
        answer = self._asked(compiled.sql, rows=self._limits.rows, columns=compiled.columns)
        return self._result(title, compiled.sql, compiled.columns, answer, monotonic() - began)

    def query(self, sql: str, *, title: str) -> Result:
        """Return what SQL that an agent wrote gives; raises as `run`."""
        began = monotonic()
        answer = self._asked(sql, rows=self._limits.rows)
        names = answer["columns"]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise QueryFailed(f"The query returned two columns {twice[0]!r}. Name each by AS.")
        columns = tuple(_column(name, [row[place] for row in answer["rows"]]) for place, name in enumerate(names))
        return self._result(title, sql, columns, answer, monotonic() - began)

    def members(self, dimension: str) -> tuple[str, ...]:
        """Return the values of a dimension in the rows that this door shows, sorted; the first 10,000 of them."""
        compiled = compile_members(dimension, self.model, limit=MEMBERS_LIMIT, dialect=self.dialect)
        rows = self._asked(compiled.sql, rows=MEMBERS_LIMIT, columns=compiled.columns)["rows"]
        return tuple(row[0] for row in rows)

    def column(self, sql: str, *, limit: int) -> tuple[Value, ...]:
        """Return the values that a SELECT of one column gives, in its order, the first `limit`; raises as `run`."""
        guard.sole_column(sql, self.model, access=self._access, dialect=self.dialect)
        return tuple(row[0] for row in self._asked(sql, rows=limit)["rows"])

    def _asked(self, sql: str, *, rows: int, columns: Sequence[Column] | None = None) -> dict[str, Any]:
        """Return the answer to SQL of our compiler, which says its columns, or of an agent."""
        is_free = columns is None
        reading = guard.read(sql, self._access, dialect=self.dialect, is_free=is_free)
        question = {
            "sql": self._text(sql, reading, is_free=is_free),
            "is_free": is_free,
            "seconds": self._limits.seconds,
            "rows": rows,
            "result_bytes": self._limits.result_bytes,
            "cell_characters": self._limits.cell_characters,
        }
        answer = self._exchanged(question)
        if "error" in answer:
            raise self._raised(answer["error"], answer["fact"], sql)
        expected = [column.name for column in columns or ()]
        if not is_free and [name.lower() for name in answer["columns"]] != [name.lower() for name in expected]:
            raise QueryFailed(f"The query returned the columns {answer['columns']!r}; {expected!r} were expected.")
        return answer

    def _require_single(self, joins: Sequence[Relationship]) -> None:
        """Raise QueryFailed for a relationship that leads to several rows; each is looked at once."""
        for relation in joins:
            if relation in self._single:
                continue
            table = self.model.dataset(relation.to).table
            compiled = compile_repeats(relation.to_columns, table, dialect=self.dialect)
            ((found,),) = self._asked(compiled.sql, rows=1, columns=compiled.columns)["rows"]
            if found:
                raise QueryFailed(repeats_in_words(relation, self.model, found))
            self._single.add(relation)

    def _text(self, sql: str, reading: Reading, *, is_free: bool) -> str:
        """Return the text that the engine runs."""
        return sql

    def _exchanged(self, question: dict[str, Any]) -> dict[str, Any]:
        """Return `{columns, rows, truncated}`, or `{error, fact}`, the errors being those of `process`."""
        raise NotImplementedError

    def _result(
        self, title: str, sql: str, columns: tuple[Column, ...], answer: dict[str, Any], seconds: float
    ) -> Result:
        return Result(
            result_id=self._new_id(),
            title=title,
            sql=sql,
            columns=columns,
            rows=tuple(tuple(row) for row in answer["rows"]),
            truncated=answer["truncated"],
            elapsed_seconds=seconds,
        )

    def _raised(self, kind: str, fact: str, sql: str) -> InteractError:
        """Return the error for what the engine said."""
        if kind == "refused":
            return QueryRefused(fact)
        if kind == "unavailable":
            return self._unavailable(fact)
        if kind in ("misread", "failed"):
            told = fact if kind == "misread" else self._discreet(fact, sql)
            return QueryFailed(f"The warehouse could not run the query: {told.rstrip('.')}.")
        limits = self._limits
        reasons = {
            "time": f"it ran for more than {limits.seconds:g} seconds",
            "memory": f"it needed more than {limits.memory_bytes // 1_000_000:,} MB of memory",
        }
        reason = reasons.get(fact, f"its process ended ({fact})")
        return QueryStopped(f"The query was stopped: {reason}. Ask for fewer days, groups or columns.")

    def _unavailable(self, fact: str) -> WarehouseUnavailable:
        """Return the error for a warehouse that is not there; `fact` is a predicate without its full stop."""
        raise NotImplementedError

    def _discreet(self, fact: str, sql: str) -> str:
        """Return an engine's sentence without what it quotes of the data: values may be of rows that nobody may see."""
        names = {name for each in self._access.tables.values() for name in each.columns} - {
            name for each in self._access.tables.values() for name in each.pii
        }
        known = sql.lower()

        def kept(found: re.Match[str]) -> str:
            word = found[0].strip("'\"").lower()
            return found[0] if word and (word in known or word in names) else "…"

        return _QUOTED.sub(kept, fact)


def _column(name: str, values: list[Value]) -> Column:
    """Return what is known of a column of an agent's own SQL: its name and its values."""
    return Column(name=name, label=name.replace("_", " ").capitalize(), format=_format(values))


def _format(values: list[Value]) -> Format:
    there = [value for value in values if value is not None]
    if not there or any(isinstance(value, bool) for value in there):
        return "text"
    if all(isinstance(value, int | float) for value in there):
        return "integer" if all(isinstance(value, int) for value in there) else "number"
    return "date" if all(_DAY.fullmatch(str(value)) for value in there) else "text"
