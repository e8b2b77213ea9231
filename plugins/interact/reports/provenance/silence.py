"""What in a text looks like a number and claims nothing: dates, times, weeks, ranks, list numbers, names, code."""

from __future__ import annotations

import re
from bisect import bisect_right

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DAY = r"(?:[12]?\d|3[01])(?:st|nd|rd|th)?"
_DAYS = rf"{_DAY}(?:\s?(?:[-–—]|to|and|or|until|through|,)\s?{_DAY})*"
_YEAR = r"(?:19|20)\d\d"
_PATTERNS = (
    r"```.*?```",
    r"`[^`\n]*[A-Za-z_]{2}[^`\n ]*`",
    r"https?://[^\s)>\]]+",
    r"[^\s@]{1,64}@[^\s@.]{1,64}\.[^\s@]{1,64}",
    r"\]\([^)\n]*\)",
    # Dates and times.
    rf"\b{_YEAR}-(?:W\d\d?|\d\d?-\d\d?(?:[T ]\d\d:\d\d(?::\d\d)?\S*)?|\d\d)(?!\d)",
    r"\b\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})\b",
    r"\b\d{1,2}/\d{1,2}\b",
    r"\b\d{1,3}:\d{1,3}(?::\d\d)?(?:\s?[ap]\.?m\b)?",
    r"\b\d{1,2}\s?[ap]\.?m\b",
    rf"\b{_DAYS}(?:\s+of)?\s+{_MONTH}(?:,?\s+{_YEAR}\b)?",
    rf"\b{_MONTH}\s+{_DAYS}(?![\w%]|[.,]\d)(?:,?\s+{_YEAR}\b)?",
    rf"\b{_MONTH}(?:\s+(?:and|to|[-–])\s+{_MONTH})?[\s’']+(?:{_YEAR}|\d\d)\b",
    rf"\b(?i:in|since|during|year|until|till|through|early|late|mid|calendar|fiscal|fy|before|after)[\s-]{_YEAR}\b(?!\s?%|[.,]\d)",
    rf"\b(?:week|month|quarter|half|season|end|start|beginning|year|autumn|summer|winter|spring)\s(?:of\s)?{_YEAR}\b",
    rf"\b{_YEAR}\s?(?:[-–/]|to|vs\.?|versus|and)\s?{_YEAR}\b",
    rf"\({_YEAR}\)",
    rf"(?<![.!?:]\s)(?<!^)\b[A-Z][\w’'-]*(?:\s[A-Z][\w’'-]*)*\s{_YEAR}\b(?!\s?%|[.,]\d)",
    r"\b(?:FY|CY)\s?’?'?\d\d(?:\d\d)?\b",
    r"\b(?:Q[1-4]|H[12]|W\d{1,2}|wk\s?\d{1,2}|weeks?\s\d{1,2}(?:\s?[-–]\s?\d{1,2})?)(?![\w%])(?:[\s-]+(?:of\s)?"
    rf"{_YEAR}\b)?",
    # Ranks and numbering.
    r"(?m)^[ \t>]*(?:[-*+]\s+)?(?:\*\*|__)?\d{1,3}[.)](?=\s)",
    r"(?m)^[ \t>]*#+\s*\d{1,3}[.)]?(?=\s)",
    r"\b\d+(?:st|nd|rd|th)\b",
    r"(?:#|\bNo\.\s?|\bnumber\s)\d{1,4}\b",
    r"(?i)\b(?:top|bottom|first|best|worst|last)[\s-]\d{1,3}\b(?!\s?%|[-\s]*(?:day|week|month|quarter|year|hour)|[.,]\d)",
    r"(?i)\b(?:steps?|phase|tips?|options?|priority|figures?|tables?|charts?|sources?|sections?|tier|level|pages?|items?"
    r"|queries|query|notes?|appendix|rank(?:ed)?|place|version|attempt)\s#?\d{1,3}\b(?!\s?%|[.,]\d)",
    r"\bv\d+(?:\.\d+)*\b",
    r"\b(?!\d{1,3}(?:\.\d{3})+(?!\d))\d+\.\d+\.\d+(?:\.\d+)*\b",
    r"\b24/7\b",
    r"\b[a-z]+_[A-Za-z0-9_]*\d\w*\b",
)
_SILENT = tuple(re.compile(pattern, re.DOTALL if pattern.startswith("```") else 0) for pattern in _PATTERNS)


class Spans:
    """Places of a text, apart from each other or not, that can be asked about."""

    def __init__(self, spans: list[tuple[int, int]]) -> None:
        self._spans = sorted(spans)
        self._starts = [start for start, _ in self._spans]
        self._reach: list[int] = []
        for _, end in self._spans:
            self._reach.append(max(end, self._reach[-1] if self._reach else 0))

    def touch(self, start: int, end: int) -> bool:
        """Return whether one of them shares a letter with this place."""
        place = bisect_right(self._starts, end - 1)
        return place > 0 and self._reach[place - 1] > start


def silent(text: str) -> list[tuple[int, int]]:
    """Return the places of a text in which numbers claim nothing."""
    return [match.span() for pattern in _SILENT for match in pattern.finditer(text)]
