"""What numbers may be bound to: the figures of results and calculations, and what was stated before they were asked."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from interact.chats.calculation import Calculation, NotComputed, computed
from interact.chats.result import Column, Result, Value
from interact.reports.columns import is_numeric, number
from interact.reports.provenance.numerals import Numeral, numerals_in, spelled_in
from interact.reports.provenance.vocabulary import Members, Metrics, Role, role_of

_ISO_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")


@dataclass(frozen=True)
class Stated:
    """What is not from the warehouse and may be said again: the question, its context, the model's targets."""

    texts: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()
    """Such as targets."""
    periods: tuple[tuple[date, date], ...] = ()
    """The days that the answer is about, first and last; then those that it compares with."""


@dataclass
class Sheet:
    """A result with what is needed to look figures up in it."""

    result: Result
    is_earlier: bool
    """Whether all of it is of the time before the answer's."""
    _limits: dict[str, bool] = field(default_factory=dict, repr=False)
    _members: dict[str, dict[str, list[int]]] = field(default_factory=dict, repr=False)
    _alike: dict[tuple[int, ...], dict[tuple[Value, ...], list[int]]] = field(default_factory=dict, repr=False)

    @cached_property
    def labels(self) -> dict[str, int]:
        """The columns that say whose a row is, with their places; days are not among them."""
        return {column.name: place for place, column in enumerate(self.result.columns) if column.format == "text"}

    @cached_property
    def days(self) -> dict[str, int]:
        """The columns that hold days, with their places."""
        return {column.name: place for place, column in enumerate(self.result.columns) if column.format == "date"}

    @property
    def is_total(self) -> bool:
        """Whether its rows are of nobody in particular."""
        return not self.labels and not self.days

    @cached_property
    def written(self) -> str:
        """Its title and its SQL, in small letters."""
        return f"{self.result.title}\n{self.result.sql}".casefold()

    def is_limited_to(self, member: str) -> bool:
        """Return whether all of it is of one member, as its title or a condition of its SQL says."""
        if member not in self.written:
            return False
        if member not in self._limits:
            name, quoted = re.escape(member), re.escape(member.replace("'", "''"))
            condition = rf"(?:(?<![!<>])=|(?<!not )\bin) *\(? *'{quoted}' *\)?(?! *,)"
            found = re.search(rf"(?<!\w){name}(?!\w)", self.result.title.casefold())
            self._limits[member] = bool(found or re.search(condition, self.result.sql.casefold()))
        return self._limits[member]

    def rows_of(self, members: frozenset[str], dimensions: frozenset[str]) -> list[int]:
        """Return the rows of these members, where they are of one of these dimensions."""
        found: list[int] = []
        for name in dimensions & self.labels.keys():
            if name not in self._members:
                own = self._members[name] = {}
                for row, each in enumerate(self.result.rows):
                    own.setdefault(str(each[self.labels[name]]).casefold(), []).append(row)
            found += [row for member in members for row in self._members[name].get(member, ())]
        return found

    def alike(self, row: int, places: tuple[int, ...]) -> list[int]:
        """Return the rows that hold the same as this one in some columns."""
        rows = self.result.rows
        if places not in self._alike:
            own = self._alike[places] = {}
            for other, each in enumerate(rows):
                own.setdefault(tuple(each[place] for place in places), []).append(other)
        return self._alike[places][tuple(rows[row][place] for place in places)]

    def member(self, row: int, dimension: str) -> str:
        """Return whose row it is, in small letters."""
        return str(self.result.rows[row][self.labels[dimension]]).casefold()

    def day(self, row: int) -> date | None:
        """Return the day of a row; None where it has none."""
        for place in self.days.values():
            try:
                return date.fromisoformat(str(self.result.rows[row][place])[:10])
            except ValueError:
                continue
        return None

    @cached_property
    def ends(self) -> frozenset[int]:
        """The rows that are first, last, highest or lowest in something."""
        rows = self.result.rows
        found = {0, len(rows) - 1}
        for place, column in enumerate(self.result.columns):
            sizes = [(size, row) for row, each in enumerate(rows) if (size := number(each[place])) is not None]
            if is_numeric(column) and sizes:
                low, high = min(sizes)[0], max(sizes)[0]
                found.update(row for size, row in sizes if size in (low, high))
        return frozenset(found)


@dataclass
class Series:
    """One column of figures, sorted when it is first looked at."""

    sheet: Sheet
    column: Column
    place: int
    metric: str
    role: Role
    _sorted: tuple[list[float], list[int]] | None = field(default=None, repr=False)

    def rows(self, low: float, high: float) -> list[int]:
        """Return the rows whose figure lies between two, both included, whatever its sign; `low` is not negative."""
        sizes, rows = self._in_order()
        found = rows[bisect_left(sizes, low) : bisect_right(sizes, high)]
        return found + (rows[bisect_left(sizes, -high) : bisect_right(sizes, -low)] if low > 0 or high > 0 else [])

    def among(self, rows: list[int], low: float, high: float) -> list[int]:
        """Return those of some rows whose figure lies between two, whatever its sign."""
        cells = ((row, number(self.sheet.result.rows[row][self.place])) for row in rows)
        return [row for row, size in cells if size is not None and low <= abs(size) <= high]

    def value(self, row: int) -> float:
        """Return one figure."""
        return number(self.sheet.result.rows[row][self.place]) or 0.0

    def _in_order(self) -> tuple[list[float], list[int]]:
        if self._sorted is None:
            column = [row[self.place] for row in self.sheet.result.rows]
            rows = [row for row, cell in enumerate(column) if type(cell) in (int, float) and math.isfinite(cell)]  # type: ignore[arg-type]
            rows.sort(key=column.__getitem__)  # type: ignore[arg-type]
            self._sorted = [column[row] for row in rows], rows  # type: ignore[misc]
        return self._sorted


@dataclass(frozen=True)
class Made:
    """A calculation with its figure, and the metrics that it is made of."""

    value: float
    column: Column
    metrics: frozenset[str]


@dataclass(frozen=True)
class Words:
    """Further words for metrics and dimensions, by their names in the model."""

    metrics: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dimensions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Ground:
    """All that numbers of one answer may be bound to."""

    def __init__(
        self,
        results: Mapping[str, Result],
        calculations: Iterable[Calculation] = (),
        *,
        words: Words | None = None,
        stated: Stated | None = None,
    ) -> None:
        self.results = results
        self.calculations = tuple(calculations)
        self.stated = stated or Stated()
        self._words = words or Words()
        start = self.stated.periods[0][0].isoformat() if self.stated.periods else ""
        self.sheets = [Sheet(result, _is_before(result, start)) for result in results.values()]
        self.series = [series for sheet in self.sheets for series in self._of(sheet)]
        self.metrics = Metrics(self._metric_words())
        self.members = Members()
        for sheet in self.sheets:
            for name, place in sheet.labels.items():
                for member in {row[place] for row in sheet.result.rows}:
                    if isinstance(member, str):
                        self.members.add(member, name)

    @cached_property
    def by_metric(self) -> dict[str, list[Series]]:
        """The columns of each metric."""
        found: dict[str, list[Series]] = {}
        for series in self.series:
            found.setdefault(series.metric, []).append(series)
        return found

    @cached_property
    def dimensions(self) -> dict[str, str]:
        """The words for whose rows are, in small letters, with the columns that they name."""
        found: dict[str, str] = {}
        for sheet in self.sheets:
            for name in (*sheet.labels, *sheet.days):
                label = sheet.result.column(name).label
                for word in (name.replace("_", " "), label, *self._words.dimensions.get(name, ())):
                    found.setdefault(word.lower(), name)
        return found

    @cached_property
    def counts(self) -> dict[str, frozenset[int]]:
        """How many rows, and how many different members, results have by each dimension; "" of any result."""
        found: dict[str, set[int]] = {"": set()}
        for sheet in self.sheets:
            rows = sheet.result.rows
            found[""].add(len(rows))
            for name, place in (sheet.labels | sheet.days).items():
                found.setdefault(name, set()).update((len(rows), len({row[place] for row in rows})))
        for made in self.made:
            if made.column.name == "count":
                found[""].add(int(made.value))
        return {name: frozenset(own) for name, own in found.items()}

    @cached_property
    def lengths(self) -> frozenset[int]:
        """How many days the answer is about, and how many lie between days that its queries name."""
        pairs = [*self.stated.periods]
        ends = {day for period in self.stated.periods for day in period}
        for sheet in self.sheets:
            days = sorted({*_days(sheet.result.sql), *ends})[:8]
            pairs += [(first, last) for first in days for last in days if first < last]
        apart = {(last - first).days for first, last in pairs}
        return frozenset(apart | {each + 1 for each in apart})

    @cached_property
    def made(self) -> tuple[Made, ...]:
        """The calculations, with their figures."""
        found = []
        for each in self.calculations:
            try:
                value, column = computed(each.op, each.cells, self.results)
            except NotComputed:
                continue
            if (size := number(value)) is not None:
                metrics = frozenset(role_of(cell.column, is_change=False)[0] for cell in each.cells)
                found.append(Made(size, column, metrics))
        return tuple(found)

    @cached_property
    def said(self) -> tuple[tuple[Numeral, str], ...]:
        """The numbers of what was stated, with the words behind each."""
        return tuple(
            (each, text[each.end : each.end + 30])
            for text in self.stated.texts
            for each in (*numerals_in(text), *spelled_in(text))
        )

    def _of(self, sheet: Sheet) -> Iterable[Series]:
        for place, column in enumerate(sheet.result.columns):
            if is_numeric(column):
                metric, role = role_of(column.name, is_change=column.is_change)
                yield Series(sheet, column, place, metric, "before" if role == "now" and sheet.is_earlier else role)

    def _metric_words(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for series in self.series:
            own = found.setdefault(series.metric, {series.metric})
            label = re.split(r"[,(]", series.column.label)[0].strip()
            if series.role == "now":
                own.add(label)
        for name, words in self._words.metrics.items():
            found.setdefault(name, {name}).update(words)
        return found


def _days(sql: str) -> Iterator[date]:
    for written in _ISO_DAY.findall(sql):
        with suppress(ValueError):
            yield date.fromisoformat(written)


def _is_before(result: Result, start: str) -> bool:
    """Return whether all days that a result's SQL names lie before the answer's first day."""
    days = _ISO_DAY.findall(result.sql)
    if not start or not days or min(days) >= start:
        return False
    return max(days) < start or (max(days) == start and re.search(rf"< *(?:DATE *)?'{start}", result.sql) is not None)
