"""What must be said about the data and the reading before and after the figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from interact.agents.analyst.coverage import Days, rows_in
from interact.agents.analyst.evidence import Evidence
from interact.agents.analyst.formulas import adds_up
from interact.agents.analyst.insights import number, zero_days
from interact.agents.analyst.settling import low_or_high, settlings
from interact.agents.analyst.spans import day_in_words, in_words
from interact.agents.analyst.wording import (
    before_in_words,
    listing,
    noun,
    rule_in_words,
    sentence_case,
)
from interact.chats.figures import literally, reference
from interact.chats.result import Result
from interact.reports.document import Callout
from interact.warehouse.queries import Window
from interact.warehouse.semantic import Metric

_MOST_NAMED = 20
"""How many currencies are named of those that have no ranking of their own."""


def warnings(evidence: Evidence) -> tuple[Callout, ...]:
    """Return what must not be overlooked, the gravest first."""
    found = [_late(evidence), _missing(evidence), _zero(evidence), _today(evidence), _settling(evidence)]
    found += [_compare(evidence), _money(evidence), _cut(evidence), _unknown(evidence), _left_out(evidence)]
    return tuple(each for each in found if each is not None)


def _late(evidence: Evidence) -> Callout | None:
    window, coverage = evidence.plan.request.period.window, evidence.coverage
    late = [each for each in coverage.sources if each.last < window.end and not _is_rare(each, window)]
    if not late:
        return None
    sentences = [_ends(evidence, each, alone=len(coverage.sources) == 1) for each in late]
    return Callout(
        tone="warning",
        title="The data ends before the period does",
        text=f"{' '.join(sentences)} Falls may come from that alone."[:1200],
    )


def _is_rare(days: Days, window: Window) -> bool:
    """Tell whether a source has rows on so few days that its last one says nothing about its load."""
    seldom = 0 < len(days.rows_in(window)) < window.days / 2
    return days.last >= window.start and (seldom or (window.end - days.last).days <= days.pause)


def _ends(evidence: Evidence, days: Days, *, alone: bool) -> str:
    window = evidence.plan.request.period.window
    missing = Window(max(days.last + timedelta(days=1), window.start), window.end)
    verb = "is" if missing.days == 1 else "are"
    whose = "Its last day" if alone else f"The last day of {_source_in_words(evidence, days)}"
    return (
        f"{whose} is {reference(days.freshness, 0, 'last_date')}, so {in_words(missing)} {verb} missing from these "
        "figures."
    )


def _source_in_words(evidence: Evidence, days: Days) -> str:
    return f"“{literally(evidence.plan.model.dataset(days.source.dataset).label.lower())}”"


def _missing(evidence: Evidence) -> Callout | None:
    coverage = evidence.coverage
    sentences = []
    for each in coverage.sources:
        of = f" of {_source_in_words(evidence, each)}" if len(coverage.sources) > 1 else ""
        if each.missing:
            sentences.append(f"There are no rows{of} for {_days(each.missing)}.")
        if each.missing_before and coverage.compare_dropped is None:
            sentences.append(
                f"In the period before there are none{of} for {_days(each.missing_before)}; changes are affected."
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
    sentences = [sentence for each in evidence.coverage.sources for sentence in _zeros_of(evidence, each)][:6]
    if not sentences:
        return None
    closing = "The measurement may have failed then; totals, ratios and changes are affected."
    text = " ".join([*sentences, closing])
    return Callout(tone="warning", title="A day that looks like a failure of measurement", text=text)


def _zeros_of(evidence: Evidence, each: Days) -> list[str]:
    """Return a sentence for each day on which what is shown is 0 and something else of its source is not."""
    request = evidence.plan.request
    found = _zeros_in(evidence, each, each.result, each.rows_in(request.period.window))
    if request.compare:
        days = each.before or each.result
        found += _zeros_in(evidence, each, days, rows_in(days, request.compare))
    return found


def _zeros_in(evidence: Evidence, each: Days, days: Result, rows: Sequence[int]) -> list[str]:
    if each.source.apart:
        return []
    model = evidence.plan.model
    leaves = {leaf.name for name in evidence.plan.shown for leaf in model.leaves(name)}
    every = tuple(name for name in each.source.metrics if adds_up(model.metric(name)))
    judged = tuple(name for name in every if name in leaves and name in each.dense)
    found = zero_days(days, judged, witnesses=every, rows=rows)
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
    if remark == "today is not over":
        return Callout(tone="warning", title="Today is not over", text="Its figures so far are shown.")
    return Callout(tone="warning", title="The period is not over", text=f"{sentence_case(literally(remark))}.")


def _settling(evidence: Evidence) -> Callout | None:
    """Say on which days values may still change, and where they are held against days that are settled."""
    request = evidence.plan.request
    found = settlings(
        evidence.plan.shown,
        evidence.plan.model,
        window=request.period.window,
        on_date=evidence.question.on_date,
    )
    sentences = []
    for each in found:
        label = sentence_case(listing(noun(metric) for metric in each.metrics))
        still = f"the values of {in_words(each.now)} may still change"
        sentences.append(f"{label}: {still}; they settle for {each.days} days.")
    if found and request.compare:
        due = _due_to_settling(evidence, [metric for each in found for metric in each.metrics])
        sentences.append(f"They are compared with {before_in_words(request)}, which has had longer to settle: {due}.")
    return Callout(tone="warning", title="Read with care", text=" ".join(sentences)[:1200]) if found else None


def _due_to_settling(evidence: Evidence, metrics: Sequence[Metric]) -> str:
    """Return which changes may be due to days that have not settled, as far as it is known which way they err."""
    model = evidence.plan.model
    ways = {metric.name: low_or_high(metric, model) for metric in metrics}
    if set(ways.values()) == {"low"}:
        return "a fall may be due to that"
    if set(ways.values()) == {"high"}:
        return "a rise may be due to that"
    parts = [
        f"{change} of {listing(noun(each) for each in metrics if ways[each.name] == way)}"
        for way, change in (("low", "a fall"), ("high", "a rise"), ("", "a change"))
        if way in ways.values()
    ]
    return f"{' or '.join(parts)} may be due to that"


def _money(evidence: Evidence) -> Callout | None:
    """Say that money in several currencies is not added."""
    plan = evidence.plan
    apart = [plan.model.metric(each) for each in plan.shown if plan.apart(each)]
    if not apart:
        return None
    text = f"{sentence_case(listing(noun(each) for each in apart))}: money in several currencies is shown by currency."
    sentences = [text, "The model names no conversion to add it by.", _unranked(evidence)]
    return Callout(title="Not added up", text=" ".join(each for each in sentences if each)[:1200])


def _unranked(evidence: Evidence) -> str:
    """Say in which currencies no ranking is made, since there is one table for each and they are many."""
    without = evidence.plan.unranked
    if not without:
        return ""
    ranked = dict.fromkeys(value for cut, _ in evidence.tables if cut.only for value in cut.only.values)
    shown = [literally(each) for each in without[:_MOST_NAMED]]
    names = listing([*shown, "others"] if len(without) > len(shown) else shown)
    return f"Rankings are made in {listing(literally(each) for each in ranked)} alone; there is none in {names}."


def _unknown(evidence: Evidence) -> Callout | None:
    """Say which metrics are left out since they are not known by what the figures are limited by."""
    plan = evidence.plan
    if not plan.unshown:
        return None
    labels = listing(plan.model.dimension(each).label.lower() for each in sorted(plan.limited))
    names = listing(noun(plan.model.metric(each)) for each in plan.unshown)
    text = f"The data does not have {names} by {labels}, so this is left out: it could not be limited to it."
    return Callout(tone="warning", title="Left out", text=text)


def _compare(evidence: Evidence) -> Callout | None:
    coverage = evidence.coverage
    window, missing = coverage.compare_dropped, coverage.main.missing_before
    if window is None:
        return None
    text = f"There are no rows for {in_words(window)}, so no changes are shown."
    if not missing:
        begins = reference(coverage.main.freshness, 0, "first_date")
        text = f"The data begins on {begins}, so {in_words(window)} is not complete, and no changes are shown."
    elif len(missing) < window.days:
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
    words = listing(f"“{literally(each)}”" for each in left)
    text = f"I did not understand {words}. The answer leaves it out."
    return Callout(tone="warning", title="Not understood", text=text[:1200])


def causes_unstated(evidence: Evidence) -> Callout | None:
    """Return that no causes are stated, where the prompt asks why: it stands behind the change itself."""
    if not evidence.plan.request.asks_why:
        return None
    text = "The figures show what changed and where. They do not show why; I state no causes."
    return Callout(title="Causes", text=text)


def method(evidence: Evidence) -> tuple[str, ...]:
    """Return how the prompt was read and the figures were made, in sentences."""
    request, question, model = evidence.plan.request, evidence.question, evidence.plan.model
    sentences = [
        f"“{literally(request.period.words)}” is read as {in_words(request.period.window)}, in whole days, as seen on "
        f"{day_in_words(question.on_date)}.",
        f"It is compared with {before_in_words(request)}." if request.compare else "",
    ]
    enforced = [f"{model.dimension(key).label}: {literally(value)}" for key, value in question.filters.items()]
    sentences.append(f"This run is limited to {listing(enforced)}." if enforced else "")
    for each in request.filters:
        if each.values == (question.filters.get(each.dimension),) and not each.exclude:
            continue
        label, values = model.dimension(each.dimension).label, listing(literally(value) for value in each.values)
        sentences.append(f"{label} is {'not ' if each.exclude else ''}{values}.")
    sentences += _reaches(evidence)
    sentences += [_reading_of(evidence, number) for number in range(len(request.rules))]
    if any(model.metric(each).type != "simple" for each in evidence.plan.shown):
        sentences.append("Ratios are sums divided by sums; where the denominator is zero they are n/a.")
    weeks = "week" in request.period.words.lower() or any(each.grain == "week" for each in request.breakdowns)
    sentences += ["Weeks start on Monday." if weeks else "", _stocks(evidence), _judged(evidence)]
    sentences += [literally(note) for note in request.notes]
    sentences += _unused_parameters(evidence)
    return tuple(dict.fromkeys(sentence for sentence in sentences if sentence))


def _reaches(evidence: Evidence) -> list[str]:
    sources = {(each.first, each.last): each for each in reversed(evidence.coverage.sources)}
    return [
        f"The data{f' of {_source_in_words(evidence, each)}' if len(sources) > 1 else ''} runs from "
        f"{reference(each.freshness, 0, 'first_date')} to {reference(each.freshness, 0, 'last_date')}."
        for each in reversed(sources.values())
    ]


def _stocks(evidence: Evidence) -> str:
    """Say which day of the period a stock is taken from: it is never added up over days."""
    model = evidence.plan.model
    which = {"last": "the last day with data", "first": "the first day with data", "average": "the mean of its days"}
    shown = [model.metric(each) for each in evidence.plan.shown]
    found = {how: [noun(each) for each in shown if each.semi_additive == how] for how in which}
    parts = [f"{listing(names)}: {which[how]}" for how, names in found.items() if names]
    return f"Figures that are not added up over days: {'; '.join(parts)}." if parts else ""


def _judged(evidence: Evidence) -> str:
    """Say what single days are judged by, or that there is not enough history to."""
    judged = evidence.judged
    if judged.weeks:
        return f"Single days are judged against the {judged.weeks} weeks before the period."
    return "There is not enough history to judge single days." if judged.unjudged else ""


def _reading_of(evidence: Evidence, number: int) -> str:
    rule, model = evidence.plan.request.rules[number], evidence.plan.model
    words = listing(f"“{literally(condition.words)}”" for condition in rule.conditions if condition.words)
    each = model.dimension(rule.dimension).label.lower()
    joined = ", one of it or more" if rule.any_of else ", all of it together" if len(rule.conditions) > 1 else ""
    verb = "are" if sum(bool(condition.words) for condition in rule.conditions) > 1 else "is"
    return f"{words} {verb} read as {rule_in_words(rule, model)} in the period, for each {each}{joined}."


def _unused_parameters(evidence: Evidence) -> list[str]:
    question = evidence.question
    prompts = " ".join((question.prompt, *(turn.prompt for turn in question.earlier))).casefold()
    return [
        f"The parameter {literally(key)} ({literally(value)}) has no effect on this answer."
        for key, value in question.parameters.items()
        if key not in question.filters and value.casefold() not in prompts
    ]
