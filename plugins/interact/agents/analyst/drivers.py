"""Who moved a total, and by how much: parts that add up to its change exactly."""

from __future__ import annotations

from dataclasses import dataclass

from interact.agents.analyst.formulas import Formula, Linear, formula_of
from interact.agents.analyst.insights import number
from interact.chats.result import Result
from interact.warehouse.semantic import Metric, SemanticModel

LEAST_BASE = 0.02
"""A member must have held this share of the total before for its percentage to be worth a word."""


@dataclass(frozen=True)
class Driver:
    """A row's part in the change of a total: `rate` by its own figure, `mix` by its share of the denominator.

    The parts of all rows add up to the change. Of a sum all of it is `rate`. A row without a figure on one side, which
    came or went, moved the total by `mix` alone.
    """

    row: int
    rate: float
    mix: float

    @property
    def part(self) -> float:
        """Both together."""
        return self.rate + self.mix


def drivers(result: Result, metric: Metric, model: SemanticModel) -> list[Driver]:
    """Return each row's part in the change of a metric's total; none where that has no parts, or nothing to compare.

    Of a ratio the part is the mean share times the change of the rate, and the change of the share times how far the
    mean rate lies from the total's mean: that constant leaves the sum as it is, since the shares add up to one.
    """
    formula = formula_of(metric, model)
    if formula is None or all(each.name != f"{metric.name}_previous" for each in result.columns):
        return []
    if formula.bottom is None:
        return [
            Driver(row, part, 0.0) for row in _rows(result) if (part := _delta(result, row, formula.top)) is not None
        ]
    return _of_ratio(result, formula, formula.bottom)


def _of_ratio(result: Result, formula: Formula, bottom: Linear) -> list[Driver]:
    now, then = ([_sides(result, row, formula.top, bottom, suffix) for row in _rows(result)] for suffix in _SUFFIXES)
    totals = [(sum(top for top, _ in side), sum(under for _, under in side)) for side in (now, then)]
    if not totals[0][1] or not totals[1][1]:
        return []
    middle = (totals[0][0] / totals[0][1] + totals[1][0] / totals[1][1]) / 2
    found = []
    for row, sides in enumerate(zip(now, then, strict=True)):
        ends = [(top / total[1], under / total[1]) for (top, under), total in zip(sides, totals, strict=True)]
        part = ends[0][0] - ends[1][0] - middle * (ends[0][1] - ends[1][1])
        rates = [top / under if under else None for top, under in sides]
        own = 0.0
        if rates[0] is not None and rates[1] is not None:
            own = (ends[0][1] + ends[1][1]) / 2 * (rates[0] - rates[1])
        found.append(Driver(row, own, part - own))
    return found


_SUFFIXES = ("", "_previous")


def contributors(result: Result, metric: Metric, model: SemanticModel, *, good: bool) -> list[int]:
    """Return the rows that moved a metric's total most, upwards or downwards, the largest part first.

    Rows that moved the total the other way are left out.
    """
    wanted = [each for each in drivers(result, metric, model) if (each.part > 0 if good else each.part < 0)]
    return [each.row for each in sorted(wanted, key=lambda each: (-abs(each.part), each.row))]


def movers(result: Result, metric: Metric, *, up: bool) -> list[int]:
    """Return the rows whose own figure rose, or fell, the largest percentage first; small ones are left out."""
    base = {row: abs(number(result, row, f"{metric.name}_previous") or 0) for row in _rows(result)}
    floor = LEAST_BASE * sum(base.values()) if metric.type == "simple" else 0.0
    changes = {row: number(result, row, f"{metric.name}_change") or 0.0 for row in _rows(result) if base[row] > floor}
    wanted = [row for row, change in changes.items() if (change > 0 if up else change < 0)]
    return sorted(wanted, key=lambda row: (-abs(changes[row]), row))


def _rows(result: Result) -> range:
    return range(len(result.rows))


def _value(result: Result, row: int, linear: Linear, suffix: str) -> float | None:
    found = {name: number(result, row, name + suffix) for name in linear}
    if all(value is None for value in found.values()):
        return None
    return sum(factor * (found[name] or 0) for name, factor in linear.items())


def _delta(result: Result, row: int, linear: Linear) -> float | None:
    now, then = (_value(result, row, linear, suffix) for suffix in _SUFFIXES)
    return None if now is None and then is None else (now or 0) - (then or 0)


def _sides(result: Result, row: int, top: Linear, bottom: Linear, suffix: str) -> tuple[float, float]:
    return _value(result, row, top, suffix) or 0.0, _value(result, row, bottom, suffix) or 0.0
