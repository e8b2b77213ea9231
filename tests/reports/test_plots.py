import pytest

from builders.drafts import a_column, a_result
from interact.reports.document import Chart
from interact.reports.plots import NotDrawable, read_plot
from interact.reports.scales import milliseconds

DAYS = ("2026-11-10", "2026-11-09", "2026-11-11")


def a_chart(result, mark="line", x="day", series=None):
    return Chart(title="Spend", result_id=result.result_id, mark=mark, x=x, y="spend", series=series, alt="Spend a day")


def by_day(rows):
    return a_result(a_column("day", "date"), a_column("market"), a_column("spend", "currency"), rows=rows)


def test_days_are_put_in_order_and_missing_values_kept_as_gaps():
    result = by_day([(DAYS[0], "NL", 2.0), (DAYS[1], "NL", None), (DAYS[2], "NL", 3.0)])
    plot = read_plot(a_chart(result), result)
    assert [mark.value for mark in plot.marks] == [None, 2.0, 3.0]
    assert [day.isoformat() for day in plot.days] == sorted(DAYS)
    assert plot.marks[0].at == milliseconds(plot.days[0])


def test_series_keep_the_order_in_which_they_appear():
    result = by_day([(DAYS[0], "NL", 1), (DAYS[0], "BE", 2), (DAYS[1], "NL", 3)])
    plot = read_plot(a_chart(result, series="market"), result)
    assert plot.series == ("NL", "BE")
    assert [(mark.series, mark.value) for mark in plot.marks] == [(0, 3), (0, 1), (1, 2)]


@pytest.mark.parametrize(
    ("mark", "x", "layout"), [("line", "day", "line"), ("bar", "day", "columns"), ("bar", "market", "bars")]
)
def test_bars_of_days_stand_and_bars_of_names_lie(mark, x, layout):
    result = by_day([(DAYS[0], "NL", 1)])
    assert read_plot(a_chart(result, mark, x), result).layout == layout


@pytest.mark.parametrize("rows", [[], [(DAYS[0], "NL", None)], [(DAYS[0], "NL", float("nan"))]])
def test_without_a_value_there_is_no_plot(rows):
    result = by_day(rows)
    assert read_plot(a_chart(result), result) is None


def test_two_rows_of_one_place_make_no_picture():
    result = by_day([(DAYS[0], "NL", 1), (DAYS[0], "BE", 2)])
    with pytest.raises(NotDrawable, match="several rows share one value of “Day”"):
        read_plot(a_chart(result), result)


def test_words_cannot_be_measured():
    result = a_result(a_column("day", "date"), a_column("spend"), rows=[(DAYS[0], "much")])
    with pytest.raises(NotDrawable, match="“Spend” holds no numbers"):
        read_plot(a_chart(result), result)


def test_more_lines_than_can_be_told_apart_make_no_picture():
    result = by_day([(DAYS[0], f"Market {n}", 1) for n in range(13)])
    with pytest.raises(NotDrawable, match="13 series, and at most 12"):
        read_plot(a_chart(result, series="market"), result)


def test_bars_that_are_too_many_are_counted():
    result = by_day([(DAYS[0], f"Market {n}", n) for n in range(100)])
    plot = read_plot(a_chart(result, "bar", "market"), result)
    assert (len(plot.names), plot.left_out) == (40, 60)


def test_days_that_are_too_many_leave_out_the_oldest():
    result = by_day(
        [
            (f"{year}-{month:02d}-{day:02d}", "NL", 1)
            for year in range(2018, 2026)
            for month in range(1, 13)
            for day in range(1, 29)
        ]
    )
    plot = read_plot(a_chart(result), result)
    assert (len(plot.days), plot.left_out) == (2000, 688)
    assert plot.days[-1].isoformat() == "2025-12-28"


def test_signs_that_no_picture_can_hold_are_marked():
    result = by_day([("a\x1b\x00", "NL", 1.0), ("b", "NL", 2.0)])
    assert read_plot(a_chart(result, "bar"), result).names == ("a\ufffd\ufffd", "b")
