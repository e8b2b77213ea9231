"""A prompt as a row of pieces, whose kinds spell its shape, and which of them have been understood."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from interact.agents.analyst.contrasts import find_contrasts
from interact.agents.analyst.lexicon import Member, Phrase, Piece, Token, Words, fixed_phrases, tokenise, words_of
from interact.agents.analyst.naming import names_in, with_weak_names
from interact.agents.analyst.quantities import find_quantities
from interact.agents.analyst.rewriting import rewritten
from interact.agents.analyst.weekdays import with_weekdays
from interact.agents.analyst.windows import find_periods
from interact.warehouse.queries import Grain
from interact.warehouse.semantic import SemanticModel

_QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»\n]{1,200})[\"“”„«»]|(?<!\w)['‘]([^'‘’\n]{1,200})['’](?!\w)")
_WORDS_OF_A_NAME = 12
_SIDES = {
    "above": ">",
    "over": ">",
    "higher": ">",
    "greater": ">",
    "below": "<",
    "under": "<",
    "lower": "<",
    "better": "better",
}
_SIDES_OF_THAN = {"more": ">", "less": "<", "fewer": "<"}
"""What the second word of "or below" compares as, where it begins a condition of its own."""


@dataclass
class Sheet:
    """The pieces of one prompt; `claimed` holds the positions that some reading has understood."""

    text: str
    pieces: tuple[Piece, ...]
    claimed: set[int] = field(default_factory=set)
    remarks: list[str] = field(default_factory=list)
    """How words were read that could have been read otherwise, in sentences."""
    newly: bool = False
    """True where a prompt says that a condition did not hold in the period before."""
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
            if not any(self.pieces[at].kind in "mnc0GV" for at in range(*match.span()) if at in self.claimed):
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
    shown = {each.name: members[each.name] for each in model.shown_dimensions if each.name in members}
    words = words_of(model)
    phrases = {**fixed_phrases(), **words.phrases}
    names = names_in(text, shown, phrases)
    tokens = tokenise(text)
    named = _quoted(text, shown)
    named += [piece for stretch in _stretches(tokens, named) for piece in _named(stretch, names.strong, phrases)]
    dated = [*named]
    dated += [Piece("n", text[s:e], s, e, token) for (s, e), token in find_quantities(_mask(text, named))]
    masked = _mask(text, dated)
    dated += [Piece("p", text[s:e], s, e, kind) for (s, e), kind in find_contrasts(masked)]
    for period in find_periods(_mask(text, dated), today, grain=grain):
        dated.append(Piece("w", period.words, *period.span, value=period))
    rest = [
        piece for stretch in _stretches(tokens, dated) for piece in _phrased(stretch, phrases, shouted=text.isupper())
    ]
    pieces = with_weak_names(sorted([*dated, *rest], key=lambda piece: piece.start), names.weak)
    pieces = rewritten(pieces, text, phrases)
    pieces, remarks = with_weekdays(pieces, today)
    return Sheet(text, tuple(_as_dimensions(_with_alternatives(pieces), words)), remarks=remarks)


def _with_alternatives(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces with "or below" as two where it begins a condition: "above 50 or below 10"."""
    found: list[Piece] = []
    for at, piece in enumerate(pieces):
        after = "".join(each.kind for each in pieces[at + 1 : at + 4]).lstrip("hi")[:1]
        before = pieces[at - 1].kind if at else "."
        word = piece.text.split()[-1].casefold() if piece.kind == "M" else ""
        sides = _SIDES | (_SIDES_OF_THAN if _goes_on_with_than(pieces[at + 1 :]) else {})
        # "4 or higher" and "at or above it" are one limit.
        is_one = before in (".", "i") if after not in ("n", "t") else False
        if word not in sides or is_one or (before == "n" and after not in ("n", "t")):
            found.append(piece)
            continue
        middle = piece.start + 2
        found.append(Piece("|", "or", piece.start, middle))
        found.append(Piece("c", word, piece.end - len(word), piece.end, sides[word]))
    return found


def _goes_on_with_than(after: list[Piece]) -> bool:
    """Tell whether a number that is of something known follows, or a target: "(or more) than 24 orders"."""
    begins = bool(after) and after[0].text.casefold() == "than"
    return begins and re.match(r"h[hi]*(?:n(?![hi]*z)|t)", "".join(each.kind for each in after)) is not None


def _as_dimensions(pieces: list[Piece], words: Words) -> list[Piece]:
    """Return the pieces with "order" in "by order" as the dimension, where it is a metric's word elsewhere."""
    found = [*pieces]
    for at, piece in enumerate(pieces):
        dimension = words.dimensions.get(tuple(token.key for token in tokenise(piece.text)))
        if piece.text.casefold() == "order" and re.match(r"[hiy]*d[hi]*b", "".join(p.kind for p in pieces[at + 1 :])):
            found[at] = replace(piece, kind="a", value=None)  # the verb
            continue
        before = next((each for each in reversed(pieces[:at]) if each.kind not in "hn"), None)
        if piece.kind == "m" and dimension and before is not None and before.kind in "bry":
            found[at] = replace(piece, kind="d", value=dimension)
    return found


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


def _named(
    tokens: list[Token], names: Mapping[Phrase, Member], phrases: Mapping[Phrase, tuple[str, object]]
) -> list[Piece]:
    """Return the values that stand without quotes, the longest first; a longer phrase of the language comes before.

    "Display the" is the verb only at a clause's head.
    """
    known = {phrase[0] for phrase in phrases}
    found: list[Piece] = []
    at = 0
    while at < len(tokens):
        length, other = _longest(tokens, at, names), _longest(tokens, at, phrases)
        span = tokens[at : at + length]
        kind = phrases[tuple(token.key for token in tokens[at : at + other])][0] if other > max(length, 1) else ""
        if kind and (kind != "a" or _begins_a_clause(tokens, at)):
            at += other
            continue
        if length and (_spelt(span, names) or span[0].key not in known):
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
        if kind == "o" and found and found[-1].kind in "bi" and phrases.get((span[0].key,), ("", None))[0] in "mdU":
            # "Revenue per order by country" orders nothing.
            length, span = 1, span[:1]
            kind, value = phrases[(span[0].key,)]
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
