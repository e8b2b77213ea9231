"""Whether a relationship leads to one row: where it leads to several, sums would count rows twice, in silence."""

from __future__ import annotations

from collections.abc import Sequence

from interact.chats.result import Column
from interact.warehouse import clauses
from interact.warehouse.dialects import DUCKDB, Writing
from interact.warehouse.queries import Compiled
from interact.warehouse.semantic import Relationship, SemanticModel


def compile_repeats(columns: Sequence[str], table: str, *, dialect: str = DUCKDB) -> Compiled:
    """Return the query for how many values of some columns stand in more than one row (`found`)."""
    keys = ", ".join(clauses.identifier(each) for each in columns)
    there = " AND ".join(f"{clauses.identifier(each)} IS NOT NULL" for each in columns)
    sql = (
        f"SELECT COUNT(*) AS found\nFROM (\n  SELECT {keys}\n  FROM {table}\n"
        f"  WHERE {there}\n  GROUP BY {keys}\n  HAVING COUNT(*) > 1\n) AS twice"
    )
    return Compiled(Writing(dialect).finished(sql), (Column(name="found", label="Found", format="integer"),))


def repeats_in_words(relation: Relationship, model: SemanticModel, found: int) -> str:
    """Say that so many values lead to more than one row, and what to do."""
    keys, table = ", ".join(relation.to_columns), model.dataset(relation.to).table
    return (
        f"The relationship from {relation.from_!r} to {relation.to!r} joins by {keys}, of which "
        f"{standing(found, table)}: sums would count twice. Name columns that are unique there."
    )


def standing(found: int, table: str) -> str:
    """Say that so many values stand in several rows."""
    return f"{found:,} value{' stands' if found == 1 else 's stand'} in several rows of {table!r}"
