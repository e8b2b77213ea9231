import csv
import io
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.drafts import a_column, a_result
from interact.reports.exports import as_csv, as_xlsx


def read(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_all_rows_come_as_they_are():
    result = a_result(a_column("campaign"), a_column("spend", "currency"), rows=[('A "b", c\nd', -1.5), ("Ł", None)])
    assert read(as_csv(result)) == [["Campaign", "Spend"], ['A "b", c\nd', "-1.5"], ["Ł", ""]]


@pytest.mark.parametrize("sign", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_words_that_work_as_a_formula_are_made_inert(sign):
    assert read(as_csv(a_result(a_column("campaign"), rows=[(sign,)])))[1] == ["'" + sign]


def workbook(content):
    """The cells of the first sheet, as (value, type) by their place; dates and looks as numbers with a format."""
    with ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
        texts = ElementTree.fromstring(archive.read("xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in names else []
    strings = ["".join(part.itertext()) for part in texts]
    cells = {}
    for cell in sheet.findall(".//{*}c"):
        value = cell.find("{*}v")
        assert cell.find("{*}f") is None, "a formula"
        if value is not None:
            cells[cell.get("r")] = strings[int(value.text)] if cell.get("t") == "s" else float(value.text)
    return cells


def test_a_workbook_holds_numbers_as_numbers_and_days_as_days():
    columns = (
        a_column("day", "date"),
        a_column("campaign"),
        a_column("spend", "currency"),
        a_column("share", "percent"),
    )
    rows = [("2026-11-23", "Brand", 1234.5, 0.25), ("no day", "Łódź", None, -0.5)]
    cells = workbook(as_xlsx(a_result(*columns, rows=rows)))
    assert [cells[place] for place in ("A1", "B1", "C1", "D1")] == ["Day", "Campaign", "Spend", "Share"]
    assert (cells["A2"], cells["B2"], cells["C2"], cells["D2"]) == (46349.0, "Brand", 1234.5, 0.25)  # days since 1900
    assert (cells["A3"], cells["B3"], cells["D3"]) == ("no day", "Łódź", -0.5)
    assert "C3" not in cells


@pytest.mark.parametrize(
    "words", ["=1+1", '=HYPERLINK("http://x")', "http://example.com", "{=1}", "a\0b", "x" * 40_000]
)
def test_words_in_a_workbook_are_words(words):
    cells = workbook(as_xlsx(a_result(a_column("campaign"), rows=[(words,)])))
    assert cells["A2"] == words.replace("\0", " ")[:32_767]


@pytest.mark.parametrize("title", ["a/b:c*d?[e]", "", "'", "x" * 50, "Wörter ≠ 📈"])
def test_a_sheet_has_a_name_that_is_allowed(title):
    assert workbook(as_xlsx(a_result(a_column("campaign"), rows=[], title=title)))["A1"] == "Campaign"


@given(
    st.lists(st.tuples(st.text(max_size=20), st.none() | st.floats(allow_nan=True) | st.integers(-(10**15), 10**15)))
)
def test_any_rows_make_a_workbook(rows):
    cells = workbook(as_xlsx(a_result(a_column("campaign"), a_column("spend", "number"), rows=rows)))
    assert cells["B1"] == "Spend"
