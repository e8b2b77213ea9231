"""How large a query becomes when a database puts its nested queries into one, which none stops once it is at it.

PostgreSQL's planner writes each nested query's expressions in place of its columns. `SELECT t || t AS t FROM (SELECT
t || t AS t FROM …)` doubles with each level, and no time limit of the server ends that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from interact.errors import QueryRefused

if TYPE_CHECKING:
    from sqlglot import exp

LIMIT = 100_000


def check_growth(query: exp.Query) -> None:
    """Refuse a query whose columns would be written out too many times."""
    from sqlglot import exp

    named: dict[str, int] = {}
    for each in query.ctes:
        named[each.alias.lower()] = _grown(each.this, named)
    for select in query.find_all(exp.Select):
        _grown(select, named)


def _grown(query: exp.Expr, named: dict[str, int]) -> int:
    """Return how many columns of tables one column of a query is at most made of."""
    from sqlglot import exp

    if isinstance(query, exp.SetOperation):
        return max(_grown(query.this, named), _grown(query.expression, named))
    if isinstance(query, exp.Subquery):
        return _grown(query.this, named)
    if not isinstance(query, exp.Select):
        return 1
    sources = [query.args.get("from_"), *(query.args.get("joins") or ())]
    inner = max((_of(source.this, named) for source in sources if source is not None), default=1)
    expressions = [part for name in ("expressions", "where", "having", "order") for part in _parts(query, name)]
    own = max((sum(1 for _ in part.find_all(exp.Column)) for part in expressions), default=1)
    total = inner * max(1, own)
    if total > LIMIT:
        raise QueryRefused(
            "The query's nested SELECTs repeat one another's columns too often to be planned. Nest fewer of them."
        )
    return 1 if _is_computed_first(query) else total


def _of(source: exp.Expr, named: dict[str, int]) -> int:
    from sqlglot import exp

    return named.get(source.name.lower(), 1) if isinstance(source, exp.Table) else _grown(source, named)


def _parts(query: exp.Select, name: str) -> list[exp.Expr]:
    found = query.args.get(name)
    return found if isinstance(found, list) else [found] if found else []


def _is_computed_first(query: exp.Select) -> bool:
    """Tell whether a query stays one of its own, as one that groups or counts does."""
    from sqlglot import exp

    if any(query.args.get(name) for name in ("group", "having", "distinct", "limit", "offset")):
        return True
    return any(part.find(exp.AggFunc) is not None for part in query.expressions)
