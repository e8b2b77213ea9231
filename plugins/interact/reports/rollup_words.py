"""What a roll-up says besides its tables: who leads, how far it spreads, what was added, what to know; and its bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from interact.chats.result import Column, Result
from interact.reports import columns
from interact.reports.document import Chart
from interact.reports.rollup import Rollup
from interact.reports.rollup_tables import FILE, NOWHERE, Rank, head_of, places_of, value_of, within
from interact.reports.views import Tile

NAMED = 3
"""So many combinations are named in a sentence or a cell, and so many measures in the summary; the table has all."""
TILES = 6
MANY = 8
"""From so many answers on, totals and the ends of each measure stand before the table, which is long."""
BARS = range(2, 25)
"""With so many answers a chart says more than the table alone."""


@dataclass(frozen=True)
class End:
    """The lowest or the highest value of a measure, whose it is, and whether that is good."""

    text: str
    whose: str
    rank: Rank


@dataclass(frozen=True)
class Span:
    """One measure, from its lowest value to its highest."""

    label: str
    lowest: End
    highest: End


def spans(rollup: Rollup) -> list[Span]:
    """Return each measure that has an order, with its ends; nothing when the table itself is as short."""
    if len(rollup.answered) < MANY:
        return []
    return [_span(rollup, place) for place, measure in enumerate(rollup.measures) if measure.highest]


def tiles(rollup: Rollup) -> list[Tile]:
    """Return a tile for each measure that all combinations together have, six at most; none beside a short table."""
    if len(rollup.answered) < MANY:
        return []
    found = [each for each in rollup.measures if each.total is not None][:TILES]
    shown = [columns.cell(each.total, each.column, places=None) for each in found]
    return [Tile(each.column.label, text, "", "", "", is_traced=True) for each, text in zip(found, shown, strict=True)]


def summary(rollup: Rollup) -> list[str]:
    """Return in sentences how many were answered, which were not, and who is best and worst."""
    count, answered = len(rollup.lines), len(rollup.answered)
    if answered == count:
        told = [f"All {count:,} combinations were answered."]
    elif not answered:
        told = [f"None of the {count:,} combinations was answered."]
    else:
        lacking = listed([line.label for line in rollup.unanswered])
        verbs = ["was" if number == 1 else "were" for number in (answered, count - answered)]
        told = [f"{answered:,} of {count:,} combinations {verbs[0]} answered; {lacking} {verbs[1]} not."]
    ranked = [place for place, measure in enumerate(rollup.measures) if measure.best]
    # Sums follow from a combination's size, so that ratios say more.
    ranked.sort(key=lambda place: rollup.measures[place].adds)
    return told + [_led(rollup, place) for place in ranked[:NAMED]]


def notes(rollup: Rollup) -> list[str]:
    """Return what must be known to read the tables right."""
    told = ["Each figure stands in a result of its own chat; those that tie are all marked."] if rollup.measures else []
    for measure in (each for each in rollup.measures if len(each.units) > 1):
        units = " and ".join(unit or "no named currency" for unit in measure.units)
        told.append(f"{measure.column.label} is in {units}, so it is neither ranked nor added.")
    if any(each.total is not None for each in rollup.measures):
        told.append(
            f"All together means the {len(rollup.answered):,} answered: sums are added, a ratio is sum over sum."
        )
    if rollup.left_out:
        told.append(f"{rollup.left_out:,} further figures are not compared; the chats have them.")
    if any(None in line.figures for line in rollup.answered):
        told.append(f"“{NOWHERE}” stands where an answer does not have the figure.")
    return told


def bars(rollup: Rollup) -> tuple[Chart, Result] | None:
    """Return a bar a combination for the first measure that has an order, and its rows; None for too few or many."""
    place = next((place for place, each in enumerate(rollup.measures) if each.highest), None)
    if place is None or len(rollup.answered) not in BARS:
        return None
    column, head, span = rollup.measures[place].column, head_of(rollup), _span(rollup, place)
    rows = tuple((line.label, value_of(line.figures[place])) for line in rollup.answered)
    heads = (Column(name="label", label=head), column.model_copy(update={"name": "value"}))
    title = f"{column.label}: highest for {span.highest.whose}, lowest for {span.lowest.whose}"
    told = ", ".join(f"{label} {columns.cell(value, column, places=None)}" for label, value in rows)
    chart = Chart(
        title=within(title, 120),
        subtitle=within(f"{column.label} by {head.lower()}" + (f", {column.unit}" if column.unit else ""), 160),
        result_id=FILE,
        mark="bar",
        x="label",
        y="value",
        alt=within(f"{column.label}: {told}", 400),
    )
    return chart, Result(result_id=FILE, title=rollup.title, sql="", columns=heads, rows=rows)


def listed(names: Sequence[str]) -> str:
    """Return names as people list them: a few, and the count of the others."""
    more = len(names) - NAMED
    parts = [*names[:NAMED], f"{more:,} more"] if more > 0 else list(names)
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _led(rollup: Rollup, place: int) -> str:
    """Return the sentence on who is best and who is worst."""
    measure, span = rollup.measures[place], _span(rollup, place)
    best, worst = (span.highest, span.lowest) if span.highest.rank == "best" else (span.lowest, span.highest)
    verbs = ["is" if len(chats) == 1 else "are" for chats in (measure.best, measure.worst)]
    return (
        f"By {measure.column.label}, {best.whose} {verbs[0]} best ({best.text}) and {worst.whose} {verbs[1]} worst "
        f"({worst.text})."
    )


def _span(rollup: Rollup, place: int) -> Span:
    measure, labels = rollup.measures[place], rollup.labels
    figures = {line.chat_id: line.figures[place] for line in rollup.answered}
    decimals = places_of(measure, place, rollup.lines)

    def end(chat_ids: tuple[str, ...]) -> End:
        text = columns.cell(value_of(figures[chat_ids[0]]), measure.column, places=decimals)
        rank: Rank = "best" if chat_ids == measure.best else "worst" if chat_ids == measure.worst else ""
        return End(text, listed([labels[chat_id] for chat_id in chat_ids]), rank)

    return Span(measure.column.label, end(measure.lowest), end(measure.highest))
