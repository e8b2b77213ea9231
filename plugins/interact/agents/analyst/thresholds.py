"""The number that a condition compares with, in its metric's own unit."""

from __future__ import annotations

import re

from interact.agents.analyst.lexicon import Token, tokenise
from interact.errors import AgentRefused
from interact.warehouse.queries import Comparator
from interact.warehouse.semantic import Metric

_LIMIT = 1e15
MIRRORED: dict[Comparator, Comparator] = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "=": "=", "!=": "!="}
CHANGES = frozenset({"change", "changed", "changes", "growth", "differences", "difference"})


def value_of(token: Token, metric: Metric) -> float:
    """Return a number in the metric's own unit; raises AgentRefused where the units do not fit."""
    number = token.number or 0.0
    if abs(number) > _LIMIT:
        raise AgentRefused(f"{token.text!r} is beyond any figure here. Write a smaller number.")
    if token.unit == "%" and metric.format in ("percent", "ratio"):
        return number
    if token.unit and token.unit != metric.unit:
        raise AgentRefused(
            f"{token.text!r} does not fit {metric.label}, which is {_kind(metric)}. Write it without the unit."
        )
    if metric.format == "percent":
        if number != 0 and abs(number) < 1:
            raise AgentRefused(f"{token.text!r} for {metric.label} may be a share or a percentage. Write it with %.")
        return number / 100
    return number


def in_unit_of(first: Token, last: Token) -> Token:
    """Return the first of two numbers in the unit that only the last has: "between 1 and 2 million"."""
    unit = re.search(r"[^\d.,\s].*$", last.text)
    if unit is None or first.unit or re.search(r"[A-Za-z%]", first.text):
        return first
    return next(iter(tokenise(f"{first.text} {unit[0]}")), first)


def change_of(token: Token, comparator: Comparator | None, *, down: bool, words: str) -> tuple[Comparator, float]:
    """Return what a change is compared with, falls as negative fractions: "fell by more than 20%" is < -0.2."""
    if token.unit != "%" or token.number is None:
        raise AgentRefused(f"{words!r} is a change without a unit. Write it in percent, as 'by more than 20%'.")
    limit = -abs(token.number) if down else abs(token.number)
    comparator = comparator or ">="
    if comparator in ("<", "<="):
        raise AgentRefused(f"{words!r} sets an upper limit to a change, which I cannot apply. Turn it round.")
    return MIRRORED[comparator] if down else comparator, limit


def signed_change(token: Token, comparator: Comparator, *, words: str) -> tuple[Comparator, float]:
    """Return what a change with its sign is compared with: "a change worse than -10 %", "a change above 5 %"."""
    number = token.number
    if token.unit != "%" or number is None:
        raise AgentRefused(f"{words!r} is a change without a unit. Write it in percent, as 'a change above 20%'.")
    outwards = (number < 0 and comparator in ("<", "<=")) or (number >= 0 and comparator in (">", ">="))
    if not outwards:
        raise AgentRefused(f"I could not tell whether {words!r} means rises or falls. Write 'rose by' or 'fell by'.")
    return comparator, number


def _kind(metric: Metric) -> str:
    if metric.format == "currency":
        return f"in {metric.unit or 'money'}"
    return {"percent": "a percentage", "ratio": "a ratio"}.get(metric.format, "a count")
