"""From a MetricQuery to one SELECT that an analyst would have written: windows by date, ratios as sum over sum."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from interact.chats.result import Column
from interact.errors import DefinitionRefused, listed
from interact.warehouse import clauses
from interact.warehouse.queries import Compiled, Filter, MetricQuery, Window
from interact.warehouse.semantic import Metric, SemanticModel


def compile_query(query: MetricQuery, model: SemanticModel, *, enforced: Mapping[str, str] | None = None) -> Compiled:
    """Return the query as SQL with what its columns mean; raises DefinitionRefused, naming what is known.

    `enforced` (dimension to value) narrows the rows in addition to the query's own filters. The order is total: ties
    are broken by the grain and the dimensions, NULLs come last.
    """
    plan = _Plan(query, model, enforced or {})
    columns = plan.columns()
    plan.check(columns)
    tail = plan.tail(columns)
    return Compiled(_compared(plan, query.compare, tail) if query.compare else _plain(plan, tail), columns)


def compile_freshness(model: SemanticModel) -> Compiled:
    """Return the query for the first and the last day that have rows (`first_date`, `last_date`; NULL without rows)."""
    day = model.times[0].expr
    first = Column(name="first_date", label="First day with data", format="date")
    last = Column(name="last_date", label="Last day with data", format="date")
    chosen = clauses.select([f"MIN({day}) AS first_date", f"MAX({day}) AS last_date"])
    return Compiled(clauses.lines(chosen, f"FROM {model.tables[0].table}"), (first, last))


def compile_members(dimension: str, model: SemanticModel, *, limit: int) -> Compiled:
    """Return the query for the first `limit` values of a dimension, sorted, without NULL."""
    found = clauses.dimension_of(model, dimension)
    name = clauses.identifier(found.name)
    sql = clauses.lines(
        f"SELECT DISTINCT CAST({found.expr} AS VARCHAR) AS {name}",
        f"FROM {model.tables[0].table}",
        f"WHERE {clauses.atom(found.expr)} IS NOT NULL",
        f"ORDER BY {name}",
        f"LIMIT {limit}",
    )
    return Compiled(sql, (Column(name=found.name, label=found.label),))


@dataclass(frozen=True)
class _Plan:
    """What both shapes share: which groups, figures, conditions and order the query asks for."""

    query: MetricQuery
    model: SemanticModel
    enforced: Mapping[str, str]

    @property
    def metrics(self) -> list[Metric]:
        return [self.metric(name) for name in dict.fromkeys(self.query.metrics)]

    @property
    def dimensions(self) -> list[str]:
        return list(dict.fromkeys(self.query.dimensions))

    def metric(self, name: str) -> Metric:
        return clauses.known("metric", name, {each.name: each for each in self.model.metrics})

    def columns(self) -> tuple[Column, ...]:
        grain = self.query.grain
        time = [Column(name=grain, label=grain.capitalize(), format="date")] if grain else []
        labels = [(name, clauses.dimension_of(self.model, name).label) for name in self.dimensions]
        groups = [Column(name=name, label=label) for name, label in labels]
        return (*time, *groups, *(column for metric in self.metrics for column in self.figures(metric)))

    def figures(self, metric: Metric) -> list[Column]:
        plain = Column(name=metric.name, label=metric.label, format=metric.format, unit=metric.unit)
        shown = [plain.model_copy(update={"good": metric.good})]
        if self.query.compare:
            change = Column(name=f"{metric.name}_change", label=f"{metric.label}, change", format="percent")
            named = {"name": f"{metric.name}_previous", "label": f"{metric.label}, previous"}
            shown.append(plain.model_copy(update=named))
            shown.append(change.model_copy(update={"good": metric.good, "is_change": True}))
        if self.query.targets and self.has_target(metric):
            named = {"name": f"{metric.name}_target", "label": f"{metric.label} target"}
            shown.append(plain.model_copy(update=named))
        return shown

    def has_target(self, metric: Metric) -> bool:
        return metric.target is not None and metric.target.per in self.dimensions

    def check(self, columns: tuple[Column, ...]) -> None:
        names = [column.name for column in columns]
        if not names:
            raise DefinitionRefused("The query asks for nothing. Name a metric, or a dimension to list.")
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise DefinitionRefused(f"The result would have the column {listed(twice)} twice. Rename it in the model.")
        if self.query.limit is not None and self.query.limit < 1:
            raise DefinitionRefused(f"The query asks for {self.query.limit} rows. Ask for at least 1.")

    def groups(self, grain_sql: str) -> list[tuple[str, str]]:
        """Return (expression, name) of the grain and the dimensions."""
        time = [(grain_sql, self.query.grain)] if self.query.grain else []
        dimensions = [(clauses.dimension_of(self.model, name).expr, name) for name in self.dimensions]
        return [*time, *dimensions]

    def conditions(self) -> list[str]:
        enforced = [Filter(name, (value,)) for name, value in self.enforced.items()]
        return clauses.filtered([*enforced, *self.query.filters], self.model)

    def having(self, figure: Callable[[Metric], str], target: Callable[[Metric], str]) -> list[str]:
        """Return the conditions on metrics, with `figure` and `target` as the SQL that a metric has there."""
        shown = []
        for each in self.query.having:
            metric = self.metric(each.metric)
            if each.value is None and not self.has_target(metric):
                raise DefinitionRefused(_no_target(metric))
            threshold = target(metric) if each.value is None else clauses.number(each.value)
            shown.append(f"{figure(metric)} {'<>' if each.comparator == '!=' else each.comparator} {threshold}")
        return shown

    def tail(self, columns: tuple[Column, ...]) -> list[str]:
        """Return ORDER BY and LIMIT; one ungrouped row needs neither."""
        keys = [name for _, name in self.groups("")]
        if not keys:
            return []
        names = [column.name for column in columns]
        by_default: str = self.query.grain or (self.query.metrics or self.query.dimensions)[0]
        first = clauses.known("column", self.query.order_by or by_default, {name: name for name in names})
        is_figure = first not in keys
        descends = self.query.descending and (is_figure or self.query.order_by is not None)
        way = f" {'DESC' if descends else 'ASC'} NULLS LAST" if is_figure or descends else ""
        rest = [clauses.identifier(key) for key in keys if key != first]
        order = clauses.listing("ORDER BY", [clauses.identifier(first) + way, *rest])
        return [order, *([f"LIMIT {self.query.limit}"] if self.query.limit else [])]


def _plain(plan: _Plan, tail: list[str]) -> str:
    """Return the SELECT over one window."""
    time, model = plan.model.times[0].expr, plan.model
    groups = plan.groups(_truncated(time, plan.query.grain))
    selected = [_named(expression, name) for expression, name in groups]
    for metric in plan.metrics:
        selected.append(_named(_figure(metric, model), metric.name))
        if plan.query.targets and plan.has_target(metric):
            selected.append(_named(_target(metric), f"{metric.name}_target"))
    return clauses.lines(
        clauses.select(selected),
        f"FROM {model.tables[0].table}",
        clauses.all_of("WHERE", [clauses.within(time, plan.query.window), *plan.conditions()]),
        clauses.listing("GROUP BY", [expression for expression, _ in groups]),
        clauses.all_of("HAVING", plan.having(lambda metric: _figure(metric, model), _target)),
        *tail,
    )


def _compared(plan: _Plan, compare: Window, tail: list[str]) -> str:
    """Return the SELECT over two windows: days are marked, totals stand side by side, changes are computed last."""
    time, now = plan.model.times[0].expr, plan.query.window
    shift, then = _alignment(plan.query, compare)
    marks = [f"{clauses.within(time, now)} AS is_now", f"{clauses.within(time, then)} AS is_previous"]
    days = clauses.lines(
        clauses.select(["*", *marks]), f"FROM {plan.model.tables[0].table}", clauses.all_of("WHERE", plan.conditions())
    )
    aligned = f"CASE WHEN is_now THEN {time} ELSE {clauses.atom(time)} + {shift} END"
    groups = plan.groups(_truncated(aligned, plan.query.grain))
    totals = clauses.lines(
        clauses.select([*(_named(expression, name) for expression, name in groups), *_totals(plan)]),
        "FROM days",
        "WHERE is_now OR is_previous",
        clauses.listing("GROUP BY", [expression for expression, _ in groups]),
    )
    final = clauses.lines(
        clauses.select([*(clauses.identifier(name) for _, name in groups), *_changes(plan)]),
        "FROM totals",
        clauses.all_of("WHERE", plan.having(lambda m: clauses.identifier(m.name), lambda m: f"{m.name}_target")),
        *tail,
    )
    return f"WITH days AS (\n{clauses.indented(days)}\n),\ntotals AS (\n{clauses.indented(totals)}\n)\n{final}"


def _totals(plan: _Plan) -> list[str]:
    """Return each metric in both windows, and the targets that are shown or compared with."""
    asked = {each.metric: plan.metric(each.metric) for each in plan.query.having}
    against_target = {each.metric for each in plan.query.having if each.value is None}
    shown = []
    for metric in {metric.name: metric for metric in plan.metrics} | asked:
        found = plan.metric(metric)
        shown.append(_named(_figure(found, plan.model, only="is_now"), metric))
        if found in plan.metrics:
            shown.append(_named(_figure(found, plan.model, only="is_previous"), f"{metric}_previous"))
        if plan.has_target(found) and (plan.query.targets or metric in against_target):
            shown.append(_named(_target(found), f"{metric}_target"))
    return shown


def _changes(plan: _Plan) -> list[str]:
    shown = []
    for metric in plan.metrics:
        now, then = clauses.identifier(metric.name), f"{metric.name}_previous"
        shown += [now, then, f"({now} - {then}) / NULLIF({then}, 0) AS {metric.name}_change"]
        if plan.query.targets and plan.has_target(metric):
            shown.append(f"{metric.name}_target")
    return shown


def _figure(metric: Metric, model: SemanticModel, *, only: str | None = None) -> str:
    """Return a metric's SQL, over the rows that a flag marks."""
    if metric.type == "ratio":
        above, below = (
            _figure(model.metric(str(part)), model, only=only) for part in (metric.numerator, metric.denominator)
        )
        return f"{above} / NULLIF({below}, 0)"
    aggregate = f"{str(metric.agg).upper()}({metric.expr})"
    return f"{aggregate} FILTER (WHERE {only})" if only else aggregate


def _target(metric: Metric) -> str:
    return str(metric.target.expr) if metric.target else "NULL"


def _named(expression: str, name: str) -> str:
    return expression if expression == name else f"{expression} AS {clauses.identifier(name)}"


def _truncated(day: str, grain: str | None) -> str:
    return day if grain in ("day", None) else f"CAST(date_trunc('{grain}', {day}) AS DATE)"


def _alignment(query: MetricQuery, compare: Window) -> tuple[str, Window]:
    """Return what moves a day of the comparison onto the query's days, and the comparison without the days beyond."""
    now = query.window
    if query.grain is None:
        return "0", compare
    if compare.start <= now.end and now.start <= compare.end:
        raise DefinitionRefused(
            f"A trend from {now.start} to {now.end} cannot be compared with {compare.start} to {compare.end}: "
            "the two share days. Name a comparison that ends before."
        )
    months = _months(now) - _months(compare)
    if query.grain == "month" and now.start.day == compare.start.day == 1 and _span(now) == _span(compare):
        return f"INTERVAL '{months} month'", compare
    last = min(compare.end, compare.start + timedelta(days=now.days - 1))
    return str((now.start - compare.start).days), Window(compare.start, last)


def _months(window: Window) -> int:
    return window.start.year * 12 + window.start.month


def _span(window: Window) -> int:
    return window.end.year * 12 + window.end.month - _months(window)


def _no_target(metric: Metric) -> str:
    if metric.target is None:
        return f"Metric {metric.name!r} has no target to compare with. Name a number, or give it a target in the model."
    return f"Metric {metric.name!r} has its target per {metric.target.per!r}. Group the query by it, or name a number."
