"""Numbers as people write them: what each may mean, to which rounding, in which unit."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Unit = Literal["plain", "percent", "points", "money", "times"]

DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"})
CURRENCIES: dict[str, frozenset[str]] = {
    "€": frozenset({"EUR"}), "euro": frozenset({"EUR"}), "euros": frozenset({"EUR"}),
    "$": DOLLARS, "us$": frozenset({"USD"}), "dollar": DOLLARS, "dollars": DOLLARS,
    "£": frozenset({"GBP"}), "pound": frozenset({"GBP"}), "pounds": frozenset({"GBP"}),
    "¥": frozenset({"JPY", "CNY"}), "kr": frozenset({"SEK", "NOK", "DKK"}), "zł": frozenset({"PLN"}),
    "₹": frozenset({"INR"}), "₺": frozenset({"TRY"}),
}  # fmt: skip
_CODES = [
    "EUR",
    "USD",
    "GBP",
    "JPY",
    "CHF",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "HUF",
    "RON",
    "BGN",
    "CAD",
    "AUD",
    "NZD",
    "INR",
    "CNY",
    "BRL",
    "MXN",
    "ZAR",
    "TRY",
    "SGD",
    "HKD",
    "AED",
    "ILS",
    "KRW",
    "UAH",
]
_BEFORE = rf"US\$|[€$£¥₹₺]|(?:{'|'.join(_CODES)})\b|kr\b"
_AFTER = rf"[€$£¥₹₺]|(?:{'|'.join(_CODES)})\b|(?:euros?|dollars?|pounds?|kr|zł)\b"
_GAP = "[ \u00a0\u2009\u202f]"
_DIGITS = r"\d{1,3}(?:[,.'’\u00a0\u2009\u202f ]\d{3}(?!\d))+(?:[.,]\d+)?|\d+(?:[.,]\d+)?|\.\d+"
_SCALES = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6, "bn": 1e9, "b": 1e9, "billion": 1e9,
}  # fmt: skip
_NUMERAL = re.compile(
    rf"""(?<![\w#$€£¥])
    (?P<sign>[-–+±]|−{_GAP}?)?
    (?:(?P<before>{_BEFORE}){_GAP}?)?
    (?P<inner>[-−+])?
    (?P<digits>{_DIGITS})
    (?:(?:{_GAP}|-)?(?P<scale>(?i:thousand|million|billion|mio|mn|bn)\b|[kKMB]\b|(?<=\d)m\b))?
    (?:(?:{_GAP}|-)?(?P<unit>percentage[ -]points?\b|%?{_GAP}?-?points?\b|%{_GAP}?pts?\b|pp\b|p\.p\.|ppts?\b|pts?\b
        |%|percent\b|per{_GAP}cent\b|pct\b)
    |{_GAP}?(?P<after>{_AFTER})
    |(?P<times>[x×])(?!\w)|(?P<fold>-fold\b))?
    (?![A-Za-z_\d])""",
    re.VERBOSE,
)
_APPROXIMATE = r"(?:\b(?:about|around|roughly|approximately|approx\.?|circa|ca\.|some|close to|near)|~|≈)"
_MORE = r"\b(?:over|more than|above|just over|at least|exceed(?:s|ed|ing)?|upwards? of|north of|beyond)"
_LESS = r"\b(?:almost|nearly|just under|under|less than|below|fewer than|up to|at most|not quite|close to)"
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_PARTS = {"half": 50.0, "third": 33.3, "quarter": 25.0, "fifth": 20.0, "tenth": 10.0}
_TIMES = {"double": 100.0, "doubled": 100.0, "triple": 200.0, "tripled": 200.0, "halve": 50.0, "halved": 50.0}
_SPELLED = re.compile(
    rf"\b(?:{'|'.join((*WORDS, *_TIMES))}|half|(?:a|one)\s+(?:{'|'.join(_PARTS)}))\b(?!\s+(?:of\s+)?(?:19|20)\d\d)",
    re.IGNORECASE,
)
Hedge = Literal["", "about", "more", "less"]
_WORDS_OF: tuple[tuple[Hedge, str], ...] = (("about", _APPROXIMATE), ("more", _MORE), ("less", _LESS))
_HEDGES: dict[Hedge, re.Pattern[str]] = {
    kind: re.compile(rf"{pattern}\s*(?:a\s|the\s)?[*_(]*$", re.IGNORECASE) for kind, pattern in _WORDS_OF
}


@dataclass(frozen=True)
class Reading:
    """What a number may stand for: its size without a sign, and half of its last place."""

    size: float
    margin: float

    def low_high(self, hedge: Hedge) -> tuple[float, float]:
        """Return between which sizes the figure lies that is written so."""
        slack = 1e-9 * max(self.size, 1.0)
        coarse = max(_last_place(self.size) / 2, self.margin) if self.margin >= 0.5 else self.margin
        match hedge:
            case "about":
                return self.size - coarse - slack, self.size + coarse + slack
            case "more":
                return self.size - slack, self.size + 2 * coarse + slack
            case "less":
                return self.size - 2 * coarse - slack, self.size + slack
            case _:
                return self.size - self.margin - slack, self.size + self.margin + slack


@dataclass(frozen=True)
class Numeral:
    """One number of a text, from `start` to `end`, its sign and its unit included."""

    start: int
    end: int
    text: str
    readings: tuple[Reading, ...]
    unit: Unit = "plain"
    currencies: frozenset[str] = frozenset()
    sign: Literal["", "-", "+"] = ""
    hedge: Hedge = ""

    @property
    def is_whole(self) -> bool:
        """Whether it is written without decimals and without a scale."""
        return any(reading.margin == 0.5 for reading in self.readings)

    @property
    def whole(self) -> int | None:
        """The whole number that it is; None for one with decimals, a unit or a sign."""
        if self.unit != "plain" or self.sign or not self.is_whole:
            return None
        size = next(reading.size for reading in self.readings if reading.margin == 0.5)
        return int(size) if math.isfinite(size) else None

    def with_unit_of(self, other: Numeral) -> Numeral:
        """Return this number in the unit of one that it shares it with: the 12 of "12 to 15%"."""
        return Numeral(
            self.start, self.end, self.text, self.readings, other.unit, other.currencies, self.sign, self.hedge
        )


def spelled_in(text: str) -> Iterator[Numeral]:
    """Yield the numbers that stand in words: seven days, more than a quarter."""
    for match in _SPELLED.finditer(text):
        word = match[0].lower()
        if word in WORDS:
            yield Numeral(match.start(), match.end(), match[0], (Reading(float(WORDS.index(word)), 0.5),))
        else:
            yield Numeral(
                match.start(), match.end(), match[0], (Reading((_PARTS | _TIMES)[word.split()[-1]], 0.05),), "percent"
            )


def numerals_in(text: str) -> Iterator[Numeral]:
    """Yield the numbers of a text, from left to right; those that are parts of words are left out."""
    found = [numeral for match in _NUMERAL.finditer(text) if (numeral := _numeral(text, match)) is not None]
    for place, numeral in enumerate(found):
        after = found[place + 1] if place + 1 < len(found) else None
        if after and numeral.unit == "plain" and after.unit != "plain" and _is_range(text[numeral.end : after.start]):
            yield numeral.with_unit_of(after)
        elif place and numeral.unit == "plain" and found[place - 1].unit == "money":
            before = found[place - 1]
            joined = re.fullmatch(r"\s?[-–—]\s?", text[before.end : numeral.start])
            yield numeral.with_unit_of(before) if joined else numeral
        else:
            yield numeral


def _is_range(between: str) -> bool:
    return bool(re.fullmatch(r"\s?(?:[-–—]|to|and|or)\s?", between))


def _numeral(text: str, match: re.Match[str]) -> Numeral | None:
    start = match.start()
    sign = (match["sign"] or "").strip() or match["inner"] or ""
    if match["sign"] and start and text[start - 1] not in " \t\n([*_|/:\u00a0,;“\"'~":
        sign, start = "", start + len(match["sign"])
    if start > 1 and text[start - 1] in "-–." and text[start - 2].isalpha():
        return None
    before, after = match["before"] or "", match["after"] or ""
    scale = _SCALES.get((match["scale"] or "").lower(), 1.0)
    readings = tuple(Reading(size * scale, margin * scale) for size, margin in _read(match["digits"]))
    return Numeral(
        start,
        match.end(),
        text[start : match.end()],
        readings,
        _unit(match),
        _currencies(before or after),
        "-" if sign in ("-", "−", "–") else "+" if sign == "+" else "",
        _hedge(text[max(0, start - 30) : start]),
    )


def _hedge(before: str) -> Hedge:
    return next((kind for kind, pattern in _HEDGES.items() if pattern.search(before)), "")


def _unit(match: re.Match[str]) -> Unit:
    unit = (match["unit"] or "").lower()
    if match["before"] or match["after"]:
        return "money"
    if match["times"] or match["fold"]:
        return "times"
    if not unit:
        return "plain"
    return "percent" if unit in ("%", "pct") or unit.endswith("cent") else "points"


def _currencies(written: str) -> frozenset[str]:
    return CURRENCIES.get(written.lower()) or (frozenset({written.upper()}) if written else frozenset())


def _read(digits: str) -> Iterator[tuple[float, float]]:
    """Yield size and half of the last place for each way to read digits: 1.234 is also 1234, in many languages."""
    plain = re.sub("['’\u00a0\u2009\u202f ]", "", digits)
    points = [letter for letter in plain if letter in ",."]
    if not points:
        yield float(plain), 0.5
        return
    last = max(plain.rfind(","), plain.rfind("."))
    decimals = len(plain) - last - 1
    whole = re.sub("[,.]", "", plain)
    grouped = len(set(points)) == 1 and decimals == 3 and last > 0 and plain[0] != "0"
    if grouped:
        yield float(whole), 0.5
    if (len(points) == 1 or points[-1] not in points[:-1]) and not (grouped and points == [","]):
        yield float(f"{re.sub('[,.]', '', plain[:last]) or '0'}.{plain[last + 1 :]}"), 0.5 * 10.0**-decimals


def _last_place(size: float) -> float:
    """Return the place of a number's last digit that is not a zero: 100 of 1,200."""
    if size < 1 or not math.isfinite(size) or size != int(size):
        return 0.0
    shown = str(int(size))
    return float(10 ** (len(shown) - len(shown.rstrip("0"))))
