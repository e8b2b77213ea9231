"""Tables: which columns and rows of a result an answer shows, and the table in words that a chat shows."""

from __future__ import annotations

from collections.abc import Sequence

from interact.agents.analyst.cuts import Cut
from interact.agents.analyst.evidence import Evidence
from interact.agents.analyst.insights import number
from interact.agents.analyst.planning import Plan
from interact.agents.analyst.wording import TIMES, listing, noun
from interact.chats.figures import count_reference, literally, reference
from interact.chats.result import Result

ROWS_IN_TEXT = 25
COLUMNS_IN_TEXT = 9
FEW = 2
"""So many metrics stand in a table with what they were before and how they changed; of more only the leading one."""


def table_columns(evidence: Evidence, result: Result, *, limit: int) -> tuple[str, ...]:
    """Return the columns of a result to show: members, metrics with targets, and the changes that matter."""
    return _columns(evidence, result)[:limit]


def unseen(evidence: Evidence, result: Result, *, limit: int) -> str:
    """Return the sentence on columns that a table has no room for."""
    labels = [literally(result.column(each).label) for each in _columns(evidence, result)[limit:]]
    return f"The table has no room for {listing(labels)}; the result holds them." if labels else ""


def _columns(evidence: Evidence, result: Result) -> tuple[str, ...]:
    plan = evidence.plan
    present = [column.name for column in result.columns]
    conditions = [condition for rule in plan.request.rules for condition in rule.conditions]
    judged = {condition.metric for condition in conditions if condition.value is None}
    moved = {condition.metric for condition in conditions if condition.on == "change"}
    wanted = [each for each in present if each in TIMES or each in _dimensions(evidence)]
    shown = [each for each in plan.shown if each in present]
    for metric in shown:
        wanted.append(metric)
        if metric in judged or (plan.request.targets and metric in plan.request.metrics):
            wanted.append(f"{metric}_target")
        if len(shown) <= FEW or metric in moved:
            wanted += [f"{metric}_previous", f"{metric}_change"]
    wanted.append(f"{plan.leading}_change")
    return tuple(dict.fromkeys(each for each in wanted if each in present))


def _dimensions(evidence: Evidence) -> frozenset[str]:
    return frozenset(dimension.name for dimension in evidence.plan.model.dimensions)


def all_columns(evidence: Evidence, result: Result) -> tuple[str, ...]:
    """Return the columns of a result that an answer may show: members, and all of the metrics that are shown."""
    kinds = ("", "_target", "_previous", "_change")
    wanted = [f"{metric}{kind}" for metric in evidence.plan.shown for kind in kinds]
    present = [column.name for column in result.columns]
    return tuple(each for each in present if each in TIMES or each in _dimensions(evidence) or each in wanted)


def shown_rows(evidence: Evidence, result: Result) -> tuple[int, ...]:
    """Return the rows that have a figure at all: who had some in the period before only is told of in words."""
    names_ = {each.name for each in evidence.plan.model.metrics}
    figures = [each.name for each in result.columns if each.name in names_]
    there = (row for row in range(len(result.rows)) if any(number(result, row, each) is not None for each in figures))
    return tuple(there)


def text_table(evidence: Evidence, result: Result, title: str, *, only: Sequence[int] | None = None) -> str:
    """Return a result, or some rows of it, as a Markdown table of references; a long one says that it is cut."""
    chosen = shown_rows(evidence, result) if only is None else only
    columns = table_columns(evidence, result, limit=COLUMNS_IN_TEXT)
    lines = [
        f"**{title}**",
        "",
        f"| {' | '.join(result.column(each).label for each in columns)} |",
        f"| {' | '.join('---' if result.column(each).format in ('text', 'date') else '---:' for each in columns)} |",
    ]
    lines += [f"| {' | '.join(reference(result, row, each) for each in columns)} |" for row in chosen[:ROWS_IN_TEXT]]
    if len(chosen) > ROWS_IN_TEXT:
        every = f" of {count_reference(result)}" if len(chosen) == len(result.rows) else ""
        lines += ["", f"The first {ROWS_IN_TEXT}{every} rows; the result holds all of them."]
    if hidden := unseen(evidence, result, limit=COLUMNS_IN_TEXT):
        lines += ["", hidden]
    return "\n".join(lines) if chosen else f"**{title}**\n\nNo rows."


def left_out(evidence: Evidence, cut: Cut) -> str:
    """Return the sentence on metrics that a table leaves out since they are not known by its dimensions."""
    lost = unreached(evidence.plan, cut)
    if not lost:
        return ""
    names = listing(noun(evidence.plan.model.metric(each)) for each in lost)
    return f"Left out, since the data does not have it by {next(iter(lost.values()))}: {names}."


def unreached(plan: Plan, cut: Cut) -> dict[str, str]:
    """Return the shown metrics that a table leaves out, each with the dimensions that it is not known by, in words."""
    asked = [each for each in cut.dimensions if each not in plan.apart(cut.metrics[0])]
    labels = listing(plan.model.dimension(each).label.lower() for each in asked)
    return {each: labels for each in plan.shown if not all(plan.model.reaches(each, name) for name in asked)}
