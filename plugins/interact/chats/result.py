"""What a query returned, kept under an id so that a report can cite it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Value = str | int | float | bool | None
"""A cell. Dates are ISO text (`2026-11-15`), decimals are floats, NULL is None (shown as "n/a")."""

Format = Literal["text", "date", "integer", "number", "currency", "percent", "ratio"]
"""How a column is shown. `percent` holds a fraction (0.153 is 15.3 %); `ratio` a plain quotient (3.42)."""


class Column(BaseModel):
    """One column of a result: the name in the SQL, the words above it, how its values are shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    label: str
    format: Format = "text"
    unit: str | None = None
    """ISO 4217 code for `currency`, `points` for a difference of two `percent`, else None."""
    good: Literal["up", "down"] | None = None
    """Which direction is good news, where that is known."""
    is_change: bool = False
    """True for a difference to an earlier period: shown with its sign."""


class Cell(BaseModel):
    """Where one figure stands."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    result_id: str
    row: int = Field(ge=0)
    column: str


class Result(BaseModel):
    """One query and what it returned, in the query's order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    result_id: str
    title: str
    sql: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    truncated: bool = False
    """True when the door's row or byte limit cut rows off."""
    elapsed_seconds: float = 0.0

    def column(self, name: str) -> Column:
        """Return the column of that name; raises KeyError."""
        return self.columns[self._position(name)]

    def value(self, row: int, name: str) -> Value:
        """Return one cell; raises KeyError for an unknown column, IndexError for a row that is not there."""
        return self.rows[row][self._position(name)]

    def values(self, name: str) -> tuple[Value, ...]:
        """Return one column's cells, top to bottom; raises KeyError."""
        position = self._position(name)
        return tuple(row[position] for row in self.rows)

    def _position(self, name: str) -> int:
        for position, column in enumerate(self.columns):
            if column.name == name:
                return position
        raise KeyError(name)
