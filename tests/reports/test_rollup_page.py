import re
from datetime import UTC, datetime

from builders.drafts import FOLDER, WEEK, a_column, a_report
from builders.rollups import ROAS, a_comparison, a_failure, a_market, a_reading, a_rollup, read_rows
from interact.chats.record import AssetLoad
from interact.reports.branding import Branding
from interact.reports.pictures import Picture
from interact.reports.rollup_page import FEW, REASONS, draw_html, is_cut
from interact.reports.rollup_words import MANY, bars

HOSTILE = """<script>alert(1)</script><svg onload=x><img src="file:///etc/passwd"><style>*{}</style>"'>{{ 7*7 }}"""


def html_of(*readings, chart=None, title="Weekly report", **more):
    return draw_html(a_comparison(a_rollup(*readings, title=title), **more), folder=FOLDER, chart=chart)


def headings(html):
    return re.findall(r"<h2[^>]*>([^<]*)</h2>", html)


def test_a_page_says_what_is_compared_and_leads_to_each_chat():
    html = html_of(a_market(0, "NL"), a_failure(1))
    assert "Comparison of 2 combinations" in html
    assert "<h1>Weekly report</h1>" in html
    assert '<a href="https://airflow.example.com/interact/chats/chat_000000000000">NL</a>' in html
    assert html.count('href="https://airflow.example.com/interact/chats/chat_000000000001"') == 2
    assert "Created on 16 Nov 2026." in html


def test_a_page_marks_the_best_and_the_worst_with_words():
    html = html_of(a_reading(0, 2.0, columns=(ROAS,)), a_reading(1, 1.0, columns=(ROAS,)))
    assert '<td class="number">2.00<span class="rank best">best</span></td>' in html
    assert '<td class="number">1.00<span class="rank worst">worst</span></td>' in html


def test_a_page_says_why_somebody_was_not_answered_before_it_compares():
    html = html_of(a_market(0), a_market(1), a_failure(2))
    assert "<td>The warehouse is away.</td>" in html
    assert headings(html) == ["Not answered", "Side by side", "How to read this"]


def test_many_who_were_not_answered_stand_after_the_comparison():
    html = html_of(a_market(0), a_market(1), *(a_failure(2 + n) for n in range(FEW + 1)))
    assert headings(html) == ["Side by side", "Not answered", "How to read this"]


def test_so_many_failures_as_paper_bears_are_told_and_the_rest_is_in_the_file():
    comparison = a_comparison(a_rollup(a_market(0), *(a_failure(1 + n) for n in range(REASONS + 20))))
    html = draw_html(comparison, folder=FOLDER, chart=None)
    assert html.count("The warehouse is away.") == REASONS
    assert "20 more were not answered." in html
    assert is_cut(comparison)


def test_a_page_that_shows_everything_comes_with_no_file():
    assert not is_cut(a_comparison(a_rollup(*(a_market(number) for number in range(200)))))
    assert is_cut(a_comparison(a_rollup(*(a_market(number) for number in range(201)))))


def test_a_page_of_many_has_totals_and_the_ends_of_each_measure_first():
    html = html_of(*(a_market(number) for number in range(MANY)))
    assert headings(html) == ["All together", "From lowest to highest", "Side by side", "How to read this"]


def test_a_page_says_which_days_all_answers_cover():
    readings = [read_rows(n, [(1.0,)], columns=(ROAS,), report=a_report()) for n in range(2)]
    assert WEEK.start.day == 9
    assert "<span>Period</span>9–15 Nov 2026" in html_of(*readings)
    assert "<span>Period</span>" not in html_of(a_market(0), a_market(1))


def test_a_page_says_what_data_had_not_arrived():
    data = (AssetLoad("orders", datetime(2026, 11, 16, 6, 42, tzinfo=UTC), None, late=True),)
    html = html_of(a_market(0), a_market(1), data=data, timezone="Europe/Amsterdam")
    assert "<h3>Not all data had arrived</h3>" in html
    assert "<span>Data as of</span>16 Nov 2026, 07:42 CET" in html


def test_no_text_of_a_roll_up_is_read_as_markup():
    column = a_column("roas", "ratio", label=HOSTILE, good="up")
    readings = [
        *(a_reading(n, 1.0 + n, columns=(column,), parameters={HOSTILE: f"{HOSTILE}{n}"}) for n in range(MANY)),
        a_failure(MANY, HOSTILE, parameters={HOSTILE: HOSTILE}),
    ]
    chart = bars(a_rollup(*readings))
    assert chart is not None
    html = html_of(
        *readings, title=HOSTILE, branding=Branding(name=HOSTILE[:80]), chart=(chart[0], Picture(note=HOSTILE))
    )
    assert not re.search(r"<(script|img|svg onload|style>\*)", html)
    assert "{{ 7*7 }}" in html


def test_a_page_runs_no_script_and_loads_nothing():
    html = html_of(a_market(0), a_market(1))
    assert "default-src 'none'" in html
    assert not re.search(r"<script|<link|<iframe|@import|url\(", html)
    assert set(re.findall(r'https?://[^"]*', html)) == {
        f"https://airflow.example.com/interact/chats/chat_{number:012d}" for number in range(2)
    }
