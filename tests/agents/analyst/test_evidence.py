"""The results behind an answer, and the figures that sum it up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from builders.prompts import CHECK, REPORT

Ask = Callable[..., Any]


def headline(asked: Any) -> dict[str, Any]:
    return {cell.column: asked.results[cell.result_id].value(cell.row, cell.column) for cell in asked.answer.headline}


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        (REPORT, ["spend", "conversions", "revenue", "cpa", "roas"]),
        (CHECK, ["impressions", "clicks", "spend", "conversions", "roas"]),
        ("What was our CTR and CPC for the past 7 days?", ["ctr", "cpc"]),
        ("Spend by market for the past 7 days, sorted by ROAS", ["spend", "roas"]),
    ],
)
def test_an_answer_is_summed_up_by_the_metrics_that_are_asked_for(ask: Ask, prompt: str, names: list[str]) -> None:
    assert list(headline(ask(prompt, market="NL"))) == names


def test_the_figures_that_sum_an_answer_up_are_its_totals(ask: Ask, by_hand: Callable[[str], list[Any]]) -> None:
    ((spend, revenue),) = by_hand(
        "SELECT sum(spend), sum(revenue) FROM ad_performance "
        "WHERE date BETWEEN '2026-11-09' AND '2026-11-15' AND market = 'BE'"
    )
    found = headline(ask("Spend and ROAS for the past 7 days", market="BE"))
    assert found == {"spend": pytest.approx(float(spend)), "roas": pytest.approx(float(revenue) / float(spend))}
