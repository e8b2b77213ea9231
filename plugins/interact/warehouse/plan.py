"""What a query asks for, checked against the model: metrics, groups, conditions, order, and what its columns mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from interact.chats.result import Column
from interact.errors import DefinitionRefused, listed
from interact.warehouse import clauses
from interact.warehouse.queries import Filter, MetricQuery
from interact.warehouse.semantic import Metric, SemanticModel

_ISO_4217 = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True)
class Plan:
    """A query beside the model that it is put to, and the values (by dimension) that it is held to."""

    query: MetricQuery
    model: SemanticModel
    enforced: Mapping[str, str]

    @cached_property
    def metrics(self) -> list[Metric]:
        """The metrics that are shown."""
        return [self.metric(name) for name in dict.fromkeys(self.query.metrics)]

    @cached_property
    def asked(self) -> list[Metric]:
        """The metrics that are shown, and those that only a condition names."""
        names = dict.fromkeys([*self.query.metrics, *(each.metric for each in self.query.having)])
        return [self.metric(name) for name in names]

    @cached_property
    def leaves(self) -> list[Metric]:
        """The simple metrics that they are made of."""
        found = (leaf for metric in self.asked for leaf in self.model.leaves(metric.name))
        return list({leaf.name: leaf for leaf in found}.values())

    @cached_property
    def dimensions(self) -> list[str]:
        """The dimensions to group by."""
        return list(dict.fromkeys(self.query.dimensions))

    @cached_property
    def keys(self) -> list[str]:
        """The columns that name a row: the grain and the dimensions."""
        return [*([self.query.grain] if self.query.grain else []), *self.dimensions]

    @cached_property
    def narrowing(self) -> list[Filter]:
        """What the query is held to."""
        return [Filter(name, (value,)) for name, value in self.enforced.items()]

    @cached_property
    def named(self) -> list[str]:
        """All dimensions that the query has to do with."""
        return [*self.dimensions, *self.enforced, *(each.dimension for each in self.query.filters)]

    def metric(self, name: str) -> Metric:
        """Return a metric; raises DefinitionRefused, naming those that there are."""
        return clauses.known("metric", name, {each.name: each for each in self.model.metrics})

    def has_target(self, metric: Metric) -> bool:
        """Whether a metric has a target that holds for each group of the query."""
        target = metric.target
        return target is not None and (target.value is not None or target.per in self.dimensions)

    @cached_property
    def targeted(self) -> list[Metric]:
        """The metrics whose targets are shown or compared with."""
        compared = {each.metric for each in self.query.having if each.value is None}
        shown = {each.name for each in self.metrics} if self.query.targets else set()
        return [each for each in self.asked if each.name in shown | compared and self.has_target(each)]

    def columns(self) -> tuple[Column, ...]:
        """Return what the columns of the result mean, in order."""
        grain = self.query.grain
        time = [Column(name=grain, label=grain.capitalize(), format="date")] if grain else []
        labels = [(name, clauses.dimension_of(self.model, name).label) for name in self.dimensions]
        groups = [Column(name=name, label=label) for name, label in labels]
        return (*time, *groups, *(column for metric in self.metrics for column in self._figures(metric)))

    def _figures(self, metric: Metric) -> list[Column]:
        plain = Column(name=metric.name, label=metric.label, format=metric.format, unit=self._unit(metric))
        shown = [plain.model_copy(update={"good": metric.good})]
        if self.query.compare:
            word = "relative change" if metric.format == "percent" else "change"
            change = Column(name=f"{metric.name}_change", label=f"{metric.label}, {word}", format="percent")
            named = {"name": f"{metric.name}_previous", "label": f"{metric.label}, previous"}
            shown.append(plain.model_copy(update=named))
            shown.append(change.model_copy(update={"good": metric.good, "is_change": True}))
        if self.query.targets and self.has_target(metric):
            named = {"name": f"{metric.name}_target", "label": f"{metric.label} target"}
            shown.append(plain.model_copy(update=named))
        return shown

    def _unit(self, metric: Metric) -> str | None:
        """Return the unit of a metric's values; of money that was not converted, the one that its rows are held to."""
        if metric.unit or metric.format != "currency":
            return metric.unit
        for leaf in self.model.leaves(metric.name):
            held = self._held_to(leaf.currency) if leaf.currency and not leaf.conversion else None
            unit = leaf.conversion.unit if leaf.conversion else leaf.unit or held
            if unit and _ISO_4217.fullmatch(unit):
                return unit
        return None

    def _held_to(self, dimension: str) -> str | None:
        """Return the one value of a dimension that the query's rows have; None when it lets several through."""
        alone = [each.values[0] for each in (*self.narrowing, *self.query.filters)
                 if each.dimension == dimension and len(each.values) == 1 and not each.exclude]  # fmt: skip
        return alone[0] if alone else None

    def check(self, columns: tuple[Column, ...]) -> None:
        """Raise DefinitionRefused for what cannot be asked, with what can."""
        names = [column.name for column in columns]
        if not names:
            raise DefinitionRefused("The query asks for nothing. Name a metric, or a dimension to list.")
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise DefinitionRefused(f"The result would have the column {listed(twice)} twice. Rename it in the model.")
        if self.query.limit is not None and self.query.limit < 1:
            raise DefinitionRefused(f"The query asks for {self.query.limit} rows. Ask for at least 1.")
        for fault in (*self._out_of_reach(), *self._mixed_money()):
            raise DefinitionRefused(fault)

    def _out_of_reach(self) -> Iterator[str]:
        for name in self.named:
            clauses.dimension_of(self.model, name)
            for metric in self.asked:
                if not self.model.reaches(metric.name, name):
                    way = "shown by" if name in self.dimensions else "narrowed to a"
                    yield f"Metric {metric.name!r} cannot be {way} {name!r}: {self._why_not(metric, name)}"

    def _why_not(self, metric: Metric, dimension: str) -> str:
        end = self.model.home(self.model.dimension(dimension).dataset)
        starts = dict.fromkeys(self.model.home(leaf.dataset) for leaf in self.model.leaves(metric.name))
        lost = [start for start in starts if self.model.path(start, end) is None]
        can = [each.name for each in self.model.metrics if self.model.reaches(each.name, dimension)]
        others = f"Metrics that can: {listed(can)}." if can else "No metric can."
        return f"no relationship leads from dataset {listed(lost)} to {end!r}. {others}"

    def _mixed_money(self) -> Iterator[str]:
        for leaf in self.leaves:
            name = leaf.currency
            if not name or leaf.conversion or leaf.is_count or name in self.dimensions or self._held_to(name):
                continue
            yield (
                f"Metric {leaf.name!r} is money in several currencies, which are not added. "
                f"Group by {name!r}, filter it to one value, or give the metric a `conversion` in the model."
            )

    def conditions(self, figure: Callable[[Metric], str], target: Callable[[Metric], str]) -> list[str]:
        """Return the conditions on metrics, with `figure` and `target` as the SQL that a metric has there."""
        shown = []
        for each in self.query.having:
            metric = self.metric(each.metric)
            if each.value is None and not self.has_target(metric):
                raise DefinitionRefused(_no_target(metric))
            threshold = target(metric) if each.value is None else clauses.number(each.value)
            shown.append(f"{figure(metric)} {'<>' if each.comparator == '!=' else each.comparator} {threshold}")
        return clauses.one_of(shown) if self.query.any_of else shown

    def tail(self, columns: Iterable[Column]) -> list[str]:
        """Return ORDER BY and LIMIT; one ungrouped row needs neither."""
        if not self.keys:
            return []
        names = [column.name for column in columns]
        by_default: str = self.query.grain or (self.query.metrics or self.query.dimensions)[0]
        first = clauses.known("column", self.query.order_by or by_default, {name: name for name in names})
        is_figure = first not in self.keys
        descends = self.query.descending and (is_figure or self.query.order_by is not None)
        way = f" {'DESC' if descends else 'ASC'} NULLS LAST" if is_figure or descends else ""
        rest = [clauses.identifier(key) for key in self.keys if key != first]
        order = clauses.listing("ORDER BY", [clauses.identifier(first) + way, *rest])
        return [order, *([f"LIMIT {self.query.limit}"] if self.query.limit else [])]


def _no_target(metric: Metric) -> str:
    if metric.target is None:
        return f"Metric {metric.name!r} has no target to compare with. Name a number, or give it a target in the model."
    return f"Metric {metric.name!r} has its target per {metric.target.per!r}. Group the query by it, or name a number."
