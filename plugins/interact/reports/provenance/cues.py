"""What the words around a number say of it: now or before, a level or a change, up or down, the whole or an end."""

from __future__ import annotations

import re

from interact.reports.provenance.numerals import Unit
from interact.reports.provenance.vocabulary import Role

_UP = (
    r"(?:rose|rises?|risen|rising|up|grew|grown|grows?|growing|increas\w*|gain\w*|climb\w*|jump\w*|surg\w+|soar\w*"
    r"|higher|more|growth|uplift|plus|expand\w*|rebound\w*)"
)
_DOWN = (
    r"(?:fell|falls?|fallen|falling|down|drop\w*|declin\w*|decreas\w*|lost|lower|less|fewer|shr[aiu]nk\w*|slip\w*"
    r"|sank|sunk|plung\w*|reduc\w*|cut|dip\w*|slid|tumbl\w*|minus|loss|contract\w*|slump\w*)"
)
_EITHER = r"(?:chang\w*|moved|shift\w*|swung|swing|differ\w*|delta|improv\w*|worsen\w*|better|worse|Δ)"
_FILL = (
    r"(?:(?:by|of|a|an|the|some|about|around|roughly|approximately|nearly|almost|over|more than|less than|another"
    r"|further|sharply|slightly|only|just|significantly|strongly|steeply|modestly|marginally|almost|well over)\W+)"
)
_TAIL = r"[\s*_(~≈:]*"
_DELTA_LEFT = re.compile(rf"\b(?P<word>{_UP}|{_DOWN}|{_EITHER})[\s*_(:]+{_FILL}{{0,3}}{_TAIL}$", re.IGNORECASE)
_DELTA_RIGHT = re.compile(
    rf"^[\s*_-]*(?:(?!in\b|of\b|to\b|and\b|with\b|at\b|is\b|was\b|for\b)[\w-]+\s+)?(?P<word>{_UP}|{_DOWN}|{_EITHER}|rise|fall)\b"
    r"(?!\s*(?:from|by|to|of\s+\d|\d|[€$£+−(-]))",
    re.IGNORECASE,
)
_DIRECTION = re.compile(rf"\b(?:(?P<up>{_UP})|(?P<down>{_DOWN}))\b(?!\s+(?:than|to)\b)", re.IGNORECASE)
_TO = re.compile(
    r"\b(?:to|at|reach\w*|hits?|totall\w*|stands?|stood at|came to|amount\w* to|now)[\s*_(]+"
    rf"{_FILL}{{0,3}}{_TAIL}$",
    re.IGNORECASE,
)
_FROM = re.compile(rf"\bfrom[\s*_(]+{_FILL}{{0,2}}{_TAIL}$", re.IGNORECASE)
_PAST = (
    r"(?:previous(?:ly)?|prev\.?|prior|before|earlier|last (?:week|month|quarter|year|period)|(?:a )?year ago"
    r"|the week before)"
)
_BEFORE_LEFT = re.compile(rf"\b{_PAST}\b[^,;\d]*$", re.IGNORECASE)
_BEFORE_RIGHT = re.compile(
    rf"^(?:(?!\b(?:than|from|with|to|versus|vs|against|compared|on|over|and|but|after)\b)[^,;.()\d]){{0,30}}\b{_PAST}\b",
    re.IGNORECASE,
)
_PAST_ALL = re.compile(
    r"^\W*(?:in\s+)?(?:the\s+)?(?:previous|prior)\s+(?:week|month|quarter|year|period)\b"
    r"(?:(?!\b(?:now|this|current|today|to|versus|vs)\b).)*$",
    re.IGNORECASE | re.DOTALL,
)
_VERSUS = re.compile(
    r"\b(?:vs\.?|versus|against|compared (?:with|to)|than|after|instead of|exceed\w*|beat\w*|above|below|over|under)\b"
    r"[^,;.\d]{0,40}$",
    re.IGNORECASE,
)
_TARGET_NEAR = re.compile(r"\b(?:targets?|goals?|plan)\b[^,;.\d]{0,30}$", re.IGNORECASE)
_TARGET_RIGHT = re.compile(r"^[\s*_)]*(?:[\w-]+\s+)?(?:targets?|goals?)\b", re.IGNORECASE)
_TARGET_OF = re.compile(
    r"\b(?:targets?|goals?|plan|threshold|limit|benchmark|cap)\s*(?:of|is|was|:|=|being)\W*$", re.IGNORECASE
)
_WHOLE = r"(?:total|overall|altogether|in all|combined|together|whole|entire|grand|account|sum)"
_TOTAL_LEFT = re.compile(
    rf"(?:\b{_WHOLE}\b[^;.\d]{{0,50}}|\d\S{{0,20}}\s+(?:out\s+)?of\s+(?:the|all|our|its)\s+[*_]*)$", re.IGNORECASE
)
_TOTAL_RIGHT = re.compile(rf"^[\s*_]*(?:(?!and\b|of which\b)[\w-]+\s+){{0,2}}(?:in total|{_WHOLE})\b", re.IGNORECASE)
_END = re.compile(
    r"\b(?:high(?:est)?|low(?:est)?|best|worst|top|bottom|lead\w*|larg\w+|biggest|small\w*|most|least|peak\w*|max\w*"
    r"|min\w*|rang\w+|between|var(?:y|ied|ies)|strongest|weakest|first|last|cheapest|trail\w*|record)\b",
    re.IGNORECASE,
)
_LOSS = re.compile(r"\b(?:loss|negative|deficit|minus|below zero|shortfall)\b", re.IGNORECASE)
_RANGING = re.compile(r"\b(?:rang\w+|varied|var(?:y|ies)|between|anywhere)\b", re.IGNORECASE)


def is_change(left: str, right: str, *, sign: str) -> bool:
    """Return whether a number is a difference or a change, by the words before and behind it."""
    return sign == "+" or (_TO.search(left) is None and bool(_DELTA_LEFT.search(left) or _DELTA_RIGHT.search(right)))


def roles(left: str, right: str, unit: Unit, sign: str) -> frozenset[Role]:
    """Return what of its metric a number may be, by the words before and behind it."""
    if _TARGET_OF.search(left) or _TARGET_RIGHT.search(right):
        return frozenset({"target"})
    if is_change(left, right, sign=sign):
        return frozenset({"change"})
    if _FROM.search(left) or (_PAST_ALL.match(left) and not sign):
        return frozenset({"now" if _RANGING.search(left) else "before"})
    found = {"now", "change"} if unit in ("percent", "points") or sign else {"now"}
    if _TO.search(left):
        found = {"now"}
    elif unit == "percent" and sign:
        return frozenset(found)
    elif _BEFORE_LEFT.search(left) or _BEFORE_RIGHT.search(right):
        return frozenset({"before"})
    elif _VERSUS.search(left):
        found |= {"before", "target"}
    if _TARGET_NEAR.search(left):
        found.add("target")
    return frozenset(found)


def direction(left: str, right: str, sign: str) -> int:
    """Return which way a change goes as it is told: 1 up, -1 down, 0 where that is not told."""
    if sign:
        return 1 if sign == "+" else -1
    if behind := _DELTA_RIGHT.search(right):
        return _way(behind["word"])
    since = re.split(r"[;\d]", left)[-1]
    words = list(_DIRECTION.finditer(since))
    return (1 if words[-1]["up"] else -1) if words else 0


def _way(word: str) -> int:
    found = _DIRECTION.match(word)
    if word.lower() in ("rise", "fall"):
        return 1 if word.lower() == "rise" else -1
    return 0 if found is None else 1 if found["up"] else -1


def is_total(left: str, right: str) -> bool:
    """Return whether a number is said to be of the whole."""
    return bool(_TOTAL_LEFT.search(left) or _TOTAL_RIGHT.search(right))


def names_an_end(sentence: str) -> bool:
    """Return whether a sentence speaks of the highest, the lowest, the first or the last."""
    return bool(_END.search(sentence))


def is_loss(left: str, right: str) -> bool:
    """Return whether a number without a sign may be below zero."""
    return bool(_LOSS.search(left) or _LOSS.search(right[:30]))
