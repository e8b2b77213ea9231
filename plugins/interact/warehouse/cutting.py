"""A query with the model's view of each table put before it: the allowed columns, and only the rows of the run.

Each view is a WITH query that bears the table's name, so that the text below it stays as it was written. Where a name
cannot stand for the table (`crm.customers`, a database that takes a query of its own name for a recursive one, or views
whose conditions name each other's tables), only the table's name is exchanged, in its place.
"""

from __future__ import annotations

from interact.warehouse.exposure import Access, Exposed
from interact.warehouse.scopes import Reading


def cut(sql: str, reading: Reading, access: Access, *, dialect: str, is_free: bool) -> str:
    """Return the text to run; `is_free` hides `pii` columns."""
    is_plain = dialect == "postgres" and not access.has_named
    names = _names(access, prefix="" if is_plain else "seen_")
    read = {each.table for each in reading.mentions}
    views = [
        _view(names[key], each, reading, dialect=dialect, is_free=is_free)
        for key, each in access.tables.items()
        if key in read
    ]
    text = _renamed(sql, reading, names).lstrip()
    if not views:
        return text
    first = f"WITH {', '.join(views)}"
    return f"{first},{text[len('WITH') :]}" if text[:4].upper() == "WITH" else f"{first} {text}"


def _names(access: Access, *, prefix: str) -> dict[str, str]:
    """Return what each table's view is called, by its last name where no other table bears that."""
    last = [key.rpartition(".")[2] for key in access.tables]
    return {
        key: prefix + (name if "." not in key or last.count(name) == 1 else key.replace(".", "_"))
        for key, name in zip(access.tables, last, strict=True)
    }


def _view(name: str, each: Exposed, reading: Reading, *, dialect: str, is_free: bool) -> str:
    """Return one view; of `pii` columns it has only those that our compiler names, so that others need no grant."""
    shown = [*each.shown(is_free=True), *(() if is_free else sorted(each.pii & reading.columns))]
    columns = ", ".join(each.columns[column] for column in shown) or "NULL"
    where = each.where(str)
    body = f"SELECT {columns} FROM {each.table}{f' WHERE {where}' if where else ''}"
    if dialect != "postgres":
        return f"{name} AS ({body})"
    # Behind an OFFSET no condition of an agent's query reaches rows that the filter takes away: errors tell nothing.
    fence = " OFFSET 0" if is_free and where else ""
    return f"{name} AS NOT MATERIALIZED ({body}{fence})"


def _renamed(sql: str, reading: Reading, names: dict[str, str]) -> str:
    """Return the text with each table that is not called as its view by the view's name."""
    parts, position = [], 0
    for each in reading.mentions:
        name = names[each.table]
        if sql[each.start : each.end].lower() != name:
            alias = "" if each.has_alias else f" {each.table.rpartition('.')[2]}"
            parts += [sql[position : each.start], name, alias]
            position = each.end
    return "".join([*parts, sql[position:]])
