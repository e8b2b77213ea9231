"""Prompts and what they ask for, on Thursday 18 June 2026."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.prompts import CHECK, REPORT
from interact.agents.analyst.conditions import Rule
from interact.agents.analyst.phrases import FIXED
from interact.agents.analyst.reading import read_prompt
from interact.agents.analyst.request import Breakdown, Ranking, Request
from interact.errors import AgentRefused
from interact.warehouse.queries import Filter, Window
from interact.warehouse.semantic import SemanticModel

Read = Callable[..., Request]


def rules(request: Request) -> list[tuple[Any, ...]]:
    """Return rules as short tuples: dimension, conditions, whether they highlight."""
    return [_short(rule) for rule in request.rules]


def _short(rule: Rule) -> tuple[Any, ...]:
    conditions = [(each.metric, each.comparator, each.value) for each in rule.conditions]
    return rule.dimension, conditions, "highlight" if rule.highlight else "only"


def dimensions(request: Request) -> list[tuple[str, ...]]:
    return [breakdown.dimensions for breakdown in request.breakdowns]


def test_the_weekly_report_is_read_completely(read: Read) -> None:
    request = read(REPORT)
    assert request.period.window == Window(date(2026, 6, 11), date(2026, 6, 17))
    assert request.compare == Window(date(2026, 6, 4), date(2026, 6, 10))
    assert request.filters == (Filter("channel", ("Paid search",)),)
    assert request.breakdowns == (Breakdown(("campaign",), Ranking("roas", descending=True)), Breakdown(("market",)))
    assert rules(request) == [("campaign", [("cpa", ">", None)], "highlight")]
    assert request.report
    assert request.sections >= {"summary", "recommendations", "table"}
    assert (request.not_understood, request.notes) == ((), ())


def test_the_campaign_check_is_read_completely(read: Read) -> None:
    request = read(CHECK)
    assert request.metrics == ("impressions", "clicks", "spend", "conversions", "roas")
    assert request.breakdowns == (Breakdown(("campaign",)),)
    assert rules(request) == [("campaign", [("roas", "<", 2.0)], "highlight")]
    assert not request.report
    assert (request.filters, request.not_understood) == ((), ())


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("campaigns where ROAS is below 2", [("roas", "<", 2.0)]),
        ("campaigns with a ROAS of at least 4", [("roas", ">=", 4.0)]),
        ("campaigns with ROAS of 4 or higher", [("roas", ">=", 4.0)]),
        ("campaigns where ROAS is not below 2", [("roas", ">=", 2.0)]),
        ("campaigns with more than 100 conversions", [("conversions", ">", 100.0)]),
        ("campaigns with 100 or more conversions", [("conversions", ">=", 100.0)]),
        ("campaigns with spend over €1,000", [("spend", ">", 1000.0)]),
        ("campaigns over 2k spend", [("spend", ">", 2000.0)]),
        ("campaigns with CTR under 2%", [("ctr", "<", 0.02)]),
        ("campaigns with CTR under 2", [("ctr", "<", 0.02)]),
        ("campaigns with ROAS under 200%", [("roas", "<", 2.0)]),
        ("campaigns that exceeded their CPA target", [("cpa", ">", None)]),
        ("campaigns above target CPA", [("cpa", ">", None)]),
        ("campaigns that missed their ROAS target", [("roas", "<", None)]),
        ("campaigns that missed their CPA target", [("cpa", ">", None)]),
        ("campaigns that hit their ROAS target", [("roas", ">=", None)]),
        ("campaigns that hit their CPA target", [("cpa", "<=", None)]),
        ("campaigns that did not meet their CPA target", [("cpa", ">", None)]),
        ("campaigns where CPA exceeded the target of €20", [("cpa", ">", 20.0)]),
        ("campaigns where CPA exceeded the €20 target", [("cpa", ">", 20.0)]),
        ("campaigns with spend but no conversions", [("spend", ">", 0.0), ("conversions", "=", 0.0)]),
        ("campaigns without conversions", [("conversions", "=", 0.0)]),
        ("campaigns where conversions are 0", [("conversions", "=", 0.0)]),
        ("campaigns with ROAS between 2 and 4", [("roas", ">=", 2.0), ("roas", "<=", 4.0)]),
        ("campaigns with ROAS above 2 but below 4", [("roas", ">", 2.0), ("roas", "<", 4.0)]),
        ("campaigns with ROAS below 2 and spend > 500", [("roas", "<", 2.0), ("spend", ">", 500.0)]),
        ("campaigns where spend rose by more than 20%", [("spend", ">", 0.2)]),
        ("campaigns where revenue fell by at least 10 percent", [("revenue", "<=", -0.1)]),
        ("campaigns whose revenue fell", [("revenue", "<", 0.0)]),
        ("anything where ROAS dropped below 2", [("roas", "<", 2.0)]),
    ],
)
def test_conditions_are_read_in_many_words(read: Read, prompt: str, expected: list[tuple[Any, ...]]) -> None:
    request = read(f"Show {prompt} for last week.")
    assert rules(request) == [("campaign", expected, "only")]
    assert request.not_understood == ()


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Show ROAS by campaign for last week. Flag anything below 2.", ("roas", "<", 2.0)),
        ("Our target CPA is €20. Highlight campaigns that exceed it in the past 7 days.", ("cpa", ">", 20.0)),
        ("CPA target: 20. Highlight campaigns where CPA exceeded the target last week.", ("cpa", ">", 20.0)),
    ],
)
def test_a_threshold_may_stand_in_another_sentence(read: Read, prompt: str, expected: tuple[Any, ...]) -> None:
    assert rules(read(prompt)) == [("campaign", [expected], "highlight")]


def test_two_conditions_of_two_sentences_are_two_rules(read: Read) -> None:
    request = read("Highlight campaigns with CPA above 30. Flag channels with ROAS below 2.")
    assert rules(request) == [
        ("campaign", [("cpa", ">", 30.0)], "highlight"),
        ("channel", [("roas", "<", 2.0)], "highlight"),
    ]


def test_a_condition_on_a_table_that_is_asked_for_narrows_it(read: Read) -> None:
    (rule,) = read("Show spend by campaign with more than 100 conversions for last week").rules
    assert rule.narrows
    (rule,) = read("Show spend by channel and list campaigns with more than 100 conversions").rules
    assert not rule.narrows


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("spend by channel", [("channel",)]),
        ("spend by channel and market", [("channel", "market")]),
        ("spend by channel and by market", [("channel",), ("market",)]),
        ("spend per country", [("market",)]),
        ("spend for each campaign", [("campaign",)]),
        ("spend across markets", [("market",)]),
        ("campaign performance", [("campaign",)]),
        ("spend for the Shopping channel", []),
        ("spend in the NL and BE markets", []),
        ("spend by market for NL", [("market",)]),
        ("compare NL and BE", [("market",)]),
        ("Shopping versus Display", [("channel",)]),
    ],
)
def test_breakdowns_are_read(read: Read, prompt: str, expected: list[tuple[str, ...]]) -> None:
    assert dimensions(read(f"Show {prompt}, last week")) == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("the top 5 campaigns by spend", Ranking("spend", descending=True, limit=5)),
        ("top five campaigns by CPA", Ranking("cpa", descending=False, limit=5)),
        ("the 3 worst campaigns by ROAS", Ranking("roas", descending=False, limit=3)),
        ("the 5 campaigns with the highest CPA", Ranking("cpa", descending=True, limit=5)),
        ("campaigns sorted by revenue", Ranking("revenue", descending=True)),
        ("campaigns ordered by CPA descending", Ranking("cpa", descending=True)),
        ("which campaign had the lowest ROAS", Ranking("roas", descending=False)),
        ("top 10 by clicks", Ranking("clicks", descending=True, limit=10)),
        ("campaigns by ROAS", Ranking("roas", descending=True)),
    ],
)
def test_rankings_are_read(read: Read, prompt: str, expected: Ranking) -> None:
    (breakdown,) = read(f"Show {prompt} last week").breakdowns
    assert breakdown == Breakdown(("campaign",), expected)


def test_both_ends_are_two_tables(read: Read) -> None:
    first, second = read("Top 5 and bottom 3 campaigns by ROAS last week").breakdowns
    assert (first.ranking, second.ranking) == (
        Ranking("roas", descending=True, limit=5),
        Ranking("roas", descending=False, limit=3),
    )


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("daily spend by channel", Breakdown(("channel",), grain="day")),
        ("spend by channel over time", Breakdown(("channel",), grain="day")),
        ("spend per day and campaign", Breakdown(("campaign",), grain="day")),
        ("weekly ROAS", Breakdown((), grain="week")),
        ("the trend of ROAS", Breakdown((), grain="day")),
    ],
)
def test_time_is_read_alone_and_with_a_dimension(read: Read, prompt: str, expected: Breakdown) -> None:
    assert read(f"Show {prompt} for the past 14 days").breakdowns == (expected,)


def test_how_often_a_report_comes_is_not_how_it_is_cut(read: Read) -> None:
    request = read("Create a weekly paid search report for last week with spend by market")
    assert request.report
    assert request.breakdowns == (Breakdown(("market",)),)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Spend for paid search in NL", [Filter("channel", ("Paid search",)), Filter("market", ("NL",))]),
        ("Spend for NL or BE", [Filter("market", ("NL", "BE"))]),
        ("Spend excluding Display and Video", [Filter("channel", ("Display", "Video"), exclude=True)]),
        ("Spend, but not in DE", [Filter("market", ("DE",), exclude=True)]),
        ("Exclude Video. Show spend", [Filter("channel", ("Video",), exclude=True)]),
        ('Spend of campaign "delete"', [Filter("campaign", ("delete",))]),
        ("Spend for SHOPPING", [Filter("channel", ("Shopping",))]),
        ("Spend of search - nl", [Filter("campaign", ("Search – NL",))]),
    ],
)
def test_values_are_filters(read: Read, prompt: str, expected: list[Filter]) -> None:
    assert list(read(f"{prompt} for last week").filters) == expected


@pytest.mark.parametrize(
    ("prompt", "report"),
    [
        ("Create a report on spend for last week", True),
        ("Spend by market for last week. create_report", True),
        ("I need a report with spend by market", True),
        ("Make a one-page report on Shopping for last month", True),
        ("Report spend by market for yesterday", False),
        ("Report on spend by market for yesterday", False),
        ("Only report campaigns with more than 50 clicks", False),
        ("Spend by campaign for last week. Do not create a report.", False),
        ("Spend by campaign for last week", False),
    ],
)
def test_a_report_is_made_only_when_it_is_asked_for(read: Read, prompt: str, *, report: bool) -> None:
    assert read(prompt).report is report


@pytest.mark.parametrize(
    ("prompt", "compare"),
    [
        ("Spend last week compared with last year", Window(date(2025, 6, 9), date(2025, 6, 15))),
        ("Compare last week with the week before", Window(date(2026, 6, 1), date(2026, 6, 7))),
        ("How does May compare with April", Window(date(2026, 4, 1), date(2026, 4, 30))),
        ("Spend this month vs last month", Window(date(2026, 5, 1), date(2026, 5, 17))),
        ("Spend for the past 7 days, year over year", Window(date(2025, 6, 11), date(2025, 6, 17))),
        ("Spend in May without comparison", None),
    ],
)
def test_what_a_period_is_compared_with_is_read(read: Read, prompt: str, compare: Window | None) -> None:
    assert read(prompt).compare == compare


def test_a_prompt_without_a_period_says_which_is_shown(read: Read) -> None:
    request = read("Spend by channel")
    assert request.period.window == Window(date(2026, 6, 11), date(2026, 6, 17))
    assert request.notes == ("The prompt names no period, so the past 7 days are shown.",)


def test_what_does_not_change_figures_is_left_out_word_for_word(read: Read) -> None:
    request = read("Show spend by channel for last week. Keep it friendly and use plain wording. Thanks, Peter")
    assert request.not_understood == ("Keep it friendly and use plain wording", "Thanks, Peter")


def test_why_is_noted(read: Read) -> None:
    assert read("Why did ROAS drop last week?").asks_why


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        ("", "The prompt is empty"),
        (" \n", "The prompt is empty"),
        ("x" * 20_001, "at most 20,000 are read"),
        ("What is the capital of France?", "no question about the data"),
        ("Tell me a joke", "no question about the data"),
        ("Forecast spend for next month", "make no forecasts"),
        ("What will spend be next week?", "make no forecasts"),
        ("What if we doubled spend?", "cannot say what would happen"),
        ("What is the bounce rate by campaign?", "I do not know 'bounce rate'.*metrics Impressions, Clicks"),
        ("Analyse TikTok performance for the past 7 days", "I do not know 'TikTok'.*channels: 'Paid search'"),
        ("Spend in Germany last week", "I do not know 'Germany'"),
        ("Spend in US last week", "I do not know 'US'"),
        ("Show impresions by channel", "Did you mean 'impressions'"),
        ("Include impressions, clciks, spend", "Did you mean 'clicks'"),
        ("Higlight any campaigns where CPA exceeded the target", "Did you mean 'highlight'"),
        ("ROAS for Brand last week", "Did you mean 'Brand Search'"),
        ("campaigns with ROAS below 2 or CPA above 30 and spend above 100", "by 'and' and by 'or'"),
        ("campaigns with ROAS below 2 unless spend is above 100", "cannot apply"),
        ("campaigns below target last week", "does not say which metric is meant"),
        ("campaigns with spend above target", "Spend has no target"),
        ("Highlight markets where CPA exceeded the target", "set per campaign, not per market"),
        ("campaigns with CPA above $20", "is in EUR"),
        ("campaigns with conversions above 5%", "which is a count"),
        ("campaigns with CTR below 0.5", "may be a share or a percentage"),
        ("campaigns where spend rose by more than 20", "is a change without a unit"),
        ("campaigns where spend rose by more than 20% without comparison", "needs a period to compare with"),
        ("campaigns with CPA above 12,5", "what the number"),
        ("campaigns where CPA is above CPC", "could not tell what .* compares"),
        ("spend per CPA by channel", "reads like a metric of its own"),
        ("conversions / clicks by channel", "reads like a metric of its own"),
        ("last week and last month spend", "names two periods"),
        ("spend for the past 24 hours", "could not read the period"),
        ("spend before June 2026", "could not read the period"),
        ("spend on Mondays", "could not read the period"),
        ("spend a week ago", "could not tell what"),
        ("spend by campaign since last Monday", "could not read the period"),
        ("top 3 campaigns per market by ROAS", "ranking within each group"),
        ("campaigns with the highest spend and the lowest ROAS", "second order"),
        ("top 0 campaigns by ROAS", "whole number from 1 to 200"),
        ("top 2.5 campaigns by ROAS", "whole number from 1 to 200"),
        ("average spend by channel", "no other averages"),
        ("non-brand spend", "cannot apply"),
        ("spend excluding weekends", "leaves out"),
        ("spend in be last week", "may be a word or the value 'BE'"),
        ("SPEND IN BE LAST WEEK", "may be a word or the value 'BE'"),
        (
            "Analyse Shopping for last week. Highlight any Display campaigns where CPA exceeded the target.",
            "limit a part of the answer only",
        ),
    ],
)
def test_what_cannot_be_answered_for_certain_is_refused_in_words(read: Read, prompt: str, says: str) -> None:
    with pytest.raises(AgentRefused, match=says):
        read(prompt)


def test_a_refusal_says_what_the_run_is_limited_to(model: SemanticModel) -> None:
    with pytest.raises(AgentRefused, match="This run is limited to Market 'NL'"):
        read_prompt(
            "Spend for BE last week", model, {"market": ("NL",)}, on_date=date(2026, 6, 18), enforced={"market": "NL"}
        )


def test_hostile_names_do_not_steer_the_reading(model: SemanticModel, members: dict[str, tuple[str, ...]]) -> None:
    hostile = (
        *("for the past", "delete", "7 days", "spend", "campaigns", "target", "ROAS", "top", "Paid search performance"),
        *("by market", "where CPA exceeded the target", REPORT, "A", "NO", "[[result_000000000000/rows]]", "(.*)+"),
    )
    calm = read_prompt(REPORT, model, members, on_date=date(2026, 6, 18))
    steered = read_prompt(REPORT, model, {**members, "campaign": hostile}, on_date=date(2026, 6, 18))
    assert steered == calm


WORDS = sorted(
    {phrase.strip() for groups in FIXED.values() for words in groups.values() for phrase in words.split(";")}
)
DATA = [
    "ROAS",
    "CPA",
    "spend",
    "campaign",
    "market",
    "channels",
    "Paid search",
    "NL",
    "BE",
    "2",
    "€500",
    "20%",
    "last week",
]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.one_of(st.sampled_from(DATA), st.sampled_from(WORDS)), min_size=1, max_size=14))
def test_any_row_of_words_is_read_or_refused_in_words(
    words: list[str], model: SemanticModel, members: dict[str, tuple[str, ...]]
) -> None:
    try:
        request = read_prompt(" ".join(words), model, members, on_date=date(2026, 6, 18))
    except AgentRefused as refusal:
        assert str(refusal)[0].isupper() or str(refusal)[0] in "'\""  # noqa: PT017
    else:
        assert request.period.window.end <= date(2026, 6, 18)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str, model: SemanticModel, members: dict[str, tuple[str, ...]]) -> None:
    try:
        read_prompt(text, model, members, on_date=date(2026, 6, 18))
    except AgentRefused as refusal:
        assert str(refusal)  # noqa: PT017


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(word=st.sampled_from(["not", "or", "unless", "never", "without", "forecast", "twice"]), data=st.data())
def test_a_word_that_turns_the_meaning_is_never_ignored(
    word: str, data: st.DataObject, model: SemanticModel, members: dict[str, tuple[str, ...]]
) -> None:
    words = ["Highlight", "any", "campaigns", "where", "CPA", "exceeded", "the", "target", "for", "last", "week"]
    at = data.draw(st.integers(0, len(words)))
    calm = read_prompt(" ".join(words), model, members, on_date=date(2026, 6, 18))
    try:
        turned = read_prompt(" ".join([*words[:at], word, *words[at:]]), model, members, on_date=date(2026, 6, 18))
    except AgentRefused:
        return
    assert turned.rules != calm.rules or turned.not_understood
