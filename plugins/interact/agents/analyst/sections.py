"""The sections of a report: figures and trend at a glance, each table, and each rule's findings in full."""

from __future__ import annotations

from collections.abc import Sequence

from interact.agents.analyst.caveats import without_rank
from interact.agents.analyst.cuts import Cut
from interact.agents.analyst.evidence import Evidence, table_title
from interact.agents.analyst.insights import Finding, day_of, number
from interact.agents.analyst.remarks import causes_unstated, warnings
from interact.agents.analyst.spans import WEEKDAYS
from interact.agents.analyst.tabling import left_out, table_columns, unseen
from interact.agents.analyst.wording import TIMES, listing, name, noun, rule_in_words, sentence_case, within
from interact.agents.analyst.writing import changes, found, row_in_words, standing
from interact.chats.figures import literally, reference
from interact.chats.result import Cell, Result
from interact.reports.document import Block, Chart, Markdown, Metric, Metrics, Section, Table

MOST_SERIES = 8
ROWS_WITHOUT_A_NUMBER = 10
"""How many rows "top campaigns" shows when no number is named."""
TITLE, NOTE, PROSE = 120, 600, 8000
COLUMNS = 12
"""The most that a report's table has."""


def sections(evidence: Evidence) -> tuple[Section, ...]:
    """Return the sections in the order they are read."""
    moved = " ".join(changes(evidence))
    parts = [_glance(evidence)]
    parts += [Section(title="What changed", blocks=(Markdown(text=moved),))] if moved else []
    parts += [_of_table(evidence, breakdown, result) for breakdown, result in evidence.tables]
    parts += [_of_finding(evidence, finding) for finding in evidence.findings if finding.rows or finding.unmeasured]
    return tuple(part for part in parts if part is not None)


def _glance(evidence: Evidence) -> Section | None:
    blocks: list[Block | None] = [*warnings(evidence), _tiles(evidence), *_monies(evidence), _chart(evidence)]
    blocks.append(causes_unstated(evidence))
    there = tuple(block for block in blocks if block is not None)
    return Section(title="At a glance", blocks=there) if there else None


def _tiles(evidence: Evidence) -> Metrics | None:
    plain = tuple(each for each in evidence.plan.headlines if evidence.money_of(each) is None)
    return Metrics(items=tuple(_tile(evidence, each) for each in plain)) if plain and evidence.totals.rows else None


def _monies(evidence: Evidence) -> list[Block | None]:
    """Return the totals of money in several currencies, as tables."""
    return [
        Table(title=each.title, result_id=each.result_id, columns=table_columns(evidence, each, limit=COLUMNS))
        for each in evidence.monies
    ]


def _tile(evidence: Evidence, metric: str) -> Metric:
    totals = evidence.totals
    change = f"{metric}_change"
    return Metric(
        label=evidence.plan.model.metric(metric).label[:60],
        figure=Cell(result_id=totals.result_id, row=0, column=metric),
        change=Cell(result_id=totals.result_id, row=0, column=change) if evidence.plan.request.compare else None,
    )


def _chart(evidence: Evidence) -> Chart | None:
    """Return the leading metric over time, with the limit that the prompt names as a line."""
    trend, plan = evidence.trend, evidence.plan
    if trend is None or len(trend.rows) < 2:
        return None
    metric = plan.model.metric(plan.leading)
    grain = trend.columns[0].name
    judged = [c for rule in plan.request.rules for c in rule.conditions if c.metric == metric.name and c.on == "level"]
    apart = plan.apart(metric.name)
    if len(apart) > 1:
        return None
    ends = [reference(trend, row, metric.name) for row in (0, len(trend.rows) - 1)]
    title = (
        f"{metric.label} by {grain} and currency" if apart else _shown(trend, metric.name, noun(metric), grain=grain)
    )
    return Chart(
        title=title[:TITLE],
        subtitle=f"{metric.label} by {grain}{_unit(trend, metric.name)}",
        result_id=trend.result_id,
        mark="line",
        x=grain,
        y=metric.name,
        series=apart[0] if apart else None,
        reference=next((condition.value for condition in judged if condition.value is not None), None),
        alt=f"{metric.label} by {grain}: {ends[0]} at the start, {ends[1]} at the end.",
    )


def _unit(result: Result, metric: str) -> str:
    unit = result.column(metric).unit
    return f", {unit}" if unit else ""


def _shown(trend: Result, metric: str, label: str, *, grain: str) -> str:
    """Return what a trend shows, as the chart's title: weekdays where one week is drawn, else where it went."""
    values = [(value, row) for row in range(len(trend.rows)) if (value := number(trend, row, metric)) is not None]
    if len(values) < 2:
        return f"{sentence_case(label)} by {grain}"
    (low, first), (high, last) = min(values), max(values)
    days = [day for row in (first, last) if (day := day_of(trend.value(row, grain)))]
    if grain == "day" and len(trend.rows) <= 7 and low != high and len(days) == 2:
        lowest, highest = (WEEKDAYS[day.weekday()] for day in days)
        return f"{sentence_case(label)} was lowest on {lowest} and highest on {highest}"
    start, end = values[0][0], values[-1][0]
    side = "where it began" if start == end else "higher than it began" if end > start else "lower than it began"
    return f"{sentence_case(label)} ended {side}"


def _of_table(evidence: Evidence, breakdown: Cut, result: Result) -> Section:
    plan = evidence.plan
    title = table_title(breakdown, plan, rows=len(result.rows))[:TITLE]
    plurals = listing(plan.model.dimension(each).plural for each in breakdown.dimensions)
    if not result.rows:
        return Section(title=title, blocks=(Markdown(text="No rows match."),))
    ranking = breakdown.ranking
    usual = ROWS_WITHOUT_A_NUMBER if ranking and not breakdown.grain else 200
    table = Table(
        title=title,
        result_id=result.result_id,
        columns=table_columns(evidence, result, limit=COLUMNS),
        limit=ranking.limit if ranking and ranking.limit else usual,
        note=within(_note(evidence, breakdown, result), NOTE),
    )
    lead = "" if breakdown.grain else standing(evidence, result, breakdown.dimensions)
    blocks = [_lines_of(evidence, breakdown, result), Markdown(text=lead) if lead else None, table]
    return Section(
        title=_heading(evidence, breakdown, plurals),
        blocks=tuple(block for block in blocks if block is not None),
    )


def _heading(evidence: Evidence, cut: Cut, plurals: str) -> str:
    """Return what a section is about: "Campaigns by ROAS", "Weekly trend", "Channels: daily trend"."""
    if cut.grain:
        trend = f"{TIMES[cut.grain]} trend"
        return sentence_case(f"{plurals}: {trend}" if plurals else trend)[:TITLE]
    ranked = f" by {evidence.plan.model.metric(cut.ranking.metric).label}" if cut.ranking else ""
    money = f" in {', '.join(cut.only.values)}" if cut.only else ""
    return sentence_case(f"{plurals}{ranked}{money}")[:TITLE]


def _lines_of(evidence: Evidence, breakdown: Cut, result: Result) -> Chart | None:
    """Return a line for each member where a table goes over time and has few members."""
    if not breakdown.grain or len(breakdown.dimensions) != 1:
        return None
    name_ = breakdown.dimensions[0]
    if len(set(result.values(name_))) > MOST_SERIES or len(set(result.values(breakdown.grain))) < 2:
        return None
    plan = evidence.plan
    metric = plan.model.metric(plan.leading if plan.leading in breakdown.metrics else breakdown.metrics[0])
    label = plan.model.dimension(name_).label.lower()
    return Chart(
        title=f"{metric.label} by {label} over time"[:TITLE],
        subtitle=f"{metric.label} by {breakdown.grain}{_unit(result, metric.name)}",
        result_id=result.result_id,
        mark="line",
        x=breakdown.grain,
        y=metric.name,
        series=name_,
        alt=f"{metric.label} by {breakdown.grain}, one line for each {label}.",
    )


def _note(evidence: Evidence, breakdown: Cut, result: Result) -> list[str]:
    model, filters = evidence.plan.model, evidence.question.filters
    notes = [without_rank(evidence, breakdown), left_out(evidence, breakdown), unseen(evidence, result, limit=COLUMNS)]
    notes += [
        f"This run is limited to {model.dimension(each).label} {literally(filters[each])}, so there is no other row."
        for each in breakdown.dimensions
        if each in filters and breakdown.dimensions == (each,)
    ]
    ratios = [metric for each in evidence.plan.shown if (metric := model.metric(each)).type == "ratio"]
    empty = [metric for metric in ratios if None in result.values(metric.name)]
    if empty:
        notes.append(
            f"n/a: the denominator of {listing(noun(metric) for metric in empty)} is zero, or there are no rows."
        )
    return notes


def _of_finding(evidence: Evidence, finding: Finding) -> Section:
    """Return every member that a rule found, those that are new marked."""
    rule, result = finding.rule, finding.result
    blocks: list[Block] = [Markdown(text=within(found(evidence, finding), PROSE))]
    if finding.rows and len(finding.rows) == len(result.rows):
        columns = _columns(evidence, finding)
        blocks.append(Table(title=result.title[:TITLE], result_id=result.result_id, columns=columns))
    elif finding.rows:
        lines = [
            f"- **{name(result, row, rule.dimension)}**: {row_in_words(evidence, finding, row)}" for row in finding.rows
        ]
        blocks.append(Markdown(text=_as_many(lines)))
    return Section(title=sentence_case(rule_in_words(rule, evidence.plan.model))[:TITLE], blocks=tuple(blocks))


def _as_many(lines: Sequence[str]) -> str:
    """Return as many lines as fit, and say so where that is not all."""
    text = ""
    for line in lines:
        if len(text) + len(line) > PROSE - 60:
            return f"{text}\n- and others, which the result holds"
        text = f"{text}\n{line}".strip()
    return text


def _columns(evidence: Evidence, finding: Finding) -> tuple[str, ...]:
    """Return what is judged, with target and change, and the sums behind it."""
    wanted = [finding.rule.dimension]
    for condition in finding.rule.conditions:
        wanted += [f"{condition.metric}{suffix}" for suffix in ("", "_target", "_previous", "_change")]
        metric = evidence.plan.model.metric(condition.metric)
        wanted += [part for part in (metric.numerator, metric.denominator) if part]
    present = {column.name for column in finding.result.columns}
    return tuple(dict.fromkeys(each for each in (*wanted, *evidence.plan.shown) if each in present))[:12]
