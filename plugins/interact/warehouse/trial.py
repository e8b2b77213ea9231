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
from interact.warehouse.blame import blamed, called
from interact.warehouse.compile import compile_members, compile_query, compile_span
from interact.warehouse.dialects import Writing
from interact.warehouse.joins import compile_repeats, repeats_in_words, standing
from interact.warehouse.measures import Part
from interact.warehouse.queries import Compiled, MetricQuery, Warehouse, Window
from interact.warehouse.semantic import (
    Dataset,
    Dimension,
    Metric,
    ModelFile,
    Relationship,
    SemanticModel,
    TimeDimension,
)

DAYS = 7
"""How many of the newest days a metric is tried on."""
_MEMBERS = 5
_ARGUMENT = re.compile(r"\b(sum|avg|median|mean)\(([A-Za-z ]+)\)")
"""In an engine's sentence: the aggregate that it does not have of a type."""


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
        self._failed: dict[str, list[str]] = {}
        """Metrics that do not work, each with those that were not tried as they are made of it."""

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
            Dataset: self._dataset,
            Relationship: self._relationship,
            Dimension: self._dimension,
            Metric: self._metric,
        }
        for at, part in self._found.parts():
            self._try(checks[type(part)], part, *at)
        self._trial.notes += [
            f"{listed(those)} {'was' if len(those) == 1 else 'were'} not tried, being made of {name!r}."
            for name, those in self._failed.items()
            if those
        ]
        self._trial.notes += shared_words(self._model)

    def _try(self, check: Callable[[Any], list[str]], part: Part, *at: str | int) -> None:
        """Keep the faults of a part, and the warehouse's own sentence where a query on it does not run."""
        try:
            facts = check(part)
        except (QueryFailed, QueryRefused) as error:
            if self._blame(error):
                return
            facts = [_failing(part, str(at[0]), error)]
            if isinstance(part, Metric):
                self._failed[part.name] = []
        self._trial.faults += [self._found.refused(fact, *at) for fact in facts]

    def _blame(self, error: InteractError) -> bool:
        """Keep a fault of each part that an error is about, once; return whether there is one."""
        faults = blamed(self._found, error)
        known = {str(fault) for fault in self._trial.faults}
        self._trial.faults += [fault for fault in faults if str(fault) not in known]
        return bool(faults)

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

    def _dataset(self, dataset: Dataset) -> list[str]:
        joined = [set(each.to_columns) for each in self._model.relationships if each.to == dataset.name]
        if not dataset.primary_key or set(dataset.primary_key) in joined:
            return []
        twice = self._repeats(dataset.primary_key, dataset.table)
        key = f"Dataset {dataset.name!r} has the primary_key {', '.join(dataset.primary_key)}"
        mend = "Name the columns that tell its rows apart, or take the key out"
        return [f"{key}, of which {standing(twice, dataset.table)}. {mend}."] if twice else []

    def _relationship(self, relation: Relationship) -> list[str]:
        start, end = (self._model.dataset(name).table for name in (relation.from_, relation.to))
        if twice := self._repeats(relation.to_columns, end):
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
            keys = ", ".join(relation.from_columns)
            fact = f"{lost:,} of {rows:,} rows of {start!r} name a {keys} that {end!r} lacks"
            self._trial.notes.append(f"{fact}: they are shown as none.")
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
        if broken := [leaf.name for leaf in self._model.leaves(metric.name) if leaf.name in self._failed]:
            self._failed[broken[0]].append(metric.name)
            return []
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

    def _repeats(self, columns: tuple[str, ...], table: str) -> int:
        found = self._run(compile_repeats(columns, table, dialect=self._warehouse.dialect))
        return int(found.rows[0][0] or 0)

    def _count(self, table: str, condition: str) -> int:
        return self._number(f"SELECT COUNT(*) AS found\nFROM {table}\nWHERE {condition}")

    def _number(self, sql: str) -> int:
        finished = Writing(self._warehouse.dialect).finished(sql)
        (row,) = self._run(Compiled(finished, (Column(name="found", label="Found", format="integer"),))).rows
        return int(row[0] or 0)

    def _run(self, compiled: Compiled) -> Result:
        return self._warehouse.run(compiled, title="Check of the model")


def shared_words(model: SemanticModel) -> list[str]:
    """Say which words stand for two metrics, or for a metric and a dimension: a question that uses one is not clear."""
    meant: dict[str, list[str]] = {}
    for kind, parts in (("metric", model.metrics), ("dimension", model.shown_dimensions)):
        for part in parts:
            words = {each.strip().lower() for each in (part.name.replace("_", " "), part.label, *part.synonyms)}
            for word in sorted(words):
                meant.setdefault(word, []).append(f"{kind} {part.name!r}")
    return [
        f"{word!r} stands for {' and for '.join(parts)}: a question that says it is not clear. Leave it to one of them."
        for word, parts in meant.items()
        if len(parts) > 1
    ]


def _failing(part: Part, key: str, error: InteractError) -> str:
    """Say that a part does not work; of an aggregate that its column's type does not have, in our words."""
    found = _ARGUMENT.search(str(error).lower()) if isinstance(part, Metric) else None
    if found and isinstance(part, Metric) and part.type == "simple":
        expr = part.conversion.expr if part.conversion else part.expr
        fact = f"{called(part, key)} takes the {part.agg} of {expr!r}, which is of type {found[2]} and no number"
        return f"{fact}. Name a column of numbers, or cast it."
    return f"{called(part, key)} does not work there. {error}"
