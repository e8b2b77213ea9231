"""Which tables a prompt asks for: "by market", "top 5 campaigns by ROAS", "weekly spend per channel"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from interact.agents.analyst.lexicon import Token
from interact.agents.analyst.pieces import Sheet
from interact.agents.analyst.request import Breakdown, Ranking
from interact.errors import AgentRefused
from interact.warehouse.queries import Grain
from interact.warehouse.semantic import SemanticModel

_BOTH_ENDS = re.compile(r"n?[hi]*r[hi]*n?[hi]*&[hi]*n?[hi]*r[hi]*n?[hiS]*d[hiqS]*(?:b[hi]*m)?")
_RANKED = re.compile(r"n?[hij]*r[hi]*n?[hiS]*d(?:[hiqS]*b[hi]*m|[hiS,]*o[hi]*m|[hiq]+r[hi]*m)?")
_SUPERLATIVE = re.compile(
    r"n?[hiy]*d[hiqS]*r[hi]*m|r[hi]*m[hi]*b?[hi]*d|d[hiS]*r(?![hi]*[nmd])|n?[hiy]*d[hiq]*m[hi]*r(?![hi]*[nmd])"
)
_WITHOUT_DIMENSION = re.compile(r"r[hiy]*n?[hi]*b[hi]*m")
_ALONE = re.compile(r"n?[hiy]*r(?![hi]*n?[hi]*m)[hi]*n?")
_NESTED = re.compile(r"[hi]*b[hi]*d")
_ORDERED = re.compile(r"(?:o|(?<=d)b|(?<=dS)b)[hi]*m[hi,]*(?:o(?![hi]*m))?")
_ORDERED_ALONE = re.compile(r"o(?![hi]*m)")
_TRAILING = re.compile(r"[hi,]*o(?![hi]*m)")
_TIMED = re.compile(
    r"g[hiS]*(?:[mt][hi]*(?:[,&]|,&)?[hi]*)*(?:w[hi]*)?b[hi]*d|g&[hi]*d|b[hi]*d(?:[hi]*|[hi]*&[hi]*)g|b[hi]*d[hi]*&[hi]*T"
)
_COMMA = re.compile(r"b[hi]*d[hi]*,[hi]*g|g[hi]*(?:w[hi]*)?,[hi]*b[hi]*d")
_SPLIT = re.compile(r"b[hiy]*d(?:[hi]*(?:,|&|,&)[hiy]*d)*|g")
_SPLITTING = re.compile(r"(?:split|split out|broken down|break down|segmented|grouped) (?:by|per)\b", re.IGNORECASE)
_BEST = re.compile(r"h[^.]*?r(?=[hi]*(?:[w.,]|$))")
_ROWS = re.compile(r"r[hi]*n(?![hi]*[dmb])")
_GROUPED = re.compile(r"b[hiy]*d(?:[hi]*(?:,|&|,&)[hiy]*d(?![hi]*[qc])|[hi]*b[hiy]*d)*")
_WITHIN = re.compile(r"(?<!b)d[h]*i[hi]*b[hiy]*d")
_REPORTED = frozenset(
    {"report", "reports", "briefing", "update", "review", "meeting", "overview", "recap", "digest", "newsletter"}
)
_PERIODIC = re.compile(r"daily|weekly|monthly|quarterly|annual|yearly|(?:mon|tues|wednes|thurs|fri)day", re.IGNORECASE)
MOST_TABLES = 5
_MOST_ROWS, _MOST_DIMENSIONS = 200, 3
_GRAINS = ("day", "week", "month", "quarter", "year", "auto")
BOTH_ENDS = 5
"""How many of the best and of the worst are shown when no number is named."""


@dataclass
class _Reader:
    sheet: Sheet
    model: SemanticModel
    found: list[Breakdown] = field(default_factory=list)
    order: Ranking | None = None
    notes: list[str] = field(default_factory=list)


def read_breakdowns(
    sheet: Sheet, model: SemanticModel, contrasted: Iterable[str], *, further: bool = False
) -> tuple[tuple[Breakdown, ...], Ranking | None, tuple[str, ...]]:
    """Return the tables asked for, the order asked for without one, and remarks on the reading; claims their pieces.

    After another question "top 5" and "highest first" are enough.
    """
    reader = _Reader(sheet, model)
    _claim_periodic_reports(sheet)
    for match in sheet.find(_BOTH_ENDS):
        _both_ends(reader, match)
    for pattern in (_RANKED, _SUPERLATIVE, _WITHOUT_DIMENSION, *((_ALONE,) if further else ())):
        for match in sheet.find(pattern):
            _ranked(reader, match)
    for pattern in (_ORDERED, _ORDERED_ALONE):
        _ordered(reader, pattern, further=further)
    _split_up(reader)
    _timed(reader)
    for pattern in (_WITHIN, _GROUPED):
        for match in pattern.finditer(sheet.shape):
            if pattern is _GROUPED or _each(sheet, match):
                _grouped(reader, match)
    _loose(reader, tuple(contrasted))
    _limited(reader)
    _best(reader)
    breakdowns = [_with_order(each, reader.order) for each in dict.fromkeys(reader.found)]
    return tuple(breakdowns), reader.order, tuple(dict.fromkeys(reader.notes))


def _claim_periodic_reports(sheet: Sheet) -> None:
    """Claim "weekly" in "weekly paid search report": how often it comes, not what it shows."""
    sheet.claim(at for at, piece in enumerate(sheet.pieces) if piece.kind in "gT" and is_periodic(sheet, at))


def is_periodic(sheet: Sheet, at: int) -> bool:
    """Tell whether a word says how often a report comes: "weekly" in "weekly paid search report"."""
    clause = re.match(r"[^.,&b]{0,5}", sheet.shape[at + 1 :])
    after = sheet.pieces[at + 1 : at + 1 + (clause.end() if clause else 0) + 1]
    words = {word for piece in after for word in piece.text.casefold().split()}
    return _PERIODIC.fullmatch(sheet.pieces[at].text) is not None and bool(words & _REPORTED)


def _free(reader: _Reader, match: re.Match[str]) -> bool:
    return not any(reader.sheet.pieces[at].kind in "drgo" and at in reader.sheet.claimed for at in range(*match.span()))


def _dimensions(reader: _Reader, match: re.Match[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(p.value) for p in reader.sheet.pieces[match.start() : match.end()] if p.kind == "d"))


def _both_ends(reader: _Reader, match: re.Match[str]) -> None:
    """Read "top 5 and bottom 5 campaigns by ROAS" as two tables."""
    span = range(*match.span())
    ranks = [at for at in span if reader.sheet.pieces[at].kind == "r"]
    numbers = [at for at in span if reader.sheet.pieces[at].kind == "n"]
    metric = _metric(reader, match)
    if not numbers:
        reader.notes.append(f"{reader.sheet.words(*match.span())!r} names no number; {BOTH_ENDS} of each are shown.")
    for number, rank in enumerate(ranks[:2]):
        count = _count(reader, numbers[min(number, len(numbers) - 1)]) if numbers else BOTH_ENDS
        ranking = Ranking(metric, _descending(reader, rank, metric), count)
        reader.found.append(Breakdown(_dimensions(reader, match), ranking))
    reader.sheet.claim(span)


def _ranked(reader: _Reader, match: re.Match[str]) -> None:
    if not _free(reader, match):
        return
    span = range(*match.span())
    metric = _metric(reader, match)
    ranks = [at for at in span if reader.sheet.pieces[at].kind == "r"]
    numbers = [at for at in span if reader.sheet.pieces[at].kind == "n"]
    if _NESTED.match(reader.sheet.shape, match.end()):
        end = _NESTED.match(reader.sheet.shape, match.end()).end()  # type: ignore[union-attr]  # matched above
        raise AgentRefused(
            f"{reader.sheet.words(match.start(), end)!r} asks for a ranking within each group, which I cannot make. "
            "Ask for the ranking and the breakdown apart, separated by a comma."
        )
    limit = _count(reader, numbers[0]) if numbers else None
    trailing = _TRAILING.match(reader.sheet.shape, match.end())
    side = reader.sheet.pieces[trailing.end() - 1].value if trailing else None
    ranking = Ranking(metric, side == "down" if side else _descending(reader, ranks[-1], metric), limit)
    if trailing and side:
        reader.sheet.claim(range(*trailing.span()))
    dimensions = _dimensions(reader, match) or (reader.model.default_dimension,)
    reader.found.append(Breakdown(dimensions, ranking))
    reader.sheet.claim(span)


def _metric(reader: _Reader, match: re.Match[str]) -> str:
    """Return the metric that ranks; without one in the words, the sentence's first, else the model's, and say so."""
    pieces = reader.sheet.pieces
    inside = [str(pieces[at].value) for at in range(*match.span()) if pieces[at].kind == "m"]
    if inside:
        return inside[-1]
    sentence = reader.sheet.sentence(match.start())
    near = [str(pieces[at].value) for at in sentence if pieces[at].kind == "m"]
    ratios = [name for name in reader.model.default_metrics if reader.model.metric(name).good == "up"]
    sized = any(pieces[at].value in ("high", "low") for at in range(*match.span()) if pieces[at].kind == "r")
    sums = [name for name in reader.model.default_metrics if reader.model.metric(name).type == "simple"]
    name = (
        near
        or (sums[:1] if sized else ratios[-1:])
        or list(reader.model.default_metrics)
        or [reader.model.metrics[0].name]
    )[0]
    reader.notes.append(f"{reader.sheet.words(*match.span())!r} is ranked by {reader.model.metric(name).label}.")
    return name


def _count(reader: _Reader, at: int) -> int:
    token = reader.sheet.pieces[at].value
    number = token.number if isinstance(token, Token) and not token.unit else None
    if number is None or number != int(number) or not 1 <= number <= _MOST_ROWS:
        raise AgentRefused(
            f"{reader.sheet.pieces[at].text!r} is no number of rows. Write a whole number from 1 to {_MOST_ROWS}."
        )
    return int(number)


def _descending(reader: _Reader, at: int, metric: str) -> bool:
    """Return the order that a word means for a metric: the best CPA is the lowest."""
    word = reader.sheet.pieces[at].value
    if word in ("high", "low"):
        return word == "high"
    # The top of cancellations are the most; the top of a cost per order is the best.
    counts = reader.model.metric(metric).type == "simple" and reader.sheet.pieces[at].text.casefold() == "top"
    low_is_good = reader.model.metric(metric).good == "down" and not counts
    judges = reader.sheet.pieces[at].text.casefold() not in ("top", "bottom")
    if low_is_good or (judges and reader.model.metric(metric).good is None):
        side = "lowest" if (word == "top") == low_is_good else "highest"
        label = reader.model.metric(metric).label
        reader.notes.append(f"{reader.sheet.pieces[at].text!r} by {label} is read as the {side} {label}.")
    return (word == "top") != low_is_good


def _ordered(reader: _Reader, pattern: re.Pattern[str], *, further: bool) -> None:
    for match in reader.sheet.find(pattern):
        if not _free(reader, match):
            continue
        before = reader.sheet.shape[reader.sheet.sentence(match.start()).start : match.start()]
        if pattern is _ORDERED_ALONE and not further and not re.search(r"m.*d|d.*m", before):
            continue
        metric = _metric(reader, match)
        pieces = [reader.sheet.pieces[at] for at in range(*match.span()) if reader.sheet.pieces[at].kind == "o"]
        down = next((piece.value == "down" for piece in pieces if piece.value), None)
        low_is_good = reader.model.metric(metric).good == "down"
        reader.order = Ranking(metric, not low_is_good if down is None else down)
        reader.sheet.claim(range(*match.span()))


def _split_up(reader: _Reader) -> None:
    """Read "monthly spend this year, split by channel" as one table: what is split up stands before."""
    sheet = reader.sheet
    for match in _SPLIT.finditer(sheet.shape):
        start = sheet.sentence(match.start()).start
        before = list(re.finditer(r"g|b[hiy]*d(?:[hi]*(?:,|&|,&)[hiy]*d)*", sheet.shape[start : match.start()]))
        if not before or not _SPLITTING.match(sheet.pieces[match.start()].text):
            continue
        span = [*range(start + before[-1].start(), start + before[-1].end()), *range(*match.span())]
        pieces = [sheet.pieces[at] for at in span]
        dimensions = tuple(dict.fromkeys(str(piece.value) for piece in pieces if piece.kind == "d"))
        grains = [str(piece.value) for piece in pieces if piece.kind == "g"]
        if sheet.claimed & set(span) or not dimensions or len(dimensions) > _MOST_DIMENSIONS or len(grains) > 1:
            continue
        reader.found.append(Breakdown(dimensions, grain=next(iter(grains), None)))  # type: ignore[arg-type]  # grains
        sheet.claim(span)


def _timed(reader: _Reader) -> None:
    """Read time and dimension together: "daily spend by channel"."""
    for match in (*_TIMED.finditer(reader.sheet.shape), *_apart(reader.sheet)):
        if not _free(reader, match):
            continue
        grains = [p for p in reader.sheet.pieces[match.start() : match.end()] if p.kind in "gT"]
        dimensions = _dimensions(reader, match)
        grain = grains[0].value if grains[0].kind == "g" else grains[0].text.lower()
        if grain in _GRAINS:
            reader.found.append(Breakdown(dimensions, grain=grain))  # type: ignore[arg-type]  # one of the grains
            kinds = "gTd&b,"
            reader.sheet.claim(at for at in range(*match.span()) if reader.sheet.pieces[at].kind in kinds)
    _claim_trends(reader.sheet)
    for match in re.finditer(r"b[hi]*D", reader.sheet.shape):
        reader.found.append(Breakdown((), grain="auto"))  # type: ignore[arg-type]  # settled by `settle`
        reader.sheet.claim(range(*match.span()))
    for match in re.finditer(r"b[hi]*w", reader.sheet.shape):
        words = reader.sheet.words(*match.span()).casefold()
        unit = re.match(r"(?:for )?(?:each|every) of .*?(day|week|month|quarter|year)s$", words)
        if unit:
            reader.found.append(Breakdown((), grain=unit[1]))  # type: ignore[arg-type]  # the pattern allows grains only
            reader.sheet.claim(range(*match.span()))
    for at in reader.sheet.of_kind("g"):
        reader.found.append(Breakdown((), grain=reader.sheet.pieces[at].value))  # type: ignore[arg-type]  # as above
        reader.sheet.claim([at])


def _apart(sheet: Sheet) -> Iterator[re.Match[str]]:
    """Yield where time and dimension are set apart by a comma: "by channel, by month"."""
    for match in _COMMA.finditer(sheet.shape):
        words = [sheet.pieces[at].text.casefold() for at in range(*match.span()) if sheet.pieces[at].kind in "bg"]
        if all(re.match(r"(?:by|per)\b|(\w+) by \1", word) for word in words):
            yield match


def _each(sheet: Sheet, match: re.Match[str]) -> bool:
    """Tell whether "each" joins two dimensions: "campaigns in each market"."""
    words = {sheet.pieces[at].text.casefold() for at in range(*match.span()) if sheet.pieces[at].kind == "b"}
    return bool(words & {"each", "every"})


def _claim_trends(sheet: Sheet) -> None:
    """Claim "trend" in "weekly trend": the other word says its step."""
    for at in sheet.of_kind("g"):
        others = {sheet.pieces[n].value for n in sheet.sentence(at) if sheet.pieces[n].kind == "g"}
        if sheet.pieces[at].value == "auto" and len(others) > 1:
            sheet.claim([at])


def _grouped(reader: _Reader, match: re.Match[str]) -> None:
    free = [at for at in range(*match.span()) if reader.sheet.pieces[at].kind == "d" and at not in reader.sheet.claimed]
    if not free:
        return
    dimensions = tuple(dict.fromkeys(str(reader.sheet.pieces[at].value) for at in free))
    if len(dimensions) > _MOST_DIMENSIONS:
        raise AgentRefused(
            f"{reader.sheet.words(*match.span())!r} combines {len(dimensions)} dimensions; at most three are possible. "
            "Write 'by' before each to get a table for each."
        )
    reader.found.append(Breakdown(dimensions))
    reader.sheet.claim(range(*match.span()))


def _loose(reader: _Reader, contrasted: Collection[str]) -> None:
    """Take dimensions that are only mentioned ("campaign performance") as tables that are asked for."""
    named = [str(reader.sheet.pieces[at].value) for at in reader.sheet.of_kind("d")]
    tables = [each for each in reader.found if each.dimensions and not (each.ranking or each.grain)]
    reader.sheet.claim(reader.sheet.of_kind("d"))
    for name in (*contrasted, *named):
        if not any(name in each.dimensions for each in reader.found):
            over_time = [each.grain for each in reader.found if each.grain and not each.dimensions]
            reader.found.append(Breakdown((name,)))
            reader.found += [Breakdown((name,), grain=grain) for grain in over_time if name in contrasted]
            crossed = [each for each in tables if name in contrasted and len(each.dimensions) < _MOST_DIMENSIONS]
            reader.found += [Breakdown((*each.dimensions, name)) for each in crossed[: len(reader.found) < MOST_TABLES]]


def _best(reader: _Reader) -> None:
    """Read "what sold best?" as a ranking that names neither metric nor dimension, and say what both are."""
    for match in reader.sheet.find(_BEST):
        sentence, at = reader.sheet.sentence(match.start()), match.end() - 1
        kinds = set(reader.sheet.shape[sentence.start : sentence.stop])
        asks = re.match(r"(?:what|which|who)\b", reader.sheet.pieces[sentence.start].text, re.IGNORECASE)
        if not asks or kinds & set("mdvgz") or at in reader.sheet.claimed:
            continue
        model, word = reader.model, reader.sheet.pieces[at].text
        names = model.default_metrics or (model.metrics[0].name,)
        sums = [each for each in names if model.metric(each).type == "simple"]
        name = next((each for each in sums if model.metric(each).good == "up"), (*sums, *names)[0])
        plural = model.dimension(model.default_dimension).plural.lower()
        reader.found.append(Breakdown((model.default_dimension,), Ranking(name, _descending(reader, at, name))))
        reader.notes.append(
            f"{word!r} names no metric and nothing to rank; {plural} are ranked by {model.metric(name).label}."
        )
        reader.sheet.claim([at])


def _limited(reader: _Reader) -> None:
    """Take "top 5" that stands alone as the rows of the one table that is asked for."""
    for match in reader.sheet.find(_ROWS):
        marks = "f" in reader.sheet.shape[reader.sheet.sentence(match.start()).start : match.start()]
        plain = [each for each in reader.found if each.dimensions and not (each.ranking or each.grain)]
        if len(plain) != 1 or not _free(reader, match) or marks:
            continue
        metric = _metric(reader, match)
        rank, number = match.start(), match.end() - 1
        ranking = Ranking(metric, _descending(reader, rank, metric), _count(reader, number))
        reader.found = [replace(each, ranking=ranking) if each is plain[0] else each for each in reader.found]
        reader.sheet.claim(range(*match.span()))


def _with_order(breakdown: Breakdown, order: Ranking | None) -> Breakdown:
    if breakdown.ranking or not order or not breakdown.dimensions or breakdown.grain:
        return breakdown
    return replace(breakdown, ranking=order)


def settle(breakdowns: Iterable[Breakdown], days: int) -> tuple[Breakdown, ...]:
    """Return the tables with the grain "auto" settled by the length of the period."""
    grain: Grain = "day" if days <= 31 else "week" if days <= 184 else "month"
    return tuple(
        dict.fromkeys(replace(each, grain=grain) if str(each.grain) == "auto" else each for each in breakdowns)
    )
