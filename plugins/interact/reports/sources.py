"""Where figures come from, as a reader is led there: a short mark, an address, and the words for a cell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from interact.chats.calculation import Calculation
from interact.chats.figures import CALCULATED, REFERENCE, cells_of, cited_in, resolve
from interact.chats.result import Cell, Result
from interact.reports.columns import is_numeric
from interact.reports.document import Report

LONGEST_SQL = 1500
"""So many letters of a query's SQL stand in a report; the chat has all of it."""
_OF_TWO = {
    "difference": "{} less {}",
    "change": "the change to {} from {}",
    "share": "{} as a share of {}",
    "ratio": "{} divided by {}",
}
_OF_MANY = {"sum": "the sum", "mean": "the mean", "min": "the least", "max": "the greatest", "count": "the number"}


@dataclass(frozen=True)
class Source:
    """Where the query behind a figure stands on a page: `mark` as "Q3", `address` as "#source-3"."""

    mark: str
    address: str
    about: str = ""
    """Where in its result the figure stands, as "row 2, Spend"."""

    def link(self, shown: str) -> Markup:
        """Return a figure as a link to its query."""
        about = ", ".join(each for each in (self.mark, self.about) if each)
        return Markup('<a class="figure" href="{}" target="_self" title="{}">{}</a>').format(self.address, about, shown)


@dataclass(frozen=True)
class Entry:
    """One query as the list of sources shows it."""

    number: int
    result: Result
    sql: str
    is_cut: bool
    """Whether its SQL is longer than what is shown."""
    is_claimed: bool
    """Whether a service says that it ran this, and our guard never saw it."""


def entries(report: Report, results: Mapping[str, Result], claimed: Collection[str]) -> list[Entry]:
    """Return the queries that a report cites anywhere, in their order, numbered from 1."""
    cited = report.cited() | {found for text in report.texts() for found in cited_in(text)}
    cited |= {cell.result_id for each in report.calculations for cell in each.cells}
    own = [result for result in results.values() if result.result_id in cited]
    return [
        Entry(number, result, cut(result.sql), len(result.sql) > LONGEST_SQL, result.result_id in claimed)
        for number, result in enumerate(own, start=1)
    ]


def cut(sql: str) -> str:
    """Return as much of a query's SQL as a report shows."""
    return sql if len(sql) <= LONGEST_SQL else f"{sql[:LONGEST_SQL].rstrip()} …"


def source_of(
    written: str,
    sources: Mapping[str, Source],
    results: Mapping[str, Result],
    calculations: Iterable[Calculation] = (),
) -> Source | None:
    """Return where a reference leads; None for a name, which is no figure, and for what has no source."""
    if calculated := CALCULATED.fullmatch(written):
        named = {each.name: each for each in calculations}
        declared = named.get(calculated[1] or "")
        op, cells = (declared.op, declared.cells) if declared else (calculated[2], cells_of(calculated[3]))
        source = sources.get(cells[0].result_id)
        about = f"calculated: {_made_of(op, cells, results)}"
        return Source(source.mark, source.address, about) if source else None
    match = REFERENCE.fullmatch(written)
    source = sources.get(match[1]) if match else None
    if match is None or source is None:
        return None
    if match[2] is None:
        return Source(source.mark, source.address, "its number of rows")
    result = results[match[1]]
    column = next((each for each in result.columns if each.name == match[3]), None)
    if column is None or not is_numeric(column):
        return None
    return Source(source.mark, source.address, f"row {int(match[2]) + 1}, {column.label}")


def in_words(calculation: Calculation, results: Mapping[str, Result], marks: Mapping[str, str]) -> str:
    """Return what a calculation is made of, and its figure: "nl_share, 12.3%: Q3 row 1, Spend as a share of …"."""
    figure = resolve(f"[[calc:{calculation.name}]]", results, (calculation,))
    return f"{calculation.name}, {figure}: {_made_of(calculation.op, calculation.cells, results, marks)}"


def _made_of(
    op: str, cells: tuple[Cell, ...], results: Mapping[str, Result], marks: Mapping[str, str] | None = None
) -> str:
    shown = [_in_words(cell, results, marks or {}) for cell in cells[:5]]
    if op in _OF_TWO and len(shown) == 2:
        return _OF_TWO[op].format(*shown)
    more = f" and {len(cells) - 5} more" if len(cells) > 5 else ""
    return f"{_OF_MANY.get(op, op)} of {'; '.join(shown)}{more}"


def _in_words(cell: Cell, results: Mapping[str, Result], marks: Mapping[str, str]) -> str:
    result = results.get(cell.result_id)
    labels = {column.name: column.label for column in result.columns} if result else {}
    mark = f"{marks[cell.result_id]} " if cell.result_id in marks else ""
    return f"{mark}row {cell.row + 1}, {labels.get(cell.column, cell.column)}"
