"""Right sentences stand as they are, and false ones are marked where they are false."""

import time
from datetime import date

import pytest

from builders.drafts import a_report, by_id
from interact.chats.calculation import Calculation
from interact.chats.result import Cell, Column, Result
from interact.reports.document import Highlight
from interact.reports.provenance.ground import Ground, Stated, Words
from interact.reports.provenance.tracing import trace, trace_report

METRICS = (
    ("spend", "Spend", "currency"),
    ("clicks", "Clicks", "integer"),
    ("ctr", "CTR", "percent"),
    ("roas", "ROAS", "ratio"),
    ("cpa", "CPA", "currency"),
)
QUESTION = (
    "Analyse campaign performance for the past 7 days. Show the top 5, highlight campaigns where ROAS dropped below 2 "
    "or CPA exceeded €25, or whose spend fell by more than a quarter."
)


def columns():
    for name, label, kind in METRICS:
        unit = "EUR" if kind == "currency" else None
        yield Column(name=name, label=label, format=kind, unit=unit)
        yield Column(name=f"{name}_previous", label=f"{label}, previous", format=kind, unit=unit)
        yield Column(name=f"{name}_change", label=f"{label}, change", format="percent", is_change=True)


TOTALS = Result(
    result_id="result_000000000001",
    title="Totals",
    sql="SELECT SUM(spend) FROM ads WHERE date BETWEEN '2026-11-02' AND '2026-11-15'",
    columns=tuple(columns()),
    rows=(
        (
            2090.75,
            1800.0,
            0.1615,
            5321,
            5000,
            0.0642,
            0.0532,
            0.0511,
            0.0411,
            3.418,
            3.9,
            -0.1236,
            18.114,
            17.5,
            0.0351,
        ),
    ),
)
CAMPAIGNS = Result(
    result_id="result_000000000002",
    title="Campaigns",
    sql="SELECT campaign, SUM(spend) FROM ads GROUP BY campaign",
    columns=(Column(name="campaign", label="Campaign"), *columns()),
    rows=(
        (
            "Brand Search",
            1200.5,
            1000.0,
            0.2005,
            3000,
            2500,
            0.2,
            0.0812,
            0.08,
            0.015,
            6.5,
            7.0,
            -0.0714,
            12.1,
            11.0,
            0.1,
        ),
        (
            "Generic Search",
            800.25,
            700.0,
            0.1432,
            2321,
            2500,
            -0.0716,
            0.03,
            0.031,
            -0.0323,
            1.75,
            2.2,
            -0.2045,
            30.4,
            28.0,
            0.0857,
        ),
        ("Stores 2024", 90.0, 100.0, -0.1, 0, 0, None, 0.0, 0.0, None, None, None, None, None, None, None),
    ),
)
SHARE = Calculation(
    name="brand_share",
    op="share",
    cells=(
        Cell(result_id=CAMPAIGNS.result_id, row=0, column="spend"),
        Cell(result_id=TOTALS.result_id, row=0, column="spend"),
    ),
)
GROUND = Ground(
    by_id(TOTALS, CAMPAIGNS),
    (SHARE,),
    words=Words({"cpa": ("cost per acquisition",), "ctr": ("click-through rate",)}, {"campaign": ("campaigns",)}),
    stated=Stated((QUESTION,), (), ((date(2026, 11, 9), date(2026, 11, 15)), (date(2026, 11, 2), date(2026, 11, 8)))),
)


@pytest.mark.parametrize(
    "text",
    [
        "Over the past 7 days (9–15 November 2026), total spend was €2,090.75 (+16.2%), with a ROAS of 3.42.",
        "Brand Search spent €1,200.50, up 20% from €1,000, at a ROAS of 6.5.",
        "Generic Search fell to a ROAS of 1.75 (−20.5%), below the threshold of 2.",
        "Brand Search and Generic Search spent €1,200.50 and €800.25, respectively.",
        "The best campaign was Brand Search with a ROAS of 6.5; the worst was Generic Search (1.75).",
        "CTR was 5.3% overall, against 5.1% the week before.",
        "CPA rose from €17.50 to €18.11, an increase of 3.5%.",
        "Three campaigns ran. Two of them had clicks: Brand Search and Generic Search.",
        "ROAS ranged from 1.75 to 6.5.",
        "Spend: €2.1k. Clicks: 5.3k. About €2,000 was spent.",
        "- **Generic Search**: ROAS 1,75, spend 800,25 €, CPA EUR 30.40",
        "| Campaign | Spend | ROAS |\n|---|---:|---:|\n| Brand Search | €1,200.50 | 6.50 |",
        "Stores 2024 spent €90 without a click.",
        "Brand Search took €1,200.50 of the €2,090.75 total, 57.4% of spend.",
        "At €30.40, Generic Search has the highest cost per acquisition.",
        "Spend rose 16.2% and clicks 6.4%, while ROAS fell 12.4% to 3.42.",
        "Campaigns with a CPA above €25 or spend down by more than 25% are listed; the top 5 come first.",
        "1. Look again in week 47.\n2. GA4, version 2.1.0 and chart 3 agree as of 08:00 on 2026-11-16.",
    ],
)
def test_a_right_number_stands_as_it_is(text):
    assert trace(text, GROUND).untraced == ()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Total spend was €2,190.75.", "€2,190.75"),
        ("Total spend was $2,090.75.", "$2,090.75"),
        ("Brand Search spent €800.25.", "€800.25"),
        ("Generic Search had a ROAS of 6.5.", "6.5"),
        ("Brand Search spent €1,000 this week.", "€1,000"),
        ("Total spend was €1,200.50.", "€1,200.50"),
        ("Overall spend fell 16.2%.", "16.2%"),
        ("CTR was 5.3 points.", "5.3 points"),
        ("CTR rose 5.3%.", "5.3%"),
        ("ROAS was 3.43.", "3.43"),
        ("Clicks were 53,210.", "53,210"),
        ("Spend of 5,321 was high.", "5,321"),
        ("Four campaigns ran.", "Four"),
        ("CPA was 18.11%.", "18.11%"),
        ("The ROAS threshold of 3 was missed.", "3"),
        ("Spend doubled.", "doubled"),
        ("All of it is about the past 30 days.", "30"),
        ("Overall spend rose from €2,090.75 to €1,800.", "€2,090.75"),
        ("Brand Search took 58.4% of spend.", "58.4%"),
        ("| Campaign | Spend |\n|---|---:|\n| Brand Search | €800.25 |", "€800.25"),
    ],
)
def test_a_false_number_is_marked_where_it_stands(text, number):
    traced = trace(text, GROUND)
    assert traced.untraced[0] == number
    assert f"[[?{number}]]" in traced.text


def test_what_a_reference_shows_is_bound_and_one_that_leads_nowhere_is_not():
    text = "Brand Search spent [[result_000000000002/0/spend]], [[calc:brand_share]], [[result_000000000002/9/spend]]."
    traced = trace(text, GROUND)
    assert (traced.text, traced.untraced) == (text, ("[figure not found]",))


def test_numbers_between_references_are_marked_in_their_own_place():
    text = "[[result_000000000002/0/campaign]] spent **€999** and [[result_000000000002/1/campaign]] €998."
    assert trace(text, GROUND).text == (
        "[[result_000000000002/0/campaign]] spent **[[?€999]]** and [[result_000000000002/1/campaign]] [[?€998]]."
    )


def test_a_mark_stays_one_mark_when_a_text_is_traced_again():
    once = trace("Total spend was €9.", GROUND)
    again = trace(once.text, GROUND)
    assert (again.text, again.untraced) == (once.text, once.untraced)


def test_a_highlight_speaks_of_whom_its_title_names():
    right = Highlight(title="Generic Search needs a look", text="Its ROAS is 1.75.")
    false = Highlight(title="Brand Search leads", text="Its ROAS is 1.75.")
    assert trace_report(a_report(highlights=(right,), summary="x"), GROUND)[1] == ()
    marked, untraced = trace_report(a_report(highlights=(false,), summary="x"), GROUND)
    assert (marked.highlights[0].text, untraced) == ("Its ROAS is [[?1.75]].", ("1.75",))


def test_figures_of_a_result_of_the_time_before_are_not_told_as_of_now():
    before = TOTALS.model_copy(
        update={
            "result_id": "result_000000000003",
            "sql": "SELECT SUM(spend) FROM ads WHERE date BETWEEN '2026-11-02' AND '2026-11-08'",
            "columns": (Column(name="revenue", label="Revenue", format="currency", unit="EUR"),),
            "rows": ((500.0,),),
        }
    )
    ground = Ground(by_id(TOTALS, before), stated=GROUND.stated)
    assert trace("Revenue was €500.", ground).untraced == ("€500",)
    assert trace("Revenue was €500 in the previous week.", ground).untraced == ()


def test_a_column_of_which_no_unit_is_known_takes_the_unit_that_its_name_allows():
    bare = Result(
        result_id="result_000000000004",
        title="By hand",
        sql="SELECT 1",
        columns=(
            Column(name="total_fee", label="Total fee", format="number"),
            Column(name="win_rate", label="Win rate", format="number"),
        ),
        rows=((12.5, 0.4),),
    )
    ground = Ground(by_id(bare))
    assert trace("The total fee was €12.50 at a win rate of 40%.", ground).untraced == ()
    assert trace("The total fee was 12.5%.", ground).untraced == ("12.5%",)


def test_a_number_of_hundreds_of_digits_is_marked() -> None:
    digits = "9" * 400
    assert trace(f"Spend was {digits} and CPA 1 in {digits} days.", Ground({})).untraced[0] == digits


@pytest.mark.parametrize("text", ["a@" * 10_000, "1," * 4_000, "1 " * 4_000, f"spend {'and 5 ' * 3_000}"])
def test_a_text_made_to_take_long_does_not(text: str) -> None:
    began = time.monotonic()
    trace(text, Ground({}))
    assert time.monotonic() - began < 20
