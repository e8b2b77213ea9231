"""Numbers in a metric's own unit, and changes with their sign."""

from __future__ import annotations

import pytest

from builders.models import PAID_MEDIA
from interact.agents.analyst.lexicon import Token, tokenise
from interact.agents.analyst.thresholds import change_of, in_unit_of, signed_change, value_of
from interact.errors import AgentRefused


def token(text: str) -> Token:
    (found,) = tokenise(text)
    return found


@pytest.mark.parametrize(
    ("text", "metric", "value"),
    [
        ("€1.5k", "spend", 1500),
        ("2 million euros", "spend", 2_000_000),
        ("50 euros", "cpa", 50),
        ("2 %", "conversion_rate", 0.02),
        ("2", "conversion_rate", 0.02),
        ("-5 %", "conversion_rate", -0.05),
        ("300 %", "roas", 3),
        ("3x", "roas", 3),
    ],
)
def test_a_number_is_in_the_unit_of_its_metric(text: str, metric: str, value: float) -> None:
    assert value_of(token(text), PAID_MEDIA.metric(metric)) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "metric", "says"),
    [
        ("$50", "spend", "is in EUR"),
        ("5 %", "clicks", "is a count"),
        ("0.5", "conversion_rate", "a share or a percentage"),
        ("1e99".replace("e", "000000000000000000"), "spend", "beyond any figure"),
    ],
)
def test_a_number_of_another_unit_is_refused(text: str, metric: str, says: str) -> None:
    with pytest.raises(AgentRefused, match=says):
        value_of(token(text), PAID_MEDIA.metric(metric))


@pytest.mark.parametrize(
    ("first", "last", "number"),
    [("1", "2 million", 1e6), ("10", "20k", 1e4), ("2", "3 %", 0.02), ("5", "7", 5), ("1k", "2 million", 1e3)],
)
def test_the_first_of_two_numbers_has_the_unit_of_the_last(first: str, last: str, number: float) -> None:
    assert in_unit_of(token(first), token(last)).number == pytest.approx(number)


def test_a_fall_is_a_negative_change() -> None:
    assert change_of(token("20 %"), ">", down=True, words="fell by more than 20 %") == ("<", -0.2)
    assert change_of(token("20 %"), None, down=False, words="rose by 20 %") == (">=", 0.2)


def test_an_upper_limit_to_a_change_is_refused() -> None:
    with pytest.raises(AgentRefused, match="sets an upper limit"):
        change_of(token("20 %"), "<", down=False, words="rose by less than 20 %")


def test_a_change_with_its_sign_goes_outwards() -> None:
    assert signed_change(token("-10 %"), "<", words="a change below -10 %") == ("<", -0.1)
    with pytest.raises(AgentRefused, match="means rises or falls"):
        signed_change(token("10 %"), "<", words="a change below 10 %")
