"""Dates in words to windows of whole days, and the window that each is compared with.

Windows end yesterday unless today is asked for; weeks start on Monday; a period to date is compared with the same days
of the period before it, whole months with whole months. What reads like a date and is none is refused, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from interact.agents.analyst.points import MONTH, POINT, has_year, read_point, spaced
from interact.agents.analyst.spans import (
    DAY,
    MONTHS,
    WEEKDAYS,
    Unit,
    add_months,
    back,
    day_in_words,
    in_words,
    preceding,
    whole,
)
from interact.errors import AgentRefused
from interact.warehouse.queries import Grain, Window

NUMBER_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30, "sixty": 60, "ninety": 90,
}  # fmt: skip
LONGEST_DAYS = 3700
"""Ten years: a longer window is a slip of the pen more often than a question."""


@dataclass(frozen=True)
class Period:
    """A window that a prompt names, where it stands in the text, and what came before it."""

    words: str
    span: tuple[int, int]
    window: Window
    previous: Window
    unit: Unit
    count: int | None = None
    """For windows counted back from today, the number of units; None for a named or calendar one."""
    remark: str = ""
    """What a reader must know, as "today is not over"."""


@dataclass(frozen=True)
class _Clock:
    today: date
    last: date
    grain: Grain | None = None


_SHORT = {"wk": "week", "d": "day", "w": "week", "m": "month"}
_Read = Callable[[re.Match[str], _Clock], Period]
_BACK = r"(?:past|last|previous|prev|prior|preceding|trailing|rolling|latest|most recent)"
_COUNT = rf"(?P<count>\d{{1,6}}|{'|'.join(NUMBER_WORDS)})"
_WHOLE = r"(?P<whole>full|whole|complete|completed|calendar)"
_UNIT = r"(?P<unit>day|week|wk|month|quarter|year|fortnight)"
_WEEKDAY = "|".join(WEEKDAYS)
_JOIN = r" *(?:to|until|till|through|[-–—]|\.{2,3}(?=\d)) *"
_SINGLE = r"(?:[0-3]?\d(?:st|nd|rd|th)?)"
_WITH_TODAY = spaced(r",? (?:including|incl\.?|with) today\b")
_NOT_A_MONTH = re.compile(r"(?:may|march|mar|dec|jan|sep)$", re.IGNORECASE)
_LEADS = frozenset(
    {
        *("in", "for", "during", "of", "since", "from", "to", "until", "till", "between", "and", "last", "this"),
        *("vs", "versus", "with", "than", "compare", "against", "by"),
    }
)


def find_periods(text: str, today: date, *, grain: Grain | None = None) -> list[Period]:
    """Return the windows that a text names, in order; with a grain, counted months or weeks are whole ones.

    Raises AgentRefused for dates that cannot be read in one way only, or that lie in the future.
    """
    odd = re.search(r"(?<![\d./])\d{1,2}[/.]\d{1,2}[/.]\d{2}\b(?!\d)", text)
    if odd:
        raise AgentRefused(f"The date {odd[0]!r} can be read in two ways. Write it as 2026-06-14 or 14 June 2026.")
    flat = re.sub(r"\s", " ", text)
    found = [(match, read) for pattern, read in _RULES for match in pattern.finditer(flat) if _is_date(match)]
    found.sort(key=lambda each: (each[0].start() - _end(each[0]), each[0].start()))
    periods: list[Period] = []
    for match, read in found:
        if all(_end(match) <= period.span[0] or period.span[1] <= match.start() for period in periods):
            periods.append(_read(match, read, today=today, grain=grain))
    return sorted(periods, key=lambda period: period.span)


def _is_date(match: re.Match[str]) -> bool:
    """Tell a month from a word: "you may see" and "march on" are no dates, "in may" and "May spend" are."""
    word = match[0].strip(". ")
    if not _NOT_A_MONTH.fullmatch(word):
        return True
    before = re.findall(r"[\w'’]+|[.!?;:]", match.string[: match.start()])
    if before and before[-1].lower() in _LEADS:
        return True
    asks = re.match(r"\s+(?:i|we|you|he|she|they|it|be|have|not|also|contain|include)\b", match.string[match.end() :])
    return word[0].isupper() and not asks


def _end(match: re.Match[str]) -> int:
    """Return where a date ends, "including today" included."""
    with_today = _WITH_TODAY.match(match.string, match.end())
    return with_today.end() if with_today else match.end()


def _read(match: re.Match[str], read: _Read, *, today: date, grain: Grain | None) -> Period:
    end = _end(match)
    with_today = end > match.end()
    last = today if with_today else today - DAY
    words = match.string[match.start() : end]
    try:
        period = replace(read(match, _Clock(today, last, grain)), words=words, span=(match.start(), end))
    except (ValueError, OverflowError) as error:
        if isinstance(error, AgentRefused):
            raise
        raise AgentRefused(
            f"{words!r} is no period of the calendar. Name the days, as from 2026-06-01 to 2026-06-14."
        ) from None
    if period.window.days > LONGEST_DAYS:
        raise AgentRefused(f"{words!r} has {period.window.days:,} days; at most {LONGEST_DAYS:,} are allowed.")
    return replace(period, remark=f"{period.words} includes today, which is not over") if with_today else period


def _period(window: Window, previous: Window, unit: Unit, *, count: int | None = None, remark: str = "") -> Period:
    return Period("", (0, 0), window, previous, unit, count, remark)


def _rolling(match: re.Match[str], clock: _Clock) -> Period:
    parts = match.groupdict()
    word = _SHORT.get(parts["unit"].lower(), parts["unit"].lower())
    count = _number(parts.get("count") or "1")
    if count < 1:
        raise AgentRefused(f"{match[0]!r} holds no day. Name 1 day or more.")
    unit: Unit = "week" if word == "fortnight" else word  # type: ignore[assignment]  # the pattern allows units only
    count *= 2 if word == "fortnight" else 1
    if unit != "day" and (parts.get("whole") or (unit == clock.grain and parts.get("count"))):
        return _whole_units(unit, count, clock)
    start = back(unit, clock.last + DAY, count)
    window = Window(start, clock.last)
    before = Window(back(unit, start, count), start - DAY) if unit in MONTHS else window.before()
    return _period(window, before, unit if unit in MONTHS else "day", count=window.days if unit == "week" else count)


def _whole_units(unit: Unit, count: int, clock: _Clock) -> Period:
    end = whole(unit, clock.last + DAY).start - DAY
    start = back(unit, end + DAY, count)
    return _period(Window(start, end), Window(back(unit, start, count), start - DAY), unit, count=count)


def _last_unit(match: re.Match[str], clock: _Clock) -> Period:
    unit: Unit = _SHORT.get(match["unit"].lower(), match["unit"].lower())  # type: ignore[assignment]  # units only
    window = whole(unit, whole(unit, clock.today).start - DAY)
    if match.groupdict().get("last"):
        window = whole(unit, window.start - DAY)
    return _period(window, whole(unit, window.start - DAY), unit)


def _to_date(match: re.Match[str], clock: _Clock) -> Period:
    short = {"w": "week", "m": "month", "q": "quarter", "y": "year"}
    name = next(value for value in match.groupdict().values() if value).lower()
    unit: Unit = short.get(name, name)  # type: ignore[assignment]  # the pattern allows units only
    start = whole(unit, clock.today).start
    if start > clock.last:
        raise AgentRefused(
            f"{match[0]!r} has no complete day yet on {day_in_words(clock.today)}. Ask for 'last {unit}', "
            f"or for {match[0] + ' including today'!r}."
        )
    return _so_far(unit, Window(start, clock.last))


def _so_far(unit: Unit, window: Window, *, remark: str = "") -> Period:
    """Compare with the same days of the unit before, and never with days beyond its end."""
    if unit == "week":
        before = Window(window.start - 7 * DAY, window.end - 7 * DAY)
    else:
        start = add_months(window.start, -MONTHS[unit])
        before = Window(start, min(add_months(window.end, -MONTHS[unit]), window.start - DAY))
    return _period(window, before, unit, remark=remark)


def _day(match: re.Match[str], clock: _Clock) -> Period:
    word = match[0].lower()
    today = word.startswith("today")
    day = clock.today - timedelta(days=0 if today else 2 if "before" in word else 1)
    return _period(Window(day, day), Window(day - DAY, day - DAY), "day", remark="today is not over" if today else "")


def _days_ago(match: re.Match[str], clock: _Clock) -> Period:
    day = clock.today - timedelta(days=_number(match["count"]))
    return _period(Window(day, day), Window(day - DAY, day - DAY), "day")


def _units_ago(match: re.Match[str], clock: _Clock) -> Period:
    """Read "two weeks ago" as the whole week that lies two before this one."""
    unit: Unit = match["unit"].lower()  # type: ignore[assignment]  # the pattern allows units only
    window = whole(unit, back(unit, whole(unit, clock.today).start, _number(match["count"])))
    return _period(window, whole(unit, window.start - DAY), unit)


def _weekday(match: re.Match[str], clock: _Clock) -> Period:
    number = [name.lower() for name in WEEKDAYS].index(match["weekday"].lower())
    day = clock.today - timedelta(days=(clock.today.weekday() - number - 1) % 7 + 1)
    return _period(Window(day, day), Window(day - 7 * DAY, day - 7 * DAY), "day")


def _since_weekday(match: re.Match[str], clock: _Clock) -> Period:
    return _range(_weekday(match, clock).window.start, clock.last, match, clock=clock)


def _weekend(match: re.Match[str], clock: _Clock) -> Period:
    sunday = clock.today - timedelta(days=clock.today.weekday() + 1)
    window = Window(sunday - DAY, sunday)
    return _period(window, Window(window.start - 7 * DAY, window.end - 7 * DAY), "day")


def _named(match: re.Match[str], clock: _Clock) -> Period:
    window, unit = read_point(match["point"], clock.today)
    return _until_yesterday(window, unit, match, clock=clock)


def _week_of(match: re.Match[str], clock: _Clock) -> Period:
    day, unit = read_point(match["point"], clock.today)
    if unit != "day":
        raise AgentRefused(f"{match[0]!r} may be several weeks. Name a day of it, as 'week of 1 June 2026'.")
    return _until_yesterday(whole("week", day.start), "week", match, clock=clock)


def _between(match: re.Match[str], clock: _Clock) -> Period:
    first, last = match["first"], match["second"]
    if re.fullmatch(_SINGLE, first):
        month = re.search(rf"{MONTH}(?:,? \d{{4}})?", last, re.IGNORECASE)
        first = f"{first} {month[0] if month else ''}"
    elif re.fullmatch(rf"{_SINGLE}(?:,? \d{{4}})?", last):
        month = re.match(MONTH, first, re.IGNORECASE)
        last = f"{month[0] if month else ''} {last}"
    if has_year(first) and not has_year(last):
        start = read_point(first, clock.today)[0].start
        end = read_point(last, start + 365 * DAY)[0].end
    else:
        closing, _ = read_point(last, clock.today)
        end = closing.end
        start = read_point(first, closing.end)[0].start if not has_year(first) else read_point(first, end)[0].start
    return _range(start, end, match, clock=clock)


def _since(match: re.Match[str], clock: _Clock) -> Period:
    """Read "since May"; "from May" without "on" is the month, "from 1 May" the days since."""
    window, unit = read_point(match["point"], clock.today)
    if match["lead"].lower() == "from" and not match["open"] and unit != "day":
        return _until_yesterday(window, unit, match, clock=clock)
    return _range(window.start, clock.last, match, clock=clock)


def _onwards(match: re.Match[str], clock: _Clock) -> Period:
    window, _ = read_point(match["point"], clock.today)
    return _range(window.start, clock.last, match, clock=clock)


def _range(start: date, end: date, match: re.Match[str], *, clock: _Clock) -> Period:
    if end < start:
        raise AgentRefused(f"{match[0]!r} ends ({end}) before it starts ({start}). Name the earlier day first.")
    period = _until_yesterday(Window(start, end), "day", match, clock=clock)
    return replace(period, previous=preceding(period.window))


def _until_yesterday(window: Window, unit: Unit, match: re.Match[str], *, clock: _Clock) -> Period:
    if window.start > clock.today:
        raise AgentRefused(
            f"{match[0].strip()!r} ({in_words(window)}) lies in the future; there are no figures for it yet. "
            "Name a period that has begun."
        )
    if window.end < clock.today:
        before = preceding(window) if unit == "day" else whole(unit, window.start - DAY)
        return _period(window, before, unit)
    if window.start == clock.today:
        return _period(whole("day", clock.today), whole("day", clock.today - DAY), "day", remark="today is not over")
    cut = Window(window.start, clock.last)
    remark = f"{match[0].strip()} is not over; its days up to {day_in_words(clock.last)} are counted"
    return _so_far(unit, cut, remark=remark) if unit != "day" else _period(cut, preceding(cut), unit, remark=remark)


def _number(text: str) -> int:
    return NUMBER_WORDS.get(text.lower()) or int(text)


def _rule(pattern: str, read: _Read) -> tuple[re.Pattern[str], _Read]:
    return spaced(pattern), read


_RULES: tuple[tuple[re.Pattern[str], _Read], ...] = (
    _rule(rf"\b{_BACK}~(?:{_WHOLE}~)?{_COUNT}~{_UNIT}s?\b", _rolling),
    _rule(rf"\b{_BACK}~{_COUNT}~{_WHOLE}~{_UNIT}s?\b", _rolling),
    _rule(rf"\b(?:past|trailing|rolling)~{_UNIT}\b(?:['’]s)?", _rolling),
    _rule(r"\b(?:last|previous|prior)~(?P<unit>fortnight)\b", _rolling),
    _rule(rf"\b(?:the~)?{_COUNT}~{_UNIT}s?~(?:before|earlier|prior|preceding)(?:~that)?\b", _rolling),
    _rule(r"\b(?:past|last|l) ?-?(?P<count>\d{1,4}) ?(?P<unit>d)\b", _rolling),
    _rule(r"\b(?:the~)?(?P<unit>week|month|quarter|year)~before~(?P<last>last)\b", _last_unit),
    _rule(
        r"\b(?:last|previous|prev|prior|preceding)~(?:(?:full|whole|complete|completed|calendar)~)?"
        r"(?P<unit>week|wk|month|quarter|year)\b(?:['’]s)?(?!~(?:to|so)~)",
        _last_unit,
    ),
    _rule(
        r"\b(?:this|the~current|current)~(?P<unit>week|month|quarter|year)\b(?:['’]s)?(?:~(?:to~date|so~far))?",
        _to_date,
    ),
    _rule(r"\b(?P<unit>week|month|quarter|year)~to~date\b", _to_date),
    _rule(r"\bso~far~this~(?P<unit>week|month|quarter|year)\b", _to_date),
    _rule(r"\bthe~(?P<unit>week|month|quarter|year)~(?:so~far|to~date)\b", _to_date),
    _rule(r"\bsince~the~(?:start|beginning)~of~(?:the|this)~(?P<unit>week|month|quarter|year)\b", _to_date),
    _rule(r"\b(?P<unit>[wmqy])td\b", _to_date),
    _rule(r"\b(?:today|yesterday|(?:the~)?day~before~yesterday)\b(?:['’]s)?", _day),
    _rule(rf"\b{_COUNT}~days?~ago\b", _days_ago),
    _rule(rf"\b{_COUNT}~(?P<unit>week|month|quarter|year)s~ago\b", _units_ago),
    _rule(rf"\b(?:last|past|previous|this~past)~(?P<weekday>{_WEEKDAY})\b(?:['’]s)?", _weekday),
    _rule(rf"\bsince (?P<weekday>{_WEEKDAY})\b", _since_weekday),
    _rule(r"\b(?:last|past|previous|this~past)~weekend\b(?:['’]s)?", _weekend),
    _rule(r"(?<![\w-])(?:in|for|during|of|year) (?P<point>(?:19|20)\d{2})\b(?![.,]?\d|%)", _named),
    _rule(r"(?<=,\s)(?P<point>(?:19|20)\d{2})(?=[.!?]?$)", _named),
    _rule(r"\b(?P<point>(?:19|20)\d{2})(?= (?:vs\.?|versus|against|compared) (?:19|20)\d{2}\b)", _named),
    _rule(r"(?:(?<=\d\svs\s)|(?<=\d\sversus\s)|(?<=\d\sagainst\s))(?P<point>(?:19|20)\d{2})\b(?![.,]?\d|%)", _named),
    _rule(rf"(?<![\w-])(?!(?:19|20)\d{{2}}\b(?! ?-?[wq]\d|-\d))(?P<point>{POINT})(?!\w)", _named),
    _rule(rf"(?<![\w-])(?P<point>{POINT}) (?:so~far|to~date)\b", _named),
    _rule(rf"\bweek (?:of|starting|beginning|commencing)(?: on)? (?P<point>{POINT})(?!\w)", _week_of),
    _rule(
        rf"\b(?:from )?(?<![\w-])(?P<first>{POINT}|{_SINGLE}(?={_JOIN}{_SINGLE} (?:of )?{MONTH}))"
        rf"{_JOIN}(?P<second>{POINT})(?!\w)",
        _between,
    ),
    _rule(
        rf"\b(?:from )?(?P<point>{POINT}) (?:until|till|through|(?:up )?to)(?: and including)? (?:now|yesterday)\b",
        _onwards,
    ),
    _rule(
        rf"\b(?:in )?(?P<first>(?:19|20)\d{{2}}),? (?:up to|until|till|through)(?: and including)? (?:the end of )?"
        rf"(?P<second>{POINT})(?!\w)",
        _between,
    ),
    _rule(rf"\bbetween (?P<first>{POINT}|{_SINGLE}) and (?P<second>{POINT})(?!\w)", _between),
    _rule(
        rf"(?<![\w-])(?P<first>{MONTH} {_SINGLE}){_JOIN}(?P<second>{_SINGLE}(?:,? (?:19|20)\d{{2}})?)(?!\w)", _between
    ),
    _rule(
        rf"\b(?P<lead>since|from) (?:the (?:start|beginning) of )?(?P<point>{POINT})"
        r"(?P<open> (?:on|onwards?|until (?:now|today|yesterday)|to (?:date|now|yesterday)))?(?!\w)",
        _since,
    ),
)
