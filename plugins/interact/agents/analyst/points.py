"""Calendar points in words: a day, week, month, quarter, half or year that is named, not counted from today."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from interact.agents.analyst.spans import DAY, MONTH_NAMES, Unit, whole
from interact.errors import AgentRefused
from interact.warehouse.queries import Window

_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" if name != "September" else "sept?(?:ember)?" for name in MONTH_NAMES)
MONTH = rf"(?:{_MONTH})\b\.?"
_DAY = r"[0-3]?\d(?:st|nd|rd|th)?\b"
_YEAR = r"(?:19|20)\d{2}\b"
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_SHAPES: tuple[tuple[str, str], ...] = (
    ("iso", r"\d{4}-\d{2}-\d{2}\b"),
    ("numbers", r"(?P<a0>\d{1,2})(?P<s0>[/.])(?P<b0>\d{1,2})(?P=s0)(?P<y13>\d{4})\b"),
    ("week", rf"(?P<y0>{_YEAR})[ -]?w(?P<n0>\d{{1,2}})\b"),
    (
        "week",
        r"(?:calendar week|week|wk|cw) (?P<n1>\d{1,2})\b(?!\s*(?:days|weeks|months|%))"
        rf"(?:,? (?:of )?(?P<y1>{_YEAR}))?",
    ),
    ("day", rf"(?P<d2>{_DAY}) (?:of )?(?P<m2>{MONTH})(?:,? (?P<y2>{_YEAR}))?"),
    ("day", rf"(?P<m3>{MONTH}) (?:the )?(?P<d3>{_DAY})(?:,? (?P<y3>{_YEAR}))?"),
    ("part", rf"(?P<o14>first|second) half of (?P<m14>{MONTH})(?:,? (?:of )?(?P<y14>{_YEAR}))?"),
    ("month", rf"(?P<m4>{MONTH}) (?:of )?(?P<r4>last|this) year\b"),
    ("month", rf"(?P<m4>{MONTH})(?:,? (?:of )?(?P<y4>{_YEAR}))?"),
    ("month", rf"(?P<y5>{_YEAR[:-2]})-(?P<n5>0[1-9]|1[0-2])\b(?!-)"),
    ("quarter", r"(?:q(?P<n6>[1-4])|(?P<o8>first|second|third|fourth) quarter) (?:of )?(?P<r4>last|this) year\b"),
    ("quarter", rf"q(?P<n6>[1-4])\b(?:,?[ -]?(?:of )?(?P<y6>{_YEAR}))?"),
    ("quarter", rf"(?P<y7>{_YEAR})[ -]?q(?P<n7>[1-4])\b"),
    ("quarter", rf"(?P<o8>first|second|third|fourth) quarter(?:,? (?:of )?(?P<y8>{_YEAR}))?"),
    ("half", rf"h(?P<n9>[12])\b(?:,?[ -]?(?:of )?(?P<y9>{_YEAR}))?"),
    ("half", rf"(?P<o10>first|second) half (?:of (?:the year )?)?(?P<y10>{_YEAR})"),
    ("half", r"(?P<o10>first|second) half of (?P<r4>last|this) year\b"),
    ("year", rf"(?P<y11>{_YEAR})"),
)


def spaced(pattern: str) -> re.Pattern[str]:
    """Compile a pattern in which a blank stands for one or more, and `~` for blanks or hyphens."""
    return re.compile(re.sub(r" (?![?*-])", " +", pattern).replace("~", "[ -]+"), re.IGNORECASE)


_PATTERNS = tuple((kind, spaced(shape)) for kind, shape in _SHAPES)
POINT = "|".join(re.sub(r"\(\?P=\w+\)", "[/.]", re.sub(r"\?P<\w+>", "?:", shape)) for _, shape in _SHAPES)


def read_point(text: str, latest: date) -> tuple[Window, Unit]:
    """Return the whole unit that a text names; without a year the latest one that has begun by `latest`."""
    for kind, pattern in _PATTERNS:
        match = pattern.fullmatch(text.strip())
        if match:
            parts = {key[0]: value for key, value in match.groupdict().items() if value}
            if "r" in parts:
                parts["y"] = str(latest.year - (parts["r"].lower() == "last"))
            try:
                return _window(kind, parts, text=match[0], latest=latest), _unit(kind)
            except ValueError:
                break
    raise AgentRefused(f"{text.strip()!r} is no date of the calendar. Write dates as 2026-06-14 or 14 June 2026.")


def has_year(text: str) -> bool:
    """Tell whether a point names its year."""
    return re.search(_YEAR, text) is not None


def _unit(kind: str) -> Unit:
    units: dict[str, Unit] = {"week": "week", "month": "month", "quarter": "quarter", "half": "half", "year": "year"}
    return units.get(kind, "day")


def _window(kind: str, parts: dict[str, str], *, text: str, latest: date) -> Window:
    if kind == "iso":
        return whole("day", date.fromisoformat(text))
    if kind == "numbers":
        return whole("day", _in_numbers(text, int(parts["a"]), int(parts["b"]), int(parts["y"])))
    number = _ORDINALS.get(parts.get("o", "").lower()) or int(parts.get("n", 0))
    builders: dict[str, Callable[[int], Window]] = {
        "week": lambda year: whole("week", date.fromisocalendar(year, number, 1)),
        "day": lambda year: whole("day", date(year, _month(parts["m"]), int(re.sub(r"\D", "", parts["d"])))),
        "month": lambda year: whole("month", date(year, _month(parts["m"]) if "m" in parts else number, 1)),
        "part": lambda year: _half_month(whole("month", date(year, _month(parts["m"]), 1)), number),
        "quarter": lambda year: whole("quarter", date(year, number * 3, 1)),
        "half": lambda year: whole("half", date(year, number * 6, 1)),
        "year": lambda year: whole("year", date(year, 1, 1)),
    }
    build = builders[kind]
    return build(int(parts["y"])) if "y" in parts else _latest(build, latest)


def _half_month(month: Window, number: int) -> Window:
    """Return a month's first 15 days, or the rest."""
    middle = month.start + 14 * DAY
    return Window(month.start, middle) if number == 1 else Window(middle + DAY, month.end)


def _in_numbers(text: str, first: int, second: int, year: int) -> date:
    """Return the day of a date in numbers that can be read in one way only: 14/06/2026, 06/14/2026, 05/05/2026."""
    if first <= 12 and second <= 12 and first != second:
        one, other = (date(year, month, day) for day, month in ((first, second), (second, first)))
        readings = " or ".join(f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}" for day in (one, other))
        raise AgentRefused(f"The date {text!r} can be read in two ways, {readings}. Write it as 2026-06-14.")
    return date(year, second, first) if second <= 12 else date(year, first, second)


def _month(text: str) -> int:
    return [name[:3].lower() for name in MONTH_NAMES].index(text[:3].lower()) + 1


def _latest(build: Callable[[int], Window], latest: date) -> Window:
    """Try years backwards, since 29 February and week 53 do not exist in each."""
    for year in range((latest + DAY * 7).year, latest.year - 9, -1):
        try:
            window = build(year)
        except ValueError:
            continue
        if window.start <= latest:
            return window
    raise ValueError("no such day")
