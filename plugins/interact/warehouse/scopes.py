"""Which tables and columns a parsed query names, and whether it may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from interact.errors import QueryRefused, listed
from interact.warehouse.exposure import Access

if TYPE_CHECKING:
    from sqlglot import exp

Name = tuple[bool, str]
"""Whether a name is quoted, and the name: in lower case when it is not."""


@dataclass(frozen=True)
class Mention:
    """Where a query's text names a table of the model: `start` inclusive, `end` exclusive."""

    table: str
    """In lower case, as in `Access.tables`."""
    start: int
    end: int
    has_alias: bool


@dataclass(frozen=True)
class Reading:
    """What a query that is allowed reads, in the order of its text."""

    mentions: tuple[Mention, ...] = ()
    columns: frozenset[str] = frozenset()
    """Names in lower case."""


def read(query: exp.Query, access: Access, *, is_free: bool) -> Reading:
    """Return what a query reads; raises QueryRefused for a table or a column that it may not name."""
    mentions = _tables(query, access)
    _check_columns(query, access, mentions, is_free=is_free)
    columns = frozenset(name.lower() for name in _column_names(query))
    return Reading(tuple(sorted(mentions, key=lambda each: each.start)), columns)


def shown(node: exp.Expr) -> str:
    """Return a piece of a query for a sentence."""
    text = node.sql(dialect="duckdb", comments=False)
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def _tables(query: exp.Query, access: Access) -> list[Mention]:
    """Return where tables of the model are named; refuses what is neither one nor an earlier WITH query."""
    from sqlglot import exp

    named: set[Name] = set()
    mentions: list[Mention] = []
    taken = {part for table in (*access.tables, *access.hidden) for part in (table, table.rpartition(".")[2])}
    for each in query.ctes:
        mentions += _mentions(each.find_all(exp.Table), access, named)
        if each.alias.lower() in taken:
            raise QueryRefused(f"The query gives the name {each.alias!r} a second meaning. Choose another name.")
        taken.add(each.alias.lower())
        named.add(_name(each.args["alias"].this))
    outside = (table for table in query.find_all(exp.Table) if table.find_ancestor(exp.CTE) is None)
    return [*mentions, *_mentions(outside, access, named)]


def _mentions(tables: object, access: Access, named: set[Name]) -> list[Mention]:
    found = []
    for table in tables:  # type: ignore[attr-defined]
        if len(table.parts) == 1 and _name(table.this) in named:
            continue
        key = ".".join(part.name for part in table.parts).lower()
        if key in access.hidden:
            raise QueryRefused(f"The query reads {shown(table)}, {access.hidden[key]}. {_advice(access, named)}")
        if key not in access.tables or not all(part.name.isascii() for part in table.parts):
            raise QueryRefused(f"The query reads {shown(table)}. {_advice(access, named)}")
        start, end = table.parts[0].meta.get("start"), table.parts[-1].meta.get("end")
        if start is None or end is None:
            raise QueryRefused(f"The query quotes several names as one in {shown(table)}. Write them apart.")
        found.append(Mention(key, start, end + 1, bool(table.alias)))
    return found


def _advice(access: Access, named: set[Name]) -> str:
    there = [*(each.table for each in access.tables.values()), *(name for _, name in named)]
    return f"Allowed: {listed(sorted(there))}, by that name."


def _name(identifier: exp.Expr) -> Name:
    """Return a name so that two are equal only if every database takes them for one."""
    quoted = bool(identifier.args.get("quoted"))
    name = identifier.name
    return quoted, name if quoted else "".join(each.lower() if each.isascii() else each for each in name)


def _check_columns(query: exp.Query, access: Access, mentions: list[Mention], *, is_free: bool) -> None:
    """Refuse a column that is neither one of the tables that are read nor named by the query itself."""
    from sqlglot import exp

    read = [access.tables[name] for name in {each.table for each in mentions}]
    known = {name for each in read for name in each.shown(is_free=is_free)}
    secret = {name for each in read for name in each.pii} - known if is_free else set()
    named = {alias.alias.lower() for alias in query.find_all(exp.Alias)}
    tables = {table.alias_or_name.lower() for table in query.find_all(exp.Table, exp.Subquery, exp.CTE)}
    for column in query.find_all(exp.Column):
        if len(column.parts) > 2 or (column.table and column.table.lower() not in tables):
            raise QueryRefused(f"The query names the column {shown(column)}. Write TABLE.COLUMN, or the column alone.")
    for name in _column_names(query):
        if name.lower() in secret:
            raise QueryRefused(
                f"The query names the column {name!r}, which tells who a person is (`pii`) and is never shown. "
                f"There are {listed(sorted(known), limit=30)}."
            )
        if name.lower() not in known | named:
            raise QueryRefused(f"There is no column {name!r} (there are {listed(sorted(known), limit=30)}).")


def _column_names(query: exp.Query) -> list[str]:
    from sqlglot import exp

    columns = [each.name for each in query.find_all(exp.Column) if not isinstance(each.this, exp.Star)]
    joined = [each.name for join in query.find_all(exp.Join) for each in join.args.get("using") or ()]
    return [*columns, *joined]
