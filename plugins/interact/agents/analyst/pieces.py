"""A prompt as a row of pieces, whose kinds spell its shape, and which of them have been understood."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from interact.agents.analyst.contrasts import find_contrasts
from interact.agents.analyst.lexicon import (
    Member,
    Phrase,
    Piece,
    Token,
    tokenise,
    vocabulary,
)
from interact.agents.analyst.windows import find_periods
from interact.warehouse.queries import Grain
from interact.warehouse.semantic import SemanticModel

_QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»\n]{1,200})[\"“”„«»]|(?<!\w)['‘]([^'‘’\n]{1,200})['’](?!\w)")
_WORDS_OF_A_NAME = 12


@dataclass
class Sheet:
    """The pieces of one prompt; `claimed` holds the positions that some reading has understood."""

    text: str
    pieces: tuple[Piece, ...]
    claimed: set[int] = field(default_factory=set)
    _spelt: tuple[tuple[Piece, ...], str] = ((), "")

    @property
    def shape(self) -> str:
        """The pieces' kinds, one letter each."""
        if self._spelt[0] is not self.pieces:
            self._spelt = self.pieces, "".join(piece.kind for piece in self.pieces)
        return self._spelt[1]

    def find(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Yield the places of a shape; one whose metrics, numbers or comparators are understood already is left out."""
        for match in pattern.finditer(self.shape):
            if not any(self.pieces[at].kind in "mnc0" for at in range(*match.span()) if at in self.claimed):
                yield match

    def claim(self, positions: Iterable[int]) -> None:
        """Mark pieces as understood."""
        self.claimed.update(positions)

    def sentence(self, position: int) -> range:
        """Return the positions of the sentence around one."""
        shape = self.shape
        end = shape.find(".", position)
        return range(shape.rfind(".", 0, position) + 1, len(shape) if end < 0 else end)

    def words(self, start: int, end: int) -> str:
        """Return what the prompt says from one piece to before another, word for word."""
        return self.text[self.pieces[start].start : self.pieces[end - 1].end]

    def of_kind(self, kind: str) -> list[int]:
        """Return the positions of a kind that nothing has understood yet."""
        return [at for at, piece in enumerate(self.pieces) if piece.kind == kind and at not in self.claimed]


def read_pieces(
    prompt: str,
    model: SemanticModel,
    members: Mapping[str, tuple[str, ...]],
    *,
    today: date,
    grain: Grain | None = None,
) -> Sheet:
    """Return a prompt in pieces; raises AgentRefused for dates that cannot be read."""
    text = _without_outer_quotes(prompt.replace("‑", "-").replace("\u00a0", " "))
    known = vocabulary(model, members)
    tokens = tokenise(text)
    named = _quoted(text, members)
    named += [piece for stretch in _stretches(tokens, named) for piece in _named(stretch, known.names, known.phrases)]
    dated = [*named]
    masked = _mask(text, named)
    dated += [Piece("p", text[s:e], s, e, kind) for (s, e), kind in find_contrasts(masked)]
    for period in find_periods(_mask(text, dated), today, grain=grain):
        dated.append(Piece("w", period.words, *period.span, value=period))
    rest = [
        piece
        for stretch in _stretches(tokens, dated)
        for piece in _phrased(stretch, known.phrases, shouted=text.isupper())
    ]
    pieces = sorted([*dated, *rest], key=lambda piece: piece.start)
    return Sheet(text, tuple(pieces))


def _without_outer_quotes(text: str) -> str:
    match = re.fullmatch(r"\s*[\"“„«](.*)[\"”“»]\s*", text, re.DOTALL)
    return match[1] if match and not re.search(r"[\"“”„«»]", match[1]) else text


def _mask(text: str, pieces: Iterable[Piece]) -> str:
    for piece in pieces:
        text = text[: piece.start] + "\ufffc" * (piece.end - piece.start) + text[piece.end :]
    return text


def _stretches(tokens: list[Token], pieces: list[Piece]) -> list[list[Token]]:
    """Return the tokens outside of pieces, in stretches between them: no phrase reaches over a piece."""
    taken = sorted((piece.start, piece.end) for piece in pieces)
    stretches: list[list[Token]] = [[]]
    at = 0
    for token in tokens:
        while at < len(taken) and taken[at][1] <= token.start:
            at += 1
            stretches.append([])
        if at == len(taken) or token.end <= taken[at][0]:
            stretches[-1].append(token)
    return stretches


def _quoted(text: str, members: Mapping[str, tuple[str, ...]]) -> list[Piece]:
    """Return the values that stand in quotes."""
    quotes = [(match, (match[1] or match[2]).strip().strip(",.").casefold()) for match in _QUOTED.finditer(text)]
    wanted = {inside for _, inside in quotes}
    # Each value is looked at once, however many quotes there are.
    spelt = {name: _by_folded(values, wanted) for name, values in members.items()} if wanted else {}
    found = []
    for match, inside in quotes:
        exact = tuple((name, values[inside]) for name, values in spelt.items() if inside in values)
        if exact:
            found.append(Piece("v", match[0], match.start(), match.end(), Member(exact)))
    return found


def _by_folded(values: Iterable[str], wanted: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the values that are wanted, in their order, by how they read without case."""
    found: dict[str, tuple[str, ...]] = {}
    for value in values:
        folded = value.casefold()
        if folded in wanted:
            found[folded] = (*found.get(folded, ()), value)
    return found


def _named(tokens: list[Token], names: Mapping[Phrase, Member], phrases: Mapping[Phrase, object]) -> list[Piece]:
    """Return the values that stand without quotes, the longest first; "display the" at a clause's head is the verb."""
    found: list[Piece] = []
    at = 0
    while at < len(tokens):
        length = _longest(tokens, at, names)
        span = tokens[at : at + length]
        verb = _longest(tokens, at, phrases) > length and _begins_a_clause(tokens, at)
        if length and not verb and _spelt(span, names):
            text = " ".join(token.text for token in span)
            found.append(Piece("v", text, span[0].start, span[-1].end, names[tuple(token.key for token in span)]))
        at += length or 1
    return found


def _phrased(tokens: list[Token], phrases: Mapping[Phrase, tuple[str, object]], *, shouted: bool) -> list[Piece]:
    """Return the remaining tokens as the longest phrases that are known, as numbers, or as unknown words."""
    found: list[Piece] = []
    at = 0
    while at < len(tokens):
        length = _longest(tokens, at, phrases) or 1
        span = tokens[at : at + length]
        kind, value = phrases.get(tuple(token.key for token in span), ("z", None))
        if kind == "z" and span[0].number is not None:
            kind, value = "n", span[0]
        if length == 1 and kind not in "mds" and re.fullmatch(r"[A-Z]{2}", span[0].text) and not shouted:
            kind, value = "z", None  # "BE" is a code, here one that the data does not have, and never the word "be"
        found.append(Piece(kind, " ".join(token.text for token in span), span[0].start, span[-1].end, value))
        at += length
    return found


def _longest(tokens: list[Token], at: int, phrases: Mapping[Phrase, object]) -> int:
    keys = tuple(token.key for token in tokens[at : at + _WORDS_OF_A_NAME])
    return next((length for length in range(len(keys), 0, -1) if keys[:length] in phrases), 0)


def _spelt(span: list[Token], names: Mapping[Phrase, Member]) -> bool:
    """Tell whether a short code stands as it is written in the data: "BE", not "be"."""
    if sum(len(token.text) for token in span) >= 3:
        return True
    values = {value for _, found in names[tuple(token.key for token in span)].found for value in found}
    return " ".join(token.text for token in span) in values


def _begins_a_clause(tokens: list[Token], at: int) -> bool:
    return at == 0 or tokens[at - 1].key in (".", ",", "&", "and", "please", "then")
