"""Which values of the data are names in a prompt: those that stand out, and words of the language beside others."""

from __future__ import annotations

from datetime import date

import pytest

from builders.models import PAID_MEDIA, SUBSCRIPTION_MEMBERS, SUBSCRIPTIONS
from interact.agents.analyst.lexicon import Member, fixed_phrases, words_of
from interact.agents.analyst.naming import names_in
from interact.agents.analyst.pieces import read_pieces

KNOWN = {**fixed_phrases(), **words_of(PAID_MEDIA).phrases}


def strong(text: str, *values: str) -> set[str]:
    return {" ".join(key) for key in names_in(text, {"campaign": values}, KNOWN).strong}


def test_only_values_whose_words_the_text_has_are_looked_at() -> None:
    assert strong("spend of Summer Sale", "Summer Sale", "Summer Launch", "Winter") == {"summer sale", "summer sales"}


@pytest.mark.parametrize("text", ["desktops", "desktop", "DESKTOP", "Desktops"])
def test_a_value_is_known_in_both_numbers(text: str) -> None:
    assert strong(text, "desktop") == {"desktop", "desktops"}


def test_a_plural_that_means_something_else_is_no_name() -> None:
    assert strong("click clicks", "click") == set()


@pytest.mark.parametrize(
    ("prompt", "values"),
    [
        ("MRR of the team plan", ("Team",)),
        ("MRR of plan team", ("Team",)),
        ("team MRR", ("Team",)),
        ("MRR in Team", ("Team",)),
        ("Monthly and Team plans: MRR", ("Monthly", "Team")),
        ("monthly MRR", ()),
        ("monthly report for the team on MRR", ()),
        ("MRR for our team meeting", ()),
    ],
)
def test_a_word_of_the_language_is_a_value_beside_other_words_only(prompt: str, values: tuple[str, ...]) -> None:
    sheet = read_pieces(prompt, SUBSCRIPTIONS, SUBSCRIPTION_MEMBERS, today=date(2026, 6, 18))
    found = [piece.value.found[0][1][0] for piece in sheet.pieces if isinstance(piece.value, Member)]
    assert tuple(found) == values
