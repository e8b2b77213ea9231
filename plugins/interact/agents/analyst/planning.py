"""From a Request to the queries that answer it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property

from interact.agents.analyst.conditions import Condition, Rule
from interact.agents.analyst.currencies import MOST_CURRENCIES, alike, kept_apart
from interact.agents.analyst.cuts import Cut, cuts_of
from interact.agents.analyst.formulas import adds_up
from interact.agents.analyst.insights import parts_of
from interact.agents.analyst.request import Breakdown, Ranking, Request
from interact.errors import AgentRefused
from interact.warehouse.queries import Grain, Having, MetricQuery, Window
from interact.warehouse.semantic import Dimension, Metric, SemanticModel

HEADLINES = 5
"""The most figures that a summary opens with."""
HISTORY_DAYS = 70
"""How far back from a period's first day single days are looked at: ten weeks."""
LONGEST_DAYS = 400
"""Beyond so many days a period's own days are history enough."""


@dataclass(frozen=True)
class Source:
    """Metrics whose days come from the same dates of the same dataset."""

    dataset: str
    time: str
    metrics: tuple[str, ...]
    apart: tuple[str, ...] = ()
    """The dimensions that keep their money apart, where there are no other figures."""


@dataclass(frozen=True)
class Plan:
    """A request with the model it is about: what to show, and the query for each part."""

    request: Request
    model: SemanticModel
    enforced: Mapping[str, str] = field(default_factory=dict)
    """What the run is limited to, dimension to value."""
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The metrics of tables: those named, else the model's own, and those that rank or are judged.

        Raises AgentRefused where none of them has the dimensions that the figures are limited by.
        """
        named = [each for each in self._wanted if self._is_narrowed(each)]
        if not named:
            limits = [self.model.dimension(name).label.lower() for name in sorted(self.limited)]
            raise AgentRefused(
                f"{self.model.metric(self._wanted[0]).label} is not known by {' and '.join(limits)}, so it cannot be "
                "limited to it. Leave the limit out, or ask for another figure."
            )
        return tuple(named)

    @cached_property
    def unshown(self) -> tuple[str, ...]:
        """The named metrics that are left out since they are not known by what the figures are limited by."""
        return tuple(each for each in (*self.request.metrics, *self._judged) if each not in self.shown)

    @cached_property
    def _wanted(self) -> tuple[str, ...]:
        return _once((*(self.request.metrics or self._usual(self._meant)), *self._meant))

    @cached_property
    def _meant(self) -> tuple[str, ...]:
        """The metrics that rank, order or are judged."""
        ranked = [each.ranking.metric for each in self.request.breakdowns if each.ranking]
        order = [self.request.order.metric] if self.request.order else []
        return _once((*ranked, *order, *self._judged))

    def _usual(self, meant: tuple[str, ...]) -> tuple[str, ...]:
        """Return the model's own choice of metrics, as far as they fit into the tables that are asked for."""
        wanted = [*(each.dimensions for each in self.request.breakdowns)]
        wanted += [(rule.dimension,) for rule in self.request.rules]
        names = {name for dimensions in wanted for name in dimensions}
        there = [m for m in self.model.default_metrics if all(self.model.reaches(m, each) for each in names)]
        beside = [m for m in there if not meant or self.apart(m) == self.apart(meant[0])]
        return tuple(beside) if beside or meant else self.model.default_metrics

    @cached_property
    def limited(self) -> frozenset[str]:
        """The dimensions that the figures are limited by."""
        return frozenset((*self.enforced, *(each.dimension for each in self.request.filters)))

    @cached_property
    def fixed(self) -> frozenset[str]:
        """The dimensions of which one value is left."""
        chosen = [each.dimension for each in self.request.filters if len(each.values) == 1 and not each.exclude]
        return frozenset((*self.enforced, *chosen))

    def _is_narrowed(self, metric: str) -> bool:
        return all(self.model.reaches(metric, name) for name in self.limited)

    def apart(self, metric: str) -> tuple[str, ...]:
        """Return the dimensions that keep a metric's money apart."""
        return kept_apart(metric, self.model, fixed=self.fixed)

    @property
    def headlines(self) -> tuple[str, ...]:
        """The metrics that a summary opens with."""
        if self.request.metrics:
            return self.shown[:HEADLINES]
        usual = tuple(each for each in self.model.default_metrics if each in self.shown)
        named = tuple(each for each in self._meant if each in self.shown)
        if named and not self.request.report:
            return named[:HEADLINES]
        return _once((*(each for each in named if each not in usual), *usual))[:HEADLINES] or self.shown[:1]

    @property
    def spoken(self) -> tuple[str, ...]:
        """The metrics of a summary that stands beside tiles of all headlines: what was paid, what came, what leads."""
        if self.request.metrics:
            return self.headlines
        money = [name for name in self.headlines if self.model.metric(name).format == "currency"]
        sums = [name for name in money if self.model.metric(name).type == "simple"]
        return _once((*(sums or self.headlines)[:2], self.leading))

    @cached_property
    def leading(self) -> str:
        """The metric that matters most in this request: what ranks, else what is judged, named, or shown last."""
        ranked = [each.ranking.metric for each in self.request.breakdowns if each.ranking]
        usual = (*ranked, *self._judged, *self.request.metrics[:1], *reversed(self.model.default_metrics))
        return next((each for each in usual if each in self.shown), self.shown[0])

    @cached_property
    def _judged(self) -> tuple[str, ...]:
        return tuple(condition.metric for rule in self.request.rules for condition in rule.conditions)

    @cached_property
    def dimension(self) -> str:
        """The dimension that explains the leading metric: one asked for, else the model's own or the first; or ""."""
        asked = self._asked
        own = self.model.default_dimension
        usual = (*([own] if own in asked else asked), own, *(each.name for each in self.model.shown_dimensions))
        there = (each for each in usual if each and self.model.reaches(self.leading, each))
        return next(there, "")

    @property
    def _asked(self) -> tuple[str, ...]:
        """The first dimension of each table asked for, else those set side by side, else those that rules judge.

        One of which a single member is left explains nothing.
        """
        first = [name for each in self.request.breakdowns for name in each.dimensions[:1]]
        aside = [each.dimension for each in self.request.filters if len(each.values) > 1 and not each.exclude]
        judged = [rule.dimension for rule in self.request.rules]
        return _once(each for each in (first or aside or judged) if each not in self.fixed)

    @property
    def member(self) -> Dimension:
        """The dimension of that name; raises KeyError where there is none."""
        return self.model.dimension(self.dimension)

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
        if (self.request.report or self.request.rules or not self.request.metrics) and self.dimension:
            rules = [rule.dimension for rule in self.request.rules if self.model.reaches(self.leading, rule.dimension)]
            return (Breakdown((*rules, self.dimension)[:1], self.request.order),)
        return ()

    @cached_property
    def cuts(self) -> tuple[Cut, ...]:
        """The tables to make, each with the figures that fit into it; raises AgentRefused for one without figures."""
        found: list[Cut] = []
        for each in self.breakdowns:
            cuts = cuts_of(each, self.shown, self.model, fixed=self.fixed, members=self.members)
            if not cuts:
                raise AgentRefused(self._unreached(each))
            found += cuts
        return tuple(found)

    @cached_property
    def unranked(self) -> tuple[str, ...]:
        """The currencies in which no ranking of money is made, since there are too many of them."""
        ranked = dict.fromkeys(each.only.dimension for each in self.cuts if each.only)
        return tuple(value for name in ranked for value in self.members.get(name, ())[MOST_CURRENCIES:])

    def _unreached(self, breakdown: Breakdown) -> str:
        model, wanted = self.model, breakdown.dimensions
        labels = " and ".join(model.dimension(each).label.lower() for each in wanted)
        known = [each.label for each in model.metrics if all(model.reaches(each.name, name) for name in wanted)]
        fact = f"{model.metric(self.shown[0]).label} is not known by {labels}."
        if not known:
            return f"{fact} Nothing in the model is. Ask for a breakdown by less."
        return f"{fact} What is known by it: {', '.join(known)}. Ask for one of these, or for another breakdown."

    def totals(self) -> MetricQuery | None:
        """Return the query for one row of figures; None where all of them are money in several currencies."""
        names = alike(self._summed_up, self.model, fixed=self.fixed).get(())
        return self._whole_of(tuple(names), ()) if names else None

    def monies(self) -> tuple[MetricQuery, ...]:
        """Return the queries for totals of money in several currencies, a row for each."""
        groups = alike(self._summed_up, self.model, fixed=self.fixed)
        return tuple(self._whole_of(tuple(names), apart) for apart, names in groups.items() if apart)

    @property
    def _summed_up(self) -> tuple[str, ...]:
        return _once((*self.shown, *self.headlines, self.leading))

    def _whole_of(self, names: tuple[str, ...], apart: tuple[str, ...]) -> MetricQuery:
        return MetricQuery(
            self._with_parts(names),
            self.request.period.window,
            dimensions=apart,
            compare=self.request.compare,
            filters=self.request.filters,
            targets=True,
        )

    def sources(self) -> tuple[Source, ...]:
        """Return where the shown figures come from, that of the leading metric first."""
        found: dict[tuple[str, str], list[str]] = {}
        for name in _once((self.leading, *self.shown)):
            for leaf in self.model.leaves(name):
                key = (self.model.home(leaf.dataset), self.model.time_of(leaf).name)
                found.setdefault(key, []).append(leaf.name)
        return tuple(self._source(*key, _once(names)) for key, names in found.items())

    def _source(self, dataset: str, time: str, leaves: tuple[str, ...]) -> Source:
        """Return a source with all its sums, to see on which days something was measured, and the metrics within it."""
        own = [each for each in self.model.metrics if self._is_of(each, dataset, time) and self._is_narrowed(each.name)]
        sums = [each.name for each in own if adds_up(each) and not self.apart(each.name)]
        plain = [each for each in leaves if not self.apart(each)]
        shown = [each.name for each in own if each.name in self.shown and not self.apart(each.name)]
        metrics = self._with_parts(_once((*sums, *plain, *shown)))
        if metrics:
            return Source(dataset, time, metrics)
        apart = self.apart(leaves[0])
        return Source(dataset, time, tuple(each for each in leaves if self.apart(each) == apart), apart)

    def _is_of(self, metric: Metric, dataset: str, time: str) -> bool:
        leaves = self.model.leaves(metric.name)
        return all(
            self.model.home(each.dataset) == dataset and self.model.time_of(each).name == time for each in leaves
        )

    def days(self, source: Source, window: Window) -> MetricQuery:
        """Return the query for the days of a source that have rows, with its figures of each."""
        return MetricQuery(source.metrics, window, source.apart, filters=self.request.filters, grain="day")

    @property
    def history(self) -> Window:
        """The days that are looked at one by one: the period's own, those compared with, and enough before to judge."""
        window, before = self.request.period.window, self.request.compare
        start = window.start if window.days > LONGEST_DAYS else window.start - timedelta(days=HISTORY_DAYS)
        near = before is not None and before.end >= start - timedelta(days=1)
        return Window(min(start, before.start) if before and near else start, window.end)

    def trend(self) -> MetricQuery:
        """Return the query for the chart: the leading metric over time."""
        grains: list[Grain] = [each.grain for each in self.breakdowns if each.grain and not each.dimensions]
        grain = grains[0] if grains else usual_grain(self.request.period.window)
        apart = self.apart(self.leading)
        beside = [each for each in self.headlines if self.apart(each) == apart]
        return MetricQuery(
            self._with_parts(_once((self.leading, *beside))),
            self.request.period.window,
            dimensions=apart,
            filters=self.request.filters,
            grain=grain,
        )

    def table(self, cut: Cut, *, narrowed: bool = True) -> MetricQuery:
        """Return the query for one table; with `narrowed` off, all members, whatever conditions it has."""
        ranking = cut.ranking
        explaining = self._explaining if self.leading in cut.metrics and not cut.grain else ()
        return MetricQuery(
            self._with_parts((*cut.metrics, *explaining)),
            self.request.period.window,
            dimensions=cut.dimensions,
            compare=None if cut.grain else self.request.compare,
            filters=(*self.request.filters, *([cut.only] if cut.only else [])),
            having=self._narrowing(cut) if narrowed else (),
            targets=not cut.grain,
            grain=cut.grain,
            order_by=ranking.metric if ranking and not cut.grain else None,
            descending=ranking.descending if ranking else True,
            limit=ranking.limit if ranking else None,
        )

    def whole(self, dimension: str, *, of: str = "") -> MetricQuery:
        """Return the query for all members of a dimension: what rules judge and recommendations look at.

        `of` is the metric that it is about, by default the leading one: money in other currencies is left out.
        """
        metric = of or self.leading
        for cut in self.cuts:
            query = self.table(cut)
            is_whole = not (query.grain or query.having or query.limit or cut.only)
            if is_whole and cut.dimensions[-1:] == (dimension,) and metric in cut.metrics and self._is_plain(cut):
                return query
        return self.table(self._everyone(dimension, metric), narrowed=False)

    def _is_plain(self, cut: Cut) -> bool:
        return cut.dimensions[:-1] == tuple(each for each in self.apart(cut.metrics[0]) if each != cut.dimensions[-1])

    def _everyone(self, dimension: str, metric: str) -> Cut:
        order = Ranking(metric, self._worst_first(metric))
        apart = tuple(each for each in self.apart(metric) if each != dimension)
        beside = [each for each in self.shown if self.apart(each) == self.apart(metric)]
        there = tuple(each for each in _once((*beside, metric)) if self.model.reaches(each, dimension))
        return Cut((*apart, dimension), there, order)

    def matches(self, rule: Rule) -> MetricQuery:
        """Return the query for the members that a rule finds, the worst first; all members where it judges changes."""
        first = rule.conditions[0]
        if any(condition.on == "change" for condition in rule.conditions):
            return self.whole(rule.dimension, of=first.metric)
        order = self.request.order or Ranking(first.metric, first.comparator in (">", ">="))
        everyone = self._everyone(rule.dimension, first.metric)
        judged = _once(condition.metric for condition in rule.conditions)
        return replace(
            self.table(everyone, narrowed=False),
            metrics=self._with_parts(_once((*judged, *everyone.metrics)) if rule.highlight else everyone.metrics),
            having=_having(rule.conditions),
            any_of=rule.any_of,
            order_by=order.metric if order.metric in everyone.metrics else first.metric,
            descending=order.descending,
        )

    def _narrowing(self, cut: Cut) -> tuple[Having, ...]:
        rules = [rule for rule in self.request.rules if rule.narrows and rule.dimension in cut.dimensions]
        return (*(each for rule in rules for each in _having(rule.conditions)), *self._paid(cut.ranking))

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
        """Add what metrics are made of, so that one without a value, or its change, can be explained."""
        names = tuple(names)
        made = [self.model.metric(name) for name in names]
        parts = [part for metric in made for part in metric.parts]
        leaves = [leaf.name for metric in made if metric.type == "derived" for leaf in self.model.leaves(metric.name)]
        return _once((*names, *parts, *leaves))

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
