"""A first semantic model from a database's own tables, for a person to finish: what was guessed says `# check:`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import yaml

from interact.errors import DefinitionRefused
from interact.warehouse import guesses
from interact.warehouse.catalogue import Ask, Table, TableColumn, quoted, read_catalogue
from interact.warehouse.measures import COLUMN, TABLE
from interact.warehouse.words import RESERVED

MEMBERS = 200
"""A text with more values than that is no dimension."""
TABLES = 60
_OWN_SCHEMAS = ("main", "public")
_GENERIC = ("name", "title", "label", "description")
Entry = dict[str, object]


def draft_model(ask: Ask, dialect: str, *, name: str, tables: Sequence[str] = ()) -> str:
    """Return a model of those tables, or all, as YAML; raises DefinitionRefused where none can be made."""
    found = read_catalogue(ask, dialect, tables)
    if len(found) > TABLES:
        raise DefinitionRefused(
            f"There are {len(found)} tables; a draft takes at most {TABLES}. Name those that questions are about."
        )
    guesses.guess_keys(found, ask, dialect)
    drafting = _Draft(dialect)
    for table in found:
        drafting.take(table)
    return drafting.text(plain_name(name))


@dataclass
class _Draft:
    dialect: str
    datasets: dict[str, Table] = field(default_factory=dict)
    """By the dataset's name."""
    left_out: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    """The names of dimensions, time dimensions and metrics."""

    def take(self, table: Table) -> None:
        if not re.fullmatch(TABLE, self._table(table)):
            self.left_out.append(f"{table.name}: its name needs quotes; make a view")
            return
        self.datasets[_free(plain_name(table.name), set(self.datasets))] = table

    def text(self, name: str) -> str:
        """Return the whole file."""
        lists = {
            "datasets": [self._dataset(key, table) for key, table in self.datasets.items()],
            "relationships": self._relationships(),
            "time_dimensions": [each for key, table in self.datasets.items() for each in self._times(key, table)],
            "dimensions": [each for key, table in self.datasets.items() for each in self._dimensions(key, table)],
            "metrics": [each for key, table in self.datasets.items() for each in self._metrics(key, table)],
        }
        if not lists["metrics"]:
            raise DefinitionRefused(
                "None of the tables has a column of days, by which figures could be asked for. "
                "Name tables with a date or a timestamp, or make a view that has one."
            )
        head = [
            "# A draft made from the database's own tables. What is marked `check:` was guessed from names and values.",
            "# `interact model check` tries it; docs/semantic-models.md explains each key.",
            f"name: {name}",
        ]
        blocks = ["\n".join([f"{key}:", *map(_line, entries)]) for key, entries in lists.items() if entries]
        rest = [f"# left out: {each}" for each in self.left_out]
        return "\n\n".join(["\n".join(head), *blocks, *(["\n".join(rest)] if rest else [])]) + "\n"

    def _is_plain(self, name: str) -> bool:
        """Whether a column's name stands for itself where nothing is quoted."""
        return bool(re.fullmatch(COLUMN, name)) and (self.dialect == "duckdb" or name == name.lower())

    def _table(self, table: Table) -> str:
        return table.name if table.schema in _OWN_SCHEMAS else f"{table.schema}.{table.name}"

    def _dataset(self, key: str, table: Table) -> tuple[Entry, str]:
        entry: Entry = {"name": key}
        if self._table(table) != key:
            entry["table"] = self._table(table)
        if table.primary_key and all(map(self._is_plain, table.primary_key)):
            entry["primary_key"] = list(table.primary_key)
        return entry, ""

    def _relationships(self) -> list[tuple[Entry, str]]:
        names = {table.name.lower(): key for key, table in self.datasets.items()}
        found, seen = [], set()
        for key, table in self.datasets.items():
            for each in table.foreign_keys:
                other = names.get(each.table.lower())
                if other in (None, key):
                    continue
                if (key, other) in seen:
                    told = ", ".join(each.columns)
                    self.left_out.append(f"a second relationship from {key} to {other}, by {told}; make a view for it")
                    continue
                if not all(map(self._is_plain, (*each.columns, *each.to_columns))):
                    told = ", ".join(each.columns)
                    self.left_out.append(f"the relationship from {key} to {other}, by {told}: a name needs quotes")
                    continue
                seen.add((key, other))
                entry: Entry = {"from": key, "to": other}
                entry |= {"from_columns": list(each.columns), "to_columns": list(each.to_columns)}
                found.append((entry, "guessed from the names of the columns" if each.is_guessed else ""))
        return found

    def _times(self, key: str, table: Table) -> list[tuple[Entry, str]]:
        found = []
        for at, column in enumerate(days := guesses.days_of(table)):
            entry: Entry = {"name": self._name(column.name, key), "dataset": key, "expr": self._expr(column)}
            if column.kind == "date":
                entry["type"] = "date"
            first = at == 0 and len(days) > 1
            found.append((entry, f"the days of {key} go by this one unless a metric says otherwise" if first else ""))
        return found

    def _dimensions(self, key: str, table: Table) -> list[tuple[Entry, str]]:
        found = []
        for column in table.columns:
            is_personal = guesses.is_personal(column.name, table.name) and column.kind != "other"
            if not is_personal and not self._is_dimension(column, table):
                continue
            entry: Entry = {"name": self._name(column.name, key), "dataset": key}
            if self._expr(column) != entry["name"]:
                entry["expr"] = self._expr(column)
            if is_personal:
                entry["pii"] = True
            found.append((entry, "seems to tell who a person is; take `pii` out if not" if is_personal else ""))
        return found

    def _is_dimension(self, column: TableColumn, table: Table) -> bool:
        if column.kind not in ("text", "boolean") or not 0 < column.distinct <= MEMBERS:
            return False
        is_link = any(column.name in each.columns for each in table.foreign_keys)
        return not is_link and (not guesses.is_key(column.name) or column.name not in table.primary_key)

    def _metrics(self, key: str, table: Table) -> list[tuple[Entry, str]]:
        if not guesses.days_of(table):
            return []
        linked = {name for each in table.foreign_keys for name in each.columns} | set(table.primary_key)
        currency = self._currency(key, table)
        found = [
            self._metric(key, table, column, currency)
            for column in table.columns
            if column.kind in ("whole", "number") and column.name not in linked and not guesses.is_key(column.name)
        ]
        is_named = len(table.primary_key) == 1
        entry: Entry = {"name": self._name(key, key, "count"), "dataset": key, "agg": "count"}
        entry["expr"] = self._expr_of(table.primary_key[0], table) if is_named else "*"
        return [*found, ({**entry, "format": "integer"}, "" if is_named else "the number of rows")]

    def _metric(self, key: str, table: Table, column: TableColumn, currency: str | None) -> tuple[Entry, str]:
        entry: Entry = {"name": self._name(column.name, key), "dataset": key}
        checks = []
        is_rate = guesses.is_rate(column.name)
        entry |= {"agg": "avg" if is_rate else "sum", "expr": self._expr(column)}
        if is_rate:
            checks.append("averaged over rows, as its name tells of no sum; a ratio may be meant")
        elif guesses.is_stock(table):
            entry["semi_additive"] = "last"
            checks.append("taken for a stock, of which the last day counts")
        if guesses.is_money(column.name):
            unit = guesses.unit_of(column.name)
            entry["format"] = "currency"
            if unit:
                entry["unit"] = unit
            elif currency:
                entry["currency"] = currency
            else:
                checks.append("money? say its `unit`, as EUR")
        elif column.kind == "whole" and not is_rate:
            entry["format"] = "integer"
        return entry, "; ".join(checks)

    def _currency(self, key: str, table: Table) -> str | None:
        """Return the dimension that names the currency of a table's rows."""
        for column in table.columns:
            if column.kind == "text" and "currency" in column.name.lower() and self._is_dimension(column, table):
                return self._named[key, column.name]
        return None

    def __post_init__(self) -> None:
        self._named: dict[tuple[str, str], str] = {}

    def _name(self, column: str, key: str, more: str = "") -> str:
        """Return a free name for what a column of a dataset is called in the model."""
        noun = guesses.singular(key)
        plain = plain_name(column)
        first = noun if plain in _GENERIC else plain
        wishes = [first, f"{noun}_{more or plain}", f"{key}_{more or plain}"]
        found = next((each for each in wishes if each not in self.taken), None) or _free(wishes[-1], self.taken)
        self.taken.add(found)
        self._named[key, column] = found
        return found

    def _expr(self, column: TableColumn) -> str:
        is_plain = re.fullmatch(r"[a-z_][a-z0-9_]*", column.name) and column.name not in RESERVED
        return column.name if is_plain else quoted(column.name, self.dialect)

    def _expr_of(self, name: str, table: Table) -> str:
        column = table.column(name)
        return self._expr(column) if column else "*"


def plain_name(text: str) -> str:
    """Return a name that a model takes, made of any: "order_details" of "Order Details"."""
    plain = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()).strip("_")
    return plain if plain[:1].isalpha() else f"n_{plain}".rstrip("_")


def _free(name: str, taken: set[str]) -> str:
    return next(each for each in (name, *(f"{name}_{number}" for number in range(2, 1000))) if each not in taken)


def _line(entry: tuple[Entry, str]) -> str:
    """Return an entry of a list as one line of YAML, with what has to be checked in it."""
    content, check = entry
    flow = yaml.safe_dump(content, default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True).strip()
    return f"  - {flow}{f'  # check: {check}' if check else ''}"
