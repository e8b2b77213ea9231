"""Words become tokens, and names of the data never shadow the language."""

from __future__ import annotations

import pytest

from interact.agents.analyst.lexicon import fixed_phrases, model_phrases, plain, tokenise
from interact.agents.analyst.naming import member_phrases
from interact.warehouse.semantic import SemanticModel


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("€1,000", 1000, "EUR"),
        ("500 EUR", 500, "EUR"),
        ("$20", 20, "USD"),
        ("12.5%", 0.125, "%"),
        ("20 per cent", 0.2, "%"),
        ("10k", 10_000, ""),
        ("1.5m", 1_500_000, ""),
        ("2x", 2, ""),
        ("−10%", -0.1, "%"),
        ("five", 5, ""),
    ],
)
def test_numbers_are_read_with_their_unit(text: str, number: float, unit: str) -> None:
    (token,) = tokenise(text)
    assert token.number == pytest.approx(number)
    assert token.unit == unit


@pytest.mark.parametrize("text", ["2nd", "3D", "P2P", "one"])
def test_words_with_digits_are_words(text: str) -> None:
    (token,) = tokenise(text)
    assert token.number is None


def test_dashes_and_quotes_are_left_out_and_ends_of_sentences_kept() -> None:
    assert [token.key for token in tokenise("“Search – NL”, top-5.\nNext?")] == [
        *("search", "nl", ",", "top", "5", ".", ".", "next", "."),
    ]


@pytest.mark.parametrize(
    ("word", "expected"), [("Campaign's", "campaign"), ("campaigns’", "campaigns"), ("CPA", "cpa")]
)
def test_a_word_has_one_plain_form(word: str, expected: str) -> None:
    assert plain(word) == expected


def test_metrics_and_dimensions_are_known_in_singular_and_plural(model: SemanticModel) -> None:
    phrases = model_phrases(model)
    assert phrases[("conversion",)] == phrases[("conversions",)] == ("m", "conversions")
    assert phrases[("return", "on", "ad", "spend")] == ("m", "roas")
    assert phrases[("conversion_rate",)] == phrases[("conversion", "rates")] == ("m", "conversion_rate")
    assert phrases[("countries",)] == ("d", "market")


def names(model: SemanticModel, *values: str) -> set[tuple[str, ...]]:
    return set(member_phrases({"campaign": values}, {**fixed_phrases(), **model_phrases(model)}))


@pytest.mark.parametrize("hostile", ["delete", "for the past", "spend", "by", "campaign", "7", "A", "top 10", "ROAS"])
def test_a_name_made_of_words_of_the_language_is_not_matched(model: SemanticModel, hostile: str) -> None:
    assert names(model, hostile) == set()


def test_a_name_around_another_name_is_not_matched(model: SemanticModel) -> None:
    assert names(model, "Shopping", "Shopping performance for the past") == {("shopping",)}
    assert names(model, "Shopping", "Shopping Bestsellers") == {("shopping",), ("shopping", "bestsellers")}


def test_codes_of_two_capitals_are_names(model: SemanticModel) -> None:
    assert names(model, "BE", "be", "X") == {("be",)}
