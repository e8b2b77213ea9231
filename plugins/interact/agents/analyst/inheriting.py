"""From a question and the one before it to one reading: what is taken over, what is left, and what is uncertain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from interact.agents.analyst.conditions import Rule
from interact.agents.analyst.heirs import Heir
from interact.agents.analyst.joints import Joints
from interact.agents.analyst.reaching import filters_of, times_of
from interact.agents.analyst.request import Breakdown, Manner, Ranking, Reading
from interact.agents.analyst.shorthand import groups_of, ranking_metrics
from interact.agents.analyst.wording import listing, noun, rule_in_words, table_in_words
from interact.errors import AgentRefused
from interact.warehouse.semantic import SemanticModel


@dataclass(frozen=True)
class Inherited:
    """A further question as one that stands alone, and in words what it took from the one before and what it left."""

    reading: Reading
    taken: tuple[str, ...]
    left: tuple[str, ...]


def inherit(before: Reading, now: Reading, joints: Joints, model: SemanticModel) -> Inherited:
    """Return a further question, completed from the one before; raises AgentRefused where that is uncertain."""
    heir = Heir(before, now, joints, model)
    _refuse_members(heir)
    _refuse_assumed(heir)
    metrics = _metrics(heir)
    breakdowns, order = _tables(heir)
    rules = _rules(heir, breakdowns)
    period, versus = times_of(heir)
    filters = filters_of(heir)
    reading = replace(
        now,
        period=period,
        versus=versus,
        metrics=metrics,
        breakdowns=breakdowns,
        order=order,
        table_notes=_once((*(() if now.breakdowns else before.table_notes), *now.table_notes)),
        rules=rules,
        filters=filters,
        filter_notes=_once((*(before.filter_notes if filters else ()), *now.filter_notes)),
        manner=_manner(heir),
    )
    return Inherited(reading, _once(heir.taken), _once(heir.left))


def _refuse_members(heir: Heir) -> None:
    """Refuse "those" for members that the answer before listed: the same words may list others now."""
    now, points = heir.now, heir.joints.points
    if points and (heir.limit or heir.lists) and (now.period or now.filters or now.breakdowns):
        raise AgentRefused(
            f"{points!r} stands for what the answer before listed, which I do not read again. Write the names, or ask "
            "for it in one question."
        )
    if points and _limiting(now.rules) and any(rule.highlight for rule in heir.before.rules):
        raise AgentRefused(
            f"I could not tell whether {points!r} stands for all that the answer before shows or for what it "
            "highlights. Ask for it in one question."
        )


def _refuse_assumed(heir: Heir) -> None:
    """Refuse a condition or a ranking that names no dimension where the tables before have several, or are of days."""
    now, groups = heir.now, groups_of(heir.before)
    assumed = [rule.dimension for rule in now.rules] + [name for each in now.breakdowns for name in each.dimensions]
    if now.dimensions.issuperset(assumed):
        return
    words = [repr(condition.words) for rule in now.rules for condition in rule.conditions if condition.words] or [
        "this order"
    ]
    if heir.over_time:
        raise AgentRefused(
            f"I could not tell whether {listing(words)} is meant of each {heir.over_time[0].grain}, which I cannot "
            "judge. Name what it is about, as 'campaigns' or 'markets'."
        )
    if len(groups) > 1 or any(len(each) > 1 for each in groups):
        shown = " or ".join(listing(heir.model.dimension(name).plural for name in each) for each in groups)
        raise AgentRefused(f"I could not tell of what {listing(words)} is meant, {shown}. Name it.")


def _metrics(heir: Heir) -> tuple[str, ...]:
    before, now, joints = heir.before, heir.now, heir.joints
    if now.overall and not now.metrics:
        return ()
    if now.metrics and not (joints.joins or joints.adds):
        return now.metrics
    usual = before.metrics or heir.model.default_metrics
    # What ranked or judged was shown as well, and stays when the ranking or the condition goes.
    judged = [each.metric for rule in before.rules for each in rule.conditions]
    more = [each for each in (*ranking_metrics(before), *judged) if each not in usual]
    shown = _once((*usual, *more, *now.metrics)) if before.metrics or more or now.metrics else ()
    old = [noun(heir.model.metric(each)) for each in shown if each not in now.metrics]
    if old or not shown:
        heir.taken.append(listing(old) or "the usual metrics")
    return shown


def _tables(heir: Heir) -> tuple[tuple[Breakdown, ...], Ranking | None]:
    """Return the tables, and the order where there is none."""
    before, now = heir.before, heir.now
    if now.breakdowns:
        return _named_tables(heir), now.order
    if now.against or heir.is_new_subject or _lists_others(heir):
        _leave_tables(heir)
        return tuple(Breakdown((each.dimension,)) for each in now.filters if now.against), now.order
    order = now.order
    if now.ranked_by and not ranking_metrics(before):
        order = Ranking(now.ranked_by, heir.model.metric(now.ranked_by).good != "down")
    for each in before.breakdowns:
        is_ranked_anew = order is not None or bool(now.ranked_by)
        heir.taken.append(table_in_words(replace(each, ranking=None) if is_ranked_anew else each, heir.model))
    if now.ranked_by and heir.limit:
        heir.taken.append(f"the limit to {heir.limit}")
    return tuple(_sorted(heir, each, order) for each in before.breakdowns), order or before.order


def _named_tables(heir: Heir) -> tuple[Breakdown, ...]:
    before, now = heir.before, heir.now
    if heir.joints.adds and not heir.is_new_subject:
        heir.taken += [table_in_words(each, heir.model) for each in before.breakdowns]
        return tuple(dict.fromkeys((*before.breakdowns, *now.breakdowns)))
    _leave_tables(heir, seen=any(each.dimensions for each in now.breakdowns))
    rankings = {each.ranking for each in before.breakdowns if each.ranking}
    if len(rankings) != 1 or now.metrics or now.overall or now.order:
        return now.breakdowns
    ranking = replace(rankings.pop(), limit=None)
    return tuple(
        replace(each, ranking=ranking) if each.dimensions and not (each.grain or each.ranking) else each
        for each in now.breakdowns
    )


def _leave_tables(heir: Heir, *, seen: bool = False) -> None:
    """Say which tables are left; that another takes the place of one is seen, but not that its limit goes."""
    if seen:
        is_limited = any(each.ranking and each.ranking.limit for each in heir.now.breakdowns)
        heir.left += [f"the limit to {heir.limit}"] if heir.limit and not is_limited else []
    else:
        heir.left += [table_in_words(each, heir.model) for each in heir.before.breakdowns]


def _lists_others(heir: Heir) -> bool:
    """Tell whether the question asks who meets a condition, of a dimension that the tables before do not show."""
    groups = groups_of(heir.before)
    return bool(heir.before.breakdowns) and any((rule.dimension,) not in groups for rule in _limiting(heir.now.rules))


def _sorted(heir: Heir, table: Breakdown, order: Ranking | None) -> Breakdown:
    """Return a table of the question before in the order that this one names."""
    if heir.now.ranked_by and table.ranking:
        return replace(table, ranking=_ranked_as(heir, table.ranking, heir.now.ranked_by))
    if order is None:
        return table
    label, limit = heir.model.metric(order.metric).label, table.ranking.limit if table.ranking else None
    if table.grain:
        raise AgentRefused(f"A table over time stands in the order of its days; I cannot sort it by {label}.")
    if limit:
        raise AgentRefused(
            f"I could not tell whether the {limit} rows stay and are sorted, or are chosen anew by {label}. Ask for it "
            f"in one question, as 'top {limit} by {label}'."
        )
    return replace(table, ranking=order)


def _ranked_as(heir: Heir, ranking: Ranking, metric: str) -> Ranking:
    """Return a ranking by another metric whose best, or worst, comes first as in the one before."""
    old, new = (heir.model.metric(name).good for name in (ranking.metric, metric))
    is_turned = None not in (old, new) and old != new
    return Ranking(metric, ranking.descending != is_turned, ranking.limit)


def _rules(heir: Heir, tables: tuple[Breakdown, ...]) -> tuple[Rule, ...]:
    before, now, joints = heir.before, heir.now, heir.joints
    own = [_narrowing(rule, tables) for rule in now.rules]
    replaces = bool(own) and not (joints.narrows or joints.joins or joints.adds)
    _refuse_uncertain(heir, own)
    if joints.clears or heir.is_new_subject or replaces:
        heir.left += [_condition(rule, heir.model) for rule in before.rules]
        return tuple(own)
    _refuse_other_tables(heir, tables, own)
    heir.taken += [_condition(rule, heir.model) for rule in before.rules]
    kept = [_narrowing(rule, tables) for rule in before.rules]
    for rule in own:
        alike = [n for n, old in enumerate(kept) if old.dimension == rule.dimension and not old.highlight]
        if alike and not rule.highlight:
            old = kept[alike[0]]
            kept[alike[0]] = replace(old, conditions=tuple(dict.fromkeys((*old.conditions, *rule.conditions))))
        else:
            kept.append(rule)
    return tuple(dict.fromkeys(kept))


def _narrowing(rule: Rule, tables: Iterable[Breakdown]) -> Rule:
    """Return a rule that narrows a table of its dimension, rather than stand beside the whole one."""
    is_beside = any(each.dimensions == (rule.dimension,) and not each.grain for each in tables)
    return replace(rule, narrows=True) if is_beside and not rule.highlight else rule


def _refuse_uncertain(heir: Heir, own: list[Rule]) -> None:
    """Refuse conditions on top of a choice of rows, or of a table over time."""
    inherits = not (heir.now.breakdowns or heir.is_new_subject or _lists_others(heir))
    if not inherits or not _limiting(own):
        return
    words = listing(condition.words for rule in own for condition in rule.conditions if condition.words)
    if heir.limit:
        raise AgentRefused(
            f"I could not tell whether {words!r} is to hold before or after the {heir.limit} rows are chosen. Ask for "
            "both in one question."
        )
    if heir.over_time:
        raise AgentRefused(f"I cannot apply {words!r} to a table over time. Ask for it in one question, without days.")


def _refuse_other_tables(heir: Heir, tables: tuple[Breakdown, ...], own: list[Rule]) -> None:
    """Refuse tables, and conditions, of another dimension than the one whose members a condition chose before."""
    new = tables if heir.now.breakdowns or heir.now.against else ()
    for rule in heir.lists:
        about = f"{heir.model.dimension(rule.dimension).plural} with {rule_in_words(rule, heir.model)}"
        others = [each for each in new if each.dimensions != (rule.dimension,) or each.grain]
        clash = [each for each in _limiting(own) if each.dimension != rule.dimension]
        if others or clash:
            other = table_in_words(others[0], heir.model) if others else rule_in_words(clash[0], heir.model)
            raise AgentRefused(
                f"The question before is about {about}, and I could not tell whether {other!r} is. Ask for it in one "
                "question, or add 'without conditions'."
            )


def _limiting(rules: Iterable[Rule]) -> list[Rule]:
    return [rule for rule in rules if not rule.highlight]


def _condition(rule: Rule, model: SemanticModel) -> str:
    members = f"{model.dimension(rule.dimension).plural.lower()} with {rule_in_words(rule, model)}"
    return f"the highlight of {members}" if rule.highlight else members


def _manner(heir: Heir) -> Manner:
    """Return how the figures are shown: a report only where this question wants one, with the parts of the last."""
    before, now = heir.before.manner, heir.now.manner
    targets = before.targets or now.targets
    if not now.report:
        if before.report and "report" not in now.unwanted:
            heir.left.append("the report (add “as a report” for one)")
        return replace(now, targets=targets)
    sections = (before.sections - now.unwanted) | now.sections
    unwanted = (before.unwanted - now.sections - {"report"}) | now.unwanted
    return replace(now, sections=sections, unwanted=unwanted, targets=targets)


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
