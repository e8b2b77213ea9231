import pytest

from builders.drafts import a_column
from builders.rollups import CPA, ROAS, SPEND, a_failure, a_market, a_reading, a_rollup
from interact.reports.comparing import MOST_MEASURES
from interact.reports.rollup_words import BARS, MANY, bars, listed, notes, spans, summary, tiles


def two(one, other, column=ROAS):
    return a_rollup(a_reading(0, one, columns=(column,)), a_reading(1, other, columns=(column,)))


def markets(count):
    return a_rollup(*(a_reading(number, 1.0 + number, columns=(ROAS,)) for number in range(count)))


def test_a_summary_says_how_many_were_answered_and_who_leads():
    assert summary(two(2.0, 1.0)) == [
        "All 2 combinations were answered.",
        "By ROAS, M0 is best (2.00) and M1 is worst (1.00).",
    ]


@pytest.mark.parametrize(
    ("answered", "failed", "told"),
    [
        (2, 1, "2 of 3 combinations were answered; M2 was not."),
        (1, 2, "1 of 3 combinations was answered; M1 and M2 were not."),
        (0, 2, "None of the 2 combinations was answered."),
        (1, 5, "1 of 6 combinations was answered; M1, M2, M3 and 2 more were not."),
    ],
)
def test_a_summary_names_who_was_not_answered(answered, failed, told):
    readings = [a_market(n) for n in range(answered)] + [a_failure(answered + n) for n in range(failed)]
    assert summary(a_rollup(*readings))[0] == told


def test_a_summary_puts_ratios_before_sums_and_stops_at_three():
    told = summary(a_rollup(a_market(0), a_market(1)))
    assert [sentence.split(",")[0] for sentence in told[1:]] == ["By CPA", "By ROAS", "By Conversions"]


def test_a_summary_counts_those_who_tie():
    values = (2.0, 2.0, 1.0, 1.0, 1.0, 1.0)
    rollup = a_rollup(*(a_reading(n, value, columns=(ROAS,)) for n, value in enumerate(values)))
    assert summary(rollup)[1] == "By ROAS, M0 and M1 are best (2.00) and M2, M3, M4 and 1 more are worst (1.00)."


def test_a_summary_has_no_leader_where_no_direction_is_good():
    assert summary(two(2.0, 1.0, SPEND)) == ["All 2 combinations were answered."]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (list("abcd"), "a, b, c and 1 more"),
        (["a"] * 1003, "a, a, a and 1,000 more"),
    ],
)
def test_names_are_listed_as_people_do(names, told):
    assert listed(names) == told


def test_a_few_combinations_need_no_table_of_ends():
    assert spans(markets(MANY - 1)) == []


def test_many_combinations_have_a_table_of_ends_that_says_which_is_good():
    (span,) = spans(markets(MANY))
    assert (span.label, span.lowest.text, span.lowest.whose, span.lowest.rank) == ("ROAS", "1.00", "M0", "worst")
    assert (span.highest.text, span.highest.whose, span.highest.rank) == ("8.00", "M7", "best")
    costs = a_rollup(*(a_reading(n, 1.0 + n, columns=(CPA,)) for n in range(MANY)))
    assert [(each.lowest.rank, each.highest.rank) for each in spans(costs)] == [("best", "worst")]
    spend = a_rollup(*(a_reading(n, 1.0 + n, columns=(SPEND,)) for n in range(MANY)))
    assert [(each.lowest.rank, each.highest.rank) for each in spans(spend)] == [("", "")]


def test_tiles_show_what_many_combinations_are_together():
    few = [a_reading(number, 100.0, 10, 300.0, 10.0, 3.0) for number in range(MANY)]
    assert [(tile.label, tile.figure) for tile in tiles(a_rollup(*few))] == [
        ("Spend", "€800.00"),
        ("Conversions", "80"),
        ("Revenue", "€2,400"),
        ("CPA", "€10.00"),
        ("ROAS", "3.00"),
    ]
    assert tiles(a_rollup(*few[1:])) == []


def test_notes_say_how_totals_were_made_and_what_is_missing():
    told = notes(a_rollup(a_reading(0, 1.0, 2.0, columns=(SPEND, ROAS)), a_reading(1, 2.0, columns=(SPEND,))))
    assert told == [
        "Each figure stands in a result of its own chat; those that tie are all marked.",
        "All together means the 2 answered: sums are added, a ratio is sum over sum.",
        "“–” stands where an answer does not have the figure.",
    ]


def test_notes_say_that_currencies_are_not_mixed():
    dollars, bare = (SPEND.model_copy(update={"unit": unit}) for unit in ("USD", None))
    one, *others = (a_reading(n, 1.0, columns=(column,)) for n, column in enumerate((SPEND, dollars, bare)))
    assert "Spend is in EUR and USD and no named currency, so it is neither ranked nor added." in notes(
        a_rollup(one, *others)
    )


def test_notes_count_the_figures_that_are_left_out():
    columns = tuple(a_column(f"m{n}", "number") for n in range(MOST_MEASURES + 2))
    told = notes(a_rollup(a_reading(0, *range(len(columns)), columns=columns)))
    assert "2 further figures are not compared; the chats have them." in told


def test_bars_show_the_first_measure_with_an_order():
    chart, result = bars(a_rollup(a_market(0, "NL"), a_failure(1), a_market(2, "DE")))
    assert result.rows == (("NL", 900.0), ("DE", pytest.approx(5261)))
    assert (chart.title, chart.subtitle) == ("Spend: highest for DE, lowest for NL", "Spend by market, EUR")
    assert chart.alt == "Spend: NL €900.00, DE €5,261"


@pytest.mark.parametrize("count", [BARS.start - 1, BARS.stop])
def test_too_few_or_too_many_answers_make_no_bars(count):
    assert bars(markets(count)) is None


def test_equal_values_make_no_bars():
    assert bars(two(1.0, 1.0)) is None


def test_hostile_names_fit_where_they_stand():
    label = "w" * 2000
    chart, _ = bars(a_rollup(a_market(0, label), a_market(1)))
    assert (len(chart.title), len(chart.alt)) == (120, 400)
