"""Answers on events that do not happen every day, on rates, on many currencies and on what settles late."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from interact.agents.analyst.analyst import EmbeddedAnalyst
from interact.agents.contract import Journal, Question
from interact.chats.figures import resolve
from interact.chats.result import Result
from interact.runs.tracing import trace_answer
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.queries import Compiled
from interact.warehouse.semantic import SemanticModel

TODAY = date(2026, 2, 3)
FIRST = date(2025, 7, 1)
MOVES = "moved_on DATE, region VARCHAR, plan VARCHAR, currency VARCHAR, amount INT, paid INT"
VISITS = "day DATE, page VARCHAR, views INT, taps INT"
CURRENCIES = ("CHF", "DKK", "EUR", "GBP", "NOK", "PLN", "SEK", "USD")
MODEL = SemanticModel.model_validate(
    {
        "name": "accounts",
        "datasets": [{"name": "moves", "table": "moves"}, {"name": "visits", "table": "visits"}],
        "time_dimensions": [
            {"name": "moved_on", "expr": "moved_on", "dataset": "moves", "type": "date"},
            {"name": "day", "expr": "day", "dataset": "visits", "type": "date"},
        ],
        "dimensions": [
            {"name": "region", "dataset": "moves", "expr": "region"},
            {"name": "plan", "dataset": "moves", "expr": "plan"},
            {"name": "currency", "dataset": "moves", "expr": "currency", "plural": "currencies"},
            {"name": "page", "dataset": "visits", "expr": "page"},
        ],
        "metrics": [
            {"name": "moved", "label": "Moved", "dataset": "moves", "agg": "sum", "expr": "amount"},
            {"name": "grown", "label": "Grown", "dataset": "moves", "agg": "sum", "expr": "amount",
             "filter": "amount > 0"},
            {"name": "taken", "label": "Taken", "dataset": "moves", "agg": "sum", "expr": "paid", "format": "currency",
             "currency": "currency"},
            {"name": "views", "label": "Views", "dataset": "visits", "agg": "sum", "expr": "views",
             "format": "integer"},
            {"name": "taps", "label": "Taps", "dataset": "visits", "agg": "sum", "expr": "taps", "format": "integer",
             "settles_days": 4},
            {"name": "tap_rate", "label": "Tap rate", "type": "ratio", "numerator": "taps", "denominator": "views",
             "format": "percent"},
            {"name": "effort", "label": "Effort", "type": "ratio", "numerator": "views", "denominator": "taps"},
        ],
        "default_metrics": ["moved"],
        "default_dimension": "region",
    }
)  # fmt: skip


def moves(hole: tuple[date, date] | None = None) -> Iterator[tuple[Any, ...]]:
    """Yield events on two days of three, at odd intervals; amounts fall on some of them."""
    for at in range((TODAY - FIRST).days):
        day = FIRST + timedelta(days=at)
        if (at * 7) % 10 < 6 and not (hole and hole[0] <= day <= hole[1]):
            region, plan = ("north", "south")[at % 2], ("small", "large")[at // 2 % 2]
            yield day, region, plan, CURRENCIES[at % 8], (100 if (at * 7) % 10 else -50), 10 + at % 8


def visits(zero: frozenset[date] = frozenset(), hole: tuple[date, date] | None = None) -> Iterator[tuple[Any, ...]]:
    """Yield views and taps of two pages for every day: 0.71% of the one in the first days of 2026, 0.66% from then."""
    for at in range((TODAY - FIRST).days):
        day = FIRST + timedelta(days=at)
        if not (hole and hole[0] <= day <= hole[1]):
            taps = 0 if day in zero else 66 if day >= date(2026, 1, 26) else 71
            yield from ((day, page, 10_000, taps) for page in ("a", "b"))


def _fill(connection: Any, table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
    connection.execute(f"CREATE OR REPLACE TABLE {table} ({columns})")
    places = ", ".join(f"({', '.join('?' * len(row))})" for row in rows)
    connection.execute(f"INSERT INTO {table} VALUES {places}", [value for row in rows for value in row])


@pytest.fixture
def tell(tmp_path: Path) -> Callable[..., str]:
    """Ask on 3 February 2026; no number of the answer may be one that nothing shows."""
    import duckdb

    def build(prompt: str, events: Iterator[tuple[Any, ...]] | None = None, daily: Any = None) -> str:
        path = tmp_path / "own.duckdb"
        with duckdb.connect(str(path)) as connection:
            _fill(connection, "moves", MOVES, list(events or moves()))
            _fill(connection, "visits", VISITS, list(daily or visits()))
        numbers, results = itertools.count(1), dict[str, Result]()

        class Keeping(DuckDbDoor):
            def run(self, compiled: Compiled, *, title: str) -> Result:
                result = super().run(compiled, title=title)
                results[result.result_id] = result
                return result

        with Keeping(path, MODEL, {}, new_id=lambda: f"result_{next(numbers):012}") as door:
            question = Question(prompt, TODAY)
            answer = EmbeddedAnalyst().answer(question, door, Journal())
        assert trace_answer(answer, question, results, MODEL).untraced == ()
        return resolve(answer.text, results)

    return build


def test_events_keep_their_comparison_of_quarters_and_raise_no_alarm(tell: Callable[..., str]) -> None:
    text = tell("Grown by region in Q4 2025 compared with Q3 2025")
    assert "Changes compare with 1 July – 30 September 2025." in text
    assert "Days without data" not in text
    assert "failure of measurement" not in text
    assert "none now" not in text


def test_a_hole_in_daily_data_is_told_although_the_quarter_before_is_all_there_is(tell: Callable[..., str]) -> None:
    hole = (date(2025, 8, 10), date(2025, 8, 29))
    text = tell("Views in Q4 2025 compared with Q3 2025", daily=visits(hole=hole))
    assert "1 July – 30 September 2025 lacks rows for 10–29 August 2025, so no changes are shown." in text


def test_a_zero_is_told_of_where_the_metric_has_values_on_nearly_every_day(tell: Callable[..., str]) -> None:
    text = tell("Taps in January 2026", daily=visits(zero=frozenset([date(2026, 1, 20)])))
    assert "On 2026-01-20 the data holds no Taps" in text or "On 2026-01-20 the data holds no taps" in text
    often = frozenset(FIRST + timedelta(days=at) for at in range(0, 210, 6))
    assert "failure of measurement" not in tell("Taps in January 2026", daily=visits(zero=often))


def test_data_that_begins_within_what_is_compared_with_says_so(tell: Callable[..., str]) -> None:
    later = (each for each in moves() if each[0] >= date(2025, 8, 1))
    text = tell("Grown in Q4 2025 compared with Q3 2025", later)
    assert "The data begins on 2025-08-02, so 1 July – 30 September 2025 is not complete" in text


def test_late_figures_make_a_ratio_low_or_high_by_the_part_that_settles(tell: Callable[..., str]) -> None:
    prompt = "{} for the past 7 days"
    assert "had longer to settle: a fall may be due to that" in tell(prompt.format("Tap rate"))
    assert "had longer to settle: a rise may be due to that" in tell(prompt.format("Effort"))
    both = tell(prompt.format("Taps and effort"))
    assert "a fall of taps or a rise of effort may be due to that" in both


def test_small_rates_are_told_apart_and_their_change_is_called_relative(tell: Callable[..., str]) -> None:
    text = tell("Tap rate by page last week. Highlight pages with a tap rate below 1%")
    assert "tap rate of 0.66% (−7.0% relative)" in text
    assert "tap rate 0.66%, 0.71% the week before." in text
    assert "Tap rate, relative change" in text


def test_currencies_without_a_ranking_are_named_and_counted(tell: Callable[..., str]) -> None:
    text = tell("Top 2 regions by taken in January 2026")
    assert "egions by Taken in PLN" in text
    assert "egions by Taken in SEK" not in text
    assert "Rankings are made in CHF, DKK, EUR, GBP, NOK and PLN alone; there is none in SEK and USD." in text


def test_the_dimension_asked_for_explains_the_change(tell: Callable[..., str]) -> None:
    text = tell("Moved by plan in January 2026")
    sentence = next(line for line in text.splitlines() if line.startswith("Moved "))
    assert "large" in sentence or "small" in sentence
    assert "north" not in text


def test_a_question_for_causes_gets_the_change_first(tell: Callable[..., str]) -> None:
    text = tell("Why did grown change last month?")
    assert text.index("grown of") < text.index("I state no causes")
