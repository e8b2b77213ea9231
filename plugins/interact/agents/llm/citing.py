"""What a model's answer cites: whether it is there, and what the chat keeps of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interact.agents.contract import Exhibit
from interact.agents.llm.history import calls_and_returns
from interact.agents.llm.tools import AskedMetrics
from interact.chats.figures import REFERENCE, UNTRACED, resolve
from interact.chats.finding import Finding
from interact.chats.result import Cell, Result
from interact.errors import ReportFailed
from interact.reports.citations import check_citations, faults_of
from interact.reports.document import Highlight, Report, Table
from interact.warehouse.queries import Window

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage

_MARK = re.compile(r"\[\[[^\[\]\n]{0,400}\]\]")
_LOOSE = "{!r} leads to no figure. Write [[result_id/row/column]] with what a tool returned, row 0 being the first."
HEADLINE = 6
"""So many figures sum an answer up."""


@dataclass(frozen=True)
class Asked:
    """What a model asked for: metrics, by the id of the result, and whether it wrote SQL beside."""

    metrics: Mapping[str, AskedMetrics]
    has_sql: bool = False


def asked_in(messages: Sequence[ModelMessage]) -> Asked:
    """Return what was asked for in a model's messages."""
    found, has_sql = {}, False
    for call, given in calls_and_returns(messages):
        if call.tool_name == "query_metrics" and isinstance(given.content, Mapping):
            found[str(given.content["result_id"])] = AskedMetrics.model_validate(call.args_as_dict())
        has_sql = has_sql or call.tool_name == "query_sql"
    return Asked(found, has_sql)


def loose_references(text: str, results: Mapping[str, Result]) -> list[str]:
    """Return a sentence for each reference in a text that leads to no figure."""
    return [_LOOSE.format(mark) for mark in _marks([text]) if resolve(mark, results) in (mark, UNTRACED)]


def faults_in(report: Report, results: Mapping[str, Result], asked: Asked, *, strictly: bool) -> list[str]:
    """Return in sentences what of a report is not so; unless `strictly` only what could not be drawn, or would mislead.

    Prose that leads to no figure is marked when it is drawn.
    """
    if strictly:
        unread = [_LOOSE.format(mark) for mark in _marks(report.texts()) if resolve(mark, {}) == mark]
        return [*faults_of(report, results), *unread, *_foreign_period(report, asked)]
    try:
        check_citations(report, results)
    except ReportFailed as error:
        return [str(error)]
    return _foreign_period(report, asked)


def headline_of(answer: Report | str, results: Mapping[str, Result]) -> tuple[Cell, ...]:
    """Return the figures that sum an answer up: a report's tiles, or those that its text refers to, a column once."""
    cells = [item.figure for item in answer.tiles] if isinstance(answer, Report) else []
    if not cells:
        cells = _references(answer.summary if isinstance(answer, Report) else answer)
    there = [cell for cell in cells if _is_figure(cell, results)]
    return tuple({cell.column: cell for cell in reversed(there)}.values())[::-1][:HEADLINE]


def findings_of(report: Report, results: Mapping[str, Result]) -> tuple[Finding, ...]:
    """Return the highlights of a report that refer to a figure, each with whose figure it is."""
    found = []
    for highlight in report.highlights:
        cells = [cell for cell in _references(f"{highlight.title} {highlight.text}") if _is_figure(cell, results)]
        if cells:
            found.append(_finding(highlight, cells[0], results[cells[0].result_id]))
    return tuple(found)


def exhibits_of(answer: Report | str, results: Mapping[str, Result], asked: Asked) -> tuple[Exhibit, ...]:
    """Return a report's tables, or of a text the results that it refers to."""
    if isinstance(answer, Report):
        blocks = (block for section in answer.sections for block in section.blocks)
        tables = [(block.result_id, block.columns) for block in blocks if isinstance(block, Table)]
    else:
        ids = dict.fromkeys(match[1] for match in REFERENCE.finditer(answer))
        tables = [(each, tuple(c.name for c in results[each].columns)) for each in ids if each in results]
    return tuple(_exhibit(result_id, columns, asked.metrics.get(result_id)) for result_id, columns in tables)


def window_of(answer: Report | str, asked: Asked) -> Window | None:
    """Return the days that an answer is about: a report's period, or the window that was queried most."""
    if isinstance(answer, Report) and answer.period.start <= answer.period.end:
        return Window(answer.period.start, answer.period.end)
    windows = [each.window for each in asked.metrics.values()]
    return max(windows, key=windows.count) if windows else None


def _marks(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(mark[0] for text in texts for mark in _MARK.finditer(text)))


def _foreign_period(report: Report, asked: Asked) -> list[str]:
    """Say that a period was not queried; where there is free SQL, nobody can know."""
    windows = sorted({(each.start, each.end) for each in asked.metrics.values()})
    start, end = report.period.start, report.period.end
    if not windows or asked.has_sql or (start, end) in windows:
        return []
    queried = " and ".join(f"{first} to {last}" for first, last in windows)
    return [f"The period {start} to {end} was not queried; what was is {queried}."]


def _references(text: str) -> list[Cell]:
    return [
        Cell(result_id=match[1], row=int(match[2]), column=match[3]) for match in REFERENCE.finditer(text) if match[2]
    ]


def _is_figure(cell: Cell, results: Mapping[str, Result]) -> bool:
    result = results.get(cell.result_id)
    if result is None or cell.row >= len(result.rows):
        return False
    return any(column.name == cell.column and column.format not in ("text", "date") for column in result.columns)


def _finding(highlight: Highlight, cell: Cell, result: Result) -> Finding:
    members = [(column.name, result.value(cell.row, column.name)) for column in result.columns if _names(column.format)]
    return Finding(
        kind="highlight",
        metric=cell.column,
        key=tuple((name, str(value)) for name, value in members if value is not None),
        figure=cell,
        title=highlight.title.rstrip("."),
        tone=highlight.tone,
        result_ids=tuple(dict.fromkeys([cell.result_id, *highlight.result_ids])),
    )


def _names(shape: str) -> bool:
    return shape in ("text", "date")


def _exhibit(result_id: str, columns: tuple[str, ...], asked: AskedMetrics | None) -> Exhibit:
    if asked is None:
        return Exhibit(result_id, columns)
    shown = (*([asked.grain] if asked.grain else []), *asked.dimensions)
    return Exhibit(
        result_id,
        columns,
        metrics=tuple(name for name in asked.metrics if name in columns),
        dimensions=tuple(name for name in shown if name in columns),
    )
