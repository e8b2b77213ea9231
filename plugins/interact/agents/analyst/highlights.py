"""The highlights of a report: what each rule found, where the leading metric went, and who stopped."""

from __future__ import annotations

from interact.agents.analyst.caveats import by_rate_or_mix, heading, moved_by
from interact.agents.analyst.evidence import Evidence
from interact.agents.analyst.insights import Finding, Gap, direction, number
from interact.agents.analyst.oddities import odd_highlights
from interact.agents.analyst.wording import (
    change_in_words,
    listing,
    name,
    names,
    new_in_words,
    noun,
    rule_in_words,
    sentence_case,
    then_in_words,
    within,
    without_value,
)
from interact.agents.analyst.writing import causes, movement, row_in_words, stopped_in_words
from interact.chats.figures import reference
from interact.chats.result import Result
from interact.reports.document import Highlight, Tone

MOST = 8
TITLE, TEXT = 160, 600


def highlights(evidence: Evidence) -> tuple[Highlight, ...]:
    """Return the findings one by one as long as they fit; what does not is named together."""
    others = _movement(evidence) + _cause(evidence) + _stopped(evidence) + odd_highlights(evidence)
    found: list[Highlight] = []
    for at, finding in enumerate(evidence.findings):
        room = (MOST - len(others) - len(found)) // (len(evidence.findings) - at)
        found += _of_finding(evidence, finding, max(room, 1))
    return tuple([*found, *others][:MOST])


def _movement(evidence: Evidence) -> list[Highlight]:
    metric = evidence.plan.model.metric(evidence.plan.leading)
    moved = direction(evidence.totals, 0, metric.name) if evidence.totals.rows else None
    if moved is None or moved == "flat":
        return []
    tone: Tone = "neutral" if metric.good is None else "good" if metric.good == moved else "bad"
    verb = "rose" if moved == "up" else "fell"
    title = f"{sentence_case(noun(metric))} {verb} to {reference(evidence.totals, 0, metric.name)}"
    ids = (evidence.totals.result_id, *([evidence.whole.result_id] if evidence.whole else []))
    changed = f"The change is {change_in_words(evidence.totals, 0, metric)}."
    return [
        Highlight(
            title=title, text=within([changed, movement(evidence, explained=False)], TEXT), tone=tone, result_ids=ids
        )
    ]


def _cause(evidence: Evidence) -> list[Highlight]:
    """Return the member that moved the leading ratio most, where one part of its own ratio tells how."""
    whole, metric, rows = evidence.whole, evidence.plan.model.metric(evidence.plan.leading), causes(evidence)
    text = moved_by(evidence, whole, rows[0]) if whole and rows else ""
    if whole is None or not text or direction(whole, rows[0], metric.name) is None:
        return []
    tone: Tone = "good" if metric.good == direction(whole, rows[0], metric.name) else "bad"
    title = heading(evidence, whole, rows[0])
    largest = f"The largest part of the change in the total {noun(metric)} is here."
    cause = by_rate_or_mix(evidence, whole, rows[0])
    return [Highlight(title=title, text=within([largest, text, cause], TEXT), tone=tone, result_ids=(whole.result_id,))]


def _stopped(evidence: Evidence) -> list[Highlight]:
    gone = stopped_in_words(evidence)
    if not gone or not evidence.whole:
        return []
    text = within([gone, "Check that this is meant."], TEXT)
    return [Highlight(title="No figures any more", text=text, tone="warning", result_ids=(evidence.whole.result_id,))]


def _of_finding(evidence: Evidence, finding: Finding, room: int) -> list[Highlight]:
    model, rule = evidence.plan.model, finding.rule
    words, dimension = rule_in_words(rule, model), model.dimension(rule.dimension)
    ids, tone = (finding.result.result_id,), _tone(evidence, finding)
    apart = _apart(evidence, finding)
    if not finding.rows:
        title = within([f"No {dimension.label.lower()} has {words}"], TITLE) or f"No {dimension.label.lower()} found"
        return [Highlight(title=title, text="", tone="good" if tone == "bad" else "neutral", result_ids=ids), *apart]
    fits = len(finding.rows) + len(apart) <= room
    singles = finding.rows if fits else finding.rows[: max(0, room - len(apart) - 1)]
    found = [_of_row(evidence, finding, row, tone=tone) for row in singles]
    rest = finding.rows[len(singles) :]
    if rest:
        title = sentence_case(f"{'further ' if singles else ''}{dimension.plural} with {words}")
        listed = f"{names(finding.result, rest, rule.dimension)}. All of them stand in the section on {words}."
        found.append(Highlight(title=title[:TITLE], text=listed[:TEXT], tone=tone, result_ids=ids))
    return found + apart


def _of_row(evidence: Evidence, finding: Finding, row: int, *, tone: Tone) -> Highlight:
    result, rule = finding.result, finding.rule
    who, words = name(result, row, rule.dimension), rule_in_words(rule, evidence.plan.model)
    mark = f" ({new_in_words(evidence.plan.request)})" if row in finding.new else ""
    sentences = [f"{sentence_case(row_in_words(evidence, finding, row))}.", _volume(evidence, result, row)]
    return Highlight(
        title=within([f"{who}: {words}{mark}"], TITLE) or f"{who}{mark}",
        text=within(sentences, TEXT),
        tone=tone,
        result_ids=(result.result_id,),
    )


def _volume(evidence: Evidence, result: Result, row: int) -> str:
    """Return the sums behind a found row: how much money this is about."""
    judged = {condition.metric for finding in evidence.findings for condition in finding.rule.conditions}
    metrics = [evidence.plan.model.metric(each) for each in evidence.plan.model.default_metrics if each not in judged]
    sums = [each for each in metrics if each.type == "simple" and number(result, row, each.name) is not None]
    parts = [f"{noun(metric)} {reference(result, row, metric.name)}" for metric in sums[:3]]
    return f"{sentence_case(listing(parts))}." if parts else ""


def _apart(evidence: Evidence, finding: Finding) -> list[Highlight]:
    """Return the highlight on members whose ratio has no value although money was spent."""
    whole = finding.whole
    return [_unmeasured(evidence, finding, whole, gap=gap) for gap in finding.gaps if gap.unmeasured and whole]


def _unmeasured(evidence: Evidence, finding: Finding, whole: Result, *, gap: Gap) -> Highlight:
    model, rows, ratio = evidence.plan.model, gap.unmeasured, gap.ratio
    dimension, top = model.dimension(finding.rule.dimension), model.metric(str(ratio.numerator))
    new, bottom = sorted(gap.new), model.metric(str(ratio.denominator))
    listed = [f"{name(whole, row, dimension.name)} ({reference(whole, row, top.name)})" for row in rows[:4]]
    title = sentence_case(f"{dimension.plural} with {without_value(ratio, model)}")
    if len(rows) == 1:
        mark = f" ({new_in_words(evidence.plan.request)})" if new else ""
        title = f"{name(whole, rows[0], dimension.name)}: {without_value(ratio, model)}{mark}"
        listed = [reference(whole, rows[0], top.name)]
        if number(whole, rows[0], f"{bottom.name}_previous"):
            then = then_in_words(evidence.plan.request)
            listed[0] += f"; {then} it had {reference(whole, rows[0], f'{bottom.name}_previous')} {noun(bottom)}"
    sentences = [
        f"{sentence_case(noun(top))}: {listing([*listed, 'others'] if len(rows) > 4 else listed)}.",
        f"{sentence_case(noun(ratio))} cannot be stated.",
        f"{sentence_case(new_in_words(evidence.plan.request))}: {names(whole, new, dimension.name, limit=3)}."
        if new and len(rows) > 1
        else "",
    ]
    return Highlight(title=title[:TITLE], text=within(sentences, TEXT), tone="bad", result_ids=(whole.result_id,))


def _tone(evidence: Evidence, finding: Finding) -> Tone:
    first = finding.rule.conditions[0]
    good = evidence.plan.model.metric(first.metric).good
    if good is None or first.comparator in ("=", "!="):
        return "warning"
    return "good" if (good == "up") == (first.comparator in (">", ">=")) else "bad"
