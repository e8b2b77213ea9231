"""Further questions, on Thursday 18 June 2026: what each takes from the one before, and what is uncertain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.prompts import CHECK, REPORT
from interact.agents.analyst.following import ALONE, NONE_READ, read_question
from interact.agents.analyst.phrases import FIXED
from interact.agents.analyst.reading import read_prompt
from interact.agents.analyst.request import Breakdown, Ranking, Request
from interact.agents.analyst.wording import limit_in_words, rule_in_words, table_in_words
from interact.agents.contract import Question, Turn
from interact.errors import AgentRefused
from interact.warehouse.queries import Filter, Window
from interact.warehouse.semantic import SemanticModel

Follow = Callable[..., Request]
Members = dict[str, tuple[str, ...]]
TODAY = date(2026, 6, 18)
LAST_WEEK, WEEK_BEFORE = Window(date(2026, 6, 8), date(2026, 6, 14)), Window(date(2026, 6, 1), date(2026, 6, 7))
MAY, APRIL = Window(date(2026, 5, 1), date(2026, 5, 31)), Window(date(2026, 4, 1), date(2026, 4, 30))
PAID = "Channel Paid search"
BASE = "Spend and ROAS by campaign for paid search last week"
TOP = "Top 5 campaigns by ROAS last week"
LIST = "Campaigns with ROAS below 2 last week"
WEEKLY = "Weekly ROAS for the past 8 weeks"


@pytest.fixture
def follow(model: SemanticModel, members: Members) -> Follow:
    """Read the last of some questions; keywords are filters that the run enforces."""

    def build(*prompts: str, **enforced: str) -> Request:
        earlier = tuple(Turn(prompt, "") for prompt in prompts[:-1])
        return read_question(Question(prompts[-1], TODAY, filters=enforced, earlier=earlier), model, members)

    return build


def tables(request: Request, model: SemanticModel) -> list[str]:
    return [table_in_words(each, model) for each in request.breakdowns]


def limits(request: Request, model: SemanticModel) -> list[str]:
    return sorted(limit_in_words(each, model) for each in request.filters)


def conditions(request: Request, model: SemanticModel) -> list[tuple[str, str, str]]:
    kinds = {(True, False): "highlight", (False, True): "narrow", (False, False): "list"}
    return [(r.dimension, rule_in_words(r, model), kinds[r.highlight, r.narrows]) for r in request.rules]


@pytest.mark.parametrize(
    ("prompt", "expected", "taken"),
    [
        ("and by market?", (("spend", "roas"), ["by market"], [PAID]), f"spend and ROAS; last week; {PAID}"),
        ("break that down by market", (("spend", "roas"), ["by market"], [PAID]), f"spend and ROAS; last week; {PAID}"),
        ("only NL", (("spend", "roas"), ["by campaign"], [PAID, "Market NL"]),
         f"spend and ROAS; by campaign; last week; {PAID}"),
        ("and NL?", (("spend", "roas"), ["by campaign"], [PAID, "Market NL"]),
         f"spend and ROAS; by campaign; last week; {PAID}"),
        ("NL?", (("spend", "roas"), ["by campaign"], [PAID, "Market NL"]),
         f"spend and ROAS; by campaign; last week; {PAID}"),
        ("limit it to NL", (("spend", "roas"), ["by campaign"], [PAID, "Market NL"]),
         f"spend and ROAS; by campaign; last week; {PAID}"),
        ("NL vs BE", (("spend", "roas"), ["by market"], [PAID, "Market NL and BE"]),
         f"spend and ROAS; last week; {PAID}"),
        ("what about Shopping?", (("spend", "roas"), ["by campaign"], ["Channel Shopping"]),
         "spend and ROAS; by campaign; last week"),
        ("also Shopping", (("spend", "roas"), ["by campaign"], ["Channel Paid search and Shopping"]),
         f"spend and ROAS; by campaign; last week; {PAID}"),
        ("what about clicks?", (("clicks",), ["by campaign"], [PAID]), f"by campaign; last week; {PAID}"),
        ("clicks instead", (("clicks",), ["by campaign"], [PAID]), f"by campaign; last week; {PAID}"),
        ("and clicks?", (("spend", "roas", "clicks"), ["by campaign"], [PAID]),
         f"spend and ROAS; by campaign; last week; {PAID}"),
        ("add CTR", (("spend", "roas", "ctr"), ["by campaign"], [PAID]),
         f"spend and ROAS; by campaign; last week; {PAID}"),
        ("how did that perform?", ((), ["by campaign"], [PAID]), f"by campaign; last week; {PAID}"),
        ("by market as well", (("spend", "roas"), ["by campaign", "by market"], [PAID]),
         f"spend and ROAS; by campaign; last week; {PAID}"),
        ("sort by spend", (("spend", "roas"), ["campaigns by Spend, highest first"], [PAID]),
         f"spend and ROAS; by campaign; last week; {PAID}"),
        ("sort them by CPA", (("spend", "roas"), ["campaigns by CPA, lowest first"], [PAID]),
         f"spend and ROAS; by campaign; last week; {PAID}"),
        ("and by CPA?", (("spend", "roas"), ["campaigns by CPA, lowest first"], [PAID]),
         f"spend and ROAS; by campaign; last week; {PAID}"),
        ("the top 3 by spend", (("spend", "roas"), ["3 campaigns by Spend, highest first"], [PAID]),
         f"spend and ROAS; last week; {PAID}"),
        ("ok great. Now the same by market, please", (("spend", "roas"), ["by market"], [PAID]),
         f"spend and ROAS; last week; {PAID}"),
        ("again", (("spend", "roas"), ["by campaign"], [PAID]), f"spend and ROAS; by campaign; last week; {PAID}"),
    ],
)  # fmt: skip
def test_what_a_question_does_not_name_comes_from_the_one_before(
    follow: Follow, model: SemanticModel, prompt: str, expected: tuple[Any, ...], taken: str
) -> None:
    request = follow(BASE, prompt)
    metrics, shown, limited = expected
    assert (request.metrics, tables(request, model), limits(request, model)) == (metrics, shown, sorted(limited))
    assert (request.period.window, request.compare) == (LAST_WEEK, WEEK_BEFORE)
    assert request.taken == f"Taken from the question before: {taken}."
    assert (request.rules, request.report, request.not_understood) == ((), False, ())


@pytest.mark.parametrize(
    ("before", "prompt", "window", "compare"),
    [
        (BASE, "what about last month?", MAY, APRIL),
        (BASE, "and in May?", MAY, APRIL),
        (BASE, "compare with last year", LAST_WEEK, Window(date(2025, 6, 9), date(2025, 6, 15))),
        (BASE, "year over year", LAST_WEEK, Window(date(2025, 6, 9), date(2025, 6, 15))),
        (BASE, "compared to the same period last year", LAST_WEEK, Window(date(2025, 6, 9), date(2025, 6, 15))),
        (BASE, "without comparison", LAST_WEEK, None),
        (BASE, "May vs April", MAY, APRIL),
        ("Spend last week compared with last year", "what about last month?", MAY,
         Window(date(2025, 5, 1), date(2025, 5, 31))),
        ("Spend last week, week over week", "what about last month?", MAY, APRIL),
        ("Spend last week, year over year", "only NL", LAST_WEEK, Window(date(2025, 6, 9), date(2025, 6, 15))),
        ("Spend in May without comparison", "and in April?", APRIL, None),
        ("Spend in April", "compare that with May", MAY, APRIL),
        ("Spend by market", "what about ROAS?", Window(date(2026, 6, 11), date(2026, 6, 17)),
         Window(date(2026, 6, 4), date(2026, 6, 10))),
        # Figures by week are of whole weeks, whichever of the two questions asks for weeks.
        ("ROAS for the past 8 weeks", "by week", Window(date(2026, 4, 20), date(2026, 6, 14)),
         Window(date(2026, 2, 23), date(2026, 4, 19))),
        (WEEKLY, "what about the past 4 weeks", Window(date(2026, 5, 18), date(2026, 6, 14)),
         Window(date(2026, 4, 20), date(2026, 5, 17))),
    ],
)  # fmt: skip
def test_period_and_comparison_are_those_named_last(
    follow: Follow, before: str, prompt: str, window: Window, compare: Window | None
) -> None:
    request = follow(before, prompt)
    assert (request.period.window, request.compare) == (window, compare)


def test_a_trend_over_another_period_has_the_steps_that_suit_it(follow: Follow) -> None:
    assert follow("ROAS over time for the past 14 days").breakdowns == (Breakdown((), grain="day"),)
    assert follow("ROAS over time for the past 14 days", "and for 2025?").breakdowns == (Breakdown((), grain="month"),)


@pytest.mark.parametrize(
    ("before", "prompt", "expected"),
    [
        (BASE, "only those with ROAS below 2", [("campaign", "ROAS below 2", "narrow")]),
        (BASE, "which of those have spend above 500?", [("campaign", "spend above €500", "narrow")]),
        ("CPA by market last week", "only those above 20", [("market", "CPA above €20", "narrow")]),
        ("CPA by campaign last week", "which ones missed the target?", [("campaign", "CPA above target", "narrow")]),
        ("CPA by market last week", "only campaigns with ROAS below 2", [("campaign", "ROAS below 2", "list")]),
        ("ROAS by campaign last week", "flag anything below 2", [("campaign", "ROAS below 2", "highlight")]),
        (LIST, "only NL", [("campaign", "ROAS below 2", "list")]),
        (LIST, "what about last month?", [("campaign", "ROAS below 2", "list")]),
        (LIST, "by campaign", [("campaign", "ROAS below 2", "narrow")]),
        (LIST, "and spend above 500", [("campaign", "ROAS below 2 and spend above €500", "list")]),
        (LIST, "only those with spend above 500", [("campaign", "ROAS below 2 and spend above €500", "list")]),
        (LIST, "what about below 3?", [("campaign", "ROAS below 3", "list")]),
        (LIST, "what about CPA above 30?", [("campaign", "CPA above €30", "list")]),
        (LIST, "by market without conditions", []),
        (CHECK, "also flag CPA above 30",
         [("campaign", "ROAS below 2", "highlight"), ("campaign", "CPA above €30", "highlight")]),
        (CHECK, "by market", [("campaign", "ROAS below 2", "highlight")]),
    ],
)  # fmt: skip
def test_conditions_stay_join_or_give_way(
    follow: Follow, model: SemanticModel, before: str, prompt: str, expected: list[tuple[str, str, str]]
) -> None:
    assert conditions(follow(before, prompt), model) == expected


@pytest.mark.parametrize(
    ("before", "prompt", "expected"),
    [
        (TOP, "what about last month?", ["5 campaigns by ROAS, highest first"]),
        (TOP, "only NL", ["5 campaigns by ROAS, highest first"]),
        (TOP, "and by CPA?", ["5 campaigns by CPA, lowest first"]),
        (TOP, "worst 5", ["5 campaigns by ROAS, lowest first"]),
        (TOP, "and by market?", ["markets by ROAS, highest first"]),
        ("Spend by campaign and by market last week", "sort by ROAS",
         ["campaigns by ROAS, highest first", "markets by ROAS, highest first"]),
        ("ROAS by market last week", "top 2", ["2 markets by ROAS, highest first"]),
        ("CPA by market last week", "and the worst?", ["markets by CPA, highest first"]),
        ("Spend by market last week", "lowest first", ["markets by Spend, lowest first"]),
    ],
)  # fmt: skip
def test_an_order_is_of_what_was_shown(
    follow: Follow, model: SemanticModel, before: str, prompt: str, expected: list[str]
) -> None:
    assert tables(follow(before, prompt), model) == expected


@pytest.mark.parametrize(
    ("before", "prompt", "expected"),
    [
        ("Spend in BE last week", "and in NL?", [Filter("market", ("NL",))]),
        ("Spend in BE last week", "also NL", [Filter("market", ("BE", "NL"))]),
        ("Spend in BE last week", "compared with NL", [Filter("market", ("BE", "NL"))]),
        ("Spend in BE last week", "compare NL and DE", [Filter("market", ("NL", "DE"))]),
        ("Spend in NL last week", "by market", []),
        ("Spend for NL and BE last week", "by market", [Filter("market", ("NL", "BE"))]),
        ("Spend for NL and BE last week", "for all markets", []),
        ("Spend for NL and BE last week", "without BE", [Filter("market", ("NL",))]),
        ("Spend in NL last week", "no filters", []),
        ("Spend excluding Display last week", "also exclude Video",
         [Filter("channel", ("Display", "Video"), exclude=True)]),
        ("Spend excluding Display and Video last week", "also Display", [Filter("channel", ("Video",), exclude=True)]),
        ("Spend excluding Display last week", "only Display", [Filter("channel", ("Display",))]),
        ("Spend last week", "not NL", [Filter("market", ("NL",), exclude=True)]),
    ],
)  # fmt: skip
def test_values_of_one_dimension_are_replaced_joined_or_taken_away(
    follow: Follow, before: str, prompt: str, expected: list[Filter]
) -> None:
    assert list(follow(before, prompt).filters) == expected


@pytest.mark.parametrize(
    ("before", "prompt", "left"),
    [
        (TOP, "and by market?", "the limit to 5"),
        (LIST, "what about CPA above 30?", "campaigns with ROAS below 2"),
        (BASE, "by week", "by campaign"),
        (BASE, "by channel", PAID),
        ("Spend by campaign in BE last week", "versus NL", "by campaign"),
        (REPORT, "what about last month?", "the report (add “as a report” for one)"),
    ],
)
def test_what_is_left_behind_is_said(follow: Follow, before: str, prompt: str, left: str) -> None:
    assert follow(before, prompt).taken.endswith(f" Not taken from it: {left}.")


def test_a_report_comes_only_when_it_is_asked_for_with_the_parts_of_the_last_one(follow: Follow) -> None:
    assert not follow(REPORT, "only NL").report
    again = follow(REPORT, "show that as a report for last month")
    assert again.report
    assert again.sections >= {"summary", "recommendations"}
    assert again.breakdowns == (Breakdown(("campaign",), Ranking("roas", descending=True)), Breakdown(("market",)))
    assert again.period.window == MAY
    assert follow(BASE, "the same report for last month").report
    assert follow(BASE, "turn it into a report with recommendations").sections == {"recommendations"}


def test_why_asks_of_the_same_figures(follow: Follow, model: SemanticModel) -> None:
    request = follow(BASE, "why?")
    assert request.asks_why
    assert (request.metrics, request.period.window, limits(request, model)) == (("spend", "roas"), LAST_WEEK, [PAID])


@pytest.mark.parametrize(
    "prompt",
    [
        "Spend by channel for last month",
        "Clicks in May compared with April",
        REPORT,
        "Analyse Shopping for the past 7 days. Show campaigns by ROAS and highlight those with CPA above 30.",
        "Our target CPA is €20. Highlight campaigns that exceed it in the past 7 days.",
    ],
)
def test_a_question_that_stands_alone_is_answered_alone(
    follow: Follow, model: SemanticModel, members: Members, prompt: str
) -> None:
    alone = read_prompt(prompt, model, members, on_date=TODAY)
    assert follow("CTR of Video in NL yesterday by campaign, as a report", prompt) == replace(alone, taken=ALONE)


def test_a_question_of_its_own_without_a_period_takes_period_and_values_only(
    follow: Follow, model: SemanticModel
) -> None:
    request = follow("Campaigns with ROAS below 2 in NL last month", "Clicks by channel")
    assert (request.metrics, tables(request, model), request.rules) == (("clicks",), ["by channel"], ())
    assert request.taken == (
        "Taken from the question before: last month; Market NL. Not taken from it: campaigns with ROAS below 2."
    )


def test_a_breakdown_and_a_period_without_a_metric_do_not_stand_alone(follow: Follow) -> None:
    assert follow("Spend by market", "by channel, last month").metrics == ("spend",)


def test_what_was_ranked_or_judged_stays_shown(follow: Follow) -> None:
    usual = ("spend", "conversions", "revenue", "cpa", "roas")
    assert follow("Top 5 campaigns by CTR last week", "and by market?").metrics == (*usual, "ctr")
    assert follow("Campaign performance last week", "and clicks?").metrics == (*usual, "clicks")


def test_questions_build_on_one_another(follow: Follow, model: SemanticModel) -> None:
    prompts = ["Spend by campaign in NL last week", "and in BE?", "by channel", "what about last month?", "as a report"]
    request = follow(*prompts)
    assert (request.metrics, tables(request, model), limits(request, model)) == (
        *(("spend",), ["by channel"]),
        ["Market BE"],
    )
    assert (request.period.window, request.report) == (MAY, True)


def test_what_could_not_be_read_leaves_no_trace_and_the_answer_says_where_it_goes_back_to(follow: Follow) -> None:
    request = follow("Spend in NL last week", "Clicks on TikTok", "by campaign")
    assert request.metrics == ("spend",)
    assert request.taken == (
        "Taken from “Spend in NL last week”, the last question that I could read: spend; last week; Market NL."
    )
    assert follow("What is love?", "Spend last week").taken == NONE_READ


@pytest.mark.parametrize(
    ("before", "prompt", "says"),
    [
        (LIST, "and by market?", "about campaigns with ROAS below 2, and I could not tell whether 'by market' is"),
        (LIST, "by week", "could not tell whether 'weekly' is"),
        (LIST, "only markets with spend above 500", "could not tell whether 'spend above €500' is"),
        ("Campaigns with ROAS below 2 in NL last week", "compared with BE", "whether 'by market' is"),
        (LIST, "those last month", "'those' stands for what the answer before listed"),
        (TOP, "show those by market", "'those' stands for what the answer before listed"),
        (TOP, "what about them in NL?", "'them' stands for what the answer before listed"),
        (TOP, "sort by spend", "whether the 5 rows stay and are sorted"),
        (TOP, "only those with spend above 500", "before or after the 5 rows are chosen"),
        (CHECK, "only those with spend above 500", "for all that the answer before shows or for what it highlights"),
        ("Spend by campaign and by market last week", "only those with ROAS below 2", "campaigns or markets. Name it"),
        ("Spend by channel and market last week", "only those with ROAS below 2", "channels and markets. Name it"),
        ("Spend by campaign and by market last week", "top 3", "of what this order is meant"),
        (WEEKLY, "only those below 2", "is meant of each week"),
        (WEEKLY, "best?", "is meant of each week"),
        (WEEKLY, "sort by ROAS", "stands in the order of its days"),
        ("Daily spend by campaign last week", "only those with ROAS below 2", "is meant of each day"),
        ("Daily spend by campaign last week", "only campaigns with ROAS below 2", "to a table over time"),
        ("How does May compare with April", "what about June?", "compares with 'April', and I could not tell what"),
        (BASE, "the week before?", "to be shown or to be compared with"),
        (BASE, "same period last year", "to be shown or to be compared with"),
        (BASE, "what about the previous week?", "may be counted from today"),
        (BASE, "including today", "needs its period beside it"),
        (BASE, "that campaign in NL", "'that campaign' points at the answer before"),
        (BASE, "what about the second one?", "'the second one' points at the answer before"),
        (BASE, "without paid search", "about Paid search alone, and this one leaves it out"),
        (BASE, "compared with BE", "the question before names no market"),
        (BASE, "only those below 2", "does not say which metric is meant"),
        (BASE, "what about TikTok?", "I do not know 'TikTok'"),
        (BASE, "thanks", "no question about the data"),
        (BASE, "compare", "could not tell what 'compare' changes"),
        (BASE, "and next week?", "make no forecasts"),
        (BASE, "", "The prompt is empty"),
        (BASE, "x" * 20_001, "at most 20,000 are read"),
    ],
)
def test_what_could_mean_two_things_is_declined(follow: Follow, before: str, prompt: str, says: str) -> None:
    with pytest.raises(AgentRefused, match=says):
        follow(before, prompt)


def test_a_dimension_that_the_run_fixes_may_be_pointed_at(follow: Follow) -> None:
    assert follow("Spend last week", "ROAS in this market", market="NL").metrics == ("roas",)


def test_names_of_the_data_are_no_joints(model: SemanticModel) -> None:
    members = {"campaign": ("Again And Again", "Same Day"), "channel": ("Social",), "market": ("NL",)}
    question = Question("what about Same Day?", TODAY, earlier=(Turn("Spend of Again And Again last week", ""),))
    assert read_question(question, model, members).filters == (Filter("campaign", ("Same Day",)),)


WORDS = sorted(
    {phrase.strip() for groups in FIXED.values() for words in groups.values() for phrase in words.split(";")}
)
DATA = ["ROAS", "CPA", "spend", "campaign", "market", "channels", "Paid search", "NL", "BE", "2", "20%", "last month"]
JOINTS = ["what about", "instead", "again", "the same", "those", "too", "limit it to", "without filters", "show that"]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.sampled_from([BASE, TOP, LIST, WEEKLY, REPORT, "Spend in NL and BE by market", "CPA by channel in May"]),
    words=st.lists(st.one_of(*(st.sampled_from(each) for each in (DATA, WORDS, JOINTS))), min_size=1, max_size=7),
)
def test_nothing_is_taken_in_silence(before: str, words: list[str], model: SemanticModel, members: Members) -> None:
    prompt = " ".join(words)
    try:
        request = read_question(Question(prompt, TODAY, earlier=(Turn(before, ""),)), model, members)
    except AgentRefused:
        return
    assert request.taken
    old = read_prompt(before, model, members, on_date=TODAY)
    if request.period.words not in prompt and "names no period" not in " ".join(request.notes):
        assert (request.period.words, request.period.words in request.taken) == (old.period.words, True)
    for each in request.filters:
        for value in each.values:
            assert value.casefold() in prompt.casefold() or value in request.taken
    if request.taken != ALONE:
        dimensions = {each.dimension for each in request.filters}
        assert all(each.dimension in dimensions or limit_in_words(each, model) in request.taken for each in old.filters)
        assert all(rule_in_words(rule, model) in request.taken for rule in old.rules)


def test_the_answer_holds_the_figures_of_what_was_taken(ask: Callable[..., Any], by_hand: Callable[..., Any]) -> None:
    asked = ask("and by market?", earlier=("Spend for Shopping last week",))
    expected = by_hand(
        "SELECT market, SUM(spend) FROM ad_performance WHERE date BETWEEN '2026-11-09' AND '2026-11-15' "
        "AND channel = 'Shopping' GROUP BY 1 ORDER BY 2 DESC"
    )
    result = asked.result("Markets")
    assert list(zip(result.values("market"), result.values("spend"), strict=True)) == [
        (market, pytest.approx(float(spend))) for market, spend in expected
    ]
    assert asked.text.startswith("*Taken from the question before: spend; last week; Channel Shopping.*\n\n")


def test_a_report_says_what_was_taken_in_its_method(ask: Callable[..., Any], by_hand: Callable[..., Any]) -> None:
    asked = ask(
        "show that as a report for last month", earlier=("ROAS of Social by market last week", "only NL and BE")
    )
    report = asked.answer.report
    taken = "Taken from the question before: ROAS; by market; Channel Social; Market NL and BE."
    assert report.method.startswith(taken)
    assert asked.text.startswith(f"*{taken}*")
    ((roas,),) = by_hand(
        "SELECT SUM(revenue) / SUM(spend) FROM ad_performance WHERE date BETWEEN '2026-10-01' AND '2026-10-31' "
        "AND channel = 'Social' AND market IN ('NL', 'BE')"
    )
    assert asked.result("Totals").value(0, "roas") == pytest.approx(float(roas))


def test_a_parameter_that_an_earlier_question_names_has_an_effect(ask: Callable[..., Any]) -> None:
    asked = ask("by market", earlier=("Spend for Shopping last week",), parameters={"topic": "Shopping"})
    assert "has no effect" not in asked.text
