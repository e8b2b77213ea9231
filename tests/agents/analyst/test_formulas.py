"""Metrics as arithmetic on sums."""

from __future__ import annotations

import pytest

from interact.agents.analyst.formulas import Formula, adds_up, formula_of
from interact.warehouse.semantic import SemanticModel


def model(**derived: str) -> SemanticModel:
    return SemanticModel.model_validate(
        {
            "name": "shop",
            "base_table": "sales",
            "time_dimension": {"name": "day", "label": "Day", "expr": "day"},
            "dimensions": [{"name": "product"}],
            "metrics": [
                {"name": "revenue", "agg": "sum", "expr": "total"},
                {"name": "cost", "agg": "sum", "expr": "cost"},
                {"name": "orders", "agg": "count", "expr": "id"},
                {"name": "balance", "agg": "sum", "expr": "balance", "semi_additive": "last"},
                {"name": "middle", "agg": "median", "expr": "total"},
                {"name": "aov", "type": "ratio", "numerator": "revenue", "denominator": "orders"},
                {"name": "profit", "type": "derived", "expr": "revenue - cost"},
                *({"name": name, "type": "derived", "expr": expr} for name, expr in derived.items()),
            ],
        }
    )


@pytest.mark.parametrize(
    ("expr", "formula"),
    [
        ("profit", Formula({"revenue": 1, "cost": -1})),
        ("2 * (revenue - cost) / 4", Formula({"revenue": 0.5, "cost": -0.5})),
        ("profit / revenue", Formula({"revenue": 1, "cost": -1}, {"revenue": 1})),
        ("100 * profit / revenue", Formula({"revenue": 100, "cost": -100}, {"revenue": 1})),
        ("1 - cost / revenue", Formula({"revenue": 1, "cost": -1}, {"revenue": 1})),
        ("-cost", Formula({"cost": -1})),
        ("cost / balance", Formula({"cost": 1}, {"balance": 1})),
        ("revenue + 5", None),
        ("revenue * cost", None),
        ("aov / orders", None),
        ("middle - cost", None),
        ("coalesce(revenue, 0)", None),
        ("revenue / 0", None),
    ],
)
def test_a_derived_metric_is_one_sum_or_one_sum_over_another(expr: str, formula: Formula | None) -> None:
    made = model(found=expr)
    assert formula_of(made.metric("found"), made) == formula


def test_ratios_and_sums_are_formulas_and_medians_are_not() -> None:
    made = model()
    assert formula_of(made.metric("aov"), made) == Formula({"revenue": 1}, {"orders": 1})
    assert formula_of(made.metric("revenue"), made) == Formula({"revenue": 1})
    assert formula_of(made.metric("middle"), made) is None
    assert [each.name for each in made.metrics if adds_up(each)] == ["revenue", "cost", "orders", "balance"]
