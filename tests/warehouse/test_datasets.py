"""Questions to several datasets: how the SQL reads, and what is refused with what can be asked."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from builders.small_shop import small_shop
from interact.errors import DefinitionRefused
from interact.warehouse.compile import compile_freshness, compile_members, compile_query
from interact.warehouse.queries import Filter, Having, MetricQuery, Window
from interact.warehouse.semantic import SemanticModel

MARCH = Window(date(2026, 3, 1), date(2026, 3, 31))
FEBRUARY = Window(date(2026, 2, 1), date(2026, 2, 28))
MODEL = small_shop()


def sql_of(
    *metrics: str, by: tuple[str, ...] = (), window: Window = MARCH, dialect: str = "duckdb", **more: Any
) -> str:
    return compile_query(MetricQuery(metrics, window, by, **more), MODEL, dialect=dialect).sql


def with_changes(**changes: Any) -> SemanticModel:
    return SemanticModel.model_validate(MODEL.model_dump() | {"default_metrics": []} | changes)


def test_only_the_datasets_that_are_used_are_joined_from_many_to_one() -> None:
    query = MetricQuery(("revenue",), MARCH, ("country",), filters=(Filter("segment", ("old",)),), limit=3)
    assert compile_query(query, MODEL).sql == (
        "SELECT\n"
        "  countries.title AS country,\n"
        "  SUM(orders.amount) AS revenue\n"
        "FROM shop_orders AS orders\n"
        "LEFT JOIN countries ON orders.country_code = countries.code\n"
        "LEFT JOIN customers ON orders.customer_id = customers.customer_id\n"
        "WHERE orders.ordered_at >= DATE '2026-03-01' AND orders.ordered_at < DATE '2026-04-01'\n"
        "  AND customers.segment = 'old'\n"
        "  AND orders.paid\n"
        "GROUP BY countries.title\n"
        "ORDER BY revenue DESC NULLS LAST, country\n"
        "LIMIT 3"
    )
    assert "JOIN" not in sql_of("revenue", by=("size",))


def test_each_dataset_is_added_up_by_itself_and_joined_on_the_groups() -> None:
    assert sql_of("conversion_rate", by=("country",)) == (
        "WITH orders_totals AS (\n"
        "  SELECT\n"
        "    countries.title AS country,\n"
        "    COUNT(orders.order_id) AS orders\n"
        "  FROM shop_orders AS orders\n"
        "  LEFT JOIN countries ON orders.country_code = countries.code\n"
        "  WHERE orders.ordered_at >= DATE '2026-03-01' AND orders.ordered_at < DATE '2026-04-01'\n"
        "  GROUP BY countries.title\n"
        "),\n"
        "visits_totals AS (\n"
        "  SELECT\n"
        "    countries.title AS country,\n"
        "    SUM(visits.visits) AS visits\n"
        "  FROM visits\n"
        "  LEFT JOIN countries ON visits.country_code = countries.code\n"
        "  WHERE visits.day BETWEEN DATE '2026-03-01' AND DATE '2026-03-31'\n"
        "  GROUP BY countries.title\n"
        "),\n"
        "groups AS (\n"
        "  SELECT country FROM orders_totals\n"
        "  UNION\n"
        "  SELECT country FROM visits_totals\n"
        ")\n"
        "SELECT\n"
        "  groups.country AS country,\n"
        "  COALESCE(orders, 0) / NULLIF(visits, 0) AS conversion_rate\n"
        "FROM groups\n"
        "LEFT JOIN orders_totals ON orders_totals.country IS NOT DISTINCT FROM groups.country\n"
        "LEFT JOIN visits_totals ON visits_totals.country IS NOT DISTINCT FROM groups.country\n"
        "ORDER BY conversion_rate DESC NULLS LAST, country"
    )


def test_totals_of_two_datasets_are_one_row() -> None:
    assert sql_of("gain").endswith("  revenue - 2 * visits AS gain\nFROM orders_totals\nCROSS JOIN visits_totals")


def test_metrics_by_two_times_of_one_dataset_are_apart() -> None:
    sql = sql_of("orders", "shipped_orders")
    assert "WITH orders_ordered_totals AS" in sql
    assert "WHERE shipped_on BETWEEN DATE '2026-03-01' AND DATE '2026-03-31'" in sql


def test_a_derived_metric_of_derived_ones_has_brackets_and_no_zero_to_divide_by() -> None:
    assert "100 * (revenue - 2 * visits) / NULLIF(revenue, 0) / NULLIF(COALESCE(orders, 0) - 1, 0) AS margin" in sql_of(
        "margin"
    )


def test_filters_of_one_metric_are_a_condition_and_of_several_each_its_own() -> None:
    assert "WHERE ordered_at >= DATE '2026-03-01' AND ordered_at < DATE '2026-04-01'\n  AND paid" in sql_of("revenue")
    both = sql_of("revenue", "open_orders", by=("size",))
    assert "SUM(amount) FILTER (WHERE paid) AS revenue" in both
    assert "COUNT(*) FILTER (WHERE (NOT paid OR paid IS NULL)) AS open_orders" in both
    assert "  AND (paid OR (NOT paid OR paid IS NULL))\nGROUP BY" in both
    assert "OR" not in sql_of("revenue", "orders", by=("size",)).replace("ORDER", "")


def test_a_stock_is_that_of_the_last_day_of_all_rows_whatever_the_query_filters() -> None:
    assert sql_of("stock", filters=(Filter("country", ("Holland",)),)) == (
        "WITH dates AS (\n"
        "  SELECT\n"
        "    MAX(CAST(stock.day AS DATE)) AS last_date\n"
        "  FROM stock\n"
        "  WHERE stock.day >= DATE '2026-03-01' AND stock.day < DATE '2026-04-01'\n"
        ")\n"
        "SELECT\n"
        "  SUM(stock.units) AS stock\n"
        "FROM stock\n"
        "LEFT JOIN countries ON stock.country_code = countries.code\n"
        "CROSS JOIN dates\n"
        "WHERE stock.day >= DATE '2026-03-01' AND stock.day < DATE '2026-04-01'\n"
        "  AND countries.title = 'Holland'\n"
        "  AND CAST(stock.day AS DATE) = dates.last_date"
    )


def test_a_stock_by_month_is_that_of_each_months_last_day() -> None:
    sql = sql_of("stock", "usual_stock", grain="month", compare=FEBRUARY)
    assert "GROUP BY CAST(date_trunc('month', CASE WHEN is_now THEN" in sql
    assert "SUM(stock.units) FILTER (WHERE is_previous AND CAST(stock.day AS DATE) = dates.last_date_previous)" in sql
    assert "SUM(stock.units) FILTER (WHERE is_now) / NULLIF(MAX(dates.number_of_days), 0) AS usual_stock" in sql


@pytest.mark.parametrize(
    ("grain", "window", "compare", "shift"),
    [
        (
            "quarter",
            (date(2026, 4, 1), date(2026, 9, 30)),
            (date(2025, 10, 1), date(2026, 3, 31)),
            "INTERVAL '6 month'",
        ),
        ("year", (date(2026, 1, 1), date(2026, 6, 30)), (date(2025, 1, 1), date(2025, 6, 30)), "INTERVAL '12 month'"),
        ("quarter", (date(2026, 5, 1), date(2026, 6, 30)), (date(2026, 2, 1), date(2026, 3, 31)), "+ 89 END"),
    ],
)
def test_whole_quarters_and_years_are_compared_by_the_calendar(
    grain: Any, window: tuple[date, date], compare: tuple[date, date], shift: str
) -> None:
    assert shift in sql_of("visits", grain=grain, window=Window(*window), compare=Window(*compare))


def test_one_condition_of_several_is_enough_where_it_says_so() -> None:
    having = (Having("visits", ">", 5), Having("conversion_rate", "<", None))
    sql = sql_of("visits", by=("country",), having=having, any_of=True)
    assert "WHERE visits > 5 OR COALESCE(orders, 0) / NULLIF(visits, 0) < 0.5\n" in sql
    assert "HAVING SUM(amount) > 5 OR COUNT(order_id) < 2" in sql_of(
        "takings",
        by=("currency",),
        having=(Having("takings", ">", 5), Having("orders", "<", 2)),
        any_of=True,
    )


def test_a_number_is_a_target_without_groups_and_per_a_dimension_only_with_it() -> None:
    query = MetricQuery(("conversion_rate", "aov"), MARCH, targets=True)
    assert [column.name for column in compile_query(query, MODEL).columns] == [
        "conversion_rate",
        "conversion_rate_target",
        "aov",
    ]


def test_money_in_several_currencies_is_never_added() -> None:
    with pytest.raises(
        DefinitionRefused, match=r"'takings' is money in several currencies.*Group by 'currency', filter"
    ):
        sql_of("takings")
    for query in (
        MetricQuery(("takings",), MARCH, ("currency",)),
        MetricQuery(("takings",), MARCH, filters=(Filter("currency", ("GBP",)),)),
        MetricQuery(("euros",), MARCH),
    ):
        compile_query(query, MODEL)
    several = Filter("currency", ("EUR", "GBP"))
    all_but_one = Filter("currency", ("EUR",), exclude=True)
    for narrow in (several, all_but_one):
        with pytest.raises(DefinitionRefused, match="several currencies"):
            sql_of("takings", filters=(narrow,))


def test_money_has_the_unit_that_it_is_converted_to_or_that_its_rows_are_held_to() -> None:
    model = with_changes(
        metrics=[
            each.model_dump() | {"format": "currency"} for each in MODEL.metrics if each.name in ("takings", "euros")
        ]
    )
    held = {"currency": "GBP"}
    (column,) = compile_query(MetricQuery(("takings",), MARCH), model, enforced=held).columns
    assert column.unit == "GBP"
    (column,) = compile_query(MetricQuery(("euros",), MARCH), model, enforced=held).columns
    assert column.unit == "EUR"
    assert compile_query(MetricQuery(("takings",), MARCH, ("currency",)), model).columns[1].unit is None


def test_a_metric_that_does_not_lead_to_a_dimension_names_those_that_do() -> None:
    reason = (
        r"Metric 'conversion_rate' cannot be shown by 'segment': no relationship leads from dataset 'visits' to "
        r"'customers'\. Metrics that can: 'revenue', 'orders', 'open_orders', 'customers'"
    )
    with pytest.raises(DefinitionRefused, match=reason):
        sql_of("conversion_rate", by=("segment",))
    with pytest.raises(DefinitionRefused, match="'visits' cannot be narrowed to a 'segment'"):
        sql_of("visits", filters=(Filter("segment", ("old",)),))
    with pytest.raises(DefinitionRefused, match="'visits' cannot be narrowed to a 'segment'"):
        compile_query(MetricQuery(("visits",), MARCH), MODEL, enforced={"segment": "old"})


def test_what_tells_who_a_person_is_is_refused_everywhere() -> None:
    hidden = {"name": "customer", "dataset": "orders", "expr": "customer_id", "pii": True}
    model = with_changes(dimensions=[*(each.model_dump() for each in MODEL.dimensions), hidden])
    told = r"Dimension 'customer' is `pii`: .* \(what may be: 'country', 'segment', 'currency', 'size'\)"
    for query in (
        MetricQuery(("orders",), MARCH, ("customer",)),
        MetricQuery(("orders",), MARCH, filters=(Filter("customer", ("1",)),)),
    ):
        with pytest.raises(DefinitionRefused, match=told):
            compile_query(query, model)
    with pytest.raises(DefinitionRefused, match=told):
        compile_query(MetricQuery(("orders",), MARCH), model, enforced={"customer": "1"})
    with pytest.raises(DefinitionRefused, match=told):
        compile_members("customer", model, limit=5)
    with pytest.raises(
        DefinitionRefused, match=r"no dimension 'x' \(there are 'country', 'segment', 'currency', 'size'\)"
    ):
        compile_members("x", model, limit=5)


def test_members_without_a_metric_are_those_of_a_dataset_that_leads_to_all() -> None:
    assert "FROM shop_orders AS orders\n" in compile_query(MetricQuery((), MARCH, ("country", "segment")), MODEL).sql
    lonely = with_changes(relationships=[each.model_dump() for each in MODEL.relationships if each.to != "customers"])
    with pytest.raises(DefinitionRefused, match="No dataset with a time dimension leads to 'country', 'segment'"):
        compile_query(MetricQuery((), MARCH, ("country", "segment")), lonely)


def test_members_are_those_of_the_dimensions_own_dataset() -> None:
    assert "FROM countries\n" in compile_members("country", MODEL, limit=5).sql


def test_each_dataset_with_metrics_says_its_first_and_last_day() -> None:
    assert MODEL.measured == ("orders", "visits", "stock")
    assert compile_freshness(MODEL).sql.endswith("FROM shop_orders")
    assert compile_freshness(MODEL, "visits").sql == (
        "SELECT\n  MIN(day) AS first_date,\n  MAX(day) AS last_date\nFROM visits"
    )
    assert "MAX(CAST(day AS DATE)) AS last_date" in compile_freshness(MODEL, "stock").sql


def test_an_expression_that_is_no_sql_is_named() -> None:
    dimensions = [each.model_dump() for each in MODEL.dimensions] + [
        {"name": "odd", "dataset": "orders", "expr": "a 5 b"}
    ]
    model = with_changes(dimensions=dimensions)
    with pytest.raises(DefinitionRefused, match=r"The model's 'a 5 b' cannot be read as SQL"):
        compile_query(MetricQuery(("orders",), MARCH, ("odd", "country")), model)
