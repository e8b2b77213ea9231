"""The semantic model as a file: what is accepted, and what a refusal names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from builders.small_shop import MODEL, small_shop
from interact.errors import FileRefused
from interact.warehouse.semantic import SemanticModel, model_file_of, model_in, read_model
from interact.warehouse.words import unfinished


def a_model(**changes: Any) -> dict[str, Any]:
    return {
        "name": "shop",
        "label": "Shop",
        "base_table": "sales",
        "time_dimension": {"name": "date", "label": "Date", "expr": "date"},
        "dimensions": [{"name": "market", "label": "Market", "plural": "markets", "expr": "market"}],
        "metrics": [
            {"name": "spend", "label": "Spend", "agg": "sum", "expr": "spend", "format": "currency", "unit": "EUR"},
            {"name": "clicks", "label": "Clicks", "agg": "sum", "expr": "clicks", "format": "integer"},
            {
                "name": "cpc",
                "label": "CPC",
                "type": "ratio",
                "numerator": "spend",
                "denominator": "clicks",
                "format": "number",
            },
        ],
        "default_metrics": ["spend"],
        "default_dimension": "market",
    } | changes


def test_a_model_is_read_from_yaml(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(yaml.safe_dump(a_model()), encoding="utf-8")
    model = read_model(path)
    assert model.metric("cpc").denominator == "clicks"
    assert model.dimension("market").plural == "markets"
    assert model == SemanticModel.model_validate(a_model())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dimension": []}, r"'dimension' is no key of the model \(did you mean 'dimensions'\?\)"),
        ({"base_table": "a;b"}, "`base_table` takes a table, as orders or crm.orders, not 'a;b'"),
        (
            {"default_metrics": ["roas"]},
            r"The defaults name 'roas', which is no metric \(there are 'spend', 'clicks', 'cpc'\)",
        ),
        (
            {"default_dimension": "planet"},
            r"The defaults name 'planet', a dimension that does not exist \(there are 'market'",
        ),
        ({"metrics": [{"name": "spend", "label": "Spend", "format": "number"}]}, "lacks 'agg', 'expr'. Add it"),
        (
            {"dimensions": [{"name": "spend", "label": "S", "plural": "s", "expr": "s"}], "default_dimension": "spend"},
            "'spend' is the name of both a metric and a dimension",
        ),
    ],
)
def test_a_model_that_does_not_hold_together_is_refused_by_name(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(yaml.safe_dump(a_model(**changes)), encoding="utf-8")
    with pytest.raises(FileRefused, match=rf"model\.yaml, line \d+: .*{reason}"):
        read_model(path)


SHOP = MODEL  # The text of a model of several datasets.


@pytest.mark.parametrize(
    ("before", "after", "at", "told"),
    [
        (
            "name: small_shop",
            "name: small_shop\nbase_table: orders",
            None,
            "A model takes `base_table`, its one table, or `datasets`",
        ),
        ("datasets:\n", "time_dimension: {name: x, expr: x}\ndatasets:\n", None, "takes `time_dimensions`, a list"),
        (
            "{from: orders, to: countries,",
            "{from: orders, to: country,",
            "to: country,",
            r"There is no dataset 'country' \(there are 'countries', 'customers', 'orders', 'stock', 'visits'\)",
        ),
        (
            "{from: visits, to: countries,",
            "{from: orders, to: countries,",
            5,
            "Dataset 'orders' has two relationships to 'countries'",
        ),
        ("to_columns: [customer_id]", "to_columns: [a, b]", "[a, b]", "pairs unequal numbers of columns"),
        ("{name: visits, dataset", "{name: stock, dataset", 6, "'stock' is the name of two of the metrics"),
        (
            "- {name: stock}",
            "- {name: stock}\n  - {name: stock, table: x}",
            "table: x",
            "'stock' is the name of two of the datasets",
        ),
        ("name: visited", "name: shipped", "visit: 1", "'shipped' is the name of two of the time_dimensions"),
        (
            "expr: revenue - 2 * visits",
            "expr: revenue - visit",
            "- visit}",
            "Metric 'gain' is made of 'visit', which is no metric",
        ),
        ("expr: revenue - 2 * visits", "expr: revenue - margin", "- margin", "Metric 'gain' is made of itself"),
        ("expr: revenue - 2 * visits", "expr: revenue -* visits", "-* visits", r"in which '\*' stands where a name"),
        (
            "numerator: stock,",
            "numerator: aov,",
            "numerator: aov",
            "divides 'aov', which is no simple metric. Use type",
        ),
        ("per: currency", "per: planet", "per: planet", "has the `target.per` 'planet', which is no dimension to show"),
        (
            "dataset: stock, agg: sum, expr: units, semi_additive: last}",
            "dataset: stock, agg: sum, expr: units, currency: currency}",
            "units, currency",
            "has the `currency` 'currency', to which no relationship leads from its dataset",
        ),
        (
            "time_dimension: shipped",
            "time_dimension: visited",
            "time_dimension: visited",
            "dataset 'orders' has 'ordered', 'shipped'",
        ),
        (
            "{name: counted, dataset: stock, expr: day}",
            "{name: counted, dataset: visits, expr: day}",
            "{name: stock, dataset: stock, agg",
            "is of dataset 'stock', which has no time dimension. Add one",
        ),
        ("agg: median", "agg: mode", "agg: mode", "`metrics.agg` takes 'sum', 'count', .* or 'median', not 'mode'"),
        (
            "agg: max, expr: amount * 2",
            "agg: max, expr: '*'",
            "agg: max",
            r"the expr '\*', which agg 'count' alone takes",
        ),
        (
            "agg: count_distinct, expr: holder",
            "agg: max, expr: holder",
            "expr: holder",
            "`semi_additive: average` takes 'sum'",
        ),
        ("currency: currency,\n", "", "conversion", "has a `conversion` and no `currency`"),
        (
            "conversion: {unit: EUR",
            "unit: USD, conversion: {unit: EUR",
            "name: euros",
            "has the unit 'USD' and is converted to 'EUR'",
        ),
        (
            "agg: avg, expr: amount}",
            "agg: avg, expr: amount, numerator: x}",
            "numerator: x",
            "takes no 'numerator'. Take it out",
        ),
        (
            "target: 0.5}",
            "target: high}",
            "target: high",
            "`metrics.target` takes a number, or `expr` with `per`, not 'high'",
        ),
        (
            "target: 0.5}",
            "target: {value: 1, per: country}}",
            "value: 1",
            "A target takes `value`, a number, or `expr` with",
        ),
        (
            "- {name: currency, dataset: orders}",
            "- {name: currency, dataset: orders, pii: true}",
            "expr: amount, currency: currency}",
            "has the `currency` 'currency', which is no dimension to show",
        ),
        (
            "- {name: segment, dataset: customers}",
            "- {name: who, dataset: orders, expr: amount, pii: true}",
            "expr: amount, filter: paid",
            "Metric 'revenue' would show 'amount', which is `pii`. Only count it",
        ),
        (
            "- {name: segment, dataset: customers}",
            "- {name: who, dataset: countries, expr: title, pii: true}",
            "{name: country, dataset",
            "Dimension 'country' would show 'title', which is `pii` elsewhere. Mark it",
        ),
        (
            "default_dimension: country",
            "default_dimension: planet",
            "default_dimension",
            "a dimension that does not exist",
        ),
    ],
)
def test_each_rule_names_its_line_and_what_to_do(before: str, after: str, at: str | int | None, told: str) -> None:
    text = SHOP.replace(before, after, 1)
    assert text != SHOP
    with pytest.raises(FileRefused, match=told) as refused:
        model_in(text, "shop.yaml")
    if isinstance(at, str) and at in text:
        number = text[: text.index(at)].count("\n") + 1
        assert refused.value.line is not None
        assert number - 1 <= refused.value.line <= number
    assert (refused.value.line is None) == (at is None)
    assert str(refused.value).endswith(".")


def test_money_in_two_currencies_is_not_reckoned_together() -> None:
    euros = "{name: a, agg: sum, expr: x, format: currency, unit: EUR}"
    dollars = "{name: b, agg: sum, expr: y, format: currency, unit: USD}"
    ratio = "{name: c, type: ratio, numerator: a, denominator: b}"
    text = (
        "name: m\nbase_table: t\ntime_dimension: {name: day, expr: day}\ndimensions: []\n"
        f"metrics:\n  - {euros}\n  - {dollars}\n  - {ratio}\n"
    )
    with pytest.raises(FileRefused, match="line 8: Metric 'c' reckons with money in 'EUR', 'USD', which does not go"):
        model_in(text, "m.yaml")


def test_what_goes_without_saying_need_not_be_written() -> None:
    model = small_shop()
    assert (model.dataset("customers").table, model.dimension("segment").expr) == ("customers", "segment")
    assert (model.metric("usual_stock").label, model.dimension("country").plural) == ("Usual stock", "countries")
    assert model.default_metrics == ("revenue", "orders", "open_orders", "customers", "middle_order")


def test_a_model_knows_the_line_of_each_part() -> None:
    found = model_in(SHOP, "shop.yaml")
    number = SHOP[: SHOP.index("{name: orders, dataset")].count("\n") + 1
    assert str(found.refused("It is odd.", "metrics", 1)) == f"shop.yaml, line {number}: It is odd."
    assert str(model_file_of(found.model.model_dump()).refused("It is odd.", "metrics", 1)) == "It is odd."


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text("name: [", encoding="utf-8")
    with pytest.raises(FileRefused, match=r"model\.yaml, line 1: This is no YAML"):
        read_model(tmp_path / "model.yaml")


def test_a_tab_and_a_comma_that_yaml_takes_otherwise_are_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        FileRefused, match=r"line 2: This is no YAML: found character U\+0009, a tab. Indent lines by sp"
    ):
        model_in("name: x\n\tlabel: X\n", "model.yaml")
    text = SHOP.replace("expr: revenue - 2 * visits}", "expr: revenue - coalesce(visits, 0) + coalesce(stock, 1)}")
    told = (
        r"'0\) \+ coalesce\(stock' is no key of metric 'gain'; .* An expression with a comma needs quotes inside { }\.$"
    )
    with pytest.raises(FileRefused, match=told):
        model_in(text, "shop.yaml")
    with pytest.raises(FileRefused, match=r"'lable' is no key of the model .*; it takes .*'default_dimension'\.$"):
        model_in(f"{SHOP}lable: x\n", "shop.yaml")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("filter: paid}", 'filter: "paid = "}', "Metric 'revenue' has the `filter` 'paid = ', which ends with '='"),
        ("filter: paid}", 'filter: "paid AND"}', "which ends with 'AND', after which something is missing. Complete"),
        ("filter: paid}", 'filter: ""}', "has the `filter` '', which is empty. Complete it."),
        ("expr: amount * 2}", "expr: (amount * 2}", "has the `expr` '(amount * 2', which has a bracket without its"),
        ("expr: ordered_at}", "expr: CAST(ordered_at AS}", "Time dimension 'ordered' has the `expr`"),
        ("expr: title}", 'expr: "title ||"}', "Dimension 'country' has the `expr` 'title ||', which ends with '|'"),
    ],
)
def test_an_expression_that_breaks_off_is_refused_with_its_line(before: str, after: str, told: str) -> None:
    assert before in SHOP
    number = SHOP[: SHOP.index(before)].count("\n") + 1
    with pytest.raises(FileRefused, match=rf"^shop\.yaml, line {number}: .*{re.escape(told)}"):
        model_in(SHOP.replace(before, after, 1), "shop.yaml")


@pytest.mark.parametrize(
    "expr",
    [
        "*",
        "COUNT(*)",
        "a <> ')'",
        '"is"',
        "`b (`",
        "name LIKE '%='",
        "x::date",
        "status = 'it''s ('",
        "in",
        "a IS NULL",
    ],
)
def test_a_whole_expression_lacks_nothing(expr: str) -> None:
    assert unfinished(expr) == ""


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=r"no semantic model at .*absent.yaml"):
        read_model(tmp_path / "absent.yaml")


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_bytes(b"name: \xff")
    with pytest.raises(FileRefused, match=r"model\.yaml: This semantic model is not written in UTF-8"):
        read_model(tmp_path / "model.yaml")
