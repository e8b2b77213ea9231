"""What stands out in results: who crossed a limit, what has no value, what moved a total, which days are odd."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median
from typing import Literal

from interact.agents.analyst.conditions import Condition, Rule
from interact.chats.result import Result, Value
from interact.warehouse.queries import Window
from interact.warehouse.semantic import Metric, SemanticModel

Direction = Literal["up", "down", "flat"]
USUAL = 10
"""From which median on a day with 0 is odd: a small campaign has days without conversions."""
FLAT = 0.005
"""A change of less than half a percent is called unchanged."""
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True)
class Gap:
    """Rows of all members for which a ratio has no value, and which the rule's other conditions do not rule out."""

    ratio: Metric
    unmeasured: tuple[int, ...]
    """Those with a numerator: money was spent, or the like."""
    new: frozenset[int]
    """Those of them that had a value in the period before."""
    meaningless: tuple[int, ...]
    """Those without either."""


@dataclass(frozen=True)
class Finding:
    """What a rule found: rows of a result, those not found in the period before, and those without a value.

    Where the rule asks for what is new, all rows are, and none is marked.
    """

    rule: Rule
    result: Result
    rows: tuple[int, ...]
    new: frozenset[int]
    gaps: tuple[Gap, ...] = ()
    """For each ratio that is judged, who has no value of it."""
    whole: Result | None = None

    @property
    def unmeasured(self) -> tuple[int, ...]:
        """Rows of `whole` of which some ratio has no value although there was spend, or the like."""
        return tuple(dict.fromkeys(row for gap in self.gaps for row in gap.unmeasured))


def number(result: Result, row: int, column: str) -> float | None:
    """Return a cell as a number; None for n/a and for a column that is not there."""
    if all(each.name != column for each in result.columns):
        return None
    value = result.value(row, column)
    return None if value is None or isinstance(value, str) else float(value)


def direction(result: Result, row: int, metric: str) -> Direction | None:
    """Return where a metric went since the period before; None where that is not known."""
    change = number(result, row, f"{metric}_change")
    if change is None:
        return None
    return "flat" if abs(change) < FLAT else "up" if change > 0 else "down"


def judge(rule: Rule, result: Result, whole: Result | None, *, model: SemanticModel) -> Finding:
    """Return what a rule found in a result that holds its matches (or, where it judges changes, all members)."""
    rows = tuple(row for row in range(len(result.rows)) if _holds(rule, result, row))
    moved = [condition.metric for condition in rule.conditions if condition.on == "change"]
    if moved:
        rows = tuple(sorted(rows, key=lambda row: -abs(number(result, row, f"{moved[0]}_change") or 0)))
    compared = any(column.name.endswith("_previous") for column in result.columns)
    level = all(condition.on == "level" for condition in rule.conditions)
    new = frozenset(row for row in rows if compared and level and not _held_before(rule, result, row))
    if rule.newly:
        rows = tuple(row for row in rows if row in new and _had_values(rule, result, row))
        new = frozenset()
    if whole is None:
        return Finding(rule, result, rows, new)
    judged = dict.fromkeys(c.metric for c in rule.conditions if model.metric(c.metric).type == "ratio")
    gaps = tuple(_gap(rule, whole, model.metric(each)) for each in judged)
    return Finding(rule, result, rows, new, gaps, whole)


def worst_first(finding: Finding) -> Finding:
    """Return what was found among all members, by its first condition, the farthest from the limit first."""
    first = finding.rule.conditions[0]
    if first.on == "change":
        return finding
    sign = -1 if first.comparator in (">", ">=") else 1
    found = [(sign * (number(finding.result, row, first.metric) or 0), row) for row in finding.rows]
    return replace(finding, rows=tuple(row for _, row in sorted(found)))


def _gap(rule: Rule, whole: Result, ratio: Metric) -> Gap:
    others = tuple(condition for condition in rule.conditions if condition.metric != ratio.name)
    empty = [row for row in range(len(whole.rows)) if has_no_value(whole, row, ratio)]
    # Of conditions of which one is enough, another that fails rules nobody out, and one that holds lists them anyway.
    out = _holds if rule.any_of else _ruled_out
    open_ = [row for row in empty if not out(replace(rule, conditions=others), whole, row)]
    spent = tuple(row for row in open_ if (number(whole, row, str(ratio.numerator)) or 0) > 0)
    had = frozenset(row for row in spent if number(whole, row, f"{ratio.name}_previous") is not None)
    return Gap(ratio, spent, had, tuple(row for row in open_ if row not in spent))


def fails(condition: Condition, result: Result, row: int) -> bool:
    """Tell whether a condition has a value to judge and does not hold."""
    column = f"{condition.metric}_change" if condition.on == "change" else condition.metric
    return number(result, row, column) is not None and not _holds_for(condition, result, row, suffix="")


def _ruled_out(rule: Rule, result: Result, row: int) -> bool:
    return any(fails(condition, result, row) for condition in rule.conditions)


def has_no_value(result: Result, row: int, metric: Metric) -> bool:
    """Tell whether a ratio lacks its denominator in a row that has figures at all."""
    present = any(number(result, row, str(part)) is not None for part in (metric.numerator, metric.denominator))
    return present and number(result, row, metric.name) is None


def _holds(rule: Rule, result: Result, row: int) -> bool:
    held = (_holds_for(condition, result, row, suffix="") for condition in rule.conditions)
    return any(held) if rule.any_of else all(held)


def _held_before(rule: Rule, result: Result, row: int) -> bool:
    held = (_holds_for(condition, result, row, suffix="_previous") for condition in rule.conditions)
    return any(held) if rule.any_of else all(held)


def _had_values(rule: Rule, result: Result, row: int) -> bool:
    return all(number(result, row, f"{condition.metric}_previous") is not None for condition in rule.conditions)


def _holds_for(condition: Condition, result: Result, row: int, *, suffix: str) -> bool:
    value = number(result, row, f"{condition.metric}_change" if condition.on == "change" else condition.metric + suffix)
    limit = number(result, row, f"{condition.metric}_target") if condition.value is None else condition.value
    return value is not None and limit is not None and _COMPARE[condition.comparator](value, limit)


def stopped(result: Result, metrics: tuple[str, ...]) -> list[int]:
    """Return the rows that had figures in the period before and have none now."""
    return [row for row in range(len(result.rows)) if _gone(result, row, metrics)]


def free_of_charge(result: Result, row: int, ratio: Metric) -> bool:
    """Tell whether a ratio that is good when low is 0 because its numerator is: nothing was spent, so it is no best."""
    has = number(result, row, str(ratio.denominator))
    return ratio.good == "down" and bool(has) and not number(result, row, str(ratio.numerator))


def unpaid(result: Result, ratio: Metric) -> list[int]:
    """Return the rows that add to one part of a ratio alone and flatter it: revenue, or conversions, without spend."""
    top, bottom = str(ratio.numerator), str(ratio.denominator)
    if ratio.good == "down":
        return [row for row in range(len(result.rows)) if free_of_charge(result, row, ratio)]
    return [
        row
        for row in range(len(result.rows))
        if ratio.good == "up" and number(result, row, top) and not number(result, row, bottom)
    ]


def parts_of(ratio: Metric, model: SemanticModel) -> tuple[Metric, Metric] | None:
    """Return two ratios over one denominator whose quotient a ratio is: ROAS is order value over CPA."""
    ratios = [metric for metric in model.metrics if metric.type == "ratio"]
    pairs = (
        (one, other)
        for one in ratios
        for other in ratios
        if (one.numerator, other.numerator) == (ratio.numerator, ratio.denominator)
        and one.denominator == other.denominator
    )
    return next(pairs, None) if ratio.type == "ratio" else None


def _gone(result: Result, row: int, metrics: tuple[str, ...]) -> bool:
    now = [number(result, row, name) for name in metrics]
    then = [number(result, row, f"{name}_previous") for name in metrics]
    return not any(now) and None in now and any(value is not None for value in then)


def zero_days(
    trend: Result, metrics: tuple[str, ...], *, witnesses: tuple[str, ...], rows: Iterable[int] | None = None
) -> dict[int, tuple[str, ...]]:
    """Return the rows of daily figures where metrics are 0 whose usual day is far from it, and witnesses are not.

    `rows` are those that are judged, against all.
    """
    found: dict[int, tuple[str, ...]] = {}
    usual = {name: median([number(trend, row, name) or 0 for row in range(len(trend.rows))] or [0]) for name in metrics}
    for row in range(len(trend.rows)) if rows is None else rows:
        zero = tuple(name for name in metrics if usual[name] >= USUAL and not number(trend, row, name))
        alive = any(number(trend, row, name) for name in witnesses)
        if zero and alive and len(trend.rows) >= 3:
            found[row] = zero
    return found


def missing_days(days: Result, window: Window) -> list[date]:
    """Return the days of a window without any row."""
    present = {str(value)[:10] for value in days.values("day")}
    every = (window.start + timedelta(days=offset) for offset in range(window.days))
    return [day for day in every if day.isoformat() not in present]


def day_of(value: Value) -> date | None:
    """Return a date cell as a day."""
    return date.fromisoformat(str(value)[:10]) if value is not None else None
