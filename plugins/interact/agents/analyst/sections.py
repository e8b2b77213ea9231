"""The sections of a report: figures and trend at a glance, each table, and each rule's findings in full."""

from __future__ import annotations

from collections.abc import Sequence

from interact.agents.analyst.evidence import Evidence, table_title
from interact.agents.analyst.insights import Finding, day_of, number
from interact.agents.analyst.remarks import warnings
from interact.agents.analyst.request import Breakdown
from interact.agents.analyst.spans import WEEKDAYS
from interact.agents.analyst.wording import (
    inert,
    listing,
    name,
    noun,
    rule_in_words,
    sentence_case,
    within,
)
from interact.agents.analyst.writing import found, row_in_words, standing, table_columns
from interact.chats.figures import reference
from interact.chats.result import Result
from interact.reports.document import Block, Cell, Chart, Markdown, Metric, Metrics, Section, Table

MOST_SECTIONS = 12
MOST_SERIES = 8
MOST_WARNINGS = 8
ROWS_WITHOUT_A_NUMBER = 10
"""How many rows "top campaigns" shows when no number is named."""
TITLE = 120


def sections(evidence: Evidence) -> tuple[Section, ...]:
    overview: list[Block] = [*warnings(evidence)][:6]
    tiles = _tiles(evidence)
    overview += [tiles] if tiles else []
    chart = _chart(evidence)
    overview += [chart] if chart else []
    title = "Executive summary" if "executive summary" in evidence.question.prompt.lower() else "At a glance"
    sections = [Section(title=title, blocks=tuple(overview))] if overview else []
    for breakdown, result in evidence.tables:
        sections.append(_table_section(evidence, breakdown, result))
    for finding in evidence.findings:
        if finding.rows or finding.unmeasured:
            sections.append(_finding_section(evidence, finding))
    return sections


def _tiles(evidence: Evidence) -> Metrics | None:
    totals, model = evidence.totals, evidence.plan.model
    if not totals.rows:
        return None
    present = {column.name for column in totals.columns}
    items = []
    for each in evidence.plan.headlines[:6]:
        change = f"{each}_change"
        items.append(
            Metric(
                label=model.metric(each).label[:60],
                figure=Cell(result_id=totals.result_id, row=0, column=each),
                change=Cell(result_id=totals.result_id, row=0, column=change) if change in present else None,
            )
        )
    return Metrics(items=tuple(items))


def _chart(evidence: Evidence) -> Chart | None:
    """Return the leading metric over time, with the limit that the prompt names as a line."""
    trend, plan = evidence.trend, evidence.plan
    if trend is None or len(trend.rows) < 2:
        return None
    metric = plan.model.metric(plan.leading)
    grain = trend.columns[0].name
    limits = [
        c.value for rule in plan.request.rules for c in rule.conditions if c.metric == metric.name and c.on == "level"
    ]
    return Chart(
        title=_finding_of(trend, metric.name, noun(metric), grain=grain)[:TITLE],
        subtitle=f"{metric.label} by {grain}{f', {metric.unit}' if metric.unit else ''}"[:160],
        result_id=trend.result_id,
        mark="line",
        x=grain,
        y=metric.name,
        reference=next((value for value in limits if value is not None), None),
        alt=f"{metric.label} by {grain}: first {reference(trend, 0, metric.name)}, last {reference(trend, len(trend.rows) - 1, metric.name)}.",
    )


def _finding_of(trend: Result, metric: str, label: str, *, grain: str) -> str:
    """Return what a trend shows, as the chart's title."""
    values = [(value, row) for row in range(len(trend.rows)) if (value := number(trend, row, metric)) is not None]
    if len(values) < 2:
        return f"{sentence_case(label)} by {grain}"
    low, high = min(values), max(values)
    days = [day_of(trend.value(row, grain)) for _, row in (low, high)]
    if grain == "day" and len(trend.rows) <= 7 and all(days) and low[0] != high[0]:
        lowest, highest = (WEEKDAYS[day.weekday()] for day in days if day)
        return f"{sentence_case(label)} was lowest on {lowest} and highest on {highest}"
    first, last = values[0][0], values[-1][0]
    moved = (
        "ended where it began"
        if first == last
        else "ended higher than it began"
        if last > first
        else "ended lower than it began"
    )
    return f"{sentence_case(label)} {moved}"


def _table_section(evidence: Evidence, breakdown: Breakdown, result: Result) -> Section:
    plan = evidence.plan
    blocks: list[Block] = []
    if not result.rows:
        blocks.append(Markdown(text="No rows match."))
        return Section(title=table_title(breakdown, plan)[:TITLE], blocks=tuple(blocks))
    if breakdown.grain and len(breakdown.dimensions) == 1 and _is_small(result, breakdown.dimensions[0]):
        metric = plan.model.metric(plan.leading)
        blocks.append(
            Chart(
                title=f"{metric.label} by {plan.model.dimension(breakdown.dimensions[0]).label.lower()} over time",
                result_id=result.result_id,
                mark="line",
                x=breakdown.grain,
                y=metric.name,
                series=breakdown.dimensions[0],
                alt=f"{metric.label} over time, one line for each {breakdown.dimensions[0]}.",
            )
        )
    lead = "" if breakdown.grain else standing(evidence, result, breakdown.dimensions)
    blocks += [Markdown(text=lead)] if lead else []
    limit = breakdown.ranking.limit if breakdown.ranking and breakdown.ranking.limit else None
    ranked = breakdown.ranking is not None and not breakdown.grain
    blocks.append(
        Table(
            title=table_title(breakdown, plan)[:TITLE],
            result_id=result.result_id,
            columns=table_columns(evidence, result, limit=12),
            limit=min(limit or (ROWS_WITHOUT_A_NUMBER if ranked else 200), 200),
            note=within(_table_note(evidence, breakdown, result), 600),
        )
    )
    plurals = " and ".join(plan.model.dimension(each).plural.lower() for each in breakdown.dimensions)
    return Section(title=(plurals or "over time").capitalize()[:TITLE], blocks=tuple(blocks))


def _is_small(result: Result, dimension: str) -> bool:
    return len(set(result.values(dimension))) <= MOST_SERIES


def _table_note(evidence: Evidence, breakdown: Breakdown, result: Result) -> list[str]:
    model, filters = evidence.plan.model, evidence.question.filters
    notes = []
    for each in breakdown.dimensions:
        if each in filters:
            notes.append(
                f"This run is limited to {model.dimension(each).label} {inert(filters[each])}, so there is one row."
            )
    shown = [model.metric(each) for each in evidence.plan.shown]
    empty = [
        m
        for m in shown
        if m.type == "ratio" and any(number(result, row, m.name) is None for row in range(len(result.rows)))
    ]
    if empty:
        notes.append(
            f"n/a: {listing(noun(metric) for metric in empty)} cannot be stated where the denominator is zero or there are no rows."
        )
    return notes


def _finding_section(evidence: Evidence, finding: Finding) -> Section:
    """Return every member that a rule found, those that are new marked."""
    model, rule = evidence.plan.model, finding.rule
    blocks: list[Block] = [Markdown(text=within(found(evidence, finding), 8000))]
    whole_table = len(finding.rows) == len(finding.result.rows)
    if finding.rows and whole_table:
        blocks.append(
            Table(
                title=finding.result.title[:TITLE],
                result_id=finding.result.result_id,
                columns=_finding_columns(evidence, finding),
            )
        )
    lines = [
        f"- **{name(finding.result, row, rule.dimension)}**: {row_in_words(evidence, finding, row)}"
        for row in finding.rows
    ]
    if finding.rows and not whole_table:
        blocks.append(Markdown(text=_lines(lines, 8000)))
    return Section(title=sentence_case(rule_in_words(rule, model))[:TITLE], blocks=tuple(blocks))


def _lines(lines: Sequence[str], limit: int) -> str:
    text = ""
    for line in lines:
        if len(text) + len(line) + 60 > limit:
            return text + "\n- and others, in the result"
        text = f"{text}\n{line}".strip()
    return text


def _finding_columns(evidence: Evidence, finding: Finding) -> tuple[str, ...]:
    present = {column.name for column in finding.result.columns}
    wanted = [finding.rule.dimension]
    for condition in finding.rule.conditions:
        wanted += [
            condition.metric,
            f"{condition.metric}_target",
            f"{condition.metric}_previous",
            f"{condition.metric}_change",
        ]
    parts = [
        part
        for c in finding.rule.conditions
        for part in (evidence.plan.model.metric(c.metric).numerator, evidence.plan.model.metric(c.metric).denominator)
    ]
    return tuple(dict.fromkeys(each for each in [*wanted, *parts, *evidence.plan.shown] if each in present))[:12]
