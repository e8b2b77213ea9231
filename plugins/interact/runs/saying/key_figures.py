"""A run's key figures for a notice: the tiles of a report, else its headline; of a fan-out each measure once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from interact.chats.result import Cell
from interact.notices.notice import Figure
from interact.reports import columns
from interact.reports.document import Metric, Metrics, Period
from interact.reports.page import in_days
from interact.reports.rollup import Measure, Rollup
from interact.reports.rollup_tables import places_of
from interact.reports.views import Tile, tiles
from interact.runs.saying.findings import Finding, Findings
from interact.runs.saying.plainly import MOST, SHORT, TITLE, listed, one_line

_SIDE_BY_SIDE = 6
"""Of so many combinations each one's value is named, of more the highest and the lowest."""


def figures(found: Findings) -> tuple[Figure, ...]:
    """Return the figures, the report's own order; a figure whose result cannot be read is left out."""
    shown = _of_one(found.each[0]) if len(found.each) == 1 else _of_several(found.rollup)
    return tuple(shown)[:MOST]


def _of_one(finding: Finding) -> Iterator[Figure]:
    compared = _compared(finding.report.period) if finding.report else ""
    items = [item for block in finding.blocks if isinstance(block, Metrics) for item in block.items]
    for item in items or _headline(finding):
        try:
            (tile,) = tiles(Metrics(items=(item,)), finding.results)
        except (KeyError, OverflowError):
            continue
        if tile.is_traced:
            yield _figure(finding, tile, compared)


def _headline(finding: Finding) -> list[Metric]:
    """Return the cells that sum an answer up as tiles, each with its change where the same row has one."""
    headline = finding.attempt.headline if finding.attempt and finding.is_answered else ()
    found = []
    for cell in headline:
        result = finding.results.get(cell.result_id)
        known = {column.name: column for column in result.columns} if result else {}
        if cell.column in known:
            change = known.get(f"{cell.column}_change")
            found.append(
                Metric(
                    label=known[cell.column].label[:60],
                    figure=cell,
                    change=Cell(result_id=cell.result_id, row=cell.row, column=change.name) if change else None,
                )
            )
    return found


def _figure(finding: Finding, tile: Tile, compared: str) -> Figure:
    sign = {"↑": "+", "↓": "−"}.get(tile.arrow, "")
    return Figure(
        label=one_line(finding.prose.plain(tile.label), SHORT),
        value=one_line(tile.figure, SHORT),
        change=one_line(f"{sign}{tile.change}{compared}", SHORT) if sign else "",
        tone=tile.tone or "neutral",
    )


def _compared(period: Period) -> str:
    """Return what changes are relative to, as ` on the 7 days before`; "" when nobody says."""
    if period.compare_start is None or period.compare_end is None:
        return ""
    days = (period.end - period.start).days + 1
    before = (period.start - timedelta(days=days), period.start - timedelta(days=1))
    if (period.compare_start, period.compare_end) == before:
        return f" on the {days} days before" if days > 1 else " on the day before"
    return f" on {in_days(period.compare_start, period.compare_end)}"


def _of_several(rollup: Rollup) -> Iterator[Figure]:
    """Yield each measure: all combinations together, else from the lowest to the highest; and each one's own value."""
    for place, measure in enumerate(rollup.measures):
        decimals = places_of(measure, place, rollup.lines)
        shown = {
            line.chat_id: columns.cell(
                figure.value, measure.column.model_copy(update={"unit": figure.unit}), places=decimals
            )
            for line in rollup.answered
            if (figure := line.figures[place])
        }
        if measure.total is not None:
            value = columns.cell(measure.total, measure.column, places=None)
        elif measure.lowest:
            value = f"{shown[measure.lowest[0]]} to {shown[measure.highest[0]]}"
        elif len(set(shown.values())) == 1:
            value = next(iter(shown.values()))
        else:
            continue  # Words, or several currencies.
        change = _ends(rollup, measure, shown) if len(shown) > _SIDE_BY_SIDE else _each(rollup, shown)
        label = one_line(measure.column.label, SHORT)
        yield Figure(label=label, value=one_line(value, SHORT), change=one_line(change, TITLE))


def _each(rollup: Rollup, shown: Mapping[str, str]) -> str:
    return ", ".join(f"{one_line(rollup.labels[chat_id], 24)} {text}" for chat_id, text in shown.items())


def _ends(rollup: Rollup, measure: Measure, shown: Mapping[str, str]) -> str:
    if not measure.highest:
        return ""
    whose = [listed([rollup.labels[chat_id] for chat_id in ends]) for ends in (measure.highest, measure.lowest)]
    return f"highest {whose[0]} {shown[measure.highest[0]]}, lowest {whose[1]} {shown[measure.lowest[0]]}"
