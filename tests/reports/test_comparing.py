import pytest

from builders.drafts import a_column, a_report, a_result
from builders.rollups import (
    ADDS,
    CONVERSIONS,
    CPA,
    REVENUE,
    ROAS,
    SPEND,
    a_chat,
    a_failure,
    a_market,
    a_reading,
    a_rollup,
    read_rows,
)
from interact.chats.result import Cell, Column
from interact.chats.status import ChatStatus
from interact.reports.comparing import MOST_MEASURES, Answered, Summable, bare, first_sentence, read_figures, roll_up
from interact.reports.document import Metric, Metrics, Period
from interact.reports.rollup import Rollup

DOLLARS = SPEND.model_copy(update={"unit": "USD"})


def measure(rollup, name):
    return next(each for each in rollup.measures if each.column.name == name)


def ends(rollup, name):
    found = measure(rollup, name)
    return tuple([int(chat_id[-3:]) for chat_id in chats] for chats in (found.best, found.worst))


def three(*values, column=ROAS, **more):
    return a_rollup(*(a_reading(number, value, columns=(column,), **more) for number, value in enumerate(values)))


def test_each_combination_has_a_line_and_each_metric_a_place_in_it():
    rollup = a_rollup(a_market(0, "NL"), a_market(1, "BE"))
    assert [line.label for line in rollup.lines] == ["NL", "BE"]
    assert [each.column.name for each in rollup.measures] == ["spend", "conversions", "revenue", "cpa", "roas"]
    assert [figure.value for figure in rollup.lines[0].figures] == pytest.approx([900, 20, 990, 45, 1.1])


def test_each_figure_keeps_the_cell_that_it_was_read_from():
    figure = three(4.2, 3.1).lines[1].figures[0]
    assert (figure.value, figure.cell) == (3.1, Cell(result_id="result_000000000001", row=0, column="roas"))


@pytest.mark.parametrize(("column", "best", "worst"), [(ROAS, [2], [0]), (CPA, [0], [2]), (SPEND, [], [])])
def test_the_best_is_where_the_columns_good_direction_leads(column, best, worst):
    rollup = three(1.0, 2.0, 3.0, column=column)
    assert ends(rollup, column.name) == (best, worst)
    assert (measure(rollup, column.name).highest, measure(rollup, column.name).lowest) == (
        ("chat_000000000002",),
        ("chat_000000000000",),
    )


def test_all_that_tie_are_best_or_worst():
    assert ends(three(3.0, 1.0, 3.0, 1.0, 2.0), "roas") == ([0, 2], [1, 3])


def test_sums_that_differ_in_their_last_digit_tie():
    assert ends(three(0.1 + 0.2, 0.3, 0.1), "roas") == ([0, 1], [2])


@pytest.mark.parametrize("values", [(2.0, 2.0), (2.0,), (None, 2.0), (None, None), (0.0, 0.0)])
def test_nobody_is_best_where_there_is_nothing_to_compare(values):
    assert ends(three(*values), "roas") == ([], [])


def test_a_value_that_is_not_available_is_neither_best_nor_worst():
    rollup = three(None, 4.0, 1.0)
    assert ends(rollup, "roas") == ([1], [2])
    assert rollup.lines[0].figures[0].value is None


def test_a_metric_that_some_answers_lack_leaves_their_place_empty():
    one = a_reading(0, 100.0, 2.0, columns=(SPEND, ROAS))
    other = a_reading(1, 3.0, 200.0, columns=(ROAS, CPA))
    rollup = a_rollup(one, other)
    assert [each.column.name for each in rollup.measures] == ["spend", "roas", "cpa"]
    assert [[figure.value if figure else None for figure in line.figures] for line in rollup.lines] == [
        [100.0, 2.0, None],
        [None, 3.0, 200.0],
    ]
    assert measure(rollup, "spend").total is None
    assert ends(rollup, "roas") == ([1], [0])


def test_sums_are_added_and_ratios_are_sum_over_sum():
    rollup = a_rollup(a_reading(0, 100.0, 10, 300.0, 10.0, 3.0), a_reading(1, 300.0, 10, 300.0, 30.0, 1.0))
    assert [each.total for each in rollup.measures] == [400.0, 20, 600.0, 20.0, 1.5]
    assert isinstance(measure(rollup, "conversions").total, int)


def test_a_ratio_whose_sums_are_not_compared_has_no_total():
    assert measure(three(3.0, 1.0), "roas").total is None


def test_a_ratio_over_nothing_has_no_total():
    rollup = a_rollup(*(a_reading(n, 10.0, 0, 0.0, None, 0.0) for n in range(2)))
    assert (measure(rollup, "cpa").total, measure(rollup, "roas").total) == (None, 0.0)


def test_nothing_is_added_where_two_combinations_may_count_the_same_rows():
    readings = [a_reading(n, 100.0, 10, 300.0, 10.0, 3.0, summable=Summable()) for n in range(2)]
    rollup = a_rollup(*readings, summable=Summable())
    assert [each.total for each in rollup.measures] == [None] * 5
    assert ends(a_rollup(a_market(0), a_market(1)), "roas") == ([1], [0])


def test_a_sum_that_is_not_available_for_one_has_no_total():
    assert measure(three(100.0, None, column=SPEND), "spend").total is None


def test_one_row_of_many_is_not_the_sum_of_its_combination():
    readings = [read_rows(n, [(100.0,), (50.0,)], columns=(SPEND,)) for n in range(2)]
    assert measure(a_rollup(*readings), "spend").total is None


def test_a_column_that_is_only_called_like_a_sum_is_not_added():
    average = Column(name="spend", label="Mean spend a day", format="number")
    assert measure(three(100.0, 200.0, column=average), "spend").total is None


def test_two_currencies_are_neither_ranked_nor_added():
    good = {"good": "down"}
    euros, dollars = SPEND.model_copy(update=good), DOLLARS.model_copy(update=good)
    adds = Summable(sums=frozenset({bare(euros), bare(dollars)}))
    readings = [
        a_reading(0, 100.0, columns=(euros,), summable=adds),
        a_reading(1, 90.0, columns=(dollars,), summable=adds),
    ]
    found = measure(a_rollup(*readings, summable=adds), "spend")
    assert (found.units, found.column.unit) == (("EUR", "USD"), None)
    assert (found.highest, found.lowest, found.best, found.worst, found.total) == ((), (), (), (), None)
    assert [line.figures[0].unit for line in a_rollup(*readings).lines] == ["EUR", "USD"]


def test_one_currency_is_ranked_and_added():
    found = measure(three(100.0, 90.0, column=SPEND), "spend")
    assert (found.units, found.column.unit, found.total) == (("EUR",), "EUR", 190.0)
    assert found.highest == ("chat_000000000000",)


def test_answers_that_disagree_on_what_is_good_have_no_best():
    up, down = ROAS, ROAS.model_copy(update={"good": "down"})
    rollup = a_rollup(a_reading(0, 1.0, columns=(up,)), a_reading(1, 2.0, columns=(down,)))
    assert ends(rollup, "roas") == ([], [])


def test_words_are_shown_and_not_ranked():
    name = Column(name="leader", label="Leading campaign", good="up")
    rollup = three("Brand", "Generic", column=name)
    assert [line.figures[0].value for line in rollup.lines] == ["Brand", "Generic"]
    assert ends(rollup, "leader") == ([], [])


def test_a_combination_that_failed_says_why_in_one_sentence_and_has_no_figures():
    rollup = a_rollup(a_market(0), a_failure(1), a_failure(2, None), a_failure(3, "Ada did.", status="cancelled"))
    assert [line.reason for line in rollup.lines] == [
        None,
        "The warehouse is away.",
        "No reason was recorded.",
        "Ada did.",
    ]
    assert rollup.unanswered[0].figures == (None,) * 5
    assert measure(rollup, "spend").total == 900.0


def test_when_all_failed_there_is_nothing_to_compare():
    rollup = a_rollup(a_failure(0), a_failure(1))
    assert (rollup.measures, rollup.answered, rollup.period) == ((), (), None)
    assert [line.reason for line in rollup.lines] == ["The warehouse is away."] * 2


def test_a_combination_that_is_not_answered_yet_has_no_reason():
    assert a_rollup(a_failure(0, None, status=ChatStatus.RUNNING)).lines[0].reason is None


def test_without_a_headline_the_tiles_of_the_report_are_compared_under_their_words():
    tiles = Metrics(items=(a_tile("Brand spend", 0), a_tile("Generic spend", 1)))
    readings = [
        read_rows(n, [(100.0 + n,), (50.0 - n,)], columns=(SPEND,), report=a_report(tiles_of(tiles, n))) for n in (0, 1)
    ]
    rollup = a_rollup(*readings)
    assert [each.column.label for each in rollup.measures] == ["Brand spend", "Generic spend"]
    assert [[figure.value for figure in line.figures] for line in rollup.lines] == [[100.0, 50.0], [101.0, 49.0]]


def a_tile(label, row):
    return Metric(label=label, figure=Cell(result_id="result_000000000000", row=row, column="spend"))


def tiles_of(tiles, number):
    items = tuple(
        item.model_copy(update={"figure": item.figure.model_copy(update={"result_id": f"result_{number:012d}"})})
        for item in tiles.items
    )
    return tiles.model_copy(update={"items": items})


def test_a_cell_that_leads_nowhere_gives_no_figure():
    result = a_result(a_column("spend", "currency"), rows=[(1.0,)])
    cells = tuple(
        Cell(result_id=result_id, row=row, column=column)
        for result_id, row, column in (
            ("result_zzzzzzzzzzzz", 0, "spend"),
            (result.result_id, 1, "spend"),
            (result.result_id, 0, "cost"),
        )
    )
    reading = read_figures(Answered(a_chat(), "NL", cells), {result.result_id: result}, ADDS)
    assert reading.found == {}


def test_a_figure_that_a_headline_names_twice_is_shown_once():
    result = a_result(a_column("spend", "currency"), rows=[(1.0,), (2.0,)])
    cells = tuple(Cell(result_id=result.result_id, row=row, column="spend") for row in (0, 1))
    rollup = a_rollup(read_figures(Answered(a_chat(), "NL", cells), {result.result_id: result}, ADDS))
    assert [figure.value for figure in rollup.lines[0].figures] == [1.0]


def test_more_measures_than_can_be_compared_are_counted():
    columns = tuple(a_column(f"m{n}", "number") for n in range(MOST_MEASURES + 3))
    rollup = a_rollup(a_reading(0, *range(len(columns)), columns=columns))
    assert (len(rollup.measures), rollup.left_out, len(rollup.lines[0].figures)) == (MOST_MEASURES, 3, MOST_MEASURES)


def test_the_period_is_told_when_all_answers_share_it():
    week, other = a_report(), a_report(period=Period(start="2026-11-02", end="2026-11-08"))

    def rollup(*reports):
        return a_rollup(*(read_rows(n, [(1.0,)], columns=(ROAS,), report=each) for n, each in enumerate(reports)))

    assert rollup(week, week).period == week.period
    assert rollup(week, other).period is None
    assert rollup(week, None).period is None


def test_a_thousand_combinations_are_compared():
    rollup = a_rollup(*(a_market(number) for number in range(1000)))
    assert len(rollup.lines) == 1000
    assert measure(rollup, "conversions").total == sum(20 + number * 13 % 47 for number in range(1000))
    best = [number for number in range(1000) if number * 5 % 11 == 10]
    assert [int(chat_id[-3:]) for chat_id in measure(rollup, "roas").best] == best


def test_the_same_chats_give_the_same_roll_up_and_it_survives_being_kept():
    rollup = a_rollup(a_market(0), a_failure(1), a_market(2))
    assert roll_up("run_000000000001", "Weekly report", [a_market(0), a_failure(1), a_market(2)], ADDS) == rollup
    assert Rollup.model_validate_json(rollup.model_dump_json()) == rollup


def test_a_roll_up_knows_the_answers_that_it_compares():
    rollup = a_rollup(a_market(0), a_failure(1))
    chats = [a_chat(0), a_chat(1, status=ChatStatus.FAILED)]
    assert rollup.is_of(chats)
    assert not rollup.is_of([a_chat(0), a_chat(1)])
    assert not rollup.is_of([a_chat(0, attempt=2), chats[1]])
    assert not rollup.is_of(chats[:1])


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (
            "Parameter 'market' does not take 'St. Pölten'. Allowed: 'NL'.",
            "Parameter 'market' does not take 'St. Pölten'.",
        ),
        ("The data runs to 15 Nov 2026. Check the load.", "The data runs to 15 Nov 2026."),
        ("What?! Why so", "What?!"),
        ("There is no NL. Ask for another.", "There is no NL."),
        ("It does not take 'a'. Allowed: 'b'.", "It does not take 'a'."),
        ("no end at all", "no end at all"),
        ("one\nline\t only. Two.", "one line only."),
        ("w" * 500, "w" * 299 + "…"),
        ("", ""),
    ],
)
def test_a_reason_is_cut_after_its_first_sentence(reason, sentence):
    assert first_sentence(reason) == sentence


def test_what_may_be_added_is_known_without_the_words_above_it():
    assert bare(REVENUE) == bare(REVENUE.model_copy(update={"label": "Turnover"}))
    assert bare(CONVERSIONS) != bare(CONVERSIONS.model_copy(update={"good": None}))
