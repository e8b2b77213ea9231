"""A semantic model tried on its warehouse: each metric over its newest days, each dimension, each relationship."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from interact.chats.result import Column, Result, Value
from interact.errors import FileRefused, InteractError, QueryFailed, QueryRefused, WarehouseUnavailable, listed
from interact.warehouse import clauses
from interact.warehouse.compile import compile_members, compile_query, compile_span
from interact.warehouse.dialects import Writing
from interact.warehouse.joins import compile_repeats, repeats_in_words
from interact.warehouse.measures import Part
from interact.warehouse.queries import Compiled, MetricQuery, Warehouse, Window
from interact.warehouse.semantic import Dimension, Metric, ModelFile, Relationship, TimeDimension
from interact.warehouse.words import columns_named

DAYS = 7
"""How many of the newest days a metric is tried on."""
_MEMBERS = 5
_COLUMNS = re.compile(r"(?:columns? \"?|has ')([A-Za-z_][\w$, ]*)")
"""In a door's sentence: the columns that are not there, or that are of another type."""
_TABLE = re.compile(r"no table '([\w.$]+)'")
"""In a door's sentence: the table that is not there."""


@dataclass(frozen=True)
class Tried:
    """A metric's value in a window, or the values by currency; without a window its dataset has no rows."""

    metric: Metric
    window: Window | None = None
    values: tuple[tuple[Value, ...], ...] = ()


@dataclass
class Trial:
    """What came of trying a model: `faults` have to be mended, `notes` be known."""

    tried: list[Tried] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[FileRefused] = field(default_factory=list)


def check_model(found: ModelFile, warehouse: Warehouse) -> Trial:
    """Return what a model gives on a warehouse, with a fault, its file and line, for each part that does not work.

    Raises WarehouseUnavailable and QueryStopped.
    """
    return _Trying(found, warehouse).all()


class _Trying:
    def __init__(self, found: ModelFile, warehouse: Warehouse) -> None:
        self._found, self._model, self._warehouse = found, found.model, warehouse
        self._trial = Trial()
        self._last: dict[str, date | None] = {}
        """The last day with rows, by time dimension."""
        self._blamed: set[str] = set()

    def all(self) -> Trial:
        try:
            self._try_all()
        except WarehouseUnavailable as error:
            # A door opens only where all columns are there.
            if not self._blame(error):
                raise
        return self._trial

    def _try_all(self) -> None:
        checks: dict[type[Part], Callable[[Any], list[str]]] = {
            TimeDimension: self._time,
            Relationship: self._relationship,
            Dimension: self._dimension,
            Metric: self._metric,
        }
        for at, part in self._found.parts():
            self._try(checks[type(part)], part, *at)

    def _try(self, check: Callable[[Any], list[str]], part: Part, *at: str | int) -> None:
        """Keep the faults of a part, and the warehouse's own sentence where a query on it does not run."""
        try:
            facts = check(part)
        except (QueryFailed, QueryRefused) as error:
            if self._blame(error):
                return
            facts = [f"{_called(part, str(at[0]))} does not work there. {error}"]
        self._trial.faults += [self._found.refused(fact, *at) for fact in facts]

    def _blame(self, error: InteractError) -> bool:
        """Keep a fault of each part that names a table or column which does not fit; return whether one does."""
        lacking = {name for text in _COLUMNS.findall(str(error)) for name in text.lower().replace(",", " ").split()}
        found = False
        for name in _TABLE.findall(str(error)):
            found = True
            self._trial.faults.append(self._found.refused(str(error), *self._place_of(name)))
        for at, part in self._found.parts():
            if missing := sorted(_columns_of(part) & lacking):
                found = True
                fact = f"{_called(part, str(at[0]))} names {listed(missing)}, which does not fit. {error}"
                if fact not in self._blamed:
                    self._trial.faults.append(self._found.refused(fact, *at))
                self._blamed.add(fact)
        return found

    def _place_of(self, table: str) -> tuple[str | int, ...]:
        for at, dataset in enumerate(self._model.datasets):
            if dataset.table.lower() == table.lower():
                return ("datasets", at)
        return ("base_table",)

    def _time(self, time: TimeDimension) -> list[str]:
        (row,) = self._run(compile_span(time, self._model, dialect=self._warehouse.dialect)).rows
        last = row[1]
        self._last[time.name] = date.fromisoformat(str(last)[:10]) if last else None
        table = self._model.dataset(time.dataset).table
        if last is None:
            self._trial.notes.append(f"{table!r} has no rows with a day in {time.name!r}.")
        if time.type == "date":
            moments = self._count(table, f"{clauses.atom(time.expr)} <> CAST({time.expr} AS DATE)")
            if moments:
                fact = f"Time dimension {time.name!r} is no day but a moment in {moments:,} rows"
                return [f"{fact}. Take its `type: date` out."]
        return []

    def _relationship(self, relation: Relationship) -> list[str]:
        start, end = (self._model.dataset(name).table for name in (relation.from_, relation.to))
        twice = int(self._run(compile_repeats(relation, self._model)).rows[0][0] or 0)
        if twice:
            return [repeats_in_words(relation, self._model, twice)]
        joined = " AND ".join(
            f"ours.{own} = theirs.{other}"
            for own, other in zip(relation.from_columns, relation.to_columns, strict=True)
        )
        named = " AND ".join(f"ours.{each} IS NOT NULL" for each in relation.from_columns)
        lost = self._number(
            f"SELECT COUNT(*) AS found\nFROM {start} AS ours\nLEFT JOIN {end} AS theirs ON {joined}\n"
            f"WHERE {named}\n  AND theirs.{relation.to_columns[0]} IS NULL"
        )
        if lost:
            rows = self._number(f"SELECT COUNT(*) AS found\nFROM {start}")
            self._trial.notes.append(
                f"{lost:,} of {rows:,} rows of {start!r} name a {', '.join(relation.from_columns)} that {end!r} lacks: they are shown as none."
            )
        return []

    def _dimension(self, dimension: Dimension) -> list[str]:
        table = self._model.dataset(dimension.dataset).table
        if dimension.pii:
            try:
                self._count(table, f"{clauses.atom(dimension.expr)} IS NOT NULL")
            except (QueryFailed, QueryRefused) as error:
                self._trial.notes.append(
                    f"Dimension {dimension.name!r}, which is `pii`, cannot be read, which is well where its column is "
                    f"not granted; look at its spelling otherwise. {error}"
                )
            return []
        found = compile_members(dimension.name, self._model, limit=_MEMBERS, dialect=self._warehouse.dialect)
        if not self._run(found).rows:
            self._trial.notes.append(f"Dimension {dimension.name!r} has no member in {table!r}.")
        return []

    def _metric(self, metric: Metric) -> list[str]:
        last = self._last.get(self._model.time_of(metric).name)
        if last is None:
            self._trial.tried.append(Tried(metric))
            return []
        window = Window(last - timedelta(days=DAYS - 1), last)
        values = self._values(metric, window)
        self._trial.tried.append(Tried(metric, window, values))
        if metric.filter and not any(row[-1] for row in values):
            ever = self._values(metric, Window(date(1900, 1, 1), last))
            if not any(row[-1] for row in ever):
                self._trial.notes.append(
                    f"Metric {metric.name!r} counts no row at all. Check its filter {metric.filter!r}."
                )
        return []

    def _values(self, metric: Metric, window: Window) -> tuple[tuple[Value, ...], ...]:
        apart = dict.fromkeys(
            leaf.currency for leaf in self._model.leaves(metric.name) if leaf.currency and not leaf.conversion
        )
        by = tuple(name for name in apart if name)
        query = MetricQuery((metric.name,), window, by)
        return self._run(compile_query(query, self._model, dialect=self._warehouse.dialect)).rows

    def _count(self, table: str, condition: str) -> int:
        return self._number(f"SELECT COUNT(*) AS found\nFROM {table}\nWHERE {condition}")

    def _number(self, sql: str) -> int:
        finished = Writing(self._warehouse.dialect).finished(sql)
        (row,) = self._run(Compiled(finished, (Column(name="found", label="Found", format="integer"),))).rows
        return int(row[0] or 0)

    def _run(self, compiled: Compiled) -> Result:
        return self._warehouse.run(compiled, title="Check of the model")


def _called(part: Part, key: str) -> str:
    if isinstance(part, Relationship):
        return f"The relationship from {part.from_!r} to {part.to!r}"
    return f"{key.removesuffix('s').replace('_', ' ').capitalize()} {getattr(part, 'name', '')!r}"


def _columns_of(part: Part) -> frozenset[str]:
    """Return, in lower case, the columns that a part names."""
    if isinstance(part, Relationship):
        return frozenset(name.lower() for name in (*part.from_columns, *part.to_columns))
    if isinstance(part, Metric):
        simple = part.expr if part.type == "simple" else ""
        texts = [simple, part.filter, part.conversion and part.conversion.expr, part.target and part.target.expr]
        return columns_named(" ".join(text for text in texts if text))
    return columns_named(str(getattr(part, "expr", "")))
