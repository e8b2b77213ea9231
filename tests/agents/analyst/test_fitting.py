"""Metrics with dimensions and date columns that they go by."""

from __future__ import annotations

from datetime import date

import pytest

from builders.models import SHOP, SHOP_MEMBERS, SUBSCRIPTION_MEMBERS, SUBSCRIPTIONS
from interact.agents.analyst.reading import read_prompt
from interact.errors import AgentRefused

TODAY = date(2026, 6, 18)


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        (
            "orders by source",
            "Orders is not known by source. It goes by country, segment, currency; by source there is",
        ),
        ("top 3 sources by profit", "Profit is not known by source"),
        ("sources with orders above 10", "Orders is not known by source"),
        ("orders from organic", "Orders is not known by source"),
        (
            "visits by country",
            "Visits is not known by country. It goes by source; by country there are Revenue, Orders",
        ),
        ("shipments by order date", "Shipments is counted by 'Ship date', not by 'Order date'"),
    ],
)
def test_what_does_not_go_together_is_declined_with_what_does(prompt: str, says: str) -> None:
    with pytest.raises(AgentRefused, match=says):
        read_prompt(prompt, SHOP, SHOP_MEMBERS, on_date=TODAY)


def test_several_facts_share_a_dimension() -> None:
    request = read_prompt("MRR and sign-ups by plan", SUBSCRIPTIONS, SUBSCRIPTION_MEMBERS, on_date=TODAY)
    assert not [note for note in request.notes if "not known" in note]
    request = read_prompt("MRR and sign-ups by channel", SUBSCRIPTIONS, SUBSCRIPTION_MEMBERS, on_date=TODAY)
    assert "MRR is not known by channel, so that table leaves it out." in request.notes
