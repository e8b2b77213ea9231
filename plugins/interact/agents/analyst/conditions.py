"""Conditions on metrics: "where CPA exceeded the target", "over 100 conversions", "spend rose by more than 20%"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from interact.agents.analyst.lexicon import Token
from interact.agents.analyst.matched import Matched
from interact.agents.analyst.pieces import Sheet
from interact.agents.analyst.thresholds import CHANGES, change_of, in_unit_of, signed_change, value_of
from interact.errors import AgentRefused
from interact.warehouse.queries import Comparator
from interact.warehouse.semantic import Metric, SemanticModel


@dataclass(frozen=True)
class Condition:
    """A metric compared with a number, or with its own target (`value` None)."""

    metric: str
    comparator: Comparator
    value: float | None
    on: Literal["level", "change"] = "level"
    """`change` compares the fraction by which the metric changed against the period before."""
    words: str = ""


@dataclass(frozen=True)
class Rule:
    """Members of a dimension for which all conditions hold, or one of them where `any_of` is set.

    `highlight` marks them, else only they are shown.
    """

    dimension: str
    conditions: tuple[Condition, ...]
    highlight: bool
    narrows: bool = False
    """True where the table that is asked for anyway shows only these: "spend by campaign with ROAS below 2"."""
    any_of: bool = False
    newly: bool = False
    """True where only those are meant for which it did not hold in the period before: "crossed below 2"."""


@dataclass(frozen=True)
class _Found:
    start: int
    end: int
    conditions: tuple[Condition, ...]


_VALUE = r"(?:t[hi]*n|n[hi]*t|m[hi]*t|t[hi]*m|t|n|j)"
_BETWEEN = re.compile(r"m[hi]*B[hi]*n[hi]*&[hi]*n|B[hi]*n[hi]*&[hi]*n[hi]*m|B[hi]*n[hi]*&[hi]*n")
_SIGNED = re.compile(r"m[hi]*s[hi]*c[hi]*n|c[hi]*n[hi]*s[hi]*m")
_LEVEL = re.compile(rf"m[hi]*c[hi]*{_VALUE}")
_AFTER = re.compile(r"c[hi]*n[hi]*m|(?<!m)(?<!m[hi])c[hi]*m[hi]*n")
_MORE = re.compile(r"m[hi]*nM|nM[hi]*m")
_NONE = re.compile(r"0[hi]*m|m[hi]*(?:0|n)(?![hi]*[cmt%])")
_SIDE = re.compile(r"m[hijq]*G|G[hi]*m|[yqf][hijq]*G(?![hi]*m)")
_CHANGE = re.compile(r"m[hi]*u[hib]*(?:c?[hib]*n)|u[hib]*c?[hib]*n[hi]*m|u[hi]*m[hi]*[hib]*c?[hib]*n")
_IT_CHANGED = re.compile(r"j[hi]*u[hib]*c?[hib]*n(?![hi]*m)")
_TIMES = re.compile(r"m[hi]*c?[hi]*V|c?[hi]*V[hij]*m")
_MOVE = r"(?:m[hi]*u|u[hi]*m)"
_MOVED = re.compile(rf"[qd][hi]*{_MOVE}(?:[hi]*(?:,|&|,&|\|)[hiq]*{_MOVE})*")
_ONE_MOVE = re.compile(_MOVE)
_BARE = re.compile(rf"c[hi]*{_VALUE}")
_MET = re.compile(r"(?:m[hi]*)?N?[hi]*H[hi]*(?:m[hi]*t|t[hi]*m|t)")
_STATED = re.compile(r"(?:m[hi]*t|t[hi]*m)(?:[hi,]|c)*n")
_JOINED = re.compile(r"[hiwp]*(?:,|&|,&|\||,\|)[hiq]*")
_SOME = re.compile(r"[qd][hi]*m(?:[hi]*[,&][hi]*m)*(?=[hi]*(?:,|&|,&)?[hi]*0)")
_OR_EQUAL: dict[Comparator, Comparator] = {">": ">=", "<": "<="}
_SUNK = re.compile(r"(?:fall|drop|go|go(?:es|ing)|went|(?:fall|drop)s|falling) (?:under|over|above)", re.IGNORECASE)
_NEWLY = re.compile(r"(?:newly|cross)", re.IGNORECASE)


def read_conditions(sheet: Sheet, model: SemanticModel, *, meant: str | None = None) -> tuple[Rule, ...]:
    """Return the rules of a prompt and claim their pieces; raises AgentRefused where one cannot be read for certain.

    `meant` is the metric of a comparison that names none, nor any sentence before it.
    """
    reader = _Reader(sheet, model, meant)
    found = sorted(reader.all(), key=lambda each: each.start)
    groups: list[list[_Found]] = []
    for each in found:
        joined = groups and _joined(sheet.shape, groups[-1][-1], each)
        if joined:
            groups[-1].append(each)
        else:
            groups.append([each])
    return tuple(dict.fromkeys(reader.rule(group) for group in groups))


def _joined(shape: str, one: _Found, other: _Found) -> bool:
    """Tell whether two conditions hold together, or in place of each other: "spent money without conversions"."""
    between = shape[one.end : other.start]
    lacks = shape[other.start] == "0" and re.fullmatch(r"[hi]*", between) is not None
    return lacks or _JOINED.fullmatch(between) is not None


@dataclass
class _Reader(Matched):
    def all(self) -> list[_Found]:
        """Try the shapes, the ones that leave least open first."""
        self._pass_over_periods()
        stated = self._stated()
        found = self._between()
        for match in self.sheet.find(_SIGNED):
            found += self._signed(match)
        for pattern in (_MET, _LEVEL, _CHANGE, _IT_CHANGED, _TIMES, _AFTER, _MORE, _BARE):
            for match in self.sheet.find(pattern):
                if pattern is not _IT_CHANGED or self._points_back(match):
                    found.append(self._one(match, stated))  # each claims what the next must not find
        for match in self.sheet.find(_NONE):
            found += self._none(match)
        found += [self._side(match) for match in self.sheet.find(_SIDE)]
        if found:
            found += [each for match in self.sheet.find(_SOME) for each in self._some(match)]
        return found + self._moved()

    def rule(self, group: list[_Found]) -> Rule:
        """Return one rule of conditions that hold together, or of which one holds."""
        first = group[0].start
        sentence = self.sheet.sentence(first)
        conditions = tuple(condition for each in group for condition in each.conditions)
        dimension, grouped = self._dimension(sentence, first)
        conditions = tuple(self._with_target(dimension, condition) for condition in conditions)
        self.sheet.claim(at for at in sentence if self.sheet.pieces[at].kind == "I")
        highlight = self._highlights(sentence, first)
        any_of = self._is_alternative(group)
        newly = self.sheet.newly or any(_NEWLY.match(self._text_of(each, "c")) for each in group)
        narrows = grouped and not (highlight or any_of or newly)
        return Rule(dimension, conditions, highlight, narrows=narrows, any_of=any_of, newly=newly)

    def _highlights(self, sentence: range, first: int) -> bool:
        """Tell whether a condition marks members: "highlight …", "… should be highlighted"."""
        before = self.sheet.shape[sentence.start : first]
        after = [self.sheet.pieces[at] for at in range(first, sentence.stop) if self.sheet.pieces[at].kind == "f"]
        return "f" in before or any(re.search(r"(?:ed|out|a flag)$", piece.text.casefold()) for piece in after)

    def _is_alternative(self, group: list[_Found]) -> bool:
        """Tell whether "or" joins conditions, and claim it; refuse one beside an "and", which may hold first."""
        between = [(one.end, other.start) for one, other in pairwise(group)]
        joints = [self.sheet.shape[start:end] for start, end in between]
        if not any("|" in joint for joint in joints):
            return False
        if any("&" in joint for joint in joints) or any(len(each.conditions) > 1 for each in group):
            words = self.sheet.words(group[0].start, group[-1].end)
            raise AgentRefused(
                f"{words!r} joins conditions by 'and' and by 'or', which can be read in two ways. Use one."
            )
        self.sheet.claim(at for start, end in between for at in range(start, end) if self.sheet.pieces[at].kind == "|")
        start = group[0].start
        self.sheet.claim(
            at for at in range(max(0, start - 3), start) if self.sheet.pieces[at].text.casefold() == "either"
        )
        return True

    def _text_of(self, found: _Found, kind: str) -> str:
        pieces = [self.sheet.pieces[at] for at in range(found.start, found.end)]
        return next((piece.text for piece in pieces if piece.kind == kind), "")

    def _dimension(self, sentence: range, first: int) -> tuple[str, bool]:
        """Return the dimension that a condition is about, and whether it stands there as "by campaign" does."""
        kinds = {at: self.sheet.pieces[at] for at in sentence if at not in self.sheet.claimed}
        before = [at for at, piece in kinds.items() if piece.kind == "d" and at < first]
        after = [at for at, piece in kinds.items() if piece.kind == "d" and at > first]
        if not before and not after:
            return self._dimension_meant(sentence), False
        at = before[-1] if before else after[0]
        linked = re.search(r"[bi,&]", self.sheet.shape[at + 1 : first]) if before else None
        grouped = bool(linked or re.search(r"b[hiy]*$", self.sheet.shape[sentence.start : at]))
        if not grouped:
            self.sheet.claim([at])
        return str(self.sheet.pieces[at].value), grouped

    def _dimension_meant(self, sentence: range) -> str:
        """Return what a condition without a dimension is about: what the sentences before name, the nearest first."""
        named = {str(piece.value) for piece in self.sheet.pieces[sentence.start : sentence.stop] if piece.kind == "d"}
        start = sentence.start
        while not named and start > 1:
            earlier = self.sheet.sentence(start - 2) if self.sheet.pieces[start - 1].kind == "." else range(start - 1)
            named = {str(self.sheet.pieces[at].value) for at in earlier if self.sheet.pieces[at].kind == "d"}
            start = min(earlier.start, start - 1)
        if len(named) > 1:
            words = self.sheet.words(sentence.start, sentence.stop)
            labels = " or ".join(sorted(self.model.dimension(name).label.lower() for name in named))
            raise AgentRefused(f"I could not tell of what {words!r} is meant, {labels}. Name it.")
        return named.pop() if named else self.model.default_dimension

    def _with_target(self, dimension: str, condition: Condition) -> Condition:
        """Return a condition whose target is a number with that number; refuse a target of other members."""
        target = self.model.metric(condition.metric).target
        if condition.value is not None or target is None:
            return condition
        if target.value is not None:
            return replace(condition, value=target.value)
        if target.per != dimension:
            per, other = (self.model.dimension(name).label.lower() for name in (target.per or dimension, dimension))
            raise AgentRefused(
                f"{condition.words!r} compares with a target that is set per {per}, not per {other}. "
                f"Ask for it by {per}, or write the number in the prompt."
            )
        return condition

    def _pass_over_periods(self) -> None:
        """Claim "over" in "over the past 7 days" and in "last week over the week before": no comparison."""
        for match in re.finditer(r"c[hi]*[wp]", self.sheet.shape):
            if self.sheet.pieces[match.start()].text.casefold() == "over":
                self.sheet.claim([match.start()])

    def _stated(self) -> dict[str, float]:
        """Return the targets that the prompt itself states: "the target CPA is €20"."""
        stated: dict[str, float] = {}
        for match in self.sheet.find(_STATED):
            if re.search(r"c[hi]*$", self.sheet.shape[: match.start()]) or (
                "c" in match[0] and not self._equals(match)
            ):
                continue
            metric = self.metric(match)
            stated[metric.name] = value_of(self.number(match), metric)
            self.sheet.claim(range(*match.span()))
        return stated

    def _equals(self, match: re.Match[str]) -> bool:
        kinds = [self.sheet.pieces[at] for at in range(*match.span()) if self.sheet.pieces[at].kind == "c"]
        return all(piece.value == "=" for piece in kinds)

    def _between(self) -> list[_Found]:
        found = []
        for match in list(self.sheet.find(_BETWEEN)):
            metric = self.metric(match) if "m" in match[0] else self.metric_meant(match)
            words = self.words(match)
            numbers = [self.sheet.pieces[at].value for at in range(*match.span()) if self.sheet.shape[at] == "n"]
            first, last = (number for number in numbers if isinstance(number, Token))
            low, high = sorted(value_of(number, metric) for number in (in_unit_of(first, last), last))
            self.sheet.claim(range(*match.span()))
            # Both are said by the same words, which are quoted once.
            limits = (Condition(metric.name, ">=", low, words=words), Condition(metric.name, "<=", high))
            found.append(_Found(match.start(), match.end(), limits))
        return found

    def _one(self, match: re.Match[str], stated: dict[str, float]) -> _Found:
        shape, span = match[0], range(*match.span())
        metric = self.metric(match) if "m" in shape else self.metric_meant(match)
        condition = Condition(metric.name, self._comparator(match, metric), None, words=self.words(match))
        if "V" in shape:
            condition = self._multiplied(match, condition)
        elif "u" in shape:
            down = self._direction(match) == "<"
            comparator = condition.comparator if "c" in shape else None
            changed, limit = change_of(self.number(match), comparator, down=down, words=condition.words)
            condition = replace(condition, comparator=changed, value=limit, on="change")
        elif "n" in shape:
            condition = replace(condition, value=self._level(match, metric))
        elif metric.name in stated:
            condition = replace(condition, value=stated[metric.name])
        elif "t" not in shape:
            raise AgentRefused(
                f"{self.words(match)!r} does not say what to compare with. Write the number in its place."
            )
        elif metric.target is None:
            known = ", ".join(each.label for each in self.model.metrics if each.target) or "no metric"
            raise AgentRefused(
                f"{metric.label} has no target (there is one for {known}). Write the number in the prompt."
            )
        self.sheet.claim(span)
        return _Found(match.start(), match.end(), (condition,))

    def _level(self, match: re.Match[str], metric: Metric) -> float:
        """Return the number of a condition; of a percentage "fell under 10%" is a level, which is said."""
        number = self.number(match)
        if number.unit == "%" and any(_SUNK.fullmatch(piece.text) for piece in self.pieces(match, "c")):
            self.sheet.remarks.append(f"{self.words(match)!r} is read as a level of {metric.label}, not as a change.")
        return value_of(number, metric)

    def _multiplied(self, match: re.Match[str], condition: Condition) -> Condition:
        """Read "doubled" as a rise by at least 100 %, "more than halved" as a fall by more than 50 %."""
        size = float(str(next(self.pieces(match, "V")).value))
        comparator = condition.comparator if "c" in match[0] else ">="
        if comparator not in (">", ">="):
            raise AgentRefused(f"{condition.words!r} is a change that I cannot read. Write it in percent, as 'by 20%'.")
        turned: Comparator = comparator if size > 0 else "<" if comparator == ">" else "<="
        return replace(condition, comparator=turned, value=size, on="change")

    def _signed(self, match: re.Match[str]) -> list[_Found]:
        """Read "a revenue change worse than -10 %"; any other section's name is left for who reads those."""
        section = next(self.pieces(match, "s"))
        if section.text.casefold() not in CHANGES:
            return []
        metric, words = self.metric(match), self.words(match)
        value = next(self.pieces(match, "c")).value
        number = self.number(match)
        if value == "worse":
            value = "<" if (number.number or 0) < 0 else ">"
        comparator, limit = signed_change(number, value, words=words)  # type: ignore[arg-type]  # comparators only
        self.sheet.claim(range(*match.span()))
        condition = Condition(metric.name, comparator, limit, "change", words)
        return [_Found(match.start(), match.end(), (condition,))]

    def _side(self, match: re.Match[str]) -> _Found:
        """Read "any that is negative"."""
        metric = self.metric(match) if "m" in match[0] else self.metric_meant(match)
        value = next(self.pieces(match, "G")).value
        condition = Condition(metric.name, value, 0.0, words=self.words(match))  # type: ignore[arg-type]  # < or >
        self.sheet.claim(at for at in range(*match.span()) if self.sheet.pieces[at].kind in "mG")
        return _Found(match.start(), match.end(), (condition,))

    def _none(self, match: re.Match[str]) -> list[_Found]:
        """Read "no conversions" and "conversions are 0"; any other bare number is left for who reports it."""
        if "n" in match[0] and self.number(match).number != 0:
            return []
        metric = self.metric(match)
        if "d" not in self.sheet.shape and re.search(r"m[hi]*$", self.sheet.shape[: match.start()]):
            raise AgentRefused(
                f"I could not tell of what {self.words(match)!r} is meant. Name it, as "
                f"'{self.model.dimension(self.model.default_dimension).plural} {self.words(match)}'."
            )
        condition = Condition(metric.name, "=", 0.0, words=self.words(match))
        self.sheet.claim(range(*match.span()))
        return [_Found(match.start(), match.end(), (condition,))]

    def _some(self, match: re.Match[str]) -> list[_Found]:
        """Read "with spend" in "with spend but no conversions"."""
        found = []
        for at in range(*match.span()):
            if self.sheet.pieces[at].kind == "m":
                name = str(self.sheet.pieces[at].value)
                words = f"with {self.sheet.words(at, at + 1)}"
                found.append(_Found(at, at + 1, (Condition(name, ">", 0.0, words=words),)))
        self.sheet.claim(at for at in range(*match.span()) if self.sheet.pieces[at].kind == "m")
        return found

    def _moved(self) -> list[_Found]:
        found = []
        for match in list(self.sheet.find(_MOVED)):
            sentence = self.sheet.sentence(match.start())
            before = self.sheet.words(sentence.start, match.start() + 1)
            # "Market revenue growth" is no condition, "which markets saw revenue grow" is one.
            moving = re.match(r"d[hi]*u", match[0]) and re.fullmatch(
                r"\w+ing|up|down", next(self.pieces(match, "u")).text
            )
            asks = match[0][0] == "q" or moving or re.search(r"\b(?:which|what)\b", before, re.IGNORECASE)
            if asks and "d" in self.sheet.shape[sentence.start : match.start() + 1]:
                for move in _ONE_MOVE.finditer(self.sheet.shape, *match.span()):
                    condition = Condition(
                        self.metric(move).name, self._direction(move), 0.0, "change", self.words(move)
                    )
                    found.append(_Found(move.start(), move.end(), (condition,)))
                self.sheet.claim(at for at in range(*match.span()) if self.sheet.pieces[at].kind != "|")
        return found

    def _direction(self, match: re.Match[str]) -> Comparator:
        way = next(self.pieces(match, "u")).value
        if way in ("up", "down"):
            return "<" if way == "down" else ">"
        metric = self.metric(match) if "m" in match[0] else self.metric_meant(match)
        if metric.good is None:
            raise AgentRefused(f"Whether more {metric.label} is good is not known. Write 'rose' or 'fell'.")
        return ">" if (metric.good == "up") == (way == "better") else "<"

    def _comparator(self, match: re.Match[str], metric: Metric) -> Comparator:
        value = next((p.value for p in self.pieces(match, "c")), None) or next(
            (p.value for p in self.pieces(match, "M")), "="
        )
        met = "H" in match[0]
        if value == "crossed" and self._is_of_a_side(match, metric):
            return self._crossed(match, metric)
        if value == "crossed":
            raise AgentRefused(
                f"{self.words(match)!r} does not say which way. Write 'crossed below' or 'crossed above'."
            )
        if value in ("worse", "better") or met:
            if metric.good is None:
                raise AgentRefused(f"Whether more {metric.label} is good is not known. Write 'above' or 'below'.")
            good = "N" not in match[0] if met else value == "better"
            side: Comparator = ">" if (metric.good == "up") == good else "<"
            return _OR_EQUAL[side] if met and good else side
        return value  # type: ignore[return-value]  # the lexicon holds comparators only

    def _is_of_a_side(self, match: re.Match[str], metric: Metric) -> bool:
        """Tell whether a target is crossed, and one side of it is bad: "crossed over" may say another one."""
        word = next(self.pieces(match, "c")).text.casefold()
        return bool(metric.good) and "t" in match[0] and "n" not in match[0] and not word.endswith("over")

    def _crossed(self, match: re.Match[str], metric: Metric) -> Comparator:
        """Read "crossed their target" as to the bad side, and say so."""
        side: Comparator = "<" if metric.good == "up" else ">"
        way = "below" if side == "<" else "above"
        self.sheet.remarks.append(f"{self.words(match)!r} is read as crossed {way} it, the bad side of {metric.label}.")
        return side
