"""Dates, ranks, names and code hold digits and claim nothing; figures beside them do."""

import pytest

from interact.reports.provenance.numerals import numerals_in
from interact.reports.provenance.silence import Spans, silent


def loud(text):
    quiet = Spans(silent(text))
    return [each.text for each in numerals_in(text) if not quiet.touch(each.start, each.end)]


@pytest.mark.parametrize(
    "text",
    [
        "From 9 to 15 November 2026, on November 9–15, 2026 and 2026-11-09.",
        "As of 2026-11-16T08:00 at 08:00, 8 am or 14:30, in week 46, Q3 and H1 2025.",
        "Since 2024, in March 2025 and Black Friday 2025 of season 2026.",
        "1. First\n2) Second\n- 3. Third",
        "The top 5, chart 2, step 3, #4, No. 6, the 2nd and version 2.1.0.",
        "See https://example.com/1234?a=5 and [here](https://example.com/99).",
        "`spend_2024` and ```\nSELECT 12 FROM x\n```",
    ],
)
def test_what_claims_nothing_is_silent(text):
    assert loud(text) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("In March 120 clicks came.", ["120"]),
        ("`1,234` clicks", ["1,234"]),
        ("On 9 November it was €12.", ["€12"]),
        ("The top 5 took 60%.", ["60%"]),
        ("1. It was 12.", ["12"]),
        ("In total 2,026 clicks", ["2,026"]),
        ("3.370.155,00 € in all", ["3.370.155,00 €"]),
    ],
)
def test_a_figure_beside_it_is_not(text, left):
    assert loud(text) == left
