"""From a Request to the queries that answer it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from interact.agents.analyst.conditions import Condition, Rule
from interact.agents.analyst.insights import parts_of
from interact.agents.analyst.request import Breakdown, Ranking, Request
from interact.warehouse.queries import Grain, Having, MetricQuery, Window
from interact.warehouse.semantic import SemanticModel

HEADLINES = 5
"""The most figures that a summary opens with."""


@dataclass(frozen=True)
class Plan:
    """A request with the model it is about: what to show, and the query for each part."""

    request: Request
    model: SemanticModel

    @property
    def shown(self) -> tuple[str, ...]:
        """The metrics of tables: those named, else the model's own, and those that rank or are judged."""
        named = self.request.metrics or self.model.default_metrics
        ranked = [each.ranking.metric for each in self.request.breakdowns if each.ranking]
        judged = [condition.metric for rule in self.request.rules for condition in rule.conditions]
        order = [self.request.order.metric] if self.request.order else []
        return _once((*named, *ranked, *order, *judged))

    @property
    def headlines(self) -> tuple[str, ...]:
        """The metrics that a summary opens with."""
        return self.shown[:HEADLINES] if self.request.metrics else self.model.default_metrics[:HEADLINES]

    @property
    def spoken(self) -> tuple[str, ...]:
        """The metrics of a summary that stands beside tiles of all headlines: what was paid, what came, what leads."""
        if self.request.metrics:
            return self.headlines
        money = [name for name in self.headlines if self.model.metric(name).format == "currency"]
        sums = [name for name in money if self.model.metric(name).type == "simple"]
        return _once((*(sums or self.headlines)[:2], self.leading))

    @property
    def leading(self) -> str:
        """The metric that matters most in this request: what ranks, else what is judged, named, or shown last."""
        ranked = [each.ranking.metric for each in self.request.breakdowns if each.ranking]
        judged = [condition.metric for rule in self.request.rules for condition in rule.conditions]
        return (*ranked, *judged, *self.request.metrics[:1], *reversed(self.model.default_metrics))[0]

    @property
    def breakdowns(self) -> tuple[Breakdown, ...]:
        """The tables to make: those asked for, else one by the model's own dimension where an analysis is asked for."""
        if self.request.breakdowns:
            return self.request.breakdowns
        several = [each for each in self.request.filters if len(each.values) > 1 and not each.exclude]
        if several and not self.request.rules:
            return tuple(Breakdown((each.dimension,)) for each in several)
        lists = any(not rule.highlight for rule in self.request.rules)
        if lists and not self.request.report:
            return ()
        if self.request.report or self.request.rules or not self.request.metrics:
            return (Breakdown((self.model.default_dimension,), self.request.order),)
        return ()

    def totals(self) -> MetricQuery:
        """Return the query for one row of figures."""
        return MetricQuery(
            self._with_parts(_once((*self.shown, *self.headlines, self.leading))),
            self.request.period.window,
            compare=self.request.compare,
            filters=self.request.filters,
        )

    def days(self, window: Window) -> MetricQuery:
        """Return the query for the days that have rows, with the sums of each."""
        sums = tuple(metric.name for metric in self.model.metrics if metric.type == "simple")
        return MetricQuery(sums, window, filters=self.request.filters, grain="day")

    def trend(self) -> MetricQuery:
        """Return the query for the chart: the leading metric over time."""
        grains: list[Grain] = [each.grain for each in self.breakdowns if each.grain and not each.dimensions]
        grain = grains[0] if grains else usual_grain(self.request.period.window)
        return MetricQuery(
            self._with_parts(_once((self.leading, *self.headlines))),
            self.request.period.window,
            filters=self.request.filters,
            grain=grain,
        )

    def table(self, breakdown: Breakdown, *, narrowed: bool = True) -> MetricQuery:
        """Return the query for one table; with `narrowed` off, all members, whatever conditions it has."""
        ranking = breakdown.ranking
        order = f"{ranking.metric}" if ranking and not breakdown.grain else None
        return MetricQuery(
            self._with_parts((*self.shown, *(() if breakdown.grain else self._explaining))),
            self.request.period.window,
            dimensions=breakdown.dimensions,
            compare=None if breakdown.grain else self.request.compare,
            filters=self.request.filters,
            having=self._narrowing(breakdown) if narrowed else (),
            targets=not breakdown.grain,
            grain=breakdown.grain,
            order_by=order,
            descending=ranking.descending if ranking else True,
            limit=ranking.limit if ranking else None,
        )

    def whole(self, dimension: str) -> MetricQuery:
        """Return the query for all members of a dimension: what rules judge and recommendations look at."""
        for breakdown in self.breakdowns:
            query = self.table(breakdown)
            if query.dimensions == (dimension,) and not (query.grain or query.having or query.limit):
                return query
        everyone = Breakdown((dimension,), Ranking(self.leading, self._worst_first(self.leading)))
        return self.table(everyone, narrowed=False)

    def matches(self, rule: Rule) -> MetricQuery:
        """Return the query for the members that a rule finds, the worst first; all members where it judges changes."""
        if any(condition.on == "change" for condition in rule.conditions):
            return self.whole(rule.dimension)
        first = rule.conditions[0]
        order = self.request.order or Ranking(first.metric, first.comparator in (">", ">="))
        judged = _once(condition.metric for condition in rule.conditions)
        return MetricQuery(
            self._with_parts(_once((*judged, *self.shown)) if rule.highlight else self.shown),
            self.request.period.window,
            dimensions=(rule.dimension,),
            compare=self.request.compare,
            filters=self.request.filters,
            having=_having(rule.conditions),
            targets=True,
            order_by=order.metric,
            descending=order.descending,
        )

    def _narrowing(self, breakdown: Breakdown) -> tuple[Having, ...]:
        rules = [rule for rule in self.request.rules if rule.narrows and rule.dimension in breakdown.dimensions]
        return (*(each for rule in rules for each in _having(rule.conditions)), *self._paid(breakdown.ranking))

    def _paid(self, ranking: Ranking | None) -> tuple[Having, ...]:
        """Leave out of a ranking from the best on who has a cost of 0 because nothing was spent."""
        metric = self.model.metric(ranking.metric) if ranking and not ranking.descending else None
        costs = metric is not None and metric.type == "ratio" and metric.good == "down"
        return (Having(str(metric.numerator), ">", 0.0),) if metric and costs else ()

    @property
    def _explaining(self) -> tuple[str, ...]:
        """The two ratios that a leading ratio is made of, to say which of them moved it."""
        return tuple(each.name for each in parts_of(self.model.metric(self.leading), self.model) or ())

    def _with_parts(self, names: Iterable[str]) -> tuple[str, ...]:
        """Add what ratios are made of, so that a ratio without a value can be explained."""
        names = tuple(names)
        metrics = [self.model.metric(name) for name in names]
        parts = [part for metric in metrics for part in (metric.numerator, metric.denominator) if part]
        return _once((*names, *parts))

    def _worst_first(self, name: str) -> bool:
        return self.model.metric(name).good == "down"


def usual_grain(window: Window) -> Grain:
    """Return the step of time that suits a window's length."""
    return "day" if window.days <= 31 else "week" if window.days <= 184 else "month"


def _having(conditions: Iterable[Condition]) -> tuple[Having, ...]:
    return tuple(
        Having(condition.metric, condition.comparator, condition.value)
        for condition in conditions
        if condition.on == "level"
    )


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
