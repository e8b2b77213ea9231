"""Who moved a total: parts that add up to the change exactly, on results made by hand and by chance."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interact.agents.analyst.drivers import Driver, contributors, drivers, movers
from interact.chats.result import Column, Result, Value
from interact.warehouse.semantic import SemanticModel

SHOP = SemanticModel.model_validate(
    {
        "name": "shop",
        "base_table": "sales",
        "time_dimension": {"name": "day", "label": "Day", "expr": "day"},
        "dimensions": [{"name": "product"}],
        "metrics": [
            {"name": "revenue", "agg": "sum", "expr": "total"},
            {"name": "cost", "agg": "sum", "expr": "cost"},
            {"name": "orders", "agg": "count", "expr": "id"},
            {"name": "buyers", "agg": "count_distinct", "expr": "buyer"},
            {"name": "profit", "type": "derived", "expr": "revenue - cost"},
            {"name": "margin", "type": "derived", "expr": "profit / revenue"},
            {"name": "aov", "type": "ratio", "numerator": "revenue", "denominator": "orders"},
        ],
    }
)
FIGURE = st.one_of(st.none(), st.integers(0, 1000).map(float))
ROW = st.tuples(*[FIGURE] * 6)


def result(names: str, *rows: tuple[Value, ...]) -> Result:
    columns = tuple(Column(name=name, label=name) for name in names.split())
    return Result(result_id="result_000000000001", title="t", sql="SELECT 1", columns=columns, rows=rows)


def members(*rows: tuple[Value, ...]) -> Result:
    sides = [f"{name}{side}" for name in ("revenue", "cost", "orders") for side in ("", "_previous")]
    names = " ".join(["product", *sides, "profit_previous", "margin_previous", "aov_previous"])
    return result(names, *((f"p{number}", *row, 1, 1, 1) for number, row in enumerate(rows)))


def total(whole: Result, name: str, side: str) -> float:
    def added(column: str) -> float:
        return sum(float(value or 0) for value in whole.values(f"{column}{side}"))  # type: ignore[arg-type]

    figures = {"revenue": added("revenue"), "profit": added("revenue") - added("cost")}
    if name == "aov":
        return figures["revenue"] / added("orders")
    return figures["profit"] / figures["revenue"] if name == "margin" else figures[name]


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=8), name=st.sampled_from(["revenue", "profit", "margin", "aov"]))
def test_the_parts_of_a_change_add_up_to_it_exactly(rows: list[tuple[Value, ...]], name: str) -> None:
    whole = members(*rows)
    try:
        change = total(whole, name, "") - total(whole, name, "_previous")
    except ZeroDivisionError:
        return
    parts = drivers(whole, SHOP.metric(name), SHOP)
    assert sum(each.part for each in parts) == pytest.approx(change, rel=1e-9, abs=1e-9)


def test_a_rate_that_fell_is_told_from_a_share_that_grew() -> None:
    rate = members((50, 100, 0, 0, 10, 10), (400, 400, 0, 0, 10, 10))
    assert drivers(rate, SHOP.metric("aov"), SHOP) == [Driver(0, -2.5, 0.0), Driver(1, 0.0, 0.0)]
    mix = drivers(members((200, 100, 0, 0, 20, 10), (400, 400, 0, 0, 10, 10)), SHOP.metric("aov"), SHOP)
    assert [each.rate for each in mix] == [0.0, 0.0]
    assert all(each.mix < 0 for each in mix)


def test_who_came_and_who_went_moved_the_total_by_mix_alone() -> None:
    parts = drivers(members((100, None, 0, None, 10, None), (None, 300, None, 0, None, 10)), SHOP.metric("aov"), SHOP)
    assert [each.rate for each in parts] == [0.0, 0.0]
    assert sum(each.mix for each in parts) == pytest.approx(-20)


def test_a_total_that_members_do_not_explain_has_no_drivers() -> None:
    whole = result("product buyers buyers_previous", ("a", 3, 5), ("b", 4, 4))
    assert drivers(whole, SHOP.metric("buyers"), SHOP) == []
    assert drivers(result("product revenue", ("a", 3)), SHOP.metric("revenue"), SHOP) == []


def test_who_moved_a_total_is_named_the_largest_part_first() -> None:
    whole = members((20, 80, 0, 0, 20, 20), (100, 100, 0, 0, 20, 20), (60, 50, 0, 0, 10, 10), (None, 10, 0, 0, 0, 1))
    assert contributors(whole, SHOP.metric("revenue"), SHOP, good=False) == [0, 3]
    assert contributors(whole, SHOP.metric("revenue"), SHOP, good=True) == [2]
    assert contributors(whole, SHOP.metric("aov"), SHOP, good=False)[0] == 0


def test_a_small_base_makes_no_mover() -> None:
    whole = result(
        "product revenue revenue_previous revenue_change",
        ("tiny", 10, 1, 9.0),
        ("large", 150, 100, 0.5),
        ("fell", 50, 100, -0.5),
        ("new", 10, None, None),
    )
    assert movers(whole, SHOP.metric("revenue"), up=True) == [1]
    assert movers(whole, SHOP.metric("revenue"), up=False) == [2]
