"""A model tried on its warehouse: what it gives, what is to be known, and what does not work, with its line."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from builders.small_shop import MODEL, TABLES
from builders.warehoused import MODEL as SHOP
from builders.warehoused import postgres_shop
from interact.errors import WarehouseUnavailable
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.queries import Window
from interact.warehouse.semantic import model_file_of, model_in
from interact.warehouse.trial import Trial, check_model

ROWS = (
    "INSERT INTO shop_orders VALUES (1, 1, 'NL', '2026-03-01 09:00', '2026-03-02', 10, 'EUR', 1.0, TRUE, 4), "
    "(2, 9, 'BE', '2026-03-05 23:59', NULL, 6, 'GBP', 1.5, FALSE, 6), "
    "(3, NULL, 'NL', '2026-02-01 10:00', NULL, 5, 'EUR', 1.0, TRUE, 4)",
    "INSERT INTO customers VALUES (1, 'old')",
    "INSERT INTO countries VALUES ('NL', 'Holland'), ('BE', 'Belgium')",
    "INSERT INTO visits VALUES ('2026-03-04', 'NL', 8)",
)


@pytest.fixture(scope="module")
def shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import duckdb

    path = tmp_path_factory.mktemp("trial") / "shop.duckdb"
    with duckdb.connect(path) as connection:
        for name, columns in TABLES.items():
            connection.execute(f"CREATE TABLE {name} ({columns})")
        for statement in ROWS:
            connection.execute(statement)
    return path


@contextmanager
def tried(path: Path, *changes: tuple[str, str]) -> Iterator[Trial]:
    """Try the small shop's model after changes to its text."""
    text = MODEL
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    found = model_in(text, "shop.yaml")
    numbers = itertools.count()
    with DuckDbDoor(path, found.model, {}, new_id=lambda: f"result_{next(numbers):012}") as door:
        yield check_model(found, door)


def line_of(part: str) -> int:
    return MODEL[: MODEL.index(part)].count("\n") + 1


def test_each_metric_is_run_over_the_newest_days_of_its_own_rows(shop_file: Path) -> None:
    with tried(shop_file) as trial:
        found = {each.metric.name: (each.window, each.values) for each in trial.tried}
    newest = Window(date(2026, 2, 27), date(2026, 3, 5))
    assert trial.faults == []
    assert len(found) == 21
    assert found["revenue"] == (newest, ((10,),))
    assert found["takings"] == (newest, (("EUR", 10), ("GBP", 6)))
    assert found["euros"] == (newest, ((19.0,),))
    assert found["shipped_orders"] == (Window(date(2026, 2, 24), date(2026, 3, 2)), ((1,),))
    assert found["conversion_rate"] == (newest, ((0.25,),))
    assert found["stock"] == (None, ())


def test_what_is_to_be_known_is_told_and_no_fault(shop_file: Path) -> None:
    with tried(shop_file, ("filter: paid", "filter: amount > 99")) as trial:
        assert trial.faults == []
    assert trial.notes == [
        "'stock' has no rows with a day in 'counted'.",
        "1 of 3 rows of 'shop_orders' name a customer_id that 'customers' lacks: they are shown as none.",
        "Metric 'revenue' counts no row at all. Check its filter 'amount > 99'.",
    ]


def test_a_column_that_is_not_there_is_named_where_it_stands(shop_file: Path) -> None:
    with tried(
        shop_file, ("agg: avg, expr: amount}", "agg: avg, expr: amont}"), ("expr: ordered_at", "expr: orderd")
    ) as trial:
        told = [str(fault) for fault in trial.faults]
    ordered, usual = line_of("{name: ordered,"), line_of("{name: usual_order,")
    assert [sentence.partition(". ")[0] for sentence in told] == [
        f"shop.yaml, line {ordered}: Time dimension 'ordered' names 'orderd', which does not fit",
        f"shop.yaml, line {usual}: Metric 'usual_order' names 'amont', which does not fit",
    ]
    assert "has a table 'shop_orders' without the columns amont, orderd (did you mean 'amount', 'order_id'?)" in told[0]
    assert trial.tried == []


def test_a_table_that_is_not_there_is_named_where_it_stands(shop_file: Path) -> None:
    with tried(shop_file, ("table: shop_orders", "table: shop_order")) as trial:
        (fault,) = trial.faults
    at = line_of("{name: orders, table")
    assert str(fault).startswith(f"shop.yaml, line {at}: The warehouse file 'shop.duckdb' has no table 'shop_order'")
    assert "(did you mean 'shop_orders'?). Load it, or correct its name in the semantic model." in str(fault)


def test_a_sum_of_what_is_no_number_is_told_once_by_its_type(shop_file: Path) -> None:
    with tried(shop_file, ("agg: sum, expr: visits}", "agg: sum, expr: country_code}")) as trial:
        told = [str(fault) for fault in trial.faults]
    at = line_of("{name: visits, dataset")
    fact = "Metric 'visits' takes the sum of 'country_code', which is of type varchar and no number"
    assert told == [f"shop.yaml, line {at}: {fact}. Name a column of numbers, or cast it."]
    assert "'conversion_rate', 'gain', 'margin' were not tried, being made of 'visits'." in trial.notes


def test_what_the_database_cannot_reckon_is_told_in_its_own_words(shop_file: Path) -> None:
    with tried(shop_file, ("agg: sum, expr: visits}", "agg: sum, expr: abs(country_code)}")) as trial:
        (fault,) = trial.faults
    at = line_of("{name: visits, dataset")
    assert str(fault).startswith(f"shop.yaml, line {at}: Metric 'visits' does not work there. The warehouse could not")


def test_a_primary_key_that_is_not_unique_is_a_fault_also_where_nothing_joins_it(shop_file: Path) -> None:
    change = (
        "table: shop_orders, primary_key: [order_id]",
        "table: shop_orders, primary_key: [country_code, currency]",
    )
    with tried(shop_file, change) as trial:
        (fault,) = trial.faults
    fact = "Dataset 'orders' has the primary_key country_code, currency, of which 1 value stands in several rows"
    mend = "Name the columns that tell its rows apart, or take the key out."
    assert str(fault) == f"shop.yaml, line {line_of('{name: orders, table')}: {fact} of 'shop_orders'. {mend}"


def test_a_word_that_two_parts_share_is_to_be_known(shop_file: Path) -> None:
    with tried(
        shop_file,
        ("agg: sum, expr: visits}", "agg: sum, expr: visits, synonyms: [Stock, segment, hits]}"),
    ) as trial:
        shared = sorted(note for note in trial.notes if "stands for" in note)
    mend = "a question that says it is not clear. Leave it to one of them."
    assert shared == [
        f"'segment' stands for metric 'visits' and for dimension 'segment': {mend}",
        f"'stock' stands for metric 'visits' and for metric 'stock': {mend}",
    ]


def test_a_time_of_another_type_is_no_fault_of_the_dimension_of_its_column(shop_file: Path) -> None:
    with tried(shop_file, ("expr: ordered_at", "expr: currency")) as trial:
        told = [str(fault).partition(" names ")[0] for fault in trial.faults]
    assert told == [f"shop.yaml, line {line_of('{name: ordered,')}: Time dimension 'ordered'"]


def test_a_join_that_would_count_rows_twice_is_a_fault(shop_file: Path, tmp_path: Path) -> None:
    import duckdb

    path = tmp_path / "twice.duckdb"
    path.write_bytes(shop_file.read_bytes())
    with duckdb.connect(path) as connection:
        connection.execute("INSERT INTO countries VALUES ('NL', 'Netherlands')")
    with tried(path) as trial:
        told = [str(fault) for fault in trial.faults]
    at = line_of("{from: orders, to: countries")
    assert told[0] == (
        f"shop.yaml, line {at}: The relationship from 'orders' to 'countries' joins by code, of which 1 "
        "value stands in several rows of 'countries': sums would count twice. Name columns that are unique there."
    )
    assert len(told) == 3


def test_moments_that_are_said_to_be_days_are_a_fault(shop_file: Path) -> None:
    with tried(shop_file, ("expr: ordered_at", "expr: ordered_at, type: date")) as trial:
        told = [str(fault) for fault in trial.faults]
    assert told == [
        f"shop.yaml, line {line_of('{name: ordered,')}: Time dimension 'ordered' names 'ordered_at', "
        "which does not fit. "
        "The warehouse file 'shop.duckdb' has 'ordered_at' as TIMESTAMP, not as DATE. Cast it in the semantic model."
    ]


def test_a_warehouse_that_is_not_there_is_no_fault_of_the_model(tmp_path: Path) -> None:
    with pytest.raises(WarehouseUnavailable, match="is not there"), tried(tmp_path / "none.duckdb"):
        pass


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"table": "order"},
            r"has no table 'order' \(did you mean 'orders'\?\)\. Load it, or let the role see its schema",
        ),
        ({"table": "crm.customer"}, r"has no table 'crm.customer' \(did you mean 'crm.customers'\?\)"),
        ({"primary_key": ["idd"]}, r"without the columns idd \(did you mean 'id'\?\)\. Grant SELECT on them"),
        ({"primary_key": ["channel"]}, r"primary_key channel, of which 2 values stand in several rows of 'orders'"),
        (
            {"expr": "channel"},
            "Metric 'revenue' takes the sum of 'channel', which is of type character varying and no nu",
        ),
    ],
)
def test_on_postgresql_what_does_not_fit_is_told_alike(postgres_url: str, change: dict[str, object], told: str) -> None:
    plain = SHOP.model_dump()
    (plain["metrics"] if "expr" in change else plain["datasets"])[0].update(change)
    found = model_file_of(plain)
    with postgres_shop(postgres_url) as opening:
        (fault,) = check_model(found, opening(model=found.model)).faults
    assert re.search(told, str(fault))


def test_on_postgresql_a_column_that_is_not_granted_is_no_fault_where_nobody_is_shown_it(postgres_url: str) -> None:
    with postgres_shop(postgres_url) as opening:
        trial = check_model(model_file_of(SHOP.model_dump()), opening())
    assert trial.faults == []
    assert [(each.metric.name, each.values) for each in trial.tried] == [
        ("revenue", ((110.0,),)),
        ("orders_count", ((2,),)),
        ("budget", ((700.0,),)),
    ]
