import os
import signal
import threading
import time
from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader

from builders.drafts import CREATED, FOLDER, a_column, a_report, a_result, by_id, campaigns
from interact.chats.record import AssetLoad
from interact.errors import ReportFailed
from interact.reports import pdf
from interact.reports.branding import Branding
from interact.reports.document import Chart, Markdown, Section, Table
from interact.reports.manuscript import Manuscript
from interact.reports.pdf import Drawn, Studio, draw, draw_many


def read(drawn):
    return PdfReader(BytesIO(drawn.pdf))


def text_of(drawn):
    return " ".join(" ".join(page.extract_text() for page in read(drawn).pages).split())


def links_of(drawn):
    annotations = [note.get_object() for page in read(drawn).pages for note in page.get("/Annots", [])]
    return [note["/A"]["/URI"] for note in annotations if "/A" in note and "/URI" in note["/A"]]


def fonts_of(drawn):
    return {
        font.get_object()["/BaseFont"].split("+")[-1]
        for page in read(drawn).pages
        for font in page["/Resources"]["/Font"].values()
    }


def a_table(result, *columns, **more):
    names = columns or tuple(column.name for column in result.columns)
    return Table(**({"title": "Campaigns", "result_id": result.result_id, "columns": names} | more))


def a_chart(result, **more):
    fields = {
        "title": "ROAS",
        "result_id": result.result_id,
        "mark": "bar",
        "x": "campaign",
        "y": "roas",
        "alt": "Bars",
    }
    return Chart(**(fields | more))


def a_manuscript(report=None, *results, branding=None):
    return Manuscript(report or a_report(), by_id(*results), branding or Branding(), CREATED)


def many(count):
    return a_result(a_column("campaign"), a_column("roas", "ratio"), rows=[(f"C{n}", n / 7) for n in range(count)])


def test_a_report_becomes_a_page_and_a_tagged_pdf(drawn):
    result = campaigns()
    report = a_report(a_table(result), a_chart(result), subtitle="Paid search", method="Whole days.")
    made = drawn(report, by_id(result))
    assert made.pages == len(read(made).pages) == 1
    assert "Weekly briefing" in text_of(made)
    assert "Whole days." in text_of(made)
    root = read(made).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert read(made).metadata.title == "Weekly briefing"
    assert "<h1>Weekly briefing</h1>" in made.html
    assert made.notes == ()


def test_words_are_set_in_our_own_fonts_only(drawn):
    result = campaigns()
    made = drawn(a_report(a_table(result), a_chart(result), summary="Ł ő €1 −2 3 × 4 → ↑ ↓ “x” … **b**"), by_id(result))
    assert fonts_of(made)
    assert all("Report-Sans" in font or "ReportSans" in font for font in fonts_of(made)), fonts_of(made)


def test_the_same_manuscript_gives_the_same_bytes():
    result = campaigns()
    report = a_report(a_table(result), a_chart(result))
    logo = BytesIO()
    Image.new("RGB", (40, 20), "green").save(logo, "PNG")
    branding = Branding(name="Norrland", logo=logo.getvalue())
    manuscript = a_manuscript(report, result, branding=branding)
    with Studio(FOLDER) as studio:
        first, again = studio.draw(manuscript), studio.draw(manuscript)
    fresh = draw(report, by_id(result), branding=branding, created=CREATED, folder=FOLDER)
    assert first == again == fresh


def test_a_long_table_repeats_its_head_and_attaches_all_rows(drawn):
    result = many(1240)
    made = drawn(a_report(a_table(result)), by_id(result))
    assert made.pages > 3
    assert all("CampaignRoas" in "".join(page.extract_text().split()) for page in read(made).pages[:-1])
    assert f"200 of 1,240 rows. All of them are in the attached file {result.result_id}.csv." in text_of(made)
    ((name, (content,)),) = read(made).attachments.items()
    assert name == f"{result.result_id}.csv"
    assert len(content.decode("utf-8-sig").splitlines()) == 1241


def test_a_chart_has_its_words_in_the_pdf(drawn):
    result = campaigns()
    made = drawn(a_report(a_chart(result, alt="Brand leads.")), by_id(result))
    assert b"Brand leads." in made.pdf or "<title>Brand leads.</title>" in made.html
    assert made.html.count('role="img"') == 2


@pytest.mark.parametrize(("rows", "words"), [([], "No rows."), ([("Brand", None)], "Every value is missing.")])
def test_a_chart_without_values_says_so(drawn, rows, words):
    result = a_result(a_column("campaign"), a_column("roas", "ratio"), rows=rows)
    made = drawn(a_report(a_table(result), a_chart(result)), by_id(result))
    assert words in text_of(made)
    assert made.notes == ()


def test_a_chart_that_makes_no_picture_leaves_its_words_and_a_note(drawn):
    result = a_result(a_column("campaign"), a_column("roas", "ratio"), rows=[("Brand", 1), ("Brand", 2)])
    made = drawn(a_report(a_chart(result)), by_id(result))
    assert "several rows share one value of “Campaign”" in text_of(made)
    assert made.notes == ("ROAS: This chart is not drawn: several rows share one value of “Campaign”.",)


HOSTILE = [
    "<script>alert(1)</script>",
    "<svg><use href='file:///etc/hostname'/></svg>",
    "<img src='file:///etc/hostname'>",
    "<link rel=attachment href='file:///etc/hostname'>",
    "<style>@import 'https://evil.example/x.css'</style>",
    "[x](javascript:alert(1)) [y](file:///etc/hostname) [z](https://example.com/)",
    "![x](https://evil.example/x.png)",
    "w" * 1000,
    "שלום عالم",
    "日本語の見出し 🎉 👩‍👩‍👧",
    "\u202egnissim\u202c",
    "a\u0301" * 100 + "\u200b\u200d\ufeff",
    "[" * 400 + "](x)" * 50,
    "> " * 400 + "deep",
    "{{ 7*7 }}{% raw %}",
    "]]></style></script>--><!--",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_the_paper_or_leaves_it(drawn, text):
    result = a_result(
        a_column("campaign", label=text[:80]), a_column("roas", "ratio"), rows=[(text, 1.5), (None, None)]
    )
    figure = f"[[{result.result_id}/0/campaign]]"
    report = a_report(
        Markdown(text=f"{text}\n\n{figure}"),
        a_table(result, title=text[:120], note=text[:600]),
        a_chart(result, title=text[:120], subtitle=text[:160], alt=text[:400]),
        title=text[:120],
        summary=text,
        method=figure,
    )
    made = drawn(report, by_id(result), Branding(name=text[:80]))
    assert made.notes == ()
    assert read(made).attachments == {}
    assert all(link.startswith("https://") for link in links_of(made))
    assert b"/JavaScript" not in made.pdf


def test_what_a_press_is_not_given_it_cannot_fetch():
    with (
        pytest.raises(ReportFailed, match="'file:///etc/hostname', which no report may fetch"),
        Studio(FOLDER) as studio,
    ):
        studio._print(a_manuscript(), '<img src="file:///etc/hostname">')


@pytest.mark.parametrize("page", ['<table><td colspan="1000000000">x</table>', "<div>" * 3000])
def test_a_page_beyond_the_limits_fails_in_one_sentence_and_the_next_one_works(page):
    with Studio(FOLDER) as studio:
        with pytest.raises(ReportFailed, match=r"^The report 'Weekly briefing' could not be printed: .{3,220}\.$"):
            studio._print(a_manuscript(), page)
        assert studio.draw(a_manuscript()).pages == 1


def test_a_page_that_never_ends_is_stopped_in_time(monkeypatch):
    monkeypatch.setattr(pdf, "PRINT_SECONDS", 3.0)
    endless = (
        "<style>"
        + "".join(f":root{{--v{n}:var(--v{n + 1}) var(--v{n + 1})}}" for n in range(40))
        + ":root{--v40:x}p{margin:var(--v0)}</style><p>x"
    )
    begun = time.monotonic()
    with Studio(FOLDER) as studio, pytest.raises(ReportFailed, match=r"longer than 3 seconds|Error"):
        studio._print(a_manuscript(), endless)
    assert time.monotonic() - begun < 10


def test_a_press_that_is_killed_fails_one_report_only():
    with Studio(FOLDER) as studio:
        studio.draw(a_manuscript())
        os.kill(studio._press.pid, signal.SIGKILL)
        with pytest.raises(ReportFailed, match="stopped by signal 9"):
            studio.draw(a_manuscript())
        assert studio.draw(a_manuscript()).pages == 1


def test_an_artist_that_is_killed_costs_one_chart_only():
    result = campaigns()
    report = a_report(a_chart(result, title="First"), a_chart(result, title="Second"))
    with Studio(FOLDER) as studio:
        studio.draw(a_manuscript(report, result))
        os.kill(studio._artist.pid, signal.SIGKILL)
        made = studio.draw(a_manuscript(report, result))
    assert made.notes == ("First: This chart is not drawn: it was stopped by signal 9.",)
    assert "Bars" in text_of(made)
    assert made.html.count('role="img"') == 2


def test_several_reports_come_back_in_order_and_a_failing_one_in_its_place():
    lost = a_report(a_table(campaigns(9)), title="Lost")
    manuscripts = [
        a_manuscript(a_report(title="One")),
        a_manuscript(lost),
        a_manuscript(a_report(title="Three")),
    ]
    first, second, third = draw_many(manuscripts, folder=FOLDER, workers=2)
    assert isinstance(second, ReportFailed)
    assert "'result_000000000009'" in str(second)
    assert "<title>One</title>" in first.html
    assert "<title>Three</title>" in third.html


def test_no_report_is_drawn_by_nobody():
    assert draw_many([], folder=FOLDER) == []


def test_a_press_is_replaced_before_it_has_grown(monkeypatch):
    monkeypatch.setattr(pdf, "PRINTS_A_CHILD", 1)
    with Studio(FOLDER) as studio:
        assert isinstance(studio.draw(a_manuscript()), Drawn)
        assert studio._press is None
        assert studio.draw(a_manuscript()).pages == 1


def test_closing_a_studio_ends_what_it_draws():
    studio = Studio(FOLDER)
    threading.Timer(1.0, studio.__exit__).start()
    begun = time.monotonic()
    report = a_report(sections=tuple(Section(title="S", blocks=(a_table(many(500)),)) for _ in range(12)))
    with pytest.raises(ReportFailed, match=r"could not be printed|was stopped before"):
        [studio.draw(a_manuscript(report, many(500))) for _ in range(100)]
    assert time.monotonic() - begun < 10


def test_twenty_assets_with_endless_names_are_printed_whole(drawn):
    data = tuple(
        AssetLoad(f"s3://bucket/{'folder/' * 200}asset_{number}", CREATED, "load", late=number == 3)
        for number in range(20)
    )
    made = drawn(a_report(), {}, data=data, timezone="Europe/Amsterdam")
    printed = text_of(made)
    assert all(f"asset_{number}" in printed for number in range(20))
    assert "Not all data had arrived" in printed
    assert printed.count("16 Nov 2026, 09:00 CET") >= 20
    assert made.pages <= 2
