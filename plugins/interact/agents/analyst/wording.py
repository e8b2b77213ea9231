"""Words for metrics, conditions, scopes and lists. Figures and names of the data are references, never typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from interact.agents.analyst.conditions import Condition, Rule
from interact.agents.analyst.insights import Finding, number
from interact.agents.analyst.request import Breakdown, Request
from interact.agents.analyst.spans import DAY, Unit, in_words, whole
from interact.chats.figures import literally, reference, show
from interact.chats.result import Column, Result
from interact.warehouse.queries import Filter
from interact.warehouse.semantic import Metric, SemanticModel

_ALL_BUT = "all but "
TIMES: Mapping[str, str] = {
    "day": "daily", "week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly",
}  # fmt: skip
_UNITS: tuple[Unit, ...] = ("day", "week", "month", "quarter", "year")
_WORDS: Mapping[str, str] = {
    "<": "below", "<=": "at most", ">": "above", ">=": "at least", "=": "of exactly", "!=": "other than",
}  # fmt: skip


def listing(parts: Iterable[str]) -> str:
    """Return parts as a sentence lists them: a, b and c."""
    items = list(parts)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def within(sentences: Iterable[str], limit: int) -> str:
    """Return as many whole sentences, in order, as fit a field's limit."""
    text = ""
    for sentence in sentences:
        if sentence and len(text) + len(sentence) + 1 <= limit:
            text = f"{text} {sentence}".strip()
    return text


def noun(metric: Metric) -> str:
    """Return a metric's label inside a sentence: abbreviations stay, words lose their capital."""
    return metric.label if any(letter.isupper() for letter in metric.label[1:]) else metric.label.lower()


def sentence_case(text: str) -> str:
    """Return text with its first letter large."""
    return text[:1].upper() + text[1:]


def name(result: Result, row: int, dimension: str) -> str:
    """Return the reference to a member's name, with the currency where a column before it keeps money apart."""
    before = [each.name for each in result.columns[:3] if each.format == "text"]
    apart = before[: before.index(dimension)] if dimension in before else []
    who = reference(result, row, dimension)
    return f"{who} ({', '.join(reference(result, row, each) for each in apart)})" if apart else who


def figure(result: Result, row: int, metric: Metric, *, changes: bool = True) -> str:
    """Return "ROAS of 3.42 (−12.1%)", with the change where there is one."""
    return f"{noun(metric)} of {reference(result, row, metric.name)}{change_of(result, row, metric) if changes else ''}"


def change_of(result: Result, row: int, metric: Metric) -> str:
    """Return " (−12.1%)", or nothing where there is no change to tell of."""
    shown = change_in_words(result, row, metric)
    return f" ({shown})" if shown else ""


def change_in_words(result: Result, row: int, metric: Metric) -> str:
    """Return "−12.1%", of a metric in percent "−12.1% relative"; nothing where there is no change to tell of."""
    change = f"{metric.name}_change"
    if number(result, row, change) is None:
        return ""
    return f"{reference(result, row, change)}{' relative' if metric.format == 'percent' else ''}"


def looks_unchanged(result: Result, row: int, metric: Metric) -> bool:
    """Tell whether a figure and the one before it are shown alike although they differ: then their change is told."""
    columns = (metric.name, f"{metric.name}_previous")
    now, then = (number(result, row, each) for each in columns)
    if now is None or then is None or now == then or not change_in_words(result, row, metric):
        return False
    return show(now, result.column(columns[0])) == show(then, result.column(columns[1]))


def value_in_words(value: float, metric: Metric) -> str:
    """Return a threshold, which the prompt itself holds, in the metric's unit."""
    text = show(value, Column(name=metric.name, label=metric.label, format=metric.format, unit=metric.unit))
    return re.sub(r"(\.\d*?)0+(?=\D|$)", lambda match: match[1].rstrip("."), text)


def condition_in_words(condition: Condition, model: SemanticModel) -> str:
    """Return a condition: "CPA above target", "ROAS below 2", "spend up by more than 20%"."""
    metric = model.metric(condition.metric)
    if condition.on == "change":
        side = "down" if condition.comparator.startswith("<") else "up"
        if not condition.value:
            return f"{noun(metric)} {side}"
        size = value_in_words(abs(condition.value), metric.model_copy(update={"format": "percent"}))
        return f"{noun(metric)} {side} by {'at least' if '=' in condition.comparator else 'more than'} {size}"
    if condition.value is None:
        return f"{noun(metric)} {_WORDS[condition.comparator]} target"
    if condition.value == 0 and condition.comparator in ("=", ">") and metric.type == "simple":
        return f"no {noun(metric)}" if condition.comparator == "=" else noun(metric)
    metric = metric.model_copy(update={"unit": metric.unit or _converted_to(metric, model)})
    return f"{noun(metric)} {_WORDS[condition.comparator]} {value_in_words(condition.value, metric)}"


def _converted_to(metric: Metric, model: SemanticModel) -> str | None:
    """Return the currency that a metric's money is converted to; None where that is not one."""
    if metric.format != "currency":
        return None
    units = {leaf.conversion.unit if leaf.conversion else leaf.unit for leaf in model.leaves(metric.name)}
    return units.pop() if len(units) == 1 else None


def rule_in_words(rule: Rule, model: SemanticModel) -> str:
    """Return what a rule looks for: "CPA above target and spend above €500"."""
    parts = [condition_in_words(condition, model) for condition in rule.conditions]
    words = " or ".join(parts) if rule.any_of else listing(parts)
    return f"{words}, newly so" if rule.newly else words


def table_in_words(breakdown: Breakdown, model: SemanticModel) -> str:
    """Return what a table is asked for as: "by channel and market", "top 5 campaigns by ROAS", "by channel, weekly"."""
    grain = TIMES.get(str(breakdown.grain), "over time")
    labels = listing(model.dimension(each).label.lower() for each in breakdown.dimensions)
    ranking = breakdown.ranking
    if breakdown.grain:
        return f"by {labels}, {grain}" if labels else grain
    if ranking is None:
        return f"by {labels}"
    plurals = listing(model.dimension(each).plural for each in breakdown.dimensions)
    count = f"{ranking.limit} {plurals}" if ranking.limit else plurals
    return f"{count} by {model.metric(ranking.metric).label}, {'highest' if ranking.descending else 'lowest'} first"


def limit_in_words(each: Filter, model: SemanticModel) -> str:
    """Return what figures are limited to: "Market NL and BE", "Channel all but Display"."""
    values = listing(literally(value) for value in each.values)
    return f"{model.dimension(each.dimension).label} {_ALL_BUT if each.exclude else ''}{values}"


def scope(request: Request, enforced: Mapping[str, str], model: SemanticModel) -> tuple[tuple[str, str], ...]:
    """Return what the figures are limited to, as label and value; what the run enforces comes first."""
    pairs = [(model.dimension(key).label, value) for key, value in enforced.items()]
    for each in request.filters:
        label = model.dimension(each.dimension).label
        values = listing(each.values)
        if enforced.get(each.dimension) != values or each.exclude:
            pairs.append((label, f"{_ALL_BUT}{values}" if each.exclude else values))
    return tuple(pairs)


def scope_in_words(request: Request, enforced: Mapping[str, str], model: SemanticModel) -> str:
    """Return what the figures are limited to, as the subject of a sentence."""
    named, left_out, codes = [], [], []
    for _, value in scope(request, enforced, model):
        if value.startswith(_ALL_BUT):
            left_out.append(literally(value.removeprefix(_ALL_BUT)))
        elif len(value) <= 3:
            codes.append(literally(value))
        else:
            named.append(literally(value))
    everything = f"all {model.dimension(model.default_dimension).plural}" if model.default_dimension else model.label
    subject = ", ".join(reversed(named)) if named else "" if codes else everything
    subject = f"{subject} in {listing(codes)}" if codes and subject else subject or listing(codes)
    return f"{subject} except {listing(left_out)}" if left_out else subject


def period_in_words(request: Request) -> str:
    """Return the period as it was asked for and as it was read: "over the past 7 days (9–15 November 2026)"."""
    words = re.sub(r"^(?:the|in|for|during|from|of)\s+", "", request.period.words, flags=re.IGNORECASE).lower()
    words = re.sub(r"['’]s?$", "", words)
    dates = in_words(request.period.window)
    if re.search(r"\d{4}|\b(?:of|since|between)\b", words) or not re.match(
        r"(?:past|last|previous|this|yesterday|today)\b", words
    ):
        return f"{'on' if request.period.window.days == 1 else 'over'} {dates}"
    if words.startswith(("yesterday", "today")):
        return f"{words} ({dates})"
    if words.startswith(("this", "last")) and not re.search(r"\d", words):
        return f"{literally(words)} ({dates})"
    return f"over the {literally(words)} ({dates})"


def before_in_words(request: Request) -> str:
    """Return what the period is compared with."""
    return in_words(request.compare) if request.compare else ""


def new_in_words(request: Request) -> str:
    """Return the mark of what was found in this period and not in the one before."""
    return f"not so {then_in_words(request)}"


def then_in_words(request: Request) -> str:
    """Return "the week before" or the like, "in the period before", or its dates where it does not lie right before."""
    window, before = request.period.window, request.compare
    if before is None:
        return "in the period before"
    if before.end + DAY != window.start and before != request.period.previous:
        return f"{'on' if before.days == 1 else 'in'} {before_in_words(request)}"
    for unit in _UNITS:
        if window == whole(unit, window.start) and before == whole(unit, window.start - DAY):
            return f"the {unit} before"
    return "in the period before"


def without_value(metric: Metric, model: SemanticModel) -> str:
    """Return what a ratio lacks when it cannot be stated: "spend without conversions"."""
    top, bottom = model.metric(str(metric.numerator)), model.metric(str(metric.denominator))
    return f"{noun(top)} without {noun(bottom)}"


def names(result: Result, rows: Sequence[int], dimension: str, *, limit: int = 8, marks: Mapping[int, str] = {}) -> str:
    """Return the names in some rows, each with its mark; beyond the limit "and others"."""
    shown = [name(result, row, dimension) + (f" ({marks[row]})" if row in marks else "") for row in rows[:limit]]
    return listing([*shown, "others"] if len(rows) > limit else shown)


def count_of(finding: Finding, model: SemanticModel) -> str:
    """Return "campaign" or "campaigns" as a number of findings needs it."""
    dimension = model.dimension(finding.rule.dimension)
    return dimension.label.lower() if len(finding.rows) == 1 else dimension.plural
