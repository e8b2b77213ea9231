"""The results behind an answer: every query of a plan, run once, and what they show about the data itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from interact.agents.analyst.insights import Finding, day_of, judge, missing_days
from interact.agents.analyst.planning import Plan
from interact.agents.analyst.request import Breakdown
from interact.agents.analyst.spans import day_in_words, in_words
from interact.agents.analyst.wording import rule_in_words
from interact.agents.contract import Question
from interact.chats.result import Cell, Result
from interact.errors import AgentRefused
from interact.warehouse.compile import compile_freshness, compile_query
from interact.warehouse.queries import MetricQuery, Warehouse, Window


@dataclass(frozen=True)
class Coverage:
    """From when to when there is data, and which days of the periods have no rows."""

    freshness: Result
    days: Result
    """The sums of each day of the period."""
    last: date
    missing: tuple[date, ...]
    missing_before: tuple[date, ...]
    compare_dropped: Window | None = None
    """The window that was to be compared with and is not complete in the data."""
    before: Result | None = None
    """The sums of each day of the period that is compared with."""


@dataclass(frozen=True)
class Evidence:
    """All results of one answer."""

    question: Question
    plan: Plan
    coverage: Coverage
    totals: Result
    tables: tuple[tuple[Breakdown, Result], ...]
    findings: tuple[Finding, ...]
    trend: Result | None
    whole: Result | None
    """All members of the model's own dimension, for reports, recommendations and remarks on ratios."""
    ranked: Mapping[str, Result] = field(default_factory=dict)
    """All members of the dimensions that are ranked by a ratio, by dimension."""

    @property
    def headline(self) -> tuple[Cell, ...]:
        """The totals of the metrics that the prompt asks for."""
        totals = self.totals
        return tuple(Cell(result_id=totals.result_id, row=0, column=each) for each in self.plan.shown if totals.rows)


@dataclass
class Desk:
    """Runs each query once, with the run's own filters in its SQL."""

    question: Question
    warehouse: Warehouse
    results: dict[MetricQuery, Result] = field(default_factory=dict)
    runs: int = 0

    def run(self, query: MetricQuery, title: str) -> Result:
        """Return the result of a query; the same query gives the same result without running again."""
        if query not in self.results:
            self.runs += 1
            compiled = compile_query(query, self.warehouse.model, enforced=self.question.filters)
            self.results[query] = self.warehouse.run(compiled, title=title)
        return self.results[query]

    def freshness(self) -> Result:
        """Return the first and the last day of the data."""
        self.runs += 1
        return self.warehouse.run(compile_freshness(self.warehouse.model), title="First and last day of the data")


def collect(plan: Plan, desk: Desk) -> Evidence:
    """Return the results of a plan; raises AgentRefused where the period has no rows at all."""
    coverage, plan = _cover(plan, desk)
    request = plan.request
    tables = tuple((each, desk.run(plan.table(each), title=table_title(each, plan))) for each in plan.breakdowns)
    findings = []
    for rule in request.rules:
        plural = plan.model.dimension(rule.dimension).plural
        whole = desk.run(plan.whole(rule.dimension), title=f"All {plural.lower()}")
        matches = desk.run(plan.matches(rule), title=f"{plural.capitalize()} with {rule_in_words(rule, plan.model)}")
        findings.append(judge(rule, matches, whole, model=plan.model))
    advice = (
        request.report or "recommendations" in request.sections or "changes" in request.sections or request.asks_why
    )
    dimension = plan.model.default_dimension
    everyone = plan.whole(dimension)
    ratios = any(plan.model.metric(each).type == "ratio" for each in plan.shown)
    known = advice or ratios or everyone in desk.results
    every = desk.run(everyone, title=f"All {plan.model.dimension(dimension).plural}") if known else None
    trend = desk.run(plan.trend(), title="Trend") if request.report else None
    totals = desk.run(plan.totals(), title="Totals")
    return Evidence(desk.question, plan, coverage, totals, tables, tuple(findings), trend, every, _ranked(plan, desk))


def _ranked(plan: Plan, desk: Desk) -> dict[str, Result]:
    """Return everyone where a ratio ranks, so that those whom it cannot rank can be named."""
    found = {}
    for each in plan.breakdowns:
        ratio = each.ranking is not None and plan.model.metric(each.ranking.metric).type == "ratio"
        if ratio and len(each.dimensions) == 1 and not each.grain:
            plural = plan.model.dimension(each.dimensions[0]).plural.lower()
            found[each.dimensions[0]] = desk.run(plan.whole(each.dimensions[0]), title=f"All {plural}")
    return found


def _cover(plan: Plan, desk: Desk) -> tuple[Coverage, Plan]:
    """Look at the data before its figures: a late load must not look like a crash."""
    request = plan.request
    freshness = desk.freshness()
    first, last = (day_of(freshness.value(0, name)) if freshness.rows else None for name in ("first_date", "last_date"))
    if first is None or last is None:
        filters = desk.question.filters
        if filters:
            limits = ", ".join(f"{name} {value!r}" for name, value in filters.items())
            raise AgentRefused(f"The warehouse has no rows for {limits}. Correct the job's values, or load the data.")
        raise AgentRefused("The warehouse has no rows at all. Load its data, then ask again.")
    days = desk.run(plan.days(request.period.window), title="Day by day")
    if not days.rows:
        what = f"There are no rows for {in_words(request.period.window)}"
        limits = " with these filters" if request.filters or desk.question.filters else ""
        raise AgentRefused(
            f"{what}{limits}; the data runs from {day_in_words(first)} to {day_in_words(last)}. "
            "Check the load of the data, or ask about another period."
        )
    missing = tuple(missing_days(days, request.period.window))
    if request.compare is None:
        return Coverage(freshness, days, last, missing, ()), plan
    before = desk.run(plan.days(request.compare), title="Day by day, period before")
    gaps = tuple(missing_days(before, request.compare))
    narrow = bool(request.filters or desk.question.filters)
    if before.rows and first <= request.compare.start and (narrow or not gaps):
        return Coverage(freshness, days, last, missing, gaps, before=before), plan
    if any(condition.on == "change" for rule in request.rules for condition in rule.conditions):
        lacking = "The data does not hold every day of" if before.rows else "There are no rows for"
        raise AgentRefused(
            f"{lacking} {in_words(request.compare)}, so changes cannot be judged; the data begins on "
            f"{day_in_words(first)}. Ask for a later period."
        )
    without = replace(plan, request=replace(request, compare=None))
    return Coverage(freshness, days, last, missing, gaps, compare_dropped=request.compare), without


def table_title(breakdown: Breakdown, plan: Plan) -> str:
    """Return what a table shows: "Campaigns by ROAS", "Spend by channel, daily"."""
    model = plan.model
    plurals = " and ".join(model.dimension(each).plural.lower() for each in breakdown.dimensions)
    if breakdown.grain:
        times = {"day": "daily", "week": "weekly", "month": "monthly"}[breakdown.grain]
        return f"{plurals} over time, {times}".capitalize() if plurals else f"{times} figures".capitalize()
    if breakdown.ranking is None:
        return plurals.capitalize()
    metric = model.metric(breakdown.ranking.metric)
    side = "highest" if breakdown.ranking.descending else "lowest"
    subject = f"{breakdown.ranking.limit} {plurals}" if breakdown.ranking.limit else plurals.capitalize()
    return f"{subject} by {metric.label}, {side} first"
