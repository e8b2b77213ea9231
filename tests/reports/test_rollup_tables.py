import pytest

from builders.drafts import a_column
from builders.rollups import ADDS, CPA, ROAS, SPEND, a_failure, a_market, a_reading, a_rollup
from interact.reports.rollup_tables import LINES, MOST_COLUMNS, as_result, head_of, sheets, whole_sheet
from interact.reports.views import LETTERS_SMALL


def shown(sheet):
    return [[(slot.text, slot.rank) for slot in row.slots] for row in sheet.rows]


def wide(count, size=1.0):
    columns = tuple(a_column(f"m{n}", "currency") for n in range(count))
    return a_rollup(*(a_reading(n, *[size * (n + 1)] * count, columns=columns) for n in range(2)))


def test_a_table_marks_the_best_and_the_worst_in_words():
    rollup = a_rollup(a_reading(0, 20.0, 2.0, columns=(CPA, ROAS)), a_reading(1, 30.0, 1.0, columns=(CPA, ROAS)))
    (sheet,) = sheets(rollup)
    assert [(column.label, column.kind) for column in sheet.columns] == [
        ("Market", ""),
        ("CPA", "number"),
        ("ROAS", "number"),
    ]
    assert shown(sheet) == [[("€20.00", "best"), ("2.00", "best")], [("€30.00", "worst"), ("1.00", "worst")]]
    assert sheet.totals == ()


def test_a_combination_without_an_answer_has_no_cells():
    (sheet,) = sheets(a_rollup(a_market(0), a_failure(1)))
    assert [len(row.slots) for row in sheet.rows] == [5, 0]


def test_what_an_answer_lacks_differs_from_what_is_not_available():
    rollup = a_rollup(a_reading(0, 1.0, None, columns=(SPEND, CPA)), a_reading(1, 2.0, columns=(SPEND,)))
    assert [[text for text, _ in row] for row in shown(whole_sheet(rollup))] == [["€1.00", "n/a"], ["€2.00", "–"]]


def test_all_together_stand_under_the_sums_alone():
    ratio = a_rollup(a_reading(0, 100.0, 2.0, columns=(SPEND, ROAS)), a_reading(1, 50.0, 1.0, columns=(SPEND, ROAS)))
    assert whole_sheet(ratio).totals == ("€150.00", "")


def test_each_amount_of_a_column_with_two_currencies_bears_its_own():
    dollars = SPEND.model_copy(update={"unit": "USD"})
    rollup = a_rollup(a_reading(0, 1200.0, columns=(SPEND,)), a_reading(1, 900.0, columns=(dollars,)))
    assert shown(whole_sheet(rollup)) == [[("€1,200", "")], [("$900", "")]]


def test_many_measures_go_on_in_further_tables_and_none_is_lost():
    tables = sheets(wide(20))
    assert [len(table.columns) - 1 for table in tables] == [MOST_COLUMNS, MOST_COLUMNS, 6]
    labels = [column.label for table in tables for column in table.columns[1:]]
    assert labels == [f"M{n}" for n in range(20)]
    assert {table.columns[0].label for table in tables} == {"Market"}
    assert all(sum(column.width for column in table.columns) == pytest.approx(100, abs=0.1) for table in tables)


@pytest.mark.parametrize("size", [1.0, 123456.0, 1234567890.0, 123456789012345.0])
def test_no_table_is_wider_than_the_paper(size):
    for table in sheets(wide(12, size)):
        room = [max(len(row.slots[place].text) for row in table.rows) for place in range(len(table.columns) - 1)]
        widths = [column.width for column in table.columns[1:]]
        assert all(letters <= LETTERS_SMALL * width / 100 for letters, width in zip(room, widths, strict=True))


def test_a_page_that_scrolls_has_all_in_one_table():
    sheet = whole_sheet(wide(20))
    assert (len(sheet.columns), len(sheet.rows)) == (21, 2)


def test_without_measures_there_is_a_table_of_names():
    (sheet,) = sheets(a_rollup(a_reading(0, columns=()), a_failure(1)))
    assert ([column.label for column in sheet.columns], len(sheet.rows)) == (["Market"], 2)


def test_a_long_roll_up_is_cut_on_paper_and_whole_on_the_page_and_in_the_file():
    rollup = a_rollup(*(a_market(number) for number in range(1000)))
    (sheet,) = sheets(rollup)
    assert (len(sheet.rows), sheet.of) == (LINES, 1000)
    assert len(whole_sheet(rollup).rows) == 1000
    assert len(as_result(rollup).rows) == 1000


def test_the_file_says_everything_of_everyone():
    dollars = SPEND.model_copy(update={"unit": "USD"})
    rollup = a_rollup(
        a_reading(0, 1200.5, columns=(SPEND,)), a_reading(1, 900.0, columns=(dollars,)), a_failure(2), summable=ADDS
    )
    rows = as_result(rollup)
    assert [column.label for column in rows.columns] == [
        "Market",
        "Spend",
        "Spend, currency",
        "Status",
        "Reason",
        "Chat",
    ]
    assert rows.rows == (
        ("M0", 1200.5, "EUR", "completed", None, "chat_000000000000"),
        ("M1", 900.0, "USD", "completed", None, "chat_000000000001"),
        ("M2", None, None, "failed", "The warehouse is away.", "chat_000000000002"),
    )


def test_a_cell_of_endless_words_is_cut():
    name = a_column("leader")
    assert shown(whole_sheet(a_rollup(a_reading(0, "w" * 5000, columns=(name,))))) == [[("w" * 119 + "…", "")]]


def test_the_combinations_are_named_by_their_parameters():
    two = a_market(0, parameters={"market": "NL", "ad_channel": "Paid search"})
    assert head_of(a_rollup(two)) == "Market · Ad channel"
    assert head_of(a_rollup(a_market(0, parameters={}))) == "Combination"
