"""What people are told of a prompt while they write it, on Thursday 18 June 2026."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from builders.prompts import CHECK, REPORT
from interact.agents.analyst.understanding import NO_CAUSES, NO_CHARTS, Understanding, understanding_of
from interact.warehouse.semantic import SemanticModel

Understand = Callable[..., Understanding]
TODAY = date(2026, 6, 18)


@pytest.fixture
def understand(model: SemanticModel, members: dict[str, tuple[str, ...]]) -> Understand:
    def build(prompt: str, **enforced: str) -> Understanding:
        return understanding_of(prompt, model, members, on_date=TODAY, enforced=enforced)

    return build


def test_the_weekly_report_is_understood_completely(understand: Understand) -> None:
    assert understand(REPORT, market="NL") == Understanding(
        metrics=("Spend", "Conversions", "Revenue", "CPA", "ROAS"),
        metrics_are_usual=True,
        period="past 7 days",
        days="11–17 June 2026",
        compared_with="4–10 June 2026",
        breakdowns=("Campaigns by ROAS, highest first", "By market"),
        filters=("Market: NL", "Channel: Paid search"),
        highlights=("campaigns with CPA above target",),
        report=True,
        sections=("summary", "table", "recommendations"),
    )


def test_the_campaign_check_is_understood_completely(understand: Understand) -> None:
    told = understand(CHECK)
    assert told.metrics == ("Impressions", "Clicks", "Spend", "Conversions", "ROAS")
    assert not told.metrics_are_usual
    assert (told.breakdowns, told.highlights) == (("By campaign",), ("campaigns with ROAS below 2",))
    assert (told.report, told.sections, told.not_understood, told.notes) == (False, (), (), ())


@pytest.mark.parametrize(
    ("prompt", "field", "expected"),
    [
        ("Campaigns with ROAS below 2 last week", "lists", ("campaigns with ROAS below 2",)),
        ("Spend excluding Display and Video last week", "filters", ("Channel: all but Display and Video",)),
        ("Spend in May without comparison", "compared_with", ""),
        ("Weekly spend by channel for the past 8 weeks", "breakdowns", ("By channel, weekly",)),
        ("Top 5 campaigns by CPA last week", "breakdowns", ("5 campaigns by CPA, lowest first",)),
        ("What was our spend yesterday?", "breakdowns", ()),
        ("Analyse Shopping for last week", "breakdowns", ("By campaign",)),
        ("Spend for NL and BE last week", "breakdowns", ("By market",)),
        ("Spend over the last week", "period", "last week"),
        ("Spend last week. Keep it friendly.", "not_understood", ("Keep it friendly",)),
        ("Spend by channel", "notes", ("The prompt names no period, so the past 7 days are shown.",)),
        ("Why did spend drop last week?", "notes", (NO_CAUSES,)),
        ("Spend last week with a chart", "notes", (NO_CHARTS,)),
        ("A report on spend last week with a chart", "notes", ()),
        ("Spend today", "notes", ("Today is not over.",)),
    ],
)
def test_each_part_of_a_prompt_has_its_words(understand: Understand, prompt: str, field: str, expected: object) -> None:
    told = understand(prompt)
    assert told.declined is None
    assert getattr(told, field) == expected


def test_a_prompt_that_would_be_declined_says_why_and_nothing_else(understand: Understand) -> None:
    told = understand("Analyse TikTok performance for the past 7 days", market="NL")
    assert told.declined
    assert told.declined.startswith("I do not know 'TikTok'. Say it in another way, or leave it out. ")
    assert told.declined.endswith(" This run is limited to Market 'NL'.")
    assert told == Understanding(declined=told.declined)


def test_names_of_the_data_stand_as_they_are(model: SemanticModel) -> None:
    members = {"campaign": ("*bold* | [x](y)",), "channel": (), "market": ()}
    told = understanding_of('Spend of "*bold* | [x](y)" last week', model, members, on_date=TODAY, enforced={})
    assert told.filters == ("Campaign: *bold* | [x](y)",)
