"""What a model sees of the warehouse: names with their meaning, values near to a word, never what is private."""

import asyncio
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_ai.exceptions import ModelRetry  # noqa: TID253  # this module tests what a model is told

from builders.llm import WEEK, FewRows, a_question
from interact.agents.llm.tools import AskedMetrics, Toolbox
from interact.errors import NotStartable, WarehouseUnavailable
from interact.warehouse.queries import Compiled, Filter, Having, Warehouse, Window
from interact.warehouse.semantic import SemanticModel


def a_box(door: Warehouse | None = None, **question: Any) -> Toolbox:
    return Toolbox(a_question(**question), door or FewRows(), {})


def described(box: Toolbox, **asked: str) -> dict[str, Any]:
    return asyncio.run(box.describe(**asked))


def with_names() -> FewRows:
    """A warehouse whose model also has a person's name."""
    door = FewRows()
    plain = door.model.model_dump(mode="json", exclude_none=True)
    dimensions = [*plain["dimensions"], {"name": "buyer", "label": "Buyer", "pii": True}]
    door.model = SemanticModel.model_validate({**plain, "dimensions": dimensions})
    return door


def test_the_model_is_shown_with_what_its_names_mean() -> None:
    shown = described(a_box())
    roas = next(each for each in shown["metrics"] if each["name"] == "roas")
    assert (roas["label"], roas["good"], roas["made_of"]) == ("ROAS", "up", ["revenue", "spend"])
    assert {"name": "market", "label": "Market"}.items() <= shown["dimensions"][2].items()
    assert "sql" not in roas and "tables" not in shown


def test_columns_are_shown_where_sql_may_be_written() -> None:
    shown = described(a_box(may_write_sql=True))
    assert shown["tables"][0]["table"] == "ad_performance"
    assert shown["date_columns"] == [{"table": "ad_performance", "expr": "date"}]
    assert next(each for each in shown["metrics"] if each["name"] == "spend")["sql"] == "sum(spend)"


def test_values_of_a_dimension_are_cut_and_counted() -> None:
    shown = described(a_box(FewRows(tuple((f"Campaign {n:03}", 1.0) for n in range(300)))), dimension="campaign")
    assert (shown["value_count"], len(shown["values"])) == (300, 50)


def test_an_unknown_value_gets_the_nearest() -> None:
    box = a_box(FewRows((("Search – Brand", 1.0), ("Display", 2.0))))
    assert described(box, dimension="campaign", like="brand")["values"] == ["Search – Brand"]
    typo = described(box, dimension="campaign", like="Dispaly")
    assert typo["values"] == ["Display"]
    assert typo["remark"] == "There is no value 'Dispaly'; these are the nearest."


def test_what_tells_who_a_person_is_does_not_exist_for_a_model() -> None:
    box = a_box(with_names())
    assert "buyer" not in str(described(box))
    with pytest.raises(
        ModelRetry, match=r"There is no dimension 'buyer' \(there are 'campaign', 'channel', 'market'\)"
    ):
        described(box, dimension="buyer")
    for more in ({"dimensions": ["buyer"]}, {"filters": [{"dimension": "buyer", "values": ["Ada"]}]}):
        with pytest.raises(ModelRetry, match="There is no dimension 'buyer'"):
            asyncio.run(box.query_metrics(AskedMetrics.model_validate(WEEK | more)))


def test_a_query_is_what_the_compiler_takes() -> None:
    asked = AskedMetrics.model_validate(
        WEEK
        | {
            "dimensions": ["campaign"],
            "compare_start": "2026-11-08",
            "compare_end": "2026-11-14",
            "filters": [{"dimension": "market", "values": ["NL"], "exclude": True}],
            "having": [{"metric": "roas", "comparator": "<", "value": 2}],
            "limit": 5,
        }
    ).query()
    assert asked.window == Window(date(2026, 11, 15), date(2026, 11, 21))
    assert asked.compare == Window(date(2026, 11, 8), date(2026, 11, 14))
    assert asked.filters == (Filter("market", ("NL",), exclude=True),)
    assert asked.having == (Having("roas", "<", 2.0),)
    assert asked.limit == 5


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"end": "2026-11-14"}, "lies before `start`"),
        ({"compare_start": "2026-11-01"}, "belong together"),
        ({"compare_start": "2026-11-08", "compare_end": "2026-11-01"}, "lies before `compare_start`"),
        ({"metrics": []}, "at least 1 item"),
        ({"window": "past 7 days"}, "Extra inputs are not permitted"),
    ],
)
def test_days_that_make_no_window_are_told(more: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        AskedMetrics.model_validate(WEEK | more)


@pytest.mark.parametrize(
    ("last", "remark"),
    [("2026-11-22", None), ("2026-11-21", None), ("2026-11-19", "The data ends on 2026-11-19"), (None, "on no day")],
)
def test_data_that_ends_before_the_window_does_is_told(last: str | None, remark: str | None) -> None:
    door = FewRows()
    door.last_day = last
    told = asyncio.run(a_box(door).query_metrics(AskedMetrics.model_validate(WEEK)))
    assert (remark or "") in told.get("remark", "")
    assert bool(remark) is ("remark" in told)


@pytest.mark.parametrize("error", [WarehouseUnavailable("The warehouse is away."), NotStartable("It was cancelled.")])
def test_what_a_model_cannot_mend_ends_the_answer(error: Exception) -> None:
    class Away(FewRows):
        def run(self, compiled: Compiled, *, title: str) -> Any:
            raise error

    with pytest.raises(type(error), match=str(error)):
        asyncio.run(a_box(Away()).query_metrics(AskedMetrics.model_validate(WEEK)))
