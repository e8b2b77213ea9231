import io

import pytest
from PIL import Image

from builders.drafts import FOLDER, a_column, a_result
from interact.reports.branding import Branding, light_palette
from interact.reports.document import Chart
from interact.reports.plots import read_plot
from interact.reports.stills import SCALE, WIDTH, draw_still, still_of

PALETTE = light_palette(Branding())


def a_chart(mark="bar", **more):
    plain = {"title": "Spend", "result_id": "result_000000000001", "mark": mark, "x": "campaign", "y": "spend"}
    return Chart(**(plain | {"alt": "Spend a campaign"} | more))


def spend(*rows):
    return a_result(a_column("campaign"), a_column("market"), a_column("spend", "currency"), rows=rows)


def texts(chart, result):
    """All that is written above the plot, with its colour."""
    layers = still_of(chart, read_plot(chart, result), PALETTE)["layer"]
    above = [each for each in layers if each["encoding"].get("y", {}).get("value", 0) < 0]
    return [(each["data"]["values"][0]["text"], each["mark"]["color"]) for each in above]


def test_a_still_is_a_png_at_twice_its_width_on_the_brand_s_ground():
    result = spend(("Brand", "NL", 1200.0), ("Stores", "NL", 90.0))
    still = draw_still(a_chart(), result, palette=light_palette(Branding(background="#fff8e7")), folder=FOLDER)
    with Image.open(io.BytesIO(still.png)) as picture:
        assert picture.format == "PNG"
        assert picture.size == (still.width, still.height)
        assert picture.convert("RGBA").getpixel((1, 1)) == (0xFF, 0xF8, 0xE7, 0xFF)
    assert still.width == WIDTH * SCALE


def test_the_same_chart_gives_the_same_bytes():
    result = spend(("Brand", "NL", 1200.0))
    stills = {draw_still(a_chart(), result, palette=PALETTE, folder=FOLDER).png for _ in range(2)}
    assert len(stills) == 1


@pytest.mark.parametrize(
    ("chart", "rows"),
    [
        (a_chart(), ()),
        (a_chart(), (("Brand", "NL", None),)),
        (a_chart(), (("Brand", "NL", 1.0), ("Brand", "NL", 2.0))),
        (a_chart(x="nothing"), (("Brand", "NL", 1.0),)),
        (a_chart(y="campaign"), (("Brand", "NL", 1.0),)),
        (a_chart(), (("Brand", "NL", 10**400),)),
    ],
)
def test_what_makes_no_picture_gives_none(chart, rows):
    assert draw_still(chart, spend(*rows), palette=PALETTE, folder=FOLDER) is None


def test_a_title_of_many_words_takes_two_lines_and_no_more():
    result = spend(("Brand", "NL", 1.0))
    told = texts(a_chart(title="word " * 24, subtitle="Spend by campaign, EUR"), result)
    assert len(told) == 3
    assert told[1][0].endswith("word")
    assert told[2] == ("Spend by campaign, EUR", PALETTE.muted)
    assert len(texts(a_chart(title="w" * 120), result)) == 2


def test_signs_that_no_picture_can_hold_are_marked():
    result = spend(("Brand\x1b", "NL", 1.0))
    chart = a_chart(title="Spend\x00")
    assert texts(chart, result) == [("Spend\ufffd", PALETTE.heading)]
    assert draw_still(chart, result, palette=PALETTE, folder=FOLDER).width == WIDTH * SCALE


def test_bars_of_several_series_bear_a_key_in_their_colours():
    result = spend(*((name, market, 1.0) for name in ("Brand", "Stores") for market in ("NL", "B" * 60)))
    told = texts(a_chart(series="market"), result)
    assert told[1:] == [("■ NL", PALETTE.series[0]), (f"■ {'B' * 39}…", PALETTE.series[1])]


def test_a_key_that_is_too_long_for_a_line_goes_on_below():
    result = spend(*(("Brand", letter * 30, 1.0) for letter in "ABCD"))
    chart = a_chart(series="market")
    layers = still_of(chart, read_plot(chart, result), PALETTE)["layer"]
    keys = [each for each in layers if "■" in str(each["data"])]
    assert len({each["encoding"]["y"]["value"] for each in keys}) == 2
    assert all(each["encoding"]["x"]["value"] < WIDTH for each in keys)
