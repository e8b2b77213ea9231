"""What is offered in place of words that are not known."""

from __future__ import annotations

import pytest

from builders.models import SHOP, SHOP_MEMBERS
from interact.agents.analyst.suggestions import suggestion, unknown


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("revnue", " Did you mean 'revenue'?"),
        ("Germny", " Did you mean 'Germany'?"),
        ("UK", " Did you mean 'United Kingdom'?"),
        ("Kingdom", " Did you mean 'United Kingdom'?"),
        ("frobnicated", ""),
    ],
)
def test_close_words_are_suggested(words: str, says: str) -> None:
    assert suggestion(words, SHOP, SHOP_MEMBERS) == says


def test_a_refusal_names_what_is_known() -> None:
    text = unknown("Norway", SHOP, SHOP_MEMBERS, enforced={})
    assert text.startswith("I do not know 'Norway'. Say it in another way, or leave it out. Known are the metrics Re")
    assert "countries: 'Germany', 'Netherlands', 'United Kingdom'" in text
    assert "mail" not in text.replace("'email'", "")
