from itertools import pairwise
from xml.etree import ElementTree

import pytest

from builders.drafts import FOLDER, a_column, a_result
from interact.reports.branding import Branding, light_palette
from interact.reports.charts import NARROW, WIDE, _apart, colours, needs_key, specification
from interact.reports.child import Child
from interact.reports.document import Chart
from interact.reports.plots import read_plot

PALETTE = light_palette(Branding())
DAYS = [f"2026-11-{day:02d}" for day in range(2, 16)]
NAMES = ["Brand", "Generic", "Stores"]


@pytest.fixture(scope="module")
def artist():
    with Child("interact.reports.artist", str(FOLDER / "fonts")) as artist:
        yield artist


def a_plot(mark, rows, *, series=None, reference=None):
    result = a_result(a_column("x"), a_column("group"), a_column("roas", "ratio"), rows=rows)
    chart = Chart(
        title="ROAS",
        result_id=result.result_id,
        mark=mark,
        x="x",
        y="roas",
        series=series,
        reference=reference,
        alt="ROAS",
    )
    return read_plot(chart, result)


def words(svg):
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def draw(artist, plot, width=WIDE):
    return artist.ask({"spec": specification(plot, PALETTE, width=width)}, seconds=30)["svg"]


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize(
    ("mark", "rows", "series", "reference"),
    [
        ("line", [(day, name, n) for n, day in enumerate(DAYS) for name in NAMES], "group", None),
        ("line", [(DAYS[0], "Brand", 3.5)], None, 2.0),
        ("line", [(name, "", n) for n, name in enumerate(NAMES)], None, None),
        ("bar", [(day, name, n - 3) for n, day in enumerate(DAYS) for name in NAMES], "group", 2.0),
        ("bar", [(name, "", n - 1) for n, name in enumerate(NAMES)], None, 2.0),
        ("bar", [(name, day, n) for n, day in enumerate(DAYS[:2]) for name in NAMES], "group", None),
        ("bar", [("Brand", "", 0.0)], None, None),
        ("bar", [("Brand", "", 5.0)], None, 9.0),
    ],
)
def test_every_chart_is_exactly_as_wide_as_its_page(artist, mark, rows, series, reference, width):
    svg = draw(artist, a_plot(mark, rows, series=series, reference=reference), width)
    assert ElementTree.fromstring(svg).get("width") == str(width)
    assert "NaN" not in svg
    assert "Infinity" not in svg


def test_lines_bear_their_names_at_their_ends(artist):
    plot = a_plot("line", [(day, name, n) for n, day in enumerate(DAYS) for name in NAMES], series="group")
    assert not needs_key(plot)
    shown = words(draw(artist, plot))
    assert shown[-3:] == NAMES
    assert "2 Nov" in shown


def test_a_gap_is_left_where_a_value_is_missing(artist):
    values = [1, 2, None, 3, None, 4, 5]
    plot = a_plot("line", [(day, "", value) for day, value in zip(DAYS, values, strict=False)])
    spec = specification(plot, PALETTE, width=WIDE)
    assert [row["y"] for row in spec["layer"][0]["data"]["values"]] == values
    assert [row["y"] for row in spec["layer"][1]["data"]["values"]] == [3, 5]
    paths = ElementTree.fromstring(draw(artist, plot)).iter("{http://www.w3.org/2000/svg}path")
    (line,) = [path.get("d") for path in paths if path.get("stroke") == PALETTE.accent]
    assert line.count("M") == 3


def test_bars_say_their_figures_and_a_missing_one_is_not_available(artist):
    shown = words(draw(artist, a_plot("bar", [("Brand", "", 6.5), ("Stores", "", None)], reference=2.0)))
    assert {"6.50", "n/a", "2.00", "Brand", "Stores"} <= set(shown)


def test_a_long_name_takes_two_lines_and_then_an_ellipsis(artist):
    shown = words(draw(artist, a_plot("bar", [("word " * 40, "", 1.0), ("x" * 300, "", 2.0)])))
    assert sum(text.startswith("word") for text in shown) == 2
    assert max(map(len, shown)) < 45
    assert any(text.endswith("…") for text in shown)


def test_short_names_in_capitals_and_long_figures_are_drawn_whole(artist):
    svg = draw(artist, a_plot("bar", [("MW", "", 123456789012.0), ("M0", "", 1.0)]))
    assert {"MW", "M0", "123,456,789,012.00"} <= set(words(svg))
    assert "…" not in svg


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "'+alert(1)+'", "datum.x", "]]>", "&amp;", "\\u0000", "日本", "שלום", "🙂"]
)
@pytest.mark.parametrize("mark", ["line", "bar"])
def test_a_name_is_drawn_as_words_whatever_it_holds(artist, name, mark):
    rows = [(day, name, n) for n, day in enumerate(DAYS)] if mark == "line" else [(name, "", 1.0), ("other", "", 2.0)]
    svg = draw(artist, a_plot(mark, rows, series="group" if mark == "line" else None))
    assert name in words(svg)
    assert "<script" not in svg


def test_names_that_look_alike_when_cut_stay_two_bars(artist):
    spec = specification(a_plot("bar", [("x" * 200 + "1", "", 1.0), ("x" * 200 + "2", "", 2.0)]), PALETTE, width=WIDE)
    assert len(spec["layer"][0]["data"]["values"]) == 2


def test_the_same_chart_is_drawn_to_the_same_bytes(artist):
    plot = a_plot("line", [(day, name, n) for n, day in enumerate(DAYS) for name in NAMES], series="group")
    first = draw(artist, plot)
    with Child("interact.reports.artist", str(FOLDER / "fonts")) as another:
        assert draw(another, plot) == first


def test_series_beyond_the_palette_are_grey():
    plot = a_plot("line", [(DAYS[0], f"Market {n}", n) for n in range(12)], series="group")
    assert colours(plot, PALETTE)[-1] == PALETTE.muted
    assert len(colours(plot, PALETTE)) == 12


@pytest.mark.parametrize("wanted", [[50, 51, 52], [0, 0, 0], [160] * 5, [10.0], []])
def test_labels_keep_a_line_apart(wanted):
    found = sorted(_apart([float(height) for height in wanted], bottom=160))
    assert all(after - before >= 13 for before, after in pairwise(found))
    assert max(found, default=0) <= 160
