"""Parts of a whole as percentages."""

from __future__ import annotations

import pytest

from interact.agents.analyst.quantities import find_quantities


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("fell by more than a quarter", 0.25),
        ("rose by a third", 0.3333333333),
        ("by at least two thirds", 0.6666666667),
        ("by half", 0.5),
        ("lost more than half of them", 0.5),
        ("by over a tenth", 0.1),
    ],
)
def test_a_part_of_a_whole_is_a_percentage(text: str, number: float) -> None:
    ((_, token),) = find_quantities(text)
    assert (token.number, token.unit) == (number, "%")


@pytest.mark.parametrize("text", ["by quarter", "the first half of 2025", "more than half a year", "a quarter ago"])
def test_a_part_of_the_calendar_is_none(text: str) -> None:
    assert find_quantities(text) == []
