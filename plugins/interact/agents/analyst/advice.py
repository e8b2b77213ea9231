"""Recommendations by fixed rules, each with the figures that speak for it. They name no causes."""

from __future__ import annotations

from interact.agents.analyst.caveats import by_rate_or_mix, moved_by, mover
from interact.agents.analyst.drivers import contributors
from interact.agents.analyst.evidence import Evidence
from interact.agents.analyst.insights import Finding, direction, number
from interact.agents.analyst.oddities import odd_sentence
from interact.agents.analyst.wording import name, names, noun, rule_in_words, sentence_case, then_in_words, within
from interact.agents.analyst.writing import causes, row_in_words, stopped_in
from interact.chats.figures import reference
from interact.chats.result import Result
from interact.reports.document import Recommendation
from interact.warehouse.semantic import Metric

MOST = 6
MOST_PER_RULE = 2
APART = 0.05
"""By how many points a member's change must exceed the total's to stand out."""
BASE = 0.02
"""A member must hold this share of the numerator or denominator to be worth a recommendation."""


def recommendations(evidence: Evidence) -> tuple[Recommendation, ...]:
    """Return what to do, the most urgent first; one sentence that nothing is urgent where no rule speaks."""
    found: list[Recommendation] = []
    for finding in evidence.findings:
        found += _unmeasured(evidence, finding)
        found += _limits(evidence, finding)
    if not any(finding.unmeasured for finding in evidence.findings):
        found += _without_return(evidence)
    found += _moved(evidence) or _largest(evidence)
    found += _places(evidence)
    found += _targets(evidence)
    found += _odd(evidence)
    found += _stopped(evidence)
    unique = tuple({each.action: each for each in found}.values())[:MOST]
    return unique or (
        Recommendation(
            action="Nothing here asks for action now",
            why="No figure crossed a limit that was asked about, none misses its target, and no large fall stands out.",
            result_ids=tuple(each.result_id for each in (evidence.totals, *evidence.monies) if each.rows),
        ),
    )


def _unmeasured(evidence: Evidence, finding: Finding) -> list[Recommendation]:
    model, whole = evidence.plan.model, finding.whole
    found: list[Recommendation] = []
    if whole is None:
        return found
    then = then_in_words(evidence.plan.request)
    for gap in finding.gaps:
        top, bottom = model.metric(str(gap.ratio.numerator)), model.metric(str(gap.ratio.denominator))
        rows = gap.unmeasured[:MOST_PER_RULE]
        found += [_check(whole, row, finding.rule.dimension, then=then, sides=(top, bottom)) for row in rows]
    return found


def _check(result: Result, row: int, dimension: str, *, then: str, sides: tuple[Metric, Metric]) -> Recommendation:
    """Recommend a look at a member that has the first of two figures and not the second."""
    (spent, missing), before = sides, ""
    if number(result, row, f"{missing.name}_previous"):
        before = f" {sentence_case(then)} it had {reference(result, row, f'{missing.name}_previous')} {noun(missing)}."
    return Recommendation(
        action=f"Check {name(result, row, dimension)}: {noun(spent)} without {noun(missing)}",
        why=f"It has {noun(spent)} of {reference(result, row, spent.name)} and no {noun(missing)}.{before}",
        result_ids=(result.result_id,),
    )


def _limits(evidence: Evidence, finding: Finding) -> list[Recommendation]:
    """Recommend a review of what a rule found on the bad side of its limit, those that are new first."""
    model = evidence.plan.model
    first = finding.rule.conditions[0]
    metric = model.metric(first.metric)
    if metric.good is None or (metric.good == "up") == (first.comparator in (">", ">=")) or first.comparator == "=":
        return []
    rows = sorted(finding.rows, key=lambda row: (row not in finding.new, finding.rows.index(row)))
    unmeasured = (
        {finding.whole.value(row, finding.rule.dimension) for row in finding.unmeasured} if finding.whole else set()
    )
    return [
        Recommendation(
            action=f"Review {name(finding.result, row, finding.rule.dimension)}",
            why=f"It has {rule_in_words(finding.rule, model)}: {row_in_words(evidence, finding, row)}.",
            result_ids=(finding.result.result_id,),
        )
        for row in rows
        if finding.result.value(row, finding.rule.dimension) not in unmeasured
    ][:MOST_PER_RULE]


def _efficiency(evidence: Evidence) -> Metric | None:
    """Return the ratio by which budgets are weighed: the model's last default ratio where more is better."""
    model = evidence.plan.model
    ratios = [model.metric(each) for each in model.default_metrics]
    return next((m for m in reversed(ratios) if m.type == "ratio" and m.good == "up"), None)


def _heavy(result: Result, metric: Metric) -> list[int]:
    """Return the rows with a value and a fair share of the denominator, the best first."""
    bottom = str(metric.denominator)
    total = sum(number(result, row, bottom) or 0 for row in range(len(result.rows)))
    rows = [
        row
        for row in range(len(result.rows))
        if number(result, row, metric.name) is not None and (number(result, row, bottom) or 0) >= BASE * total > 0
    ]
    return sorted(rows, key=lambda row: (-(number(result, row, metric.name) or 0), row))


def _without_return(evidence: Evidence) -> list[Recommendation]:
    """Recommend a check of members that cost money and brought nothing."""
    whole, metric = evidence.whole, _efficiency(evidence)
    if whole is None or metric is None:
        return []
    rows = [row for row in _heavy(whole, metric) if number(whole, row, str(metric.numerator)) == 0]
    model = evidence.plan.model
    spent, missing = model.metric(str(metric.denominator)), model.metric(str(metric.numerator))
    then = then_in_words(evidence.plan.request)
    return [
        _check(whole, row, evidence.plan.dimension, then=then, sides=(spent, missing)) for row in rows[:MOST_PER_RULE]
    ]


def _moved(evidence: Evidence) -> list[Recommendation]:
    """Recommend to check the part of the leading ratio that fell for the member that pulled the total down most."""
    whole, rows = evidence.whole, causes(evidence)
    parts = mover(evidence, whole, rows[0]) if whole and rows else None
    leading = evidence.plan.model.metric(evidence.plan.leading)
    if whole is None or parts is None or direction(whole, rows[0], leading.name) == leading.good:
        return []
    part, who = parts[0], name(whole, rows[0], evidence.plan.dimension)
    measured = noun(evidence.plan.model.metric(str(part.numerator)))
    return [
        Recommendation(
            action=f"Check the {noun(part)} and the measurement of {measured} of {who}",
            why=moved_by(evidence, whole, rows[0]),
            result_ids=(whole.result_id,),
        )
    ]


def _largest(evidence: Evidence) -> list[Recommendation]:
    """Recommend to look first at the member that pulled the leading metric the wrong way most, where it stands out."""
    whole, rows = evidence.whole, causes(evidence)
    metric = evidence.plan.model.metric(evidence.plan.leading)
    if whole is None or not rows or len(whole.rows) < 2 or direction(evidence.totals, 0, metric.name) == metric.good:
        return []
    row = rows[0]
    named = {each.result.value(at, each.rule.dimension) for each in evidence.findings for at in each.rows}
    if metric.good is None or whole.value(row, evidence.plan.dimension) in named:
        return []
    if not _stands_out(evidence, whole, row):
        return []
    now, then = (reference(whole, row, f"{metric.name}{side}") for side in ("", "_previous"))
    why = f"It moved the total {noun(metric)} most: {now} after {then}."
    return [
        Recommendation(
            action=f"Look first at {name(whole, row, evidence.plan.dimension)}",
            why=within([why, by_rate_or_mix(evidence, whole, row)], 600),
            result_ids=(whole.result_id,),
        )
    ]


def _targets(evidence: Evidence) -> list[Recommendation]:
    """Recommend a look at the member that misses a target most, of those metrics that no rule of the prompt judges."""
    whole, plan = evidence.whole, evidence.plan
    if whole is None:
        return []
    judged = {condition.metric for finding in evidence.findings for condition in finding.rule.conditions}
    metrics = [plan.model.metric(each) for each in plan.shown if each not in judged]
    found = []
    for metric in metrics:
        misses = {row: miss for row in range(len(whole.rows)) if (miss := _miss(whole, row, metric)) > 0}
        if misses and (row := max(misses, key=lambda each: (misses[each], -each))) in _weighty(whole, metric):
            target = reference(whole, row, f"{metric.name}_target")
            found.append(
                Recommendation(
                    action=f"See what keeps {name(whole, row, plan.dimension)} from its target for {noun(metric)}"[
                        :200
                    ],
                    why=f"Its {noun(metric)} is {reference(whole, row, metric.name)} against a target of {target}.",
                    result_ids=(whole.result_id,),
                )
            )
    return found[:MOST_PER_RULE]


def _miss(result: Result, row: int, metric: Metric) -> float:
    """Return by which part of it a target is missed; 0 where it is reached, one of the two is not known, or at 0."""
    value, target = number(result, row, metric.name), number(result, row, f"{metric.name}_target")
    if not value or not target or metric.good is None:
        return 0.0
    return (target - value if metric.good == "up" else value - target) / abs(target)


def _weighty(result: Result, metric: Metric) -> list[int]:
    """Return the rows that are large enough to be worth a word; of a sum or a ratio only."""
    return _heavy(result, metric) if metric.type == "ratio" else [*range(len(result.rows))]


def _odd(evidence: Evidence) -> list[Recommendation]:
    """Recommend to find out what happened on days that stand out."""
    return [
        Recommendation(
            action=f"Find out what happened to {noun(each.metric)} on {reference(each.days.result, each.row, 'day')}",
            why=odd_sentence(each),
            result_ids=(each.days.result.result_id,),
        )
        for each in evidence.judged.oddities[:MOST_PER_RULE]
    ]


def _places(evidence: Evidence) -> list[Recommendation]:
    """Recommend to look first at the member of another breakdown that pulled the leading metric the wrong way most."""
    plan = evidence.plan
    metric = plan.model.metric(plan.leading)
    moved = direction(evidence.totals, 0, metric.name) if evidence.totals.rows else None
    worse = {"up": "down", "down": "up"}.get(metric.good or "", "")
    if moved is None or moved != worse:
        return []
    for breakdown, result in evidence.tables:
        other = len(breakdown.dimensions) == 1 and breakdown.dimensions[0] != plan.dimension
        rows = contributors(result, metric, plan.model, good=worse == "up") if other and not breakdown.grain else []
        rows = [row for row in rows if _stands_out(evidence, result, row)]
        if rows and len(result.rows) > 1 and number(result, rows[0], f"{metric.name}_change") is not None:
            row, dimension = rows[0], breakdown.dimensions[0]
            return [
                Recommendation(
                    action=f"Look first at {name(result, row, dimension)}",
                    why=f"It moved the total {noun(metric)} most: {reference(result, row, metric.name)}, "
                    f"{reference(result, row, f'{metric.name}_previous')} {then_in_words(plan.request)}.",
                    result_ids=(result.result_id,),
                )
            ]
    return []


def _stands_out(evidence: Evidence, result: Result, row: int) -> bool:
    """Tell whether a member's own change is clearly larger than the total's: a fall that all share points nowhere."""
    change = f"{evidence.plan.leading}_change"
    own, total = number(result, row, change), number(evidence.totals, 0, change)
    return own is not None and total is not None and abs(own) >= abs(total) + APART and own * total > 0


def _stopped(evidence: Evidence) -> list[Recommendation]:
    whole, plan = evidence.whole, evidence.plan
    rows = stopped_in(evidence)
    if not whole or not rows:
        return []
    dimension = plan.dimension
    listed = names(whole, rows[:3], dimension)
    return [
        Recommendation(
            action=f"Confirm that {listed} was meant to stop"[:200],
            why=f"{sentence_case(listed)} had figures {then_in_words(plan.request)} and none in this one.",
            result_ids=(whole.result_id,),
        )
    ]
