import re
from datetime import UTC, date, datetime

import pytest

from builders.drafts import CREATED, FOLDER, a_column, a_report, a_result, by_id, campaigns
from interact.chats.calculation import Calculation
from interact.chats.record import AssetLoad
from interact.chats.result import Cell
from interact.errors import ReportFailed
from interact.reports.branding import Branding
from interact.reports.document import (
    Callout,
    Chart,
    Highlight,
    Markdown,
    Metric,
    Metrics,
    Period,
    Recommendation,
    Section,
    Table,
)
from interact.reports.manuscript import Manuscript
from interact.reports.page import cut_tables, draw_html, in_days
from interact.reports.pictures import Picture

HOSTILE = """<script>alert(1)</script><svg onload=x><img src="file:///etc/passwd"><style>*{}</style>"'>{{ 7*7 }}"""


def html_of(report, *results, branding=None, charts=None, **more):
    manuscript = Manuscript(report, by_id(*results), branding or Branding(), CREATED, **more)
    return draw_html(manuscript, folder=FOLDER, charts=charts or {})


def a_table(result, **more):
    return Table(**({"title": "Campaigns", "result_id": result.result_id, "columns": ("campaign", "spend")} | more))


def a_chart(result, **more):
    fields = {
        "title": "ROAS",
        "result_id": result.result_id,
        "mark": "bar",
        "x": "campaign",
        "y": "roas",
        "alt": "ROAS",
    }
    return Chart(**(fields | more))


def tiles(result, **more):
    cell = Cell(**({"result_id": result.result_id, "row": 0, "column": "spend"} | more))
    return Metrics(items=(Metric(label="Spend", figure=cell),))


def many(count):
    return a_result(
        a_column("campaign"), a_column("spend", "currency"), rows=[(f"C{n}", float(n)) for n in range(count)]
    )


def test_a_page_says_what_it_covers():
    report = a_report(period=Period(start=date(2026, 11, 9), end=date(2026, 11, 15)), scope=(("Market", "NL"),))
    html = html_of(report, branding=Branding(name="Norrland"))
    assert "<span>Period</span>9–15 Nov 2026" in html
    assert "<span>Market</span>NL" in html
    assert "Norrland" in html
    assert "Created on 16 Nov 2026." in html


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-11-09", "2026-11-15", "9–15 Nov 2026"),
        ("2026-10-28", "2026-11-03", "28 Oct – 3 Nov 2026"),
        ("2025-12-29", "2026-01-04", "29 Dec 2025 – 4 Jan 2026"),
        ("2026-11-09", "2026-11-09", "9 Nov 2026"),
    ],
)
def test_a_period_says_what_its_ends_share_once(start, end, words):
    assert in_days(date.fromisoformat(start), date.fromisoformat(end)) == words


def test_a_page_runs_no_script_and_loads_nothing():
    html = html_of(a_report())
    assert "default-src 'none'" in html
    assert not re.search(r"<script|<link|<iframe|@import|url\(|https?://", html)


def test_no_text_of_a_report_is_read_as_markup():
    columns = (a_column("campaign", label=HOSTILE), a_column("spend", "currency"), a_column("roas", "ratio"))
    result = a_result(*columns, rows=[(HOSTILE, 1.0, 2.0)], title=HOSTILE)
    text = f"{HOSTILE} [[{result.result_id}/0/campaign]]"
    table = a_table(result, title=HOSTILE[:120], note=text)
    chart = a_chart(result, title=HOSTILE[:120], subtitle=HOSTILE[:160], alt=text)
    cell = Cell(result_id=result.result_id, row=0, column="campaign")
    report = a_report(
        Markdown(text=text),
        table,
        chart,
        Callout(title=HOSTILE[:120], text=text),
        Metrics(items=(Metric(label=HOSTILE[:60], figure=cell),)),
        title=HOSTILE[:120],
        subtitle=HOSTILE[:200],
        scope=((HOSTILE, HOSTILE),),
        summary=text,
        highlights=(Highlight(title=HOSTILE[:160], text=text),),
        recommendations=(Recommendation(action=HOSTILE[:200], why=text),),
        method=text,
    )
    drawn = {chart: Picture(note=HOSTILE), a_chart(result): Picture()}
    html = html_of(report, result, branding=Branding(name=HOSTILE[:80]), charts=drawn)
    assert not re.search(r"<(script|img|svg onload|style>\*)", html)
    assert "{{ 7*7 }}" in html


@pytest.mark.parametrize("text", ["a\x00b\x08", "\ufffe", "\x1b[31m"])
def test_characters_that_cannot_be_printed_are_replaced(text):
    html = html_of(a_report(title=text))
    html.encode()
    assert "\ufffd" in html
    assert text not in html


def test_tiles_that_open_a_report_stand_under_its_summary():
    result = campaigns()
    report = a_report(tiles(result), highlights=(Highlight(title="Look", text="here"),))
    html = html_of(report, result)
    assert html.index('class="tiles"') < html.index("Highlights</h2>")
    assert "Campaigns</h2>" not in html


def test_a_table_that_is_cut_says_so_and_is_attached():
    result = many(1240)
    report = a_report(a_table(result))
    assert "200 of 1,240 rows." in html_of(report, result)
    assert [title for title, _ in cut_tables(report, by_id(result))] == ["Campaigns"]


def test_a_table_that_is_whole_is_not_attached():
    result = many(200)
    assert "of 200 rows" not in html_of(a_report(a_table(result)), result)
    assert cut_tables(a_report(a_table(result)), by_id(result)) == []


def test_a_report_holds_no_more_rows_than_paper_bears():
    result = many(300)
    html = html_of(a_report(*[a_table(result, title=f"T{n}") for n in range(4)]), result)
    assert re.findall(r"(\d+) of 300 rows", html) == ["200", "200", "100", "5"]


def test_a_result_that_the_warehouse_cut_is_said_to_be_longer():
    result = many(3).model_copy(update={"truncated": True})
    assert "the warehouse holds more than these 3" in html_of(a_report(a_table(result)), result)


def test_a_table_without_rows_says_so():
    result = many(0)
    html = html_of(a_report(a_table(result)), result)
    assert "No rows." in html
    assert "<table>" not in html


def test_a_chart_that_was_not_drawn_leaves_its_words():
    result = campaigns()
    chart = a_chart(result, alt="Brand leads with [[result_000000000001/0/roas]].")
    html = html_of(a_report(chart), result, charts={chart: Picture(note="This chart is not drawn: no ink.")})
    assert "This chart is not drawn: no ink." in html
    assert "Brand leads with 6.50." in html


def test_findings_name_their_sources_by_number():
    first, second = campaigns(1), campaigns(2)
    report = a_report(
        highlights=(Highlight(title="Look", text="here", result_ids=(second.result_id, first.result_id)),),
        recommendations=(Recommendation(action="Go", why="so", result_ids=(second.result_id,)),),
    )
    html = html_of(report, first, second)
    named = [re.findall(r'href="#source-(\d)"', each) for each in re.findall(r"<p class=\"sources\">.*?</p>", html)]
    assert named == [["1", "2"], ["2"]]
    assert "<h3>Q2 · Campaigns</h3>\n    <p>3 rows · ran in 0.00 s · result_000000000002</p>" in html


@pytest.mark.parametrize(
    ("block", "missing"),
    [
        (lambda r: a_table(r, result_id="result_zzzzzzzzzzzz"), "result 'result_zzzzzzzzzzzz'"),
        (lambda r: a_table(r, columns=("campaign", "cost")), "column 'cost'"),
        (lambda r: a_chart(r, x="day"), "column 'day'"),
        (lambda r: a_chart(r, y="cpa"), "column 'cpa'"),
        (lambda r: a_chart(r, series="market"), "column 'market'"),
        (lambda r: a_chart(r, result_id="result_zzzzzzzzzzzz"), "result 'result_zzzzzzzzzzzz'"),
        (lambda r: tiles(r, column="cost"), "column 'cost'"),
        (lambda r: tiles(r, result_id="result_zzzzzzzzzzzz"), "result 'result_zzzzzzzzzzzz'"),
    ],
)
def test_a_citation_that_leads_nowhere_is_named(block, missing):
    result = campaigns()
    with pytest.raises(ReportFailed, match=f"'Weekly briefing' cites {missing}"):
        html_of(a_report(block(result)), result)


@pytest.mark.parametrize("part", ["highlights", "recommendations"])
def test_a_finding_that_cites_no_known_result_is_named(part):
    finding = {
        "highlights": Highlight(title="Look", text="here", result_ids=("result_zzzzzzzzzzzz",)),
        "recommendations": Recommendation(action="Go", why="so", result_ids=("result_zzzzzzzzzzzz",)),
    }[part]
    with pytest.raises(ReportFailed, match="cites result 'result_zzzzzzzzzzzz', which its chat does not have"):
        html_of(a_report(**{part: (finding,)}))


def test_a_figure_in_prose_that_is_not_there_is_marked_and_stops_nothing():
    assert "<mark>[figure not found]</mark>" in html_of(a_report(summary="CPA [[result_000000000009/0/cpa]]"))


def test_an_empty_section_title_is_not_kept_for_moved_tiles():
    result = campaigns()
    sections = (
        Section(title="Figures", blocks=(tiles(result), Markdown(text="Words."))),
        Section(title="More", blocks=(Markdown(text="More words."),)),
    )
    html = html_of(a_report(sections=sections), result)
    assert re.findall(r"<h2>([^<]*)</h2>", html) == ["Figures", "More", "Where the figures come from"]


LOADED = datetime(2026, 11, 16, 6, 42, tzinfo=UTC)


def test_a_page_says_when_each_asset_was_loaded_and_what_had_not_arrived():
    data = (AssetLoad("orders", LOADED, "orders_load"), AssetLoad("spend", None, None, late=True))
    html = html_of(a_report(), data=data, timezone="Europe/Amsterdam")
    assert "<td>orders</td><td>16 Nov 2026, 07:42 CET</td>" in html
    assert "<td>spend</td><td>no load known <strong>had not arrived</strong></td>" in html
    assert "<h3>Not all data had arrived</h3>" in html
    assert html.index("Not all data had arrived") < html.index("<h2>Data as of</h2>")


def test_a_page_says_at_its_top_how_old_its_data_is():
    html = html_of(a_report(), data=(AssetLoad("orders", LOADED, None),), timezone="Europe/Amsterdam")
    assert "<span>Data as of</span>16 Nov 2026, 07:42 CET" in html
    assert 'class="callout warning caution"' not in html


def test_a_page_of_a_job_without_assets_says_nothing_of_data():
    assert "Data as of" not in html_of(a_report())


def test_the_name_of_an_asset_stays_text():
    html = html_of(a_report(), data=(AssetLoad(HOSTILE, LOADED, HOSTILE, late=True),))
    assert "{{ 7*7 }}" in html
    for tag in ("<script>alert", "<svg onload", "<img src=", "<style>*"):
        assert tag not in html


def test_the_day_of_a_page_is_that_of_its_zone():
    assert "Created on 16 Nov 2026." in html_of(a_report())
    assert "Created on 15 Nov 2026." in html_of(a_report(), timezone="Pacific/Honolulu")


def test_a_figure_leads_to_its_query_and_says_where_in_it_it_stands():
    result = campaigns().model_copy(update={"sql": "SELECT campaign, spend\nFROM ads"})
    report = a_report(
        Markdown(text="Brand spent [[result_000000000001/0/spend]]."),
        a_table(result),
        Metrics(items=(Metric(label="Spend", figure=Cell(result_id=result.result_id, row=0, column="spend")),)),
    )
    html = html_of(report, result)
    figure = '<a class="figure" href="#source-1" target="_self" title="Q1, row 1, Spend">€1,200</a>'
    assert figure in html
    assert html.count('<a class="source" href="#source-1" target="_self"') == 2
    assert re.search(
        r'id="source-1">\s*<h3>Q1 · Campaigns</h3>.*<pre>SELECT campaign, spend\nFROM ads</pre>', html, re.DOTALL
    )


def test_a_name_is_no_figure_and_leads_nowhere():
    html = html_of(a_report(Markdown(text="It is [[result_000000000001/0/campaign]].")), campaigns())
    assert "It is Brand." in html


def test_a_figure_in_a_link_of_the_agent_is_no_second_link():
    report = a_report(Markdown(text="[See [[result_000000000001/0/spend]]](https://example.com)"))
    assert ">See €1,200</a>" in html_of(report, campaigns())


def test_a_number_without_a_source_is_marked_and_counted_at_the_head():
    report = a_report(Markdown(text="It was [[?€9]] or [[?7]]."), summary="About [[?8 %]].")
    html = html_of(report)
    assert "3 numbers in this report could not be traced to a query. They are marked with [?]." in html
    assert "<mark>€9 [?]</mark>" in html and "<mark>8 % [?]</mark>" in html
    assert "could not be traced" not in html_of(a_report())


def test_long_sql_is_cut_and_a_claimed_query_is_told_as_such():
    result = campaigns().model_copy(update={"sql": f"SELECT {'spend, ' * 400}1"})
    html = html_of(a_report(a_table(result)), result, claimed=frozenset({result.result_id}))
    assert "The query is longer than this; the chat has all of it." in html
    assert "as the service says that it ran it; our guard did not see it" in html


def test_a_calculation_is_shown_and_says_what_it_is_made_of():
    cells = tuple(Cell(result_id="result_000000000001", row=row, column="spend") for row in (0, 1))
    report = a_report(
        Markdown(text="Together [[calc:both]]."), calculations=(Calculation(name="both", op="sum", cells=cells),)
    )
    html = html_of(report, campaigns())
    assert 'title="Q1, calculated: the sum of row 1, Spend; row 2, Spend">€2,001</a>' in html
    assert "<li>both, €2,001: the sum of Q1 row 1, Spend; Q1 row 2, Spend</li>" in html
