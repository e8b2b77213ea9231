"""A query below the model's view of each table that it reads."""

from __future__ import annotations

from typing import Any

import pytest

from builders.warehoused import MODEL
from interact.warehouse import guard
from interact.warehouse.cutting import cut
from interact.warehouse.exposure import access_to
from interact.warehouse.semantic import SemanticModel

ORDERS = "orders AS NOT MATERIALIZED (SELECT amount, channel, customer_id, day, id, note FROM orders)"
PEOPLE = "customers AS NOT MATERIALIZED (SELECT country, id FROM crm.customers)"


def text(
    sql: str, *, dialect: str = "postgres", is_free: bool = True, model: SemanticModel = MODEL, **filters: str
) -> str:
    access = access_to(model, filters, dialect=dialect)
    reading = guard.read(sql, access, dialect=dialect, is_free=is_free)
    return cut(sql, reading, access, dialect=dialect, is_free=is_free)


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("SELECT id FROM orders", f"WITH {ORDERS} SELECT id FROM orders"),
        ("SELECT id FROM crm.customers", f"WITH {PEOPLE} SELECT id FROM customers customers"),
        ("SELECT c.id FROM crm.customers AS c", f"WITH {PEOPLE} SELECT c.id FROM customers AS c"),
        ('SELECT id FROM "Orders"', f"WITH {ORDERS} SELECT id FROM orders orders"),
        ("SELECT id FROM ORDERS", f"WITH {ORDERS} SELECT id FROM ORDERS"),
        (
            "  with a as (SELECT id FROM orders) SELECT id FROM a",
            f"WITH {ORDERS}, a as (SELECT id FROM orders) SELECT id FROM a",
        ),
        ("SELECT 'orders' AS a", "SELECT 'orders' AS a"),
        (
            "SELECT o.id FROM orders o JOIN crm.customers c ON c.id = o.customer_id",
            f"WITH {ORDERS}, {PEOPLE} SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id",
        ),
    ],
)
def test_the_text_stays_as_it_was_written_below_the_views_that_it_reads(sql: str, shown: str) -> None:
    assert text(sql) == shown


def test_an_agents_sql_stands_behind_a_fence_where_a_filter_holds() -> None:
    sql = "SELECT COUNT(*) AS n FROM crm.customers"
    assert "(SELECT country, id FROM crm.customers WHERE country = 'NL' OFFSET 0) SELECT" in text(sql, country="NL")
    assert "OFFSET" not in text(sql, country="NL", is_free=False)


def test_our_compilers_sql_has_the_personal_columns_that_it_names() -> None:
    sql = "SELECT COUNT(DISTINCT email) AS n FROM crm.customers"
    assert text(sql, is_free=False).startswith(
        "WITH customers AS NOT MATERIALIZED (SELECT country, id, email FROM crm."
    )


def test_another_database_never_meets_a_view_of_its_tables_name() -> None:
    assert text("SELECT id FROM orders WHERE id > 1", dialect="sqlite") == (
        "WITH seen_orders AS (SELECT amount, channel, customer_id, day, id, note FROM orders) "
        "SELECT id FROM seen_orders orders WHERE id > 1"
    )


def test_views_whose_conditions_name_each_others_tables_bear_other_names() -> None:
    rows = "WHERE id IN (SELECT customer_id FROM orders WHERE channel = 'Web') OFFSET 0"
    assert text("SELECT id FROM crm.customers", channel="Web") == (
        f"WITH seen_customers AS NOT MATERIALIZED (SELECT country, id FROM crm.customers {rows}) "
        "SELECT id FROM seen_customers customers"
    )


def test_two_tables_of_one_name_in_two_schemas_are_told_apart() -> None:
    plain: dict[str, Any] = MODEL.model_dump(by_alias=True, exclude_none=True)
    plain["datasets"][2]["table"] = "web.orders"
    shown = text("SELECT a.id FROM orders a, web.orders b", model=SemanticModel.model_validate(plain))
    assert shown.endswith("SELECT a.id FROM orders a, web_orders b")
    assert "web_orders AS NOT MATERIALIZED (SELECT month, planned FROM web.orders)" in shown
