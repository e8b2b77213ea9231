"""Sentences as models write them, with right numbers in many writings and with false ones: over the demo's figures."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from interact.chats.calculation import Calculation
from interact.chats.result import Cell, Column, Result
from interact.reports.provenance.ground import Ground, Stated, Words
from interact.warehouse.semantic import SemanticModel, read_model

DEMO = Path(__file__).resolve().parents[2] / "include" / "demo"
NOW, BEFORE = (date(2026, 11, 9), date(2026, 11, 15)), (date(2026, 11, 2), date(2026, 11, 8))
METRICS = ("spend", "clicks", "conversions", "revenue", "ctr", "conversion_rate", "cpa", "roas")
SUMS = {
    "spend": "SUM(spend)",
    "clicks": "SUM(clicks)",
    "conversions": "SUM(conversions)",
    "revenue": "SUM(revenue)",
    "ctr": "SUM(clicks) / NULLIF(SUM(impressions), 0)",
    "conversion_rate": "SUM(conversions) / NULLIF(SUM(clicks), 0)",
    "cpa": "SUM(spend) / NULLIF(SUM(conversions), 0)",
    "roas": "SUM(revenue) / NULLIF(SUM(spend), 0)",
}
QUESTION = (
    "Analyse campaign performance for the past 7 days. Show the top 5 campaigns, highlight those where ROAS dropped "
    "below 2 or CPA exceeded €40, and say how it compares."
)


@dataclass(frozen=True)
class Fact:
    """One metric of one member, or of the whole where `who` is empty."""

    metric: str
    who: str
    now: float
    before: float
    target: float | None = None


@dataclass(frozen=True)
class Planted:
    """A text, and the number in it that is right or false."""

    text: str
    number: str
    kind: str


@dataclass(frozen=True)
class Figures:
    """The results that texts are about, with the facts in them."""

    ground: Ground
    facts: tuple[Fact, ...]
    model: SemanticModel

    def label(self, metric: str) -> str:
        """A metric inside a sentence."""
        label = self.model.metric(metric).label
        return label if label[1:] != label[1:].lower() else label.lower()

    def of(self, who: str) -> list[Fact]:
        """The facts of one."""
        return [fact for fact in self.facts if fact.who == who]


def figures(path: Path) -> Figures:
    """Return the demo's figures by campaign, by market, by day and altogether, in euro."""
    import duckdb

    model = read_model(DEMO / "semantic_model.yaml")
    runpy.run_path(str(DEMO / "performance.py"))["load"](path, NOW[1])
    with duckdb.connect(str(path), read_only=True) as connection:
        read = [_result(model, connection, number, by) for number, by in enumerate(("", "campaign", "market"), start=1)]
    results = {result.result_id: result for result, _ in read}
    whole = read[0][0]
    spend = {row[0]: n for n, row in enumerate(read[2][0].rows)}
    share = Calculation(
        name="nl_share",
        op="share",
        cells=(_cell(read[2][0], spend["NL"], "spend"), _cell(whole, 0, "spend")),
    )
    words = Words(
        {metric.name: (metric.label, *metric.synonyms) for metric in model.metrics},
        {each.name: (each.label, each.plural, *each.synonyms) for each in model.dimensions},
    )
    ground = Ground(results, (share,), words=words, stated=Stated((QUESTION,), (), (NOW, BEFORE)))
    return Figures(ground, tuple(fact for _, facts in read for fact in facts), model)


def _cell(result: Result, row: int, column: str) -> Cell:
    return Cell(result_id=result.result_id, row=row, column=column)


def _result(model: SemanticModel, connection: Any, number: int, by: str) -> tuple[Result, list[Fact]]:
    chosen = f"{by}, " if by else ""
    grouped = f"GROUP BY {by} ORDER BY {by}" if by else ""
    found = {}
    for window in (NOW, BEFORE):
        sums = ", ".join(f"CAST({sql} AS DOUBLE)" for sql in SUMS.values())
        sql = (
            f"SELECT {chosen}{sums}, MAX(target_cpa), MAX(target_roas) FROM ad_performance "
            f"WHERE date BETWEEN '{window[0]}' AND '{window[1]}' {grouped}"
        )
        rows = connection.execute(sql).fetchall()
        found[window] = {row[0] if by else "": row[1:] if by else row for row in rows}
    columns = [Column(name=by, label=by.capitalize())] if by else []
    for name in METRICS:
        columns += _columns(model, name, has_target=by == "campaign")
    rows, facts = [], list[Fact]()
    for who, own in found[NOW].items():
        then = found[BEFORE].get(who)
        cells: list[Any] = [who] if by else []
        for place, name in enumerate(METRICS):
            now, before = own[place], then[place] if then else None
            change = (now - before) / before if now is not None and before else None
            target = {"cpa": own[-2], "roas": own[-1]}.get(name)
            cells += [now, before, change]
            if by == "campaign" and name in ("cpa", "roas"):
                cells.append(None if target is None else float(target))
            if now and before and abs(change or 0) > 0.02:
                told = float(target) if target is not None and by == "campaign" else None
                facts.append(Fact(name, who, float(now), float(before), told))
        rows.append(tuple(cells))
    named = sorted(f"'{window[0]}' AND '{window[1]}'" for window in (NOW, BEFORE))
    sql = f"SELECT {chosen}… FROM ad_performance WHERE date BETWEEN {' OR date BETWEEN '.join(named)}"
    title = f"By {by}" if by else "Totals"
    return Result(
        result_id=f"result_{number:012d}", title=title, sql=sql, columns=tuple(columns), rows=tuple(rows)
    ), facts


def _columns(model: SemanticModel, name: str, *, has_target: bool) -> Iterator[Column]:
    metric = model.metric(name)
    plain = Column(name=name, label=metric.label, format=metric.format, unit=metric.unit, good=metric.good)
    yield plain
    yield plain.model_copy(update={"name": f"{name}_previous", "label": f"{metric.label}, previous"})
    yield Column(name=f"{name}_change", label=f"{metric.label}, change", format="percent", is_change=True)
    if has_target and name in ("cpa", "roas"):
        yield plain.model_copy(update={"name": f"{name}_target", "label": f"{metric.label} target"})


# How people write one figure.


def written(fact: Fact, value: float, random: Random, model: SemanticModel, *, shift: int = 0) -> str:
    """Return a figure as somebody may write it; `shift` moves its last place, so that it is rounded wrong."""
    metric = model.metric(fact.metric)
    if metric.format == "percent":
        return f"{_places(value * 100, random.choice((1, 1, 2)), shift)}{random.choice(('%', '%', ' %', ' percent'))}"
    if metric.format == "currency":
        return _money(value, random, shift)
    if metric.format == "ratio":
        return f"{_places(value, random.choice((1, 2, 2)), shift)}{random.choice(('', '', 'x'))}"
    if value >= 1000 and random.random() < 0.3:
        return f"{_places(value / 1000, 1, shift)}k"
    shown = f"{round(value) + shift:,}"
    return shown.replace(",", random.choice((",", ",", ",", ".", "\u202f", "")))


def _places(value: float, decimals: int, shift: int) -> str:
    return f"{value + shift * 10.0**-decimals:,.{decimals}f}"


def _money(value: float, random: Random, shift: int) -> str:
    style = random.randrange(6)
    if style == 0 and value >= 1000:
        return f"€{_places(value / 1000, 1, shift)}k"
    decimals = 2 if value < 1000 else random.choice((0, 2))
    amount = _places(value, decimals, shift)
    if style == 1:
        return f"{amount.translate(str.maketrans(',.', '.,'))} €"
    if style == 2:
        return f"{amount} EUR"
    return f"EUR {amount}" if style == 3 else f"€{amount}"


def change_of(fact: Fact) -> float:
    """Return by what fraction a fact changed."""
    return (fact.now - fact.before) / fact.before


def in_percent(value: float, random: Random) -> str:
    """Return a fraction without its sign as somebody may write it."""
    return f"{abs(value) * 100:.1f}{random.choice(('%', '%', ' %', ' percent'))}"


Write = Callable[[str, Fact, Random], str]
LEVELS = (
    "{who} had {m} of {v}.",
    "{who} reached {v} in {m}.",
    "**{who}**: {m} {v}.",
    "The {m} of {who} was {v}.",
    "{M} for {who} came to {v} over the past 7 days.",
    "With {m} at {v}, {who} deserves a look.",
    "{who} closed the week (9–15 November 2026) with {m} of **{v}**.",
    "- {who} – {m}: {v}",
    "{v} of {m} came from {who}.",
    "We saw {who} deliver {m} of {v} this week.",
    "Looking at {who}, {m} stands at {v}.",
    "{who} ({m} {v}) needs attention.",
    "In the past 7 days {who} recorded {m} of {v}.",
)
WHOLE_LEVELS = (
    "Total {m} was {v}.",
    "Overall, {m} came to {v}.",
    "Across all campaigns, {m} was {v}.",
    "{M} was {v} in total.",
    "{M} over the past 7 days: {v}.",
    "The account closed with {m} of {v}.",
)
CHANGES = (
    "{who} saw {m} {verb} {c} to {v}.",
    "{M} for {who} {verb} by {c}.",
    "{who}'s {m} {verb} {c} compared with the week before.",
    "{who} recorded {m} of {v} ({s}{c}).",
    "{who} had a {c} {noun} in {m}.",
    "For {who}, {m} {verb} from {p} to {v}, {way} {c}.",
    "{M} of {who} is {c} {than} than in the previous week.",
)
WHOLE_CHANGES = (
    "Total {m} {verb} {c} to {v}.",
    "Overall {m} {verb} by {c}.",
    "{M} {verb} {c} in total, from {p} to {v}.",
    "Overall, {m} was {v} ({s}{c}).",
)
