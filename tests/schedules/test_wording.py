"""A schedule in words says what it does: also where the library that has most of the words would be wrong."""

import itertools
from datetime import time

import pytest

from interact.schedules.occurrences import Schedule
from interact.schedules.wording import describe, joined


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("0 8 * * 1", "At 08:00, only on Monday"),
        ("0 8 * * MON-FRI", "At 08:00, Monday to Friday"),
        ("0 8 * * SAT-SUN", "At 08:00, only on Saturday and Sunday"),
        ("0 8 * * 7", "At 08:00, only on Sunday"),
        ("30 2 * * *", "At 02:30, every day"),
        ("0 8 1 * *", "At 08:00, on day 1 of the month"),
        ("0 8 1,15 * *", "At 08:00, on days 1 and 15 of the month"),
        ("0 8 L * *", "At 08:00, on the last day of the month"),
        ("0 8 * 1-3 *", "At 08:00, January to March"),
        ("0 8 29 2 *", "At 08:00, on day 29 of the month, only in February"),
        ("0 8,12,16 * * *", "At 08:00, 12:00 and 16:00, every day"),
        ("* * * * *", "Every minute"),
        ("*/15 * * * *", "Every 15 minutes"),
        ("0 * * * *", "Every hour"),
        ("15 * * * *", "At 15 minutes past the hour"),
        ("5,35 * * * *", "At 5 and 35 minutes past the hour"),
        ("0 */2 * * *", "Every 2 hours, every day"),
        ("30 */2 * * *", "At 30 minutes past the hour, every 2 hours, every day"),
        ("*/15 9-17 * * 1-5", "Every 15 minutes, between 09:00 and 17:59, Monday to Friday"),
        ("0 9-17 * * *", "Every hour from 09:00 to 17:00, every day"),
        ("5,35 9-17 * * *", "At 5 and 35 minutes past the hour, from 09:05 to 17:35, every day"),
        ("0 */12 * * *", "At 00:00 and 12:00, every day"),
        (
            "0 0,12 1 */2 *",
            "At 00:00 and 12:00, on day 1 of the month, only in January, March, May, July, September, and November",
        ),
        ("1,2,3 * * * *", "Minutes 1 to 3 past the hour"),
        ("@hourly", "Every hour"),
        ("@weekly", "At 00:00, only on Sunday"),
        ("@quarterly", "At 00:00, on day 1 of the month, only in January, April, July, and October"),
        ("@first-weekday 09:30", "At 09:30, on the first business day of the month"),
        ("@last-weekday", "At 07:45, the start of business, on the last business day of the month"),
    ],
)
def test_words_for_what_people_write(expression: str, words: str) -> None:
    assert describe(Schedule(expression, "UTC", start_of_business=time(7, 45))) == words


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        # cron_descriptor 2.2.1: "Every 45 minutes".
        ("*/45 * * * *", "At 0 and 45 minutes past the hour"),
        # "Every 5 hours".
        ("0 */5 * * *", "At 00:00, 05:00, 10:00, 15:00 and 20:00, every day"),
        # "Every minute, at 08:00 and 10:00".
        ("* 8,10 * * *", "Every minute, in the hours 08 and 10, every day"),
        # "At 08:00 through 10:59 and 14:00".
        ("0 8-10,14 * * *", "At 08:00, 09:00, 10:00 and 14:00, every day"),
        # "Every 15 minutes, starting at 59 minutes past the hour".
        ("59/15 * * * *", "At 59 minutes past the hour"),
        # "between day 1 and 7 of the month, Monday through Friday".
        ("0 8 1-7 * 1-5", "At 08:00, on days 1 to 7 of the month or on any day from Monday to Friday"),
        ("0 8 13 * 5", "At 08:00, on day 13 of the month or on any Friday"),
        ("0 8 */1 * 1", "At 08:00, every day"),
        # "on day 1 and L of the month".
        ("0 8 1,L * *", "At 08:00, on day 1 and the last day of the month"),
        # "every 2 days".
        ("0 8 */9 * *", "At 08:00, on days 1, 10, 19 and 28 of the month"),
        # "on the first weekday of the month", which knows no holidays.
        ("0 8 1W * *", "At 08:00, on the first day from Monday to Friday of the month"),
        ("0 8 15W * *", "At 08:00, on the day from Monday to Friday nearest day 15 of the month"),
        (
            "0 8 30W * *",
            "At 08:00, on the day from Monday to Friday nearest day 30 of the month (its last day where that "
            "is earlier)",
        ),
        ("0 8 * * FRI#1,TUE#3", "At 08:00, on the first Friday and third Tuesday of the month"),
        # "Monday through Wednesday".
        ("0 8 * * MON-TUE#1", "At 08:00, on the first Monday and first Tuesday of the month"),
        ("0 8 * * L5", "At 08:00, on the last Friday of the month"),
        # "Monday through Sunday" for all of them.
        ("0 8 * * 0-7", "At 08:00, every day"),
    ],
)
def test_words_of_our_own_where_the_library_is_wrong(expression: str, words: str) -> None:
    assert describe(Schedule(expression, "UTC")) == words


MINUTES = ("*", "0", "7", "*/5", "*/7", "0,30", "1-4", "5,10,15,20,25,30,35,40,45", "10/10", "59/2")
HOURS = ("*", "0", "8", "*/6", "*/7", "8-10", "9-17", "22-2", "8,12,16", "1,3,5,7,9,11,13,15,17", "20/2")


def test_times_that_differ_have_words_that_differ() -> None:
    said: dict[str, tuple[time, ...]] = {}
    for minute, hour in itertools.product(MINUTES, HOURS):
        schedule = Schedule(f"{minute} {hour} * * *", "UTC")
        assert said.setdefault(describe(schedule), schedule.times) == schedule.times


DAYS = ("*", "1", "31", "1,15", "1-7", "*/2", "L", "1,L", "10-L")
WEEKDAYS = ("*", "1", "1-5", "0,6", "5-1", "1,2,4")
SPECIAL = ("15W * *", "1W * *", "31W * *", "* * 5#1", "* * L5", "* * MON#1,FRI#1", "* 1-3 *", "* 1,7 *", "1 11-2 5")


def test_days_that_differ_have_words_that_differ() -> None:
    said: dict[str, object] = {}
    plain = [f"{day} * {weekday}" for day, weekday in itertools.product(DAYS, WEEKDAYS)]
    for fields in (*plain, *SPECIAL):
        schedule = Schedule(f"0 8 {fields}", "UTC")
        assert said.setdefault(describe(schedule), schedule.parsed.days) == schedule.parsed.days
    assert len(said) == len(plain) + len(SPECIAL)


def test_words_are_joined_as_in_a_sentence() -> None:
    assert [joined("a"), joined("ab"), joined("abc")] == ["a", "a and b", "a, b and c"]
