"""What stands out in results, on small results made by hand."""

from __future__ import annotations

from datetime import date

import pytest

from interact.agents.analyst.conditions import Condition, Rule
from interact.agents.analyst.insights import direction, judge, missing_days, stopped, zero_days
from interact.chats.result import Column, Result, Value
from interact.warehouse.queries import Window
from interact.warehouse.semantic import SemanticModel


def result(names: str, *rows: tuple[Value, ...]) -> Result:
    columns = tuple(Column(name=name, label=name) for name in names.split())
    return Result(result_id="result_000000000001", title="t", sql="SELECT 1", columns=columns, rows=rows)


ROAS = "campaign roas roas_previous revenue revenue_previous revenue_change spend spend_previous"
BELOW = Rule("campaign", (Condition("roas", "<", 2.0),), highlight=True)


def test_what_crossed_a_limit_is_new_and_what_was_beyond_it_is_not(model: SemanticModel) -> None:
    found = result(
        ROAS, ("a", 1.0, 3.0, 1, 3, None, 1, 1), ("b", 1.5, 1.9, 3, 4, None, 2, 2), ("c", 1.0, None, 1, 0, None, 1, 0)
    )
    finding = judge(BELOW, found, found, model=model)
    assert (finding.rows, finding.new) == ((0, 1, 2), frozenset({0, 2}))


def test_nothing_is_new_without_a_comparison(model: SemanticModel) -> None:
    found = result("campaign roas", ("a", 1.0))
    assert judge(BELOW, found, None, model=model).new == frozenset()


def test_ratios_without_a_value_are_told_apart(model: SemanticModel) -> None:
    names = "campaign cpa cpa_target cpa_previous spend conversions"
    rule = Rule("campaign", (Condition("cpa", ">", None),), highlight=True)
    whole = result(
        names,
        ("over", 9.0, 8.0, 7.0, 90, 10),
        ("lost", None, 8.0, 5.0, 50, 0),
        ("free", None, None, None, 0, 0),
        ("gone", None, None, 5.0, None, None),
    )
    finding = judge(rule, result(names, ("over", 9.0, 8.0, 7.0, 90, 10)), whole, model=model)
    (gap,) = finding.gaps
    assert (finding.rows, finding.unmeasured, gap.meaningless) == ((0,), (1,), (2,))
    assert gap.new == frozenset({1})


def test_who_fails_another_condition_is_not_named_for_lack_of_a_value(model: SemanticModel) -> None:
    names = "campaign cpa cpa_previous spend conversions"
    rule = Rule("campaign", (Condition("cpa", ">", 8.0), Condition("spend", ">", 60.0)), highlight=True)
    whole = result(names, ("small", None, 5.0, 50, 0), ("large", None, 5.0, 70, 0))
    finding = judge(rule, result(names), whole, model=model)
    assert finding.unmeasured == (1,)


def test_each_ratio_has_its_own_members_without_a_value(model: SemanticModel) -> None:
    names = "campaign cpa roas spend conversions revenue"
    rule = Rule("campaign", (Condition("roas", ">", 2.0), Condition("cpa", "<", 9.0)), highlight=False)
    whole = result(names, ("free", 0.0, None, 0, 4, 90), ("lost", None, 3.0, 50, 0, 150))
    roas, cpa = judge(rule, result(names), whole, model=model).gaps
    assert (roas.ratio.name, roas.unmeasured, cpa.ratio.name, cpa.unmeasured) == ("roas", (0,), "cpa", (1,))


def test_a_target_that_is_missing_is_not_exceeded(model: SemanticModel) -> None:
    rule = Rule("campaign", (Condition("cpa", ">", None),), highlight=True)
    found = result("campaign cpa cpa_target", ("a", 9.0, None))
    assert judge(rule, found, None, model=model).rows == ()


@pytest.mark.parametrize(("change", "expected"), [(0.2, "up"), (-0.2, "down"), (0.001, "flat"), (None, None)])
def test_a_change_has_a_direction(change: float | None, expected: str | None) -> None:
    assert direction(result("spend spend_change", (1, change)), 0, "spend") == expected


def test_who_stopped_is_found() -> None:
    whole = result("campaign spend spend_previous", ("gone", None, 80), ("here", 70, 75))
    assert stopped(whole, ("spend",)) == [0]


def test_days_of_zeros_stand_out_only_where_they_are_not_usual() -> None:
    rows = [(f"2026-11-{day:02}", 100, 0 if day == 3 else 20, 0 if day % 2 else 1) for day in range(1, 8)]
    days = result("day spend conversions calls", *rows)
    every = ("spend", "conversions", "calls")
    assert zero_days(days, every, witnesses=every) == {2: ("conversions",)}
    assert zero_days(days, ("conversions",), witnesses=every) == {2: ("conversions",)}


def test_missing_days_are_found_in_a_calendar() -> None:
    window = Window(date(2026, 11, 1), date(2026, 11, 4))
    days = result("day spend", ("2026-11-01", 1), ("2026-11-03", 1))
    assert missing_days(days, window) == [date(2026, 11, 2), date(2026, 11, 4)]


def test_of_conditions_of_which_one_is_enough_none_rules_out_who_has_no_value(model: SemanticModel) -> None:
    names = "campaign cpa cpa_previous spend conversions"
    conditions = (Condition("cpa", ">", 8.0), Condition("conversions", ">", 60.0))
    rule = Rule("campaign", conditions, highlight=True, any_of=True)
    whole = result(names, ("spent", None, 5.0, 50, 0), ("fine", 5.0, 5.0, 50, 10))
    finding = judge(rule, result(names), whole, model=model)
    assert (finding.rows, finding.unmeasured) == ((), (0,))
