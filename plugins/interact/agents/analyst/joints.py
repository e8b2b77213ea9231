"""The words of a further question that only join it to the one before: "and", "what about", "instead", "those"."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from interact.agents.analyst.pieces import Sheet
from interact.errors import AgentRefused
from interact.warehouse.semantic import SemanticModel

_UNITS = r"(?:period|days?|dates|weeks?|months?|quarters?|years?|time)"
_FILLER = r"ok(?:ay)?|thanks|thank you|great|perfect|nice|cool|good|yes|sure|hm+|well|then|so|now|please"
_POLITE = r"(?:can|could|would) you(?: please)?|i(?:'d| would) like(?: to see)?|i want(?: to see)?"
_OPENING = re.compile(
    rf"[\s,.;:!?–-]*\b(?:(?P<filler>{_FILLER}|{_POLITE})|(?P<join>and|plus)|(?P<also>also)|(?P<other>but(?! not)|or)"
    r"|(?P<about>(?:what|how) about|what of))\b(?!')",
    re.IGNORECASE,
)
_REPEATED = re.compile(
    r"\b(?:(?:(?:do|show|give|repeat|run|make)\s+(?:me\s+|us\s+)?)?(?:exactly\s+)?(?:the\s+)?same"
    rf"(?!\s+{_UNITS}\b)(?:\s+(?:thing|question|analysis|figures|numbers|data|table)\b)?|again)\b",
    re.IGNORECASE,
)
_IN_PLACE = re.compile(r"\binstead\b(?!\s+of\b)", re.IGNORECASE)
_ADDED = re.compile(
    r"\b(?:also|additionally|as well(?!\s+as\b)|too|on top)\b|^\W*(?:add|adding|include|including)\b", re.IGNORECASE
)
_NARROWED = re.compile(r"\b(?:only|just)\b", re.IGNORECASE)
_OF_THOSE = re.compile(r"\b(?:out\s+of|of|among|from)\s+(?:all\s+)?(?:those|these|them)\b", re.IGNORECASE)
_LIMITED = re.compile(
    r"\b(?:limit|narrow|filter|restrict|reduce)\s+(?:(?:it|that|this|them|those|these)\s+)?(?:down\s+)?(?:to|on)\b",
    re.IGNORECASE,
)
_CLEARED = re.compile(
    r"\b(?:without|no|drop|remove|ignore|clear)\s+(?:the\s+|any\s+|all\s+)?(?:filters?|conditions?|restrictions?)\b",
    re.IGNORECASE,
)
_WITH_TODAY = re.compile(r"\W*(?:and\s+)?(?:include|including|incl\.?|with)\s+today\W*", re.IGNORECASE)
_MEMBERS = re.compile(r"\b(?:those|these|them|they|their)\b", re.IGNORECASE)
_HIDDEN = "\ufffc"


@dataclass(frozen=True)
class Joints:
    """How a further question hangs on the one before, and its text without the words that say no more than that."""

    text: str
    """As long as the prompt: what is left out is blank."""
    continues: bool
    """True for "and …", "what about …", "the same …"."""
    joins: bool
    """True for "and …"."""
    adds: bool
    """True for "also …", "add …", "… too"."""
    narrows: bool
    """True for "only …" and "of those …"."""
    points: str
    """The word that stands for members of the answer before ("those"); empty without one."""
    repeats: bool
    """True for "again" and "the same"."""
    clears: bool
    """True for "without filters"."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing but these words is there."""
        return not re.search(r"\w", self.text)


def read_joints(sheet: Sheet, model: SemanticModel, *, enforced: Collection[str] = ()) -> Joints:
    """Return how a prompt hangs on the question before it; names of the data and dates are not looked into.

    Raises AgentRefused for words that point at one thing in the answer before ("that campaign"), which was not asked
    for by its name; `enforced` are the dimensions of which there is one value anyway.
    """
    if _WITH_TODAY.fullmatch(sheet.text):
        raise AgentRefused("'including today' needs its period beside it. Write it as 'past 7 days including today'.")
    dimensions = _dimension_words(model, enforced)
    prompt = _without_names(sheet)
    _refuse_pointers(prompt, dimensions)
    text, kinds = _without_opening(prompt)
    text, again = _without(text, _REPEATED)
    text, in_place = _without(text, _IN_PLACE)
    text, cleared = _without(text, _CLEARED)
    text, limited = _without(text, _LIMITED)
    text, of_those = _without(text, _OF_THOSE)
    text = _without_objects(text, dimensions)
    members = _members(prompt, dimensions)
    return Joints(
        text="".join(mine if mine != _HIDDEN else theirs for mine, theirs in zip(text, sheet.text, strict=True)),
        continues=bool({"join", "also", "other", "about"} & kinds) or again or in_place,
        joins="join" in kinds,
        adds=("also" in kinds or _ADDED.search(text) is not None) and not in_place,
        narrows=limited or of_those or _NARROWED.search(prompt) is not None,
        points=members,
        repeats=again,
        clears=cleared,
    )


def _dimension_words(model: SemanticModel, enforced: Collection[str]) -> str:
    words = {
        word
        for each in model.shown_dimensions
        if each.name not in enforced
        for word in (each.name, each.label, each.plural, *each.synonyms)
    }
    return "|".join(sorted((re.escape(word) for word in words), key=len, reverse=True)) or "(?!)"


def _without_names(sheet: Sheet) -> str:
    """Return a prompt whose values and dates are hidden, each by as many signs as it has."""
    text = sheet.text
    for piece in sheet.pieces:
        if piece.kind in "vwp":
            text = text[: piece.start] + _HIDDEN * (piece.end - piece.start) + text[piece.end :]
    return text


def _refuse_pointers(prompt: str, dimensions: str) -> None:
    pointer = re.search(
        rf"\b(?:(?:that|this)\s+(?:one|{dimensions})|the\s+(?:first|second|third|fourth|fifth|last|other)\s+"
        rf"(?:ones?|two|three|{dimensions})|the\s+(?:others|former|latter))\b",
        prompt,
        re.IGNORECASE,
    )
    if pointer:
        raise AgentRefused(
            f"{pointer[0]!r} points at the answer before, which I do not read again. Write the name that stands there."
        )


def _members(prompt: str, dimensions: str) -> str:
    """Return the word that stands for members of the answer before; "campaigns … those" stands for its own."""
    found = _MEMBERS.search(prompt) or re.search(rf"\bthe same (?:{dimensions})\b", prompt, re.IGNORECASE)
    if found is None or re.search(rf"\b(?:{dimensions})\b", prompt[: found.start()], re.IGNORECASE):
        return ""
    return found[0]


def _without_opening(prompt: str) -> tuple[str, set[str]]:
    """Return a prompt without the words that it opens with, and their kinds."""
    end, kinds = 0, set()
    while match := _OPENING.match(prompt, end):
        end = match.end()
        kinds.add(str(match.lastgroup))
    return " " * end + prompt[end:], kinds


def _without(text: str, pattern: re.Pattern[str]) -> tuple[str, bool]:
    """Return a text with what a pattern finds blanked, and whether it found something."""
    blanked = pattern.sub(_blank, text)
    return blanked, blanked != text


def _blank(match: re.Match[str]) -> str:
    # "The same report" is a report, and "report" at the head of a sentence would be the verb.
    article = "a" if re.match(r"\s+(?:pdf\s+)?report\b", match.string[match.end() :], re.IGNORECASE) else " "
    return " " * (len(match[0]) - 1) + article


def _without_objects(text: str, dimensions: str) -> str:
    """Return a text without the "that" of "show that as a report" and "break that down", and some verbs before it."""
    pattern = re.compile(
        r"\b(?:show|give|send|get|see|list|do|write|draw|present|make|break|split|sort|rank|order|group|compare|"
        r"(?P<gone>turn|put|change|switch))\s+(?:me\s+|us\s+)?(?P<object>it|that|this|them|those|these)\b"
        rf"(?!\s+(?:{_UNITS}|have|had|has|are|were|is|was|with|where|whose|in|for|from|of|ones?|{dimensions})\b)",
        re.IGNORECASE,
    )
    while match := pattern.search(text):
        for start, end in (match.span("object"), match.span("gone")):
            if start >= 0:
                text = text[:start] + " " * (end - start) + text[end:]
    return text
