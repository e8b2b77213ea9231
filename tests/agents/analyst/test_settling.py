"""Days whose values may still change."""

from __future__ import annotations

from datetime import date

import pytest

from interact.agents.analyst.settling import low_or_high, settlings, unsettled
from interact.warehouse.queries import Window
from interact.warehouse.semantic import SemanticModel

TODAY = date(2026, 6, 18)
WEEK = Window(date(2026, 6, 11), date(2026, 6, 17))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, None),
        (1, None),
        (2, Window(date(2026, 6, 17), date(2026, 6, 17))),
        (4, Window(date(2026, 6, 15), date(2026, 6, 17))),
        (30, WEEK),
    ],
)
def test_days_settle_today_among_them(days: int, expected: Window | None) -> None:
    assert unsettled(days, WEEK, TODAY) == expected


def test_what_settles_longest_comes_first_and_a_ratio_settles_with_its_parts() -> None:
    model = SemanticModel.model_validate(
        {
            "name": "trials",
            "base_table": "trials",
            "time_dimension": {"name": "day", "label": "Day", "expr": "day"},
            "dimensions": [{"name": "plan"}],
            "metrics": [
                {"name": "trials", "agg": "count", "expr": "id"},
                {"name": "converted", "agg": "sum", "expr": "converted", "settles_days": 14},
                {"name": "rate", "type": "ratio", "numerator": "converted", "denominator": "trials"},
                {"name": "cost", "agg": "sum", "expr": "cost", "settles_days": 3},
            ],
        }
    )
    names = ("trials", "converted", "rate", "cost")
    longest, shortest = settlings(names, model, window=WEEK, on_date=TODAY)
    assert [each.name for each in longest.metrics] == ["converted", "rate"]
    assert (longest.days, longest.now) == (14, WEEK)
    assert (shortest.metrics[0].name, shortest.now) == ("cost", Window(date(2026, 6, 16), date(2026, 6, 17)))


def test_a_ratio_is_too_low_or_too_high_by_the_part_of_it_that_settles() -> None:
    model = SemanticModel.model_validate(
        {
            "name": "leads",
            "base_table": "leads",
            "time_dimension": {"name": "day", "label": "Day", "expr": "day"},
            "dimensions": [{"name": "plan"}],
            "metrics": [
                {"name": "cost", "agg": "sum", "expr": "cost"},
                {"name": "leads", "agg": "count", "expr": "id", "settles_days": 4},
                {"name": "value", "agg": "sum", "expr": "value", "settles_days": 4},
                {"name": "longest", "agg": "max", "expr": "value", "settles_days": 4},
                {"name": "rate", "type": "ratio", "numerator": "leads", "denominator": "cost"},
                {"name": "price", "type": "ratio", "numerator": "cost", "denominator": "leads"},
                {"name": "worth", "type": "ratio", "numerator": "value", "denominator": "leads"},
                {"name": "gain", "type": "derived", "expr": "value - cost"},
            ],
        }
    )
    ways = {name: low_or_high(model.metric(name), model) for name in ("leads", "rate", "price", "worth", "gain")}
    assert ways == {"leads": "low", "rate": "low", "price": "high", "worth": "", "gain": ""}
    assert low_or_high(model.metric("longest"), model) == ""
