"""The report document: what an agent emits. Typed, shallow, without HTML, colours or typed-in figures.

Rows and figures are cited: tables and charts name a `result_id` and its columns, prose refers to cells as
`interact.chats.figures` describes. Whoever renders fills them in from the stored results.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from interact.chats.result import Cell

Tone = Literal["neutral", "good", "warning", "bad"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Period(_Part):
    """The whole days a report covers, first and last included, and those it compares with."""

    start: date
    end: date
    compare_start: date | None = None
    compare_end: date | None = None


class Markdown(_Part):
    """Prose, in Markdown without HTML."""

    type: Literal["markdown"] = "markdown"
    text: str = Field(max_length=8000)


class Metric(_Part):
    """One tile: a figure, and how much it changed (a cell that holds a fraction, 0.15 for +15 %)."""

    label: str = Field(max_length=60)
    figure: Cell
    change: Cell | None = None


class Metrics(_Part):
    """A row of tiles."""

    type: Literal["metrics"] = "metrics"
    items: tuple[Metric, ...] = Field(min_length=1, max_length=6)


class Table(_Part):
    """A result's rows as a table; `columns` in the order shown, `limit` rows at most in the PDF."""

    type: Literal["table"] = "table"
    title: str = Field(max_length=120)
    result_id: str
    columns: tuple[str, ...] = Field(min_length=1, max_length=12)
    limit: int = Field(default=200, ge=1, le=200)
    note: str = Field(default="", max_length=600)


class Chart(_Part):
    """A result's rows as a chart; `series` splits lines or bars by a column; `alt` says it in words."""

    type: Literal["chart"] = "chart"
    title: str = Field(max_length=120)
    subtitle: str = Field(default="", max_length=160)
    result_id: str
    mark: Literal["line", "bar"]
    x: str
    y: str
    series: str | None = None
    reference: float | None = None
    """A horizontal line to compare with, in the unit of `y`."""
    alt: str = Field(min_length=1, max_length=400)


class Callout(_Part):
    """A remark that must not be overlooked."""

    type: Literal["callout"] = "callout"
    tone: Tone = "neutral"
    title: str = Field(max_length=120)
    text: str = Field(max_length=1200)


Block = Annotated[Markdown | Metrics | Table | Chart | Callout, Field(discriminator="type")]


class Section(_Part):
    """Blocks under one heading."""

    title: str = Field(max_length=120)
    blocks: tuple[Block, ...] = Field(min_length=1, max_length=12)


class Highlight(_Part):
    """One finding worth a reader's minute, with the results that show it."""

    title: str = Field(max_length=160)
    text: str = Field(max_length=600)
    tone: Tone = "neutral"
    result_ids: tuple[str, ...] = ()


class Recommendation(_Part):
    """One thing to do, why, and the results that say so."""

    action: str = Field(max_length=200)
    why: str = Field(max_length=600)
    result_ids: tuple[str, ...] = ()


class Report(_Part):
    """A whole report, in the order it is read: title, summary, highlights, sections, recommendations, method."""

    title: str = Field(max_length=120)
    subtitle: str = Field(default="", max_length=200)
    language: str = Field(default="en", pattern=r"^[a-z]{2}(-[A-Z]{2})?$")
    period: Period
    scope: tuple[tuple[str, str], ...] = ()
    """What the figures are limited to, as label and value: (("Market", "NL"),)."""
    summary: str = Field(max_length=1200)
    highlights: tuple[Highlight, ...] = Field(default=(), max_length=8)
    sections: tuple[Section, ...] = Field(default=(), max_length=12)
    recommendations: tuple[Recommendation, ...] = Field(default=(), max_length=8)
    method: str = Field(default="", max_length=2400)
    """How dates and words were read, what was not understood, where the data ends."""

    def cited(self) -> frozenset[str]:
        """Return the ids of all results that tables, charts, tiles, highlights and recommendations cite."""
        remarks: tuple[Highlight | Recommendation, ...] = (*self.highlights, *self.recommendations)
        ids = {result_id for remark in remarks for result_id in remark.result_ids}
        for block in (block for section in self.sections for block in section.blocks):
            if isinstance(block, Table | Chart):
                ids.add(block.result_id)
            elif isinstance(block, Metrics):
                ids.update(cell.result_id for item in block.items for cell in (item.figure, item.change) if cell)
        return frozenset(ids)
