"""A missed time may run late for half of its interval, from a minute to twelve hours, or as long as the job says."""

from datetime import UTC, datetime, timedelta

import pytest

from interact.schedules.lateness import lateness_limit, smallest_gap
from interact.schedules.occurrences import Schedule


@pytest.mark.parametrize(
    ("expression", "due_at", "limit"),
    [
        ("* * * * *", datetime(2026, 5, 4, 8, tzinfo=UTC), timedelta(minutes=1)),
        ("*/10 * * * *", datetime(2026, 5, 4, 8, tzinfo=UTC), timedelta(minutes=5)),
        ("0 * * * *", datetime(2026, 5, 4, 8, tzinfo=UTC), timedelta(minutes=30)),
        ("0 6,10 * * *", datetime(2026, 5, 4, 4, tzinfo=UTC), timedelta(hours=2)),
        ("0 6,10 * * *", datetime(2026, 5, 4, 8, tzinfo=UTC), timedelta(hours=10)),
        ("0 10 * * 1", datetime(2026, 5, 4, 8, tzinfo=UTC), timedelta(hours=12)),
    ],
)
def test_the_limit_is_half_of_the_time_to_the_next(expression: str, due_at: datetime, limit: timedelta) -> None:
    assert lateness_limit(Schedule(expression, "Europe/Amsterdam"), due_at, minutes=None) == limit


def test_what_the_job_says_holds() -> None:
    schedule = Schedule("* * * * *", "UTC")
    due_at = datetime(2026, 5, 4, 8, tzinfo=UTC)
    assert lateness_limit(schedule, due_at, minutes=2_000) == timedelta(minutes=2_000)


@pytest.mark.parametrize(
    ("expression", "gap"),
    [
        ("* * * * *", timedelta(minutes=1)),
        ("0 8,9 * * 1", timedelta(hours=1)),
        ("0 8 * * *", timedelta(days=1)),
        ("0 8 1,3 * *", timedelta(days=2)),
        ("0 0 29 2 *", timedelta(days=366)),
    ],
)
def test_the_smallest_gap_is_that_of_the_two_times_that_lie_closest(expression: str, gap: timedelta) -> None:
    assert smallest_gap(expression) == gap
