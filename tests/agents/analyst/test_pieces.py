"""A prompt as a row of pieces."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest

from interact.agents.analyst.pieces import Sheet, read_pieces
from interact.warehouse.semantic import SemanticModel


@pytest.fixture
def pieces(model: SemanticModel, members: dict[str, tuple[str, ...]]) -> Callable[[str], Sheet]:
    return lambda prompt: read_pieces(prompt, model, members, today=date(2026, 6, 18))


@pytest.mark.parametrize(
    ("prompt", "shape"),
    [
        ("Analyse paid search performance for the past 7 days.", "avSihw."),
        ("top campaigns by ROAS, a breakdown by market", "rdbm,hbd"),
        ("Highlight any campaigns where CPA exceeded the target", "fydqmcht"),
        ("Spend in NL and BE", "miv&v"),
        ("we wobble so", "hzh"),
        ("spend over €500 or 12 clicks", "mcn|nm"),
        ("Compare paid search with Shopping", "kvqv"),
    ],
)
def test_a_prompt_is_spelt_by_the_kinds_of_its_pieces(pieces: Callable[[str], Sheet], prompt: str, shape: str) -> None:
    assert pieces(prompt).shape == shape


def test_no_word_is_lost(pieces: Callable[[str], Sheet]) -> None:
    sheet = pieces("Hello Anna: show ROAS (and CPA) for “Search – NL”, please; why 3 wobbles since May?")
    covered = "".join(sheet.text[piece.start : piece.end] for piece in sheet.pieces)
    assert re.sub(r"\W", "", covered) == re.sub(r"\W", "", sheet.text)


def test_a_name_in_quotes_is_a_value_whatever_it_says(pieces: Callable[[str], Sheet]) -> None:
    assert pieces('Spend of "delete" and “for the past” last week').shape == "miv&vw"


def test_a_prompt_in_quotes_is_read_without_them(pieces: Callable[[str], Sheet]) -> None:
    assert pieces("“Spend for last week.”").text == "Spend for last week."


def test_display_is_a_verb_only_where_a_clause_begins(pieces: Callable[[str], Sheet]) -> None:
    assert pieces("Display the spend").shape == "am"
    assert pieces("How did Display the past week do").shape[1] == "v"
    assert "v" in pieces("spend in Display the past week").shape


def test_codes_are_matched_by_their_capitals(pieces: Callable[[str], Sheet]) -> None:
    assert pieces("spend may be high in BE").of_kind("v") == [4]


def test_a_number_inside_a_name_is_no_number(pieces: Callable[[str], Sheet]) -> None:
    assert pieces("Spend of Black Friday 2025 in May").shape == "miviw"


def test_a_phrase_does_not_reach_over_a_name(pieces: Callable[[str], Sheet]) -> None:
    assert pieces("compare Shopping with Video").pieces[0].text == "compare"


def test_however_many_quotes_there_are_each_value_is_looked_at_once(model: SemanticModel) -> None:
    looked_at: list[str] = []

    class Value(str):
        def casefold(self) -> str:
            looked_at.append(str(self))
            return super().casefold()

    members = {"campaign": (Value("Brand"), Value("BRAND"), Value("Shoes"))}
    read_pieces('Spend of "brand" and Shoes', model, members, today=date(2026, 6, 18))
    once = len(looked_at)
    sheet = read_pieces('Spend of "brand", "Shoes", “other” and "shoes."', model, members, today=date(2026, 6, 18))
    assert len(looked_at) == 2 * once
    found = [piece.value.found for piece in sheet.pieces if piece.kind == "v"]
    assert found == [(("campaign", ("Brand", "BRAND")),), (("campaign", ("Shoes",)),), (("campaign", ("Shoes",)),)]
