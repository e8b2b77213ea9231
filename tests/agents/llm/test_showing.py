"""Results as a model sees them."""

from interact.agents.llm.showing import shown
from interact.chats.result import Column, Result, Value

NAME = Column(name="campaign", label="Campaign")
SPEND = Column(name="spend", label="Spend", format="currency", unit="EUR", good="down")


def a_result(*rows: tuple[Value, ...], truncated: bool = False) -> Result:
    return Result(
        result_id="result_000000000001",
        title="Spend",
        sql="SELECT 1",
        columns=(NAME, SPEND),
        rows=rows,
        truncated=truncated,
    )


def test_columns_bear_their_meaning() -> None:
    assert shown(a_result(("A", 1.5)))["columns"] == [
        {"name": "campaign", "label": "Campaign", "format": "text"},
        {"name": "spend", "label": "Spend", "format": "currency", "unit": "EUR", "good": "down"},
    ]


def test_fifty_rows_are_shown_and_the_rest_is_counted() -> None:
    told = shown(a_result(*((f"C{n}", n) for n in range(1_240))))
    assert (len(told["rows"]), told["row_count"]) == (50, 1_240)
    assert told["truncated"] == "50 of 1,240 rows are shown. Ask for fewer groups to see all."


def test_long_rows_are_cut_at_their_size() -> None:
    told = shown(a_result(*((("é" * 400), n) for n in range(50))))
    assert len(told["rows"]) == 39
    assert told["truncated"].startswith("39 of 50 rows are shown")


def test_what_the_warehouse_cut_off_is_said() -> None:
    assert "and the warehouse cut off more" in shown(a_result(("A", 1), truncated=True))["truncated"]


def test_a_whole_result_says_nothing_of_it() -> None:
    assert "truncated" not in shown(a_result(("A", None)))
