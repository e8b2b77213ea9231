"""Whether what a prompt names goes together: metrics with dimensions and date columns that they can be shown by."""

from __future__ import annotations

from collections.abc import Iterable

from interact.agents.analyst.request import Breakdown, Reading
from interact.errors import AgentRefused, listed
from interact.warehouse.semantic import SemanticModel

_MOST = 6
"""How many metrics or dimensions a refusal lists."""


def check_fit(reading: Reading, breakdowns: Iterable[Breakdown], model: SemanticModel) -> tuple[str, ...]:
    """Return what is left out of tables because no relationship leads there, in sentences.

    Raises AgentRefused where nothing would be left, or where a condition, an order or a value cannot be applied.
    """
    shown = reading.metrics or model.default_metrics
    notes: list[str] = []
    for each in breakdowns:
        order = [each.ranking.metric] if each.ranking else []
        _require(order, each.dimensions, model)
        fitting = [name for name in (*shown, *order) if _reaches(name, each.dimensions, model)]
        if not fitting:
            _require(shown[:1], each.dimensions, model)
        left = [name for name in reading.metrics if name not in fitting]
        notes += [_left_out(name, each.dimensions, model) for name in left]
    judged = [(condition.metric, rule.dimension) for rule in reading.rules for condition in rule.conditions]
    for name, dimension in judged:
        _require([name], (dimension,), model)
    ordered = [each.ranking.metric for each in breakdowns if each.ranking]
    for limit in reading.filters:
        _require((*reading.metrics, *ordered, *(name for name, _ in judged)), (limit.dimension,), model)
        if not any(model.reaches(name, limit.dimension) for name in (*shown, *ordered)):
            _require(shown[:1], (limit.dimension,), model)
    _check_times(reading, shown, model)
    _check_targets(reading, model)
    return tuple(dict.fromkeys(notes))


def _reaches(name: str, dimensions: Iterable[str], model: SemanticModel) -> bool:
    return all(model.reaches(name, dimension) for dimension in dimensions)


def _require(names: Iterable[str], dimensions: Iterable[str], model: SemanticModel) -> None:
    for name in names:
        for dimension in dimensions:
            if not model.reaches(name, dimension):
                raise AgentRefused(_apart(name, dimension, model))


def _apart(name: str, dimension: str, model: SemanticModel) -> str:
    """Return the sentences that say what a metric can be shown by, and what there is by a dimension."""
    label, known = model.dimension(dimension).label.lower(), model.metric(name).label
    ways = [each.label.lower() for each in model.shown_dimensions if model.reaches(name, each.name)]
    others = [each.label for each in model.metrics if model.reaches(each.name, dimension)]
    goes = f"It goes by {', '.join(ways[:_MOST])}" if ways else "It goes by time alone"
    there = f"by {label} there {'is' if len(others) == 1 else 'are'} {', '.join(others[:_MOST])}" if others else ""
    return f"{known} is not known by {label}. {goes}{'; ' if there else ''}{there}. Ask for what goes together."


def _left_out(name: str, dimensions: Iterable[str], model: SemanticModel) -> str:
    labels = " and ".join(model.dimension(each).label.lower() for each in dimensions)
    return f"{model.metric(name).label} is not known by {labels}, so that table leaves it out."


def _check_targets(reading: Reading, model: SemanticModel) -> None:
    """Refuse "spend against target" where spend has none."""
    without = reading.metrics and not any(model.metric(name).target for name in reading.metrics)
    if reading.manner.targets and without and not reading.rules:
        known = ", ".join(each.label for each in model.metrics if each.target) or "no metric"
        labels = " and ".join(model.metric(name).label for name in reading.metrics)
        raise AgentRefused(f"There is no target of {labels} (there is one for {known}). Leave it out.")


def _check_times(reading: Reading, shown: Iterable[str], model: SemanticModel) -> None:
    """Refuse a date column by which a metric is not counted: "revenue by ship date"."""
    labels = {each.name: each.label for each in model.times}
    for name in shown if reading.times else ():
        own = dict.fromkeys(model.time_of(leaf).name for leaf in model.leaves(name))
        if missing := [time for time in reading.times if time not in own]:
            others = [m.label for m in model.metrics if model.time_of(m).name in missing]
            there = f"; by {labels[missing[0]]} there is {listed(others, limit=_MOST)}" if others else ""
            raise AgentRefused(
                f"{model.metric(name).label} is counted by {listed(labels[each] for each in own)}, not by "
                f"{labels[missing[0]]!r}{there}. Leave the date's name out, or ask for what is counted by it."
            )
