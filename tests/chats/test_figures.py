"""Figures in prose come from results, and look the same everywhere."""

import pytest

from interact.chats.figures import UNTRACED, count_reference, reference, resolve, show
from interact.chats.result import Column, Result

RESULT = Result(
    result_id="result_abcdef123456",
    title="Campaigns",
    sql="SELECT 1",
    columns=(
        Column(name="campaign", label="Campaign"),
        Column(name="spend", label="Spend", format="currency", unit="EUR"),
        Column(name="roas_change", label="ROAS, change", format="percent", is_change=True),
    ),
    rows=(("Brand [[x]]", 1234.5, -0.153), ("Generic", None, 0.2)),
)
RESULTS = {RESULT.result_id: RESULT}


def test_a_reference_becomes_the_cell_it_names() -> None:
    text = f"{reference(RESULT, 0, 'campaign')} spent {reference(RESULT, 0, 'spend')}."
    assert resolve(text, RESULTS) == "Brand [[x]] spent €1,234."


def test_a_count_is_the_number_of_rows() -> None:
    assert resolve(f"{count_reference(RESULT)} campaigns", RESULTS) == "2 campaigns"


@pytest.mark.parametrize(
    "lost",
    [
        "[[result_abcdef123456/2/spend]]",
        "[[result_abcdef123456/0/cost]]",
        "[[result_000000000000/0/spend]]",
        "[[result_000000000000/rows]]",
    ],
)
def test_a_reference_that_leads_nowhere_is_marked(lost: str) -> None:
    assert resolve(f"Spend was {lost}.", RESULTS) == f"Spend was {UNTRACED}."


@pytest.mark.parametrize("other", ["[[result_x/0/spend]]", "[result_abcdef123456/0/spend]", "[[link]]"])
def test_what_is_no_reference_stays_as_it_is(other: str) -> None:
    assert resolve(other, RESULTS) == other


@pytest.mark.parametrize(
    ("value", "column", "shown"),
    [
        (None, Column(name="c", label="C", format="ratio"), "n/a"),
        (0, Column(name="c", label="C", format="integer"), "0"),
        (1234567, Column(name="c", label="C", format="integer"), "1,234,567"),
        (3.418, Column(name="c", label="C", format="ratio"), "3.42"),
        (0.0534, Column(name="c", label="C", format="percent"), "5.3%"),
        (0.0534, Column(name="c", label="C", format="percent", is_change=True), "+5.3%"),
        (-0.153, Column(name="c", label="C", format="percent", is_change=True), "−15.3%"),
        (-0.0001, Column(name="c", label="C", format="percent", is_change=True), "0.0%"),
        (18.114, Column(name="c", label="C", format="currency", unit="EUR"), "€18.11"),
        (9590.4, Column(name="c", label="C", format="currency", unit="EUR"), "€9,590"),
        (12.5, Column(name="c", label="C", format="currency", unit="SEK"), "12.50 SEK"),
        (-12.5, Column(name="c", label="C", format="currency", unit="EUR"), "−€12.50"),
        ("NL", Column(name="c", label="C"), "NL"),
        (True, Column(name="c", label="C"), "yes"),
    ],
)
def test_a_value_is_shown_as_people_read_it(value: object, column: Column, shown: str) -> None:
    assert show(value, column) == shown  # type: ignore[arg-type]
