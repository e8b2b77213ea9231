"""Expected times a second beside croniter's own, in UTC, where croniter is right."""

import itertools
import time
from datetime import UTC, datetime

from croniter import croniter
from pairs import Row, alternate

from interact.schedules.occurrences import Schedule

EXPRESSIONS = (
    "* * * * *",
    "*/15 * * * *",
    "0 8 * * MON-FRI",
    "30 2 * * *",
    "0 8 1 * *",
    "0 8 * * FRI#1",
    "0 8 15W * *",
)
EACH = 2_000
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PAIRS = 7


def measure() -> list[Row]:
    """Return the row: how many expected times a second, and ours as a multiple of croniter's."""
    pairs = alternate(ours, theirs, pairs=PAIRS)
    count = EACH * len(EXPRESSIONS)
    rates = [count / seconds for seconds in pairs.ours]
    baseline = [count / seconds for seconds in pairs.baseline]
    middle = PAIRS // 2
    print(f"occurrences_per_second: spread of the baseline {pairs.spread:.0%}, {PAIRS} pairs")
    return [
        Row("occurrences_per_second", sorted(rates)[middle], "1/s", sorted(baseline)[middle], 1 / pairs.ratio, None)
    ]


def ours() -> float:
    """Return the seconds of our times, each expression from its text on."""
    began = time.perf_counter()
    for expression in EXPRESSIONS:
        found = list(itertools.islice(Schedule(expression, "UTC").after(BEGIN), EACH))
        assert len(found) == EACH
    return time.perf_counter() - began


def theirs() -> float:
    """Return the seconds of croniter's."""
    began = time.perf_counter()
    for expression in EXPRESSIONS:
        following = croniter(expression, BEGIN)
        for _ in range(EACH):
            following.get_next(datetime)
    return time.perf_counter() - began
