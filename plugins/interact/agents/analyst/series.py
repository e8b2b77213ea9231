"""Days that stand out from their own history, and levels that shifted: judged by a strict rule, else not at all.

Seven days at a time are held against the eight to ten weeks before them. Weekday factors are divided out (by medians
of logarithms); a day stands out when it lies more than five robust deviations from the level of the last two weeks, a
quarter of it at least, and, being a count, more than five times its square root. How often that is a false alarm is
simulated in tests/agents/analyst/test_series.py: in less than 1 of 100 series without an event.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, median

K = 5.0
"""So many robust standard deviations from the usual stand out."""
WEEK, LEAST_HISTORY, HISTORY = 7, 56, 70
RECENT, NEAR, BEFORE = 14, 10, 28
"""Days whose median is the level, days around one that its noise is taken from, days that a shift is held against."""
LEAST, LEAST_SHIFT, RUN = 0.25, 0.2, 5
"""The least parts by which a day and a level must differ, and for how many days a level must hold."""
SHIFT_K = 6.0
_SIGMA, _TAIL = 1.4826, 1.645
"""What turns a MAD, and the ninth decile of absolute deviations, into a standard deviation of normal noise."""
Series = Sequence[float | None]


@dataclass(frozen=True)
class Odd:
    """What stands out in a series: the position of a day, or with `shift` of the first on a new level."""

    at: int
    up: bool
    shift: bool = False


def odd_days(series: Series, *, judged: int, counts: bool) -> tuple[Odd, ...] | None:
    """Return what stands out among the last `judged` values of a daily series; None without enough history.

    A day with less than eight weeks before it is not judged. A value that is not known is None, and no day may be left
    out. `counts` says that the values are numbers of events.
    A shift may have begun up to four days before: then it was too young to be seen.
    """
    first = max(len(series) - judged, LEAST_HISTORY)
    known = [value for value in series[:first] if value is not None and value > 0]
    if first >= len(series) or len(known) < 0.8 * first:
        return None
    shifts = list(_shifts(series, first))
    days = [
        odd
        for start in range(first, len(series), WEEK)
        for odd in _week(series[max(0, start - HISTORY) : start + WEEK], start, counts=counts)
    ]
    return tuple(sorted([*shifts, *(each for each in days if not _is_told(each, shifts))], key=lambda odd: odd.at))


def _is_told(odd: Odd, shifts: Sequence[Odd]) -> bool:
    return any(shift.up == odd.up and 0 <= odd.at - shift.at < BEFORE for shift in shifts)


def _week(series: Series, start: int, *, counts: bool) -> Iterator[Odd]:
    """Yield the days that stand out among those behind the history; `start` is the position of the first of them."""
    size = min(start, HISTORY)
    levels = _levels(series, size)
    level = _median(levels.plain[size - RECENT : size])
    if level is None:
        return
    for at in range(size, len(series)):
        value, plain = series[at], levels.plain[at]
        usual = math.exp(level + levels.weekdays[(at - size) % WEEK])
        if value is None or abs(value - usual) <= LEAST * usual:
            continue
        is_chance = counts and abs(value - usual) <= K * math.sqrt(usual)
        if not is_chance and (plain is None or abs(plain - level) > K * levels.spread):
            yield Odd(start + at - size, value > usual)


def _shifts(series: Series, first: int) -> Iterator[Odd]:
    """Yield where a level shifted: one a week at most, and none for two weeks after."""
    last = -BEFORE
    for start in range(max(first - RUN + 1, LEAST_HISTORY), len(series) - RUN + 1, WEEK):
        size = min(start, HISTORY)
        levels = _levels(series[start - size : start + 2 * WEEK], size)
        found = _best_split(levels, size) if start - last > RECENT else None
        if found:
            last = start + found.at - size
            yield Odd(last, found.up, shift=True)


def _best_split(levels: _Levels, size: int) -> Odd | None:
    best, found = 0.0, None
    for at in range(size, min(size + WEEK, len(levels.plain) - RUN + 1)):
        before = [value for value in levels.plain[max(0, at - BEFORE) : at] if value is not None]
        after = [value for value in levels.plain[at:] if value is not None]
        step = _step(before, after, levels.spread)
        if not step:
            continue
        gain = len(before) * len(after) / (len(before) + len(after)) * (fmean(after) - fmean(before)) ** 2
        if gain > best:
            best, found = gain, Odd(at, step > 0, shift=True)
    return found


def _step(before: Sequence[float], after: Sequence[float], spread: float) -> float:
    """Return by how much a level (a logarithm) differs after a day; 0 where that is noise, a trend or too small."""
    if len(after) < RUN or len(before) < BEFORE - WEEK:
        return 0.0
    level = median(before)
    step = median(after) - level
    halves = median(before[: len(before) // 2]), median(before[len(before) // 2 :])
    holds = sum((value - level) / step > 0.25 for value in after) >= 0.8 * len(after) if step else False
    is_trend = abs(halves[1] - halves[0]) > abs(step) / 2
    noise = spread * math.sqrt(math.pi / 2 * (1 / len(after) + 1 / len(before)))
    is_large = abs(step) >= math.log(1 + LEAST_SHIFT) and abs(step) > SHIFT_K * noise
    return step if holds and is_large and not is_trend else 0.0


@dataclass(frozen=True)
class _Levels:
    """A series as logarithms without its weekdays, their factors from the day behind the history on, and the noise."""

    plain: tuple[float | None, ...]
    weekdays: tuple[float, ...]
    spread: float


def _levels(series: Series, size: int) -> _Levels:
    logs = [math.log(value) if value is not None and value > 0 else None for value in series]
    apart: list[list[float]] = [[] for _ in range(WEEK)]
    for start in range(size - WEEK, -1, -WEEK):
        week = logs[start : start + WEEK]
        known = [value for value in week if value is not None]
        if len(known) >= RUN:
            mean = fmean(known)
            for day, value in enumerate(week):
                apart[day] += [] if value is None else [value - mean]
    weekdays = tuple(median(values) if values else 0.0 for values in apart)
    plain = tuple(None if log is None else log - weekdays[(at - size) % WEEK] for at, log in enumerate(logs))
    return _Levels(plain, weekdays, _noise(plain[:size]))


def _noise(plain: Sequence[float | None]) -> float:
    """Return the standard deviation of the noise around the days near by; heavy tails count, single events do not."""
    apart = []
    for at, value in enumerate(plain):
        near = _median([*plain[max(0, at - NEAR) : at], *plain[at + 1 : at + NEAR + 1]])
        if value is not None and near is not None:
            apart.append(abs(value - near))
    if not apart:
        return math.inf
    return max(_SIGMA * median(apart), sorted(apart)[int(0.9 * len(apart))] / _TAIL)


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
