"""Pieces of readable SQL: literals, names, and clauses on lines of their own."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

from interact.errors import DefinitionRefused, listed
from interact.warehouse import words
from interact.warehouse.arithmetic import without_brackets
from interact.warehouse.queries import Filter, Window
from interact.warehouse.semantic import Dimension, SemanticModel

RESERVED = words.RESERVED
_ATOM = re.compile(r'\w+(\.\w+)*|"[^"]+"|\w+\([^()]*\)')
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
    return f'"{name}"' if name.lower() in RESERVED else name


def column(name: str, dialect: str) -> str:
    """Return a column's name as a database's own SQL, quoted where it is a word of the language."""
    from sqlglot import exp

    return str(exp.to_identifier(name, quoted=name.lower() in RESERVED).sql(dialect=dialect))


def atom(expr: str) -> str:
    """Return an expression so that an operator may stand beside it."""
    return expr if _ATOM.fullmatch(expr) else f"({expr})"


def within(expr: str, window: Window, *, is_date: bool) -> str:
    """Return the condition that a date, or a moment where `is_date` is not said, lies in a window of whole days."""
    if is_date:
        return f"{atom(expr)} BETWEEN DATE '{window.start}' AND DATE '{window.end}'"
    after = window.end + timedelta(days=1)
    return f"{atom(expr)} >= DATE '{window.start}' AND {atom(expr)} < DATE '{after}'"


def day_of(expr: str, *, is_date: bool) -> str:
    """Return the day of a date, or of a moment where `is_date` is not said."""
    return expr if is_date else f"CAST({expr} AS DATE)"


def filtered(filters: Iterable[Filter], model: SemanticModel) -> list[str]:
    """Return each filter as a condition; one that excludes members keeps the rows that have none (NULL)."""
    return [condition(each, dimension_of(model, each.dimension).expr) for each in filters]


def dimension_of(model: SemanticModel, name: str) -> Dimension:
    """Return a dimension; raises DefinitionRefused, naming those that there are, for `pii` and for unknown ones."""
    shown = {each.name: each for each in model.shown_dimensions}
    if name not in shown and any(each.name == name for each in model.dimensions):
        raise DefinitionRefused(
            f"Dimension {name!r} is `pii`: what tells who a person is is never shown, listed or filtered by "
            f"(what may be: {listed(shown)}). Name one of those."
        )
    return known("dimension", name, shown)


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
    alone = [without_brackets(each) for each in conditions] if len(conditions) == 1 else conditions
    return f"{keyword} " + "\n  AND ".join(alone) if conditions else ""


def one_of(conditions: Sequence[str]) -> list[str]:
    """Return conditions of which one has to hold, as one condition that may stand beside others."""
    bracketed = [f"({each})" if " AND " in each else each for each in dict.fromkeys(conditions)]
    between = " OR " if len(bracketed) < 3 else "\n    OR "
    return [f"({between.join(bracketed)})"] if len(bracketed) > 1 else list(conditions[:1])


def listing(keyword: str, expressions: Sequence[str]) -> str:
    """Return GROUP BY or ORDER BY on one line, or nothing."""
    return f"{keyword} " + ", ".join(expressions) if expressions else ""


def lines(*clauses: str) -> str:
    """Return the clauses that are there, one below the other."""
    return "\n".join(clause for clause in clauses if clause)


def indented(text: str) -> str:
    """Return text two spaces further in."""
    return "  " + text.replace("\n", "\n  ")


def with_steps(steps: Sequence[tuple[str, str]], final: str) -> str:
    """Return a SELECT after the named ones that it draws on."""
    named = ",\n".join(f"{name} AS (\n{indented(sql)}\n)" for name, sql in steps)
    return f"WITH {named}\n{final}" if steps else final


def condition(each: Filter, expr: str) -> str:
    """Return a filter on a dimension whose SQL is `expr`."""
    if not each.values:
        raise DefinitionRefused(f"The filter on {each.dimension!r} names no value. Name one, or drop the filter.")
    expr = atom(expr)
    values = ", ".join(literal(value) for value in each.values)
    if len(each.values) == 1:
        return f"{expr} IS DISTINCT FROM {values}" if each.exclude else f"{expr} = {values}"
    return f"({expr} NOT IN ({values}) OR {expr} IS NULL)" if each.exclude else f"{expr} IN ({values})"
