"""The period of a prompt and what it is compared with: "last week", "May against April", "compare Q1 with Q4"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from interact.agents.analyst.contrasts import Contrast, is_relative
from interact.agents.analyst.pieces import Sheet
from interact.agents.analyst.spans import DAY, preceding
from interact.agents.analyst.windows import Period
from interact.errors import AgentRefused, listed
from interact.warehouse.queries import Window

_PAIR = re.compile(r"k[hi]*w[hiq]*(?:,|&|,&|q|k)?[hiq]*[wp]|w[hi,]*k[hi]*[wp]")
_SET_APART = re.compile(r"k[^.wpk]*w[hi,]*[q&]?[hi]*w")
_BEFORE = re.compile(r",?[hi]*q[hi]*[ijMch|]*[wp]")
_CONTRAST = re.compile(r"k[hi]*[wp]")
_POINTS_BACK = re.compile(r"\b(?:before|earlier|prior|ago|same|preceding|previous|last)\b", re.IGNORECASE)


def read_periods(sheet: Sheet) -> tuple[Period | None, Contrast | Period | None, bool]:
    """Return the period, what it is to be compared with, and whether the words for that may mean a period to show."""
    _read_years_before(sheet)
    other = _other_period(sheet)
    named = [sheet.pieces[at].value for at in sheet.of_kind("w")]
    periods = {each.window: each for each in named if isinstance(each, Period)}
    if joined := _joined(sheet, tuple(periods.values())):
        periods = {joined.window: joined}
    if len(periods) > 1:
        words = listed(each.words for each in periods.values())
        count = "two" if len(periods) == 2 else len(periods)
        raise AgentRefused(
            f"The prompt names {count} periods, {words}. Name one, or write 'compared with' between two to set one "
            "against the other."
        )
    sheet.claim(sheet.of_kind("w"))
    period = next(iter(periods.values()), None)
    told = [at for at in sheet.of_kind("p") if not _is_a_point(sheet, at)]
    kinds = {sheet.pieces[at].value for at in told}
    sheet.claim(told)
    if len(kinds) + (other is not None) > 1:
        raise AgentRefused("The prompt asks for two comparisons in time. Name one.")
    if other is not None:
        later = period is not None and other.window.start > period.window.end
        return (other, period, False) if later else (period, other, False)
    kind: Contrast | None = next(iter(kinds), None)  # type: ignore[arg-type]  # pieces of kind p hold a Contrast
    bare = any(_POINTS_BACK.search(sheet.pieces[at].text) for at in told)
    return period, kind, bare and not set("ku") & set(sheet.shape)


def _read_years_before(sheet: Sheet) -> None:
    """Read "January against January a year ago" as January against the same days of the year before."""
    for match in re.finditer(r"k[hi]*w(?=[hi]*p)", sheet.shape):
        at = match.end() - 1
        again = [n for n in sheet.of_kind("w") if n != at and _window(sheet, n) == _window(sheet, at)]
        after = next(piece for piece in sheet.pieces[at + 1 :] if piece.kind == "p")
        if again and re.search(r"\byears? (?:ago|before|earlier|prior)$", after.text, re.IGNORECASE):
            sheet.pieces = (*sheet.pieces[:at], replace(sheet.pieces[at], kind="h"), *sheet.pieces[at + 1 :])


def _window(sheet: Sheet, at: int) -> Window | None:
    value = sheet.pieces[at].value
    return value.window if isinstance(value, Period) else None


def _joined(sheet: Sheet, periods: Sequence[Period]) -> Period | None:
    """Return "April, May and June" as one period, and say so; None where two do not touch or move with today."""
    places = [at for at in sheet.of_kind("w") if sheet.pieces[at].value in periods]
    if len(periods) < 2 or len(places) != len(periods) or any(is_relative(each) for each in periods):
        return None
    joints = [sheet.shape[one + 1 : other] for one, other in pairwise(places)]
    listing = all(re.fullmatch(r"[hi]*(?:,|&|,&)[hi]*", joint) for joint in joints) and "&" in joints[-1]
    touch = all(
        one.window.end + DAY == other.window.start and one.unit == other.unit for one, other in pairwise(periods)
    )
    if not (listing and touch):
        return None
    window = Window(periods[0].window.start, periods[-1].window.end)
    words = sheet.words(places[0], places[-1] + 1)
    sheet.remarks.append(f"{words!r} is read as one period.")
    return replace(periods[-1], words=words, window=window, previous=preceding(window), unit="day", count=None)


def _is_a_point(sheet: Sheet, at: int) -> bool:
    """Tell whether "a week ago" stands alone: a day in the past, which is not said for certain, and no comparison."""
    words = sheet.pieces[at].text.casefold()
    return words.endswith("ago") and "same" not in words and not re.search(r"k[hi]*$", sheet.shape[:at])


def _other_period(sheet: Sheet) -> Period | None:
    """Return the period that stands after "compared with", and claim it with the words around it."""
    for clause in _BEFORE.finditer(sheet.shape):
        ending = sheet.pieces[clause.end() - 1]
        if re.search(r"\b(?:having|had) been\b", sheet.words(*clause.span()), re.IGNORECASE):
            sheet.newly = True
            sheet.claim(range(clause.start(), clause.end() - (ending.kind == "p")))
            return ending.value if isinstance(ending.value, Period) else None
    pair = _PAIR.search(sheet.shape) or _set_apart(sheet)
    lone = _CONTRAST.search(sheet.shape)
    _refuse_half_a_pair(sheet, is_pair=pair is not None)
    match = pair or lone
    if match is None:
        return None
    sheet.claim(at for at in range(*match.span()) if sheet.pieces[at].kind == "k")
    last = sheet.pieces[match.end() - 1]
    comparing = sheet.pieces[match.start()].text.casefold() in ("compare", "comparing")
    if last.kind == "p" or not isinstance(last.value, Period) or (not pair and comparing):
        return None
    sheet.claim([match.end() - 1])
    return last.value


def _refuse_half_a_pair(sheet: Sheet, *, is_pair: bool) -> None:
    """Refuse "compare mobile with last week", which does not say what last week is to be compared with."""
    match = re.search(r"k[^.wpk]*q[hi]*w", sheet.shape)
    if match and not is_pair and sheet.shape.count("w") == 1 and sheet.words(*match.span()).casefold()[:4] == "comp":
        words = sheet.pieces[match.end() - 1].text
        raise AgentRefused(f"I could not tell what is to be compared with {words!r}. Name both periods.")


def _set_apart(sheet: Sheet) -> re.Match[str] | None:
    """Return where two periods are compared with words between: "compare spend in Q1 with Q4"."""
    match = _SET_APART.search(sheet.shape)
    if match and sheet.pieces[match.start()].text.casefold() in ("compare", "comparing"):
        sheet.claim(at for at in range(*match.span()) if sheet.pieces[at].kind in "q&")
        return match
    return None
