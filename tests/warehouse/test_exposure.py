"""What a model shows: columns by table, what tells who a person is, and what a filter leaves."""

from __future__ import annotations

from typing import Any

import pytest

from builders.warehoused import MODEL
from interact.errors import DefinitionRefused
from interact.warehouse.exposure import access_to
from interact.warehouse.semantic import SemanticModel


def a_model(**changes: Any) -> SemanticModel:
    return SemanticModel.model_validate(MODEL.model_dump(by_alias=True, exclude_none=True) | changes)


def test_each_table_shows_the_columns_that_its_expressions_and_keys_name() -> None:
    tables = access_to(MODEL).tables
    assert {name: each.shown(is_free=False) for name, each in tables.items()} == {
        "orders": ["amount", "channel", "customer_id", "day", "id", "note"],
        "crm.customers": ["country", "email", "id", "name"],
        "budgets": ["month", "planned"],
    }
    assert tables["crm.customers"].shown(is_free=True) == ["country", "id"]


def test_filters_conversions_and_targets_name_columns_too() -> None:
    metric = {"name": "m", "agg": "sum", "expr": "amount", "dataset": "orders", "filter": "state = 'paid'"}
    metric |= {"currency": "channel", "conversion": {"unit": "EUR", "expr": "amount * rate"}}
    metric |= {"target": {"expr": "MAX(goal)", "per": "channel"}}
    model = a_model(metrics=[metric], default_metrics=["m"])
    assert {"state", "rate", "goal"} <= set(access_to(model).tables["orders"].columns)


def test_a_filter_follows_the_relationships_to_its_dimension() -> None:
    access = access_to(MODEL, {"country": "NL", "channel": "Web"})
    where = access.tables["orders"].where(lambda table: f"source.{table}")
    assert where == ("customer_id IN (SELECT id FROM source.crm.customers WHERE country = 'NL') AND channel = 'Web'")


def test_what_does_not_lead_to_a_filter_is_hidden_with_its_reason() -> None:
    access = access_to(MODEL, {"channel": "Web"})
    assert access.hidden == {"budgets": "which does not lead to 'channel', and this run shows 'Web' only"}


def test_what_narrowed_rows_name_is_shown_and_nothing_else_of_its_table() -> None:
    access = access_to(MODEL, {"channel": "Web"})
    where = access.tables["crm.customers"].where(lambda table: f"source.{table}")
    assert where == "id IN (SELECT customer_id FROM source.orders WHERE channel = 'Web')"
    assert access.has_named


def test_each_filter_holds_for_the_rows_that_name_others() -> None:
    access = access_to(MODEL, {"channel": "Web", "country": "NL"})
    assert access.tables["crm.customers"].where(str) == (
        "country = 'NL' AND id IN (SELECT customer_id FROM orders WHERE channel = 'Web' "
        "AND customer_id IN (SELECT id FROM crm.customers WHERE country = 'NL'))"
    )


def test_a_table_of_two_datasets_is_not_shown_by_what_names_one_of_them() -> None:
    datasets = [{"name": "orders"}, {"name": "buyers", "table": "people"}, {"name": "sellers", "table": "people"}]
    leads = {"from": "orders", "to_columns": ["id"]}
    model = a_model(
        datasets=datasets,
        relationships=[{**leads, "to": f"{who}s", "from_columns": [who]} for who in ("buyer", "seller")],
        time_dimensions=[{"name": "day", "expr": "day", "dataset": "orders"}],
        dimensions=[{"name": "channel", "dataset": "orders"}, {"name": "town", "dataset": "buyers"}],
        metrics=[{"name": "revenue", "agg": "sum", "expr": "amount", "dataset": "orders"}],
        default_metrics=["revenue"],
        default_dimension="channel",
    )
    assert list(access_to(model, {"channel": "Web"}).tables) == ["orders"]
    assert "people" in access_to(model, {"channel": "Web"}).hidden


def test_a_filter_over_two_relationships_and_two_columns_is_written_as_one_condition() -> None:
    model = a_model(
        datasets=[{"name": "orders"}, {"name": "customers"}, {"name": "areas"}],
        relationships=[
            {"from": "orders", "to": "customers", "from_columns": ["shop", "buyer"], "to_columns": ["shop", "id"]},
            {"from": "customers", "to": "areas", "from_columns": ["area"], "to_columns": ["id"]},
        ],
        dimensions=[{"name": "country", "dataset": "areas"}],
        time_dimensions=[{"name": "day", "expr": "day", "dataset": "orders"}],
        metrics=[{"name": "revenue", "agg": "sum", "expr": "amount", "dataset": "orders"}],
        default_metrics=["revenue"],
        default_dimension="country",
    )
    access = access_to(model, {"country": "NL"})
    assert access.tables["orders"].where(str) == (
        "(shop, buyer) IN (SELECT shop, id FROM customers WHERE area IN (SELECT id FROM areas WHERE country = 'NL'))"
    )
    assert list(access.tables) == ["orders", "customers", "areas"]


def test_a_name_that_is_a_word_of_the_language_is_quoted() -> None:
    model = a_model(
        relationships=[{"from": "orders", "to": "customers", "from_columns": ["user"], "to_columns": ["id"]}]
    )
    assert access_to(model).tables["orders"].columns["user"] == '"user"'
    assert access_to(model, dialect="bigquery").tables["orders"].columns["user"] == "`user`"


def test_an_expression_is_read_in_the_databases_own_words() -> None:
    model = a_model(
        dimensions=[{"name": "channel", "expr": "`Channel Name`", "dataset": "orders"}], default_dimension="channel"
    )
    assert access_to(model, dialect="bigquery").tables["orders"].columns["channel name"] == "`Channel Name`"


def test_an_expression_that_is_none_is_refused() -> None:
    model = a_model(dimensions=[{"name": "odd", "expr": "a 5 b", "dataset": "orders"}], default_dimension="odd")
    with pytest.raises(DefinitionRefused, match=r"The model 'shop' has 'a 5 b', which is no SQL expression"):
        access_to(model)
