"""A schedule falls due when the clock on the wall says so, through every change of the clocks of seven years."""

import itertools
import random
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.every_minute import Look, due, looks
from interact.errors import ScheduleRefused
from interact.schedules.occurrences import Occurrence, Schedule, zone_named
from interact.schedules.working_days import Calendar

# Half an hour, a lost day, changes for Ramadan, two southern ones, two at midnight, and two that never change.
ZONES = (
    "Europe/Amsterdam",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "America/Santiago",
    "Australia/Sydney",
    "Asia/Kolkata",
    "UTC",
    "Africa/Cairo",
    "Asia/Beirut",
)
EXPRESSIONS = (
    "*/15 * * * *",
    "*/20 0-3 * * *",
    "30 */2 * * *",
    "0 8 * * MON-FRI",
    "30 2 * * *",
    "0,30 0-3,23 * * *",
    "15,45 1-2 * * SUN",
    "0 0 * * *",
    "59 23 L * *",
    "10 0-23 1-7 * SUN,7",
)
A_ZONE_HAS = 1_000
LOST_DAY = (datetime(2011, 12, 28, tzinfo=UTC), datetime(2012, 1, 2, tzinfo=UTC))


@cache
def changes(timezone: str) -> tuple[datetime, ...]:
    """The hours of 2024 to 2030 before which a zone's offset changed."""
    zone, hour = ZoneInfo(timezone), timedelta(hours=1)
    found, instant = [], datetime(2024, 1, 1, tzinfo=UTC)
    before = instant.astimezone(zone).utcoffset()
    while instant.year < 2031:
        now = instant.astimezone(zone).utcoffset()
        if now != before:
            found.append(instant)
        before, instant = now, instant + hour
    return tuple(found)


@cache
def windows(timezone: str) -> tuple[tuple[Look, ...], ...]:
    """Every minute of some days around each change, and of days at random."""
    chance = random.Random(timezone)
    around = [(change - timedelta(hours=30), change + timedelta(hours=30)) for change in changes(timezone)]
    for _ in range(4):
        begin = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(7 * 365 * 1440))
        around.append((begin, begin + timedelta(days=2)))
    if timezone == "Pacific/Apia":
        around.append(LOST_DAY)
    return tuple(tuple(looks(timezone, *window)) for window in around)


def between(schedule: Schedule, seen: tuple[Look, ...]) -> list[datetime]:
    """What a schedule says for the minutes of a window."""
    begin = seen[0].instant - timedelta(seconds=1)
    return [occurrence.due_at for occurrence in schedule.between(begin, seen[-1].instant)]


@pytest.mark.parametrize("timezone", ZONES)
def test_every_expected_time_is_that_of_a_look_at_every_minute(timezone: str) -> None:
    counted = 0
    for seen, expression in itertools.product(windows(timezone), EXPRESSIONS):
        expected = due(expression, seen)
        assert between(Schedule(expression, timezone), seen) == expected, (expression, seen[0].instant)
        counted += len(expected)
    assert counted >= A_ZONE_HAS


def test_eleven_zones_change_their_clocks_more_than_a_hundred_times() -> None:
    assert sum(len(changes(timezone)) for timezone in ZONES) > 100
    assert len(ZONES) * A_ZONE_HAS >= 10_000


def numbers(low: int, high: int) -> st.SearchStrategy[str]:
    """A field: a value, a range, a step or a list."""
    value = st.integers(low, high)
    pair = st.tuples(value, value).filter(lambda ends: ends[0] != ends[1])
    step = st.integers(1, high - low)
    item = st.one_of(
        value.map(str),
        pair.map(lambda ends: f"{min(ends)}-{max(ends)}"),
        st.builds(lambda ends, by: f"{min(ends)}-{max(ends)}/{by}", pair, step),
        st.builds(lambda first, by: f"{first}/{by}", value, step),
        step.map(lambda by: f"*/{by}"),
    )
    return st.one_of(st.just("*"), item, st.lists(value.map(str), min_size=1, max_size=4).map(",".join))


def expressions() -> st.SearchStrategy[str]:
    """Five fields that are not refused."""
    weekday = st.sampled_from(["SUN", "mon", "TUE", "Wed", "THU", "fri", "SAT", "7", "0", "3"])
    weekdays = st.one_of(st.just("*"), weekday, st.just("MON-FRI"), st.just("FRI-MON"), numbers(0, 6))
    plain = st.tuples(st.one_of(numbers(1, 28), st.sampled_from(["L", "1,L", "?"])), weekdays)
    nth = st.builds(lambda day, which: ("*", f"{day}#{which}"), weekday, st.integers(1, 5))
    last = st.integers(0, 7).map(lambda day: ("*", f"L{day}"))
    nearest = st.integers(1, 31).map(lambda day: (f"{day}W", "*"))
    return st.builds(
        lambda minute, hour, month, days: f"{minute} {hour} {days[0]} {month} {days[1]}",
        numbers(0, 59),
        numbers(0, 23),
        numbers(1, 12),
        st.one_of(plain, nth, last, nearest),
    )


@settings(max_examples=200, deadline=None)
@given(expression=expressions(), day=st.dates(date(2024, 1, 1), date(2031, 1, 1)))
def test_in_utc_it_reads_an_expression_as_croniter_does(expression: str, day: date) -> None:
    begin = datetime.combine(day, time(), UTC)
    theirs = croniter(expression, begin)
    ours = itertools.islice(Schedule(expression, "UTC").after(begin), 5)
    assert [each.due_at for each in ours] == [theirs.get_next(datetime) for _ in range(5)]


@settings(max_examples=80, deadline=None)
@given(expression=expressions(), data=st.data())
def test_any_expression_falls_due_as_a_look_at_every_minute_says(expression: str, data: st.DataObject) -> None:
    timezone = data.draw(st.sampled_from(ZONES))
    seen = data.draw(st.sampled_from(windows(timezone)))
    schedule = Schedule(expression, timezone)
    expected = due(expression, seen)
    assert between(schedule, seen) == expected

    begin, end = seen[0].instant - timedelta(seconds=1), seen[-1].instant
    following = itertools.takewhile(lambda each: each.due_at <= end, schedule.after(begin))
    assert [each.due_at for each in following] == expected
    latest = schedule.latest(end, after=begin)
    assert (latest and latest.due_at) == (expected[-1] if expected else None)
    chosen = data.draw(st.sampled_from(seen)).instant
    assert (schedule.includes(chosen) is not None) == (chosen in expected)
    assert schedule.includes(chosen + timedelta(seconds=1)) is None


def walls(expression: str, timezone: str, begin: date, count: int, **more: object) -> list[str]:
    """The next times on a zone's clock, with their offset."""
    schedule = Schedule(expression, timezone, **more)
    after = datetime.combine(begin, time(), ZoneInfo(timezone)) - timedelta(seconds=1)
    found = itertools.islice(schedule.after(after), count)
    return [each.due_at.astimezone(schedule.zone).isoformat(sep=" ", timespec="minutes") for each in found]


@pytest.mark.parametrize(
    ("expression", "timezone", "begin", "expected"),
    [
        ("30 2 * * *", "Europe/Amsterdam", date(2026, 3, 29), ["2026-03-29 03:00+02:00", "2026-03-30 02:30+02:00"]),
        ("0,30 2 * * *", "Europe/Amsterdam", date(2026, 3, 29), ["2026-03-29 03:00+02:00", "2026-03-30 02:00+02:00"]),
        ("0 2,3 * * *", "Europe/Amsterdam", date(2026, 3, 29), ["2026-03-29 03:00+02:00", "2026-03-30 02:00+02:00"]),
        ("30 2 * * *", "Europe/Amsterdam", date(2026, 10, 25), ["2026-10-25 02:30+02:00", "2026-10-26 02:30+01:00"]),
        (
            "30 * * * *",
            "Europe/Amsterdam",
            date(2026, 10, 25),
            ["2026-10-25 00:30+02:00", "2026-10-25 01:30+02:00", "2026-10-25 02:30+02:00", "2026-10-25 02:30+01:00"],
        ),
        ("15 2 * * *", "Australia/Lord_Howe", date(2026, 10, 4), ["2026-10-04 02:30+11:00", "2026-10-05 02:15+11:00"]),
        (
            "45 1 * * *",
            "Australia/Lord_Howe",
            date(2026, 4, 5),
            ["2026-04-05 01:45+11:00", "2026-04-06 01:45+10:30"],
        ),
        (
            "*/15 1 * * *",
            "Australia/Lord_Howe",
            date(2026, 4, 5),
            [
                "2026-04-05 01:00+11:00",
                "2026-04-05 01:15+11:00",
                "2026-04-05 01:30+11:00",
                "2026-04-05 01:45+11:00",
                "2026-04-05 01:30+10:30",
                "2026-04-05 01:45+10:30",
            ],
        ),
        (
            "0 9,17 * * *",
            "Pacific/Apia",
            date(2011, 12, 29),
            ["2011-12-29 09:00-10:00", "2011-12-29 17:00-10:00", "2011-12-31 00:00+14:00", "2011-12-31 09:00+14:00"],
        ),
        ("0 0 * * *", "Africa/Cairo", date(2026, 4, 23), ["2026-04-23 00:00+02:00", "2026-04-24 01:00+03:00"]),
    ],
)
def test_known_changes_of_the_clocks(expression: str, timezone: str, begin: date, expected: list[str]) -> None:
    assert walls(expression, timezone, begin, len(expected)) == expected


def test_an_hour_that_comes_twice_across_midnight_stays_in_order() -> None:
    # Until 2011 Newfoundland put its clocks back at one minute past midnight: 23:01 to 23:59 came again after 00:00.
    seen = tuple(looks("America/St_Johns", datetime(2010, 11, 6, 12, tzinfo=UTC), datetime(2010, 11, 8, tzinfo=UTC)))
    for expression in ("*/10 * * * *", "0 0 * * *", "30 23 * * *", "0,30 0,23 * * *"):
        found = between(Schedule(expression, "America/St_Johns"), seen)
        assert found == sorted(set(found)) == due(expression, list(seen))


NL = Calendar(country="NL")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("run", ["2026-04-20 08:00+02:00", "2026-04-27 08:00+02:00", "2026-05-04 08:00+02:00"]),
        ("skip", ["2026-04-20 08:00+02:00", "2026-04-27 08:00+02:00", "2026-05-04 08:00+02:00"]),
        ("next", ["2026-04-20 08:00+02:00", "2026-04-28 08:00+02:00", "2026-05-04 08:00+02:00"]),
        ("previous", ["2026-04-20 08:00+02:00", "2026-04-24 08:00+02:00", "2026-05-04 08:00+02:00"]),
    ],
)
def test_a_holiday_rule_moves_a_time_or_marks_it(rule: str, expected: list[str]) -> None:
    found = walls("0 8 * * 1", "Europe/Amsterdam", date(2026, 4, 20), 3, calendar=NL, on_holiday=rule)
    assert found == expected


def test_what_a_holiday_did_stands_in_the_occurrence() -> None:
    kings_day = datetime(2026, 4, 27, 6, tzinfo=UTC)
    skipping = Schedule("0 8 * * 1", "Europe/Amsterdam", calendar=NL, on_holiday="skip")
    moving = Schedule("0 8 * * 1", "Europe/Amsterdam", calendar=NL, on_holiday="next")
    assert skipping.includes(kings_day) == Occurrence(kings_day, "King's Day", skipped=True)
    assert moving.includes(kings_day) is None
    moved = Occurrence(kings_day + timedelta(days=1), "King's Day", moved_from=date(2026, 4, 27))
    assert next(moving.after(kings_day - timedelta(days=6))) == moved
    assert skipping.latest(kings_day, after=kings_day - timedelta(days=7)) is None
    assert skipping.latest(kings_day, after=kings_day - timedelta(days=8)) == Occurrence(kings_day - timedelta(days=7))


def test_a_moved_time_that_meets_another_is_one() -> None:
    daily = Schedule("0 8 * * *", "Europe/Amsterdam", calendar=NL, on_holiday="next")
    found = daily.between(datetime(2026, 4, 26, tzinfo=UTC), datetime(2026, 4, 29, tzinfo=UTC))
    assert found == [Occurrence(datetime(2026, 4, day, 6, tzinfo=UTC)) for day in (26, 28)]


def test_two_holidays_in_a_row_move_to_one_day_and_the_first_is_named() -> None:
    both = Schedule("0 8 25,26 12 *", "UTC", calendar=NL, on_holiday="next")
    (found,) = both.between(datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    # 25 December 2026 is a Friday.
    assert found == Occurrence(datetime(2026, 12, 28, 8, tzinfo=UTC), "Christmas Day", moved_from=date(2026, 12, 25))


def test_a_skipped_time_gives_way_to_one_that_runs_at_the_same_instant() -> None:
    # The lost Friday's times come at the first instant of Saturday, where Saturday has a time of its own.
    lost = Calendar(added=frozenset({date(2011, 12, 30)}))
    midnight = Schedule("0 0 * * *", "Pacific/Apia", calendar=lost, on_holiday="skip")
    instant = datetime(2011, 12, 30, 10, tzinfo=UTC)
    assert midnight.includes(instant) == Occurrence(instant)


def test_business_days_heed_the_calendar_and_the_start_of_business() -> None:
    first = {"calendar": NL, "start_of_business": time(9, 30)}
    assert walls("@first-weekday", "Europe/Amsterdam", date(2026, 1, 1), 5, **first) == [
        "2026-01-02 09:30+01:00",
        "2026-02-02 09:30+01:00",
        "2026-03-02 09:30+01:00",
        "2026-04-01 09:30+02:00",
        "2026-05-01 09:30+02:00",
    ]
    assert walls("@last-weekday 17:00", "UTC", date(2026, 5, 1), 2, calendar=NL) == [
        "2026-05-29 17:00+00:00",
        "2026-06-30 17:00+00:00",
    ]


def test_a_schedule_goes_to_json_and_back() -> None:
    schedule = Schedule(
        " 0  8 * *\tMON ",
        "Europe/Amsterdam",
        start_of_business=time(7, 45),
        calendar=Calendar(
            frozenset({4, 5}),
            "DE",
            "BY",
            frozenset({date(2026, 3, 2), date(2026, 1, 2)}),
            frozenset({date(2026, 1, 6)}),
        ),
        on_holiday="previous",
    )
    assert schedule.plain() == {
        "expression": "0 8 * * MON",
        "timezone": "Europe/Amsterdam",
        "start_of_business": "07:45",
        "calendar": {
            "weekend": [4, 5],
            "country": "DE",
            "region": "BY",
            "added": ["2026-01-02", "2026-03-02"],
            "removed": ["2026-01-06"],
        },
        "on_holiday": "previous",
    }
    assert Schedule.of(schedule.plain()) == schedule


def test_an_instant_in_another_zone_is_the_same_instant() -> None:
    schedule = Schedule("0 8 * * *", "Europe/Amsterdam")
    due_at = datetime(2026, 7, 1, 6, tzinfo=UTC)
    there = due_at.astimezone(ZoneInfo("Asia/Kolkata"))
    assert schedule.includes(there) == Occurrence(due_at)
    assert schedule.latest(there, after=there - timedelta(seconds=1)) == Occurrence(due_at)
    assert schedule.latest(there, after=there) is None
    assert schedule.between(there, there) == []


@pytest.mark.parametrize("expression", ["* * * * *", "0 0 29 2 *", "@last-weekday"])
def test_ten_years_are_looked_through_at_once(expression: str) -> None:
    schedule, until = Schedule(expression, "Europe/Amsterdam", calendar=NL), datetime(2027, 2, 1, tzinfo=UTC)
    latest = schedule.latest(until, after=until - timedelta(days=3_650))
    assert latest is not None
    assert latest.due_at > until - timedelta(days=1_100)
    assert next(schedule.after(until)).due_at < until + timedelta(days=400)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "x\0", "x" * 10_000, None, 5, []])
def test_a_zone_that_does_not_exist_is_refused(name: object) -> None:
    with pytest.raises(ScheduleRefused, match=r"^Time zone .* is not known\. Write an IANA name, as 'Eur"):
        Schedule("* * * * *", name)


@pytest.mark.parametrize(
    "name", ["posixrules", "localtime", "Factory", "right/Europe/Amsterdam", "posix/Europe/Amsterdam"]
)
def test_what_a_system_has_besides_zones_is_refused(name: str) -> None:
    with pytest.raises(ScheduleRefused, match=rf"^Time zone '{name}' is not known\. Write an IANA name"):
        zone_named(name)


def test_a_holiday_rule_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ScheduleRefused, match=r"^Holiday rule 'never' is none; there are 'run', 'skip', 'next', 'prev"):
        Schedule("* * * * *", "UTC", on_holiday="never")
