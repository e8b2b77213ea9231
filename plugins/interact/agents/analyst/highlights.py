"""The highlights of a report: what each rule found, where the leading metric went, and who stopped."""

from __future__ import annotations

from interact.agents.analyst.evidence import Evidence
from interact.agents.analyst.insights import Finding, direction, number
from interact.agents.analyst.wording import (
    listing,
    name,
    names,
    new_in_words,
    noun,
    rule_in_words,
    sentence_case,
    within,
    without_value,
)
from interact.agents.analyst.writing import movement, row_in_words, stopped_in_words
from interact.chats.figures import reference
from interact.chats.result import Result
from interact.reports.document import Highlight, Tone

MOST = 8


def highlights(evidence: Evidence) -> tuple[Highlight, ...]:
    """Return the findings one by one as long as they fit; what does not is named together."""
    highlights: list[Highlight] = []
    room = MOST_HIGHLIGHTS - 1
    for finding in evidence.findings:
        each_room = max(1, (room - len(highlights)) // (len(evidence.findings) - evidence.findings.index(finding)))
        highlights += _of_finding(evidence, finding, each_room)
    highlights += _movement(evidence)
    gone = stopped_in_words(evidence)
    if gone and evidence.whole:
        text = "They are not in the figures of this period. Check that this is meant."
        highlights.append(
            Highlight(title="No figures any more", text=f"{gone} {text}"[:600], result_ids=(evidence.whole.result_id,))
        )
    return highlights


def _movement(evidence: Evidence) -> list[Highlight]:
    """Return the highlight on where the leading metric went."""
    metric = evidence.plan.model.metric(evidence.plan.leading)
    moved = direction(evidence.totals, 0, metric.name) if evidence.totals.rows else None
    if moved is None or moved == "flat":
        return []
    tone: Tone = "neutral" if metric.good is None else "good" if metric.good == moved else "bad"
    verb = "rose" if moved == "up" else "fell"
    title = f"{sentence_case(noun(metric))} {verb} to {reference(evidence.totals, 0, metric.name)}"
    ids = (evidence.totals.result_id, *([evidence.whole.result_id] if evidence.whole else []))
    return [Highlight(title=title, text=within([movement(evidence)], 600), tone=tone, result_ids=ids)]


def _of_finding(evidence: Evidence, finding: Finding, room: int) -> list[Highlight]:
    model, rule = evidence.plan.model, finding.rule
    words = rule_in_words(rule, model)
    label = model.dimension(rule.dimension)
    ids = (finding.result.result_id,)
    apart = _apart(evidence, finding)
    if not finding.rows:
        return [Highlight(title=f"No {label.label.lower()} has {words}", text="", tone="good", result_ids=ids), *apart]
    singles = len(finding.rows) if len(finding.rows) + len(apart) <= room else max(0, room - len(apart) - 1)
    highlights = [
        Highlight(
            title=f"{name(finding.result, row, rule.dimension)}: {words}{_mark(evidence, finding, row)}"[:160],
            text=within(
                [f"{sentence_case(row_in_words(evidence, finding, row))}.", _volume(evidence, finding.result, row)], 600
            ),
            tone=_tone(evidence, finding),
            result_ids=ids,
        )
        for row in finding.rows[:singles]
    ]
    rest = finding.rows[singles:]
    if rest:
        listed = names(finding.result, rest, rule.dimension)
        text = f"{sentence_case(listed)}. The section on {words} lists all of them."
        highlights.append(
            Highlight(
                title=f"Further {label.plural.lower()} with {words}",
                text=text,
                tone=_tone(evidence, finding),
                result_ids=ids,
            )
        )
    return highlights + apart


def _apart(evidence: Evidence, finding: Finding) -> list[Highlight]:
    """Return the highlight on members whose ratio has no value although money was spent."""
    model, whole = evidence.plan.model, finding.whole
    ratio = next(
        (model.metric(c.metric) for c in finding.rule.conditions if model.metric(c.metric).type == "ratio"), None
    )
    if whole is None or ratio is None or not finding.unmeasured:
        return []
    top = str(ratio.numerator)
    dimension = finding.rule.dimension
    listed = [f"{name(whole, row, dimension)} ({reference(whole, row, top)})" for row in finding.unmeasured[:6]]
    others = [*listed, "others"] if len(finding.unmeasured) > 6 else listed
    new = f"{sentence_case(new_in_words(evidence.plan.request))}: {names(whole, sorted(finding.newly_unmeasured)[:3], dimension)}."
    sentences = [
        f"{sentence_case(noun(model.metric(top)))}: {listing(others)}.",
        f"{sentence_case(noun(ratio))} cannot be stated.",
        new if finding.newly_unmeasured else "",
    ]
    if len(finding.unmeasured) == 1:
        title = f"{names(whole, finding.unmeasured, dimension)}: {without_value(ratio, model)}"
        title += " (new)" if finding.newly_unmeasured else ""
    else:
        title = f"Further {model.dimension(dimension).plural.lower()}: {without_value(ratio, model)}"
    return [Highlight(title=title, text=within(sentences, 600), tone="bad", result_ids=(whole.result_id,))]


def _mark(evidence: Evidence, finding: Finding, row: int) -> str:
    return " (new)" if row in finding.new else ""


def _tone(evidence: Evidence, finding: Finding) -> Tone:
    first = finding.rule.conditions[0]
    good = evidence.plan.model.metric(first.metric).good
    if good is None or first.comparator in ("=", "!="):
        return "warning"
    return "good" if (good == "up") == (first.comparator in (">", ">=")) else "bad"


def _volume(evidence: Evidence, result: Result, row: int) -> str:
    """Return the sums behind a found row: how much money this is about."""
    shown = [evidence.plan.model.metric(each) for each in evidence.plan.model.default_metrics]
    sums = [metric for metric in shown if metric.type == "simple" and number(result, row, metric.name) is not None]
    parts = [f"{noun(metric)} {reference(result, row, metric.name)}" for metric in sums[:3]]
    return f"{sentence_case(listing(parts))}." if parts else ""


