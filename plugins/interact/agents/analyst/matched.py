"""A place in a prompt where a condition stands: its pieces, its number, and the metric that it means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from interact.agents.analyst.lexicon import Piece, Token
from interact.agents.analyst.pieces import Sheet
from interact.errors import AgentRefused
from interact.warehouse.semantic import Metric, SemanticModel

_VAGUE = frozenset({"total", "value", "values", "number", "level"})


@dataclass
class Matched:
    """Looks at the matches of shapes in a sheet."""

    sheet: Sheet
    model: SemanticModel
    meant: str | None
    """The metric of a comparison that names none, nor any sentence before it."""

    def pieces(self, match: re.Match[str], kind: str) -> Iterator[Piece]:
        """Yield the pieces of a kind in a match."""
        return (self.sheet.pieces[at] for at in range(*match.span()) if self.sheet.shape[at] == kind)

    def words(self, match: re.Match[str]) -> str:
        """Return a match as the prompt says it."""
        return self.sheet.words(*match.span())

    def metric(self, match: re.Match[str]) -> Metric:
        """Return the one metric in a match."""
        names = {str(piece.value) for piece in self.pieces(match, "m")}
        if len(names) > 1:
            raise AgentRefused(f"{self.words(match)!r} compares two metrics, which I cannot do. Compare with a number.")
        return self.model.metric(names.pop())

    def number(self, match: re.Match[str]) -> Token:
        """Return the first number in a match."""
        token = next(self.pieces(match, "n")).value
        if not isinstance(token, Token):
            raise AgentRefused(f"{self.words(match)!r} holds no number.")
        return token

    def metric_meant(self, match: re.Match[str]) -> Metric:
        """Return the one metric that a comparison without one can mean: of its sentence, else of the one before."""
        sentence = self.sheet.sentence(match.start())
        before = self.sheet.pieces[max(0, match.start() - 2) : match.start()]
        if [piece.kind for piece in before] == ["q", "h"] and before[1].text.casefold() in _VAGUE:
            words = self.sheet.words(match.start() - 1, match.end())
            raise AgentRefused(f"{words!r} does not say which metric is meant. Write it, as 'ROAS below 2'.")
        points = self._points_back(match)
        while True:
            names = self._fitting(match, self._named(sentence, match, back=points))
            if len(names) == 1:
                return self.model.metric(names.pop())
            if self.meant and not names and sentence.start < 2:
                return self.model.metric(self.meant)
            if names or sentence.start < 2:
                raise AgentRefused(
                    f"{self.words(match)!r} does not say which metric is meant. Write it, as 'ROAS below 2'."
                )
            sentence = self.sheet.sentence(sentence.start - 2)

    def _points_back(self, match: re.Match[str]) -> bool:
        """Tell whether "it" stands for the metric: "where it was negative", "where it fell below 2"."""
        head = re.match(r"[yqf]?[hiq]*j", match[0])
        before = self.sheet.shape[: match.start() + (head.end() if head else 0)].rstrip("hi")
        return before.endswith("j") and self.sheet.pieces[len(before) - 1].text.casefold() in ("it", "this")

    def _named(self, sentence: range, match: re.Match[str], *, back: bool) -> set[str]:
        """Return the metrics of a sentence that a match can mean: "it" only points back, and no other condition's."""
        found = set()
        for at in sentence:
            other = at >= match.end() and re.match(r"m[hi]*[cuGHVB]", self.sheet.shape[at:])
            if self.sheet.pieces[at].kind == "m" and not other and (at < match.end() or not back):
                found.add(str(self.sheet.pieces[at].value))
        return found

    def _fitting(self, match: re.Match[str], names: set[str]) -> set[str]:
        """Return those of several metrics that a number with a unit can be of: "under 95 %" is of a percentage."""
        token = next((piece.value for piece in self.pieces(match, "n")), None)
        if len(names) < 2 or not isinstance(token, Token) or not token.unit or "u" in match[0]:
            return names
        metrics = [self.model.metric(name) for name in names]
        fits = {m.name for m in metrics if (m.format == "percent" if token.unit == "%" else m.unit == token.unit)}
        return fits if len(fits) == 1 else names
