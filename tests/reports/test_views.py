import pytest

from builders.drafts import a_column, a_result, by_id, campaigns
from interact.chats.result import Cell
from interact.reports.document import Metric, Metrics, Table
from interact.reports.views import grid, tiles


def a_table(result, *columns, limit=200):
    return Table(title="Campaigns", result_id=result.result_id, columns=columns, limit=limit)


def a_tile(result, change=None, figure="cpa", row=0):
    cell = Cell(result_id=result.result_id, row=row, column=figure)
    item = Metric(label="CPA", figure=cell, change=change and Cell(result_id=result.result_id, row=0, column=change))
    return tiles(Metrics(items=(item,)), by_id(result))[0]


def with_change(change, good="down"):
    columns = (a_column("cpa", "currency", good=good), a_column("cpa_change", "percent", is_change=True))
    return a_result(*columns, rows=[(21.5, change)])


def test_a_table_shows_the_columns_asked_for_in_their_order():
    result = campaigns()
    shown = grid(a_table(result, "roas", "campaign"), result, at_most=200)
    assert [column.label for column in shown.columns] == ["Roas", "Campaign"]
    assert [[text for text, _ in row] for row in shown.rows] == [
        ["6.50", "Brand"],
        ["1.75", "Generic"],
        ["n/a", "Stores"],
    ]


def test_a_column_of_money_has_one_number_of_decimals():
    result = campaigns()
    shown = grid(a_table(result, "spend"), result, at_most=200)
    assert [text for ((text, _),) in shown.rows] == ["€1,200", "€800", "€90"]


@pytest.mark.parametrize(("limit", "at_most", "count"), [(200, 200, 3), (2, 200, 2), (200, 1, 1)])
def test_a_table_is_cut_at_the_smaller_limit_and_knows_its_length(limit, at_most, count):
    result = campaigns()
    shown = grid(a_table(result, "campaign", limit=limit), result, at_most=at_most)
    assert (len(shown.rows), shown.total) == (count, 3)


@pytest.mark.parametrize(
    ("change", "good", "arrow", "words", "tone"),
    [
        (0.063, "down", "↑", "6.3%", "bad"),
        (-0.063, "down", "↓", "6.3%", "good"),
        (0.2, "up", "↑", "20.0%", "good"),
        (0.2, None, "↑", "20.0%", ""),
        (0.0, "down", "", "0.0%", ""),
        (None, "down", "", "n/a", ""),
    ],
)
def test_a_tile_says_which_way_a_figure_went_and_whether_that_is_good(change, good, arrow, words, tone):
    tile = a_tile(with_change(change, good), "cpa_change")
    assert (tile.figure, tile.arrow, tile.change, tile.tone) == ("€21.50", arrow, words, tone)


def test_a_tile_whose_row_is_not_there_is_marked():
    tile = a_tile(with_change(0.1), "cpa_change", row=7)
    assert (tile.figure, tile.is_traced) == ("[figure not found]", False)


def test_numbers_and_days_are_never_broken():
    result = a_result(
        a_column("day", "date"), a_column("campaign"), a_column("roas", "ratio"), rows=[("2026-11-15", "x", 1.0)]
    )
    shown = grid(a_table(result, "day", "campaign", "roas"), result, at_most=5)
    assert [column.kind for column in shown.columns] == ["day", "", "number"]
    assert not shown.is_small


def test_only_changes_have_a_tone_in_a_table():
    result = with_change(0.1)
    ((figure, change),) = grid(a_table(result, "cpa", "cpa_change"), result, at_most=5).rows
    assert (figure, change) == (("€21.50", ""), ("+10.0%", "bad"))
