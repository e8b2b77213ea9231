"""`interact ask` answers one question of a file, as text or as JSON of one shape, and says what it cannot use."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from interact.agents.contract import Answer, Exhibit
from interact.chats.finding import Finding
from interact.chats.result import Cell, Column, Result
from interact.commands.ask import schema_text, told
from interact.reports.document import Markdown, Period, Report, Section
from interact.warehouse.queries import Window

Command = Callable[..., tuple[int, str, str]]
SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "ask.schema.json"
MODEL = """
name: shop
base_table: sales
time_dimension: {name: day, label: Day, expr: day}
dimensions: [{name: market}, {name: email, pii: true}]
metrics:
  - {name: revenue, agg: sum, expr: amount, format: currency, unit: EUR}
  - {name: orders, agg: count, expr: amount, format: integer}
"""
RELATED = """name: shop
datasets: [{name: sales}, {name: shops}]
relationships:
  - {from: sales, to: shops, from_columns: [shop], to_columns: [id]}
time_dimensions: [{name: day, dataset: sales, expr: day, type: date}]
dimensions: [{name: market, dataset: shops}]
metrics: [{name: revenue, agg: sum, expr: amount}]
"""
ROWS = "('2026-06-10', 'NL', 'a@b.example', 10.5), ('2026-06-11', 'NL', NULL, 20), ('2026-06-12', 'BE', NULL, 5)"


@pytest.fixture
def shop(tmp_path: Path) -> tuple[str, ...]:
    """A model and its warehouse, as words of the command, in the week after the sales."""
    import duckdb

    (tmp_path / "shop.yaml").write_text(MODEL)
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as database:
        database.execute("CREATE TABLE sales (day DATE, market VARCHAR, email VARCHAR, amount DOUBLE)")
        database.execute(f"INSERT INTO sales VALUES {ROWS}")
    files = ("--model", str(tmp_path / "shop.yaml"), "--warehouse", str(tmp_path / "shop.duckdb"))
    return (*files, "--as-of", "2026-06-18", "--timezone", "Europe/Amsterdam")


@pytest.fixture
def ask(interact: Command, shop: tuple[str, ...]) -> Callable[..., dict[str, Any]]:
    """Ask the shop, and return what `--json` prints, held to the schema in docs."""

    def asked(prompt: str, *words: str) -> dict[str, Any]:
        code, out, err = interact("ask", prompt, *shop, *words, "--json")
        assert (code, err) == (0, "")
        said: dict[str, Any] = json.loads(out)
        jsonschema.validate(said, json.loads(SCHEMA.read_text("utf-8")), cls=jsonschema.Draft202012Validator)
        return said

    return asked


def a_result() -> Result:
    """Revenue by market, with a market that has none."""
    columns = (Column(name="market", label="Market"), Column(name="revenue", label="Revenue", format="number"))
    rows = (("NL", 30.5), ("BE", None), ("DE", 2.0))
    return Result(result_id="result_aaaaaaaaaaaa", title="By market", sql="SELECT 1", columns=columns, rows=rows)


def an_answer(**changes: Any) -> Answer:
    """An answer that shows that result."""
    shown = Exhibit("result_aaaaaaaaaaaa", ("market", "revenue"), metrics=("revenue",), dimensions=("market",))
    plain: dict[str, Any] = {
        "text": "NL made [[result_aaaaaaaaaaaa/0/revenue]].",
        "window": Window(date(2026, 6, 8), date(2026, 6, 14)),
        "exhibits": (shown,),
    }
    return Answer(**{**plain, **changes})


def test_an_answer_is_shown_with_its_days_its_rows_and_its_figures() -> None:
    said = told(an_answer(), {"result_aaaaaaaaaaaa": a_result()}).model_dump(mode="json")
    assert said == {
        "window": {"start": "2026-06-08", "end": "2026-06-14"},
        "tables": [
            {
                "metrics": ["revenue"],
                "dimensions": ["market"],
                "columns": ["market", "revenue"],
                "rows": [["NL", 30.5], ["BE", None], ["DE", 2.0]],
            }
        ],
        "highlights": [],
        "sections": [],
        "not_understood": [],
        "declined": None,
        "queries": ["SELECT 1"],
        "answer": "NL made 30.50.",
    }


def test_a_table_has_the_chosen_rows_and_columns_in_their_order() -> None:
    chosen = Exhibit("result_aaaaaaaaaaaa", ("revenue", "market"), rows=(2, 0))
    said = told(an_answer(exhibits=(chosen,)), {"result_aaaaaaaaaaaa": a_result()})
    assert said.tables[0].rows == ((2.0, "DE"), (30.5, "NL"))


def test_what_was_asked_to_be_pointed_out_is_a_highlight_and_an_anomaly_is_none() -> None:
    cell = Cell(result_id="result_aaaaaaaaaaaa", row=0, column="revenue")
    asked = Finding(kind="highlight", metric="revenue", key=(("market", "NL"),), figure=cell, title="NL is high")
    unasked = asked.model_copy(update={"kind": "anomaly"})
    said = told(an_answer(findings=(asked, unasked)), {"result_aaaaaaaaaaaa": a_result()})
    assert [each.model_dump() for each in said.highlights] == [
        {"metric": "revenue", "key": {"market": "NL"}, "value": 30.5}
    ]


def test_sections_are_those_asked_for_and_then_the_further_headings_of_the_report() -> None:
    period = Period(start=date(2026, 6, 8), end=date(2026, 6, 14))
    section = Section(title="By market", blocks=(Markdown(text="…"),))
    report = Report(title="Sales", period=period, summary="…", sections=(section,))
    results = {"result_aaaaaaaaaaaa": a_result()}
    assert told(an_answer(report=report), results).sections == ("By market",)
    said = told(an_answer(report=report, sections=("summary", "By market")), results)
    assert said.sections == ("summary", "By market")
    assert told(an_answer(report=report, sections=("summary",)), results).sections == ("summary", "By market")


def test_a_question_is_answered_as_text_with_its_figures(interact: Command, shop: tuple[str, ...]) -> None:
    code, out, err = interact("ask", "Revenue by market last week", *shop)
    assert (code, err) == (0, "")
    assert "30.50" in out and "[[" not in out


def test_real_answers_of_each_kind_have_the_shape_in_docs(ask: Callable[..., dict[str, Any]]) -> None:
    said = ask("Revenue by market last week")
    assert said["declined"] is None and said["queries"] and "30.50" in said["answer"]
    report = ask("Create a report on revenue for last week with a summary and a breakdown by market.")
    assert report["declined"] is None
    flagged = ask("Revenue by market last week. Highlight markets with revenue above 10.")
    assert flagged["declined"] is None


def test_a_question_outside_the_model_is_declined_and_ends_with_0(ask: Callable[..., dict[str, Any]]) -> None:
    said = ask("Forecast the weather")
    assert said["declined"] and said["answer"] == said["declined"]
    assert (said["window"], said["tables"], said["highlights"]) == (None, [], [])


def test_a_parameter_that_is_a_dimension_narrows_all_rows_and_fills_the_prompt(
    ask: Callable[..., dict[str, Any]],
) -> None:
    said = ask("Revenue in {{ market }} last week", "--parameter", "market=BE", "--parameter", "audience=board")
    assert said["declined"] is None
    assert "5.00" in said["answer"] and "35.50" not in said["answer"]


def test_a_member_that_is_not_there_is_declined_with_those_that_are(ask: Callable[..., dict[str, Any]]) -> None:
    said = ask("Revenue last week", "--parameter", "market=FR")
    assert said["declined"] == "Parameter 'market' is 'FR', which is not in the data. Allowed: 'BE', 'NL'."


def test_nothing_is_filtered_by_who_a_person_is(ask: Callable[..., dict[str, Any]]) -> None:
    said = ask("Revenue last week", "--parameter", "email=a@b.example")
    assert said["declined"].startswith("Parameter 'email' tells who a person is")


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--model", "none.yaml", "There is no semantic model"),
        ("--warehouse", "none.duckdb", "The warehouse file 'none.duckdb' is not there"),
        ("--timezone", "Mars/Olympus", "Time zone 'Mars/Olympus' is not known"),
    ],
)
def test_a_file_or_a_zone_that_cannot_be_used_ends_with_2_and_a_sentence(
    interact: Command, shop: tuple[str, ...], option: str, value: str, sentence: str
) -> None:
    code, out, err = interact("ask", "Revenue last week", *shop, option, value)
    assert (code, out) == (2, "")
    assert sentence in err and "Traceback" not in err


def test_a_model_that_does_not_fit_its_file_ends_with_2(
    interact: Command, shop: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "shop.yaml").write_text(MODEL.replace("expr: amount, format: currency", "expr: cash, format: currency"))
    code, out, err = interact("ask", "Revenue last week", *shop)
    assert (code, out) == (2, "")
    assert "cash" in err


@pytest.mark.parametrize(
    ("change", "line", "told"),
    [
        ("base_table: sale", 3, "has no table 'sale' (did you mean 'sales'?). Load it, or correct"),
        ("expr: amonut, format: c", 7, "columns amonut (did you mean 'amount'?). Load them"),
        ("expr: amount >> > 5, format: c", 7, "'amount >> > 5', which is no SQL expression"),
        ('expr: amount, filter: "market = ", format: c', 7, "Metric 'revenue' has the `filter` 'market = '"),
    ],
)
def test_what_does_not_fit_is_named_with_its_line_and_what_may_be_meant(
    interact: Command, shop: tuple[str, ...], tmp_path: Path, change: str, line: int, told: str
) -> None:
    before = "base_table: sales" if change.startswith("base_table") else "expr: amount, format: c"
    (tmp_path / "shop.yaml").write_text(MODEL.replace(before, change, 1))
    code, out, err = interact("ask", "Revenue last week", *shop)
    assert (code, out) == (2, "")
    assert err.startswith(f"{tmp_path / 'shop.yaml'}, line {line}: ")
    assert told in err and "DAG" not in err


def test_who_asks_outside_airflow_is_told_of_no_dag(interact: Command, shop: tuple[str, ...]) -> None:
    code, _, err = interact("ask", "Revenue last week", *shop, "--warehouse", "none.duckdb")
    assert (code, err) == (2, "The warehouse file 'none.duckdb' is not there. Load it, then ask again.\n")


def test_a_relationship_that_would_count_twice_ends_with_2_and_its_line(interact: Command, tmp_path: Path) -> None:
    import duckdb

    (tmp_path / "shop.yaml").write_text(RELATED)
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as database:
        database.execute("CREATE TABLE sales AS SELECT DATE '2026-06-10' AS day, 1 AS shop, 10 AS amount")
        database.execute("CREATE TABLE shops AS SELECT * FROM (VALUES (1, 'NL'), (1, 'BE')) AS t(id, market)")
    words = ("--model", str(tmp_path / "shop.yaml"), "--warehouse", str(tmp_path / "shop.duckdb"))
    code, out, err = interact("ask", "Revenue by market last week", *words, "--as-of", "2026-06-18")
    assert (code, out) == (2, "")
    assert err == (
        f"{tmp_path / 'shop.yaml'}, line 4: The relationship from 'sales' to 'shops' joins by id, of which 1 value "
        "stands in several rows of 'shops': sums would count twice. Name columns that are unique there.\n"
    )
    code, out, _ = interact("ask", "Revenue last week", *words, "--as-of", "2026-06-18")
    assert code == 0 and "10" in out


@pytest.mark.parametrize("words", [("--as-of", "yesterday"), ("--parameter", "market"), ("--parameter", "=NL")])
def test_words_that_are_no_day_or_no_pair_are_not_understood(
    interact: Command, shop: tuple[str, ...], words: tuple[str, str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        interact("ask", "Revenue last week", *shop, *words)


def test_the_schema_in_docs_is_that_of_the_code() -> None:
    assert SCHEMA.read_text("utf-8") == schema_text(), "Run `make reference`."


def test_it_starts_without_airflow_and_without_a_database() -> None:
    code = "import sys, interact.commands.ask; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"airflow", "duckdb", "sqlalchemy", "sqlglot", "jinja2"}.isdisjoint(loaded)
