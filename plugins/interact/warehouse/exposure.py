"""What a query may read: the columns that the model's expressions name, narrowed to the rows of a run's filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from interact.errors import DefinitionRefused
from interact.warehouse import clauses
from interact.warehouse.narrowing import Condition, Narrower, Place
from interact.warehouse.semantic import SemanticModel


class NoExpression(DefinitionRefused):
    """What a model says in SQL, and what its database's SQL does not know."""

    def __init__(self, model: str, expression: str) -> None:
        self.expression = expression
        super().__init__(f"The model {model!r} has {expression!r}, which is no SQL expression.")


@dataclass
class Exposed:
    """One table as queries see it."""

    table: str
    columns: dict[str, str] = field(default_factory=dict)
    """The name in lower case, and as SQL."""
    pii: set[str] = field(default_factory=set)
    """Those, in lower case, that tell who a person is: an agent's own SQL does not have them."""
    narrowings: list[Condition] = field(default_factory=list)
    times: list[tuple[str, str]] = field(default_factory=list)
    """The expressions of its time dimensions, each with its type."""

    def shown(self, *, is_free: bool) -> list[str]:
        """Return the columns by name in lower case, sorted; without `pii` ones for an agent's own SQL."""
        return [name for name in sorted(self.columns) if not (is_free and name in self.pii)]

    def where(self, place: Place) -> str:
        """Return the condition that narrows it; empty without one."""
        return " AND ".join(each.sql(place) for each in self.narrowings)


@dataclass(frozen=True)
class Access:
    """What the queries of one door may read; tables by their name in lower case."""

    tables: Mapping[str, Exposed]
    """Each stands before those that its narrowing leads to, but for those that narrowed rows name."""
    hidden: Mapping[str, str]
    """What is not shown, with the reason."""
    has_named: bool = False
    """Whether a table shows the rows that narrowed rows of others name, so that conditions may lead both ways."""


def access_to(model: SemanticModel, filters: Mapping[str, str] | None = None, *, dialect: str = "duckdb") -> Access:
    """Return what a model shows when `filters` (dimension to value) hold; raises DefinitionRefused for what is wrong.

    The model's expressions are in the database's own words, which are `dialect`. A dataset that does not lead to the
    dimension of each filter shows the rows that narrowed rows of other datasets name; where none leads to it, it cannot
    be narrowed, and so is hidden.
    """
    tables: dict[str, Exposed] = {}
    hidden: dict[str, str] = {}
    found = _columns(model, dialect)
    narrower = Narrower(model, filters or {}, dialect=dialect)
    for dataset in sorted(model.tables, key=lambda each: -_reached(model, each.name)):
        key = dataset.table.lower()
        exposed = tables.setdefault(key, Exposed(dataset.table))
        exposed.columns.update(found[dataset.name])
        exposed.pii |= _pii(model, dataset.name, dialect)
        exposed.times += [(each.expr, each.type) for each in model.times if model.home(each.dataset) == dataset.name]
        conditions = narrower.conditions(dataset.name)
        if conditions is None:
            name, value = narrower.unreached(dataset.name)
            hidden[key] = f"which does not lead to {name!r}, and this run shows {value!r} only"
        else:
            exposed.narrowings += [each for each in conditions if each not in exposed.narrowings]
    shown = {key: exposed for key, exposed in tables.items() if key not in hidden}
    return Access(shown, hidden, has_named=narrower.has_named)


def _reached(model: SemanticModel, name: str) -> int:
    return sum(model.path(name, each.name) is not None for each in model.tables)


def _columns(model: SemanticModel, dialect: str) -> dict[str, dict[str, str]]:
    """Return the columns of each dataset, by name in lower case."""
    found: dict[str, dict[str, str]] = {each.name: {} for each in model.tables}
    for dataset in model.tables:
        found[dataset.name].update(_plain(dataset.primary_key, dialect))
    for relation in model.relationships:
        found[relation.from_].update(_plain(relation.from_columns, dialect))
        found[relation.to].update(_plain(relation.to_columns, dialect))
    for dataset_name, expression in _expressions(model):
        found[model.home(dataset_name)].update(_named_in(expression, model, dialect))
    return found


def _plain(names: Iterable[str], dialect: str) -> dict[str, str]:
    return {name.lower(): clauses.column(name, dialect) for name in names}


def _expressions(model: SemanticModel) -> Iterable[tuple[str, str]]:
    """Yield each expression with the dataset whose columns it names."""
    yield from ((each.dataset, each.expr) for each in model.times)
    yield from ((each.dataset, each.expr) for each in model.dimensions)
    for metric in model.metrics:
        if metric.type == "simple":
            told = (metric.expr, metric.filter, metric.conversion and metric.conversion.expr)
            yield from ((metric.dataset, each) for each in told if each)
        if metric.target and metric.target.expr:
            yield model.leaves(metric.name)[0].dataset, metric.target.expr


def _pii(model: SemanticModel, dataset: str, dialect: str) -> set[str]:
    marked = [each for each in model.dimensions if each.pii and model.home(each.dataset) == dataset]
    return {name for each in marked for name in _named_in(each.expr, model, dialect)}


def _named_in(expression: str, model: SemanticModel, dialect: str) -> dict[str, str]:
    """Return the columns that an expression names, as in `Exposed.columns`."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        tree = sqlglot.parse_one(f"SELECT {expression}", read=dialect)
    except (SqlglotError, RecursionError):
        raise NoExpression(model.name, expression) from None
    columns = [column.this for column in tree.find_all(exp.Column) if not isinstance(column.this, exp.Star)]
    return {column.name.lower(): column.sql(dialect=dialect) for column in columns}
