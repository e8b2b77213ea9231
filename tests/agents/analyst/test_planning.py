"""From a request to queries."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from interact.agents.analyst.planning import Plan, usual_grain
from interact.agents.analyst.request import Request
from interact.agents.analyst.windows import find_periods
from interact.warehouse.queries import Having
from interact.warehouse.semantic import SemanticModel

PlanOf = Callable[[str], Plan]


@pytest.fixture
def plan_of(read: Callable[[str], Request], model: SemanticModel) -> PlanOf:
    return lambda prompt: Plan(read(prompt), model)


def test_named_metrics_come_first_and_what_judges_is_shown_too(plan_of: PlanOf) -> None:
    plan = plan_of("Show clicks by campaign for last week. Highlight campaigns with ROAS below 2.")
    assert plan.shown == ("clicks", "roas")
    assert plan.leading == "roas"


def test_without_named_metrics_the_model_chooses(plan_of: PlanOf) -> None:
    plan = plan_of("Analyse Shopping for last week")
    assert plan.shown == ("spend", "conversions", "revenue", "cpa", "roas")
    assert [each.dimensions for each in plan.breakdowns] == [("campaign",)]


def test_a_question_about_one_figure_needs_no_table(plan_of: PlanOf) -> None:
    assert plan_of("What was our spend yesterday?").breakdowns == ()


def test_several_values_are_shown_one_by_one(plan_of: PlanOf) -> None:
    assert [each.dimensions for each in plan_of("Spend for NL and BE last week").breakdowns] == [("market",)]


def test_ratios_are_asked_with_their_parts(plan_of: PlanOf) -> None:
    query = plan_of("ROAS by channel for last week").totals()
    assert query.metrics == ("roas", "revenue", "spend")


def test_a_table_that_is_narrowed_has_the_condition_in_its_query(plan_of: PlanOf) -> None:
    plan = plan_of("Show spend by campaign with more than 100 conversions last week, sorted by CPA")
    query = plan.table(plan.cuts[0])
    assert query.having == (Having("conversions", ">", 100.0), Having("spend", ">", 0.0))
    assert plan.whole("campaign").having == ()
    assert (query.order_by, query.descending) == ("cpa", False)


def test_the_whole_of_a_dimension_is_never_cut(plan_of: PlanOf) -> None:
    plan = plan_of("Top 3 campaigns by ROAS last week. Highlight campaigns where CPA exceeded the target.")
    assert plan.table(plan.cuts[0]).limit == 3
    assert plan.whole("campaign").limit is None
    assert plan.whole("campaign").having == ()


def test_a_table_that_shows_all_is_asked_once(plan_of: PlanOf) -> None:
    plan = plan_of("Spend by campaign last week. Highlight campaigns with spend above 500.")
    assert plan.whole("campaign") == plan.table(plan.cuts[0])


@pytest.mark.parametrize(("days", "grain"), [(7, "day"), (31, "day"), (32, "week"), (184, "week"), (400, "month")])
def test_the_step_of_a_trend_suits_its_length(read: Callable[[str], Request], days: int, grain: str) -> None:
    period = read(f"spend for the past {days} days").period
    assert usual_grain(period.window) == grain
    assert find_periods(f"past {days} days", period.window.end)[0].window.days == days


def test_a_summary_opens_with_what_is_named_also_where_it_only_ranks_or_judges(plan_of: PlanOf) -> None:
    assert plan_of("Top 3 campaigns by CTR last week").headlines == ("ctr",)
    assert plan_of("Campaigns with CTR below 1% and ROAS below 2 last week").headlines == ("ctr", "roas")
    report = plan_of("Create a report on last week with the top campaigns by CTR")
    assert report.headlines == ("ctr", "spend", "conversions", "revenue", "cpa")


@pytest.mark.parametrize(
    ("prompt", "dimension"),
    [
        ("Spend by channel last week", "channel"),
        ("Spend by channel and by campaign last week", "campaign"),
        ("Spend last week", "campaign"),
        ("Channels whose spend fell last week", "channel"),
        ("Spend for NL and BE last week", "market"),
        ("Spend by market in NL last week", "campaign"),
    ],
)
def test_what_is_asked_by_explains_a_change(plan_of: PlanOf, prompt: str, dimension: str) -> None:
    assert plan_of(prompt).dimension == dimension
