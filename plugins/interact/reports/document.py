"""The report document: what an agent emits. Typed, shallow, without HTML, colours or typed-in figures.

Rows and figures are cited: tables and charts name a `result_id` and its columns, prose refers to cells as
`interact.chats.figures` describes. Whoever renders fills them in from the stored results.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from interact.chats.calculation import Calculation
from interact.chats.result import Cell
from interact.chats.within import Within
from interact.reports.since import Since

Tone = Literal["neutral", "good", "warning", "bad"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    prose: ClassVar[tuple[str, ...]] = ()
    """The fields that hold words of the agent's, a title first."""

    def texts(self) -> tuple[str, ...]:
        """Return the agent's words, field by field; none of them is empty."""
        found: list[str] = []

        def read(text: str, _: str) -> str:
            found.append(text)
            return text

        self.rewritten(read)
        return tuple(found)

    def rewritten(self, write: Callable[[str, str], str], about: str = "") -> Self:
        """Return this part with each of its texts written anew, from itself and the titles that it stands under."""
        under, update = about, dict[str, Any]()
        for name in self.prose:
            if text := getattr(self, name):
                update[name] = write(text, under)
                if name == self.prose[0]:
                    under = f"{about}\n{text}".strip()
        for name in type(self).model_fields:
            parts = getattr(self, name)
            if isinstance(parts, tuple) and parts and isinstance(parts[0], _Part):
                update[name] = tuple(each.rewritten(write, under) for each in parts)
        return self.model_copy(update=update)


class Period(_Part):
    """The whole days a report covers, first and last included, and those it compares with."""

    start: date
    end: date
    compare_start: date | None = None
    compare_end: date | None = None


class Markdown(_Part):
    """Prose, in Markdown without HTML."""

    prose = ("text",)
    type: Literal["markdown"] = "markdown"
    text: Annotated[str, Within(8000)]


class Metric(_Part):
    """One tile: a figure, and how much it changed (a cell that holds a fraction, 0.15 for +15 %)."""

    prose = ("label",)
    label: Annotated[str, Within(60)]
    figure: Cell
    change: Cell | None = None


class Metrics(_Part):
    """A row of tiles."""

    type: Literal["metrics"] = "metrics"
    items: tuple[Metric, ...] = Field(min_length=1, max_length=6)


class Table(_Part):
    """A result's rows as a table; `columns` in the order shown, `limit` rows at most in the PDF."""

    prose = (
        "title",
        "note",
    )
    type: Literal["table"] = "table"
    title: Annotated[str, Within(120)]
    result_id: str
    columns: tuple[str, ...] = Field(min_length=1, max_length=12)
    limit: int = Field(default=200, ge=1, le=200)
    note: Annotated[str, Within(600)] = ""


class Chart(_Part):
    """A result's rows as a chart; `series` splits lines or bars by a column; `alt` says it in words."""

    prose = (
        "title",
        "subtitle",
        "alt",
    )
    type: Literal["chart"] = "chart"
    title: Annotated[str, Within(120)]
    subtitle: Annotated[str, Within(160)] = ""
    result_id: str
    mark: Literal["line", "bar"]
    x: str
    y: str
    series: str | None = None
    reference: float | None = None
    """A horizontal line to compare with, in the unit of `y`."""
    alt: Annotated[str, Field(min_length=1), Within(400)]


class Callout(_Part):
    """A remark that must not be overlooked."""

    prose = (
        "title",
        "text",
    )
    type: Literal["callout"] = "callout"
    tone: Tone = "neutral"
    title: Annotated[str, Within(120)]
    text: Annotated[str, Within(1200)]


Block = Annotated[Markdown | Metrics | Table | Chart | Callout, Field(discriminator="type")]


class Section(_Part):
    """Blocks under one heading."""

    prose = ("title",)
    title: Annotated[str, Within(120)]
    blocks: tuple[Block, ...] = Field(min_length=1, max_length=12)


class Highlight(_Part):
    """One finding worth a reader's minute, with the results that show it."""

    prose = (
        "title",
        "text",
    )
    title: Annotated[str, Within(160)]
    text: Annotated[str, Within(600)]
    tone: Tone = "neutral"
    result_ids: tuple[str, ...] = ()


class Recommendation(_Part):
    """One thing to do, why, and the results that say so."""

    prose = (
        "action",
        "why",
    )
    action: Annotated[str, Within(200)]
    why: Annotated[str, Within(600)]
    result_ids: tuple[str, ...] = ()


class Report(_Part):
    """A whole report, in the order it is read: title, summary, highlights, sections, recommendations, method."""

    prose = (
        "title",
        "subtitle",
        "summary",
        "method",
    )
    title: Annotated[str, Within(120)]
    subtitle: Annotated[str, Within(200)] = ""
    language: str = Field(default="en", pattern=r"^[a-z]{2}(-[A-Z]{2})?$")
    period: Period
    scope: tuple[tuple[str, str], ...] = ()
    """What the figures are limited to, as label and value: (("Market", "NL"),)."""
    summary: Annotated[str, Within(1200)]
    highlights: tuple[Highlight, ...] = Field(default=(), max_length=8)
    sections: tuple[Section, ...] = Field(default=(), max_length=12)
    recommendations: tuple[Recommendation, ...] = Field(default=(), max_length=8)
    method: Annotated[str, Within(2400)] = ""
    """How dates and words were read, what was not understood, where the data ends."""
    calculations: tuple[Calculation, ...] = Field(default=(), max_length=40)
    """Figures made of cells, which prose shows by their names."""
    since: SkipJsonSchema[Since | None] = None
    """What changed since the last time: code fills it in, whatever an agent says."""

    @property
    def tiles(self) -> tuple[Metric, ...]:
        """All tiles, in the order in which they stand."""
        blocks = (block for section in self.sections for block in section.blocks)
        return tuple(item for block in blocks if isinstance(block, Metrics) for item in block.items)

    def cited(self) -> frozenset[str]:
        """Return the ids of all results that tables, charts, tiles, highlights and recommendations cite."""
        remarks: tuple[Highlight | Recommendation, ...] = (*self.highlights, *self.recommendations)
        ids = {result_id for remark in remarks for result_id in remark.result_ids}
        for block in (block for section in self.sections for block in section.blocks):
            if isinstance(block, Table | Chart):
                ids.add(block.result_id)
        ids.update(cell.result_id for item in self.tiles for cell in (item.figure, item.change) if cell)
        return frozenset(ids)
