"""What a total, a ranking or a fall hides: figures without spend, members without a rank, the part that moved."""

from __future__ import annotations

from interact.agents.analyst.cuts import Cut
from interact.agents.analyst.drivers import drivers
from interact.agents.analyst.evidence import Evidence
from interact.agents.analyst.formulas import formula_of
from interact.agents.analyst.insights import direction, fails, free_of_charge, has_no_value, number, parts_of, unpaid
from interact.agents.analyst.wording import listing, name, names, noun, sentence_case
from interact.chats.figures import reference
from interact.chats.result import Result
from interact.warehouse.semantic import Metric

LARGE = 0.1
"""From which change on a part is said to have moved a ratio; one of less than half of it is called unchanged."""
MOST = 4
CLEARLY = 3.0
"""How many times larger one part of a change must be than the other to be named as the cause of it."""


def without_spend(evidence: Evidence) -> str:
    """Return the sentence on members that flatter the total's ratios, with what they add."""
    whole, plan = evidence.whole, evidence.plan
    if whole is None:
        return ""
    flattered = [metric for each in plan.headlines if (metric := plan.model.metric(each)).type == "ratio"]
    found = {metric.name: rows for metric in flattered if (rows := unpaid(whole, metric))}
    if not found:
        return ""
    ratio = plan.model.metric(next(reversed(found)))
    sides = (str(ratio.numerator), str(ratio.denominator))
    adds, lacks = (plan.model.metric(each) for each in (sides[::-1] if ratio.good == "down" else sides))
    rows = found[ratio.name]
    listed = [f"{name(whole, row, plan.dimension)} ({reference(whole, row, adds.name)})" for row in rows]
    shown = [*listed[:MOST], "others"] if len(listed) > MOST else listed
    return (
        f"The total {noun(ratio)} includes {noun(adds)} without {noun(lacks)} of {listing(shown)}, so "
        f"the rest has a {'higher' if ratio.good == 'down' else 'lower'} one."
    )


def without_rank(evidence: Evidence, breakdown: Cut) -> str:
    """Return the sentence on members that a ranking by a ratio cannot place, each group with its reason."""
    ranking = breakdown.ranking
    whole = evidence.ranked.get(breakdown.dimensions[0]) if len(breakdown.dimensions) == 1 else None
    if ranking is None or whole is None or breakdown.grain:
        return ""
    model = evidence.plan.model
    ratio = model.metric(ranking.metric)
    if ratio.type != "ratio":
        return ""
    rules = [rule for rule in evidence.plan.request.rules if rule.narrows and rule.dimension in breakdown.dimensions]
    narrowing = [each for rule in rules for each in rule.conditions if each.on == "level"]
    top, bottom = (noun(model.metric(str(part))) for part in (ratio.numerator, ratio.denominator))
    groups: dict[str, list[int]] = {}
    for row in range(len(whole.rows)):
        if any(fails(each, whole, row) for each in narrowing):
            continue
        if has_no_value(whole, row, ratio):
            reason = f"{top} without {bottom}" if number(whole, row, str(ratio.numerator)) else f"no {bottom}"
            groups.setdefault(reason, []).append(row)
        elif free_of_charge(whole, row, ratio) and not ranking.descending:
            groups.setdefault(f"{bottom} without {top}", []).append(row)
    parts = [f"{names(whole, rows, breakdown.dimensions[0])} ({reason})" for reason, rows in groups.items()]
    return f"Not ranked by {noun(ratio)}: {'; '.join(parts)}." if parts else ""


def moved_by(evidence: Evidence, result: Result, row: int) -> str:
    """Return which of the two parts of the leading ratio moved a member's, where one did and the other did not."""
    found = mover(evidence, result, row)
    if found is None:
        return ""
    moved, still = found
    who = name(result, row, evidence.plan.dimension)
    verb = "rose" if direction(result, row, moved.name) == "up" else "fell"
    then = [reference(result, row, f"{each.name}_previous") for each in found]
    now = [reference(result, row, each.name) for each in found]
    return (
        f"For {who} it was the {noun(moved)} that {verb} ({now[0]} after {then[0]}), while its {noun(still)} hardly "
        f"changed ({now[1]} after {then[1]})."
    )


def by_rate_or_mix(evidence: Evidence, result: Result, row: int) -> str:
    """Return whether a member moved the leading ratio by its own or by its share, where one of the two clearly did."""
    metric, model = evidence.plan.model.metric(evidence.plan.leading), evidence.plan.model
    formula = formula_of(metric, model)
    part = next((each for each in drivers(result, metric, model) if each.row == row), None)
    if formula is None or formula.bottom is None or len(formula.bottom) != 1 or part is None:
        return ""
    bottom = noun(model.metric(next(iter(formula.bottom))))
    if abs(part.rate) >= CLEARLY * abs(part.mix):
        return f"That is due to its own {noun(metric)}, not to its share of {bottom}."
    if abs(part.mix) >= CLEARLY * abs(part.rate):
        return f"That is due to its share of {bottom}, not to its own {noun(metric)}."
    return ""


def mover(evidence: Evidence, result: Result, row: int) -> tuple[Metric, Metric] | None:
    """Return the part of the leading ratio that moved a member's, and the part that stayed."""
    parts = parts_of(evidence.plan.model.metric(evidence.plan.leading), evidence.plan.model)
    if parts is None:
        return None
    changes = [number(result, row, f"{part.name}_change") for part in parts]
    for at, other in ((0, 1), (1, 0)):
        one, rest = changes[at], changes[other]
        if one is not None and rest is not None and abs(one) >= LARGE and abs(rest) < min(LARGE, abs(one) / 4):
            return parts[at], parts[other]
    return None


def heading(evidence: Evidence, result: Result, row: int) -> str:
    """Return a member and its move in the leading metric, as a title."""
    metric = evidence.plan.model.metric(evidence.plan.leading)
    verb = "rose" if direction(result, row, metric.name) == "up" else "fell"
    who = name(result, row, evidence.plan.dimension)
    return sentence_case(f"{who}: {noun(metric)} {verb} to {reference(result, row, metric.name)}")
