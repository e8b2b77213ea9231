"""From results to words: the sentences that answers and reports share, and the answer without a report."""

from __future__ import annotations

from collections.abc import Sequence

from interact.agents.analyst.caveats import moved_by, without_rank, without_spend
from interact.agents.analyst.drivers import contributors, movers
from interact.agents.analyst.evidence import Evidence, table_title
from interact.agents.analyst.insights import Finding, direction, free_of_charge, number, stopped
from interact.agents.analyst.oddities import odd_in_words
from interact.agents.analyst.remarks import causes_unstated, method, warnings
from interact.agents.analyst.tabling import ROWS_IN_TEXT, left_out, shown_rows, text_table
from interact.agents.analyst.wording import (
    before_in_words,
    change_in_words,
    change_of,
    count_of,
    figure,
    listing,
    looks_unchanged,
    name,
    names,
    new_in_words,
    noun,
    period_in_words,
    rule_in_words,
    scope_in_words,
    sentence_case,
    then_in_words,
    without_value,
)
from interact.chats.figures import count_reference, reference
from interact.chats.result import Result
from interact.reports.document import Recommendation
from interact.warehouse.semantic import Metric

MOST_MOVERS, MOST_COUNTED = 3, 200
"""How many are named that rose, or fell; how many cells fit one count."""


def headline(evidence: Evidence, metrics: Sequence[str]) -> str:
    """Return the sentence with the totals of some metrics."""
    plan = evidence.plan
    figures = [each for name in metrics for each in _figures(evidence, plan.model.metric(name))]
    if not figures:
        return ""
    subject = scope_in_words(plan.request, evidence.question.filters, plan.model)
    compared = plan.request.compare and any("_change]]" in each for each in figures)
    against = f" Changes compare with {before_in_words(plan.request)}." if compared else ""
    return f"{sentence_case(period_in_words(plan.request))}, {subject}: {listing(figures)}.{against}"


def _figures(evidence: Evidence, metric: Metric) -> list[str]:
    """Return a metric's total, or one for each currency in which its money is kept apart."""
    money, totals = evidence.money_of(metric.name), evidence.totals
    if money is None:
        return [figure(totals, 0, metric)] if totals.rows else []
    currency = evidence.plan.apart(metric.name)[-1]
    parts = [
        f"{reference(money, row, metric.name)} in {reference(money, row, currency)}{change_of(money, row, metric)}"
        for row in shown_rows(evidence, money)
    ]
    return [f"{noun(metric)} of {listing(parts)}"] if parts else []


def movement(evidence: Evidence, *, explained: bool = True) -> str:
    """Return the sentence on where the leading metric went, and which members account for most of it."""
    plan, totals = evidence.plan, evidence.totals
    metric = plan.model.metric(plan.leading)
    moved = direction(totals, 0, metric.name) if totals.rows else None
    if moved is None:
        return ""
    label = sentence_case(noun(metric))
    if moved == "flat":
        return ""
    change = f"{label} {'rose' if moved == 'up' else 'fell'}"
    whole = evidence.whole
    rows = causes(evidence)
    if not whole or not rows or len(whole.rows) < 2:
        return ""
    parts = [_moved(whole, row, metric, dimension=plan.dimension) for row in rows[:2]]
    which = "the largest part of it is" if len(parts) == 1 else "the largest parts of that are"
    return " ".join(
        part
        for part in (f"{change}; {which} {listing(parts)}.", moved_by(evidence, whole, rows[0]) if explained else "")
        if part
    )


def changes(evidence: Evidence) -> list[str]:
    """Return the sentences on whose own figure rose and fell most in percent, where the prompt asks what changed."""
    whole, metric = evidence.whole, evidence.plan.model.metric(evidence.plan.leading)
    if whole is None or "changes" not in evidence.plan.request.sections:
        return []
    sentences = []
    for verb, up in (("rose", True), ("fell", False)):
        parts = [
            _with_change(whole, row, metric, dimension=evidence.plan.dimension)
            for row in movers(whole, metric, up=up)[:MOST_MOVERS]
        ]
        if parts:
            sentences.append(f"{sentence_case(noun(metric))} {verb} most for {listing(parts)}.")
    return sentences


def causes(evidence: Evidence) -> list[int]:
    """Return the members that moved the leading metric's total and whose own figure moved the same way."""
    whole, metric = evidence.whole, evidence.plan.model.metric(evidence.plan.leading)
    moved = direction(evidence.totals, 0, metric.name) if evidence.totals.rows else None
    if whole is None or moved in (None, "flat"):
        return []
    rows = contributors(whole, metric, evidence.plan.model, good=moved == "up")
    return [row for row in rows if direction(whole, row, metric.name) in (None, moved)]


def _moved(result: Result, row: int, metric: Metric, *, dimension: str) -> str:
    """Return a member with what its figure was and is."""
    who = name(result, row, dimension)
    now, then = (reference(result, row, f"{metric.name}{suffix}") for suffix in ("", "_previous"))
    if number(result, row, metric.name) is None:
        return f"{who} ({then} before, none now)"
    if number(result, row, f"{metric.name}_previous") is None:
        return f"{who} ({now}, none before)"
    if looks_unchanged(result, row, metric):
        return f"{who} ({now}, {change_in_words(result, row, metric)})"
    return f"{who} ({now} after {then})"


def _with_change(result: Result, row: int, metric: Metric, *, dimension: str) -> str:
    """Return a member with what its figure was and is, and by how much that differs."""
    moved, change = _moved(result, row, metric, dimension=dimension), change_in_words(result, row, metric)
    return moved if change in moved else f"{moved[:-1]}, {change})"


def found(evidence: Evidence, finding: Finding) -> list[str]:
    """Return the sentences on what a rule found, with the marks of what is new and of what has no value."""
    model, rule = evidence.plan.model, finding.rule
    words = rule_in_words(rule, model)
    dimension = model.dimension(rule.dimension)
    sentences = [f"No {dimension.label.lower()} has {words}."]
    if finding.rows:
        count = _count(finding)
        verb = "has" if len(finding.rows) == 1 else "have"
        noun_ = count_of(finding, model)
        marks = dict.fromkeys(finding.new, new_in_words(evidence.plan.request))
        listed = names(finding.result, finding.rows, rule.dimension, marks=marks)
        sentences = [f"{count} {noun_} {verb} {words}: {listed}."]
    return sentences + without_values(evidence, finding)


def _count(finding: Finding) -> str:
    """Return how many members were found, as a figure: the rows of a result, or a count of cells."""
    result, rows = finding.result, finding.rows
    if len(rows) == len(result.rows):
        return count_reference(result)
    if len(rows) > MOST_COUNTED:
        return "These"
    return f"[[count:{','.join(f'{result.result_id}/{row}/{finding.rule.dimension}' for row in rows)}]]"


def without_values(evidence: Evidence, finding: Finding) -> list[str]:
    """Return the sentences on members whose metric has no value: spend without conversions, and no spend at all."""
    model, whole, dimension = evidence.plan.model, finding.whole, finding.rule.dimension
    sentences = []
    if whole is None:
        return []
    for gap in finding.gaps:
        metric = gap.ratio
        if gap.unmeasured:
            marks = dict.fromkeys(gap.new, new_in_words(evidence.plan.request))
            listed = names(whole, gap.unmeasured, dimension, marks=marks)
            verb, its = ("has", "its") if len(gap.unmeasured) == 1 else ("have", "their")
            lacks = without_value(metric, model)
            sentences.append(f"{listed} {verb} {lacks}, so {its} {noun(metric)} cannot be stated.")
        if gap.meaningless:
            bottom = noun(model.metric(str(metric.denominator)))
            listed = names(whole, gap.meaningless, dimension)
            sentences.append(f"{sentence_case(noun(metric))} is n/a for {listed}, without {bottom}.")
    return sentences


def row_in_words(evidence: Evidence, finding: Finding, row: int) -> str:
    """Return one found member with the figures that matter and the mark of what is new."""
    model, result, rule = evidence.plan.model, finding.result, finding.rule
    parts = []
    for condition in rule.conditions:
        metric = model.metric(condition.metric)
        text = f"{noun(metric)} {reference(result, row, metric.name)}"
        if condition.value is None:
            text += f" against a target of {reference(result, row, f'{metric.name}_target')}"
        then = then_in_words(evidence.plan.request)
        if looks_unchanged(result, row, metric):
            text += f", {change_in_words(result, row, metric)} on {then.removeprefix('in ').removeprefix('on ')}"
        elif number(result, row, f"{metric.name}_previous") is not None:
            text += f", {reference(result, row, f'{metric.name}_previous')} {then}"
        elif evidence.plan.request.compare:
            text += f", without a value {then}"
        if condition.on == "change":
            text += change_of(result, row, metric)
        parts.append(text)
    mark = "; not so then" if row in finding.new else ""
    return f"{'; '.join(dict.fromkeys(parts))}{mark}"


def standing(evidence: Evidence, result: Result, dimensions: tuple[str, ...]) -> str:
    """Return the sentence on who leads and who trails a table in the leading metric."""
    metric = evidence.plan.model.metric(evidence.plan.leading)
    every = range(len(result.rows))
    rows = [r for r in every if number(result, r, metric.name) is not None and not free_of_charge(result, r, metric)]
    if len(rows) < 2 or len(dimensions) != 1:
        return ""
    high = max(rows, key=lambda row: (number(result, row, metric.name) or 0, -row))
    low = min(rows, key=lambda row: (number(result, row, metric.name) or 0, row))
    top, last = (f"{name(result, row, dimensions[0])} ({reference(result, row, metric.name)})" for row in (high, low))
    sentence = f"{sentence_case(noun(metric))} is highest for {top} and lowest for {last}."
    ways = {direction(result, row, metric.name) for row in rows}
    everywhere = {"up": "It rose for each of them.", "down": "It fell for each of them."}
    return f"{sentence} {everywhere[str(ways.pop())]}" if ways <= {"up"} or ways <= {"down"} else sentence


def answer_text(evidence: Evidence, *, advice: Sequence[Recommendation] = ()) -> str:
    """Return the answer in words, with its tables and recommendations, as Markdown."""
    request = evidence.plan.request
    parts = [f"**{each.title}.** {each.text}" for each in warnings(evidence)]
    told = [sentence for finding in evidence.findings for sentence in found(evidence, finding)]
    parts.append(_joined([headline(evidence, evidence.plan.headlines), *told]))
    parts += [_lines(evidence, each) for each in evidence.findings if each.rule.highlight or each.rule.narrows]
    beside = [without_spend(evidence), movement(evidence), stopped_in_words(evidence), *odd_in_words(evidence)]
    parts += [_joined(beside), _joined(changes(evidence))]
    parts += [f"**{each.title}.** {each.text}" for each in [causes_unstated(evidence)] if each]
    for cut, result in evidence.tables:
        parts.append(text_table(evidence, result, table_title(cut, evidence.plan, rows=len(result.rows))))
        notes = [without_rank(evidence, cut), left_out(evidence, cut)]
        parts.append(_joined([each for each in notes if each not in parts]))
    listed = [each for each in evidence.findings if each.rows and not each.rule.highlight and not each.rule.narrows]
    for each in listed:
        plural = sentence_case(evidence.plan.model.dimension(each.rule.dimension).plural)
        title = f"{plural} with {rule_in_words(each.rule, evidence.plan.model)}"
        parts.append(text_table(evidence, each.result, title, only=each.rows))
    if advice:
        parts.append("**Recommendations**\n\n" + "\n".join(f"1. {each.action}. {each.why}" for each in advice))
    if "chart" in request.sections:
        parts.append("Charts are drawn in reports: add “create a report” to the prompt to get one.")
    parts.append(f"*How this was read.* {' '.join(method(evidence))}")
    return "\n\n".join(part for part in parts if part)


def stopped_in(evidence: Evidence) -> list[int]:
    """Return who had figures in the period before and has none now; nobody where the data is sparse by nature."""
    whole = evidence.whole
    return stopped(whole, tuple(evidence.plan.shown)) if whole and not evidence.coverage.main.pause else []


def _joined(sentences: Sequence[str]) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _lines(evidence: Evidence, finding: Finding) -> str:
    """Return a line for each member that a rule found; where there are very many, that these are not all."""
    result, dimension = finding.result, finding.rule.dimension
    rows = finding.rows[:ROWS_IN_TEXT]
    lines = [f"- **{name(result, row, dimension)}**: {row_in_words(evidence, finding, row)}." for row in rows]
    return "\n".join([*lines, *(["- and others, which the result holds."] if len(finding.rows) > len(rows) else [])])


def stopped_in_words(evidence: Evidence) -> str:
    """Return the sentence on members that had figures in the period before and have none now."""
    whole, plan = evidence.whole, evidence.plan
    rows = stopped_in(evidence)
    if not whole or not rows:
        return ""
    return f"{names(whole, rows, plan.dimension)} had figures {then_in_words(plan.request)} and none now."
