"""Parts of a whole as percentages: "by more than a quarter" is by more than 25 %."""

from __future__ import annotations

import re

from interact.agents.analyst.lexicon import Token

_PARTS = {"half": 0.5, "third": 1 / 3, "quarter": 0.25, "fifth": 0.2, "tenth": 0.1}
_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4}
_PART = re.compile(
    rf"\b(?:by|than|least|most|over|under) ((?:(?P<count>{'|'.join(_COUNTS)}) )?(?P<part>{'|'.join(_PARTS)})s?)"
    r"(?! (?:of )?(?:an? |the |this |last )?(?:day|week|month|quarter|year|20\d\d)\b)(?=\W|$)",
    re.IGNORECASE,
)


def find_quantities(text: str) -> list[tuple[tuple[int, int], Token]]:
    """Return the parts of a whole that stand in a text as a number would, and where: "by a third", "by half"."""
    found = []
    for match in _PART.finditer(re.sub(r"\s", " ", text)):
        count, part = (match["count"] or "").lower(), match["part"].lower()
        if count or part == "half":
            amount = _COUNTS.get(count, 1) * _PARTS[part]
            start, end = match.span(1)
            found.append(((start, end), Token(match[1], start, end, "#", round(amount, 10), "%")))
    return found
