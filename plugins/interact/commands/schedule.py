"""Show a schedule in words and its next dates: what runs when, in which zone, and what the clocks and holidays do."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import get_args

from interact.schedules.occurrences import OnHoliday, Schedule, zone_named
from interact.schedules.preview import Preview, preview
from interact.schedules.working_days import Calendar, require_known

_TIME_OF_DAY = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_FIRST, _LAST = date(1900, 1, 1), date(2999, 12, 31)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take an expression, and what an organisation and a job would add to it."""
    parser.add_argument("expression", help="five cron fields or a shortcut, in quotes: '0 8 * * MON', '@first-weekday'")
    parser.add_argument("--timezone", default="UTC", metavar="ZONE", help="an IANA name; default UTC")
    parser.add_argument("--country", type=_country, metavar="CC", help="whose public holidays count, as NL; or none")
    parser.add_argument("--region", metavar="CODE", help="a part of the country with holidays of its own, as BY")
    parser.add_argument("--on-holiday", choices=get_args(OnHoliday), default="run", help="default run")
    parser.add_argument("--start-of-business", type=_time, default=time(8), metavar="HH:MM", help="default 08:00")
    parser.add_argument("--after", type=_day, metavar="DATE", help="begin with this day instead of now: 2026-03-28")
    parser.add_argument("--count", type=_count, default=5, help="how many dates; default 5, at most 100")


def run(arguments: argparse.Namespace) -> int:
    """Print the words, the dates and the notes; raises ScheduleRefused."""
    require_known(arguments.country, arguments.region)
    schedule = Schedule(
        arguments.expression,
        arguments.timezone,
        start_of_business=arguments.start_of_business,
        calendar=Calendar(country=arguments.country, region=arguments.region),
        on_holiday=arguments.on_holiday,
    )
    seen = preview(schedule, after=_begin(arguments.after, arguments.timezone), count=arguments.count)
    print("\n".join(_lines(seen)))
    return 0


def _begin(day: date | None, timezone: str) -> datetime:
    """Return the instant before a day in a zone, or now."""
    if day is None:
        return datetime.now(UTC)
    return datetime.combine(day, time(), zone_named(timezone)) - timedelta(microseconds=1)


def _lines(seen: Preview) -> Iterator[str]:
    yield f"{seen.words} ({seen.timezone})"
    yield ""
    for each in seen.dates:
        yield f"  {each.due_at:%a %d %b %Y  %H:%M}  {each.offset}  {each.note or ''}".rstrip()
    if seen.notes:
        yield ""
    yield from seen.notes


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it as 2026-03-28") from None
    if not _FIRST <= day <= _LAST:
        raise argparse.ArgumentTypeError(f"{text!r} is too far away; a day lies from {_FIRST} to {_LAST}")
    return day


def _country(text: str) -> str | None:
    return None if text.lower() == "none" else text


def _time(text: str) -> time:
    if not _TIME_OF_DAY.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no time of day; write it as 08:30")
    return time.fromisoformat(text)


def _count(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 100:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not from 1 to 100")
