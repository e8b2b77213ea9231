"""What must be said about the data and the reading before and after the figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from interact.agents.analyst.evidence import Evidence
from interact.agents.analyst.insights import number, zero_days
from interact.agents.analyst.spans import day_in_words, in_words
from interact.agents.analyst.wording import (
    before_in_words,
    condition_in_words,
    inert,
    listing,
    noun,
    sentence_case,
)
from interact.chats.figures import reference
from interact.chats.result import Result
from interact.reports.document import Callout
from interact.warehouse.queries import Window


def warnings(evidence: Evidence) -> tuple[Callout, ...]:
    """Return what must not be overlooked, the gravest first."""
    found = [_late(evidence), _missing(evidence), _zero(evidence), _today(evidence), _compare(evidence)]
    found += [_cut(evidence), _left_out(evidence), _causes(evidence)]
    return tuple(each for each in found if each is not None)


def _late(evidence: Evidence) -> Callout | None:
    window, last = evidence.plan.request.period.window, evidence.coverage.last
    if last >= window.end:
        return None
    missing = Window(max(last + timedelta(days=1), window.start), window.end)
    verb = "is" if missing.days == 1 else "are"
    return Callout(
        tone="warning",
        title="The data ends before the period does",
        text=f"Its last day is {reference(evidence.coverage.freshness, 0, 'last_date')}, so {in_words(missing)} {verb} "
        "missing from these figures. Falls may come from that alone.",
    )


def _missing(evidence: Evidence) -> Callout | None:
    coverage = evidence.coverage
    inner = [day for day in coverage.missing if day <= coverage.last]
    sentences = []
    if inner:
        sentences.append(f"There are no rows for {_days(inner)}.")
    if coverage.missing_before and coverage.compare_dropped is None:
        sentences.append(
            f"In the period before there are none for {_days(coverage.missing_before)}; changes are affected."
        )
    return Callout(tone="warning", title="Days without data", text=" ".join(sentences)) if sentences else None


def _days(days: Sequence[date]) -> str:
    """Return days in words, neighbours joined."""
    spans: list[Window] = []
    for day in days:
        if spans and spans[-1].end + timedelta(days=1) == day:
            spans[-1] = Window(spans[-1].start, day)
        else:
            spans.append(Window(day, day))
    shown = [in_words(span) for span in spans[:6]]
    return listing([*shown, "further days"] if len(spans) > 6 else shown)


def _zero(evidence: Evidence) -> Callout | None:
    parts = [_zeros_of(evidence, days) for days in (evidence.coverage.days, evidence.coverage.before) if days]
    sentences = [sentence for part in parts for sentence in part]
    if not sentences:
        return None
    closing = "The measurement may have failed then; totals, ratios and changes are affected."
    text = " ".join([*sentences, closing])
    return Callout(tone="warning", title="A day that looks like a failure of measurement", text=text)


def _zeros_of(evidence: Evidence, days: Result) -> list[str]:
    """Return a sentence for each day on which what is shown is 0 and something else is not."""
    model = evidence.plan.model
    shown = [model.metric(name) for name in evidence.plan.shown]
    parts = {part for each in shown for part in (each.name, each.numerator, each.denominator) if part}
    sums = tuple(metric.name for metric in model.metrics if metric.type == "simple" and metric.name in parts)
    every = tuple(metric.name for metric in model.metrics if metric.type == "simple")
    found = zero_days(days, sums, witnesses=every)
    sentences = []
    for row, names in list(found.items())[:5]:
        nothing = listing(f"no {noun(model.metric(name))}" for name in names)
        there = model.metric(next(name for name in reversed(every) if number(days, row, name)))
        sentences.append(
            f"On {reference(days, row, 'day')} the data holds {nothing}, though {noun(there)} of "
            f"{reference(days, row, there.name)}."
        )
    return sentences


def _today(evidence: Evidence) -> Callout | None:
    remark = evidence.plan.request.period.remark
    if not remark:
        return None
    return Callout(tone="warning", title="The period is not over", text=f"{sentence_case(inert(remark))}.")


def _compare(evidence: Evidence) -> Callout | None:
    coverage = evidence.coverage
    window, missing = coverage.compare_dropped, coverage.missing_before
    if window is None:
        return None
    text = f"There are no rows for {in_words(window)}, so no changes are shown."
    if len(missing) < window.days:
        text = f"{in_words(window)} lacks rows for {_days(missing)}, so no changes are shown."
    return Callout(tone="warning", title="No period to compare with", text=text)


def _cut(evidence: Evidence) -> Callout | None:
    results = [result for _, result in evidence.tables] + [finding.result for finding in evidence.findings]
    if not any(result.truncated for result in [*results, *([evidence.whole] if evidence.whole else [])]):
        return None
    text = "A result was longer than the warehouse hands out. Its tables and findings may lack members."
    return Callout(tone="warning", title="Not all rows could be read", text=text)


def _left_out(evidence: Evidence) -> Callout | None:
    left = evidence.plan.request.not_understood
    if not left:
        return None
    words = listing(f"“{inert(each)}”" for each in left)
    text = f"I did not understand {words}. The answer leaves it out."
    return Callout(tone="warning", title="Not understood", text=text[:1200])


def _causes(evidence: Evidence) -> Callout | None:
    if not evidence.plan.request.asks_why:
        return None
    text = "The figures show what changed and where. They do not show why; I state no causes."
    return Callout(title="Causes", text=text)


def method(evidence: Evidence) -> tuple[str, ...]:
    """Return how the prompt was read and the figures were made, in sentences."""
    request, question, model = evidence.plan.request, evidence.question, evidence.plan.model
    sentences = [
        f"“{inert(request.period.words)}” is read as {in_words(request.period.window)}, in whole days, as seen on "
        f"{day_in_words(question.on_date)}.",
        f"It is compared with {before_in_words(request)}." if request.compare else "",
    ]
    enforced = [f"{model.dimension(key).label}: {inert(value)}" for key, value in question.filters.items()]
    sentences.append(f"This run is limited to {listing(enforced)}." if enforced else "")
    for each in request.filters:
        if each.values == (question.filters.get(each.dimension),) and not each.exclude:
            continue
        label, values = model.dimension(each.dimension).label, listing(inert(value) for value in each.values)
        sentences.append(f"{label} is {'not ' if each.exclude else ''}{values}.")
    fresh = evidence.coverage.freshness
    sentences.append(f"The data runs from {reference(fresh, 0, 'first_date')} to {reference(fresh, 0, 'last_date')}.")
    sentences += [_reading_of(evidence, number) for number in range(len(request.rules))]
    sentences.append(
        "Ratios are sums divided by sums; where the denominator is zero they are n/a. Weeks start on Monday."
        + (f" Changes are relative to {before_in_words(request)}." if request.compare else "")
    )
    sentences += [inert(note) for note in request.notes]
    sentences += _unused_parameters(evidence)
    left = request.not_understood
    sentences.append(f"Not understood and left out: {listing(f'“{inert(each)}”' for each in left)}." if left else "")
    return tuple(sentence for sentence in sentences if sentence)


def _reading_of(evidence: Evidence, number: int) -> str:
    rule, model = evidence.plan.request.rules[number], evidence.plan.model
    words = listing(f"“{inert(condition.words)}”" for condition in rule.conditions if condition.words)
    means = listing(condition_in_words(condition, model) for condition in rule.conditions)
    joined = ", all of it together" if len(rule.conditions) > 1 else ""
    return (
        f"{words} is read as {means} in the period, for each {model.dimension(rule.dimension).label.lower()}{joined}."
    )


def _unused_parameters(evidence: Evidence) -> list[str]:
    question = evidence.question
    prompts = " ".join((question.prompt, *(turn.prompt for turn in question.earlier))).casefold()
    return [
        f"The parameter {inert(key)} ({inert(value)}) has no effect on this answer."
        for key, value in question.parameters.items()
        if key not in question.filters and value.casefold() not in prompts
    ]
