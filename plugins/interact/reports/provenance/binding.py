"""Whether a claim is shown by a cell, a calculation, a count, or what was stated. Narrow: a chance hit is no proof."""

from __future__ import annotations

import re
from collections.abc import Iterator

from interact.chats.calculation import POINTS
from interact.chats.result import Column
from interact.reports.provenance import cues
from interact.reports.provenance.claims import Claim, Who
from interact.reports.provenance.ground import Ground, Made, Series, Sheet
from interact.reports.provenance.numerals import Numeral

_TOTALS = frozenset({"total", "all", "overall", "grand total", "sum", "everything"})
_PERCENT_WORDS = re.compile(r"rate|share|percent|pct|ratio|ctr|cvr|change|growth", re.IGNORECASE)
_BOUND = re.compile(
    r"(?:below|above|under|over|than|least|most|exceed\w*|thresholds?|targets?|goals?|limits?|benchmarks?|minimum|maximum"
    r"|up to|within|beyond|reach\w*|caps?|between|and|to|from|at|of|or|beat|hit|[<>≤≥=])"
    r"\W*(?:a|an|the|your|our|its)?\W*$",
    re.IGNORECASE,
)
_SPAN = re.compile(
    r"^[\s-]*(?:(?:full|complete|whole|more|further|consecutive|straight|business|working|calendar)\s+)?"
    r"(?P<unit>day|week|month|quarter|year|hour|minute)s?\b",
    re.IGNORECASE,
)
_NOUN = re.compile(
    r"^\s*(?:of\s+(?:the\s+|its\s+|all\s+|these\s+|our\s+)?)?(?:\d[\d,]*\s+)?"
    r"(?P<words>[A-Za-z][\w-]*(?:\s+[A-Za-z][\w-]*){0,3})"
)
_LENGTHS = {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365}


def is_bound(claim: Claim, ground: Ground) -> bool:
    """Return whether something shows that a number is what it is said to be."""
    span = _SPAN.match(claim.right)
    if span and claim.numeral.unit == "plain":
        return _is_known_span(claim, span["unit"].lower(), ground)
    if (count := is_right_count(claim, ground)) is not None:
        return count
    return _is_stated(claim, ground) or _is_cell(claim, ground) or any(_is_made(claim, each) for each in ground.made)


def is_right_count(claim: Claim, ground: Ground) -> bool | None:
    """Return whether a number of things is right; None where it does not count rows or members."""
    whole, found = claim.numeral.whole, _NOUN.match(claim.right)
    if whole is None or found is None:
        return None
    words = found["words"].lower().split()
    for length in (3, 2, 1):
        for start in range(len(words) - length + 1):
            name = _dimension(" ".join(words[start : start + length]), ground)
            if name is not None and start <= 2:
                return whole in ground.counts.get(name, ()) or whole in ground.counts[""] or whole == claim.others > 0
    if words[0] in ("row", "rows", "result", "results"):
        return whole in ground.counts[""]
    return None


def _is_cell(claim: Claim, ground: Ground) -> bool:
    roles = claim.roles
    if claim.metrics is None:
        series = ground.series
    else:
        series = [each for metric in claim.metrics for each in ground.by_metric.get(metric, ())]
    if roles == {"before"} and not any(each.role == "before" for each in series):
        roles = frozenset({"now"})
    return any(_shows(each, claim) for each in series if each.role in roles and _may_be(each, claim, ground))


def _may_be(series: Series, claim: Claim, ground: Ground) -> bool:
    """Return whether a column may be meant: "CTR of 3.7%" is a level, and its change stands in brackets or signed."""
    if series.role != "change" or "now" not in claim.roles or claim.numeral.sign:
        return True
    own = ground.by_metric.get(series.metric, ())
    is_percent = any(each.role == "now" and each.column.format == "percent" for each in own)
    return not is_percent or claim.left.rstrip("*_ ").endswith(("(", ","))


def _shows(series: Series, claim: Claim) -> bool:
    sheet, own = series.sheet, None
    is_theirs = claim.who and not claim.or_whole and not claim.only_whole
    if is_theirs and sheet.labels and not _is_limited_to(sheet, claim.who[0]):
        own = sheet.rows_of(claim.who[0].members, claim.who[0].dimensions)
        if not own:
            return False
    for factor in _factors(series.column, claim):
        for low, high in _limits(claim.numeral):
            least, most = max(low, 0.0) / factor, high / factor
            for row in series.rows(least, most) if own is None else series.among(own, least, most):
                if _has_sign(series.value(row), claim, changes=series.role == "change") and _is_whose(
                    series, row, claim
                ):
                    return True
    return False


def _limits(numeral: Numeral) -> Iterator[tuple[float, float]]:
    for reading in numeral.readings:
        yield reading.low_high(numeral.hedge)


def _factors(column: Column, claim: Claim) -> tuple[float, ...]:
    """Return by what a column's figures are multiplied to be in a number's unit; none where they cannot be."""
    unit, named = claim.numeral.unit, claim.metrics is not None
    match column.format:
        case "percent":
            fits, factor = unit == ("points" if column.unit == POINTS else "percent"), 100.0
        case "currency":
            own = column.unit is None or column.unit in claim.numeral.currencies
            fits, factor = (unit == "money" and own) or (unit == "plain" and named), 1.0
        case "ratio":
            fits = unit in ("percent", "times") or (unit == "plain" and (named or not claim.numeral.is_whole))
            factor = 100.0 if unit == "percent" else 1.0
        case "integer":
            fits, factor = unit == "plain", 1.0
        case _:
            return _of_unknown(column, claim, named=named)
    return (factor,) if fits else ()


def _of_unknown(column: Column, claim: Claim, *, named: bool) -> tuple[float, ...]:
    """Return the same for a column of which no unit is known, as in SQL that an agent wrote."""
    match claim.numeral.unit:
        case "percent":
            return (100.0, 1.0) if _PERCENT_WORDS.search(f"{column.name} {column.label}") else ()
        case "money":
            return (1.0,) if named and column.unit is None else ()
        case "points":
            return (1.0,) if column.unit == POINTS else ()
        case _:
            return (1.0,)


def _has_sign(value: float, claim: Claim, *, changes: bool) -> bool:
    if changes:
        way = claim.direction
        return not way or (value > 0) == (way > 0) or value == 0
    if claim.numeral.sign == "+":
        return False
    if value < 0:
        return claim.numeral.sign == "-" or cues.is_loss(claim.left, claim.right)
    return claim.numeral.sign != "-"


def _is_whose(series: Series, row: int, claim: Claim) -> bool:
    sheet = series.sheet
    if claim.only_whole:
        return _is_whole(sheet, row) and all(_is_limited_to(sheet, who) or _fits(sheet, row, who) for who in claim.who)
    if sheet.is_total or (len(sheet.result.rows) == 1 and not claim.who):
        return claim.or_whole or not claim.who or _is_limited_to(sheet, claim.who[0])
    named = [who for who in claim.who if who.dimensions & sheet.labels.keys()]
    if not all(_fits(sheet, row, who) for who in named):
        return False
    has_day = bool(sheet.days) and bool(claim.days)
    if has_day and not _is_of_day(sheet, row, claim):
        return False
    return _is_only(series, row, claim, named, has_day=has_day)


def _is_whole(sheet: Sheet, row: int) -> bool:
    if sheet.is_total:
        return True
    return bool(sheet.labels) and all(sheet.member(row, name) in _TOTALS for name in sheet.labels)


def _is_limited_to(sheet: Sheet, who: Who) -> bool:
    return any(sheet.is_limited_to(member) for member in who.members)


def _fits(sheet: Sheet, row: int, who: Who) -> bool:
    return any(sheet.member(row, name) in who.members for name in who.dimensions if name in sheet.labels)


def _is_of_day(sheet: Sheet, row: int, claim: Claim) -> bool:
    day = sheet.day(row)
    return day is not None and any(each.fits(day) for each in claim.days)


def _is_only(series: Series, row: int, claim: Claim, named: list[Who], *, has_day: bool) -> bool:
    """Return whether what is named leaves this row alone, or it is an end of what is left and an end is spoken of."""
    sheet, rows = series.sheet, series.sheet.result.rows
    if not named and not has_day:
        return len(rows) == 1 or (claim.of_an_end and row in sheet.ends) or _is_whole(sheet, row)
    own = sheet.alike(
        row, tuple(sheet.labels[name] for who in named for name in who.dimensions if name in sheet.labels)
    )
    if has_day:
        own = [n for n in own if _is_of_day(sheet, n, claim)]
    if len(own) == 1:
        return True
    if not claim.of_an_end:
        return False
    values = [series.value(n) for n in own]
    return series.value(row) in (min(values), max(values)) or row in (own[0], own[-1])


def _is_made(claim: Claim, made: Made) -> bool:
    if claim.metrics is not None and not claim.metrics & made.metrics:
        return False
    changes = made.column.is_change
    if changes != cues.is_change(claim.left, claim.right, sign=claim.numeral.sign) and changes:
        return False
    return any(
        max(low, 0.0) <= abs(made.value) * factor <= high and _has_sign(made.value, claim, changes=changes)
        for factor in _factors(made.column, claim)
        for low, high in _limits(claim.numeral)
    )


def _dimension(words: str, ground: Ground) -> str | None:
    known = ground.dimensions
    for each in (words, words.removesuffix("s"), f"{words.removesuffix('ies')}y", words.removesuffix("es")):
        if each in known and not ground.metrics.knows(each):
            return known[each]
    return None


def _is_stated(claim: Claim, ground: Ground) -> bool:
    """Return whether the number was stated before, and stands here as the same thing: a threshold, a target, an n."""
    sizes = {reading.size for reading in claim.numeral.readings}
    near = bool(_BOUND.search(claim.left[-40:])) or claim.right.lstrip().startswith("target")
    if near and sizes & set(ground.stated.numbers) and "target" in claim.left[-60:] + claim.right[:12]:
        return True
    if sizes == {0.0} and _has_threshold(claim):
        return True  # Below zero is a side, no figure.
    for said, behind in ground.said:
        same_unit = claim.numeral.unit in (said.unit, "plain") or said.unit == "plain"
        if not same_unit or not sizes & {reading.size for reading in said.readings}:
            continue
        if said.unit == "money" == claim.numeral.unit and not said.currencies & claim.numeral.currencies:
            continue
        if (near and _has_threshold(claim)) or (_first(behind) and _first(behind) == _first(claim.right)):
            return True
    return False


def _has_threshold(claim: Claim) -> bool:
    return bool(
        re.search(
            r"\b(?:below|above|under|over|than|least|most|exceed\w*|threshold|target|goal|limit|benchmark|minimum|maximum"
            r"|up to|within|beyond|caps?)\b|[<>≤≥]",
            claim.left[-60:],
            re.IGNORECASE,
        )
    )


def _first(text: str) -> str:
    found = re.match(r"[\s-]*([A-Za-z]{3,})", text)
    return found[1].lower().removesuffix("s") if found else ""


def _is_known_span(claim: Claim, unit: str, ground: Ground) -> bool:
    """Return whether a length of time was stated, or is that of a period or of a result."""
    whole = claim.numeral.whole
    for said, behind in ground.said:
        if said.whole == whole and (match := _SPAN.match(behind)) and match["unit"].lower() == unit:
            return True
    size = _LENGTHS.get(unit)
    days = {length // size for length in ground.lengths if length % size == 0 or unit != "week"} if size else set()
    by_day = {
        count for name, own in ground.counts.items() if name in ("day", "week", "month", "date", unit) for count in own
    }
    return whole in days | by_day or float(whole or -1) in ground.stated.numbers
