"""The judge tells right from told and silent, and nothing that says little passes for an answer."""

from datetime import date
from typing import Any

import pytest

from interact.commands.ask import Days, Highlight, Table, Told
from prompts.judge import judge
from prompts.suite_cases import Case, Decline, Expected, ExpectedHighlights, ExpectedTable, Rows

WEEK = Days(start=date(2026, 6, 8), end=date(2026, 6, 14))
SPEND = Table(
    metrics=("spend",), dimensions=("market",), columns=("market", "spend"), rows=(("NL", 10.0), ("BE", None))
)


def a_case(**changes: Any) -> Case:
    """The question for spend by market last week."""
    plain = {
        "id": "spend",
        "model": "paid_media",
        "as_of": date(2026, 6, 18),
        "timezone": "UTC",
        "prompt": "Show spend by market last week",
        "window": (WEEK.start, WEEK.end),
    }
    return Case.model_validate({**plain, **changes})


def a_table(*rows: tuple[Any, ...], columns: tuple[str, ...] = ("market", "spend"), **changes: Any) -> ExpectedTable:
    """What is right by market; NL 10 and BE without a value unless told otherwise."""
    return ExpectedTable(("market",), Rows(columns, rows or (("NL", 10.0), ("BE", None))), **changes)


def highlights(*rows: tuple[Any, ...], apart: frozenset[tuple[Any, ...]] = frozenset()) -> ExpectedHighlights:
    """The markets to point out by CPA."""
    return ExpectedHighlights(("market",), Rows(("market", "cpa"), rows), apart)


def said(**changes: Any) -> Told:
    """The right answer, unless told otherwise."""
    return Told.model_validate({"window": WEEK, "tables": (SPEND,), "answer": "Here it is.", **changes})


def outcome(told: Told, *expected: ExpectedTable | ExpectedHighlights, **changes: Any) -> str:
    """The outcome of an answer to a case."""
    tables = tuple(each for each in expected if isinstance(each, ExpectedTable))
    pointed = tuple(each for each in expected if isinstance(each, ExpectedHighlights))
    return judge(Expected(a_case(**changes), tables, pointed), told).outcome


def cpa(market: str, value: float | None) -> Highlight:
    """A market that is pointed out by its CPA."""
    return Highlight(metric="cpa", key={"market": market}, value=value)


def test_the_same_rows_in_the_right_days_are_right() -> None:
    assert outcome(said(), a_table()) == "right"


def test_rounding_further_columns_and_further_tables_do_not_hurt() -> None:
    wider = SPEND.model_copy(
        update={"columns": ("market", "clicks", "spend"), "rows": (("NL", 3, 10.000001), ("BE", 4, None))}
    )
    other = Table(metrics=("clicks",), dimensions=(), columns=("clicks",), rows=((7,),))
    assert outcome(said(tables=(other, wider)), a_table()) == "right"


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (("NL", 10.0),),
        (("NL", 10.1), ("BE", None)),
        (("NL", 10.0), ("BE", 0.0)),
        (("NL", 10.0), ("BE", None), ("DE", 1.0)),
        (("NL", 10.0), ("NL", 10.0), ("BE", None)),
    ],
    ids=["none", "one missing", "a wrong value", "zero for n/a", "one too many", "one twice"],
)
def test_rows_that_are_not_those_are_silent(rows: tuple[tuple[Any, ...], ...]) -> None:
    assert outcome(said(tables=(SPEND.model_copy(update={"rows": rows}),)), a_table()) == "silent"


def test_other_days_are_silent_whatever_the_rows() -> None:
    assert outcome(said(window=Days(start=date(2026, 6, 9), end=WEEK.end)), a_table()) == "silent"
    assert outcome(said(window=None), a_table()) == "silent"


def test_an_empty_answer_is_never_right() -> None:
    nothing = Told(window=WEEK, answer="")
    assert outcome(nothing, a_table()) == "silent"
    assert outcome(nothing) == "silent"
    assert outcome(nothing, highlights()) == "silent"
    assert outcome(nothing, decline=Decline(kind="forecast")) == "silent"


def test_an_answer_that_is_wrong_and_names_words_of_the_prompt_is_told() -> None:
    wrong = said(tables=(), not_understood=("by market",))
    assert outcome(wrong, a_table()) == "told"


@pytest.mark.parametrize("part", ["show", "", "…", "weather"])
def test_naming_a_word_that_carries_nothing_or_was_never_said_warns_nobody(part: str) -> None:
    assert outcome(said(tables=(), not_understood=(part,)), a_table()) == "silent"


def test_declining_what_can_be_answered_is_told_unless_it_is_as_good() -> None:
    declined = Told(declined="I do not know 'spend'.", answer="")
    assert outcome(declined, a_table()) == "told"
    assert outcome(declined, a_table(), or_declined=True) == "right"


def test_what_should_be_declined_is_right_when_it_is_and_its_reason_names_what_it_must() -> None:
    decline = Decline(kind="unknown value", names=("TikTok",))
    assert outcome(Told(declined="There is no channel 'TikTok'.", answer=""), decline=decline) == "right"
    assert outcome(Told(declined="I cannot say.", answer=""), decline=decline) == "told"


def test_what_should_be_declined_and_is_answered_is_told_only_with_its_words_named() -> None:
    decline = Decline(kind="forecast")
    assert outcome(said(), decline=decline) == "silent"
    assert outcome(said(not_understood=("next month's",)), prompt="Spend next month's", decline=decline) == "told"


def test_a_ranking_keeps_its_order_and_its_length() -> None:
    ranked = a_table(("NL", 3.0), ("BE", 2.0), ("DE", 1.0), ordered=True)
    rows = {"right": (("NL", 3.0), ("BE", 2.0), ("DE", 1.0)), "silent": (("BE", 2.0), ("NL", 3.0), ("DE", 1.0))}
    for right, each in rows.items():
        assert outcome(said(tables=(SPEND.model_copy(update={"rows": each}),)), ranked) == right
    first = SPEND.model_copy(update={"rows": rows["right"][:2]})
    assert outcome(said(tables=(first,)), ranked) == "silent"
    open_ended = a_table(*rows["right"], ordered=True, least=2)
    assert outcome(said(tables=(first,)), open_ended) == "right"
    assert outcome(said(tables=(first.model_copy(update={"rows": first.rows[:1]}),)), open_ended) == "silent"


def test_a_dimension_that_says_nothing_may_be_there_and_one_that_splits_may_not() -> None:
    total = ExpectedTable((), Rows(("spend",), ((10.0,),)))
    assert outcome(said(tables=(SPEND.model_copy(update={"rows": (("NL", 10.0),)}),)), total) == "right"
    assert outcome(said(), total) == "silent"


def test_a_row_that_may_be_missing_may_not_be_wrong() -> None:
    expected = a_table(("NL", 10.0, False), ("BE", None, True), columns=("market", "spend", "optional"))
    rows = {"right": (("NL", 10.0),), "silent": (("NL", 10.0), ("BE", 0.0))}
    for right, each in rows.items():
        assert outcome(said(tables=(SPEND.model_copy(update={"rows": each}),)), expected) == right


def test_where_there_is_no_data_at_all_words_are_enough() -> None:
    expected = a_table(("NL", None, True), columns=("market", "spend", "optional"))
    words = Told(window=WEEK, answer="The data ends on 17 June.")
    assert outcome(words, expected, noted=("17 June|2026-06-17",)) == "right"
    assert outcome(words.model_copy(update={"answer": ""}), expected, noted=("17 June",)) == "silent"


def test_a_ratio_that_no_metric_names_is_found_by_its_values() -> None:
    expected = a_table(("NL", 2.0), columns=("market", "any_ratio"))
    table = Table(metrics=(), dimensions=("market",), columns=("market", "revenue_per_click"), rows=(("NL", 2.0),))
    assert outcome(said(tables=(table,)), expected) == "right"
    assert outcome(said(tables=(table.model_copy(update={"rows": (("NL", 2.1),)}),)), expected) == "silent"


def test_highlights_are_exactly_those_that_are_right() -> None:
    expected = highlights(("NL", 50.0))
    assert outcome(said(highlights=(cpa("NL", 50.0),)), expected) == "right"
    assert outcome(said(highlights=()), expected) == "silent"
    assert outcome(said(highlights=(cpa("NL", 49.0),)), expected) == "silent"
    assert outcome(said(highlights=(cpa("NL", 50.0), cpa("BE", 1.0))), expected) == "silent"


def test_highlights_of_another_metric_or_by_something_else_are_on_top() -> None:
    extra = (Highlight(metric="spend", key={"market": "BE"}, value=1.0), Highlight(metric="cpa", key={}, value=1.0))
    assert outcome(said(highlights=(cpa("NL", 50.0), *extra)), highlights(("NL", 50.0))) == "right"


def test_a_highlight_of_a_change_may_show_the_figure_or_its_change() -> None:
    expected = ExpectedHighlights(("market",), Rows(("market", "cpa", "cpa_change"), (("NL", 50.0, 0.25),)))
    assert outcome(said(highlights=(cpa("NL", 0.25),)), expected) == "right"
    assert outcome(said(highlights=(cpa("NL", 0.5),)), expected) == "silent"


def test_members_without_a_figure_are_listed_on_their_own() -> None:
    expected = highlights(("NL", 50.0), apart=frozenset({("BE",)}))
    own = Table(metrics=("spend",), dimensions=("market",), columns=("market", "spend"), rows=(("BE", 7.0),))
    assert outcome(said(highlights=(cpa("NL", 50.0), cpa("BE", None))), expected) == "right"
    assert outcome(said(highlights=(cpa("NL", 50.0),), tables=(own,)), expected) == "right"
    assert outcome(said(highlights=(cpa("NL", 50.0),)), expected) == "silent"


def test_sections_parts_not_understood_and_remarks_have_to_be_there() -> None:
    assert outcome(said(), a_table(), sections=("summary",)) == "silent"
    assert outcome(said(sections=("Executive summary",)), a_table(), sections=("summary",)) == "right"
    assert outcome(said(), a_table(), unread=("weather",)) == "silent"
    assert outcome(said(not_understood=("the weather",)), a_table(), unread=("weather",)) == "right"
    assert outcome(said(), a_table(), noted=("with care",)) == "silent"
    assert outcome(said(answer="Read it with care."), a_table(), noted=("with care|settle",)) == "right"


def test_a_member_of_which_there_is_nothing_may_be_shown_but_not_in_a_ranking() -> None:
    rows = (*SPEND.rows, ("DE", 0))
    more = said(tables=(SPEND.model_copy(update={"rows": rows}),))
    assert outcome(more, a_table()) == "right"
    assert outcome(more, a_table(ordered=True)) == "silent"


def test_a_member_without_a_figure_stands_in_the_table_or_on_its_own() -> None:
    expected = a_table(apart=frozenset({("BE",)}))
    short = SPEND.model_copy(update={"rows": (("NL", 10.0),)})
    own = Table(metrics=("clicks",), dimensions=("market",), columns=("market", "clicks"), rows=(("BE", 7),))
    assert outcome(said(), expected) == "right"
    assert outcome(said(tables=(short, own)), expected) == "right"
    assert outcome(said(tables=(short,)), expected) == "silent"
