"""What a text names: metrics by their words, members of the data, and days."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

Role = str
"""What a column holds of its metric: `now`, `before`, `change` or `target`."""
_SUFFIX = re.compile(
    r"_?(?:(?P<before>previous|prev|prior|before|earlier|last_(?:week|month|period|year)|ly|lw|lm|then)"
    r"|(?P<change>change|delta|diff(?:erence)?|growth|yoy|wow|mom|pct_change|change_pct)"
    r"|(?P<target>target|goal|budgeted|planned?))$",
    re.IGNORECASE,
)
_PREFIX = re.compile(
    r"^(?P<before>prev(?:ious)?|prior|last_(?:week|month|period|year))_|^(?P<target>target|goal)_", re.IGNORECASE
)
_INFLECTED = {
    "spend": ("spent", "spending"), "cost": ("costs", "costing"), "clicks": ("clicked",), "conversions": ("converted",),
    "sessions": ("visits",), "orders": ("ordered",),
}  # fmt: skip
_WORD, _LETTER = re.compile(r"[^\W_]+"), re.compile(r"[^\W\d_]")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DATES = (
    re.compile(r"\b(?P<year>\d{4})-(?P<number>\d\d)(?:-(?P<day>\d\d))?\b"),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+{_MONTH}(?:,?\s+(?P<year>\d{{4}}))?\b"),
    re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?![.,]\d|%)(?:,?\s+(?P<year>\d{{4}})\b)?"),
    re.compile(rf"\b(?<!\d\s){_MONTH}(?:\s+(?P<year>\d{{4}})\b)?(?!\s+\d)"),
    re.compile(r"\b(?:[Ww]eek\s|W)(?P<week>\d{1,2})\b"),
    re.compile(r"\b(?P<weekday>Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)days?\b"),
)


def role_of(name: str, *, is_change: bool) -> tuple[str, Role]:
    """Return which metric a column is of, by its name, and what of it the column holds."""
    found = _SUFFIX.search(name) or _PREFIX.search(name)
    metric = name.replace(found[0], "", 1).strip("_") if found else name
    role = next((role for role, text in found.groupdict().items() if text), "now") if found else "now"
    return (metric or name), "change" if is_change else role


@dataclass(frozen=True)
class Mention:
    """A place of a text that names a metric."""

    start: int
    end: int
    metrics: frozenset[str]


class Metrics:
    """The words for each metric."""

    def __init__(self, words: Mapping[str, Iterable[str]]) -> None:
        self._metrics: dict[str, set[str]] = {}
        for metric, own in words.items():
            for word in own:
                for each in _variants(word):
                    self._metrics.setdefault(each, set()).add(metric)
        known = sorted(self._metrics, key=len, reverse=True)
        self._pattern = (
            re.compile(rf"(?<!\w)(?:{'|'.join(map(_flexible, known))})(?!\w)", re.IGNORECASE) if known else None
        )

    def mentions(self, text: str) -> list[Mention]:
        """Return where metrics are named, from left to right, the longest words first."""
        if self._pattern is None:
            return []
        return [
            Mention(match.start(), match.end(), frozenset(self._metrics[_plain(match[0])]))
            for match in self._pattern.finditer(text)
        ]

    def knows(self, text: str) -> bool:
        """Return whether a text is nothing but a word for a metric."""
        return _plain(text) in self._metrics


def _variants(word: str) -> Iterator[str]:
    plain = _plain(word)
    if len(plain) < 2:
        return
    yield plain
    if plain.endswith("s") and len(plain) > 4:
        yield plain[:-1]
    elif len(plain) > 2:
        yield f"{plain}s"
    yield from _INFLECTED.get(plain, ())


def _plain(word: str) -> str:
    return re.sub(r"[\s_-]+", " ", word).strip().lower()


def _flexible(word: str) -> str:
    return r"[\s_-]+".join(map(re.escape, word.split(" ")))


@dataclass(frozen=True)
class Named:
    """A place of a text that names a member, of one dimension or of several."""

    start: int
    end: int
    member: str
    dimensions: frozenset[str]


class Members:
    """The members that results hold, found in a text by their first word."""

    def __init__(self) -> None:
        self._known: dict[str, set[str]] = {}
        self._lengths: dict[str, set[tuple[int, int]]] = {}

    def add(self, member: str, dimension: str) -> None:
        """Let a member of a dimension be found."""
        key = member.casefold()
        own = self._known.get(key)
        if own is not None:
            own.add(dimension)
            return
        first = _WORD.search(member)
        if first is None or not _LETTER.search(member):
            return
        self._known[key] = {dimension}
        exact = len(member) <= 3
        self._lengths.setdefault(first[0] if exact else first[0].casefold(), set()).add((len(key), first.start()))

    def named(self, text: str, *, but: Metrics) -> list[Named]:
        """Return where members are named, the longest name first where several begin; words for metrics are none."""
        found: list[Named] = []
        folded, end = text.casefold(), 0
        if len(folded) != len(text):
            folded = text.lower() if len(text.lower()) == len(text) else text
        for word in _WORD.finditer(text):
            if word.start() < end:
                continue
            for length, offset in sorted(self._begun(word[0]), reverse=True):
                start = word.start() - offset
                own = self._known.get(folded[start : start + length]) if start >= 0 else None
                if own and self._is_whole(text, start, start + length, but):
                    end = start + length
                    found.append(Named(start, end, folded[start:end], frozenset(own)))
                    break
        return found

    def _begun(self, word: str) -> set[tuple[int, int]]:
        return self._lengths.get(word, set()) | self._lengths.get(word.casefold(), set())

    def _is_whole(self, text: str, start: int, end: int, but: Metrics) -> bool:
        written = text[start:end]
        if re.match(r"\w", text[end : end + 1]) or (start and re.match(r"\w", text[start - 1])):
            return False
        if len(written) <= 3 and not written.isupper():
            return False
        quoted = (
            start > 0
            and text[start - 1] in "\"'“‘*`_|"
            and text[end : end + 1] in ('"', "'", "”", "’", "*", "`", "_", "|")
        )
        return quoted or (written != written.lower() and not but.knows(written))


@dataclass(frozen=True)
class Day:
    """A place of a text that names a day, a weekday, a week or a month."""

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    week: int | None = None
    weekday: int | None = None

    def fits(self, day: date) -> bool:
        """Return whether it may mean that day."""
        pairs = (
            (self.year, day.year),
            (self.month, day.month),
            (self.day, day.day),
            (self.week, day.isocalendar().week),
            (self.weekday, day.weekday()),
        )
        return all(said is None or said == own for said, own in pairs)


def days_in(text: str) -> list[Day]:
    """Return the days that a text names, from left to right."""
    found: list[Day] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if not any(each.start < match.end() and match.start() < each.end for each in found):
                found.append(_day(match))
    return sorted(found, key=lambda each: each.start)


def _day(match: re.Match[str]) -> Day:
    parts = match.groupdict()

    def number(name: str) -> int | None:
        return int(parts[name]) if parts.get(name) else None

    month = _MONTHS.index(parts["month"].lower()) + 1 if parts.get("month") else number("number")
    weekday = _WEEKDAYS.index(parts["weekday"][:3].lower()) if parts.get("weekday") else None
    return Day(match.start(), match.end(), number("year"), month, number("day"), number("week"), weekday)
