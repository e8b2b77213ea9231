"""Conditions on metrics: "where CPA exceeded the target", "over 100 conversions", "spend rose by more than 20%"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from interact.agents.analyst.lexicon import Piece, Token
from interact.agents.analyst.pieces import Sheet
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
    """Members of a dimension for which all conditions hold; `highlight` marks them, else only they are shown."""

    dimension: str
    conditions: tuple[Condition, ...]
    highlight: bool
    narrows: bool = False
    """True where the table that is asked for anyway shows only these: "spend by campaign with ROAS below 2"."""


@dataclass(frozen=True)
class _Found:
    start: int
    end: int
    conditions: tuple[Condition, ...]


_VALUE = r"(?:t[hi]*n|n[hi]*t|m[hi]*t|t[hi]*m|t|n|j)"
_BETWEEN = re.compile(r"m[hi]*B[hi]*n[hi]*&[hi]*n")
_LEVEL = re.compile(rf"m[hi]*c[hi]*{_VALUE}")
_AFTER = re.compile(r"c[hi]*n[hi]*m")
_MORE = re.compile(r"m[hi]*nM|nM[hi]*m")
_NONE = re.compile(r"0[hi]*m|m[hi]*(?:0|n)(?![hi]*[cmt%])")
_CHANGE = re.compile(r"m[hi]*u[hib]*(?:c?[hib]*n)|u[hib]*c?[hib]*n[hi]*m|u[hi]*m[hi]*c?[hi]*n")
_MOVE = r"(?:m[hi]*u|u[hi]*m)"
_MOVED = re.compile(rf"q[hi]*{_MOVE}(?:[hi]*(?:,|&|,&)[hiq]*{_MOVE})*")
_ONE_MOVE = re.compile(_MOVE)
_BARE = re.compile(rf"c[hi]*{_VALUE}")
_MET = re.compile(r"(?:m[hi]*)?N?[hi]*H[hi]*(?:m[hi]*t|t[hi]*m|t)")
_STATED = re.compile(r"(?:m[hi]*t|t[hi]*m)(?:[hi,]|c)*n")
_JOINED = re.compile(r"[hi]*(?:,|&|,&)[hiq]*")
_SOME = re.compile(r"q[hi]*m(?=[hi]*&?[hi]*0)")
_LIMIT = 1e15
_OR_EQUAL: dict[Comparator, Comparator] = {">": ">=", "<": "<="}


def read_conditions(sheet: Sheet, model: SemanticModel, *, meant: str | None = None) -> tuple[Rule, ...]:
    """Return the rules of a prompt and claim their pieces; raises AgentRefused where one cannot be read for certain.

    `meant` is the metric of a comparison that names none, nor any sentence before it.
    """
    reader = _Reader(sheet, model, meant)
    found = sorted(reader.all(), key=lambda each: each.start)
    groups: list[list[_Found]] = []
    for each in found:
        joined = groups and _JOINED.fullmatch(sheet.shape[groups[-1][-1].end : each.start])
        if joined:
            groups[-1].append(each)
        else:
            groups.append([each])
    return tuple(dict.fromkeys(reader.rule(group) for group in groups))


@dataclass
class _Reader:
    sheet: Sheet
    model: SemanticModel
    meant: str | None

    def all(self) -> list[_Found]:
        """Try the shapes, the ones that leave least open first."""
        self._pass_over_periods()
        stated = self._stated()
        found = self._between()
        for pattern in (_MET, _LEVEL, _CHANGE, _AFTER, _MORE, _BARE):
            for match in self.sheet.find(pattern):
                found.append(self._one(match, stated))  # each claims what the next must not find
        for match in self.sheet.find(_NONE):
            found += self._none(match)
        if found:
            found += [self._some(match) for match in self.sheet.find(_SOME)]
        return found + self._moved()

    def rule(self, group: list[_Found]) -> Rule:
        """Return one rule of conditions that hold together."""
        first = group[0].start
        sentence = self.sheet.sentence(first)
        before = self.sheet.shape[sentence.start : first]
        conditions = tuple(condition for each in group for condition in each.conditions)
        dimension, grouped = self._dimension(sentence, first)
        self._check_target(dimension, conditions)
        self.sheet.claim(at for at in sentence if self.sheet.pieces[at].kind == "I")
        highlight = "f" in before
        return Rule(dimension, conditions, highlight, narrows=grouped and not highlight)

    def _dimension(self, sentence: range, first: int) -> tuple[str, bool]:
        """Return the dimension that a condition is about, and whether it stands there as "by campaign" does."""
        kinds = {at: self.sheet.pieces[at] for at in sentence if at not in self.sheet.claimed}
        before = [at for at, piece in kinds.items() if piece.kind == "d" and at < first]
        after = [at for at, piece in kinds.items() if piece.kind == "d" and at > first]
        if not before and not after:
            return self.model.default_dimension, False
        at = before[-1] if before else after[0]
        linked = re.search(r"[bi,&]", self.sheet.shape[at + 1 : first]) if before else None
        grouped = bool(linked or re.search(r"b[hiy]*$", self.sheet.shape[sentence.start : at]))
        if not grouped:
            self.sheet.claim([at])
        return str(self.sheet.pieces[at].value), grouped

    def _check_target(self, dimension: str, conditions: tuple[Condition, ...]) -> None:
        for condition in conditions:
            target = self.model.metric(condition.metric).target
            if condition.value is None and target is not None and target.per != dimension:
                raise AgentRefused(
                    f"{condition.words!r} compares with a target that is set per {target.per}, not per {dimension}. "
                    f"Ask for it by {target.per}, or write the number in the prompt."
                )

    def _pass_over_periods(self) -> None:
        """Claim "over" in "over the past 7 days": no comparison."""
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
            metric = self._metric(match)
            stated[metric.name] = self._value(self._number(match), metric)
            self.sheet.claim(range(*match.span()))
        return stated

    def _equals(self, match: re.Match[str]) -> bool:
        kinds = [self.sheet.pieces[at] for at in range(*match.span()) if self.sheet.pieces[at].kind == "c"]
        return all(piece.value == "=" for piece in kinds)

    def _between(self) -> list[_Found]:
        found = []
        for match in list(self.sheet.find(_BETWEEN)):
            metric, words = self._metric(match), self._words(match)
            numbers = [self.sheet.pieces[at].value for at in range(*match.span()) if self.sheet.shape[at] == "n"]
            low, high = sorted(self._value(number, metric) for number in numbers if isinstance(number, Token))
            self.sheet.claim(range(*match.span()))
            limits = (Condition(metric.name, ">=", low, words=words), Condition(metric.name, "<=", high, words=words))
            found.append(_Found(match.start(), match.end(), limits))
        return found

    def _one(self, match: re.Match[str], stated: dict[str, float]) -> _Found:
        shape, span = match[0], range(*match.span())
        metric = self._metric(match) if "m" in shape else self._meant(match)
        condition = Condition(metric.name, self._comparator(match, metric), None, words=self._words(match))
        if "u" in shape:
            condition = self._changed(match, condition)
        elif "n" in shape:
            condition = replace(condition, value=self._value(self._number(match), metric))
        elif metric.name in stated:
            condition = replace(condition, value=stated[metric.name])
        elif "t" not in shape:
            raise AgentRefused(
                f"{self._words(match)!r} does not say what to compare with. Write the number in its place."
            )
        elif metric.target is None:
            known = ", ".join(each.label for each in self.model.metrics if each.target) or "no metric"
            raise AgentRefused(
                f"{metric.label} has no target (there is one for {known}). Write the number in the prompt."
            )
        self.sheet.claim(span)
        return _Found(match.start(), match.end(), (condition,))

    def _none(self, match: re.Match[str]) -> list[_Found]:
        """Read "no conversions" and "conversions are 0"; any other bare number is left for who reports it."""
        if "n" in match[0] and self._number(match).number != 0:
            return []
        metric = self._metric(match)
        condition = Condition(metric.name, "=", 0.0, words=self._words(match))
        self.sheet.claim(range(*match.span()))
        return [_Found(match.start(), match.end(), (condition,))]

    def _some(self, match: re.Match[str]) -> _Found:
        """Read "with spend" in "with spend but no conversions"."""
        metric = self._metric(match)
        self.sheet.claim(range(*match.span()))
        return _Found(match.start(), match.end(), (Condition(metric.name, ">", 0.0, words=f"with {metric.label}"),))

    def _moved(self) -> list[_Found]:
        found = []
        for match in list(self.sheet.find(_MOVED)):
            sentence = self.sheet.sentence(match.start())
            if "d" in self.sheet.shape[sentence.start : match.start() + 1]:
                moves = [*_ONE_MOVE.finditer(self.sheet.shape, *match.span())]
                conditions = tuple(
                    Condition(self._metric(move).name, self._direction(move), 0.0, "change", self._words(move))
                    for move in moves
                )
                self.sheet.claim(range(*match.span()))
                found.append(_Found(match.start(), match.end(), conditions))
        return found

    def _changed(self, match: re.Match[str], condition: Condition) -> Condition:
        number = self._number(match)
        if number.unit != "%" or number.number is None:
            raise AgentRefused(
                f"{self._words(match)!r} is a change without a unit. Write it in percent, as 'by more than 20%'."
            )
        down = self._direction(match) == "<"
        limit = -abs(number.number) if down else abs(number.number)
        comparator = condition.comparator if "c" in match[0] else ">="
        mirrored: dict[Comparator, Comparator] = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "=": "=", "!=": "!="}
        if comparator in ("<", "<="):
            raise AgentRefused(
                f"{self._words(match)!r} sets an upper limit to a change, which I cannot apply. Turn it round."
            )
        return replace(condition, comparator=mirrored[comparator] if down else comparator, value=limit, on="change")

    def _direction(self, match: re.Match[str]) -> Comparator:
        piece = next(self.sheet.pieces[at] for at in range(*match.span()) if self.sheet.shape[at] == "u")
        return "<" if piece.value == "down" else ">"

    def _comparator(self, match: re.Match[str], metric: Metric) -> Comparator:
        value = next((p.value for p in self._pieces(match, "c")), None) or next(
            (p.value for p in self._pieces(match, "M")), "="
        )
        met = "H" in match[0]
        if value in ("worse", "better") or met:
            if metric.good is None:
                raise AgentRefused(f"Whether more {metric.label} is good is not known. Write 'above' or 'below'.")
            good = "N" not in match[0] if met else value == "better"
            side: Comparator = ">" if (metric.good == "up") == good else "<"
            return _OR_EQUAL[side] if met and good else side
        return value  # type: ignore[return-value]  # the lexicon holds comparators only

    def _pieces(self, match: re.Match[str], kind: str) -> Iterator[Piece]:
        return (self.sheet.pieces[at] for at in range(*match.span()) if self.sheet.shape[at] == kind)

    def _words(self, match: re.Match[str]) -> str:
        return self.sheet.words(*match.span())

    def _metric(self, match: re.Match[str]) -> Metric:
        names = {str(piece.value) for piece in self._pieces(match, "m")}
        if len(names) > 1:
            raise AgentRefused(
                f"{self._words(match)!r} compares two metrics, which I cannot do. Compare with a number."
            )
        return self.model.metric(names.pop())

    def _number(self, match: re.Match[str]) -> Token:
        token = next(self._pieces(match, "n")).value
        if not isinstance(token, Token):
            raise AgentRefused(f"{self._words(match)!r} holds no number.")
        return token

    def _meant(self, match: re.Match[str]) -> Metric:
        """Return the one metric that a comparison without one can mean: of its sentence, else of the one before."""
        sentence = self.sheet.sentence(match.start())
        while True:
            names = {str(self.sheet.pieces[at].value) for at in sentence if self.sheet.pieces[at].kind == "m"}
            if len(names) == 1:
                return self.model.metric(names.pop())
            if self.meant and not names and sentence.start < 2:
                return self.model.metric(self.meant)
            if names or sentence.start < 2:
                raise AgentRefused(
                    f"{self._words(match)!r} does not say which metric is meant. Write it, as 'ROAS below 2'."
                )
            sentence = self.sheet.sentence(sentence.start - 2)

    def _value(self, token: Token, metric: Metric) -> float:
        """Return a number in the metric's own unit; raises AgentRefused where the units do not fit."""
        number = token.number or 0.0
        if abs(number) > _LIMIT:
            raise AgentRefused(f"{token.text!r} is beyond any figure here. Write a smaller number.")
        if token.unit == "%" and metric.format in ("percent", "ratio"):
            return number
        if token.unit and token.unit != metric.unit:
            raise AgentRefused(
                f"{token.text!r} does not fit {metric.label}, which is {_kind(metric)}. Write it without the unit."
            )
        if metric.format == "percent":
            if number != 0 and number < 1:
                raise AgentRefused(
                    f"{token.text!r} for {metric.label} may be a share or a percentage. Write it with %."
                )
            return number / 100
        return number


def _kind(metric: Metric) -> str:
    if metric.format == "currency":
        return f"in {metric.unit or 'money'}"
    return {"percent": "a percentage", "ratio": "a ratio"}.get(metric.format, "a count")
