"""Answers on a shop in two currencies and on subscriptions: what may be added, what is known by what, what settles."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from interact.agents.analyst.analyst import EmbeddedAnalyst
from interact.agents.contract import Answer, Journal, Question
from interact.chats.figures import UNTRACED, resolve
from interact.chats.result import Result
from interact.errors import AgentRefused
from interact.reports.document import Report
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.queries import Compiled
from interact.warehouse.semantic import read_model
from prompts import warehouses

TODAY = date(2026, 6, 18)
Told = tuple[Answer, dict[str, Result], str]


class Keeping(DuckDbDoor):
    """A door that keeps its results."""

    results: dict[str, Result]

    def run(self, compiled: Compiled, *, title: str) -> Result:
        """Run and keep."""
        result = super().run(compiled, title=title)
        self.results[result.result_id] = result
        return result


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {model: warehouses.make(model, folder) for model in ("shop", "subscriptions")}


@pytest.fixture
def tell(files: dict[str, Path]) -> Callable[..., Told]:
    """Ask one of the models on 18 June 2026; keywords are filters that the run enforces."""

    def build(model: str, prompt: str, **filters: str) -> Told:
        numbers = itertools.count(1)
        with Keeping(
            files[model],
            read_model(warehouses.model_path(model)),
            filters,
            new_id=lambda: f"result_{next(numbers):012}",
        ) as door:
            door.results = {}
            question = Question(prompt, TODAY, parameters=filters, filters=filters)
            answer = EmbeddedAnalyst().answer(question, door, Journal())
        text = resolve(answer.text, door.results)
        assert UNTRACED not in text
        assert "[[" not in text
        return answer, door.results, text

    return build


def dimensions(answer: Answer) -> list[tuple[str, ...]]:
    return [each.dimensions for each in answer.exhibits]


def test_money_in_two_currencies_is_never_added(tell: Callable[..., Told]) -> None:
    answer, results, text = tell("shop", "Total item sales last month")
    assert dimensions(answer) == [("currency",)]
    totals = results[answer.exhibits[0].result_id]
    assert set(totals.values("currency")) == {"EUR", "GBP"}
    assert "item sales of 165,498 in EUR (+12.8%) and 41,800 in GBP (+19.5%)" in text
    assert "money in several currencies is shown by currency" in text


def test_a_table_of_such_money_has_its_currency_first_and_other_figures_apart(tell: Callable[..., Told]) -> None:
    answer, _, _ = tell("shop", "Item sales and units by category last month")
    assert dimensions(answer)[:2] == [("currency", "category"), ("category",)]
    assert [each.metrics for each in answer.exhibits[:2]] == [("list_sales",), ("units",)]


def test_such_money_is_ranked_within_each_currency(tell: Callable[..., Told]) -> None:
    answer, results, text = tell("shop", "Top 2 categories by item sales last month")
    ranked = [results[each.result_id] for each in answer.exhibits[:2]]
    assert [(each.title, len(each.rows)) for each in ranked] == [
        ("2 categories by Item sales in EUR, highest first", 2),
        ("2 categories by Item sales in GBP, highest first", 2),
    ]
    assert "€" in text
    assert "£" in text


def test_one_currency_alone_is_added(tell: Callable[..., Told]) -> None:
    answer, _, text = tell("shop", "Item sales in EUR by category last month")
    assert dimensions(answer)[0] == ("category",)
    assert "Not added up" not in text


def test_metrics_that_a_dimension_does_not_know_are_left_out_and_named(tell: Callable[..., Told]) -> None:
    answer, _, text = tell("shop", "Visits and orders by device last week")
    assert answer.exhibits[0].metrics == ("visits",)
    assert "orders by device" in answer.not_understood
    assert "Left out, since the data does not have it by device: orders." in text


def test_a_run_for_one_country_answers_from_what_knows_countries(tell: Callable[..., Told]) -> None:
    _, results, text = tell("shop", "Revenue, orders and profit last week", country="United Kingdom")
    assert "United Kingdom" in text
    assert all("'United Kingdom'" in each.sql for each in results.values() if each.title == "Totals")


def test_what_no_limit_can_narrow_is_refused(tell: Callable[..., Told]) -> None:
    with pytest.raises(AgentRefused, match="Visits"):
        tell("shop", "Visits for card payments last week")


def test_the_change_of_a_stock_is_end_against_end_and_its_members_explain_it(tell: Callable[..., Told]) -> None:
    answer, results, text = tell("subscriptions", "MRR by plan in the past 30 days")
    plans = results[answer.exhibits[0].result_id]
    totals = results[answer.exhibits[-1].result_id]
    for column in ("mrr", "mrr_previous"):
        assert sum(value or 0 for value in plans.values(column)) == pytest.approx(totals.value(0, column))
    assert "Figures that are not added up over days: MRR: the last day with data." in text


def test_days_that_still_settle_are_read_with_care(tell: Callable[..., Told]) -> None:
    _, _, text = tell("subscriptions", "Converted trials by channel in the past 7 days")
    assert "**Read with care.** Converted trials: the values of 11–17 June 2026 may still change" in text
    assert "they settle for 21 days" in text
    assert "compared with 4–10 June 2026, which has had longer to settle" in text
    assert "Read with care" not in tell("subscriptions", "Converted trials by channel in March 2026")[2]


@pytest.mark.parametrize(
    ("model", "prompt"),
    [
        ("shop", "Create a report on last week with item sales by category and a daily trend of item sales."),
        ("shop", "Create a report on last week with revenue, orders and profit by country and recommendations."),
        ("subscriptions", "Create a report for last month: MRR and churn rate by plan, a weekly trend, what to do."),
        ("subscriptions", "Analyse last month. Highlight plans where churn rate exceeded the target."),
    ],
)
def test_no_other_model_hears_of_campaigns_or_spend(tell: Callable[..., Told], model: str, prompt: str) -> None:
    answer, results, text = tell(model, prompt)
    told = text + (resolve(answer.report.model_dump_json(), results) if answer.report else "")
    assert not {word for word in ("campaign", "spend", "conversions", "budget", "bids") if word in told.lower()}
    if answer.report:
        assert Report.model_validate(answer.report.model_dump()) == answer.report
        columns = {each: {column.name for column in results[each].columns} for each in answer.report.cited()}
        charts = [block for section in answer.report.sections for block in section.blocks if block.type == "chart"]
        assert all({chart.x, chart.y} <= columns[chart.result_id] for chart in charts)
