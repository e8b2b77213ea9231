import csv
from io import BytesIO, StringIO

import pytest
from pypdf import PdfReader

from builders.drafts import FOLDER, a_column
from builders.rollups import a_comparison, a_failure, a_market, a_reading, a_rollup
from interact.errors import ReportFailed
from interact.reports.pdf import Studio

EDGE = (210 - 18) / 25.4 * 72 + 0.1
"""Where the text of a page ends, in points from its left edge."""
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src='file:///etc/hostname'>",
    "<link rel=attachment href='file:///etc/hostname'>",
    "[x](javascript:alert(1))",
    "w" * 200,
    "שלום عالم 日本語 🎉",
    "a\u0301" * 100 + "\u200b\ufeff\u202e",
    "{{ 7*7 }}{% raw %}",
    "a\x00b\x1b",
]


def read(drawn):
    return PdfReader(BytesIO(drawn.pdf))


def text_of(page):
    return " ".join(page.extract_text().split())


def links_of(drawn):
    annotations = [note.get_object() for page in read(drawn).pages for note in page.get("/Annots", [])]
    return [note["/A"]["/URI"] for note in annotations if "/A" in note and "/URI" in note["/A"]]


def rightmost(page):
    """Where the last line begins, or the last amount ends, in points: it takes 0.55 em a letter and more."""
    ends = [0.0]

    def visit(text, matrix, placed, font, size):
        if said := text.strip():
            room = 0.55 * size * matrix[0] * len(said) if said.startswith("€") else 0
            ends.append(matrix[4] + placed[4] * matrix[0] + room)

    page.extract_text(visitor_text=visit)
    return max(ends)


def test_three_combinations_fit_one_tagged_page_with_bars(studio):
    drawn = studio.draw_rollup(a_comparison(a_rollup(a_market(0, "NL"), a_market(1, "BE"), a_market(2, "DE"))))
    assert drawn.pages == 1
    text = text_of(read(drawn).pages[0])
    assert "All 3 combinations were answered." in text
    assert "Spend: highest for DE, lowest for NL" in text
    assert drawn.html.count('role="img"') == 2
    assert read(drawn).trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert read(drawn).metadata.title == "Weekly report"


def test_every_chat_is_linked(studio):
    readings = [a_market(0), a_failure(1), *(a_market(number) for number in range(2, 40))]
    drawn = studio.draw_rollup(a_comparison(a_rollup(*readings)))
    assert {f"https://airflow.example.com/interact/chats/chat_{n:012d}" for n in range(40)} == set(links_of(drawn))


def test_a_long_table_repeats_its_head_on_each_page(studio):
    drawn = studio.draw_rollup(a_comparison(a_rollup(*(a_market(number) for number in range(120)))))
    pages = [text_of(page) for page in read(drawn).pages]
    assert len(pages) > 3
    assert all("MarketSpendConversions" in page.replace(" ", "") for page in pages[1:])
    assert "All together" in pages[-1]
    assert read(drawn).attachments == {}


def test_a_thousand_combinations_come_with_a_file_of_all(studio):
    drawn = studio.draw_rollup(a_comparison(a_rollup(*(a_market(number) for number in range(1000)))))
    assert drawn.pages < 15
    assert "200 of 1,000 combinations. All of them are in the attached file rollup.csv." in text_of(
        read(drawn).pages[-1]
    )
    ((name, (content,)),) = read(drawn).attachments.items()
    rows = list(csv.reader(StringIO(content.decode("utf-8-sig"))))
    assert (name, len(rows), rows[0][:2], rows[1000][0]) == ("rollup.csv", 1001, ["Market", "Spend"], "M999")


def test_many_measures_stay_on_the_paper(studio):
    columns = tuple(a_column(f"measure_{n}", "currency", label=f"Average order value {n}") for n in range(24))
    readings = [a_reading(number, *[123456789.0 + number] * 24, columns=columns) for number in range(6)]
    drawn = studio.draw_rollup(a_comparison(a_rollup(*readings)))
    assert all(rightmost(page) < EDGE for page in read(drawn).pages)
    text = " ".join(text_of(page) for page in read(drawn).pages)
    assert text.count("€123,456,789") >= 24


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_the_paper_or_leaves_it(studio, text):
    column = a_column("roas", "ratio", label=text, good="up")
    readings = [a_reading(n, 1.0 + n, columns=(column,), parameters={"market": f"{text}{n}"}) for n in range(9)]
    rollup = a_rollup(*readings, a_failure(9, text, parameters={"market": text}), title=text)
    drawn = studio.draw_rollup(a_comparison(rollup))
    assert all(link.startswith("https://airflow.example.com/interact/chats/chat_") for link in links_of(drawn))
    assert read(drawn).attachments == {}
    assert b"/JavaScript" not in drawn.pdf
    assert all(rightmost(page) < EDGE for page in read(drawn).pages)


def test_the_same_comparison_gives_the_same_bytes(studio):
    comparison = a_comparison(a_rollup(a_market(0), a_failure(1), a_market(2)))
    assert studio.draw_rollup(comparison) == studio.draw_rollup(comparison)


def test_a_roll_up_that_cannot_be_printed_says_so(monkeypatch):
    monkeypatch.setattr("interact.reports.pdf.PRINT_SECONDS", 0.001)
    with Studio(FOLDER) as studio, pytest.raises(ReportFailed, match=r"^The roll-up of 'Weekly report' could not"):
        studio.draw_rollup(a_comparison(a_rollup(a_market(0), a_market(1))))
