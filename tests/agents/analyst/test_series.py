"""Days that stand out and levels that shift, found and not found in simulated series with a weekly pattern."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

import pytest

from interact.agents.analyst.series import Odd, odd_days

WEEK = (1.0, 1.05, 1.1, 1.0, 0.95, 0.6, 0.55)
Maker = Callable[[Random, int], float]
NOISE: dict[str, Maker] = {
    "normal, 5 %": lambda chance, at: 100 * WEEK[at % 7] * chance.gauss(1, 0.05),
    "normal, 10 %": lambda chance, at: 100 * WEEK[at % 7] * chance.gauss(1, 0.1),
    "normal, 20 %": lambda chance, at: 100 * WEEK[at % 7] * max(0.0, chance.gauss(1, 0.2)),
    "skewed": lambda chance, at: 100 * WEEK[at % 7] * math.exp(chance.gauss(0, 0.3)),
    "counts of 30": lambda chance, at: float(events(chance, 30 * WEEK[at % 7])),
    "counts of 200": lambda chance, at: round(200 * WEEK[at % 7] + chance.gauss(0, math.sqrt(200 * WEEK[at % 7]))),
    "a trend": lambda chance, at: 100 * (1 + at / 154) * WEEK[at % 7] * chance.gauss(1, 0.1),
}
FALSE, FOUND = 0.01, 0.95
SERIES, EVENTS = 500, 150


def events(chance: Random, mean: float) -> int:
    count, left = 0, chance.random()
    while left > math.exp(-mean):
        count, left = count + 1, left * chance.random()
    return count


def series(kind: str, chance: Random, *, days: int = 77) -> list[float | None]:
    return [NOISE[kind](chance, at) for at in range(days)]


@pytest.mark.parametrize("kind", NOISE)
def test_noise_without_an_event_raises_at_most_one_false_alarm_in_a_hundred_series(kind: str) -> None:
    chance = Random(1)
    alarms = [odd_days(series(kind, chance), judged=7, counts="counts" in kind) for _ in range(SERIES)]
    assert sum(bool(found) for found in alarms) <= FALSE * SERIES


@pytest.mark.parametrize("kind", ["normal, 5 %", "normal, 10 %", "counts of 200", "a trend"])
def test_a_drop_of_60_percent_on_one_day_is_found(kind: str) -> None:
    chance, found = Random(2), 0
    for _ in range(EVENTS):
        values, at = series(kind, chance), 70 + chance.randrange(7)
        values[at] = (values[at] or 0) * 0.4
        odd = odd_days(values, judged=7, counts="counts" in kind)
        found += Odd(at, up=False) in (odd or ())
    assert found >= FOUND * EVENTS


@pytest.mark.parametrize("kind", ["normal, 5 %", "normal, 10 %", "counts of 200"])
def test_a_level_that_falls_by_a_third_is_found_within_a_day(kind: str) -> None:
    chance, found = Random(3), 0
    for _ in range(EVENTS):
        values = series(kind, chance, days=98)
        values[84:] = [(value or 0) * 0.65 for value in values[84:]]
        odd = odd_days(values, judged=28, counts="counts" in kind) or ()
        found += any(each.shift and not each.up and abs(each.at - 84) <= 1 for each in odd)
    assert found >= FOUND * EVENTS


def test_a_day_with_less_than_eight_weeks_before_it_is_not_judged() -> None:
    values = series("normal, 5 %", Random(4), days=60)
    assert odd_days(values[:56], judged=7, counts=False) is None
    values[54], values[58] = 10.0, 10.0
    assert odd_days(values, judged=7, counts=False) == (Odd(58, up=False),)


def test_days_that_are_not_known_are_neither_odd_nor_in_the_way() -> None:
    values = series("normal, 5 %", Random(5))
    values[30], values[72] = None, None
    values[74] = 0.0
    assert odd_days(values, judged=7, counts=False) == (Odd(74, up=False),)


def test_a_series_that_is_mostly_zero_is_not_judged() -> None:
    assert odd_days([0.0, 0.0, 0.0, 0.0, 5.0] * 15, judged=5, counts=True) is None


def test_a_long_period_is_judged_week_by_week() -> None:
    values = series("normal, 5 %", Random(6), days=200)
    values[100], values[180] = 250.0, 10.0
    assert odd_days(values, judged=130, counts=False) == (Odd(100, up=True), Odd(180, up=False))
