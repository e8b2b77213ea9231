"""The analyst's words, and how a prompt is cut into pieces: each word of it ends up in exactly one.

A piece has a kind, one letter, so that what is asked can be recognised by its shape (`conditions`, `reading`):

    m metric      d dimension    v value of a dimension   w period       p comparison in time   n number
    c comparator  u change       t target                 r rank         o order                g grain
    b "by"        k "against"    x "excluding"            q "where"      f highlight            e report
    s section     S performance  a verb of asking         y "any"        i preposition          h harmless
    0 "no"        N "not"        I "if"                   F forecast     W why                  T unread time
    A "average"   B "between"    M "or more"              j "it"         H "reached"    z unknown    & | , .
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from interact.agents.analyst.phrases import FIXED
from interact.agents.analyst.windows import NUMBER_WORDS
from interact.warehouse.semantic import SemanticModel

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Token:
    """A word, number or mark, where it stands, and its plain form."""

    text: str
    start: int
    end: int
    plain: str
    number: float | None = None
    unit: str = ""

    @property
    def key(self) -> str:
        """What phrases are compared by."""
        return self.text if self.plain == "#" else self.plain


@dataclass(frozen=True)
class Piece:
    """One or more tokens that mean one thing."""

    kind: str
    text: str
    start: int
    end: int
    value: object = None


@dataclass(frozen=True)
class Member:
    """A value that stands in the prompt: in which dimensions, and as which stored values."""

    found: tuple[tuple[str, tuple[str, ...]], ...]


_TOKEN = re.compile(
    r"(?P<number>(?<![\w.])[-−]?(?P<sign>[€$£])?\s?[-−]?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?:\s?(?P<unit>%|×|percent\b|per cent\b|(?:k|m|x|eur|usd|gbp|euros?|dollars?|pounds?)\b))?(?![\w%]))"
    r"|(?P<word>[^\W_][\w'’]*(?:_\w+)*)|(?P<mark>>=|<=|[^\w\s])|(?P<line>\n)",
    re.IGNORECASE,
)
_MARKS = {"&": "&", "+": "&", ",": ",", "/": ",", "(": ",", ")": ",", "|": ",", "•": ","} | dict.fromkeys(".!?;\n", ".")
_SCALE = {"%": 0.01, "percent": 0.01, "per cent": 0.01, "k": 1e3, "m": 1e6}
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "euro": "EUR", "euros": "EUR", "eur": "EUR", "usd": "USD", "gbp": "GBP"}
_SIGNS |= {"dollar": "USD", "dollars": "USD", "pound": "GBP", "pounds": "GBP"}

ACTIONS = frozenset(
    {
        *("delete", "drop", "update", "insert", "remove", "alter", "truncate", "grant", "execute", "exec"),
        *("ignore", "forget", "disregard", "override", "system", "prompt", "instruction", "instructions"),
        *("select", "table", "where", "from"),
    }
)
"""Words that a hostile name may be made of; no value made of them alone is matched unless it stands in quotes."""
SOFT = frozenset({"display", "email"})
"""Verbs that are also names of channels: the value comes first, but for "display the" where a clause begins."""


def plain(text: str) -> str:
    """Return a word without case and possessive, in one kind of apostrophe."""
    return re.sub(r"'s$|'+$", "", text.replace("’", "'").casefold())


def tokenise(text: str) -> list[Token]:
    """Return the words, numbers and marks of a text; dashes and quotes are left out."""
    return [token for match in _TOKEN.finditer(text) if (token := _token(match)) is not None]


def _token(match: re.Match[str]) -> Token | None:
    start, end = match.span()
    if match["number"]:
        unit = (match["unit"] or "").casefold()
        sign = -1 if match[0].lstrip(" €$£").startswith(("-", "−")) or match[0][0] in "-−" else 1
        amount = sign * float(match["digits"].replace(",", "")) * _SCALE.get(unit, 1)
        kind = "%" if _SCALE.get(unit) == 0.01 else _SIGNS.get(match["sign"] or unit, "")
        return Token(match[0].strip(), start, end, "#", round(amount, 10), kind)
    if match["word"]:
        word = plain(match[0])
        number = NUMBER_WORDS.get(word) if word != "one" else None
        return Token(match[0], start, end, word, None if number is None else float(number))
    if match[0] in ("<", ">", "<=", ">=", "=", "≥", "≤"):
        return Token(match[0], start, end, match[0])
    return Token(match[0], start, end, _MARKS[match[0]]) if match[0] in _MARKS else None


@dataclass(frozen=True)
class Vocabulary:
    """All phrases that mean something, and all names of the data that a prompt may hold."""

    phrases: Mapping[Phrase, tuple[str, object]]
    names: Mapping[Phrase, Member]


def vocabulary(model: SemanticModel, members: Mapping[str, Iterable[str]]) -> Vocabulary:
    """Return the words of a model and its data; the same ones are made once, since thousands of names take time."""
    return _vocabulary(model, tuple((name, tuple(values)) for name, values in members.items()))


@lru_cache(maxsize=8)
def _vocabulary(model: SemanticModel, members: tuple[tuple[str, tuple[str, ...]], ...]) -> Vocabulary:
    phrases = fixed_phrases() | model_phrases(model)
    return Vocabulary(phrases, member_phrases(dict(members), phrases))


@lru_cache(maxsize=1)
def fixed_phrases() -> dict[Phrase, tuple[str, object]]:
    """Return the phrases that do not depend on the model, each with its kind and value."""
    phrases: dict[Phrase, tuple[str, object]] = {mark: (mark[0], None) for mark in ((",",), (".",), ("&",))}
    for kind, groups in FIXED.items():
        for value, words in groups.items():
            for phrase in words.split(";"):
                key = _phrase(phrase)
                if key not in phrases:
                    phrases[key] = (kind, value)
    return phrases


def model_phrases(model: SemanticModel) -> dict[Phrase, tuple[str, object]]:
    """Return the words for a model's metrics and dimensions, singular and plural."""
    phrases: dict[Phrase, tuple[str, object]] = {}
    for dimension in model.dimensions:
        for words in (dimension.name, dimension.label, dimension.plural, *dimension.synonyms):
            phrases |= dict.fromkeys(_numbers(words), ("d", dimension.name))
    for metric in model.metrics:
        for words in (metric.name, metric.label, *metric.synonyms):
            phrases |= dict.fromkeys(_numbers(words), ("m", metric.name))
    return phrases


def member_phrases(members: Mapping[str, Iterable[str]], known: Mapping[Phrase, object]) -> dict[Phrase, Member]:
    """Return the values that a prompt may name without quotes.

    Left out are values made only of words that mean something else, so that no name in the data can steer the reading.
    """
    words = {word for phrase in known for word in phrase} | ACTIONS
    found: dict[Phrase, dict[str, tuple[str, ...]]] = {}
    for dimension, values in members.items():
        for value in values:
            key = _phrase(value)
            if key and _is_a_name(value, key, words):
                dimensions = found.setdefault(key, {})
                dimensions[dimension] = (*dimensions.get(dimension, ()), value)
    return {key: Member(tuple(names.items())) for key, names in found.items() if not _wraps(key, found, words)}


def _wraps(key: Phrase, names: Mapping[Phrase, object], words: set[str]) -> bool:
    """Tell whether a name is another one with words of the language around it ("Paid search performance")."""
    spans = [
        (start, end) for start in range(len(key)) for end in range(start + 1, len(key) + 1) if end - start < len(key)
    ]
    return any(key[start:end] in names and words.issuperset(key[:start] + key[end:]) for start, end in spans)


def _is_a_name(value: str, key: Phrase, words: set[str]) -> bool:
    """Tell whether a value can be told from other words: codes by their capitals, others by a word of their own."""
    if len(value.strip()) < 3:
        return re.fullmatch(r"[A-Z]{2}", value.strip()) is not None
    return any(not word[0].isdigit() and (word not in words or word in SOFT) for word in key)


def _phrase(text: str) -> Phrase:
    return tuple(token.key for token in tokenise(text))


def _numbers(words: str) -> list[Phrase]:
    key = _phrase(words.replace("_", " "))
    if not key:
        return []
    last = key[-1]
    other = last[:-1] if last.endswith("s") and not last.endswith("ss") else f"{last}s"
    forms = [last, *(["spent", "spending"] if last == "spend" else []), *([other] if len(other) > 1 else [])]
    return [_phrase(words), *((*key[:-1], form) for form in forms)]
