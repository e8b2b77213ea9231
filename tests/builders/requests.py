"""A request in one line, as "spend by channel | market: NL | only campaign[cpa > 50.0]"."""

from __future__ import annotations

from interact.agents.analyst.conditions import Condition, Rule
from interact.agents.analyst.request import Breakdown, Request


def in_short(request: Request) -> str:
    """Return what a request asks for, but for its window, its comparison and its notes."""
    shown = [", ".join(request.metrics) or "usual", *(_table(each) for each in request.breakdowns)]
    filters = [
        f"{each.dimension}{' not' if each.exclude else ''}: {', '.join(each.values)}" for each in request.filters
    ]
    return " | ".join([" ".join(shown), *filters, *(_rule(each) for each in request.rules)])


def _table(breakdown: Breakdown) -> str:
    ranking = breakdown.ranking
    order = f" {'top' if ranking.descending else 'low'} {ranking.limit or ''} {ranking.metric}" if ranking else ""
    by = "by " + "+".join([*breakdown.dimensions, *([breakdown.grain] if breakdown.grain else [])])
    return f"{by}{' '.join(order.split(' ')).replace('  ', ' ')}"


def _rule(rule: Rule) -> str:
    kind = "mark" if rule.highlight else "only"
    joint = " or " if rule.any_of else ", "
    return f"{kind}{' newly' if rule.newly else ''} {rule.dimension}[{joint.join(map(_condition, rule.conditions))}]"


def _condition(condition: Condition) -> str:
    change = " change" if condition.on == "change" else ""
    value = "target" if condition.value is None else f"{condition.value:g}"
    return f"{condition.metric}{change} {condition.comparator} {value}"
