"""The part of a query that one dataset answers, by one time dimension: each simple metric to the groups asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from interact.errors import DefinitionRefused
from interact.warehouse import clauses
from interact.warehouse.dialects import Writing
from interact.warehouse.plan import Plan
from interact.warehouse.queries import MetricQuery, Window
from interact.warehouse.rows import Rows
from interact.warehouse.semantic import Metric, TimeDimension

Side = str
"""What a figure's name ends in: "" for the window, "_previous" for the one that it is compared with."""
_MARKS = {"": "is_now", "_previous": "is_previous"}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_STOCKS = {"last": ("last_date", "MAX({})"), "first": ("first_date", "MIN({})")}
_STOCKS["average"] = ("number_of_days", "COUNT(DISTINCT {})")


@dataclass(frozen=True)
class Part:
    """The simple metrics of one dataset and time dimension; `prefix` begins the names of its steps."""

    plan: Plan
    writing: Writing
    dataset: str
    time: TimeDimension
    leaves: tuple[Metric, ...]
    prefix: str = ""

    @property
    def query(self) -> MetricQuery:
        """What is asked."""
        return self.plan.query

    @property
    def sides(self) -> tuple[Side, ...]:
        """The windows that each figure is shown for."""
        return ("", "_previous") if self.query.compare else ("",)

    @cached_property
    def rows(self) -> Rows:
        """The dataset's rows, with what the query's groups and filters need."""
        return self._rows(self.plan.named)

    @cached_property
    def stocks(self) -> list[str]:
        """Which days of a window the metrics that are never summed over time go by."""
        return list(dict.fromkeys(each.semi_additive for each in self.leaves if each.semi_additive))

    def _rows(self, dimensions: list[str]) -> Rows:
        model = self.plan.model
        others = frozenset(model.home(model.dimension(name).dataset) for name in dimensions)
        needs_names = bool(others - {self.dataset} or self.stocks)
        return Rows(model, self.dataset, others, self.writing, is_qualified=needs_names)

    def steps(self) -> list[tuple[str, str]]:
        """Return the named SELECTs that `select` draws on."""
        found = []
        if self.query.compare:
            found.append((self._name("days"), self._days(self.query.compare)))
        if self.stocks:
            found.append((self._name("dates"), self._dates()))
        return found

    def select(self, figures: list[str], having: str = "", tail: tuple[str, ...] = ()) -> str:
        """Return the SELECT of the groups and of these figures."""
        groups = self.groups()
        return clauses.lines(
            clauses.select([*(named(expression, name) for expression, name in groups), *figures]),
            *self.rows.source(self._name("days") if self.query.compare else ""),
            self._join_dates(),
            clauses.all_of("WHERE", self._where()),
            clauses.listing("GROUP BY", [expression for expression, _ in groups]),
            having,
            *tail,
        )

    def groups(self) -> list[tuple[str, str]]:
        """Return (expression, name) of the grain and the dimensions."""
        time = [(self._bucket(self.rows), str(self.query.grain))] if self.query.grain else []
        return [*time, *((self.rows.dimension(name), name) for name in self.plan.dimensions)]

    def figure(self, leaf: Metric, side: Side = "") -> str:
        """Return a simple metric's aggregate."""
        expr = leaf.conversion.expr if leaf.conversion else str(leaf.expr)
        inside = self.rows.sql(expr, self.dataset)
        conditions = [each for each in self._of(leaf, side) if each not in self._shared]
        if leaf.semi_additive == "average" and leaf.agg == "count_distinct":
            conditions.append(f"{clauses.atom(inside)} IS NOT NULL")
            inside = f"({self._day(self.rows)}, {inside})"
        is_distinct = leaf.agg == "count_distinct"
        aggregate = f"COUNT(DISTINCT {inside})" if is_distinct else f"{str(leaf.agg).upper()}({inside})"
        if conditions:
            aggregate += f" FILTER (WHERE {' AND '.join(conditions)})"
        if leaf.semi_additive and leaf.is_count:
            # Where no day has rows it is not known that there were none.
            aggregate = f"NULLIF({aggregate}, 0)"
        if leaf.semi_additive == "average":
            return f"{aggregate} / NULLIF(MAX({self._name('dates')}.number_of_days{side}), 0)"
        return aggregate

    def target(self, metric: Metric) -> str:
        """Return what a metric should reach."""
        if metric.target is None:
            return "NULL"
        if metric.target.value is not None:
            return clauses.number(metric.target.value)
        return self.rows.sql(str(metric.target.expr), self.dataset)

    def _days(self, compare: Window) -> str:
        """Return the rows with marks for the two windows that they are in."""
        time = self.writing.own(self.time.expr)
        marks = zip((self.query.window, alignment(self.query, compare)[1]), _MARKS.values(), strict=True)
        shown = [f"{self._within(time, window)} AS {mark}" for window, mark in marks]
        table = f"FROM {self.plan.model.dataset(self.dataset).table}"
        conditions = [] if self.rows.is_qualified else self._filters()
        return clauses.lines(clauses.select(["*", *shown]), table, clauses.all_of("WHERE", conditions))

    def _dates(self) -> str:
        """Return the days that a stock goes by, of all rows in the windows whatever the query filters."""
        rows = self._rows(list(self.plan.enforced))
        shown = []
        for stock in self.stocks:
            name, aggregate = _STOCKS[stock]
            for side in self.sides:
                only = f" FILTER (WHERE {_MARKS[side]})" if self.query.compare else ""
                shown.append(f"{aggregate.format(self._day(rows))}{only} AS {name}{side}")
        grain = self.query.grain
        group = [self._bucket(rows)] if grain else []
        windows = clauses.one_of(list(_MARKS.values())) if self.query.compare else [self._window(rows)]
        return clauses.lines(
            clauses.select([*(named(each, str(grain)) for each in group), *shown]),
            *rows.source(self._name("days") if self.query.compare else ""),
            clauses.all_of("WHERE", [*windows, *rows.conditions(self.plan.narrowing)]),
            clauses.listing("GROUP BY", group),
        )

    def _join_dates(self) -> str:
        name = self._name("dates")
        if not self.stocks:
            return ""
        if not self.query.grain:
            return f"CROSS JOIN {name}"
        return f"JOIN {name} ON {name}.{self.query.grain} = {self._bucket(self.rows)}"

    def _where(self) -> list[str]:
        if not self.query.compare:
            return [self._window(self.rows), *self._filters(), *self._shared, *self._some()]
        return [*(self._filters() if self.rows.is_qualified else []), *self._shared, *self._some()]

    def _some(self) -> list[str]:
        """Return the condition that a row counts for one of the metrics, where it need not count for all."""
        if not self.query.compare and not self.plan.keys:
            return []
        needed = [self._of(leaf, side) for leaf in self.leaves for side in self.sides]
        wanted = [" AND ".join(each for each in own if each not in self._shared) for own in needed]
        if self.query.compare and (not wanted or set(wanted) & set(_MARKS.values())):
            wanted = list(_MARKS.values())
        return [] if "" in wanted else clauses.one_of(wanted)

    @cached_property
    def _shared(self) -> list[str]:
        """The conditions that a row has to fulfil for each of the metrics."""
        lists = [self._of(leaf, side) for leaf in self.leaves for side in self.sides]
        return [each for each in lists[0] if all(each in other for other in lists)] if lists else []

    def _of(self, leaf: Metric, side: Side) -> list[str]:
        """Return what a row has to fulfil to count for a metric, besides the query's window and filters."""
        found = [_MARKS[side]] if self.query.compare else []
        if leaf.semi_additive in ("last", "first"):
            name, _ = _STOCKS[leaf.semi_additive]
            found.append(f"{self._day(self.rows)} = {self._name('dates')}.{name}{side}")
        if leaf.filter:
            found.append(bracketed(self.rows.sql(leaf.filter, self.dataset)))
        return found

    def _filters(self) -> list[str]:
        return self.rows.conditions([*self.plan.narrowing, *self.query.filters])

    def _name(self, step: str) -> str:
        return f"{self.prefix}{step}"

    def _time(self, rows: Rows) -> str:
        return rows.sql(self.time.expr, self.dataset)

    def _day(self, rows: Rows) -> str:
        return clauses.day_of(self._time(rows), is_date=self.time.type == "date")

    def _within(self, time: str, window: Window) -> str:
        return clauses.within(time, window, is_date=self.time.type == "date")

    def _window(self, rows: Rows) -> str:
        return self._within(self._time(rows), self.query.window)

    def _bucket(self, rows: Rows) -> str:
        """Return the first day of the grain's period that a row is in, or would be in if it were not earlier."""
        day = self._day(rows)
        if self.query.compare:
            number, unit = self._shift
            day = f"CASE WHEN is_now THEN {day} ELSE {self.writing.later(day, number, unit)} END"
        return day if self.query.grain in ("day", None) else self.writing.period(day, self.query.grain)

    @cached_property
    def _shift(self) -> tuple[int, str]:
        return alignment(self.query, self.query.compare or self.query.window)[0]


def named(expression: str, name: str) -> str:
    """Return an expression under a name, which goes unsaid where it is the expression itself."""
    return expression if expression == name else f"{expression} AS {clauses.identifier(name)}"


def bracketed(condition: str) -> str:
    """Return a condition so that others may stand beside it."""
    return f"({condition})" if re.search(r"\bor\b", condition, re.IGNORECASE) else condition


def alignment(query: MetricQuery, compare: Window) -> tuple[tuple[int, str], Window]:
    """Return what moves a day of the comparison onto the query's days, and the comparison without the days beyond."""
    now = query.window
    if query.grain is None:
        return (0, "day"), compare
    if compare.start <= now.end and now.start <= compare.end:
        raise DefinitionRefused(
            f"A trend from {now.start} to {now.end} cannot be compared with {compare.start} to {compare.end}: "
            "the two share days. Name a comparison that ends before."
        )
    length = _MONTHS.get(query.grain)
    if length and _begins(now, length) and _begins(compare, length) and _span(now) == _span(compare):
        return (_months(now) - _months(compare), "month"), compare
    last = min(compare.end, compare.start + timedelta(days=now.days - 1))
    return ((now.start - compare.start).days, "day"), Window(compare.start, last)


def _begins(window: Window, length: int) -> bool:
    """Whether a window begins with a period of that many months."""
    return window.start.day == 1 and (window.start.month - 1) % length == 0


def _months(window: Window) -> int:
    return window.start.year * 12 + window.start.month


def _span(window: Window) -> int:
    return window.end.year * 12 + window.end.month - _months(window)


def parts_of(plan: Plan, writing: Writing) -> list[Part]:
    """Return the parts that answer a query, in the order of its metrics; one without metrics has one."""
    model = plan.model
    found: dict[tuple[str, str], list[Metric]] = {}
    for leaf in plan.leaves:
        found.setdefault((model.home(leaf.dataset), model.time_of(leaf).name), []).append(leaf)
    if not found:
        found[_listed_in(plan)] = []
    times = {(model.home(each.dataset), each.name): each for each in model.times}
    prefixes = dict(zip(found, _prefixes(list(found)), strict=True))
    return [
        Part(plan, writing, dataset, times[dataset, time], tuple(leaves), prefixes[dataset, time])
        for (dataset, time), leaves in found.items()
    ]


def _prefixes(parts: list[tuple[str, str]]) -> Iterator[str]:
    datasets = [dataset for dataset, _ in parts]
    for dataset, time in parts:
        own = dataset if datasets.count(dataset) == 1 else f"{dataset}_{time}"
        yield f"{own}_" if len(parts) > 1 else ""


def _listed_in(plan: Plan) -> tuple[str, str]:
    """Return the dataset and the time in whose window members are listed: the first that leads to all of them."""
    model = plan.model
    ends = [model.home(clauses.dimension_of(model, name).dataset) for name in plan.named]
    for time in model.times:
        home = model.home(time.dataset)
        if all(model.path(home, end) is not None for end in ends):
            return home, time.name
    raise DefinitionRefused(
        f"No dataset with a time dimension leads to {', '.join(map(repr, plan.named))}. Ask for them one by one."
    )
