"""What people write is read as croniter reads it, or refused with the field, the value and what it takes."""

import subprocess
import sys
import time as clock
from datetime import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interact.errors import ScheduleRefused
from interact.schedules.days import LAST, Days
from interact.schedules.expression import LONGEST_TEXT, SHORTCUTS, parse

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"


def test_five_fields_become_times_and_days() -> None:
    parsed = parse("0,30 8-9 1,15,L JAN-MAR mon,SUN")
    assert parsed.times(time(8)) == [time(8), time(8, 30), time(9), time(9, 30)]
    assert parsed.days == Days(
        months=frozenset({1, 2, 3}), numbers=frozenset({1, 15, LAST}), weekdays=frozenset({0, 6})
    )


@pytest.mark.parametrize(
    ("fields", "days"),
    [
        ("* *", Days()),
        ("? *", Days()),
        ("15W *", Days(nearest=15)),
        ("w15 *", Days(nearest=15)),
        ("* FRI#1", Days(nth=frozenset({(4, 1)}))),
        ("* L5", Days(nth=frozenset({(4, LAST)}))),
        ("* L7", Days(nth=frozenset({(6, LAST)}))),
        ("* 0,7", Days(weekdays=frozenset({6}))),
        ("* FRI-MON", Days(weekdays=frozenset({4, 5, 6, 0}))),
        ("28-2 *", Days(numbers=frozenset({28, 29, 30, 31, 1, 2}))),
        ("10/10 *", Days(numbers=frozenset({10, 20, 30}))),
        ("* 0-7", Days()),
    ],
)
def test_day_fields_become_days(fields: str, days: Days) -> None:
    number, weekday = fields.split()
    assert parse(f"0 8 {number} * {weekday}").days == days


@pytest.mark.parametrize(("shortcut", "fields"), SHORTCUTS.items())
def test_a_shortcut_is_its_five_fields(shortcut: str, fields: str) -> None:
    assert parse(shortcut.upper()).fields == tuple(fields.split())
    assert parse(shortcut).days == parse(fields).days
    assert parse(shortcut).text == shortcut


def test_business_days_take_a_time_or_the_start_of_business() -> None:
    assert parse("@first-weekday").times(time(7, 30)) == [time(7, 30)]
    assert parse("@Last-Weekday 17:05").times(time(7, 30)) == [time(17, 5)]
    assert parse("@first-weekday").days == Days(business="first")
    assert parse("@last-weekday 00:00").days == Days(business="last")


@pytest.mark.parametrize(
    ("text", "follows"),
    [
        ("* * * * *", True),
        ("*/15 8 * * *", True),
        ("0 * * * *", True),
        ("30 */2 * * *", True),
        ("@hourly", True),
        ("@daily", False),
        ("0-59 0-23 * * *", False),
        ("1,* 8 * * *", False),
        ("@first-weekday", False),
    ],
)
def test_a_minute_or_hour_field_that_begins_with_a_star_follows_the_clock(text: str, follows: bool) -> None:
    assert parse(text).follows_clock is follows


def test_white_space_is_kept_as_single_spaces() -> None:
    assert parse(" 0\t8 * \n *  1 ").text == "0 8 * * 1"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "0 25 * * *",
            r"the hour field holds '25'; it takes 0 to 23: a value, a range 1-5, a list 1,3 or a step \*/2\.",
        ),
        ("60 * * * *", r"the minute field holds '60'; it takes 0 to 59"),
        ("0-99 * * * *", r"the minute field holds '0-99' with '99' in it; it takes 0 to 59"),
        ("0 8 0 * *", r"the day of month field holds '0'; it takes 1 to 31, L \(the last day\) and W"),
        ("0 8 32W * *", r"the day of month field holds '32W'.*it takes 1 to 31"),
        ("0 8 1,15W * *", r"the day of month field holds '1,15W', and W goes into no list\. Write one of them"),
        ("0 8 * 13 *", r"the month field holds '13'; it takes 1 to 12 or JAN to DEC"),
        ("0 8 * Foo *", r"the month field holds 'Foo'; it takes 1 to 12 or JAN to DEC"),
        ("0 8 * * 8", r"the day of week field holds '8'; it takes 0 to 7 \(0 and 7 are Sunday\) or SUN to SAT"),
        ("0 8 * * 1#6", r"the day of week field holds '1#6'.*it takes 0 to 7"),
        ("0 8 * * 5L", r"the day of week field holds '5L'; the last one of a month is written 'L5'"),
        ("0 8 LW * *", r"the day of month field holds 'LW'\. Write '@last-weekday 08:00', which is the last bus"),
        ("1,,2 * * * *", r"the minute field holds '1,,2', which lacks a value beside a comma"),
        ("-1 * * * *", r"the minute field holds '-1'; it takes 0 to 59"),
        ("1.5 * * * *", r"the minute field holds '1\.5'; it takes 0 to 59"),
        ("0 ? * * *", r"the hour field holds '\?'; '\?' stands alone, for any day, in the two day fields\. Write '\*'"),
        ("*/90 * * * *", r"the minute field holds '\*/90', whose step.*a step takes 1 to 59"),
        ("*/0 * * * *", r"the minute field holds '\*/0', whose step.*a step takes 1 to 59"),
        ("0 8 */31 * *", r"the day of month field holds '\*/31', whose step.*a step takes 1 to 30"),
        ("0 9-9 * * *", r"the hour field holds '9-9', which cron reads as every value\. Write '9' for that one"),
        ("0 8 * * Sun-7", r"the day of week field holds 'Sun-7', which cron reads as every value"),
        ("H 8 * * *", r"the minute field holds 'H', a value that Jenkins would choose.*it takes 0 to 59"),
        ("0 R(1-3) * * *", r"the hour field holds 'R\(1-3\)', a random value.*it takes 0 to 23"),
        (
            "0 8 15 * 5#1",
            r"the day of week field holds '5#1', and with # or L there cron ignores the day of month",
        ),
        ("0 8 15W * 1", r"the day of month field holds '15W', and with W there cron ignores the day of week field"),
        ("0 8 * * 1,5#1", r"the day of week field holds '1,5#1', which mixes .* Make a job for each\."),
        ("0 8 * * *,5#1", r"the day of week field holds '\*,5#1', which mixes"),
        ("٣ 8 * * *", r"the minute field holds '٣'; it takes 0 to 59"),
        ("0\0 8 * * *", r"the minute field holds '0\\x00'; it takes 0 to 59"),
        ("0 8 30 2 *", r"never comes: no year has the day of month '30' in the month '2'"),
        ("0 8 31 APR,jun *", r"never comes: no year has the day of month '31' in the month 'APR,JUN'"),
        ("*/30 * * * * *", r"has 6 fields; a schedule has exactly 5\. Seconds are no field here\. Write five fields"),
        ("0 0 8 * * 1 2027", r"has 7 fields; a schedule has exactly 5\. Seconds and years are no fields here"),
        ("0 8 * *", r"has 4 fields; a schedule has exactly 5\. Write five fields"),
        ("monday", r"has 1 field; a schedule has exactly 5"),
        ("@every 5m", r"counts from no fixed time\. Write the minutes, as '\*/5 \* \* \* \*'"),
        ("@reboot", r"names no time: nothing here starts with a machine\. Write when"),
        ("@fortnightly", r"is no shortcut; there are @hourly, @daily, .* Write one of them, or five fields\."),
        ("@daily 9:00", r"names a time, which @daily does not take\. Write five fields, as '30 9 \* \* \*'"),
        ("@first-weekday 9:30", r"has '9:30' as its time; a time is written with two digits each, 00:00 to 23:59"),
        ("@first-weekday 25:00", r"has '25:00' as its time"),
        ("@first-weekday 09:30 x", r"has '09:30 x' as its time"),
        ("@last-weekday ٠٩:٣٠", r"has '٠٩:٣٠' as its time"),
        ("", r"is empty\. Write five fields"),
        (" \t", r"is empty\. Write five fields"),
    ],
)
def test_a_refusal_names_the_field_the_value_and_what_it_takes(text: str, sentence: str) -> None:
    with pytest.raises(ScheduleRefused, match=rf"(?s)^Schedule .*{sentence}"):
        parse(text)


@pytest.mark.parametrize("value", [None, 5, True, b"0 8 * * *", ["0 8 * * *"], object()])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(ScheduleRefused, match=r"is no text\. Write five fields"):
        parse(value)


@pytest.mark.parametrize("text", ["x" * 10**6, "* " * 10**6, "1," * 10**6 + " * * * *", "\0" * 10**6])
def test_a_megabyte_is_refused_at_once_and_not_repeated(text: str) -> None:
    began = clock.perf_counter()
    with pytest.raises(ScheduleRefused, match=r"characters; it takes at most 200\.$") as refused:
        parse(text)
    assert len(str(refused.value)) < 400
    assert clock.perf_counter() - began < 1


def test_the_longest_text_is_read() -> None:
    listed = ",".join(str(number) for number in range(60))
    assert parse(f"{listed} 8 * * *").minutes == tuple(range(60))
    assert len(f"{listed} 8 * * *") < LONGEST_TEXT


@given(st.one_of(st.text(max_size=40), st.text("0159LWHR#*/-,?@ :mondsunja", max_size=40)))
@example("0 8 * * 1#\u0661")
@example("9999999999999999999999/9999999999999999999999 * * * *")
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert parse(text).text == " ".join(text.split())
    except ScheduleRefused:
        assert text != "0 8 * * *"


def test_the_room_costs_a_parse_nothing_until_a_schedule_is_read() -> None:
    heavy = ("croniter", "cron_descriptor", "holidays", "pandas", "airflow")
    look = (
        "import sys, interact.schedules.preview, interact.schedules.plan, interact.schedules.lateness\n"
        f"print(*[name for name in {heavy!r} if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", look], check=True, capture_output=True, text=True, timeout=60, cwd=PLUGINS
    )
    assert found.stdout.split() == []
