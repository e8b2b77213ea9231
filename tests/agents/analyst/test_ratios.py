"""Ratios that a prompt makes of two metrics."""

from __future__ import annotations

import pytest

from builders.models import PAID_MEDIA, SHOP, SUBSCRIPTIONS
from interact.agents.analyst.ratios import extended, made_in


def test_two_sums_make_a_ratio() -> None:
    (metric,) = made_in(["Revenue per click by device"], PAID_MEDIA)
    assert (metric.name, metric.label) == ("revenue_per_clicks", "Revenue per click")
    assert (metric.numerator, metric.denominator) == ("revenue", "clicks")
    assert (metric.format, metric.unit) == ("currency", "EUR")


def test_a_ratio_that_the_model_has_gets_the_words() -> None:
    (metric,) = made_in(["spend per conversion", "spend divided by conversions"], PAID_MEDIA)
    assert metric.name == "cpa"
    assert metric.synonyms == ("cost per acquisition", "spend per conversion", "spend divided by conversions")
    assert extended(PAID_MEDIA, [metric]).metric("cpa") == metric
    assert len(extended(PAID_MEDIA, [metric]).metrics) == len(PAID_MEDIA.metrics)


@pytest.mark.parametrize(
    ("prompt", "model"),
    [
        ("revenue per country", SHOP),
        ("clicks per day", PAID_MEDIA),
        ("margin per order", SHOP),
        ("MRR per subscriber", SUBSCRIPTIONS),
        ("orders per order", SHOP),
        ("cost per acquisition", PAID_MEDIA),
    ],
)
def test_other_words_around_per_make_none(prompt: str, model: object) -> None:
    assert made_in([prompt], model) == ()  # type: ignore[arg-type]  # the builders hold models
