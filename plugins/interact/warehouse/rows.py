"""The rows of one dataset, each widened by the one row that it leads to in every other dataset that a query needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from interact.warehouse import clauses
from interact.warehouse.dialects import Writing
from interact.warehouse.queries import Filter
from interact.warehouse.semantic import Relationship, SemanticModel


@dataclass(frozen=True)
class Rows:
    """What stands behind FROM, and how an expression is written there: plainly where one dataset stands alone."""

    model: SemanticModel
    dataset: str
    others: frozenset[str]
    writing: Writing
    is_qualified: bool

    def sql(self, expr: str, dataset: str) -> str:
        """Return an expression on a dataset's columns."""
        return self.writing.own(expr, of=self.model.home(dataset) if self.is_qualified else "")

    def dimension(self, name: str) -> str:
        """Return a dimension's expression; raises DefinitionRefused for an unknown or `pii` one."""
        found = clauses.dimension_of(self.model, name)
        return self.sql(found.expr, found.dataset)

    def conditions(self, filters: Iterable[Filter]) -> list[str]:
        """Return filters as conditions on these rows."""
        return [clauses.condition(each, self.dimension(each.dimension)) for each in filters]

    def source(self, step: str = "") -> list[str]:
        """Return FROM and its joins; `step` is what stands for the dataset's table."""
        table = step or self.model.dataset(self.dataset).table
        first = f"FROM {_aliased(table, self.dataset)}" if self.is_qualified else f"FROM {table}"
        return [first, *(self._join(each) for each in self.relationships())]

    def relationships(self) -> list[Relationship]:
        """Return what the rows are joined by, in order."""
        paths = [self.model.path(self.dataset, other) or () for other in sorted(self.others)]
        return list(dict.fromkeys(each for path in paths for each in path))

    def _join(self, relation: Relationship) -> str:
        start, end = clauses.identifier(relation.from_), clauses.identifier(relation.to)
        pairs = zip(relation.from_columns, relation.to_columns, strict=True)
        equal = " AND ".join(
            f"{start}.{clauses.identifier(mine)} = {end}.{clauses.identifier(its)}" for mine, its in pairs
        )
        return f"LEFT JOIN {_aliased(self.model.dataset(relation.to).table, relation.to)} ON {equal}"


def _aliased(table: str, dataset: str) -> str:
    name = clauses.identifier(dataset)
    return table if table == dataset else f"{table} AS {name}"
