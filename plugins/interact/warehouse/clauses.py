"""Pieces of readable SQL: literals, names, and clauses on lines of their own."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

from interact.errors import DefinitionRefused, listed
from interact.warehouse.queries import Filter, Window
from interact.warehouse.semantic import Dimension, SemanticModel

_RESERVED_WORDS = """
    all analyse analyze and any array as asc asymmetric between both case cast check collate column constraint
    create cross default deferrable desc describe distinct do else end except exists false fetch filter for foreign
    from full grant group having in initially inner intersect into is join lambda lateral leading left like limit
    natural not null offset on only or order outer over pivot pivot_longer pivot_wider placing primary qualify
    references returning right select show some summarize symmetric table then to trailing true union unique unpivot
    user using values variadic when where window with
"""
RESERVED = frozenset(_RESERVED_WORDS.split())
_ATOM = re.compile(r'\w+|"[^"]+"|\w+\([^()]*\)')
Named = TypeVar("Named")


def literal(text: str) -> str:
    """Return text as a SQL string."""
    return "'" + text.replace("'", "''") + "'"


def number(value: float) -> str:
    """Return a number as SQL; raises DefinitionRefused for one that is not finite."""
    if not math.isfinite(value):
        raise DefinitionRefused(f"A metric cannot be compared with {value!r}. Name a finite number.")
    return repr(float(value)).removesuffix(".0")


def identifier(name: str) -> str:
    """Return a name as SQL, quoted where it is a word of the language."""
    return f'"{name}"' if name in RESERVED else name


def atom(expr: str) -> str:
    """Return an expression so that an operator may stand beside it."""
    return expr if _ATOM.fullmatch(expr) else f"({expr})"


def within(expr: str, window: Window) -> str:
    """Return the condition that a date lies in a window."""
    return f"{atom(expr)} BETWEEN DATE '{window.start}' AND DATE '{window.end}'"


def filtered(filters: Iterable[Filter], model: SemanticModel) -> list[str]:
    """Return each filter as a condition; one that excludes members keeps the rows that have none (NULL)."""
    return [_filter(each, dimension_of(model, each.dimension)) for each in filters]


def dimension_of(model: SemanticModel, name: str) -> Dimension:
    """Return a dimension; raises DefinitionRefused, naming those that there are."""
    return known("dimension", name, {each.name: each for each in model.dimensions})


def known(kind: str, name: str, there: dict[str, Named]) -> Named:
    """Return what bears the name; raises DefinitionRefused, naming what there is."""
    if name not in there:
        raise DefinitionRefused(f"There is no {kind} {name!r} (there are {listed(there)}). Name one of them.")
    return there[name]


def select(expressions: Sequence[str]) -> str:
    """Return SELECT with one expression a line."""
    return "SELECT\n  " + ",\n  ".join(expressions)


def all_of(keyword: str, conditions: Sequence[str]) -> str:
    """Return WHERE or HAVING with one condition a line, or nothing."""
    return f"{keyword} " + "\n  AND ".join(conditions) if conditions else ""


def listing(keyword: str, expressions: Sequence[str]) -> str:
    """Return GROUP BY or ORDER BY on one line, or nothing."""
    return f"{keyword} " + ", ".join(expressions) if expressions else ""


def lines(*clauses: str) -> str:
    """Return the clauses that are there, one below the other."""
    return "\n".join(clause for clause in clauses if clause)


def indented(text: str) -> str:
    """Return text two spaces further in."""
    return "  " + text.replace("\n", "\n  ")


def _filter(each: Filter, dimension: Dimension) -> str:
    if not each.values:
        raise DefinitionRefused(f"The filter on {each.dimension!r} names no value. Name one, or drop the filter.")
    expr = atom(dimension.expr)
    values = ", ".join(literal(value) for value in each.values)
    if len(each.values) == 1:
        return f"{expr} IS DISTINCT FROM {values}" if each.exclude else f"{expr} = {values}"
    return f"({expr} NOT IN ({values}) OR {expr} IS NULL)" if each.exclude else f"{expr} IN ({values})"
