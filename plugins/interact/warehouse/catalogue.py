"""What a database says of its own tables: columns, keys, and how many different values there are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from interact.errors import DefinitionRefused, WarehouseUnavailable, listed

Ask = Callable[[str], list[tuple[Any, ...]]]
"""Runs a SELECT as whoever drafts a model, and returns its rows."""
Kind = Literal["text", "whole", "number", "date", "moment", "boolean", "other"]
SAMPLE_ROWS = 100_000
"""How many rows of a table are looked at."""
_KINDS: dict[Kind, frozenset[str]] = {
    "text": frozenset(["bpchar", "char", "character", "enum", "nvarchar", "string", "text", "varchar"]),
    "whole": frozenset(
        [
            "bigint",
            "hugeint",
            "int",
            "int64",
            "integer",
            "smallint",
            "tinyint",
            "ubigint",
            "uinteger",
            "usmallint",
            "utinyint",
        ]
    ),
    "number": frozenset(["decimal", "double", "float", "float64", "money", "number", "numeric", "real"]),
    "date": frozenset(["date"]),
    "moment": frozenset(["datetime", "timestamp", "timestamp_ntz", "timestamp_tz"]),
    "boolean": frozenset(["bool", "boolean"]),
}
_SYSTEM = "('information_schema', 'pg_catalog', 'pg_toast')"
_COLUMNS = f"""
SELECT c.table_schema, c.table_name, c.column_name, c.data_type
FROM information_schema.columns AS c
WHERE c.table_schema NOT IN {_SYSTEM}
ORDER BY c.table_schema, c.table_name, c.ordinal_position
"""
_DUCKDB_KEYS = """
SELECT schema_name, table_name, constraint_type, constraint_column_names, referenced_table, referenced_column_names
FROM duckdb_constraints()
WHERE constraint_type IN ('PRIMARY KEY', 'FOREIGN KEY')
"""
# information_schema shows the keys of a table to those alone who may write to it.
_POSTGRES_KEYS = """
SELECT n.nspname, t.relname, CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'FOREIGN KEY' END,
  ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u(number, place)
        JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place),
  f.relname,
  ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u(number, place)
        JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.place)
FROM pg_constraint AS k
JOIN pg_class AS t ON t.oid = k.conrelid
JOIN pg_namespace AS n ON n.oid = t.relnamespace
LEFT JOIN pg_class AS f ON f.oid = k.confrelid
WHERE k.contype IN ('p', 'f')
"""
_WITHOUT_CATALOGUE = ("sqlite", "oracle")
_KEYS = {"duckdb": _DUCKDB_KEYS, "postgres": _POSTGRES_KEYS}


@dataclass
class TableColumn:
    """A column; `distinct` is how many values it has in the rows that were looked at."""

    name: str
    kind: Kind
    distinct: int = 0


@dataclass
class ForeignKey:
    """Columns of a table whose values are those of another table's columns."""

    columns: tuple[str, ...]
    table: str
    to_columns: tuple[str, ...]
    is_guessed: bool = False


@dataclass
class Table:
    """A table or view as its database describes it."""

    schema: str
    name: str
    columns: list[TableColumn] = field(default_factory=list)
    primary_key: tuple[str, ...] = ()
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    rows: int = 0
    """Of those that were looked at."""

    def column(self, name: str) -> TableColumn | None:
        """Return a column, None where there is none of that name."""
        return next((each for each in self.columns if each.name.lower() == name.lower()), None)


@contextmanager
def duckdb_file(path: Path) -> Iterator[Ask]:
    """Give what asks a DuckDB file, read-only and without a way to other files; raises WarehouseUnavailable."""
    import duckdb

    if not path.is_file():
        raise WarehouseUnavailable(f"There is no warehouse file {str(path)!r}. Name a DuckDB file that exists.")
    closed = {"enable_external_access": False, "autoinstall_known_extensions": False, "lock_configuration": True}
    try:
        connection = duckdb.connect(path, read_only=True, config=closed)  # type: ignore[arg-type]
    except duckdb.Error:
        raise WarehouseUnavailable(
            f"The warehouse file {path.name!r} cannot be opened: it is no DuckDB file, or something writes to it. "
            "Try again when nothing does."
        ) from None
    with connection:
        yield lambda sql: connection.execute(sql).fetchall()


def read_catalogue(ask: Ask, dialect: str, tables: Sequence[str] = ()) -> list[Table]:
    """Return the tables of those names, or all of them, in the order of their names; raises DefinitionRefused."""
    if dialect in _WITHOUT_CATALOGUE:
        raise DefinitionRefused(
            f"A {dialect} database has no information_schema, which a draft is made from. "
            "Write the model by hand, as docs/semantic-models.md shows."
        )
    found: dict[tuple[str, str], Table] = {}
    for schema, name, column, data_type in ask(_COLUMNS):
        table = found.setdefault((schema, name), Table(schema, name))
        table.columns.append(TableColumn(column, kind_of(data_type)))
    chosen = _chosen(list(found.values()), tables)
    for schema, name, kind, columns, other, others in ask(_KEYS[dialect]) if dialect in _KEYS else ():
        owner = found.get((schema, name))
        if owner and kind == "PRIMARY KEY":
            owner.primary_key = tuple(columns)
        elif owner:
            owner.foreign_keys.append(ForeignKey(tuple(columns), other, tuple(others)))
    for each in chosen:
        _count(each, ask, dialect)
    return chosen


def kind_of(data_type: str) -> Kind:
    """Return what kind of values a type of the database holds."""
    word = re.match(r"\w*", data_type.lower())
    if word is None or data_type.endswith("]"):
        return "other"
    return next((kind for kind, names in _KINDS.items() if word[0] in names), "other")


def _chosen(found: list[Table], wanted: Sequence[str]) -> list[Table]:
    if not wanted:
        return found
    chosen = []
    for name in wanted:
        match = [each for each in found if name.lower() in (each.name.lower(), f"{each.schema}.{each.name}".lower())]
        if not match:
            known = listed([each.name for each in found])
            raise DefinitionRefused(f"There is no table {name!r} (there are {known}). Name one of them.")
        chosen += match[:1]
    return chosen


def _count(table: Table, ask: Ask, dialect: str) -> None:
    counted = [each for each in table.columns if each.kind != "other"]
    figures = ", ".join(["COUNT(*)", *(f"COUNT(DISTINCT {quoted(each.name, dialect)})" for each in counted)])
    ((table.rows, *numbers),) = ask(f"SELECT {figures} FROM ({_some(table, dialect)}) AS looked_at")
    for column, number in zip(counted, numbers, strict=True):
        column.distinct = number


def is_unique(table: Table, columns: Iterable[str], ask: Ask, dialect: str) -> bool:
    """Return whether columns name one row of a table each."""
    names = ", ".join(quoted(each, dialect) for each in columns)
    source = f"SELECT {names} FROM {_full(table, dialect)} GROUP BY {names} HAVING COUNT(*) > 1"
    return bool(ask(f"SELECT COUNT(*) FROM ({source}) AS twice")[0][0] == 0)


def quoted(name: str, dialect: str) -> str:
    """Return a name that the catalogue gave as the database takes it."""
    from sqlglot import exp

    return exp.to_identifier(name, quoted=True).sql(dialect=dialect)


def _full(table: Table, dialect: str) -> str:
    return f"{quoted(table.schema, dialect)}.{quoted(table.name, dialect)}"


def _some(table: Table, dialect: str) -> str:
    return f"SELECT * FROM {_full(table, dialect)} LIMIT {SAMPLE_ROWS}"
