"""A relationship that leads to several rows is refused before a figure is counted twice, on each door."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from builders.warehoused import OpenDoor, duckdb_shop, postgres_shop
from interact.chats.result import Result
from interact.errors import QueryFailed
from interact.warehouse.compile import compile_query
from interact.warehouse.guarded import GuardedDoor
from interact.warehouse.joins import compile_repeats, standing
from interact.warehouse.queries import MetricQuery, Window
from interact.warehouse.semantic import SemanticModel

MARCH = Window(date(2026, 3, 1), date(2026, 3, 31))
STATEMENTS = (
    'CREATE TABLE sales (day DATE, shop INTEGER, "order" INTEGER, product INTEGER, agent INTEGER, amount INTEGER)',
    "INSERT INTO sales VALUES ('2026-03-01', 1, 1, 1, 1, 10), ('2026-03-02', 1, 2, 2, NULL, 20), "
    "('2026-03-03', 2, 1, NULL, 2, 40)",
    "CREATE TABLE products (id INTEGER, title VARCHAR(9), maker INTEGER)",
    "INSERT INTO products VALUES (1, 'pan', 1), (2, 'pot', 1), (2, 'pot', 2), (3, 'lid', 2), (3, 'lid', 2)",
    'CREATE TABLE slots (shop INTEGER, "order" INTEGER, title VARCHAR(9))',
    "INSERT INTO slots VALUES (1, 1, 'first'), (1, 2, 'second'), (2, 1, 'third'), (2, 2, 'fourth')",
    "CREATE TABLE agents (id INTEGER, title VARCHAR(9))",
    "INSERT INTO agents VALUES (1, 'Ann'), (2, 'Bob'), (NULL, 'nobody'), (NULL, 'no one')",
    "CREATE TABLE makers (id INTEGER, title VARCHAR(9))",
    "INSERT INTO makers VALUES (1, 'Arden'), (2, 'Doura')",
    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC",
)
MODEL = SemanticModel.model_validate(
    {
        "name": "sales",
        "datasets": [{"name": name} for name in ("sales", "products", "slots", "agents", "makers")],
        "relationships": [
            {"from": "sales", "to": "products", "from_columns": ["product"], "to_columns": ["id"]},
            {"from": "sales", "to": "slots", "from_columns": ["shop", "order"], "to_columns": ["shop", "order"]},
            {"from": "sales", "to": "agents", "from_columns": ["agent"], "to_columns": ["id"]},
            {"from": "products", "to": "makers", "from_columns": ["maker"], "to_columns": ["id"]},
        ],
        "time_dimensions": [{"name": "day", "dataset": "sales", "expr": "day", "type": "date"}],
        "dimensions": [
            {"name": f"{name}_title", "dataset": f"{name}s", "expr": "title"}
            for name in ("product", "slot", "agent", "maker")
        ],
        "metrics": [{"name": "revenue", "agg": "sum", "expr": "amount"}],
    }
)
TOLD = (
    "The relationship from 'sales' to 'products' joins by id, of which 2 values stand in several rows of 'products': "
    "sums would count twice. Name columns that are unique there."
)


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def open_door(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenDoor]:
    if request.param == "postgres":
        with postgres_shop(request.getfixturevalue("postgres_url"), *STATEMENTS) as opening:
            yield opening
    else:
        with duckdb_shop(tmp_path_factory.mktemp("joins"), *STATEMENTS[:-1]) as opening:
            yield opening


@pytest.fixture
def door(open_door: OpenDoor) -> GuardedDoor:
    return open_door(model=MODEL)


def revenue_by(door: GuardedDoor, *dimensions: str, **filters: str) -> Result:
    query = MetricQuery(
        ("revenue",), MARCH, dimensions, order_by=dimensions[0] if dimensions else None, descending=False
    )
    return door.run(compile_query(query, MODEL, enforced=filters, dialect=door.dialect), title="t")


def sent(door: GuardedDoor, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the door sends from now on."""
    texts: list[str] = []
    exchange: Callable[[dict[str, Any]], dict[str, Any]] = door._exchanged

    def kept(question: dict[str, Any]) -> dict[str, Any]:
        texts.append(question["sql"])
        return exchange(question)

    monkeypatch.setattr(door, "_exchanged", kept)
    return texts


def test_a_relationship_that_leads_to_several_rows_is_refused_each_time(door: GuardedDoor) -> None:
    for _ in range(2):
        with pytest.raises(QueryFailed, match=f"^{re.escape(TOLD)}$"):
            revenue_by(door, "product_title")


def test_it_is_refused_on_the_way_to_another_dataset_and_for_a_filter(open_door: OpenDoor, door: GuardedDoor) -> None:
    with pytest.raises(QueryFailed, match=r"to 'products' joins by id, of which 2 values"):
        revenue_by(door, "maker_title")
    narrowed = open_door(model=MODEL, maker_title="Arden")
    assert revenue_by(narrowed, maker_title="Arden").rows == ((30,),)
    with pytest.raises(QueryFailed, match=r"of which 1 value stands in several rows of 'products'"):
        revenue_by(open_door(model=MODEL, product_title="pot"), product_title="pot")


def test_what_does_not_join_it_is_answered(door: GuardedDoor) -> None:
    assert revenue_by(door).rows == ((70,),)
    assert revenue_by(door, "slot_title").rows == (("first", 10), ("second", 20), ("third", 40))


def test_keys_of_two_columns_and_reserved_names_are_told_apart_together(
    door: GuardedDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = sent(door, monkeypatch)
    revenue_by(door, "slot_title")
    assert len(texts) == 2
    assert 'GROUP BY shop, "order"' in " ".join(texts[0].replace(",\n", ", ").split())


def test_keys_that_are_none_lead_nowhere_however_many_there_are(door: GuardedDoor) -> None:
    assert revenue_by(door, "agent_title").rows == (("Ann", 10), ("Bob", 40), (None, 20))


def test_a_relationship_is_looked_at_once_a_door(
    open_door: OpenDoor, door: GuardedDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = sent(door, monkeypatch)
    for _ in range(3):
        revenue_by(door, "agent_title")
    assert sum("HAVING" in text for text in texts) == 1
    revenue_by(door, "slot_title", "agent_title")
    assert sum("HAVING" in text for text in texts) == 2
    other = open_door(model=MODEL)
    texts = sent(other, monkeypatch)
    revenue_by(other, "agent_title")
    assert sum("HAVING" in text for text in texts) == 1


def test_reserved_names_are_quoted_as_the_database_quotes_them() -> None:
    assert "GROUP BY\n    `shop`" not in compile_repeats(["shop", "Order"], "slots", dialect="mysql").sql
    assert "`Order`" in compile_repeats(["shop", "Order"], "slots", dialect="mysql").sql
    assert '"Order"' in compile_repeats(["shop", "Order"], "slots").sql


def test_a_few_values_are_said_in_the_singular_and_many_with_commas() -> None:
    assert standing(1, "slots") == "1 value stands in several rows of 'slots'"
    assert standing(12_000, "slots") == "12,000 values stand in several rows of 'slots'"
