"""The analyst's words, and how a prompt is cut into pieces: each word of it ends up in exactly one.

A piece has a kind, one letter, so that what is asked can be recognised by its shape (`conditions`, `reading`):

    m metric      d dimension    v value of a dimension   w period       p comparison in time   n number
    c comparator  u change       t target                 r rank         o order                g grain
    b "by"        k "against"    x "excluding"            q "where"      f highlight            e report
    s section     S performance  a verb of asking         y "any"        i preposition          h harmless
    0 "no"        N "not"        I "if"                   F forecast     W why                  T unread time
    A "average"   B "between"    M "or more"              j "it"         H "reached"    z unknown    & | , .
    C "how many"  G "negative"   V "doubled"              P personal     D a date column    U two meanings
    L a currency
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from interact.agents.analyst.phrases import FIXED
from interact.agents.analyst.windows import NUMBER_WORDS
from interact.warehouse.semantic import Dimension, Metric, SemanticModel, TimeDimension, plural_of

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
    is_word: bool = False
    """True for a value of the data that is also a word of the language: "business"."""


@dataclass(frozen=True)
class Member:
    """A value that stands in the prompt: in which dimensions, and as which stored values."""

    found: tuple[tuple[str, tuple[str, ...]], ...]


_TOKEN = re.compile(
    r"(?P<number>(?<![\w.])[-−]?(?P<sign>[€$£])?\s?[-−]?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?:\s?(?P<unit>%|×|percent\b|per cent\b|(?:k|thousand|m|mln|million|bn|billion|x|eur|usd|gbp|euros?|dollars?"
    r"|pounds?)\b))?(?:\s(?P<money>eur|usd|gbp|euros?|dollars?|pounds?)\b)?(?![\w%]))"
    r"|(?P<word>[^\W_][\w'’]*(?:_\w+)*)|(?P<mark>>=|<=|[^\w\s])|(?P<line>\n)",
    re.IGNORECASE,
)
_MARKS = {"&": "&", "+": "&", ",": ",", "/": ",", "(": ",", ")": ",", "|": ",", "•": ","} | dict.fromkeys(".!?;\n", ".")
_SCALE = {"%": 0.01, "percent": 0.01, "per cent": 0.01, "k": 1e3, "thousand": 1e3, "m": 1e6, "mln": 1e6, "million": 1e6}
_SCALE |= {"bn": 1e9, "billion": 1e9}
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "euro": "EUR", "euros": "EUR", "eur": "EUR", "usd": "USD", "gbp": "GBP"}
_SIGNS |= {"dollar": "USD", "dollars": "USD", "pound": "GBP", "pounds": "GBP"}


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
        kind = "%" if _SCALE.get(unit) == 0.01 else _SIGNS.get((match["sign"] or match["money"] or unit).casefold(), "")
        return Token(match[0].strip(), start, end, "#", round(amount, 10), kind)
    if match["word"]:
        word = plain(match[0])
        number = NUMBER_WORDS.get(word) if word != "one" else None
        return Token(match[0], start, end, word, None if number is None else float(number))
    if match[0] == "%":
        return Token(match[0], start, end, "percentage")
    if match[0] in ("<", ">", "<=", ">=", "=", "≥", "≤"):
        return Token(match[0], start, end, match[0])
    return Token(match[0], start, end, _MARKS[match[0]]) if match[0] in _MARKS else None


@lru_cache(maxsize=1)
def fixed_phrases() -> dict[Phrase, tuple[str, object]]:
    """Return the phrases that do not depend on the model, each with its kind and value."""
    phrases: dict[Phrase, tuple[str, object]] = {mark: (mark[0], None) for mark in ((",",), (".",), ("&",))}
    for kind, groups in FIXED.items():
        for value, words in groups.items():
            for phrase in words.split(";"):
                key = phrase_of(phrase)
                if key not in phrases:
                    phrases[key] = (kind, value)
    return phrases


_WORD_ALONE = 3
"""The rank up to which a phrase is a whole name or synonym."""
_GENERIC = frozenset({"name", "id", "code", "number", "type", "key"})


@dataclass(frozen=True)
class Words:
    """The phrases of a model, each with its kind and value, and what those of a metric may mean after "by"."""

    phrases: Mapping[Phrase, tuple[str, object]]
    dimensions: Mapping[Phrase, str]
    """Phrases that stand for a dimension as well as for a metric, which comes first."""


@lru_cache(maxsize=8)
def words_of(model: SemanticModel) -> Words:
    """Return a model's own words: of its metrics, dimensions and date columns, singular and plural.

    A part's own name comes before a synonym of another, and both before a plural that was made of them. Two parts of
    equal right make a phrase of kind U, whose value is their names.
    """
    claims: dict[Phrase, list[tuple[int, str, str]]] = {}
    for kind, part in _parts(model):
        for rank, phrase in _phrases_of(kind, part):
            claims.setdefault(phrase, []).append((rank, kind, part.name))
    phrases: dict[Phrase, tuple[str, object]] = {}
    dimensions: dict[Phrase, str] = {}
    for phrase, found in claims.items():
        if phrase in fixed_phrases() and all(kind == "D" or rank > _WORD_ALONE for rank, kind, _ in found):
            continue
        best = min(rank for rank, _, _ in found)
        first = dict.fromkeys((kind, name) for rank, kind, name in found if rank == best)
        kinds = {kind for kind, _ in first}
        kind = next(each for each in "mdDP" if each in kinds)
        names = [name for each, name in first if each == kind]
        phrases[phrase] = (kind, names[0]) if len(names) == 1 or kind in "DP" else ("U", " ".join(names))
        others = dict.fromkeys(name for _, each, name in found if each == "d")
        if kind == "m" and len(others) == 1:
            dimensions[phrase] = next(iter(others))
    return Words(phrases, dimensions)


def model_phrases(model: SemanticModel) -> Mapping[Phrase, tuple[str, object]]:
    """Return the words for a model's metrics, dimensions and date columns, singular and plural."""
    return words_of(model).phrases


def _parts(model: SemanticModel) -> list[tuple[str, Metric | Dimension | TimeDimension]]:
    return [
        *(("m", metric) for metric in model.metrics),
        *(("P" if dimension.pii else "d", dimension) for dimension in model.dimensions),
        *(("D", time) for time in model.times),
    ]


def _phrases_of(kind: str, part: Metric | Dimension | TimeDimension) -> list[tuple[int, Phrase]]:
    """Return the phrases of one part with their rank; those that tell who a person is also by their last word."""
    own = [part.name, part.label, *([part.plural] if isinstance(part, Dimension) else [])]
    found = [(rank, words) for rank, group in enumerate((own, part.synonyms)) for words in group]
    phrases = [
        (rank if number == 0 else rank + 2, phrase) for rank, words in found for number, phrase in _numbers(words)
    ]
    lasts = [phrase[-1:] for _, phrase in phrases if kind == "P" and phrase[-1].rstrip("s") not in _GENERIC]
    return [*phrases, *((_WORD_ALONE + 1, last) for last in lasts)]


def phrase_of(text: str) -> Phrase:
    """Return a text's words as phrases are compared."""
    return tuple(token.key for token in tokenise(text))


def forms_of(word: str) -> tuple[str, ...]:
    """Return a word in singular and plural, itself first."""
    forms = [word]
    if word.endswith("ies") and len(word) > 4:
        forms.append(f"{word[:-3]}y")
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        forms += [word[:-1], *([word[:-2]] if re.search(r"(s|x|z|ch|sh)es$", word) else [])]
    else:
        forms.append(plural_of(word))
    return tuple(form for form in forms if len(form) > 1)


def _numbers(words: str) -> list[tuple[int, Phrase]]:
    """Return a phrase as it is (0), and with its last word in the other number (1)."""
    key = phrase_of(re.sub(r"\(.*?\)|_", " ", words))
    if not key:
        return []
    last = key[-1]
    forms = [*forms_of(last)[1:], *(["spent", "spends", "spending"] if last == "spend" else [])]
    joined = [(0, phrase_of(words.replace("-", "")))] if "-" in words else []
    return [(0, phrase_of(words.partition("(")[0])), (0, key), *joined, *((1, (*key[:-1], form)) for form in forms)]
