"""Calculations are made by code, in the unit that follows from their cells, or not at all."""

import pytest

from builders.drafts import a_column, a_result, by_id
from interact.chats.calculation import NotComputed, computed
from interact.chats.figures import resolve, show, spelled_out
from interact.chats.result import Cell, Column

RESULT = a_result(
    a_column("market"),
    a_column("spend", "currency"),
    Column(name="sales", label="Sales", format="currency", unit="USD"),
    a_column("clicks", "integer"),
    a_column("ctr", "percent"),
    rows=(("NL", 300.0, 10.0, 40, 0.05), ("BE", 100.0, 20.0, 0, 0.03), ("DE", None, 5.0, 10, None)),
)
RESULTS = by_id(RESULT)


def a_cell(row: int, column: str) -> Cell:
    return Cell(result_id=RESULT.result_id, row=row, column=column)


@pytest.mark.parametrize(
    ("op", "cells", "shown"),
    [
        ("sum", [(0, "spend"), (1, "spend")], "€400.00"),
        ("difference", [(1, "spend"), (0, "spend")], "−€200.00"),
        ("change", [(0, "spend"), (1, "spend")], "+200.0%"),
        ("share", [(1, "spend"), (0, "spend")], "33.3%"),
        ("ratio", [(0, "spend"), (0, "clicks")], "€7.50"),
        ("ratio", [(0, "clicks"), (2, "clicks")], "4.00"),
        ("mean", [(0, "clicks"), (1, "clicks"), (2, "clicks")], "16.67"),
        ("min", [(0, "ctr"), (1, "ctr")], "3.0%"),
        ("max", [(0, "clicks"), (2, "clicks")], "40"),
        ("count", [(0, "market"), (2, "market")], "2"),
        ("difference", [(0, "ctr"), (1, "ctr")], "+2.0 points"),
        ("ratio", [(0, "spend"), (1, "clicks")], "n/a"),
        ("sum", [(0, "spend"), (2, "spend")], "n/a"),
    ],
)
def test_a_calculation_is_shown_in_its_own_unit(op, cells, shown):
    assert show(*computed(op, tuple(a_cell(*each) for each in cells), RESULTS)) == shown


@pytest.mark.parametrize(
    ("op", "cells", "reason"),
    [
        ("sum", [(0, "ctr"), (1, "ctr")], "percentages and ratios are not added"),
        ("sum", [(0, "spend"), (0, "clicks")], "its cells are in several units"),
        ("share", [(0, "spend"), (0, "sales")], "its cells are money of several currencies"),
        ("sum", [(0, "spend"), (0, "sales")], "its cells are in several units"),
        ("share", [(0, "spend")], "a share takes two cells, and it has 1"),
        ("mean", [(0, "market")], "column 'market' holds no numbers"),
        ("sum", [(9, "spend")], "result 'result_000000000001' has no row 9"),
        ("sum", [(0, "cost")], "result 'result_000000000001' has no column 'cost'"),
    ],
)
def test_what_makes_no_figure_says_why(op, cells, reason):
    with pytest.raises(NotComputed, match=f"^{reason}$"):
        computed(op, tuple(a_cell(*each) for each in cells), RESULTS)


def test_a_text_shows_a_calculation_that_is_declared_on_the_spot():
    text = "Together [[sum:result_000000000001/0/spend, result_000000000001/1/spend]]."
    assert resolve(text, RESULTS) == "Together €400.00."


def test_a_declared_calculation_can_be_spelled_out():
    from interact.chats.calculation import Calculation

    share = Calculation(name="nl", op="share", cells=(a_cell(1, "spend"), a_cell(0, "spend")))
    text = "It is [[calc:nl]] or [[calc:be]]."
    assert resolve(text, RESULTS, (share,)) == "It is 33.3% or [figure not found]."
    spelled = spelled_out(text, (share,))
    assert spelled == "It is [[share:result_000000000001/1/spend,result_000000000001/0/spend]] or [[calc:be]]."
    assert resolve(spelled, RESULTS) == "It is 33.3% or [figure not found]."


def test_a_number_that_nothing_shows_stands_with_its_mark():
    assert resolve("It was [[?1,234]].", {}) == "It was 1,234 [?]."
