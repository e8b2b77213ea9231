"""A preview shows the next dates with their offset, and says what is special about each and about the whole."""

from datetime import UTC, date, datetime, timedelta

import pytest

from interact.schedules.occurrences import Schedule
from interact.schedules.preview import Preview, preview
from interact.schedules.working_days import Calendar


def shown(expression: str, timezone: str, after: datetime, count: int = 5, **more: object) -> list[str]:
    """The lines of a preview."""
    seen = preview(Schedule(expression, timezone, **more), after=after, count=count)
    return [f"{each.due_at:%a %d %b %H:%M} {each.offset} {each.note or ''}".strip() for each in seen.dates]


def notes(expression: str, timezone: str = "UTC", **more: object) -> tuple[str, ...]:
    """The sentences about the whole."""
    return preview(Schedule(expression, timezone, **more), after=datetime(2026, 1, 1, tzinfo=UTC)).notes


def test_it_has_words_zone_and_dates() -> None:
    seen = preview(Schedule("0 8 * * 1", "UTC"), after=datetime(2026, 5, 4, 8, tzinfo=UTC), count=2)
    assert (seen.words, seen.timezone, seen.notes) == ("At 08:00, only on Monday", "UTC", ())
    assert [each.due_at for each in seen.dates] == [datetime(2026, 5, day, 8, tzinfo=UTC) for day in (11, 18)]
    assert [(each.offset, each.note) for each in seen.dates] == [("+00:00", None)] * 2
    assert isinstance(seen, Preview)


def test_a_time_that_the_clocks_leave_out_says_so() -> None:
    assert shown("30 2 * * *", "Europe/Amsterdam", datetime(2026, 3, 28, tzinfo=UTC), 3) == [
        "Sat 28 Mar 02:30 +01:00",
        "Sun 29 Mar 03:00 +02:00 the clocks go forward and leave out 02:30; this is the first moment after",
        "Mon 30 Mar 02:30 +02:00",
    ]


def test_an_hour_that_comes_twice_says_which_one_it_is() -> None:
    before = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    assert shown("30 2 * * *", "Europe/Amsterdam", before, 2) == [
        "Sun 25 Oct 02:30 +02:00 the clocks go back and show 02:30 twice; this is the first",
        "Mon 26 Oct 02:30 +01:00 the clocks have changed: +01:00 from now on",
    ]
    assert shown("30 * * * *", "Europe/Amsterdam", before, 3) == [
        "Sun 25 Oct 02:30 +02:00 the clocks go back and show 02:30 twice; this is the first",
        "Sun 25 Oct 02:30 +01:00 the clocks go back and show 02:30 twice; this is the second",
        "Sun 25 Oct 03:30 +01:00",
    ]


def test_a_change_between_two_dates_is_said_once() -> None:
    assert shown("0 8 * * 1", "Europe/Amsterdam", datetime(2026, 3, 20, tzinfo=UTC), 3) == [
        "Mon 23 Mar 08:00 +01:00",
        "Mon 30 Mar 08:00 +02:00 the clocks have changed: +02:00 from now on",
        "Mon 06 Apr 08:00 +02:00",
    ]
    assert shown("*/30 * * * *", "Europe/Amsterdam", datetime(2026, 3, 29, 0, 30, tzinfo=UTC), 2) == [
        "Sun 29 Mar 03:00 +02:00 the clocks have changed: +02:00 from now on",
        "Sun 29 Mar 03:30 +02:00",
    ]


def test_a_lost_day_comes_together_after_it() -> None:
    after = datetime(2011, 12, 29, 12, tzinfo=UTC)
    note = "the clocks go forward and leave out 09:00 and 17:00; this is the first moment after"
    assert shown("0 9,17 * * *", "Pacific/Apia", after, 3)[1:] == [
        "Thu 29 Dec 17:00 -10:00",
        f"Sat 31 Dec 00:00 +14:00 {note}",
    ]
    only_saturday = shown("0 0,9 31 * *", "Pacific/Apia", after, 1)
    assert only_saturday == ["Sat 31 Dec 00:00 +14:00 the clocks have changed: +14:00 from now on"]


NL = Calendar(country="NL")
APRIL = datetime(2026, 4, 24, 12, tzinfo=UTC)


def test_a_skipped_holiday_is_shown_and_not_counted() -> None:
    assert shown("0 8 * * *", "UTC", APRIL, 3, calendar=NL, on_holiday="skip") == [
        "Sat 25 Apr 08:00 +00:00",
        "Sun 26 Apr 08:00 +00:00",
        "Mon 27 Apr 08:00 +00:00 skipped: King's Day",
        "Tue 28 Apr 08:00 +00:00",
    ]


def test_of_a_skipped_day_only_the_first_time_is_shown() -> None:
    after = datetime(2026, 4, 26, 23, 50, tzinfo=UTC)
    assert shown("*/5 * * * *", "UTC", after, 3, calendar=NL, on_holiday="skip") == [
        "Sun 26 Apr 23:55 +00:00",
        "Mon 27 Apr 00:00 +00:00 skipped: King's Day",
        "Tue 28 Apr 00:00 +00:00",
        "Tue 28 Apr 00:05 +00:00",
    ]


def test_a_moved_time_says_from_where() -> None:
    assert shown("0 8 * * 1", "UTC", APRIL, 1, calendar=NL, on_holiday="next") == [
        "Tue 28 Apr 08:00 +00:00 moved from Monday 2026-04-27: King's Day"
    ]


def test_a_schedule_of_holidays_only_ends_and_says_so() -> None:
    christmas = Schedule("0 8 25 12 *", "UTC", calendar=NL, on_holiday="skip")
    seen = preview(christmas, after=APRIL)
    assert {each.note for each in seen.dates} == {"skipped: Christmas Day"}
    assert len(seen.dates) == 30
    assert seen.notes[-1] == "None of the next 30 dates runs: all of them are holidays."


@pytest.mark.parametrize(
    ("expression", "more", "sentence"),
    [
        ("0 8 1-7 * 1", {}, "Day of month and day of week are both set, and either will do here: it runs on days 1"),
        ("0 8 */2 * 1", {}, "Day of month and day of week are both set, and either will do here: it runs on days 1, 3"),
        ("0 0 29 2 *", {}, "February has a day 29 in leap years only, and other years leave it out; 'L' is the last"),
        ("0 8 31 * *", {}, "A month without a day 31 leaves that day out; 'L' is the last day of every month."),
        ("@first-weekday", {}, "A business day is Monday to Friday and no holiday. No holidays are known here"),
        (
            "@first-weekday",
            {"calendar": Calendar(frozenset({4, 5}), "DE", "BY", frozenset({date(2026, 3, 2)}))},
            "A business day is Monday, Tuesday, Wednesday, Thursday and Sunday and no holiday. "
            "Holidays: public holidays of DE (BY) and 1 of the organisation's own.",
        ),
        (
            "0 8 * * *",
            {"calendar": Calendar(country="NL", removed=frozenset({date(2026, 5, 5)})), "on_holiday": "skip"},
            "On a holiday it does not run. Holidays: public holidays of NL, less 1 on which it works.",
        ),
        ("0 8 * * *", {"on_holiday": "next", "calendar": NL}, "On a holiday it runs on the next business day instead."),
        ("0 8 * * *", {"on_holiday": "previous", "calendar": NL}, "On a holiday it runs on the business day before"),
    ],
)
def test_what_could_surprise_is_said(expression: str, more: dict[str, object], sentence: str) -> None:
    (note,) = notes(expression, **more)
    assert note.startswith(sentence)


@pytest.mark.parametrize("expression", ["0 8 * * *", "0 8 31 1,3 *", "0 8 1,31 1 *", "0 8 L * *", "0 8 31,L * *"])
def test_what_is_plain_needs_no_sentence(expression: str) -> None:
    assert notes(expression) == ()


def test_a_zone_that_changes_its_clocks_says_which_rule_holds() -> None:
    assert notes("*/5 * * * *", "Europe/Amsterdam")[0].startswith("Where the clocks change it follows the clock")
    assert notes("0 8 * * *", "Europe/Amsterdam")[0].startswith("Where the clocks change it still runs once")
    assert notes("0 8 * * *", "Asia/Kolkata") == ()


def test_an_offset_with_seconds_is_written_in_full() -> None:
    seen = preview(Schedule("0 8 * * *", "Europe/Amsterdam"), after=datetime(1880, 1, 1, tzinfo=UTC), count=1)
    assert seen.dates[0].due_at.utcoffset() in (timedelta(minutes=17, seconds=30), timedelta(minutes=19, seconds=32))
    assert seen.dates[0].offset in ("+00:17:30", "+00:19:32")
