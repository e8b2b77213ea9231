"""A shop with a handful of rows: several datasets, moments and days, stocks, two currencies, and holes everywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import yaml

from interact.warehouse.semantic import SemanticModel

Rows = dict[str, list[dict[str, Any]]]

TABLES = {
    "shop_orders": "order_id INTEGER, customer_id INTEGER, country_code VARCHAR(9), ordered_at TIMESTAMP, "
    "shipped_on DATE, amount INTEGER, currency VARCHAR(9), rate DOUBLE PRECISION, paid BOOLEAN, goal INTEGER",
    "customers": "customer_id INTEGER, segment VARCHAR(9)",
    "countries": "code VARCHAR(9), title VARCHAR(9)",
    "visits": "day DATE, country_code VARCHAR(9), visits INTEGER",
    "stock": "day DATE, country_code VARCHAR(9), units INTEGER, holder INTEGER",
}
MODEL = """
name: small_shop
datasets:
  - {name: orders, table: shop_orders, primary_key: [order_id]}
  - {name: customers, primary_key: [customer_id]}
  - {name: countries, primary_key: [code]}
  - {name: visits}
  - {name: stock}
relationships:
  - {from: orders, to: customers, from_columns: [customer_id], to_columns: [customer_id]}
  - {from: orders, to: countries, from_columns: [country_code], to_columns: [code]}
  - {from: visits, to: countries, from_columns: [country_code], to_columns: [code]}
  - {from: stock, to: countries, from_columns: [country_code], to_columns: [code]}
time_dimensions:
  - {name: ordered, dataset: orders, expr: ordered_at}
  - {name: shipped, dataset: orders, expr: shipped_on, type: date}
  - {name: visited, dataset: visits, expr: day, type: date}
  - {name: counted, dataset: stock, expr: day}
dimensions:
  - {name: country, dataset: countries, expr: title}
  - {name: segment, dataset: customers}
  - {name: currency, dataset: orders}
  - {name: size, dataset: orders, expr: "CASE WHEN amount > 5 THEN 'big' ELSE 'small' END"}
metrics:
  - {name: revenue, dataset: orders, agg: sum, expr: amount, filter: paid}
  - {name: orders, dataset: orders, agg: count, expr: order_id}
  - {name: open_orders, dataset: orders, agg: count, expr: "*", filter: NOT paid OR paid IS NULL}
  - {name: customers, dataset: orders, agg: count_distinct, expr: customer_id}
  - {name: middle_order, dataset: orders, agg: median, expr: amount}
  - {name: usual_order, dataset: orders, agg: avg, expr: amount}
  - {name: largest_order, dataset: orders, agg: max, expr: amount * 2}
  - {name: shipped_orders, dataset: orders, time_dimension: shipped, agg: count, expr: order_id}
  - {name: takings, dataset: orders, agg: sum, expr: amount, currency: currency}
  - {name: euros, dataset: orders, agg: sum, expr: amount, currency: currency,
     conversion: {unit: EUR, expr: amount * rate}}
  - {name: visits, dataset: visits, agg: sum, expr: visits}
  - {name: stock, dataset: stock, agg: sum, expr: units, semi_additive: last}
  - {name: opening_stock, dataset: stock, agg: sum, expr: units, semi_additive: first}
  - {name: usual_stock, dataset: stock, agg: sum, expr: units, semi_additive: average}
  - {name: usual_holders, dataset: stock, agg: count_distinct, expr: holder, semi_additive: average}
  - {name: large_stocks, dataset: stock, agg: count, expr: "*", filter: units > 5, semi_additive: last}
  - {name: aov, type: ratio, numerator: revenue, denominator: orders, target: {expr: MAX(goal), per: currency}}
  - {name: conversion_rate, type: ratio, numerator: orders, denominator: visits, target: 0.5}
  - {name: cover, type: ratio, numerator: stock, denominator: shipped_orders}
  - {name: gain, type: derived, expr: revenue - 2 * visits}
  - {name: margin, type: derived, expr: 100 * gain / revenue / (orders - 1)}
default_dimension: country
"""
FIRST = date(2026, 1, 20)
DAYS = 75
COUNTRIES = {"NL": "Holland", "BE": "Belgium", "XX": None}
CURRENCIES = {"EUR": 1.0, "GBP": 1.5}


def small_shop() -> SemanticModel:
    """Return its model."""
    return SemanticModel.model_validate(yaml.safe_load(MODEL))


def some_rows(seed: int, count: int) -> Rows:
    """Return as many rows, more or less, of each of its tables."""
    chance = Random(seed)

    def day() -> date:
        return FIRST + timedelta(days=chance.randrange(DAYS))

    def code() -> str | None:
        return chance.choice(("NL", "BE", "XX", "lost", None))

    def order(number: int) -> dict[str, Any]:
        currency = chance.choice((*CURRENCIES, None))
        moment = chance.choice((time(0), time(12, 30), time(23, 59, 59)))
        return {
            "order_id": number,
            "customer_id": chance.choice((1, 2, 3, 9, None)),
            "country_code": code(),
            "ordered_at": datetime.combine(day(), moment),
            "shipped_on": chance.choice((day(), None)),
            "amount": chance.choice((0, 2, 5, 7, 12, None)),
            "currency": currency,
            "rate": CURRENCIES.get(str(currency)),
            "paid": chance.choice((True, True, False, None)),
            "goal": {"EUR": 4, "GBP": 6}.get(str(currency)),
        }

    def several(of: Callable[[int], dict[str, Any]]) -> list[dict[str, Any]]:
        return [of(number) for number in range(chance.randint(0, count))]

    return {
        "shop_orders": several(order),
        "customers": [{"customer_id": 1, "segment": "old"}, {"customer_id": 2, "segment": "new"},
                      {"customer_id": 3, "segment": None}],
        "countries": [{"code": key, "title": title} for key, title in COUNTRIES.items()],
        "visits": several(lambda _: {"day": day(), "country_code": code(), "visits": chance.choice((0, 3, 8, None))}),
        "stock": several(lambda _: {"day": day(), "country_code": code(), "units": chance.choice((0, 4, 9, None)),
                                    "holder": chance.choice((1, 2, None))}),
    }  # fmt: skip
