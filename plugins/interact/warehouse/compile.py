"""From a MetricQuery to one SELECT that an analyst would have written: windows by date, ratios as sum over sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from interact.chats.result import Column
from interact.warehouse import arithmetic, clauses
from interact.warehouse.dialects import DUCKDB, Writing
from interact.warehouse.parts import Part, Side, named, parts_of
from interact.warehouse.plan import Plan
from interact.warehouse.queries import Compiled, MetricQuery
from interact.warehouse.rows import Rows
from interact.warehouse.semantic import Metric, SemanticModel, TimeDimension


def compile_query(
    query: MetricQuery, model: SemanticModel, *, enforced: Mapping[str, str] | None = None, dialect: str = DUCKDB
) -> Compiled:
    """Return the query as SQL with what its columns mean; raises DefinitionRefused, naming what is known.

    `enforced` (dimension to value) narrows the rows in addition to the query's own filters. The order is total: ties
    are broken by the grain and the dimensions, NULLs come last. Each dataset is aggregated by itself; `dialect` is
    sqlglot's name for the database.
    """
    plan = Plan(query, model, enforced or {})
    columns = plan.columns()
    plan.check(columns)
    writing = Writing(dialect)
    parts = parts_of(plan, writing)
    tail = tuple(plan.tail(columns))
    whole = _Whole(plan, parts[0]) if len(parts) == 1 else _Joined(plan, parts[0], parts, writing)
    joins = dict.fromkeys(relation for part in parts for relation in part.rows.relationships())
    sql = writing.finished(whole.compared(tail) if query.compare else whole.plain(tail))
    return Compiled(sql, columns, tuple(joins))


def compile_freshness(model: SemanticModel, dataset: str = "", *, dialect: str = DUCKDB) -> Compiled:
    """Return the query for a dataset's first and last day (`first_date`, `last_date`; NULL without rows).

    Without a dataset it is the first of `model.measured`. Days are those of the dataset's first time dimension.
    """
    home = dataset or model.measured[0]
    return compile_span(next(each for each in model.times if model.home(each.dataset) == home), model, dialect=dialect)


def compile_span(time: TimeDimension, model: SemanticModel, *, dialect: str = DUCKDB) -> Compiled:
    """Return the query for the first and the last day by a time dimension, as `compile_freshness`."""
    writing = Writing(dialect)
    day = clauses.day_of(writing.own(time.expr), is_date=time.type == "date")
    first = Column(name="first_date", label="First day with data", format="date")
    last = Column(name="last_date", label="Last day with data", format="date")
    chosen = clauses.select([f"MIN({day}) AS first_date", f"MAX({day}) AS last_date"])
    sql = clauses.lines(chosen, f"FROM {model.dataset(time.dataset).table}")
    return Compiled(writing.finished(sql), (first, last))


def compile_members(dimension: str, model: SemanticModel, *, limit: int, dialect: str = DUCKDB) -> Compiled:
    """Return the query for the first `limit` values of a dimension, sorted, without NULL."""
    found = clauses.dimension_of(model, dimension)
    name = clauses.identifier(found.name)
    writing = Writing(dialect)
    rows = Rows(model, model.home(found.dataset), frozenset(), writing, is_qualified=False)
    expr = rows.dimension(dimension)
    sql = clauses.lines(
        f"SELECT DISTINCT CAST({expr} AS VARCHAR) AS {name}",
        *rows.source(),
        f"WHERE {clauses.atom(expr)} IS NOT NULL",
        f"ORDER BY {name}",
        f"LIMIT {limit}",
    )
    return Compiled(writing.finished(sql), (Column(name=found.name, label=found.label),))


@dataclass(frozen=True)
class _Whole:
    """A query that one dataset answers: figures are made of aggregates."""

    plan: Plan
    first: Part

    def leaf(self, metric: Metric, side: Side) -> str:
        """Return a simple metric's SQL."""
        return self.first.figure(metric, side)

    def target(self, metric: Metric) -> str:
        """Return the SQL of what a metric should reach."""
        return self.first.target(metric)

    def steps(self) -> list[tuple[str, str]]:
        """Return the named SELECTs that come first."""
        return self.first.steps()

    def figure(self, metric: Metric, side: Side = "") -> str:
        """Return a metric's SQL."""
        model = self.plan.model
        if metric.type == "simple":
            return self.leaf(metric, side)
        if metric.type == "ratio":
            above, below = (self._operand(model.metric(name), side) for name in metric.parts)
            return f"{above} / NULLIF({below}, 0)"
        return arithmetic.written(str(metric.expr), lambda name: self._operand(model.metric(name), side))

    def _operand(self, metric: Metric, side: Side) -> str:
        sql = self.figure(metric, side)
        is_one_term = metric.type == "simple" and metric.semi_additive != "average"
        return sql if is_one_term else f"({sql})"

    def plain(self, tail: tuple[str, ...]) -> str:
        """Return the SELECT over one window."""
        shown = []
        for metric in self.plan.metrics:
            shown.append(named(self.figure(metric), metric.name))
            if self.plan.query.targets and self.plan.has_target(metric):
                shown.append(named(self.target(metric), f"{metric.name}_target"))
        conditions = self.plan.conditions(self.figure, self.target)
        return clauses.with_steps(self.steps(), self.select(shown, conditions, tail))

    def compared(self, tail: tuple[str, ...]) -> str:
        """Return the SELECT over two windows: totals stand side by side, changes are computed last."""
        final = clauses.lines(
            clauses.select([*map(clauses.identifier, self.plan.keys), *_changes(self.plan)]),
            "FROM totals",
            clauses.all_of("WHERE", self.plan.conditions(lambda m: clauses.identifier(m.name), _named_target)),
            *tail,
        )
        return clauses.with_steps([*self.steps(), ("totals", self.select(self._totals()))], final)

    def select(self, shown: list[str], conditions: list[str] | None = None, tail: tuple[str, ...] = ()) -> str:
        """Return the SELECT of groups and figures."""
        return self.first.select(shown, clauses.all_of("HAVING", conditions or []), tail)

    def _totals(self) -> list[str]:
        """Return each metric in both windows, and the targets that are shown or compared with."""
        shown = []
        for metric in self.plan.asked:
            shown.append(named(self.figure(metric), metric.name))
            if metric in self.plan.metrics:
                shown.append(named(self.figure(metric, "_previous"), f"{metric.name}_previous"))
            if metric in self.plan.targeted:
                shown.append(named(self.target(metric), f"{metric.name}_target"))
        return shown


@dataclass(frozen=True)
class _Joined(_Whole):
    """A query that several datasets answer: each gives its totals by itself, and they are joined on their groups."""

    parts: list[Part]
    writing: Writing

    def leaf(self, metric: Metric, side: Side) -> str:
        # A count of rows that are not there is known to be 0; a sum of them is not.
        column = clauses.identifier(f"{metric.name}{side}")
        return f"COALESCE({column}, 0)" if metric.is_count and not metric.semi_additive else column

    def target(self, metric: Metric) -> str:
        if metric.target is None or metric.target.value is not None:
            return self.first.target(metric)
        return f"{metric.name}_target"

    def steps(self) -> list[tuple[str, str]]:
        found = []
        for part in self.parts:
            found += part.steps()
            found.append((f"{part.prefix}totals", part.select(self._figures(part))))
        if self.plan.keys:
            keys = ", ".join(clauses.identifier(key) for key in self.plan.keys)
            each = [f"SELECT {keys} FROM {part.prefix}totals" for part in self.parts]
            found.append(("groups", "\nUNION\n".join(each)))
        return found

    def _figures(self, part: Part) -> list[str]:
        shown = []
        for leaf in part.leaves:
            shown += [named(part.figure(leaf, side), f"{leaf.name}{side}") for side in part.sides]
        for metric in self.plan.targeted:
            is_here = self.plan.model.leaves(metric.name)[0] in part.leaves
            if metric.target and metric.target.expr and is_here:
                shown.append(named(part.target(metric), f"{metric.name}_target"))
        return shown

    def select(self, shown: list[str], conditions: list[str] | None = None, tail: tuple[str, ...] = ()) -> str:
        names = [f"{part.prefix}totals" for part in self.parts]
        keys = [clauses.identifier(key) for key in self.plan.keys]
        if keys:
            source = ["FROM groups", *(f"LEFT JOIN {name} ON {self._same(name)}" for name in names)]
        else:
            source = [f"FROM {names[0]}", *(f"CROSS JOIN {name}" for name in names[1:])]
        return clauses.lines(
            clauses.select([*(f"groups.{key} AS {key}" for key in keys), *shown]),
            *source,
            clauses.all_of("WHERE", conditions or []),
            *tail,
        )

    def _same(self, step: str) -> str:
        """Return the condition that a step's group is this one."""
        time = [f"{step}.{self.plan.query.grain} = groups.{self.plan.query.grain}"] if self.plan.query.grain else []
        names = [clauses.identifier(name) for name in self.plan.dimensions]
        return " AND ".join([*time, *(self.writing.same(f"{step}.{name}", f"groups.{name}") for name in names)])


def _changes(plan: Plan) -> list[str]:
    shown = []
    for metric in plan.metrics:
        now, then = clauses.identifier(metric.name), f"{metric.name}_previous"
        shown += [now, then, f"({now} - {then}) / NULLIF({then}, 0) AS {metric.name}_change"]
        if plan.query.targets and plan.has_target(metric):
            shown.append(f"{metric.name}_target")
    return shown


def _named_target(metric: Metric) -> str:
    return f"{metric.name}_target"
