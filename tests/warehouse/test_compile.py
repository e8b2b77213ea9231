"""From questions to SQL: how it reads, and that its figures are those of SQL and Python written by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.expected_figures import calculated
from interact.errors import DefinitionRefused
from interact.warehouse.compile import compile_freshness, compile_members, compile_query
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.guard import check
from interact.warehouse.queries import Compiled, Filter, Having, MetricQuery, Window
from interact.warehouse.semantic import Dimension, Metric, SemanticModel

WEEK = Window(date(2026, 11, 8), date(2026, 11, 14))
SEARCH = (Filter("channel", ("Paid search",)),)

ByHand = Callable[[str], list[tuple[Any, ...]]]
Calculate = Callable[[MetricQuery], dict[tuple[str, ...], tuple[float | None, ...]]]
Door = Callable[..., DuckDbDoor]


@pytest.fixture
def one_door(a_door: Door) -> DuckDbDoor:
    return a_door()


@pytest.fixture
def calculate(demo_rows: list[dict[str, Any]]) -> Calculate:
    recent = [row for row in demo_rows if row["date"] >= date(2026, 8, 1)]
    return lambda query: calculated(query, recent)


def rows_of(door: DuckDbDoor, compiled: Compiled) -> list[tuple[Any, ...]]:
    return list(door.run(compiled, title="a query").rows)


def approximately(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Decimals become floats and dates text, as a result holds them."""
    return [tuple(_plain(value) for value in row) for row in rows]


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, str) else pytest.approx(float(value), rel=1e-12)  # type: ignore[arg-type]


def test_a_plain_query_reads_as_an_analyst_writes_it(model: SemanticModel) -> None:
    query = MetricQuery(("spend", "roas"), WEEK, ("campaign",), filters=SEARCH, order_by="roas", limit=5)
    assert compile_query(query, model, enforced={"market": "NL"}).sql == (
        "SELECT\n"
        "  campaign,\n"
        "  SUM(spend) AS spend,\n"
        "  SUM(revenue) / NULLIF(SUM(spend), 0) AS roas\n"
        "FROM ad_performance\n"
        "WHERE date BETWEEN DATE '2026-11-08' AND DATE '2026-11-14'\n"
        "  AND market = 'NL'\n"
        "  AND channel = 'Paid search'\n"
        "GROUP BY campaign\n"
        "ORDER BY roas DESC NULLS LAST, campaign\n"
        "LIMIT 5"
    )


def test_a_comparison_reads_in_three_steps(model: SemanticModel) -> None:
    query = MetricQuery(("roas",), WEEK, ("campaign",), compare=WEEK.before(), having=(Having("roas", "<", 2.0),))
    assert compile_query(query, model).sql == (
        "WITH days AS (\n"
        "  SELECT\n"
        "    *,\n"
        "    date BETWEEN DATE '2026-11-08' AND DATE '2026-11-14' AS is_now,\n"
        "    date BETWEEN DATE '2026-11-01' AND DATE '2026-11-07' AS is_previous\n"
        "  FROM ad_performance\n"
        "),\n"
        "totals AS (\n"
        "  SELECT\n"
        "    campaign,\n"
        "    SUM(revenue) FILTER (WHERE is_now) / NULLIF(SUM(spend) FILTER (WHERE is_now), 0) AS roas,\n"
        "    SUM(revenue) FILTER (WHERE is_previous) / NULLIF(SUM(spend) FILTER (WHERE is_previous), 0)"
        " AS roas_previous\n"
        "  FROM days\n"
        "  WHERE is_now OR is_previous\n"
        "  GROUP BY campaign\n"
        ")\n"
        "SELECT\n"
        "  campaign,\n"
        "  roas,\n"
        "  roas_previous,\n"
        "  (roas - roas_previous) / NULLIF(roas_previous, 0) AS roas_change\n"
        "FROM totals\n"
        "WHERE roas < 2\n"
        "ORDER BY roas DESC NULLS LAST, campaign"
    )


def test_columns_say_what_they_mean(model: SemanticModel) -> None:
    query = MetricQuery(("cpa", "clicks"), WEEK, ("campaign",), compare=WEEK.before(), targets=True, grain=None)
    shown = [(c.name, c.label, c.format, c.unit, c.good, c.is_change) for c in compile_query(query, model).columns]
    assert shown == [
        ("campaign", "Campaign", "text", None, None, False),
        ("cpa", "CPA", "currency", "EUR", "down", False),
        ("cpa_previous", "CPA, previous", "currency", "EUR", None, False),
        ("cpa_change", "CPA, change", "percent", None, "down", True),
        ("cpa_target", "CPA target", "currency", "EUR", None, False),
        ("clicks", "Clicks", "integer", None, "up", False),
        ("clicks_previous", "Clicks, previous", "integer", None, None, False),
        ("clicks_change", "Clicks, change", "percent", None, "up", True),
    ]


def test_a_grain_comes_first_and_is_a_date(model: SemanticModel) -> None:
    columns = compile_query(MetricQuery(("roas",), WEEK, ("market",), grain="week"), model).columns
    assert [(column.name, column.label, column.format) for column in columns[:2]] == [
        ("week", "Week", "date"),
        ("market", "Market", "text"),
    ]


def test_figures_by_campaign_are_those_of_sql_by_hand(a_door: Door, model: SemanticModel, by_hand: ByHand) -> None:
    query = MetricQuery(
        ("spend", "conversions", "cpa", "roas", "ctr"), WEEK, ("campaign",), order_by="roas", targets=True
    )
    expected = by_hand("""
        select campaign, sum(spend), sum(conversions),
               case when sum(conversions) > 0 then sum(spend) / sum(conversions) end as cpa, min(target_cpa),
               case when sum(spend) > 0 then sum(revenue) / sum(spend) end as roas, min(target_roas),
               sum(clicks) / sum(impressions)
        from ad_performance where date >= '2026-11-08' and date < '2026-11-15'
        group by 1 order by roas desc nulls last, campaign
    """)
    assert len(expected) == 16
    assert rows_of(a_door(), compile_query(query, model)) == approximately(expected)


def test_a_comparison_shows_who_is_new_and_who_has_stopped(a_door: Door, model: SemanticModel, by_hand: ByHand) -> None:
    window = Window(date(2026, 11, 5), date(2026, 11, 14))
    query = MetricQuery(
        ("spend", "clicks"), window, ("campaign",), compare=window.before(), filters=(Filter("channel", ("Display",)),)
    )
    rows = rows_of(a_door(), compile_query(query, model))
    ((then, clicks),) = by_hand(
        "select sum(spend), sum(clicks) from ad_performance "
        "where campaign = 'Display Retargeting' and date between '2026-10-26' and '2026-11-04'"
    )
    assert rows[-1] == ("Display Retargeting", None, float(then), None, None, clicks, None)
    assert rows[0][0] == "Display Prospecting"
    reverse = MetricQuery(("spend",), window.before(), ("campaign",), compare=window, filters=query.filters)
    retargeting = [row for row in rows_of(a_door(), compile_query(reverse, model)) if row[0] == "Display Retargeting"]
    assert retargeting == [("Display Retargeting", float(then), None, None)]


def test_a_change_from_nothing_is_not_available(a_door: Door, model: SemanticModel) -> None:
    query = MetricQuery(
        ("spend", "roas"), WEEK, ("channel",), compare=WEEK.before(), filters=(Filter("channel", ("Organic",)),)
    )
    assert rows_of(a_door(), compile_query(query, model)) == [("Organic", 0.0, 0.0, None, None, None, None)]


def test_totals_are_one_row(a_door: Door, model: SemanticModel, by_hand: ByHand) -> None:
    query = MetricQuery(("revenue", "roas"), WEEK, compare=WEEK.before())
    ((now, roas, then, roas_then),) = by_hand("""
        with t as (select date, revenue r, spend s from ad_performance),
             a as (select sum(r) r, sum(s) s from t where date between '2026-11-08' and '2026-11-14'),
             b as (select sum(r) r, sum(s) s from t where date between '2026-11-01' and '2026-11-07')
        select a.r, a.r / a.s, b.r, b.r / b.s from a, b
    """)
    (row,) = rows_of(a_door(), compile_query(query, model))
    assert row == approximately([(now, then, now / then - 1, roas, roas_then, roas / roas_then - 1)])[0]


def test_a_window_without_rows_gives_null_not_zero(a_door: Door, model: SemanticModel) -> None:
    future = Window(date(2027, 1, 1), date(2027, 1, 7))
    assert rows_of(a_door(), compile_query(MetricQuery(("spend", "roas"), future), model)) == [(None, None)]
    assert rows_of(a_door(), compile_query(MetricQuery(("spend",), future, ("campaign",)), model)) == []


@pytest.mark.parametrize(("grain", "periods"), [("day", 61), ("week", 9), ("month", 2)])
def test_a_trend_is_by_calendar_oldest_first(
    a_door: Door, model: SemanticModel, by_hand: ByHand, grain: Any, periods: int
) -> None:
    window = Window(date(2026, 9, 1), date(2026, 10, 31))
    expected = by_hand(f"""
        select date_trunc('{grain}', date)::date, sum(spend) from ad_performance
        where date between '2026-09-01' and '2026-10-31' group by 1 order by 1
    """)
    rows = rows_of(a_door(), compile_query(MetricQuery(("spend",), window, grain=grain), model))
    assert len(rows) == periods
    assert rows == approximately(expected)


def test_a_trend_is_compared_day_by_day(a_door: Door, model: SemanticModel, by_hand: ByHand) -> None:
    expected = by_hand("""
        select a.date, a.s, b.s from (select date, sum(spend) s from ad_performance group by 1) a
        join (select date, sum(spend) s from ad_performance group by 1) b on b.date = a.date - 7
        where a.date between '2026-11-08' and '2026-11-14' order by 1
    """)
    rows = rows_of(a_door(), compile_query(MetricQuery(("spend",), WEEK, grain="day", compare=WEEK.before()), model))
    assert [row[:3] for row in rows] == approximately(expected)


def test_whole_months_are_compared_month_by_month(a_door: Door, model: SemanticModel, by_hand: ByHand) -> None:
    query = MetricQuery(
        ("spend",),
        Window(date(2026, 2, 1), date(2026, 3, 31)),
        grain="month",
        compare=Window(date(2025, 12, 1), date(2026, 1, 31)),
    )
    months = dict(by_hand("select date_trunc('month', date)::date, sum(spend) from ad_performance group by 1"))
    expected = [
        ("2026-02-01", months[date(2026, 2, 1)], months[date(2025, 12, 1)]),
        ("2026-03-01", months[date(2026, 3, 1)], months[date(2026, 1, 1)]),
    ]
    assert [row[:3] for row in rows_of(a_door(), compile_query(query, model))] == approximately(expected)


def test_a_trend_shows_no_day_beyond_its_window(a_door: Door, model: SemanticModel) -> None:
    february, january = Window(date(2026, 2, 1), date(2026, 2, 28)), Window(date(2026, 1, 1), date(2026, 1, 31))
    rows = rows_of(a_door(), compile_query(MetricQuery(("spend",), february, grain="day", compare=january), model))
    assert (len(rows), rows[-1][0]) == (28, "2026-02-28")


def test_cpa_over_target_is_found_per_campaign(a_door: Door, model: SemanticModel) -> None:
    query = MetricQuery(("cpa",), WEEK, ("campaign",), having=(Having("cpa", ">", None),), targets=True)
    ((name, cpa, target),) = rows_of(a_door(), compile_query(query, model))
    assert (name, target) == ("Competitor Search", 36.0)
    assert cpa > 36


def test_conditions_hold_together_also_on_metrics_that_are_not_shown(a_door: Door, model: SemanticModel) -> None:
    having = (Having("roas", "<", 2), Having("conversions", ">=", 200))
    for compare in (None, WEEK.before()):
        query = MetricQuery(("spend",), WEEK, ("campaign",), compare=compare, having=having)
        assert [row[0] for row in rows_of(a_door(), compile_query(query, model))] == ["Generic Search"]


def test_a_target_is_compared_with_although_it_is_not_shown(a_door: Door, model: SemanticModel) -> None:
    query = MetricQuery(("spend",), WEEK, ("campaign",), compare=WEEK.before(), having=(Having("cpa", ">", None),))
    compiled = compile_query(query, model)
    assert [column.name for column in compiled.columns] == ["campaign", "spend", "spend_previous", "spend_change"]
    assert [row[0] for row in rows_of(a_door(), compiled)] == ["Competitor Search"]


@pytest.mark.parametrize(
    ("filters", "condition"),
    [
        ((Filter("market", ("NL",)),), "market = 'NL'"),
        ((Filter("market", ("NL", "BE")),), "market IN ('NL', 'BE')"),
        ((Filter("market", ("NL",), exclude=True),), "market IS DISTINCT FROM 'NL'"),
        ((Filter("market", ("NL", "BE"), exclude=True),), "(market NOT IN ('NL', 'BE') OR market IS NULL)"),
        ((Filter("market", ("O'Brien",)),), "market = 'O''Brien'"),
        ((Filter("market", ("x'; DROP TABLE ad_performance; --",)),), "market = 'x''; DROP TABLE ad_performance; --'"),
    ],
)
def test_a_filter_is_one_line_of_sql(model: SemanticModel, filters: tuple[Filter, ...], condition: str) -> None:
    compiled = compile_query(MetricQuery(("spend",), WEEK, filters=filters), model)
    assert compiled.sql.endswith(f"\n  AND {condition}")
    check(compiled.sql, model)


HOLES = """
    create table ad_performance as
    select date '2026-11-10' as date, campaign, channel, 'NL' as market, 1 as impressions, 1 as clicks, spend,
           1 as conversions, 2 as revenue, null::double as target_cpa, null::double as target_roas
    from (values ('a', 'Video', 1.0), ('b', null, 2.0), (null, 'Social', 4.0)) as v(campaign, channel, spend)
"""


def test_rows_without_a_member_are_kept_and_counted_once(
    model: SemanticModel, a_file: Callable[..., Path], a_door: Door
) -> None:
    door = a_door(a_file("holes.duckdb", HOLES, empty=True))
    excluded = MetricQuery(("spend",), WEEK, filters=(Filter("channel", ("Video",), exclude=True),))
    assert rows_of(door, compile_query(excluded, model)) == [(6.0,)]
    by_campaign = MetricQuery(("spend",), WEEK, ("campaign",), compare=WEEK.before())
    assert [row[:2] for row in rows_of(door, compile_query(by_campaign, model))] == [
        (None, 4.0),
        ("b", 2.0),
        ("a", 1.0),
    ]
    by_name = MetricQuery(("spend",), WEEK, ("campaign",), order_by="campaign", descending=False)
    assert [row[0] for row in rows_of(door, compile_query(by_name, model))] == ["a", "b", None]
    assert door.members("campaign") == ("a", "b")


@pytest.mark.parametrize(
    ("order_by", "descending", "clause"),
    [
        (None, True, "ORDER BY spend DESC NULLS LAST, campaign, market"),
        (None, False, "ORDER BY spend ASC NULLS LAST, campaign, market"),
        ("roas", False, "ORDER BY roas ASC NULLS LAST, campaign, market"),
        ("market", False, "ORDER BY market, campaign"),
        ("market", True, "ORDER BY market DESC NULLS LAST, campaign"),
    ],
)
def test_the_order_is_total(model: SemanticModel, order_by: str | None, descending: bool, clause: str) -> None:
    query = MetricQuery(("spend", "roas"), WEEK, ("campaign", "market"), order_by=order_by, descending=descending)
    assert compile_query(query, model).sql.splitlines()[-1] == clause


def test_a_trend_is_oldest_first_even_when_descending_is_the_default(model: SemanticModel) -> None:
    assert compile_query(MetricQuery(("spend",), WEEK, ("market",), grain="day"), model).sql.endswith(
        "ORDER BY day, market"
    )


def test_members_can_be_listed_without_a_metric(a_door: Door, model: SemanticModel) -> None:
    compiled = compile_query(MetricQuery((), WEEK, ("market",)), model)
    assert rows_of(a_door(), compiled) == [("BE",), ("DE",), ("NL",)]


def test_a_metric_named_twice_is_shown_once(model: SemanticModel) -> None:
    compiled = compile_query(MetricQuery(("spend", "spend"), WEEK, ("market", "market")), model)
    assert [column.name for column in compiled.columns] == ["market", "spend"]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (MetricQuery(("bounce_rate",), WEEK), "no metric 'bounce_rate' .there are 'impressions', 'clicks'"),
        (
            MetricQuery(("spend",), WEEK, ("planet",)),
            "no dimension 'planet' .there are 'campaign', 'channel', 'market'",
        ),
        (MetricQuery(("spend",), WEEK, filters=(Filter("planet", ("Mars",)),)), "no dimension 'planet'"),
        (MetricQuery(("spend",), WEEK, filters=(Filter("market", ()),)), "'market' names no value"),
        (MetricQuery(("spend",), WEEK, having=(Having("bounces", "<", 1),)), "no metric 'bounces'"),
        (MetricQuery(("spend",), WEEK, having=(Having("spend", "<", None),)), "'spend' has no target"),
        (MetricQuery(("cpa",), WEEK, ("market",), having=(Having("cpa", ">", None),)), "target per 'campaign'. Group"),
        (MetricQuery(("spend",), WEEK, having=(Having("spend", "<", float("nan")),)), "Name a finite number"),
        (MetricQuery(("spend",), WEEK, ("market",), order_by="roas"), "no column 'roas' .there are 'market', 'spend'"),
        (MetricQuery(("spend",), WEEK, ("market",), limit=0), "asks for 0 rows"),
        (MetricQuery((), WEEK), "asks for nothing"),
        (MetricQuery(("spend",), WEEK, grain="day", compare=WEEK), "the two share days"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(model: SemanticModel, query: MetricQuery, reason: str) -> None:
    with pytest.raises(DefinitionRefused, match=reason):
        compile_query(query, model)


def test_an_enforced_filter_on_an_unknown_dimension_is_refused(model: SemanticModel) -> None:
    with pytest.raises(DefinitionRefused, match="no dimension 'planet'"):
        compile_query(MetricQuery(("spend",), WEEK), model, enforced={"planet": "Mars"})


def test_two_columns_of_one_name_are_refused(model: SemanticModel) -> None:
    twin = Metric(name="spend_previous", label="x", agg="sum", expr="spend", format="number")
    clash = model.model_copy(update={"metrics": (*model.metrics, twin)})
    with pytest.raises(DefinitionRefused, match="the column 'spend_previous' twice"):
        compile_query(MetricQuery(("spend", "spend_previous"), WEEK, compare=WEEK.before()), clash)


def test_a_dimension_named_like_a_word_of_sql_is_quoted(model: SemanticModel, a_door: Door) -> None:
    order = Dimension(
        name="order", label="Order", plural="orders", expr="CASE WHEN market = 'NL' THEN 'home' ELSE 'away' END"
    )
    odd = model.model_copy(update={"dimensions": (*model.dimensions, order)})
    for compare in (None, WEEK.before()):
        query = MetricQuery(("spend",), WEEK, ("order",), compare=compare, filters=(Filter("order", ("home",)),))
        assert [row[0] for row in rows_of(a_door(model=odd), compile_query(query, odd))] == ["home"]
    assert a_door(model=odd).members("order") == ("away", "home")
    assert a_door(model=odd, order="home").members("market") == ("NL",)


@pytest.mark.parametrize(("agg", "expr"), [("count", "*"), ("avg", "spend"), ("min", "spend"), ("max", "clicks * 2")])
def test_other_aggregates_are_compared_too(
    model: SemanticModel, a_door: Door, by_hand: ByHand, agg: Any, expr: str
) -> None:
    metric = Metric(name="figure", label="Figure", agg=agg, expr=expr, format="number")
    wide = model.model_copy(update={"metrics": (*model.metrics, metric)})
    (expected,) = by_hand(f"select {agg}({expr}) from ad_performance where date between '2026-11-08' and '2026-11-14'")
    for compare in (None, WEEK.before()):
        (row,) = rows_of(a_door(model=wide), compile_query(MetricQuery(("figure",), WEEK, compare=compare), wide))
        assert row[0] == pytest.approx(float(expected[0]))


def test_freshness_is_the_first_and_the_last_day(a_door: Door, model: SemanticModel) -> None:
    compiled = compile_freshness(model)
    assert rows_of(a_door(), compiled) == [("2025-10-11", "2026-11-14")]
    assert [column.format for column in compiled.columns] == ["date", "date"]


def test_members_are_a_query_of_their_own(model: SemanticModel) -> None:
    assert compile_members("market", model, limit=3).sql == (
        "SELECT DISTINCT CAST(market AS VARCHAR) AS market\n"
        "FROM ad_performance\n"
        "WHERE market IS NOT NULL\n"
        "ORDER BY market\n"
        "LIMIT 3"
    )


DIMENSIONS = ("campaign", "channel", "market")
DAYS = st.integers(0, 60).map(lambda ago: date(2026, 11, 14) - timedelta(days=ago))
WINDOWS = st.tuples(DAYS, st.integers(0, 20)).map(lambda pair: Window(pair[0] - timedelta(days=pair[1]), pair[0]))
QUERIES = st.builds(
    MetricQuery,
    metrics=st.lists(st.sampled_from(["spend", "clicks", "roas", "cpa"]), min_size=1, unique=True).map(tuple),
    window=WINDOWS,
    dimensions=st.lists(st.sampled_from(DIMENSIONS), unique=True).map(tuple),
    compare=st.none() | WINDOWS,
    filters=st.lists(
        st.builds(
            Filter,
            st.just("market"),
            st.lists(st.sampled_from(["NL", "BE", "DE", "FR"]), min_size=1, unique=True).map(tuple),
            st.booleans(),
        ),
        max_size=2,
    ).map(tuple),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=QUERIES)
def test_any_query_passes_the_guard_and_agrees_with_python(
    one_door: DuckDbDoor, model: SemanticModel, calculate: Calculate, query: MetricQuery
) -> None:
    compiled = compile_query(query, model)
    expected = calculate(query)
    found = {row[: len(query.dimensions)]: row[len(query.dimensions) :] for row in rows_of(one_door, compiled)}
    assert found == dict(zip(expected, approximately(list(expected.values())), strict=True))
