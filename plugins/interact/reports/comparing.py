"""From a run's chats to its roll-up: which figures stand side by side, who is best, and what may be added. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from interact.chats.figures import resolve
from interact.chats.record import Chat
from interact.chats.result import Cell, Column, Result
from interact.chats.status import ChatStatus
from interact.reports import columns
from interact.reports.document import Period, Report
from interact.reports.rollup import Figure, Line, Measure, Rollup

MOST_MEASURES = 24
REASON = 300
_STOP = re.compile(r"(?<![.!?])[.!?]+(?=\s)")
_ENDS_A_SENTENCE = re.compile(r"(?:\w{3}|[A-Z\d]{2}|['\"”’)\]])$")
"""What a full stop follows that ends one; it does not in "St. Pölten"."""


@dataclass(frozen=True)
class Summable:
    """What may be added over a run's chats, when no two of them count the same rows. Columns without their labels."""

    sums: frozenset[Column] = frozenset()
    ratios: Mapping[Column, tuple[str, str]] = field(default_factory=dict)
    """To the names of the sums that one divides."""


@dataclass(frozen=True)
class Answered:
    """One chat of a run, and what its newest answer is summed up with."""

    chat: Chat
    label: str
    headline: tuple[Cell, ...] = ()
    report: Report | None = None

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer to compare."""
        return self.chat.status is ChatStatus.COMPLETED

    def cells(self) -> tuple[tuple[Cell, str], ...]:
        """Return the cells to compare, each with its own words or "": the headline, else the tiles."""
        if not self.is_answered:
            return ()
        if self.headline or self.report is None:
            return tuple((cell, "") for cell in self.headline)
        return tuple((item.figure, item.label) for item in self.report.tiles)


Key = tuple[str, str, str, bool]
"""What makes two figures comparable: name, own words, format, whether it is a change."""


@dataclass(frozen=True)
class Found:
    """One figure, the column that it stands under, and whether others may be added to it."""

    column: Column
    figure: Figure
    adds: bool


@dataclass(frozen=True)
class Reading:
    """One chat with the figures that were read for it."""

    answered: Answered
    found: Mapping[Key, Found]


def read_figures(answered: Answered, results: Mapping[str, Result], summable: Summable) -> Reading:
    """Return what a chat's own results hold under its cells; a cell that leads nowhere gives no figure."""
    found: dict[Key, Found] = {}
    for cell, label in answered.cells():
        result = results.get(cell.result_id)
        if result is None or cell.row >= len(result.rows):
            continue
        column = next((column for column in result.columns if column.name == cell.column), None)
        if column is None:
            continue
        words = resolve(label, results)
        figure = Figure(value=result.value(cell.row, cell.column), unit=column.unit, cell=cell)
        adds = bare(column) in summable.sums and len(result.rows) == 1 and not result.truncated
        shown = column.model_copy(update={"label": words}) if words else column
        found.setdefault((column.name, words, column.format, column.is_change), Found(shown, figure, adds))
    return Reading(answered, found)


def roll_up(run_id: str, title: str, readings: Sequence[Reading], summable: Summable) -> Rollup:
    """Return the roll-up of a run; the same chats and results give the same one."""
    keys = list(dict.fromkeys(key for reading in readings for key in reading.found))
    kept = keys[:MOST_MEASURES]
    answered = [each for each in readings if each.answered.is_answered]
    measures = [_measure(key, answered) for key in kept]
    names = Counter(measure.column.name for measure in measures)
    once = [measure for measure in measures if names[measure.column.name] == 1]
    totals = {measure.column.name: measure.total for measure in once if measure.total is not None}
    return Rollup(
        run_id=run_id,
        title=title,
        period=_period(answered),
        measures=tuple(_with_quotient(measure, totals, summable) for measure in measures),
        left_out=len(keys) - len(kept),
        lines=tuple(_line(reading, kept) for reading in readings),
    )


def bare(column: Column) -> Column:
    """Return a column without the words above it, as `Summable` names them."""
    return column.model_copy(update={"label": ""})


def first_sentence(reason: str) -> str:
    """Return a reason's first sentence, on one line and not too long: what to do about it stands in the chat."""
    text = " ".join(reason[: 4 * REASON].split())
    stops = (
        stop for stop in _STOP.finditer(text) if _ENDS_A_SENTENCE.search(text[max(stop.start() - 3, 0) : stop.start()])
    )
    end = next((stop.end() for stop in stops), len(text))
    told = text[:end]
    return told if len(told) <= REASON else f"{told[: REASON - 1]}…"


def _line(reading: Reading, keys: Sequence[Key]) -> Line:
    chat = reading.answered.chat
    has_failed = chat.status in (ChatStatus.FAILED, ChatStatus.CANCELLED)
    reason = chat.reason or "No reason was recorded." if has_failed else None
    return Line(
        chat_id=chat.chat_id,
        label=reading.answered.label,
        parameters=dict(chat.parameters),
        status=chat.status,
        reason=first_sentence(reason) if reason else None,
        attempt=chat.attempt,
        figures=tuple(reading.found[key].figure if key in reading.found else None for key in keys),
    )


def _measure(key: Key, answered: Sequence[Reading]) -> Measure:
    found = {each.answered.chat.chat_id: each.found[key] for each in answered if key in each.found}
    adds = all(each.adds for each in found.values())
    column = next(iter(found.values())).column
    directions = {each.column.good for each in found.values()} - {None}
    good = directions.pop() if len(directions) == 1 else None
    units = tuple(dict.fromkeys(each.figure.unit or "" for each in found.values()))
    highest, lowest = _ends(found) if columns.is_numeric(column) and len(units) == 1 else ((), ())
    best, worst = {"up": (highest, lowest), "down": (lowest, highest)}.get(good or "", ((), ()))
    return Measure(
        column=column.model_copy(update={"good": good, "unit": units[0] or None if len(units) == 1 else None}),
        units=units,
        highest=highest,
        lowest=lowest,
        best=best,
        worst=worst,
        adds=adds,
        total=_total(list(found.values())) if adds and len(found) == len(answered) and len(units) == 1 else None,
    )


def _ends(found: Mapping[str, Found]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return who has the highest and who the lowest value; nobody where all have the same, or one alone has any."""
    sizes = {
        chat_id: size for chat_id, each in found.items() if (size := columns.number(each.figure.value)) is not None
    }
    if len(sizes) < 2:
        return (), ()
    high, low = max(sizes.values()), min(sizes.values())
    if _same(high, low):
        return (), ()
    return tuple(chat for chat in sizes if _same(sizes[chat], high)), tuple(c for c in sizes if _same(sizes[c], low))


def _same(one: float, other: float) -> bool:
    # Databases add in any order, so that equal sums may differ in their last digit.
    return math.isclose(one, other, rel_tol=1e-9)


def _total(found: Sequence[Found]) -> int | float | None:
    values = [each.figure.value for each in found]
    whole = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    numbers = [size for size in map(columns.number, values) if size is not None]
    if len(numbers) < len(values):
        return None
    total = sum(whole) if len(whole) == len(values) else math.fsum(numbers)
    return total if math.isfinite(total) else None


def _with_quotient(measure: Measure, totals: Mapping[str, int | float], summable: Summable) -> Measure:
    """Give a ratio the quotient of its sums; ratios themselves are never added."""
    above, below = summable.ratios.get(bare(measure.column), ("", ""))
    if above not in totals or not totals.get(below):
        return measure
    return measure.model_copy(update={"total": totals[above] / totals[below]})


def _period(answered: Sequence[Reading]) -> Period | None:
    periods = {each.answered.report.period if each.answered.report else None for each in answered}
    return periods.pop() if len(periods) == 1 else None
