"""What a metric is, as arithmetic on sums: a sum of them, or one sum divided by another; else it has no parts."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from interact.warehouse.semantic import Metric, SemanticModel

Linear = Mapping[str, float]
"""Names of metrics that add up over members, each with its factor; "" is a number by itself."""


@dataclass(frozen=True)
class Formula:
    """`top`, or `top` over `bottom` where that is not None."""

    top: Linear
    bottom: Linear | None = None


def adds_up(metric: Metric) -> bool:
    """Tell whether the members' figures of a metric add up to its total."""
    return metric.type == "simple" and metric.agg in ("sum", "count")


def formula_of(metric: Metric, model: SemanticModel) -> Formula | None:
    """Return what a metric is made of; None where its members do not explain its total, as with a median."""
    found = _of_metric(metric, model)
    if found is None or "" in found.top or (found.bottom and "" in found.bottom):
        return None
    return found


def _of_metric(metric: Metric, model: SemanticModel) -> Formula | None:
    if metric.type == "simple":
        return Formula({metric.name: 1.0}) if adds_up(metric) else None
    if metric.type == "ratio":
        top, bottom = (_of_metric(model.metric(part), model) for part in metric.parts)
        return _divided(top, bottom)
    try:
        tree = ast.parse(str(metric.expr), mode="eval")
    except SyntaxError:
        return None
    return _of_node(tree.body, model)


def _of_node(node: ast.expr, model: SemanticModel) -> Formula | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Formula({"": float(node.value)})
    if isinstance(node, ast.Name):
        return _of_metric(model.metric(node.id), model)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _of_node(node.operand, model)
        return _times(inner, -1.0) if inner else None
    if isinstance(node, ast.BinOp):
        return _joined(node.op, _of_node(node.left, model), _of_node(node.right, model))
    return None


def _joined(how: ast.operator, left: Formula | None, right: Formula | None) -> Formula | None:
    if left is None or right is None:
        return None
    if isinstance(how, ast.Div):
        return _divided(left, right)
    if isinstance(how, ast.Mult):
        for one, other in ((left, right), (right, left)):
            if set(other.top) == {""} and other.bottom is None:
                return _times(one, other.top[""])
        return None
    return _added(left, _times(right, -1.0) if isinstance(how, ast.Sub) else right)


def _added(left: Formula, right: Formula) -> Formula | None:
    if left.bottom == right.bottom:
        return Formula(_sum(left.top, right.top), left.bottom)
    for number, quotient in ((left, right), (right, left)):
        if set(number.top) == {""} and number.bottom is None and quotient.bottom:
            whole = _times(Formula(quotient.bottom), number.top[""])
            return Formula(_sum(whole.top, quotient.top), quotient.bottom)
    return None


def _divided(top: Formula | None, bottom: Formula | None) -> Formula | None:
    if top is None or bottom is None or bottom.bottom is not None:
        return None
    if set(bottom.top) == {""}:
        return _times(top, 1.0 / bottom.top[""]) if bottom.top[""] else None
    return Formula(top.top, bottom.top) if top.bottom is None else None


def _times(formula: Formula, factor: float) -> Formula:
    return Formula({name: value * factor for name, value in formula.top.items()}, formula.bottom)


def _sum(one: Linear, other: Linear) -> Linear:
    return {name: one.get(name, 0.0) + other.get(name, 0.0) for name in dict.fromkeys((*one, *other))}
