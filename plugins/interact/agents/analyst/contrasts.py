"""What a window is compared with: words as "year over year", and two windows set against each other."""

from __future__ import annotations

import re
from typing import Literal

from interact.agents.analyst.points import has_year, spaced
from interact.agents.analyst.spans import DAY, back, is_whole_months, months_in, same_dates, year_before
from interact.agents.analyst.windows import Period
from interact.errors import AgentRefused
from interact.warehouse.queries import Window

Contrast = Literal["previous", "day", "week", "month", "quarter", "year", "none"]
_UNIT = "(?P<unit>week|month|quarter|year)"
_SAME = "(?:the )?same (?:period|days?|dates|week|month|quarter|time)"
_SHAPES: tuple[tuple[str, Contrast], ...] = (
    (r"\b(?:no|without(?: any| a)?) comparisons?\b|\b(?:do not|don't) compare\b(?: (?:it|them|this))?", "none"),
    (rf"\b{_SAME}(?: of| in)?(?: the)? (?:last|previous|prior) {_UNIT}\b", "previous"),
    (rf"\b{_SAME},? (?:a|one) {_UNIT} (?:ago|earlier|before)\b", "previous"),
    (r"\b(?:the )?(?:previous|prev|prior|preceding|last) period\b|\b(?:the )?period before\b", "previous"),
    (
        r"\b(?:the |a |one )?(?P<unit>day|week|month|quarter|year) (?:before|earlier|ago|prior)\b"
        r"(?! (?:yesterday|last)\b)",
        "previous",
    ),
    (rf"\b{_UNIT} (?:over|on) (?:week|month|quarter|year)\b", "previous"),
    (r"\b(?:yoy|y/y|ly)\b", "year"),
    (r"\b(?:mom|m/m)\b", "month"),
    (r"\b(?:wow|w/w)\b", "week"),
    (r"\b(?:qoq|q/q)\b", "quarter"),
)
_WORDS = tuple((spaced(shape.replace(" ", "~")), kind) for shape, kind in _SHAPES)
_RELATIVE = re.compile(r"(?:the )?(?:past|last|previous|prev|prior|preceding)\b", re.IGNORECASE)


def find_contrasts(text: str) -> list[tuple[tuple[int, int], Contrast]]:
    """Return the words that ask for a comparison in time without naming dates, and where they stand."""
    found: list[tuple[tuple[int, int], Contrast]] = []
    for pattern, kind in _WORDS:
        for match in pattern.finditer(re.sub(r"\s", " ", text)):
            if all(match.end() <= start or end <= match.start() for (start, end), _ in found):
                unit = match.groupdict().get("unit")
                found.append((match.span(), _contrast(unit) if unit else kind))
    return sorted(found)


def contrasted(period: Period, kind: Contrast) -> Window | None:
    """Return the window to compare with; raises AgentRefused where the lengths do not fit."""
    days = period.window.days
    if kind == "none":
        return None
    if kind == "year":
        return period.previous if period.unit == "year" else year_before(period.window, weekdays=period.unit == "week")
    usual = {"previous": (days, days), "day": (1, 1), "week": (7, 7), "month": (28, 31), "quarter": (89, 92)}[kind]
    if period.unit == kind or usual[0] <= days <= usual[1]:
        return period.previous
    if kind == "week" and days < 7:
        return Window(period.window.start - 7 * DAY, period.window.end - 7 * DAY)
    if kind == "month" and days < 28:
        return same_dates(period.window, 1)
    raise AgentRefused(
        f"{period.words!r} ({days} days) cannot be compared with a {kind}: the lengths differ. "
        "Ask for 'compared with the previous period' or 'compared with last year'."
    )


def contrasted_with(period: Period, other: Period) -> Window:
    """Return the window of another period to compare with; "last month" beside a month to date is its same days."""
    if other.count and other.count > 1:
        days = Window(back(other.unit, period.window.start, other.count), period.window.start - DAY)
        return period.previous if abs(days.days - period.window.days) <= 3 else days
    relative = _RELATIVE.match(other.words) is not None and not has_year(other.words)
    if relative and (other.unit == period.unit or _touch(other.window, period.window)):
        window = contrasted(period, "year" if other.unit == "year" else _contrast(other.unit))
        if window is not None:
            return window
    if relative and other.unit == "year":
        return year_before(period.window, weekdays=period.unit == "week")
    if _touch(other.window, period.window):
        raise AgentRefused(f"{period.words!r} and {other.words!r} share days, so they cannot be compared.")
    return _as_long(period, other)


def is_relative(other: Period) -> bool:
    """Tell whether a period to compare with moves with the one that it is compared with: "last month", not "May"."""
    return bool(other.count) or (_RELATIVE.match(other.words) is not None and not has_year(other.words))


def _as_long(period: Period, other: Period) -> Window:
    """Return another window cut to as many days where the period is not over; raises AgentRefused where they differ."""
    days, window = period.window.days, other.window
    cut = period.remark and window.days > days
    if cut:
        return Window(window.start, window.start + (days - 1) * DAY)
    alike = is_whole_months(period.window) and is_whole_months(window) and months_in(period.window) == months_in(window)
    if days != window.days and not alike:
        raise AgentRefused(
            f"{period.words!r} has {days} days and {other.words!r} {window.days}, so their changes would mislead. "
            "Name two periods of the same length."
        )
    return window


def _contrast(unit: str) -> Contrast:
    units: dict[str, Contrast] = {"day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"}
    return units.get(unit.lower(), "previous")


def _touch(one: Window, other: Window) -> bool:
    return one.start <= other.end and other.start <= one.end
