"""What an answer holds for programs: its tables, what it points out, the parts asked for, the figures to compare."""

from __future__ import annotations

from collections.abc import Iterator

from interact.agents.analyst.anomalies import Oddity
from interact.agents.analyst.evidence import Evidence
from interact.agents.analyst.insights import Finding, number
from interact.agents.analyst.oddities import odd_title, odd_tone
from interact.agents.analyst.planning import Plan
from interact.agents.analyst.tabling import all_columns, shown_rows, unreached
from interact.agents.analyst.wording import TIMES, listing, name, new_in_words, noun, rule_in_words
from interact.agents.contract import Exhibit
from interact.chats import finding as chats
from interact.chats.figures import reference
from interact.chats.result import Cell, Result
from interact.reports.document import Chart, Metrics, Report, Table, Tone
from interact.warehouse.semantic import Metric

TITLE = 200


def not_understood(evidence: Evidence) -> tuple[str, ...]:
    """Return what is left out word for word, and the named metrics that no table or total could show as asked."""
    plan = evidence.plan
    labels = listing(plan.model.dimension(each).label.lower() for each in sorted(plan.limited))
    lost = dict.fromkeys(plan.unshown, labels)
    for cut, _ in evidence.tables:
        lost |= unreached(plan, cut)
    named = [f"{noun(plan.model.metric(each))} by {lost[each]}" for each in lost if each in _named(plan)]
    return (*plan.request.not_understood, *named)


def _named(plan: Plan) -> set[str]:
    judged = [condition.metric for rule in plan.request.rules for condition in rule.conditions]
    return {*plan.request.metrics, *judged}


def exhibits(evidence: Evidence) -> tuple[Exhibit, ...]:
    """Return the tables that an answer shows, those of rules that list members among them, and its totals."""
    found = [_exhibit(evidence, result, shown_rows(evidence, result)) for _, result in evidence.tables]
    found += [_exhibit(evidence, each.result, each.rows) for each in evidence.findings if not each.rule.highlight]
    found += [_exhibit(evidence, result) for result in (evidence.totals, *evidence.monies) if result.rows]
    return tuple(found)


def _exhibit(evidence: Evidence, result: Result, rows: tuple[int, ...] | None = None) -> Exhibit:
    columns, model = all_columns(evidence, result), evidence.plan.model
    dimensions = {*TIMES, *(each.name for each in model.dimensions)}
    metrics = {each.name for each in model.metrics}
    return Exhibit(
        result_id=result.result_id,
        columns=columns,
        metrics=tuple(each for each in columns if each in metrics),
        dimensions=tuple(each for each in columns if each in dimensions),
        rows=None if rows is None or len(rows) == len(result.rows) else rows,
    )


def findings(evidence: Evidence) -> tuple[chats.Finding, ...]:
    """Return whom each rule found, then what nobody asked for."""
    asked = [each for finding in evidence.findings if not finding.rule.narrows for each in _found(evidence, finding)]
    alone = [each for finding in evidence.findings for each in _unmeasured(evidence, finding)]
    return (*asked, *alone, *(_odd(each) for each in evidence.judged.oddities))


def _found(evidence: Evidence, finding: Finding) -> Iterator[chats.Finding]:
    rule, result, model = finding.rule, finding.result, evidence.plan.model
    metric = rule.conditions[0].metric
    words = rule_in_words(rule, model)
    for row in finding.rows:
        mark = f" ({new_in_words(evidence.plan.request)})" if row in finding.new else ""
        yield chats.Finding(
            kind="highlight",
            metric=metric,
            key=_key(evidence, result, row),
            figure=Cell(result_id=result.result_id, row=row, column=metric),
            title=_fitting(f"{name(result, row, rule.dimension)}: {words}", mark),
            tone=tone_of(finding, model.metric(metric)),
            result_ids=(result.result_id,),
        )


def _unmeasured(evidence: Evidence, finding: Finding) -> Iterator[chats.Finding]:
    """Yield who has no value of a ratio that is judged although there was spend, or the like: nobody asked for them."""
    whole, model = finding.whole, evidence.plan.model
    if whole is None:
        return
    for gap in finding.gaps:
        top, bottom = model.metric(str(gap.ratio.numerator)), model.metric(str(gap.ratio.denominator))
        for row in gap.unmeasured:
            who = name(whole, row, finding.rule.dimension)
            figure = reference(whole, row, top.name)
            yield chats.Finding(
                kind="anomaly",
                metric=gap.ratio.name,
                key=_key(evidence, whole, row),
                figure=Cell(result_id=whole.result_id, row=row, column=top.name),
                title=_fitting(f"{who}: {noun(top)} of {figure} without {noun(bottom)}", ""),
                tone="bad",
                result_ids=(whole.result_id,),
            )


def _odd(oddity: Oddity) -> chats.Finding:
    result = oddity.days.result
    return chats.Finding(
        kind="anomaly",
        metric=oddity.metric.name,
        key=(("day", oddity.day.isoformat()),),
        figure=Cell(result_id=result.result_id, row=oddity.row, column=oddity.metric.name),
        title=odd_title(oddity)[:TITLE],
        tone=odd_tone(oddity),
        result_ids=(result.result_id,),
    )


def _key(evidence: Evidence, result: Result, row: int) -> tuple[tuple[str, str], ...]:
    names = {each.name for each in evidence.plan.model.dimensions}
    keys = [each.name for each in result.columns if each.name in names]
    return tuple((key, str(result.value(row, key))) for key in keys)


def tone_of(finding: Finding, metric: Metric) -> Tone:
    """Return whether what a rule found is good or bad news, by the side of its limit."""
    first = finding.rule.conditions[0]
    if metric.good is None or first.comparator in ("=", "!="):
        return "warning"
    return "good" if (metric.good == "up") == (first.comparator in (">", ">=")) else "bad"


def _fitting(title: str, mark: str) -> str:
    return f"{title}{mark}" if len(title) + len(mark) <= TITLE else title[:TITLE]


def sections(evidence: Evidence, report: Report | None, *, advised: bool) -> tuple[str, ...]:
    """Return the parts that were asked for by name and are there, and the headings of a report."""
    blocks = [block for section in report.sections for block in section.blocks] if report else []
    there = {
        "summary": True,
        "tiles": any(isinstance(block, Metrics) for block in blocks),
        "chart": any(isinstance(block, Chart) for block in blocks),
        "table": bool(evidence.tables) or any(isinstance(block, Table) for block in blocks),
        "changes": evidence.plan.request.compare is not None,
        "recommendations": advised,
    }
    named = [each for each in there if there[each] and each in evidence.plan.request.sections]
    if "executive summary" in evidence.question.prompt.lower():
        named = ["executive summary" if each == "summary" else each for each in named]
    return (*named, *(section.title for section in report.sections)) if report else tuple(named)


def kept(evidence: Evidence) -> tuple[Cell, ...]:
    """Return the figures of the whole to compare with the next time, each once."""
    totals, plan = evidence.totals, evidence.plan
    names = dict.fromkeys((*plan.shown, *plan.headlines, plan.leading))
    there = [each for each in names if totals.rows and number(totals, 0, each) is not None]
    return tuple(Cell(result_id=totals.result_id, row=0, column=each) for each in there)
