"""What can be asked of the warehouse: metrics by dimensions in a window of whole days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from interact.chats.result import Column, Result
from interact.warehouse.semantic import Relationship, SemanticModel

Comparator = Literal["<", "<=", ">", ">=", "=", "!="]
Grain = Literal["day", "week", "month", "quarter", "year"]


@dataclass(frozen=True)
class Window:
    """Whole days, first and last included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a window cannot end ({self.end}) before it starts ({self.start})")

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.end - self.start).days + 1

    def before(self) -> Window:
        """Return the window of the same length that ends the day before this one starts."""
        return Window(self.start - timedelta(days=self.days), self.start - timedelta(days=1))


@dataclass(frozen=True)
class Filter:
    """Only (or, when `exclude`, all but) these members of a dimension."""

    dimension: str
    values: tuple[str, ...]
    exclude: bool = False


@dataclass(frozen=True)
class Having:
    """A condition on a metric after grouping; `value` None compares with the metric's own target."""

    metric: str
    comparator: Comparator
    value: float | None


@dataclass(frozen=True)
class MetricQuery:
    """Metrics of a window, by dimensions; compiled to one SELECT.

    Columns come in this order: the grain's date (named `day`, `week` and so on, its first day), the dimensions, then
    for each metric `m`: `m`; with `compare` also `m_previous` and `m_change` (the fraction (now - then) / then,
    NULL when then is zero or missing); with `targets` and a target that fits the dimensions also `m_target`.
    """

    metrics: tuple[str, ...]
    window: Window
    dimensions: tuple[str, ...] = ()
    compare: Window | None = None
    filters: tuple[Filter, ...] = ()
    having: tuple[Having, ...] = ()
    """All of them must hold (AND), or one of them where `any_of` is set (OR)."""
    any_of: bool = False
    targets: bool = False
    grain: Grain | None = None
    order_by: str | None = None
    """A column of the result; by default the grain (then oldest first in any case), else the first metric."""
    descending: bool = True
    limit: int | None = None


@dataclass(frozen=True)
class Compiled:
    """One SELECT, readable, and what its columns mean."""

    sql: str
    columns: tuple[Column, ...]
    joins: tuple[Relationship, ...] = ()
    """Each has to lead to one row at most, else figures would be counted twice; the door looks."""


@dataclass(frozen=True)
class Limits:
    """Where a query is stopped."""

    seconds: float = 30.0
    memory_bytes: int = 1_500_000_000
    rows: int = 10_000
    result_bytes: int = 8_000_000
    cell_characters: int = field(default=10_000)


class Warehouse:
    """The door that an agent is given; what implements it also records each query in the chat.

    `model` is the semantic model, `dialect` sqlglot's name for the database, in whose words queries are written.
    `run` returns the result under a fresh `result_id`; raises QueryRefused, QueryFailed, QueryStopped (a retry does not
    help) or WarehouseUnavailable (a retry helps).
    """

    model: SemanticModel
    dialect: str = "duckdb"

    def run(self, compiled: Compiled, *, title: str) -> Result:
        """Run one compiled query."""
        raise NotImplementedError

    def query(self, sql: str, *, title: str) -> Result:
        """Run SQL that an agent wrote, one SELECT on the datasets of the model; raises as `run`."""
        raise NotImplementedError

    def members(self, dimension: str) -> tuple[str, ...]:
        """Return the values of a dimension in the rows that this door shows, sorted; the first 10,000 of them."""
        raise NotImplementedError
