"""The results behind an answer: every query of a plan, run once, and what they show about the data itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from interact.agents.analyst.anomalies import Judged, judge_days
from interact.agents.analyst.coverage import Coverage, cover
from interact.agents.analyst.cuts import Cut
from interact.agents.analyst.insights import Finding, judge, worst_first
from interact.agents.analyst.planning import Plan
from interact.agents.analyst.queried import Desk
from interact.agents.analyst.wording import TIMES, rule_in_words, sentence_case
from interact.agents.contract import Question
from interact.chats.result import Cell, Result

NOTHING = Result(result_id="", title="Totals", sql="", columns=(), rows=())
"""The totals where all figures are money in several currencies."""


@dataclass(frozen=True)
class Evidence:
    """All results of one answer."""

    question: Question
    plan: Plan
    coverage: Coverage
    totals: Result
    """One row; none where all figures are money in several currencies."""
    tables: tuple[tuple[Cut, Result], ...]
    findings: tuple[Finding, ...]
    trend: Result | None
    whole: Result | None
    """All members of the dimension that explains the leading metric, for reports, advice and remarks on ratios."""
    ranked: Mapping[str, Result] = field(default_factory=dict)
    """All members of the dimensions that are ranked by a ratio, by dimension."""
    monies: tuple[Result, ...] = ()
    """The totals of money in several currencies, a row for each."""
    judged: Judged = field(default_factory=Judged)
    """Days of the period that stand out, which nobody asked for."""

    @property
    def headline(self) -> tuple[Cell, ...]:
        """The totals of the metrics that the prompt asks for."""
        totals = self.totals
        there = {column.name for column in totals.columns}
        shown = [each for each in self.plan.shown if totals.rows and each in there]
        return tuple(Cell(result_id=totals.result_id, row=0, column=each) for each in shown)

    def money_of(self, metric: str) -> Result | None:
        """Return the totals of a metric whose money is kept apart; None of any other."""
        return next((each for each in self.monies if any(c.name == metric for c in each.columns)), None)


def collect(plan: Plan, desk: Desk) -> Evidence:
    """Return the results of a plan; raises AgentRefused where the period has no rows at all."""
    coverage, plan = cover(plan, desk)
    request = plan.request
    tables = tuple((each, desk.run(plan.table(each), title=table_title(each, plan))) for each in plan.cuts)
    findings = tuple(_judged(plan, desk))
    totals, monies = plan.totals(), plan.monies()
    return Evidence(
        desk.question,
        plan,
        coverage,
        desk.run(totals, title="Totals") if totals else NOTHING,
        tables,
        findings,
        desk.run(plan.trend(), title="Trend") if request.report else None,
        _whole(plan, desk),
        _ranked(plan, desk),
        tuple(desk.run(each, title="Totals by currency") for each in monies),
        judge_days(plan, coverage, desk.question.on_date),
    )


def _judged(plan: Plan, desk: Desk) -> list[Finding]:
    findings = []
    for rule in plan.request.rules:
        plural = plan.model.dimension(rule.dimension).plural
        whole = desk.run(plan.whole(rule.dimension, of=rule.conditions[0].metric), title=f"All {plural}")
        if rule.highlight and not plan.request.report and not whole.truncated:
            findings.append(worst_first(judge(rule, whole, whole, model=plan.model)))
            continue
        title = f"{sentence_case(plural)} with {rule_in_words(rule, plan.model)}"
        findings.append(judge(rule, desk.run(plan.matches(rule), title=title), whole, model=plan.model))
    return findings


def _whole(plan: Plan, desk: Desk) -> Result | None:
    """Return all members of the explaining dimension, where something is said of them."""
    request, dimension = plan.request, plan.dimension
    if not dimension or plan.apart(plan.leading):
        return None
    everyone = plan.whole(dimension)
    asked = request.report or request.asks_why or bool(request.sections & {"recommendations", "changes"})
    ratios = any(plan.model.metric(each).type == "ratio" for each in plan.shown)
    if not (asked or ratios or everyone in desk.results):
        return None
    return desk.run(everyone, title=f"All {plan.member.plural}")


def _ranked(plan: Plan, desk: Desk) -> dict[str, Result]:
    """Return everyone where a ratio ranks, so that those whom it cannot rank can be named."""
    found = {}
    for each in plan.cuts:
        ratio = each.ranking is not None and plan.model.metric(each.ranking.metric).type == "ratio"
        if each.ranking and ratio and len(each.dimensions) == 1 and not each.grain and not each.only:
            query = plan.whole(each.dimensions[0], of=each.ranking.metric)
            found[each.dimensions[0]] = desk.run(query, title=f"All {plan.model.dimension(each.dimensions[0]).plural}")
    return found


def table_title(cut: Cut, plan: Plan, *, rows: int | None = None) -> str:
    """Return what a table shows: "Campaigns by ROAS", "Channels over time, weekly", "Categories by currency".

    One that has fewer `rows` than were asked for is not called by their number.
    """
    model = plan.model
    plurals = " and ".join(model.dimension(each).plural for each in cut.dimensions)
    if cut.grain:
        times = TIMES[cut.grain]
        return sentence_case(f"{plurals} over time, {times}" if plurals else f"{times} figures")
    if cut.ranking is None:
        return sentence_case(plurals)
    metric = model.metric(cut.ranking.metric)
    side = "highest" if cut.ranking.descending else "lowest"
    limit = cut.ranking.limit
    subject = f"{limit} {plurals}" if limit and (rows is None or rows >= limit) else sentence_case(plurals)
    money = f" in {', '.join(cut.only.values)}" if cut.only else ""
    return f"{subject} by {metric.label}{money}, {side} first"
