"""`interact model`: a model is tried on its warehouse, or drafted from the warehouse's own tables."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from builders.drafted import DRAFT, ROWS, TABLES

Command = Callable[..., tuple[int, str, str]]
DEMO = Path(__file__).resolve().parents[2] / "include" / "demo"
MODEL = DEMO / "semantic_model.yaml"


@pytest.fixture(scope="module")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("warehouse") / "demo.duckdb"
    runpy.run_path(str(DEMO / "performance.py"))["load"](path, date(2026, 11, 14))
    return path


@pytest.fixture
def shop_file(home: Path) -> Path:
    import duckdb

    with duckdb.connect(home / "shop.duckdb") as connection:
        for statement in (*TABLES, *ROWS):
            connection.execute(statement)
    return home / "shop.duckdb"


def test_each_metric_is_shown_with_its_value_and_what_it_is_made_of(interact: Command, demo_file: Path) -> None:
    code, out, err = interact("model", "check", str(MODEL), "--warehouse", str(demo_file))
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[2] == "spend = sum(spend) of ad_performance: 116,889.75 (2026-11-08 to 2026-11-14)"
    assert lines[5] == "ctr = clicks / impressions: 0.0123 (2026-11-08 to 2026-11-14)"
    assert lines[-1] == f"{MODEL}: 11 of 11 metrics tried, no faults."


def test_a_fault_has_its_file_and_line_and_fails_the_check(interact: Command, home: Path, demo_file: Path) -> None:
    path = home / "model.yaml"
    text = MODEL.read_text(encoding="utf-8").replace("expr: clicks", "expr: clicks || '!'")
    path.write_text(text, encoding="utf-8")
    code, out, err = interact("model", "check", str(path), "--warehouse", str(demo_file))
    number = text[: text.index("- name: clicks")].count("\n") + 1
    assert code == 1
    assert err.splitlines()[0].startswith(f"{path}, line {number}: Metric 'clicks' takes the sum of ")
    assert out.splitlines()[-1] == f"{path}: 7 of 11 metrics tried, 1 fault."


def test_a_model_that_cannot_be_read_is_refused_with_its_line(interact: Command, home: Path, demo_file: Path) -> None:
    (home / "model.yaml").write_text("name: x\nmetrik: []\n", encoding="utf-8")
    code, out, err = interact("model", "check", str(home / "model.yaml"), "--warehouse", str(demo_file))
    assert (code, out) == (1, "")
    assert err.startswith(f"{home}/model.yaml, line 2: 'metrik' is no key of the model (did you mean 'metrics'?)")


def test_what_its_database_cannot_read_is_a_fault_with_its_line(interact: Command, home: Path, demo_file: Path) -> None:
    text = MODEL.read_text(encoding="utf-8").replace("expr: clicks", "expr: clicks 5 b")
    (home / "model.yaml").write_text(text, encoding="utf-8")
    code, out, err = interact("model", "check", str(home / "model.yaml"), "--warehouse", str(demo_file))
    told = "Metric 'clicks' has the expr 'clicks 5 b', which is no SQL expression."
    assert (code, err) == (1, f"{home / 'model.yaml'}, line 34: {told}\n")
    assert out == f"{home / 'model.yaml'}: 0 of 11 metrics tried, 1 fault.\n"


def test_a_file_that_is_not_there_is_named(interact: Command, home: Path) -> None:
    code, _, err = interact("model", "check", str(MODEL), "--warehouse", str(home / "none.duckdb"))
    assert code == 1
    assert "'none.duckdb' is not there" in err


def test_a_draft_is_printed_or_written_and_never_over_a_file(interact: Command, home: Path, shop_file: Path) -> None:
    assert interact("model", "draft", "--warehouse", str(shop_file)) == (0, DRAFT, "")
    path = home / "draft.yaml"
    words = ("model", "draft", "--warehouse", str(shop_file), "--output", str(path))
    code, out, _ = interact(*words)
    assert (code, path.read_text(encoding="utf-8")) == (0, DRAFT)
    assert out == f"{path} is a draft: look at each `# check:`, then run `interact model check` on it.\n"
    assert interact(*words)[2] == f"There is a file {str(path)!r} already. Name another one, or move it away.\n"


def test_a_draft_is_in_order_as_it_is(interact: Command, home: Path, shop_file: Path) -> None:
    interact("model", "draft", "--warehouse", str(shop_file), "--output", str(home / "draft.yaml"))
    code, out, err = interact("model", "check", str(home / "draft.yaml"), "--warehouse", str(shop_file))
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "total = sum(total) of orders: 30 GBP, 20 EUR (2026-02-25 to 2026-03-03)"
    assert "units = sum(units) of stock_levels, last day: 5 (2026-02-24 to 2026-03-02)" in out


def test_named_tables_are_drafted_alone(interact: Command, shop_file: Path) -> None:
    code, out, _ = interact("model", "draft", "stock_levels", "--warehouse", str(shop_file))
    assert code == 0
    assert "  - {name: stock_levels}\n" in out
    assert "orders" not in out.replace("Old Orders", "")


def test_a_connection_is_drafted_from_and_checked_on_postgresql(
    interact: Command, home: Path, monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    import sqlalchemy

    from builders.stores import empty_database

    with empty_database(postgres_url) as url:
        engine = sqlalchemy.create_engine(url)
        with engine.begin() as connection:
            for statement in (*TABLES, *ROWS):
                connection.exec_driver_sql(statement)
            connection.exec_driver_sql("CREATE ROLE model_reader LOGIN")
            connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO model_reader")
        place = {
            "conn_type": "postgres",
            "host": engine.url.query["host"],
            "login": "model_reader",
            "schema": engine.url.database,
        }
        monkeypatch.setenv("AIRFLOW_CONN_SHOP", json.dumps(place))
        monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "client")
        path = home / "draft.yaml"
        assert interact("model", "draft", "--connection", "shop", "--output", str(path))[0] == 0
        assert path.read_text(encoding="utf-8") == DRAFT
        code, out, err = interact("model", "check", str(path), "--connection", "shop")
        monkeypatch.setenv("AIRFLOW_CONN_SHOP", json.dumps(place | {"login": "nobody_there"}))
        refused = interact("model", "draft", "--connection", "shop")
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP OWNED BY model_reader")
            connection.exec_driver_sql("DROP ROLE model_reader")
        engine.dispose()
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "total = sum(total) of orders: 30 GBP, 20 EUR (2026-02-25 to 2026-03-03)"
    assert refused[2].startswith(
        "Connection 'shop' does not open: PostgreSQL is not there, or does not take its login."
    )


def test_a_connection_to_a_file_is_drafted_from_as_the_file_is(
    interact: Command, shop_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", json.dumps({"conn_type": "duckdb", "extra": {"path": str(shop_file)}}))
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "client")
    assert interact("model", "draft", "--connection", "shop") == (0, DRAFT, "")


def test_apply_tries_the_figures_where_it_is_told_to(
    interact: Command, home: Path, demo_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "client")
    path = home / "demo"
    path.mkdir()
    text = MODEL.read_text(encoding="utf-8").replace("expr: clicks", "expr: clicks || '!'")
    (path / "semantic_model.yaml").write_text(text, encoding="utf-8")
    (path / "definitions.yaml").write_text((DEMO / "definitions.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    interact("migrate")
    code, out, _ = interact("apply", "--check", str(path))
    assert code == 0
    assert out.splitlines()[-1].startswith(
        "warning: The figures of agent 'analyst' were not tried. Airflow has no connection 'demo_warehouse'"
    )
    place = {"conn_type": "duckdb", "extra": {"path": str(demo_file)}}
    monkeypatch.setenv("AIRFLOW_CONN_DEMO_WAREHOUSE", json.dumps(place))
    code, out, _ = interact("apply", "--check", str(path))
    warnings = [line for line in out.splitlines() if line.startswith("warning: ")]
    assert code == 0
    assert warnings[0] == "warning: 'ctr', 'cpc', 'conversion_rate' were not tried, being made of 'clicks'."
    assert "semantic_model.yaml, line 34: Metric 'clicks' takes the sum of " in warnings[1]
    assert len(warnings) == 2
