"""How one query is written for the database that it goes to: DuckDB's words, or sqlglot's translation of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from interact.errors import DefinitionRefused
from interact.warehouse import clauses

if TYPE_CHECKING:
    from sqlglot.expressions import Expression

DUCKDB = "duckdb"
_WITHOUT_FILTER = ("mysql", "doris", "starrocks")
_SQLITE_PERIODS = {
    "week": "'weekday 0', '-6 days'",
    "month": "'start of month'",
    "quarter": "'start of month', '-' || ((CAST({month} AS INTEGER) - 1) % 3) || ' months'",
    "year": "'start of year'",
}
_HELD = re.compile(r"(\()?\b_held_(\d+)_\b(?(1)(\))?)")


class Writing:
    """One query in the making.

    Our own SQL is DuckDB's. The model's expressions are the database's: where that is another one they are held back
    while ours is translated, and put in as they stand in the model.
    """

    def __init__(self, dialect: str = DUCKDB) -> None:
        self.dialect = dialect
        self._held: list[str] = []

    def own(self, expr: str, *, of: str = "") -> str:
        """Return an expression of the model, its columns named as those of dataset `of` where one is given."""
        expr = qualified(expr, of, self.dialect) if of else expr
        if self.dialect == DUCKDB or expr == "*":
            return expr
        if expr not in self._held:
            self._held.append(expr)
        return f"_held_{self._held.index(expr)}_"

    def later(self, day: str, number: int, unit: str) -> str:
        """Return a day so many days or months later, or earlier."""
        if self.dialect == "sqlite":
            return f"DATE({day}, '{number} {unit}s')"
        if self.dialect in (DUCKDB, "postgres"):
            return f"{clauses.atom(day)} + " + (str(number) if unit == "day" else f"INTERVAL '{number} {unit}'")
        return f"CAST({day} + INTERVAL '{number}' {unit} AS DATE)"

    def period(self, day: str, grain: str) -> str:
        """Return the first day of the week, month, quarter or year that a day is in."""
        if self.dialect == "sqlite":
            month = f"STRFTIME({day}, '%m')"
            return f"DATE({day}, {_SQLITE_PERIODS[grain].format(month=month)})"
        return f"CAST(date_trunc('{grain}', {day}) AS DATE)"

    def same(self, left: str, right: str) -> str:
        """Return the condition that two members are equal, or both none (NULL)."""
        if self.dialect == DUCKDB:
            return f"{left} IS NOT DISTINCT FROM {right}"
        # Others join by hash only where both sides stand apart in an equation.
        texts = [f"COALESCE(CAST({side} AS VARCHAR), '')" for side in (left, right)]
        return f"{texts[0]} = {texts[1]} AND ({left} IS NULL) = ({right} IS NULL)"

    def finished(self, sql: str) -> str:
        """Return the whole query in the words of its database."""
        if self.dialect == DUCKDB:
            return sql
        import sqlglot

        tree = sqlglot.parse_one(sql, read=DUCKDB)
        if self.dialect in _WITHOUT_FILTER:
            tree = tree.transform(_as_case)
        return _HELD.sub(self._put_in, tree.sql(self.dialect, pretty=True))

    def _put_in(self, found: re.Match[str]) -> str:
        opened, number, closed = found.groups()
        expr = self._held[int(number)]
        if opened and closed:
            return f"({expr})"
        return f"{opened or ''}{clauses.atom(expr)}{closed or ''}"


def _as_case(node: Expression) -> Expression:
    """Return an aggregate of some rows as one of what is NULL in the others."""
    from sqlglot import exp

    if not isinstance(node, exp.Filter):
        return node
    aggregate, condition = node.this.copy(), node.expression.this
    inside = aggregate.this
    values = inside.expressions if isinstance(inside, exp.Distinct) else [inside]
    for value in values:
        counted = exp.Literal.number(1) if isinstance(value, exp.Star) else value.copy()
        value.replace(exp.Case().when(condition.copy(), counted))
    return aggregate  # type: ignore[no-any-return]


def qualified(expr: str, dataset: str, dialect: str) -> str:
    """Return an expression with its columns named as those of a dataset, otherwise as it was written."""
    import sqlglot
    from sqlglot import exp

    if expr == "*":
        return expr
    try:
        tree = sqlglot.parse_one(expr, read=dialect)
    except sqlglot.errors.SqlglotError:
        raise DefinitionRefused(f"The model's {expr!r} cannot be read as SQL. Correct it in the model.") from None
    names = [each.this for each in tree.find_all(exp.Column) if not each.table]
    for start in sorted({each.meta["start"] for each in names}, reverse=True):
        expr = f"{expr[:start]}{clauses.identifier(dataset)}.{expr[start:]}"
    return expr
