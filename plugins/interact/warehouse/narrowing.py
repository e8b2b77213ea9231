"""Which rows of a dataset a run's filters leave: those that lead to the filter, or that such rows name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from interact.warehouse import clauses
from interact.warehouse.semantic import Relationship, SemanticModel

Place = Callable[[str], str]
"""From a table's name in the model to what stands for it in SQL."""


@dataclass(frozen=True)
class Narrowing:
    """A filter as a dataset feels it that leads to the filtered dimension, and the condition there."""

    path: tuple[tuple[Relationship, str], ...]
    """Relationships, each with the table that it leads to."""
    condition: str
    dialect: str

    def sql(self, place: Place) -> str:
        """Return the condition on a row at the beginning of the way."""
        sql = self.condition
        for step, table in reversed(self.path):
            sql = _among(step.from_columns, step.to_columns, place(table), sql, self.dialect)
        return sql


@dataclass(frozen=True)
class Named:
    """The rows of a dataset that narrowed rows of others name."""

    by: tuple[tuple[Relationship, str, tuple[Condition, ...]], ...]
    """Relationships to this dataset, each with the table that it comes from and the conditions on that."""
    dialect: str

    def sql(self, place: Place) -> str:
        """Return the condition on a row."""
        return clauses.one_of(
            [
                _among(step.to_columns, step.from_columns, place(table), _all(conditions, place), self.dialect)
                for step, table, conditions in self.by
            ]
        )[0]


Condition = Narrowing | Named


@dataclass
class Narrower:
    """What `filters` (dimension to value) leave of each dataset; raises DefinitionRefused for what is no dimension."""

    model: SemanticModel
    filters: Mapping[str, str]
    dialect: str
    has_named: bool = field(default=False, init=False)
    """Whether a dataset was found that is narrowed by what names it."""

    def conditions(self, dataset: str, *, behind: frozenset[str] = frozenset()) -> tuple[Condition, ...] | None:
        """Return the conditions on a dataset's rows; None where they cannot be narrowed by each filter.

        `behind` are the datasets whose own conditions ask for these.
        """
        direct = tuple(each for name in self.filters if (each := self._leading(dataset, name)))
        if len(direct) == len(self.filters):
            return direct
        named = self._named(dataset, behind | {dataset})
        return (*direct, named) if named else None

    def unreached(self, dataset: str) -> tuple[str, str]:
        """Return the first filter that a dataset does not lead to, with its value."""
        return next(each for each in self.filters.items() if self._leading(dataset, each[0]) is None)

    def _leading(self, dataset: str, name: str) -> Narrowing | None:
        dimension = clauses.dimension_of(self.model, name)
        path = self.model.path(dataset, self.model.home(dimension.dataset))
        if path is None:
            return None
        steps = tuple((step, self.model.dataset(step.to).table) for step in path)
        condition = f"{clauses.atom(dimension.expr)} = {clauses.literal(self.filters[name])}"
        return Narrowing(steps, condition, self.dialect)

    def _named(self, dataset: str, behind: frozenset[str]) -> Named | None:
        table = self.model.dataset(dataset).table.lower()
        if sum(each.table.lower() == table for each in self.model.tables) > 1:
            return None  # Its rows stand for several things, and each would take away what the others show.
        by = []
        for relation in self.model.relationships:
            if relation.to == dataset and relation.from_ not in behind:
                conditions = self.conditions(relation.from_, behind=behind)
                if conditions is not None:
                    by.append((relation, self.model.dataset(relation.from_).table, conditions))
        self.has_named = self.has_named or bool(by)
        return Named(tuple(by), self.dialect) if by else None


def _all(conditions: tuple[Condition, ...], place: Place) -> str:
    return " AND ".join(each.sql(place) for each in conditions)


def _among(ours: tuple[str, ...], theirs: tuple[str, ...], table: str, condition: str, dialect: str) -> str:
    """Return the condition that some columns are those of a row of a table for which another condition holds."""
    mine, its = (", ".join(clauses.column(name, dialect) for name in names) for names in (ours, theirs))
    return f"{f'({mine})' if len(ours) > 1 else mine} IN (SELECT {its} FROM {table} WHERE {condition})"
