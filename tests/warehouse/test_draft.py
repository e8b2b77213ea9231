"""A first model from a database's own tables: what is taken over, what is guessed, and that it works as it is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builders.drafted import DRAFT, ROWS, TABLES
from interact.errors import DefinitionRefused, WarehouseUnavailable
from interact.warehouse import guesses
from interact.warehouse.catalogue import Ask, Table, TableColumn, duckdb_file, kind_of, read_catalogue
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.draft import draft_model, plain_name
from interact.warehouse.semantic import model_in
from interact.warehouse.trial import check_model

MakeFile = Callable[..., Path]


@pytest.fixture
def shop_file(a_file: MakeFile) -> Path:
    return a_file("shop.duckdb", *TABLES, *ROWS, empty=True)


@pytest.fixture
def ask_postgres(postgres_url: str) -> Iterator[Ask]:
    import sqlalchemy

    from builders.stores import empty_database

    with empty_database(postgres_url) as url:
        engine = sqlalchemy.create_engine(url)
        with engine.connect() as connection:
            for statement in (*TABLES, *ROWS):
                connection.exec_driver_sql(statement)
            yield lambda sql: [tuple(row) for row in connection.exec_driver_sql(sql)]
        engine.dispose()


def drafted(path: Path, *tables: str) -> str:
    with duckdb_file(path) as ask:
        return draft_model(ask, "duckdb", name="shop", tables=tables)


def test_a_draft_says_what_it_took_over_and_what_it_guessed(shop_file: Path) -> None:
    assert drafted(shop_file) == DRAFT


def test_postgresql_gives_the_same_draft(ask_postgres: Ask) -> None:
    assert draft_model(ask_postgres, "postgres", name="shop") == DRAFT


def works(text: str, path: Path) -> list[str]:
    """Try a draft on its file, and return the metrics that have a value."""
    found = model_in(text, "draft.yaml")
    numbers = itertools.count()
    with DuckDbDoor(path, found.model, {}, new_id=lambda: f"result_{next(numbers):012}") as door:
        trial = check_model(found, door)
    assert trial.faults == []
    return [each.metric.name for each in trial.tried if each.values]


def test_a_draft_works_as_it_is(shop_file: Path) -> None:
    assert works(DRAFT, shop_file) == ["total", "cost_eur", "tax_rate", "items", "orders", "units", "stock_levels"]


def test_the_demos_draft_works_as_it_is(demo_file: Path) -> None:
    assert works(drafted(demo_file), demo_file)[:5] == ["impressions", "clicks", "spend", "conversions", "revenue"]


def test_named_tables_are_drafted_alone(shop_file: Path) -> None:
    text = drafted(shop_file, "ORDERS", "main.countries")
    assert "datasets:\n  - {name: orders, primary_key: [order_id]}\n  - {name: countries" in text
    assert "customers" not in text
    with pytest.raises(DefinitionRefused, match=r"no table 'order' \(there are 'Old Orders', 'countries', 'customers'"):
        drafted(shop_file, "order")


def test_keys_that_nobody_declared_are_guessed_where_the_rows_bear_them_out(a_file: MakeFile) -> None:
    path = a_file(
        "meant.duckdb",
        "CREATE TABLE branches AS SELECT * FROM (VALUES (1, 'North'), (2, 'South')) AS v(id, name)",
        "CREATE TABLE plans AS SELECT * FROM (VALUES ('a', 'x'), ('a', 'y')) AS v(code, title)",
        "CREATE TABLE sales AS SELECT DATE '2026-03-01' AS day, 1 AS branch_id, 'a' AS plan_code, 5 AS amount",
        empty=True,
    )
    text = drafted(path)
    assert "{from: sales, to: branches, from_columns: [branch_id], to_columns: [id]}  # check: guessed" in text
    assert "to: plans" not in text
    assert works(text, path) == ["amount", "sales"]


def test_a_second_way_to_a_dataset_and_odd_names_are_left_to_people(a_file: MakeFile) -> None:
    path = a_file(
        "ways.duckdb",
        "CREATE SCHEMA crm",
        "CREATE TABLE places (id INTEGER PRIMARY KEY, name VARCHAR)",
        "CREATE TABLE trips (start_id INTEGER REFERENCES places (id), end_id INTEGER REFERENCES places (id), "
        '"Trip Day" DATE, "Order" INTEGER)',
        'CREATE TABLE crm.trips (day DATE, "2nd" INTEGER)',
        "INSERT INTO places VALUES (1, 'Home')",
        "INSERT INTO trips VALUES (1, 1, '2026-03-01', 4)",
        "INSERT INTO crm.trips VALUES ('2026-03-02', 6)",
        empty=True,
    )
    text = drafted(path)
    assert "- {name: trips, table: crm.trips}" in text
    assert "- {name: trips_2, table: trips}" in text
    assert "# left out: a second relationship from trips_2 to places, by end_id; make a view for it" in text
    assert "{name: order, dataset: trips_2, agg: sum, expr: '\"Order\"', format: integer}" in text
    assert works(text, path) == ["n_2nd", "trips", "order", "trips_2"]


def test_tables_without_days_make_no_model(a_file: MakeFile) -> None:
    path = a_file("dayless.duckdb", "CREATE TABLE plans (code VARCHAR, price INTEGER)", empty=True)
    with pytest.raises(DefinitionRefused, match="None of the tables has a column of days"):
        drafted(path)


def test_more_tables_than_anybody_reads_are_refused(a_file: MakeFile) -> None:
    path = a_file("many.duckdb", *(f"CREATE TABLE t{number} (day DATE)" for number in range(61)), empty=True)
    with pytest.raises(DefinitionRefused, match="There are 61 tables; a draft takes at most 60"):
        drafted(path)


def test_the_file_is_only_read_and_leads_nowhere_else(shop_file: Path, tmp_path: Path) -> None:
    import duckdb

    (tmp_path / "secret.csv").write_text("a\n1\n")
    with duckdb_file(shop_file) as ask:
        with pytest.raises(duckdb.Error, match="read-only"):
            ask("CREATE TABLE t (a INTEGER)")
        with pytest.raises(duckdb.Error, match="disabled"):
            ask(f"SELECT * FROM '{tmp_path}/secret.csv'")
        with pytest.raises(duckdb.Error, match="locked"):
            ask("SET enable_external_access = true")


@pytest.mark.parametrize(("content", "told"), [(None, "no warehouse file"), (b"a,b\n", "'w.duckdb' cannot be opened")])
def test_a_file_that_is_none_is_named(tmp_path: Path, content: bytes | None, told: str) -> None:
    if content:
        (tmp_path / "w.duckdb").write_bytes(content)
    with pytest.raises(WarehouseUnavailable, match=told), duckdb_file(tmp_path / "w.duckdb"):
        pass


def test_a_database_that_cannot_describe_itself_is_left_to_people() -> None:
    with pytest.raises(DefinitionRefused, match="A sqlite database has no information_schema"):
        read_catalogue(lambda sql: [], "sqlite")


@pytest.mark.parametrize(
    ("data_type", "kind"),
    [
        ("character varying", "text"),
        ("ENUM('a', 'b')", "text"),
        ("bigint", "whole"),
        ("DECIMAL(18,2)", "number"),
        ("timestamp without time zone", "moment"),
        ("DATE", "date"),
        ("boolean", "boolean"),
        ("jsonb", "other"),
        ("INTEGER[]", "other"),
        ("interval", "other"),
    ],
)
def test_types_are_told_apart_by_name(data_type: str, kind: str) -> None:
    assert kind_of(data_type) == kind


def test_names_suggest_persons_money_and_what_is_never_added() -> None:
    personal = [
        ("email", "x"),
        ("Phone", "x"),
        ("name", "customers"),
        ("billing_address", "x"),
        ("account_manager", "x"),
    ]
    assert all(guesses.is_personal(*each) for each in personal)
    assert not any(
        guesses.is_personal(*each) for each in [("name", "products"), ("campaign_name", "x"), ("title", "plans")]
    )
    assert [name for name in ("amount", "price", "clicks", "net_usd", "conversions") if guesses.is_money(name)] == [
        "amount",
        "price",
        "net_usd",
    ]
    assert [name for name in ("tax_rate", "conversions", "page", "age", "target_cpa") if guesses.is_rate(name)] == [
        "tax_rate",
        "age",
        "target_cpa",
    ]


def test_the_likeliest_day_comes_first_and_no_birthday() -> None:
    names = ("updated_at", "birth_date", "created_on", "order_date", "date", "valid_until")
    table = Table("main", "customers", [TableColumn(name, "date") for name in names])
    assert [each.name for each in guesses.days_of(table)] == [
        "date",
        "order_date",
        "updated_at",
        "created_on",
        "valid_until",
    ]


@pytest.mark.parametrize(
    ("noun", "singular"),
    [("countries", "country"), ("boxes", "box"), ("classes", "class"), ("stock", "stock"), ("orders", "order")],
)
def test_nouns_are_made_singular(noun: str, singular: str) -> None:
    assert guesses.singular(noun) == singular


@pytest.mark.parametrize(
    ("text", "plain"), [("Order Details", "order_details"), ("orderDate", "order_date"), ("2nd", "n_2nd"), ("é", "n")]
)
def test_any_text_becomes_a_name(text: str, plain: str) -> None:
    assert plain_name(text) == plain
