"""What a report cites, and what of that is not there: said when it is emitted, never found out when it is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from interact.chats.calculation import NotComputed, Operation, computed
from interact.chats.figures import CALCULATED, REFERENCE, cells_of
from interact.chats.result import Cell, Result
from interact.errors import ReportFailed, listed
from interact.reports.document import Chart, Metrics, Report, Section, Table

SHOWN = 20
"""So many names are listed in a sentence."""


@dataclass(frozen=True)
class Citation:
    """What a part of a report, `where`, cites of a result; `column` and `row` are None where it names none."""

    where: str
    result_id: str
    column: str | None = None
    row: int | None = None

    def fault(self, results: Mapping[str, Result]) -> str:
        """Return in a sentence what is not there; "" when all is."""
        result = results.get(self.result_id)
        if result is None:
            return (
                f"{self.where} cites result {self.result_id!r}, which its chat does not have "
                f"(there are {listed(sorted(results), limit=SHOWN)})."
            )
        names = [known.name for known in result.columns]
        if self.column is not None and self.column not in names:
            return (
                f"{self.where} cites column {self.column!r}, which result {self.result_id!r} does not have "
                f"(it has {listed(names, limit=SHOWN)})."
            )
        if self.row is not None and self.row >= len(result.rows):
            has = f"its rows are 0 to {len(result.rows) - 1}" if result.rows else "it has no rows"
            return f"{self.where} cites row {self.row} of result {self.result_id!r}, which is not there ({has})."
        return ""


def faults_of(report: Report, results: Mapping[str, Result]) -> list[str]:
    """Return in sentences what a report cites that is not there, each once; empty for one that can be drawn whole.

    Whoever lets an agent emit a report hands these back to it, so that it mends them.
    """
    found = [each.fault(results) for each in (*_of_blocks(report), *_of_prose(report))]
    found += _of_calculations(report, results)
    return [fault for fault in dict.fromkeys(found) if fault]


def check_citations(report: Report, results: Mapping[str, Result]) -> None:
    """Raise ReportFailed when a block cites a result or a column that is not there."""
    for each in _of_blocks(report):
        # A row that is not there is a figure that is not there: it is drawn, and marked.
        if fault := Citation(f"The report {report.title!r}", each.result_id, each.column).fault(results):
            raise ReportFailed(f"{fault} Run the chat again.")


def _of_blocks(report: Report) -> Iterator[Citation]:
    for highlight in report.highlights:
        yield from (Citation(f"Highlight {highlight.title!r}", each) for each in highlight.result_ids)
    for recommendation in report.recommendations:
        yield from (Citation(f"Recommendation {recommendation.action!r}", each) for each in recommendation.result_ids)
    for section in report.sections:
        yield from _of_section(section)


def _of_section(section: Section) -> Iterator[Citation]:
    for block in section.blocks:
        if isinstance(block, Table):
            yield from (Citation(f"Table {block.title!r}", block.result_id, column) for column in block.columns)
        elif isinstance(block, Chart):
            named = (block.x, block.y, *((block.series,) if block.series else ()))
            yield from (Citation(f"Chart {block.title!r}", block.result_id, column) for column in named)
        elif isinstance(block, Metrics):
            for item in block.items:
                cells = (item.figure, *((item.change,) if item.change else ()))
                yield from (_of_cell(f"Tile {item.label!r}", cell) for cell in cells)


def _of_cell(where: str, cell: Cell) -> Citation:
    return Citation(where, cell.result_id, cell.column, cell.row)


def _of_prose(report: Report) -> Iterator[Citation]:
    for text in report.texts():
        for match in REFERENCE.finditer(text):
            yield Citation(f"The text {match[0]!r}", match[1], match[3], int(match[2]) if match[2] else None)


def _of_calculations(report: Report, results: Mapping[str, Result]) -> Iterator[str]:
    names = [each.name for each in report.calculations]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"There are two calculations {name!r}. Give each a name of its own."
    for each in report.calculations:
        try:
            computed(each.op, each.cells, results)
        except NotComputed as reason:
            yield f"The calculation {each.name!r} cannot be made: {reason}."
    for text in report.texts():
        for match in CALCULATED.finditer(text):
            if match[1] and match[1] not in names:
                yield (
                    f"The text {match[0]!r} shows a calculation that is not declared "
                    f"(there are {listed(names, limit=SHOWN)}). Add it to `calculations`."
                )
            elif match[2]:
                try:
                    computed(cast(Operation, match[2]), cells_of(match[3]), results)
                except NotComputed as reason:
                    yield f"The text {match[0]!r} cannot be computed: {reason}."
