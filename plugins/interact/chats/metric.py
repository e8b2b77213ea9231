"""A metric of an answer, kept by name so that the next answer can be compared with it."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict

from interact.chats.result import Cell, Column, Value


class KeptMetric(BaseModel):
    """One figure of an answer: where it stands, and what it was."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cell: Cell
    column: Column
    value: Value
    start: date | None = None
    """The first day that it is about; None where the answer is about no days that are known."""
    end: date | None = None
