"""The prompts of the suite and what is right for each: read from `cases/`, answers from SQL by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from interact.chats.result import Value

if TYPE_CHECKING:
    import duckdb

FOLDER = Path(__file__).resolve().parent / "cases"
OPTIONAL = "optional"
"""A column of an expected table: true in a row that may also be missing."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Decline(_Part):
    """A question that a careful system declines; `names` have to stand in its reason."""

    kind: str
    names: tuple[str, ...] = ()


class Wanted(_Part):
    """A table, or the figures to point out: the SQL's columns are the dimensions in `by`, then metrics by name.

    A metric that begins with `any_` may have any name in the answer.
    """

    sql: str
    by: tuple[str, ...] = ()
    ordered: bool = False
    least: int | None = None
    """For a ranking of no named length: how many of the first rows there have to be."""
    apart: str | None = None
    """SQL for the members without a figure (spend, no conversions), which are to be listed on their own; those of a
    table may stand in it instead."""


class Case(_Part):
    """One prompt, on which day, of which model, and what is right."""

    id: str
    model: str
    as_of: date
    timezone: str
    prompt: str
    parameters: dict[str, str] = Field(default_factory=dict)
    window: tuple[date, date] | None = None
    against: tuple[date, date] | None = None
    """The days that it is compared with: for the SQL only."""
    tables: tuple[Wanted, ...] = ()
    highlights: tuple[Wanted, ...] = ()
    sections: tuple[str, ...] = ()
    """A word that stands in the name of a section each; alternatives are divided by a bar."""
    unread: tuple[str, ...] = ()
    """What has to be named as not understood, beside a right answer to the rest."""
    noted: tuple[str, ...] = ()
    """What the answer has to mention; alternatives are divided by a bar."""
    decline: Decline | None = None
    or_declined: bool = False
    """Whether it is as good to decline it."""
    formulas: dict[str, str] = Field(default_factory=dict)

    def filled(self, sql: str) -> str:
        """Return SQL with its formulas and its days."""
        for _ in range(3):  # a formula may hold another one
            for name, formula in self.formulas.items():
                sql = sql.replace(f"{{{name}}}", formula)
        days = {"start": self.window, "then_start": self.against}
        for name, span in days.items():
            for word, day in zip((name, name.replace("start", "end")), span or (), strict=False):
                sql = sql.replace(f"{{{word}}}", f"DATE '{day}'")
        return sql


@dataclass(frozen=True)
class Rows:
    """What hand-written SQL gave: names of columns, and rows of plain values."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class ExpectedTable:
    """A table that an answer has to hold, by value."""

    by: tuple[str, ...]
    found: Rows
    ordered: bool = False
    least: int | None = None
    apart: frozenset[tuple[Value, ...]] = frozenset()


@dataclass(frozen=True)
class ExpectedHighlights:
    """The members to point out, each with the figures any of which may be shown; and those listed apart."""

    by: tuple[str, ...]
    found: Rows
    apart: frozenset[tuple[Value, ...]] = frozenset()


@dataclass(frozen=True)
class Expected:
    """A case with its SQL run."""

    case: Case
    tables: tuple[ExpectedTable, ...] = ()
    highlights: tuple[ExpectedHighlights, ...] = ()


def read_cases(folder: Path = FOLDER) -> tuple[Case, ...]:
    """Return all cases, file by file."""
    return tuple(case for path in sorted(folder.glob("*.yaml")) for case in _cases_in(path))


def _cases_in(path: Path) -> Iterator[Case]:
    sheet: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    shared = {key: value for key, value in sheet.items() if key != "cases"}
    for each in sheet["cases"]:
        yield Case.model_validate({**shared, **each})


def expected(case: Case, database: duckdb.DuckDBPyConnection) -> Expected:
    """Return what is right for a case, from the raw tables."""

    def apart(each: Wanted) -> frozenset[tuple[Value, ...]]:
        return frozenset(_run(case, each.apart, database).rows if each.apart else ())

    tables = tuple(
        ExpectedTable(each.by, _run(case, each.sql, database), each.ordered, each.least, apart(each))
        for each in case.tables
    )
    highlights = tuple(
        ExpectedHighlights(each.by, _run(case, each.sql, database), apart(each)) for each in case.highlights
    )
    return Expected(case, tables, highlights)


def _run(case: Case, sql: str, database: duckdb.DuckDBPyConnection) -> Rows:
    answer = database.execute(case.filled(sql))
    columns = tuple(column[0] for column in answer.description or ())
    return Rows(columns, tuple(tuple(_plain(value) for value in row) for row in answer.fetchall()))


def _plain(value: Any) -> Value:
    """Return a value as the door gives it: days as ISO text, decimals as floats."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if isinstance(value, date) else float(value)
