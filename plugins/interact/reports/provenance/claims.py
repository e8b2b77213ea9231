"""What a number in a sentence claims: of which metric, of whom, when."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from interact.reports.provenance import cues
from interact.reports.provenance.ground import Ground
from interact.reports.provenance.numerals import Numeral
from interact.reports.provenance.vocabulary import Day, Mention, Named, Role, days_in

_FILL = re.compile(
    r"[\s*_]*(?:(?:in|of|total|more|fewer|less|additional|extra|worth|paid|new|the|a|as|as a|for|its|their|higher|lower"
    r"|better|worse|overall|combined|attributed|daily|weekly|monthly|current|previous)\s+){0,3}[*_]*"
)
_TIGHT = re.compile(r"(?:(?!\b(?:and|but|while|whereas|on|with|for|per|every)\b)[^,;.\d]){0,40}")
_LINK = re.compile(
    r"[\s*_)]*(?:(?!(?:and|but|while|whereas|than|or|versus|vs)\b)[\w-]+\s+){0,5}?"
    r"(?:for|by|from|in|on|at|of|via|went to|to)\s+"
    r"(?:the\s+|our\s+|campaigns?\s+|markets?\s+|channels?\s+)*[\"“'‘*_`(]*"
)
_JOINT = re.compile(
    r"[\s*_%€$£x),]*(?:(?:and|or|vs\.?|versus|against|compared (?:with|to))\s*)?[\s*_€$£~(]*", re.IGNORECASE
)
_LISTED = re.compile(r"[\s*_\"”“'’`]*(?:,|,?\s*(?:and|or|vs\.?|versus|than)\b)[\s*_\"”“'‘`]*", re.IGNORECASE)
_PER = re.compile(r"\b(?:per|for every|for each)\s+(?:[a-z]+\s+(?:of\s+)?){0,2}$", re.IGNORECASE)
_OPENING = re.compile(r"^\W*(?:with|at|on|having|after)\b", re.IGNORECASE)
_TURN = re.compile(
    r"^\W*(?:while|although|though|despite|even though|as|because|after|since|apart from|unlike)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Who:
    """Members of which one must be meant, of one of these dimensions."""

    members: frozenset[str]
    dimensions: frozenset[str]


@dataclass(frozen=True)
class Claim:
    """One number and what it is said to be."""

    numeral: Numeral
    left: str
    right: str
    metrics: frozenset[str] | None
    """The metrics that it may be of; None where none is named."""
    who: tuple[Who, ...] = ()
    """Whose it is, the nearest first."""
    or_whole: bool = True
    """Whether it may be of the whole, although members are named."""
    only_whole: bool = False
    days: tuple[Day, ...] = ()
    of_an_end: bool = False
    others: int = 0
    """How many members the sentence names."""

    @cached_property
    def roles(self) -> frozenset[Role]:
        """What of its metric it may be."""
        return cues.roles(self.left, self.right, self.numeral.unit, self.numeral.sign)

    @cached_property
    def direction(self) -> int:
        """Which way it goes as a change: 1, -1, or 0 where that is not told."""
        return cues.direction(self.left, self.right, self.numeral.sign)


@dataclass
class Sentence:
    """A sentence with all that it names. `before` are the members that were spoken of before it."""

    text: str
    ground: Ground
    numerals: list[Numeral]
    before: tuple[Named, ...] = ()
    mentions: list[Mention] = field(init=False)
    named: list[Named] = field(init=False)
    days: list[Day] = field(init=False)

    def __post_init__(self) -> None:
        self.named = self.ground.members.named(self.text, but=self.ground.metrics)
        places = [(each.start, each.end) for each in self.named]
        found = self.ground.metrics.mentions(self.text)
        apart = [m for m in found if not any(s < m.end and m.start < e for s, e in places)]
        self.mentions = [m for m in apart if not _PER.search(self.text, 0, m.start)]
        self.days = days_in(self.text)

    def claim(self, numeral: Numeral) -> Claim:
        """Return what one of its numbers claims."""
        left, right = self.text[: numeral.start], self.text[numeral.end :]
        total = cues.is_total(self._since_named(numeral), right)
        who, or_whole = self._who(numeral)
        if total:
            linked = self._linked(numeral)
            who, or_whole = ((_alone(linked),) if linked else ()), True
        return Claim(
            numeral,
            left,
            right,
            self._metrics(numeral),
            who,
            or_whole=or_whole,
            only_whole=total,
            days=tuple(self.days),
            of_an_end=cues.names_an_end(self.text),
            others=len({each.member for each in self.named}),
        )

    def _since_named(self, numeral: Numeral) -> str:
        """Return the words before a number, from the last member on."""
        ends = [each.end for each in self.named if each.end <= numeral.start]
        return self.text[max(ends, default=0) : numeral.start]

    def _metrics(self, numeral: Numeral) -> frozenset[str] | None:
        if in_turn := self._in_turn_named(numeral):
            return in_turn.metrics
        after = [m for m in self.mentions if m.start >= numeral.end]
        before = [m for m in self.mentions if m.end <= numeral.start]
        gap = self.text[numeral.end : after[0].start] if after else None
        if gap is not None and not gap.strip(" *_-\u00a0"):
            return after[0].metrics
        if before and _TIGHT.fullmatch(self.text[before[-1].end : numeral.start]):
            return before[-1].metrics
        if gap is not None and _FILL.fullmatch(gap):
            return after[0].metrics
        return self._loosely(numeral, before[::-1] or after)

    def _loosely(self, numeral: Numeral, mentions: list[Mention]) -> frozenset[str] | None:
        """Return the metrics of the nearest mention whose figures are in a number's unit."""
        for mention in mentions:
            if self._suits(mention, numeral):
                return mention.metrics
        return mentions[0].metrics if mentions and numeral.is_whole and numeral.unit == "plain" else None

    def _suits(self, mention: Mention, numeral: Numeral) -> bool:
        series = [each for metric in mention.metrics for each in self.ground.by_metric.get(metric, ())]
        formats = {each.column.format for each in series if each.role != "change"}
        match numeral.unit:
            case "money":
                return bool(formats & {"currency", "number"})
            case "plain":
                return bool(formats & {"integer", "number", "ratio"})
            case _:
                return True

    def _in_turn_named(self, numeral: Numeral) -> Mention | None:
        """Return the metric that a number belongs to where they are told one after the other, "respectively"."""
        if "respectively" not in self.text:
            return None
        run = self._run(numeral, 0)
        before = [each for each in self.mentions if run and each.end <= run[0].start][-len(run) :]
        return before[run.index(numeral)] if len(before) == len(run) > 1 else None

    def _who(self, numeral: Numeral) -> tuple[tuple[Who, ...], bool]:
        """Return whose a number is, and whether it may be of the whole besides."""
        if linked := self._linked(numeral):
            rest = [each for each in self._preceding(numeral) if not each.dimensions & linked.dimensions]
            return (_alone(linked), *rest), False
        if preceding := self._preceding(numeral):
            return tuple(preceding), bool(_TURN.match(self.text)) and "," in self.text[: numeral.start]
        following = [each for each in self.named if each.start >= numeral.end]
        if following:
            return (_alone(following[0]),), True
        return _grouped(self.before), True

    def _linked(self, numeral: Numeral) -> Named | None:
        """Return the member that stands right behind a number: €12 for Brand, 6.5 (Brand)."""
        after = next((each for each in self.named if each.start >= numeral.end), None)
        if after is None:
            return None
        gap = self.text[numeral.end : after.start]
        closed = re.fullmatch(r"[\s*_]*\([\"“*_]*", gap) and self.text[after.end :].lstrip('*_"”').startswith(")")
        subject = _OPENING.match(self.text) and re.fullmatch(r"[^,;.\d]{0,40},\s*[\"“*_]*", gap)
        return after if closed or subject or _LINK.fullmatch(gap) else None

    def _preceding(self, numeral: Numeral) -> list[Who]:
        """Return the last member before a number, and the last of each other dimension."""
        before = [each for each in self.named if each.end <= numeral.start]
        if not before:
            return []
        group = self._group(before)
        found = [self._in_turn(numeral, group) or Who(frozenset({e.member for e in group}), before[-1].dimensions)]
        taken = set(before[-1].dimensions)
        for each in reversed(before):
            if not each.dimensions & taken:
                taken |= each.dimensions
                found.append(_alone(each))
        return found

    def _group(self, before: list[Named]) -> list[Named]:
        """Return the last member with those that it is listed with."""
        group = [before[-1]]
        for each in reversed(before[:-1]):
            gap = self.text[each.end : group[0].start]
            if not (each.dimensions & group[0].dimensions) or not _LISTED.fullmatch(gap):
                break
            group.insert(0, each)
        return group

    def _in_turn(self, numeral: Numeral, group: list[Named]) -> Who | None:
        """Return the member that a number belongs to where as many numbers follow as members were named."""
        run = self._run(numeral, group[-1].end)
        if not run:
            return None
        own = [each for each in self.named if each.end <= run[0].start and each.dimensions & group[-1].dimensions]
        if len(run) < 2 or len(own) < len(run):
            return None
        chosen = own[-len(run) :]
        if any(self.numerals_between(chosen[0].end, chosen[-1].start)):
            return None
        return _alone(chosen[run.index(numeral)])

    def _run(self, numeral: Numeral, since: int) -> list[Numeral]:
        place = next((n for n, each in enumerate(self.numerals) if each.start == numeral.start), None)
        if place is None:
            return []
        first, last = place, place
        while first and self.numerals[first - 1].start >= since and self._joins(first - 1):
            first -= 1
        while last + 1 < len(self.numerals) and self._joins(last):
            last += 1
        run = self.numerals[first : last + 1]
        return [numeral if each.start == numeral.start else each for each in run]

    def _joins(self, place: int) -> bool:
        one, other = self.numerals[place], self.numerals[place + 1]
        gap = self.text[one.end : other.start]
        return one.unit == other.unit and bool(gap.strip()) and bool(_JOINT.fullmatch(gap))

    def numerals_between(self, start: int, end: int) -> list[Numeral]:
        """Return the numbers that stand between two places."""
        return [each for each in self.numerals if each.start >= start and each.end <= end]


def _alone(named: Named) -> Who:
    return Who(frozenset({named.member}), named.dimensions)


def _grouped(before: tuple[Named, ...]) -> tuple[Who, ...]:
    """Return the members that were spoken of before, those of one dimension together."""
    found: dict[frozenset[str], set[str]] = {}
    for each in before:
        found.setdefault(each.dimensions, set()).add(each.member)
    return tuple(Who(frozenset(members), dimensions) for dimensions, members in found.items())
